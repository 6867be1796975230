"""How fast the screens are: the real programs in terminals, beside the smallest Textual apps.

Ours and the floor take turns, so that whatever else the machine does hits both alike.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from statistics import median

from bench.figures import Figure, Measure, Skipped, at_most, percentile, progress
from bench.floors import COUNTER, Shows, centre, floor, picture, shows, spoken
from bench.phones import phones
from bench.ssh import NoServerError, SshServer
from bench.upkeep import day, idle
from bench.visit import AGAIN, QUIET, Kiosk, press
from bench.watch import painted
from tools.lobby import Lobby
from tools.terminal import Terminal

DISPLAYS = 4

BOARD = 1.2
"""Seconds that a display shows one call for itself, and some to paint it."""


def visits(count: int) -> Iterator[Figure]:
    """Press keys at the kiosk: each whole ticket is on the screen, and on the disk."""
    ours, theirs = [], []
    with centre() as lobby, ExitStack() as stack:
        folder = lobby.file.parent
        kiosk = Kiosk(stack.enter_context(lobby.terminal("kiosk")), lobby.config)
        pictures = [picture(kiosk.terminal)]
        kiosk.take()
        pictures.append(picture(kiosk.terminal))
        smallest = stack.enter_context(floor(folder, pictures, "--queue", folder / "floor.db"))
        painted([smallest], kiosk.at_rest)
        [(before,)] = lobby.rows("SELECT count(*) FROM ticket")
        for number in range(count):
            if number % 20 == 0:
                progress(f"{number} of {count} tickets")
            with _at_least(AGAIN):
                kiosk.leave()
                theirs.append(press(smallest, "1", kiosk.given))
                press(smallest, "1", kiosk.at_rest)
            ours.append(kiosk.take())
            if lobby.rows("SELECT count(*) FROM ticket") != [(before + len(ours),)]:
                raise ValueError("a ticket is on the screen that is not on the disk")
    for name, of in (("median", median), ("p95", _p95)):
        yield Figure(
            what=f"key at the kiosk → ticket painted, {name}",
            unit="ms",
            ours=1e3 * of(ours),
            floor=1e3 * of(theirs),
            mark=at_most(1.3),
        )


def calls(count: int) -> Iterator[Figure | Skipped]:
    """Press n at a console: each call is on all displays; the same over SSH."""
    with ExitStack() as stack:
        here = _Counter(stack, stack.enter_context(centre(people=count)))
        ways: dict[str, Callable[[], float]] = {
            "here": here.call,
            "floor": _Smallest(stack, here).ring,
        }
        refusal = None
        try:
            far = stack.enter_context(centre(people=count))
            server = stack.enter_context(SshServer(far.file.parent))
            ways["far"] = _Counter(stack, far, server).call
        except NoServerError as error:
            refusal = str(error)
        times: dict[str, list[float]] = {way: [] for way in ways}
        for number in range(count):
            if number % 10 == 0:
                progress(f"{number} of {count} calls")
            with _at_least(BOARD):
                for way, call in ways.items():
                    times[way].append(call())
    p95 = {way: 1e3 * _p95(taken) for way, taken in times.items()}
    what = f"n at a console → painted on {DISPLAYS} displays, p95 of the slowest"
    yield Figure(what=what, unit="ms", ours=p95["here"], floor=p95["floor"], mark=at_most(2))
    what = "the same over SSH, beside without"
    if refusal is None:
        yield Figure(what=what, unit="ms", ours=p95["far"], floor=p95["here"], mark=at_most(1.5))
    else:
        yield Skipped(what=what, why=refusal, holds=True)


class _Counter:
    """A console and the displays that follow it, all here or all over SSH."""

    def __init__(self, stack: ExitStack, lobby: Lobby, server: SshServer | None = None) -> None:
        programs = [["staff", "--counter", COUNTER], *[["display"]] * DISPLAYS]
        argvs = [lobby.argv(*program) for program in programs]
        self.lobby = lobby
        self._terminals = [
            stack.enter_context(Terminal(server.argv(argv) if server else argv)) for argv in argvs
        ]
        say = spoken(lobby.config)
        painted(self._terminals[:1], shows(say.gettext("Undo")))
        painted(self.displays, shows(say.gettext("Waiting")))

    @property
    def displays(self) -> Sequence[Terminal]:
        return self._terminals[1:]

    def call(self) -> float:
        """Call the next; return the seconds until it is on all displays."""
        before = {terminal: terminal.text for terminal in self._terminals}
        begun = time.monotonic()
        self._terminals[0].press("n")
        moments = painted(
            self._terminals, lambda terminal: terminal.text != before[terminal], quiet=QUIET
        )
        return max(moments[1:]) - begun


class _Smallest:
    """As many of the smallest apps, with two boards to show, and a bell that turns them."""

    def __init__(self, stack: ExitStack, like: _Counter) -> None:
        folder = like.lobby.file.parent
        self._bell = folder / "floor-bell"
        self._bell.touch()
        boards = []
        for _ in range(2):
            boards.append(picture(like.displays[0]))
            with _at_least(BOARD):
                like.call()
        self._terminals = [
            stack.enter_context(floor(folder, boards, "--bell", self._bell))
            for _ in range(DISPLAYS)
        ]
        painted(self._terminals, shows(spoken(like.lobby.config).gettext("Waiting")))

    def ring(self) -> float:
        """Ring the bell; return the seconds until all have turned."""
        before = {terminal: terminal.text for terminal in self._terminals}
        begun = time.monotonic()
        self._bell.touch()
        moments = painted(
            self._terminals, lambda terminal: terminal.text != before[terminal], quiet=QUIET
        )
        return max(moments) - begun


def starts(count: int) -> Iterator[Figure]:
    """Start programs: the first picture has all data that it shows."""
    with centre() as lobby:
        folder, say = lobby.file.parent, spoken(lobby.config)
        programs: Mapping[str, tuple[Sequence[str], str]] = {
            "kiosk": ([], say.ngettext("{n} waiting", "{n} waiting", 2)),
            "display": ([], say.gettext("Waiting")),
            "staff": (
                ["--counter", COUNTER],
                say.ngettext("{n} person is waiting", "{n} people are waiting", 4),
            ),
        }
        for program, (arguments, data) in programs.items():
            progress(f"{program}, {count} times")
            ours, theirs = [], []
            # The first one fills caches, the machine's and the centre's; it does not count.
            _start(lobby.terminal(program, *arguments), shows(data), folder)
            for _ in range(count):
                taken, same = _start(lobby.terminal(program, *arguments), shows(data), folder)
                ours.append(taken)
                theirs.append(_start(same, shows(data), folder)[0])
            yield Figure(
                what=f"start of the {program} → painted with data, median",
                unit="ms",
                ours=1e3 * median(ours),
                floor=1e3 * median(theirs),
                mark=at_most(1.5),
            )


def _start(terminal: Terminal, has_data: Shows, folder: Path) -> tuple[float, Terminal]:
    """Start and end a program; return its seconds, and the smallest app with the same picture."""
    begun = time.monotonic()
    with terminal:
        [moment] = painted([terminal], has_data)
        same = floor(folder, [picture(terminal)])
        terminal.terminate()
    return moment - begun, same


@contextmanager
def _at_least(seconds: float) -> Iterator[None]:
    """Take so many seconds, if what is done does not take them."""
    begun = time.monotonic()
    yield
    time.sleep(max(begun + seconds - time.monotonic(), 0))


def _p95(values: Sequence[float]) -> float:
    return percentile(values, 95)


MEASURES: Mapping[str, Measure] = {
    "ticket": lambda quick: visits(6 if quick else 40),
    "board": lambda quick: calls(6 if quick else 22),
    "start": lambda quick: starts(2 if quick else 8),
    "idle": lambda quick: idle(seconds=4 if quick else 62),
    "memory": lambda quick: day(tickets=12 if quick else 300),
    "phones": lambda quick: phones(2_000, calls=4 if quick else 15, visits=4 if quick else 18),
}
