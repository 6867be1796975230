"""What the screens cost: while nobody is there, and after a day."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from itertools import cycle
from pathlib import Path

from bench.figures import Figure, at_most, progress, within
from bench.floors import CALLER, COUNTER, centre, floor, picture, shows, spoken
from bench.watch import frames, painted, record
from shared.store import open_store
from tools.lobby import Lobby
from tools.screen import Screen
from tools.terminal import Terminal

PROGRAMS = {"kiosk": ["kiosk"], "display": ["display"], "staff": ["staff", "--counter", COUNTER]}

SETTLED = 3.0
"""Seconds after which a program has done what it still does when it has started."""

HASTE = 0.02
"""Seconds of silence after which the next thing is done."""


def idle(seconds: float) -> Iterator[Figure]:
    """Let nothing happen; in a whole minute, the clocks change once."""
    with centre() as lobby, ExitStack() as stack:
        programs = _open_all(lobby, stack)
        for terminal, data in record(list(programs.values()), SETTLED).items():
            terminal.show(data)
        before = {name: _busy(terminal) for name, terminal in programs.items()}
        begun = time.monotonic()
        written = record(list(programs.values()), seconds)
        lasted = time.monotonic() - begun
        busy, vain = {}, {}
        for name, terminal in programs.items():
            was_busy = before[name]
            busy[name] = 100 * (_busy(terminal) - was_busy) / lasted
            vain[name] = vain_bytes(written[terminal], terminal)
    for what, unit, found, most in (
        ("of a core", "%", busy, 0.5),
        ("written besides the clock's change", "B", vain, 0),
    ):
        for name in PROGRAMS:
            yield Figure(
                what=f"{name}, idle: {what}",
                unit=unit,
                ours=found[name],
                floor=found["floor"],
                mark=within(most),
            )


def day(tickets: int) -> Iterator[Figure]:
    """Let a day go by: tickets are taken at the kiosk, and called at one of the counters."""
    with centre() as lobby, ExitStack() as stack:
        programs = _open_all(lobby, stack)
        half = _day(lobby, programs, tickets // 2)
        whole = _day(lobby, programs, tickets - tickets // 2)
    for what, beside, most in (
        (f"memory after {tickets} tickets", dict.fromkeys(PROGRAMS, whole["floor"]), 1.6),
        ("the same, beside half of them", half, 1.02),
    ):
        for name in PROGRAMS:
            yield Figure(
                what=f"{name}: {what}",
                unit="MB",
                ours=whole[name],
                floor=beside[name],
                mark=at_most(most),
            )


def _open_all(lobby: Lobby, stack: ExitStack) -> Mapping[str, Terminal]:
    """Start the programs, and the smallest app with the board for a picture."""
    programs = {
        name: stack.enter_context(lobby.terminal(*arguments))
        for name, arguments in PROGRAMS.items()
    }
    has_data = shows(spoken(lobby.config).gettext("Waiting"))
    painted([programs["display"]], has_data)
    board = picture(programs["display"])
    bell = _bell(lobby)
    bell.touch()
    smallest = floor(lobby.file.parent, [board, [*board[1:], board[0]]], "--bell", bell)
    programs["floor"] = stack.enter_context(smallest)
    painted([smallest], has_data)
    return programs


def _bell(lobby: Lobby) -> Path:
    """Return the file that turns the smallest app."""
    return lobby.file.with_name("floor-bell")


def _busy(terminal: Terminal) -> float:
    """Return how many seconds a program has kept a core busy, with all of its threads."""
    tasks = Path(f"/proc/{terminal.pid}/task").glob("*/schedstat")
    return sum(int(task.read_text().split()[0]) for task in tasks) / 1e9


def vain_bytes(data: bytes, terminal: Terminal) -> int:
    """Draw all of it; count the bytes of the frames that painted where they changed nothing."""
    vain = 0
    for frame in frames(data):
        before = terminal.cells
        terminal.show(frame)
        pairs = zip(before, terminal.cells, strict=True)
        changed = {row for row, (was, line) in enumerate(pairs) if was != line}
        if not changed or not _touched(frame, terminal) <= changed:
            vain += len(frame)
    return vain


def _touched(frame: bytes, terminal: Terminal) -> set[int]:
    """Return the rows that something is written to."""
    blank, written = (Screen(terminal.columns, terminal.rows) for _ in range(2))
    written.take(frame)
    pairs = zip(blank.cells(), written.cells(), strict=True)
    return {row for row, (empty, line) in enumerate(pairs) if line != empty}


def _day(lobby: Lobby, programs: Mapping[str, Terminal], tickets: int) -> Mapping[str, float]:
    """Let so many tickets be taken and called; return what each program then has in memory, MB."""
    asyncio.run(_work(lobby, programs, tickets))
    record(list(programs.values()), SETTLED)
    return {name: _megabytes(terminal) for name, terminal in programs.items()}


async def _work(lobby: Lobby, programs: Mapping[str, Terminal], tickets: int) -> None:
    kiosk, *others = programs.values()
    say, units = spoken(lobby.config), [unit.id for unit in lobby.config.units]
    at_rest = shows(say.gettext("Touch a service, or press its number"))
    done = say.gettext("Done")
    digits = cycle(range(1, len(units) + 1))
    async with open_store(lobby.config, lobby.config.clock()) as store:
        for number in range(tickets):
            if number % 50 == 0:
                progress(f"{number} of {tickets} tickets")
            kiosk.press(str(next(digits)))
            painted([kiosk], shows(done), quiet=HASTE)
            # By turns at either end of the key: the same spot at once again would be one tap.
            column = kiosk.text[-1].index(done) + (len(done) - 1 if number % 2 else -len("Enter"))
            kiosk.click(column, kiosk.rows - 1)
            painted([kiosk], at_rest, quiet=HASTE)
            await store.call_next(CALLER, units)
            _bell(lobby).touch()
            record(others, HASTE)


def _megabytes(terminal: Terminal) -> float:
    status = Path(f"/proc/{terminal.pid}/status").read_text()
    found = re.search(r"^VmRSS:\s+(\d+) kB", status, re.MULTILINE)
    return int(found[1]) / 1e3 if found else 0.0
