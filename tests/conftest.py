"""What the tests share: a clock set by hand, the real configuration, a store of its own."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypeVar
from zoneinfo import ZoneInfo

import msgspec
import pytest
from hypothesis import settings
from textual import constants

from shared.clock import Clock
from shared.config import Config, load_config
from shared.store import QueueStore, open_store

# What the screens look like must not hang on the terminal that the tests run in. A plugin of pytest
# has imported Textual by now, so its variable in the environment would come too late. With so few
# colours, large letters have no shades: those may differ a little from machine to machine.
constants.COLOR_SYSTEM = "standard"  # type: ignore[misc]
os.environ.pop("NO_COLOR", None)

# How long an example takes says more of what else the machine does.
settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")

ROOT = Path(__file__).parents[1]
"""The folder that holds config.toml and the rooms."""

T = TypeVar("T")


class HandClock(Clock):
    """A clock that stands still until a test moves it."""

    def __init__(self, zone: str = "Europe/Helsinki") -> None:
        super().__init__(ZoneInfo(zone), lambda: self._moment)
        self._moment = datetime(2026, 11, 24, 10, 42, tzinfo=self.zone)

    def set(self, moment: datetime) -> None:
        """Set the clock; a moment without a zone is the centre's own time."""
        self._moment = moment if moment.tzinfo else moment.replace(tzinfo=self.zone)

    def advance(self, **units: float) -> None:
        """Let time pass – really pass, whatever the wall clock does – such as ``minutes=5``."""
        self._moment = self._moment.astimezone(UTC) + timedelta(**units)


async def eventually(condition: Callable[[], Awaitable[T]], *, within: float = 10) -> T:
    """Return what ``condition`` gives as soon as it is true; fail after ``within`` seconds."""
    deadline = time.monotonic() + within
    while not (result := await condition()):
        assert time.monotonic() < deadline, f"not within {within} s: {condition}"
        await asyncio.sleep(0.01)
    return result


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def config(tmp_path: Path) -> Config:
    """The real centre, with an empty queue of this test's own."""
    real = load_config(ROOT / "config.toml")
    store = msgspec.structs.replace(real.store, url=f"sqlite:{tmp_path / 'queue.db'}")
    return msgspec.structs.replace(real, store=store)


@pytest.fixture
async def store(config: Config, clock: HandClock) -> AsyncIterator[QueueStore]:
    async with open_store(config, clock) as opened:
        yield opened
