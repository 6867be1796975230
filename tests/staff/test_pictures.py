"""What the console looks like, in the centre's languages and at three sizes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from shared.config import Config
from shared.model import CounterId
from shared.store import open_store
from shared.store.sqlite import SqliteStore
from staff.app import StaffApp
from tests.conftest import ROOT, HandClock
from tests.staff.conftest import Console, Keyboard, give, speaking

SnapCompare = Callable[..., bool]


class Picture(StaffApp):
    """A console that opens its store itself: the picture's taker runs it in a loop of its own."""

    CSS_PATH = str(ROOT / "staff" / "staff.tcss")

    def __init__(self, config: Config, clock: HandClock, counter: str | None) -> None:
        path = Path(config.store.url.removeprefix("sqlite:"))
        self._own_store = SqliteStore(path, clock, config.store.patience)
        super().__init__(
            config, self._own_store, clock, config.counter(counter) if counter else None
        )

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
    """Compare the picture of a console that has had these keys pressed."""

    def taken(counter: str | None, *keys: str) -> bool:
        app = Picture(speaking(language, config), clock, counter)

        async def before(pilot: Pilot[None]) -> None:
            at = Console(app, pilot, Keyboard())
            await at.until(lambda: bool(at.text.strip()))
            await at.press(*keys)
            await at.until(lambda: app.stale is None)

        return snap_compare(app, terminal_size=size, run_before=before)

    return taken


def fill(config: Config, clock: HandClock) -> None:
    """Let a morning have passed: one is called to counter 3, many wait, counter 2 is open."""

    async def morning() -> None:
        async with open_store(config, clock) as store:
            clock.set(datetime(2026, 11, 24, 9, 35))  # noqa: DTZ001 – the centre's own time
            await store.open_counter(CounterId("2"))
            for unit in ("library", "service-point", "social", "library", "home-care") * 3:
                await give(store, config, unit)
                clock.advance(minutes=4)
            clock.set(datetime(2026, 11, 24, 10, 40))  # noqa: DTZ001
            await store.call_next(CounterId("3"), config.counter("3").units)
            await store.recall(CounterId("3"))
            clock.set(datetime(2026, 11, 24, 10, 42))  # noqa: DTZ001

    asyncio.run(morning())


def test_the_choice(take: Callable[..., bool], config: Config, clock: HandClock) -> None:
    fill(config, clock)
    assert take(None, "down")


def test_someone_at_the_counter(
    take: Callable[..., bool], config: Config, clock: HandClock
) -> None:
    fill(config, clock)
    assert take("3")


def test_nobody(take: Callable[..., bool]) -> None:
    assert take("3")


def test_the_help(take: Callable[..., bool]) -> None:
    assert take("3", "question_mark")
