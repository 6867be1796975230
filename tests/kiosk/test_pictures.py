"""What the kiosk looks like: three languages, three sizes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from itertools import count
from typing import Any

import msgspec
import pytest
from textual.pilot import Pilot
from textual.widgets import ContentSwitcher

from kiosk.app import KioskApp
from shared.config import Config
from shared.model import UnitId
from shared.store import open_store
from tests.conftest import HandClock, eventually

SIZES = {"80x24": (80, 24), "160x45": (160, 45), "portrait": (67, 110)}
LANGUAGES = {"fi": "f1", "sv": "f2", "en": "f3"}

in_every_size = pytest.mark.parametrize("size", SIZES.values(), ids=SIZES)
in_every_language = pytest.mark.parametrize("language", LANGUAGES.values(), ids=LANGUAGES)

Picture = Callable[..., None]


@pytest.fixture
def picture(
    snap_compare: Any, config: Config, clock: HandClock, monkeypatch: pytest.MonkeyPatch
) -> Picture:
    """Press keys at a kiosk with some people waiting, and compare what it looks like."""
    tokens = (f"token-{number:05}" for number in count())  # else no two codes look the same
    monkeypatch.setattr("secrets.token_urlsafe", lambda _: next(tokens))

    def taken(*keys: str, view: str, size: tuple[int, int]) -> None:
        web = msgspec.structs.replace(config.web, url="https://vuoro.example.org")
        still = msgspec.structs.replace(
            config.kiosk, ticket_seconds=3600
        )  # the bar, in the picture
        centre = msgspec.structs.replace(config, web=web, kiosk=still)
        asyncio.run(fill())
        store = open_store(centre, clock)

        async def before(pilot: Pilot[None]) -> None:
            async def shown() -> bool:
                await pilot.pause()
                return pilot.app.query_one(ContentSwitcher).current == view

            await pilot.pause(0.1)
            for key in keys:
                await pilot.press(key)
            await eventually(shown)
            pilot.app.workers.cancel_all()
            await store.__aexit__(None, None, None)

        app = KioskApp(centre, store, clock)  # type: ignore[arg-type]
        assert snap_compare(app, terminal_size=size, run_before=before)

    async def fill() -> None:
        async with open_store(config, clock) as store:
            for name, people in (("library", 3), ("health", 12), ("service-point", 1)):
                series = config.unit(name).series
                for _ in range(people):
                    await store.issue([UnitId(name)], series=series, language="fi")

    return taken


@in_every_size
@in_every_language
def test_welcome(picture: Picture, language: str, size: tuple[int, int]) -> None:
    picture(language, view="welcome", size=size)


@in_every_size
@in_every_language
def test_ticket(picture: Picture, language: str, size: tuple[int, int]) -> None:
    picture(language, "2", view="ticket", size=size)


@in_every_size
def test_high_contrast(picture: Picture, size: tuple[int, int]) -> None:
    picture("f9", "down", view="welcome", size=size)


@in_every_size
def test_ticket_in_high_contrast(picture: Picture, size: tuple[int, int]) -> None:
    picture("f9", "3", view="ticket", size=size)
