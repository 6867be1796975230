"""A staff console to press keys on and read from."""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, closing, contextmanager
from pathlib import Path
from typing import Protocol

import msgspec
import pytest
from textual import events
from textual.pilot import Pilot
from textual.widget import Widget
from textual.widgets import Button, Static

from shared.config import Config
from shared.model import Ticket, UnitId
from shared.store import QueueStore, open_store
from shared.tui.bigtext import BigText
from staff.app import StaffApp
from staff.rows import Rows
from tests.conftest import HandClock

SIZE = (80, 24)

TURNS = 100
"""Turns of the event loop after a key. The longest way that one takes, from widget to widget until
another view has the focus, is 30 turns, however slow the machine is; idle ones cost nothing."""


class Console:
    """A console, and the person before it."""

    def __init__(self, app: StaffApp, pilot: Pilot[None], keyboard: Keyboard) -> None:
        self.app = app
        self.pilot = pilot
        self._keyboard = keyboard

    async def press(self, *keys: str, after: float = 10) -> None:
        """Press the keys, each ``after`` seconds after the one before, by the keyboard's time.

        What the console does by itself is done then; what it asks of the store may not be.
        """
        for key in keys:
            self._keyboard.now += after
            event = events.Key(key, key if len(key) == 1 else None)
            event.time = self._keyboard.now
            self.app.post_message(event)
            for _ in range(TURNS):
                await asyncio.sleep(0)

    def freeze(self) -> None:
        """Let the console hear of nothing any more: what it shows is what was."""
        self.app.workers.cancel_group(self.app, "feed")

    @property
    def text(self) -> str:
        """Return all that the screen says, from top to bottom."""
        return "\n".join(line.rstrip() for line in _lines(self.app.screen))

    async def shows(self, *texts: str) -> None:
        """Wait until the screen says all of these."""
        await self.until(lambda: all(text in self.text for text in texts))

    async def hides(self, *texts: str) -> None:
        """Wait until the screen says none of these any more."""
        await self.until(lambda: not any(text in self.text for text in texts))

    async def until(self, condition: Callable[[], object]) -> None:
        """Wait until a condition is true."""
        deadline = time.monotonic() + 10
        while not condition():
            assert time.monotonic() < deadline, self.text
            await asyncio.sleep(0.005)

    async def ended(self) -> None:
        """Wait until the console is no more."""
        await self.until(lambda: not self.app.is_running)


class Keyboard:
    """The time that presses are weighed by."""

    now = 1000.0


def _lines(widget: Widget) -> Iterator[str]:
    for child in widget.children:
        if not child.display or not child.region:
            continue
        match child:
            case BigText():
                yield child.text
            case Button():
                yield str(child.label)
            case Static():
                yield str(child.render())
            case Rows():
                yield from (child.render_line(y).text for y in range(child.size.height))
            case _:
                yield from _lines(child)


class OpenConsole(Protocol):
    """Open a console, with a store handle of its own."""

    def __call__(
        self, counter: str | None = ..., *, size: tuple[int, int] = ..., config: Config = ...
    ) -> AbstractAsyncContextManager[Console]: ...


@pytest.fixture
def config(config: Config) -> Config:
    """The real centre, whose staff speak English."""
    return speaking("en", config)


def speaking(language: str, config: Config) -> Config:
    staff = msgspec.structs.replace(config.staff, language=language)
    return msgspec.structs.replace(config, staff=staff)


@pytest.fixture
def keyboard() -> Keyboard:
    return Keyboard()


@pytest.fixture
def console(config: Config, clock: HandClock, keyboard: Keyboard) -> OpenConsole:
    @asynccontextmanager
    async def opened(
        counter: str | None = "3", *, size: tuple[int, int] = SIZE, config: Config = config
    ) -> AsyncIterator[Console]:
        async with open_store(config, clock) as store:
            app = StaffApp(config, store, clock, config.counter(counter) if counter else None)
            async with app.run_test(size=size) as pilot:
                at = Console(app, pilot, keyboard)
                await at.until(lambda: bool(at.text.strip()))  # a counter opened, or a question
                yield at
                app.call_later(app.exit)  # in its turn, as a signal does
                await at.ended()

    return opened


@contextmanager
def kept_waiting(config: Config) -> Iterator[None]:
    """Keep the store from writing, as another program does that is slow."""
    path = Path(config.store.url.removeprefix("sqlite:"))
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield
        other.execute("ROLLBACK")


async def give(store: QueueStore, config: Config, *units: str) -> None:
    """Give a ticket for each of the units."""
    for unit in units:
        await give_one(store, config, unit)


async def give_one(store: QueueStore, config: Config, *units: str) -> Ticket:
    """Give one ticket for all of the units."""
    series = config.unit(units[0]).series
    return await store.issue([UnitId(unit) for unit in units], series=series, language="fi")
