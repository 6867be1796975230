"""What the kiosk's tests share: a kiosk to press, its screen and its store to look at."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager, closing
from datetime import timedelta
from typing import Any

import msgspec
from textual import events
from textual.pilot import Pilot
from textual.widget import Widget
from textual.widgets import ContentSwitcher

from kiosk.app import KioskApp
from kiosk.countdown import Countdown
from kiosk.paper.printing import Printing
from kiosk.ticket import Queue
from kiosk.tiles import TileText
from shared.config import Config
from shared.model import Appointment, CounterId, Ticket, UnitId
from shared.store import QueueStore
from shared.tui.bigtext import BigText
from tests.conftest import HandClock, eventually

SIZE = (80, 24)
SIZES = [(60, 20), (80, 24), (100, 30), (120, 40), (67, 110), (240, 67)]

COUNTER = CounterId("2")
"""Serves the library alone."""

Kiosk = Pilot[None]


@asynccontextmanager
async def kiosk(
    config: Config, store: QueueStore, clock: HandClock, size: tuple[int, int] = SIZE
) -> AsyncIterator[Kiosk]:
    """Run a kiosk that is at rest and has read its store."""
    app = KioskApp(config, store, clock)
    async with AsyncExitStack() as stack:
        if config.printer is not None:
            printing = Printing(config.printer, clock, on_fault=app.tell_printer)
            app.printing = await stack.enter_async_context(printing)
        pilot = await stack.enter_async_context(app.run_test(size=size))
        await until(pilot, lambda: facts(pilot, 1))
        yield pilot


def with_kiosk(config: Config, **changes: object) -> Config:
    changed = msgspec.structs.replace(config.kiosk, **changes)
    return msgspec.structs.replace(config, kiosk=changed)


def with_web(config: Config, url: str = "https://vuoro.example.org/") -> Config:
    web = msgspec.structs.replace(config.web, url=url)
    return msgspec.structs.replace(config, web=web)


def with_code(config: Config) -> Config:
    """Let phones take numbers by the lobby's code."""
    web = msgspec.structs.replace(config.web, tickets="here")
    return msgspec.structs.replace(config, web=web)


async def take(store: QueueStore, times: int = 1, unit: str = "library") -> list[Ticket]:
    return [await store.issue([UnitId(unit)], series="K", language="fi") for _ in range(times)]


async def serve(
    store: QueueStore,
    clock: HandClock,
    *minutes: float,
    unit: str = "library",
    counter: CounterId = COUNTER,
) -> None:
    """Let a counter serve people for so many minutes each, up to now; it stays open."""
    now = clock.now()
    clock.advance(minutes=-sum(minutes))
    await store.open_counter(counter)
    for each in minutes:
        await take(store, unit=unit)
        await store.call_next(counter, [UnitId(unit)])
        clock.advance(minutes=each)
        await store.finish(counter)
    clock.set(now)


async def book(store: QueueStore, clock: HandClock, unit: str, **codes: float) -> None:
    """Make appointments: code → minutes from now."""
    await store.import_appointments(
        [
            Appointment(code=code, unit=UnitId(unit), at=clock.now() + timedelta(minutes=minutes))
            for code, minutes in codes.items()
        ]
    )


# What is pressed


def hold(pilot: Kiosk, key: str, *, seconds: float, since: float) -> None:
    """Send a key as a terminal does while it is held down, from the time ``since``."""
    repeats = [since, *(since + 0.66 + 0.03 * n for n in range(int((seconds - 0.66) / 0.03)))]
    for time in repeats:
        event = events.Key(key, key if len(key) == 1 else None)
        event.time = time
        pilot.app.post_message(event)


async def strike(pilot: Kiosk, *keys: str) -> None:
    """Press keys in a rush, as a terminal sends them."""
    for key in keys:
        pilot.app.post_message(events.Key(key, key if len(key) == 1 else None))
    await pilot.pause()


async def walk_away(pilot: Kiosk) -> None:
    """Let nobody press anything until the bar has run down; only its last step is waited for."""
    bar = pilot.app.query_one(Countdown)
    assert bar.running
    bar.left = 1
    await until(pilot, lambda: bar.left != 1)


# What is shown


def view(pilot: Kiosk) -> str | None:
    return pilot.app.query_one(ContentSwitcher).current


async def until(pilot: Kiosk, condition: Callable[[], object]) -> None:
    """Wait until this is so, and all that comes with it is on the screen."""

    async def met() -> bool:
        return bool(condition())

    await eventually(met)
    await pilot.pause()


async def shows(pilot: Kiosk, wanted: str) -> None:
    await until(pilot, lambda: view(pilot) == wanted)


def text(widget: Widget) -> str:
    return widget.text if isinstance(widget, BigText) else str(widget.render())


def big(pilot: Kiosk, selector: str) -> str:
    return text(pilot.app.query(selector).first())


def texts(pilot: Kiosk) -> str:
    """All that the visible widgets say."""
    widgets = pilot.app.screen.query("BigText, Static")
    return "\n".join(text(each) for each in widgets if each.is_on_screen and each.visible)


def facts(pilot: Kiosk, digit: int) -> str:
    """What a tile says of the wait, and of who waits."""
    return "\n".join(pilot.app.query(TileText)[digit - 1].facts)


def queues(pilot: Kiosk) -> list[tuple[str, str, str]]:
    """Unit, wait and people ahead of each queue that the ticket lists."""
    return [
        (text(unit), text(wait), text(ahead))
        for queue in pilot.app.query(Queue)
        if queue.display
        for unit, wait, ahead in [queue.query(BigText)]
    ]


# What is stored


def rows(config: Config, query: str) -> list[tuple[Any, ...]]:
    """Ask the queue's file by other means."""
    with closing(sqlite3.connect(config.store.url.removeprefix("sqlite:"))) as database:
        return database.execute(query).fetchall()


def tickets(config: Config) -> list[tuple[str, int, str, str]]:
    """Series, number, units and language of every ticket."""
    return rows(
        config,
        "SELECT series, number, group_concat(unit, ' '), language "
        "FROM ticket JOIN errand ON ticket = ticket.id GROUP BY ticket.id ORDER BY errand.id",
    )
