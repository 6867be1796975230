"""What the kiosk looks like: three languages, three sizes; each of its views and states."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import AsyncExitStack
from itertools import count
from typing import Any

import pytest
from textual.pilot import Pilot

from kiosk.app import KioskApp
from kiosk.paper.printing import Printing
from shared.config import Config
from shared.config.shape import NetworkPrinter
from shared.model import CounterId
from shared.store import open_store
from tests.conftest import HandClock
from tests.kiosk.pilot import (
    book,
    facts,
    serve,
    shows,
    take,
    texts,
    until,
    with_code,
    with_kiosk,
    with_web,
)

SIZES = {"80x24": (80, 24), "160x45": (160, 45), "portrait": (67, 110)}
LANGUAGES = {"fi": "f1", "sv": "f2", "en": "f3"}


def in_sizes(*names: str) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("size", [SIZES[name] for name in names], ids=names)


in_every_size = in_sizes(*SIZES)
in_every_language = pytest.mark.parametrize("language", LANGUAGES.values(), ids=LANGUAGES)

Picture = Callable[..., None]


@pytest.fixture
def picture(
    snap_compare: Any, config: Config, clock: HandClock, monkeypatch: pytest.MonkeyPatch
) -> Picture:
    """Press keys, or tap on what a selector names, at a kiosk with some people waiting.

    Then compare what it looks like, once it says something. ``broken`` gives it a printer that
    cannot be reached, ``coded`` a code for phones.
    """
    tokens = (f"token-{number:010}" for number in count())  # else no two codes look the same
    monkeypatch.setattr("secrets.token_urlsafe", lambda _: next(tokens))
    monkeypatch.setattr("kiosk.app.door_code", lambda *_: "4711")

    def taken(
        *keys: str,
        view: str,
        size: tuple[int, int],
        says: str = "",
        coded: bool = False,
        broken: bool = False,
    ) -> None:
        centre = with_kiosk(with_web(config), ticket_seconds=3600)  # the bar, in the picture
        centre = with_code(centre) if coded else centre
        asyncio.run(fill())
        store = open_store(centre, clock)
        app = KioskApp(centre, store, clock)  # type: ignore[arg-type]

        async def before(pilot: Pilot[None]) -> None:
            async with AsyncExitStack() as stack:  # also when the view does not come
                stack.push_async_exit(store)
                stack.callback(pilot.app.workers.cancel_all)
                if broken:
                    nowhere = NetworkPrinter(host="127.0.0.1", port=1)
                    printing = Printing(nowhere, clock, on_fault=app.tell_printer)
                    app.printing = await stack.enter_async_context(printing)
                await until(pilot, lambda: facts(pilot, 1))
                for key in keys:
                    await (pilot.click(key) if key.startswith("#") else pilot.press(key))
                await shows(pilot, view)
                await until(pilot, lambda: says in texts(pilot))

        assert snap_compare(app, terminal_size=size, run_before=before)

    async def fill() -> None:
        async with open_store(config, clock) as store:
            await serve(store, clock, 4, 6, 5, 5)
            await serve(store, clock, 12, 9, 15, unit="health", counter=CounterId("4"))
            for counter in ("1", "5", "6"):
                await store.open_counter(CounterId(counter))
            for unit, people in (("library", 3), ("health", 12), ("service-point", 1)):
                await take(store, people, unit)
            for number in range(14):
                await book(store, clock, "health", **{f"AB{number}": 15 * number - 57})

    return taken


@in_every_size
@in_every_language
def test_welcome(picture: Picture, language: str, size: tuple[int, int]) -> None:
    picture(language, view="welcome", size=size)


@in_every_size
@in_every_language
def test_ticket(picture: Picture, language: str, size: tuple[int, int]) -> None:
    picture(language, "2", view="ticket", size=size)


@in_sizes("80x24")
def test_high_contrast(picture: Picture, size: tuple[int, int]) -> None:
    picture("f9", "down", view="welcome", size=size)


@in_sizes("80x24")
def test_ticket_in_high_contrast(picture: Picture, size: tuple[int, int]) -> None:
    picture("f9", "3", view="ticket", size=size)


@in_sizes("160x45")
def test_before_opening(picture: Picture, clock: HandClock, size: tuple[int, int]) -> None:
    clock.set(clock.now().replace(hour=7, minute=12))
    picture(view="welcome", size=size)


def test_before_opening_in_high_contrast(picture: Picture, clock: HandClock) -> None:
    clock.set(clock.now().replace(hour=7, minute=12))
    picture("f9", view="welcome", size=(80, 24))


@in_every_size
def test_several_chosen(picture: Picture, size: tuple[int, int]) -> None:
    picture("f2", "f5", "2", "3", "7", view="welcome", size=size)


def test_several_chosen_in_high_contrast(picture: Picture) -> None:
    picture("f9", "f5", "2", "4", "down", view="welcome", size=(80, 24))


@in_every_size
def test_ticket_for_several(picture: Picture, size: tuple[int, int]) -> None:
    picture("f5", "2", "3", "7", "enter", view="ticket", size=size)


@in_every_size
def test_code(picture: Picture, size: tuple[int, int]) -> None:
    picture("f3", "f6", "a", "b", "1", view="code", size=size)


def test_code_in_high_contrast(picture: Picture) -> None:
    picture("f9", "f6", "a", view="code", size=(80, 24))


@in_sizes("80x24")
def test_unknown_code(picture: Picture, size: tuple[int, int]) -> None:
    picture("f6", "x", "enter", view="notice", size=size)


@in_sizes("80x24")
def test_times(picture: Picture, size: tuple[int, int]) -> None:
    picture("f2", "f6", "#forgotten", "1", view="question", size=size)


@in_sizes("80x24")
def test_ticket_of_an_appointment(picture: Picture, size: tuple[int, int]) -> None:
    picture("f6", "a", "b", "4", "enter", view="ticket", size=size)


@in_sizes("80x24")
def test_reason_to_be_called_sooner(picture: Picture, size: tuple[int, int]) -> None:
    picture("f7", "2", view="welcome", size=size)


@in_sizes("80x24", "160x45")
def test_the_lobbys_code(picture: Picture, size: tuple[int, int]) -> None:
    picture(view="welcome", size=size, coded=True)


@in_sizes("80x24")
def test_no_paper_tickets(picture: Picture, size: tuple[int, int]) -> None:
    picture(view="welcome", size=size, broken=True, says="Ei vuorolappuja")


@in_every_size
def test_a_ticket_without_paper(picture: Picture, size: tuple[int, int]) -> None:
    picture("f2", "2", view="ticket", size=size, broken=True, says="Ingen nummerlapp kom")
