"""What the screens cost: while nobody is there, and after a day."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from itertools import cycle
from pathlib import Path

from bench.figures import Figure, at_most, within
from bench.floors import COUNTER, centre, floor, picture, shows
from bench.watch import frames, listen, painted
from shared.config import Config
from shared.model import CounterId
from shared.store import QueueStore, open_store
from shared.words import words
from tools.lobby import Lobby
from tools.screen import Screen
from tools.terminal import Terminal

PROGRAMS = {"kiosk": ["kiosk"], "display": ["display"], "staff": ["staff", "--counter", COUNTER]}

SETTLED = 3.0
"""Seconds after which a program has done what it still does when it has started."""

CALLER = CounterId("2")
"""Another counter, which calls whoever comes."""


def idle(quick: bool) -> Iterator[Figure]:  # noqa: FBT001 – as measurements are called
    """Let nothing happen, in the full measurement for a whole minute: the clocks change once."""
    seconds = 15 if quick else 62
    with centre() as lobby, ExitStack() as stack:
        terminals = _open_all(lobby, stack)
        listen(list(terminals.values()), SETTLED)
        before = {name: (_busy(terminal), terminal.text) for name, terminal in terminals.items()}
        begun = time.monotonic()
        data = listen(list(terminals.values()), seconds)
        lasted = time.monotonic() - begun
        busy, vain = {}, {}
        for name, terminal in terminals.items():
            was_busy, text = before[name]
            busy[name] = 100 * (_busy(terminal) - was_busy) / lasted
            vain[name] = _vain(data[terminal], text, terminal.text)
    for name in PROGRAMS:
        yield Figure(
            what=f"{name}, idle: of a core",
            unit="%",
            ours=busy[name],
            floor=busy["floor"],
            mark=within(0.5),
        )
    for name in PROGRAMS:
        yield Figure(
            what=f"{name}, idle: written besides the clock's change",
            unit="B",
            ours=vain[name],
            floor=vain["floor"],
            mark=within(0),
        )


def memory(quick: bool) -> Iterator[Figure]:  # noqa: FBT001
    """Let a day go by: tickets are taken at the kiosk, and called at one of the counters."""
    tickets = 60 if quick else 500
    with centre() as lobby, ExitStack() as stack:
        terminals = _open_all(lobby, stack)
        half = asyncio.run(_day(lobby, terminals, tickets // 2))
        whole = asyncio.run(_day(lobby, terminals, tickets - tickets // 2))
    for name in PROGRAMS:
        yield Figure(
            what=f"{name}: memory after {tickets} tickets",
            unit="MB",
            ours=whole[name],
            floor=whole["floor"],
            mark=at_most(1.6),
        )
    for name in PROGRAMS:
        yield Figure(
            what=f"{name}: the same, beside half of them",
            unit="MB",
            ours=whole[name],
            floor=half[name],
            mark=at_most(1.02),
        )
