"""What the console looks like, in the centre's languages and at several sizes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest
from textual.pilot import Pilot

from shared.config import Config
from shared.config.shape import Theme
from shared.model import Appointment, CounterId, UnitId
from shared.store import QueueStore, open_store
from shared.store.sqlite import SqliteStore
from staff.app import Look, StaffApp
from tests.conftest import ROOT, HandClock, eventually
from tests.staff.conftest import Console, Keyboard, give, give_one, speaking

SnapCompare = Callable[..., bool]
TWO, THREE = CounterId("2"), CounterId("3")


class Picture(StaffApp):
    """A console that opens its store itself: the picture's taker runs it in a loop of its own."""

    CSS_PATH = str(ROOT / "staff" / "staff.tcss")

    def __init__(self, config: Config, clock: HandClock, counter: str | None) -> None:
        path = Path(config.store.url.removeprefix("sqlite:"))
        self._own_store = SqliteStore(path, clock, config.store.patience)
        self._shown: Look | None = None
        super().__init__(
            config, self._own_store, clock, config.counter(counter) if counter else None
        )

    def show(self, view: Look) -> None:
        super().show(view)
        self._shown = view

    async def is_settled(self) -> bool:
        """Tell whether the store has answered, and everything that it holds is shown."""
        is_busy = self._station is not None and self._station.busy
        return not is_busy and self._shown == await self.read()

    async def run_async(self, **how: Any) -> Any:
        async with self._own_store:
            return await super().run_async(**how)


@pytest.fixture(params=["fi", "sv", "en"])
def language(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(params=[(60, 16), (80, 24), (160, 45)], ids=["60x16", "80x24", "160x45"])
def size(request: pytest.FixtureRequest) -> tuple[int, int]:
    columns, rows = request.param
    return columns, rows


@pytest.fixture
def take(
    snap_compare: SnapCompare,
    config: Config,
    clock: HandClock,
    language: str,
    size: tuple[int, int],
) -> Callable[..., bool]:
    """Take pictures in this language and at this size."""

    def taken(counter: str | None, *keys: str) -> bool:
        app = Picture(speaking(language, config), clock, counter)
        return picture(snap_compare, app, size, keys)

    return taken


def picture(
    snap_compare: SnapCompare, app: Picture, size: tuple[int, int], keys: Sequence[str]
) -> bool:
    """Compare the picture of a console that has had these keys pressed."""

    async def before(pilot: Pilot[None]) -> None:
        at = Console(app, pilot, Keyboard())
        await at.until(lambda: bool(at.text.strip()))
        for key in ("", *keys):
            if key:
                await at.press(key)
            await eventually(app.is_settled)

    return snap_compare(app, terminal_size=size, run_before=before)


def fill(config: Config, clock: HandClock) -> None:
    """Let a morning have passed: all that can be said of tickets is to be seen at counter 3."""

    async def morning() -> None:
        async with open_store(config, clock) as store:
            clock.set(datetime(2026, 11, 24, 9, 35))  # noqa: DTZ001 – the centre's own time
            await store.open_counter(TWO)
            for unit in ("library", "service-point", "social", "library", "home-care") * 3:
                await give(store, config, unit)
                clock.advance(minutes=4)
            await give_one(store, config, "library", "health")
            social = (await store.desk(THREE, [UnitId("social")])).waiting
            await store.head_start(social[-1].id, config.priorities[0])
            await transfer(store, config, "dental", "library")
            at = datetime(2026, 11, 24, 10, 35, tzinfo=clock.zone)
            booked = Appointment(code="AB1", unit=UnitId("social"), at=at)
            await store.import_appointments([booked])
            await store.check_in(booked, series="E", language="fi")
            clock.set(datetime(2026, 11, 24, 10, 38))  # noqa: DTZ001
            units = config.counter("3").units
            await store.call_next(THREE, units)
            await store.park(THREE)
            clock.set(datetime(2026, 11, 24, 10, 40))  # noqa: DTZ001
            await store.call_next(THREE, units)
            await store.recall(THREE)
            clock.set(datetime(2026, 11, 24, 10, 42))  # noqa: DTZ001

    asyncio.run(morning())


async def transfer(store: QueueStore, config: Config, unit: str, to: str) -> None:
    """Let somebody come to one unit and be sent on to another, to come back."""
    await give(store, config, unit)
    await store.call_next(TWO, [UnitId(unit)])
    reason = config.reasons[0].id
    await store.transfer(TWO, UnitId(to), reason=reason, comes_back=True)


def test_the_choice(take: Callable[..., bool], config: Config, clock: HandClock) -> None:
    fill(config, clock)
    assert take(None, "down")


def test_someone_at_the_counter(
    take: Callable[..., bool], config: Config, clock: HandClock
) -> None:
    fill(config, clock)
    assert take("3")


def test_a_chosen_ticket(take: Callable[..., bool], config: Config, clock: HandClock) -> None:
    fill(config, clock)
    assert take("3", "end", "up")


def test_a_transfer(take: Callable[..., bool], config: Config, clock: HandClock) -> None:
    fill(config, clock)
    assert take("3", "t", "c")


def test_a_question(take: Callable[..., bool], config: Config, clock: HandClock) -> None:
    fill(config, clock)
    assert take("3", "down", "l")


def test_a_break(take: Callable[..., bool], config: Config, clock: HandClock) -> None:
    fill(config, clock)
    assert take("3", "f", "b", "1")


def test_the_whole_centre(take: Callable[..., bool], config: Config, clock: HandClock) -> None:
    fill(config, clock)
    assert take("3", "w", "down")


def test_a_units_queue(take: Callable[..., bool], config: Config, clock: HandClock) -> None:
    fill(config, clock)
    assert take("3", "w", "2")


def test_nobody(take: Callable[..., bool]) -> None:
    assert take("3")


def test_the_help(take: Callable[..., bool]) -> None:
    assert take("3", "question_mark")


@pytest.mark.parametrize("theme", ["dark", "contrast"])
@pytest.mark.parametrize("keys", [["down", "down"], ["w"]], ids=["counter", "centre"])
def test_themes(
    snap_compare: SnapCompare, config: Config, clock: HandClock, theme: Theme, keys: list[str]
) -> None:
    fill(config, clock)
    themed = msgspec.structs.replace(
        config, staff=msgspec.structs.replace(config.staff, theme=theme)
    )
    assert picture(snap_compare, Picture(themed, clock, "3"), (120, 36), keys)
