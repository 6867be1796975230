"""What the lobby's screen looks like: three languages, three sizes."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable
from contextlib import AsyncExitStack, closing
from datetime import timedelta
from typing import Any

import msgspec
import pytest
from textual.pilot import Pilot

from display.app import DisplayApp
from display.now import Now
from display.waiting import Waiting
from shared.config import Config
from shared.model import CounterId, UnitId
from shared.store import QueueStore, open_store
from tests.conftest import HandClock, eventually

SIZES = {"80x24": (80, 24), "160x45": (160, 45), "portrait": (67, 110)}
LANGUAGES = ("fi", "sv", "en")

OPEN = {
    CounterId("1"): UnitId("service-point"),
    CounterId("2"): UnitId("library"),
    CounterId("3"): UnitId("social"),
    CounterId("4"): UnitId("health"),
    CounterId("5"): UnitId("maternity"),
    CounterId("7"): UnitId("home-care"),
}
"""The counters that are open, and for whom they were a week ago. Nobody is at the dentist's."""

VISITS = [("service-point", "1"), ("library", "2"), ("home-care", "7"), ("library", "2")]
VISITS += [("health", "4"), ("maternity", "5"), ("service-point", "3"), ("health", "4")]
"""Units, and the counters where somebody has been called to, before the picture is taken."""

in_every_size = pytest.mark.parametrize("size", SIZES.values(), ids=SIZES)
in_every_language = pytest.mark.parametrize("language", LANGUAGES)

Picture = Callable[..., None]


async def fill(config: Config, clock: HandClock, calls: int) -> None:
    """Let people come, and so many be called."""
    async with open_store(config, clock) as store:
        file = sqlite3.connect(config.store.url.removeprefix("sqlite:"))
        with closing(file), file:  # the same code in every picture
            file.execute("UPDATE secret SET value = zeroblob(32)")
        await a_week_ago(config, clock, store)
        for unit in config.units:
            people = 2 + len(unit.id) % 5
            for _ in range(people):
                await store.issue([unit.id], series=unit.series, language="fi")
        for counter in OPEN:
            await store.open_counter(counter)
        for name, number in VISITS[:calls]:
            await store.call_next(CounterId(number), [UnitId(name)])


async def a_week_ago(config: Config, clock: HandClock, store: QueueStore) -> None:
    """Serve people at this hour: from that it is known how long it takes."""
    now = clock.now()
    clock.set(now - timedelta(weeks=1))
    for _ in range(3):
        for counter, unit in OPEN.items():
            await store.issue([unit], series=config.unit(unit).series, language="fi")
            await store.call_next(counter, [unit])
        for counter in OPEN:
            clock.advance(minutes=2)
            await store.finish(counter)
    clock.set(now)


@pytest.fixture
def picture(snap_compare: Any, config: Config, clock: HandClock) -> Picture:
    """Compare what the screen looks like after some calls, a last one of them just now."""

    def taken(
        *,
        size: tuple[int, int],
        language: str = "fi",
        calls: int = 0,
        news: bool = False,
        code: bool = False,
        **display: Any,
    ) -> None:
        web = {"url": "https://vuoro.example.org", "tickets": "here"} if code else {}
        others = [each for each in LANGUAGES if each != language]
        centre = msgspec.structs.replace(config.centre, languages=(language, *others))
        still = {"turn_seconds": 3600, "call_seconds": 3600} | display
        here = msgspec.structs.replace(
            config,
            centre=centre,
            display=msgspec.structs.replace(config.display, **still),
            web=msgspec.structs.replace(config.web, **web),
        )
        asyncio.run(fill(config, clock, calls))
        clock.advance(minutes=5)
        store = open_store(here, clock)

        async def before(pilot: Pilot[None]) -> None:
            async def shows_calls(*, new: bool) -> bool:
                await pilot.pause()
                known = bool(str(pilot.app.query_one(Waiting).render()))
                return known and pilot.app.query_one(Now).has_class("-new") == new

            async with AsyncExitStack() as stack:  # also when the call does not come
                stack.push_async_exit(store)
                stack.callback(pilot.app.workers.cancel_all)
                await eventually(lambda: shows_calls(new=False))
                if news:
                    async with open_store(here, clock) as other:
                        await other.call_next(CounterId("2"), [UnitId("library")])
                    await eventually(lambda: shows_calls(new=True))

        app = DisplayApp(here, store, clock)  # type: ignore[arg-type]
        app.animation_level = "none"
        assert snap_compare(app, terminal_size=size, run_before=before)

    return taken


@in_every_size
@in_every_language
def test_no_call_yet(picture: Picture, language: str, size: tuple[int, int]) -> None:
    picture(size=size, language=language)


@in_every_size
@in_every_language
def test_a_new_call(picture: Picture, language: str, size: tuple[int, int]) -> None:
    picture(size=size, language=language, calls=2, news=True)


@in_every_size
@in_every_language
def test_calls_before(picture: Picture, language: str, size: tuple[int, int]) -> None:
    picture(size=size, language=language, calls=8)


@in_every_size
def test_languages_together(picture: Picture, size: tuple[int, int]) -> None:
    picture(size=size, calls=3, languages="together", theme="light")


@in_every_size
def test_high_contrast(picture: Picture, size: tuple[int, int]) -> None:
    picture(size=size, calls=3, news=True, theme="contrast")


@in_every_size
def test_the_code_for_phones(picture: Picture, size: tuple[int, int]) -> None:
    picture(size=size, calls=8, code=True)
