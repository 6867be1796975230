"""The screens' figures: every row is measured, beside a floor that shows the same."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from bench import screens
from bench.figures import Figure, Skipped
from bench.floors import centre, floor, picture, shows, spoken
from bench.phones import phones
from bench.ssh import NoServerError, SshServer
from bench.upkeep import day, idle, vain_bytes
from bench.watch import painted
from tools.terminal import Terminal

Rows = Iterable[Figure | Skipped]


@pytest.mark.timeout(180)
@pytest.mark.parametrize(
    ("measured", "names"),
    [
        (
            lambda: screens.visits(2),
            ["key at the kiosk → ticket painted, median", "key at the kiosk → ticket painted, p95"],
        ),
        (
            lambda: screens.calls(2),
            [
                "n at a console → painted on 4 displays, p95 of the slowest",
                "the same over SSH, beside without",
            ],
        ),
        (
            lambda: screens.starts(1),
            [
                f"start of the {program} → painted with data, median"
                for program in ("kiosk", "display", "staff")
            ],
        ),
        (
            lambda: idle(seconds=1),
            [
                f"{program}, idle: {what}"
                for what in ("of a core", "written besides the clock's change")
                for program in ("kiosk", "display", "staff")
            ],
        ),
        (
            lambda: day(tickets=4),
            [
                f"{program}: {what}"
                for what in ("memory after 4 tickets", "the same, beside half of them")
                for program in ("kiosk", "display", "staff")
            ],
        ),
        (
            lambda: phones(20, calls=2, visits=1),
            [
                "call → told to the last of 20 phones, p99",
                "key at the kiosk → ticket, p95, while 20 phones follow",
            ],
        ),
    ],
    ids=["visits", "calls", "starts", "idle", "day", "phones"],
)
def test_every_row_is_measured(measured: Callable[[], Rows], names: list[str]) -> None:
    rows = list(measured())
    assert [row.what for row in rows] == names
    for row in rows:
        match row:
            case Skipped():
                assert row.what == "the same over SSH, beside without"
                assert row.why
            case Figure(mark=mark):
                assert row.ours >= 0
                # What is idle may write nothing at all.
                assert row.floor > 0 or mark.absolute


def test_the_floor_shows_what_the_program_showed() -> None:
    with centre() as lobby:
        title = shows(spoken(lobby.config).gettext("Waiting"))
        with lobby.terminal("display") as display:
            painted([display], title)
            seen = picture(display)
        with floor(lobby.file.parent, [seen]) as smallest:
            painted([smallest], title)
            assert picture(smallest) == seen
            assert smallest.cells == display.cells


@pytest.fixture
def server(tmp_path: Path) -> Iterator[SshServer]:
    """The SSH server of the machine, with settings of its own."""
    with ExitStack() as stack:
        try:
            server = stack.enter_context(SshServer(tmp_path))
        except NoServerError as error:
            told = f"{error}: apt-get install openssh-server. Nothing was tried over SSH."
            if os.environ.get("CI"):
                pytest.fail(told)
            pytest.skip(told)
        yield server


def test_commands_run_over_ssh_without_a_trace_of_the_user(server: SshServer) -> None:
    done = subprocess.run(
        server.argv(["echo", "it's $HOME"]), check=True, capture_output=True, text=True
    )
    assert done.stdout.strip() == "it's $HOME"


def test_a_machine_without_a_server_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bench.ssh._PATH", "")
    with pytest.raises(NoServerError, match="there is no sshd"), SshServer(tmp_path):
        pass


def frame(*rows: str) -> bytes:
    """Paint rows from the top, as a program does that paints whole frames."""
    lines = "".join(f"\x1b[{at};1H{row}" for at, row in enumerate(rows, 1))
    return f"\x1b[?2026h{lines}\x1b[?2026l".encode()


def test_what_is_painted_where_nothing_has_changed_is_in_vain() -> None:
    terminal = Terminal(["true"])
    first, clock, clock_again = frame("10:41", "K 001"), frame("10:42"), frame("10:42")
    both = frame("10:43", "K 001")  # the clock has changed, the number has not
    assert vain_bytes(first + clock, terminal) == 0
    assert vain_bytes(clock_again * 3, terminal) == 3 * len(clock_again)
    assert vain_bytes(both, terminal) == len(both)
