"""What the lobby's screen looks like: three languages, three sizes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from textual.pilot import Pilot

from display.app import DisplayApp
from display.now import Now
from display.waiting import Waiting
from shared.config import Config
from shared.model import CounterId, UnitId
from shared.store import open_store
from tests.conftest import HandClock, eventually

SIZES = {"80x24": (80, 24), "160x45": (160, 45), "portrait": (67, 110)}
LANGUAGES = ("fi", "sv", "en")

VISITS = [("service-point", "1"), ("library", "2"), ("dental", "6"), ("library", "2")]
VISITS += [("health", "4"), ("maternity", "5"), ("service-point", "3"), ("health", "4")]
"""Units, and the counters where somebody has been called to, before the picture is taken."""

in_every_size = pytest.mark.parametrize("size", SIZES.values(), ids=SIZES)
in_every_language = pytest.mark.parametrize("language", LANGUAGES)

Picture = Callable[..., None]


@pytest.fixture
def picture(snap_compare: Any, config: Config, clock: HandClock) -> Picture:
    """Compare what the screen looks like after some calls, a last one of them just now."""

    def taken(
        *,
        size: tuple[int, int],
        language: str = "fi",
        calls: int = 0,
        news: bool = False,
        **display: Any,
    ) -> None:
        others = [each for each in LANGUAGES if each != language]
        centre = msgspec.structs.replace(config.centre, languages=(language, *others))
        still = {"turn_seconds": 3600, "call_seconds": 3600} | display
        here = msgspec.structs.replace(
            config, centre=centre, display=msgspec.structs.replace(config.display, **still)
        )
        asyncio.run(fill(calls))
        clock.advance(minutes=5)
        store = open_store(here, clock)

        async def before(pilot: Pilot[None]) -> None:
            async def shows_calls(*, new: bool) -> bool:
                await pilot.pause()
                known = bool(pilot.app.query_one(Waiting).content)
                return known and pilot.app.query_one(Now).has_class("-new") == new

            await eventually(lambda: shows_calls(new=False))
            if news:
                async with open_store(here, clock) as other:
                    await other.call_next(CounterId("2"), [UnitId("library")])
                await eventually(lambda: shows_calls(new=True))
            pilot.app.workers.cancel_all()
            await store.__aexit__(None, None, None)

        app = DisplayApp(here, store, clock, [unit.id for unit in here.units])  # type: ignore[arg-type]
        app.animation_level = "none"
        assert snap_compare(app, terminal_size=size, run_before=before)

    async def fill(calls: int) -> None:
        async with open_store(config, clock) as store:
            for unit in config.units:
                people = 2 + len(unit.id) % 5
                for _ in range(people):
                    await store.issue([unit.id], series=unit.series, language="fi")
            for name, counter in VISITS[:calls]:
                await store.call_next(CounterId(counter), [UnitId(name)])

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
