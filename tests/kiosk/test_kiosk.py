"""The kiosk as a resident meets it: real app, real store; what is shown and what is stored."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec
import pytest
from textual import events
from textual.pilot import Pilot
from textual.widgets import ContentSwitcher, Static

from kiosk.app import KioskApp
from kiosk.countdown import Countdown
from kiosk.tiles import Tile
from shared.config import Config, load_config
from shared.model import CounterId, Ticket, UnitId
from shared.store import QueueStore
from shared.tui.bigtext import BigText
from shared.tui.notices import OldData, TooSmall
from shared.tui.qr import QRCode
from tests.conftest import ROOT, HandClock, eventually

SIZE = (80, 24)
COUNTER = CounterId("2")


@asynccontextmanager
async def kiosk(
    config: Config, store: QueueStore, clock: HandClock, size: tuple[int, int] = SIZE
) -> AsyncIterator[Pilot[None]]:
    async with KioskApp(config, store, clock).run_test(size=size) as pilot:
        await shows(pilot, "welcome")
        yield pilot


def view(pilot: Pilot[None]) -> str | None:
    return pilot.app.query_one(ContentSwitcher).current


async def until(pilot: Pilot[None], condition: Callable[[], object]) -> None:
    async def met() -> bool:
        await pilot.pause()
        return bool(condition())

    await eventually(met)


async def shows(pilot: Pilot[None], wanted: str) -> None:
    await until(pilot, lambda: view(pilot) == wanted)


def big(pilot: Pilot[None], selector: str) -> str:
    return pilot.app.query_one(selector, BigText).text


def texts(pilot: Pilot[None]) -> str:
    """All that the visible widgets say."""
    said = [
        widget.text if isinstance(widget, BigText) else str(widget.render())
        for widget in pilot.app.screen.query("BigText, Static")
        if widget.is_on_screen and isinstance(widget, (BigText, Static))
    ]
    return "\n".join(said)


def tickets(config: Config) -> list[tuple[str, int, str, str]]:
    """Series, number, units and language of every ticket in the store, read by other means."""
    with sqlite3.connect(config.store.url.removeprefix("sqlite:")) as database:
        rows = database.execute("SELECT series, number, units, language FROM ticket ORDER BY id")
        found = [tuple(row) for row in rows]
    database.close()
    return found


async def take(store: QueueStore, times: int = 1) -> list[Ticket]:
    return [await store.issue([UnitId("library")], series="K", language="fi") for _ in range(times)]


# Taking a number


async def test_a_digit_gives_a_number_at_once(
    config: Config, store: QueueStore, clock: HandClock
) -> None:
    await take(store, 2)
    async with kiosk(config, store, clock) as pilot:
        await pilot.press("2")
        await shows(pilot, "ticket")
        assert tickets(config)[2:] == [("K", 3, '["library"]', "fi")]
        assert big(pilot, "#number") == "K 003"
        assert big(pilot, "#unit") == "Kirjasto"
        assert big(pilot, "#ahead") == "2 henkilöä ennen sinua"
        assert "10.42" in texts(pilot)


async def test_a_tap_gives_a_number(config: Config, store: QueueStore, clock: HandClock) -> None:
    async with kiosk(config, store, clock) as pilot:
        await pilot.click(pilot.app.query(Tile)[2])
        await shows(pilot, "ticket")
        assert tickets(config) == [("A", 1, '["health"]', "fi")]
        assert big(pilot, "#ahead") == "Olet seuraavana"


async def test_arrows_and_enter_give_a_number(
    config: Config, store: QueueStore, clock: HandClock
) -> None:
    async with kiosk(config, store, clock) as pilot:
        await pilot.press("down", "down", "right", "enter")
        await shows(pilot, "ticket")
        assert tickets(config) == [("B", 1, '["maternity"]', "fi")]


async def test_a_digit_without_a_unit_gives_nothing(
    config: Config, store: QueueStore, clock: HandClock
) -> None:
    async with kiosk(config, store, clock) as pilot:
        await pilot.press("8", "9", "0", "enter", "a", "escape")
        assert view(pilot) == "welcome"
        assert tickets(config) == []


def hold(pilot: Pilot[None], key: str, *, seconds: float, since: float) -> None:
    """Send a key as a terminal does while it is held down, from the time ``since``."""
    repeats = [since, *(since + 0.66 + 0.03 * n for n in range(int((seconds - 0.66) / 0.03)))]
    for time in repeats:
        event = events.Key(key, key if len(key) == 1 else None)
        event.time = time
        pilot.app.post_message(event)


@pytest.mark.parametrize("key", ["1", "enter"])
async def test_a_held_key_gives_one_number_and_leaves_it_on_the_screen(
    config: Config, store: QueueStore, clock: HandClock, key: str
) -> None:
    async with kiosk(config, store, clock) as pilot:
        await pilot.press("down")
        hold(pilot, key, seconds=10, since=1000)
        await shows(pilot, "ticket")
        await pilot.pause()
        assert view(pilot) == "ticket"
        await pilot.click("#done")
        await shows(pilot, "welcome")
        hold(pilot, key, seconds=10, since=1010)  # the same key is still down
        await pilot.pause()
        assert view(pilot) == "welcome"
        assert len(tickets(config)) == 1


async def test_a_double_tap_gives_one_number_and_leaves_it_on_the_screen(
    config: Config, store: QueueStore, clock: HandClock
) -> None:
    async with kiosk(config, store, clock) as pilot:
        await pilot.click(Tile, times=2)
        await shows(pilot, "ticket")
        await pilot.pause(0.3)
        assert view(pilot) == "ticket"
        assert len(tickets(config)) == 1


async def test_two_units_struck_at_once_give_one_number(
    config: Config, store: QueueStore, clock: HandClock
) -> None:
    async with kiosk(config, store, clock) as pilot:
        await pilot.press("1", "2", "3")
        await shows(pilot, "ticket")
        await pilot.pause()
        assert len(tickets(config)) == 1


# The ticket


def with_kiosk(config: Config, **changes: object) -> Config:
    changed = msgspec.structs.replace(config.kiosk, **changes)
    return msgspec.structs.replace(config, kiosk=changed)


def with_web(config: Config) -> Config:
    web = msgspec.structs.replace(config.web, url="https://vuoro.example.org/")
    return msgspec.structs.replace(config, web=web)


async def test_the_code_leads_to_the_ticket(
    config: Config, store: QueueStore, clock: HandClock
) -> None:
    config = with_web(config)
    async with kiosk(config, store, clock) as pilot:
        await pilot.press("2")
        await shows(pilot, "ticket")
        with sqlite3.connect(config.store.url.removeprefix("sqlite:")) as database:
            [(token,)] = database.execute("SELECT token FROM ticket").fetchall()
        database.close()
        assert pilot.app.query_one(QRCode).data == f"https://vuoro.example.org/t/{token}"
        number, code = pilot.app.query_one("#number"), pilot.app.query_one(QRCode)
        assert number.region.right <= code.region.x  # side by side
        assert code.region.bottom <= pilot.app.query_one(Countdown).region.y  # nothing cut


async def test_without_an_address_there_is_no_code(
    config: Config, store: QueueStore, clock: HandClock
) -> None:
    async with kiosk(config, store, clock) as pilot:
        await pilot.press("2")
        await shows(pilot, "ticket")
        assert not pilot.app.query_one(QRCode).is_on_screen
        assert "puhelimella" not in texts(pilot)


async def test_it_goes_back_to_rest_by_itself(
    config: Config, store: QueueStore, clock: HandClock
) -> None:
    config = with_kiosk(config, ticket_seconds=4)
    async with kiosk(config, store, clock) as pilot:
        bar = pilot.app.query_one(Countdown)
        assert bar.left == 0
        await pilot.press("f2", "f9", "2")
        await shows(pilot, "ticket")
        assert pilot.app.theme == "contrast"
        await until(pilot, lambda: 0 < bar.left <= Countdown.ENDING)  # it runs down
        await shows(pilot, "welcome")
        assert pilot.app.theme == "light"
        assert "Kosketa palvelua" in texts(pilot)
        assert bar.left == 0


async def test_enter_is_done(config: Config, store: QueueStore, clock: HandClock) -> None:
    async with kiosk(config, store, clock) as pilot:
        await pilot.press("2")
        await shows(pilot, "ticket")
        await pilot.press("enter")
        await shows(pilot, "welcome")


async def test_done_can_be_touched(config: Config, store: QueueStore, clock: HandClock) -> None:
    async with kiosk(config, store, clock) as pilot:
        await pilot.press("2")
        await shows(pilot, "ticket")
        await pilot.click("#done")
        await shows(pilot, "welcome")


async def test_any_other_key_gives_the_whole_time_again(
    config: Config, store: QueueStore, clock: HandClock
) -> None:
    async with kiosk(config, store, clock) as pilot:
        bar = pilot.app.query_one(Countdown)
        await pilot.press("2")
        await shows(pilot, "ticket")
        await until(pilot, lambda: bar.left < Countdown.STEPS - 2)
        await pilot.press("space")
        await until(pilot, lambda: bar.left == Countdown.STEPS)
        assert view(pilot) == "ticket"


# Languages


@pytest.mark.parametrize(
    ("key", "language", "question", "ahead"),
    [
        ("f1", "fi", "Kosketa palvelua tai paina sen numeroa", "Olet seuraavana"),
        ("f2", "sv", "Tryck på en tjänst eller på dess nummer", "Du är näst på tur"),
        ("f3", "en", "Touch a service, or press its number", "You are next"),
    ],
)
async def test_it_speaks_the_language_chosen(
    config: Config,
    store: QueueStore,
    clock: HandClock,
    key: str,
    language: str,
    question: str,
    ahead: str,
) -> None:
    async with kiosk(config, store, clock) as pilot:
        await pilot.press(key)
        assert big(pilot, "#question") == question
        await pilot.press("2")
        await shows(pilot, "ticket")
        assert big(pilot, "#ahead") == ahead
        assert tickets(config) == [("K", 1, '["library"]', language)]


async def test_the_language_bar_can_be_touched_also_on_the_ticket(
    config: Config, store: QueueStore, clock: HandClock
) -> None:
    async with kiosk(config, store, clock) as pilot:
        await pilot.press("2")
        await shows(pilot, "ticket")
        await pilot.click("#language-2")
        assert big(pilot, "#unit") == "Library"
        assert view(pilot) == "ticket"


async def test_every_language_greets_and_names_the_units(
    config: Config, store: QueueStore, clock: HandClock
) -> None:
    async with kiosk(config, store, clock) as pilot:
        said = texts(pilot)
        for word in ("Tervetuloa", "Välkommen", "Welcome", "Kirjasto", "Bibliotek", "Library"):
            assert word in said


# Fresh, and honest


async def test_tiles_tell_how_many_wait_as_it_changes(
    config: Config, store: QueueStore, clock: HandClock
) -> None:
    async with kiosk(config, store, clock) as pilot:
        await until(pilot, lambda: "Ei jonoa" in texts(pilot))
        await take(store, 2)
        await until(pilot, lambda: "2 odottaa" in texts(pilot))
        await store.call_next(COUNTER, config.counter(COUNTER).units)
        await until(pilot, lambda: "1 odottaa" in texts(pilot))


async def test_no_store_no_number_and_it_recovers(
    config: Config, store: QueueStore, clock: HandClock, tmp_path: Path
) -> None:
    path = Path(config.store.url.removeprefix("sqlite:"))
    away = tmp_path / "away"
    away.mkdir()
    async with kiosk(config, store, clock) as pilot:
        files = list(path.parent.glob("queue.db*"))
        for file in files:
            shutil.move(file, away)
        old = pilot.app.query_one(OldData)
        await until(pilot, lambda: old.display)
        assert "10.42" in str(old.render())
        await pilot.press("f3", "2")
        await shows(pilot, "notice")
        assert "No number could be given" in texts(pilot)
        assert "Please ask the staff" in texts(pilot)
        for file in files:
            shutil.move(away / file.name, file)
        await until(pilot, lambda: not old.display)
        await pilot.press("enter")
        await shows(pilot, "welcome")
        await pilot.press("1")
        await shows(pilot, "ticket")
        assert tickets(config) == [("P", 1, '["service-point"]', "fi")]


# Many units, odd names, any size


async def test_more_than_nine_units_page(store: QueueStore, clock: HandClock) -> None:
    config = load_config(ROOT / "examples" / "hospital.toml")
    async with kiosk(config, store, clock) as pilot:
        assert "Reception" in texts(pilot)
        assert "Pharmacy" not in texts(pilot)
        await pilot.press("0")
        await until(pilot, lambda: "Pharmacy" in texts(pilot))
        assert "Reception" not in texts(pilot)
        await pilot.press("3")  # there are two on this page
        assert view(pilot) == "welcome"
        await pilot.press("1")
        await shows(pilot, "ticket")
        assert big(pilot, "#number") == "F 001"


NAMES = ["[/b] [red]x", "Kirjasto 📚 ja 🧑‍🤝‍🧑", "Ä" * 80, "{oops} %s \\"]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("size", [(60, 20), (80, 24), (160, 50)])
async def test_names_are_shown_as_they_are(
    config: Config, store: QueueStore, clock: HandClock, name: str, size: tuple[int, int]
) -> None:
    named = dict.fromkeys(config.centre.languages, name)
    units = tuple(msgspec.structs.replace(unit, name=named) for unit in config.units)
    config = msgspec.structs.replace(config, units=units)
    async with kiosk(config, store, clock, size) as pilot:
        assert name in texts(pilot)
        await pilot.press("1")
        await shows(pilot, "ticket")
        assert big(pilot, "#unit") == name


SIZES = [(60, 20), (80, 24), (100, 30), (120, 40), (160, 50), (67, 110), (60, 80), (240, 67)]


@pytest.mark.parametrize("size", SIZES)
async def test_everything_has_its_place_at_every_size(
    config: Config, store: QueueStore, clock: HandClock, size: tuple[int, int]
) -> None:
    config = with_web(config)
    async with kiosk(config, store, clock, size) as pilot:
        tiles = [tile.region for tile in pilot.app.query(Tile)]
        assert all(tile.height >= 2 and tile.width >= 25 for tile in tiles)
        assert not any(a.overlaps(b) for a in tiles for b in tiles if a is not b)
        await pilot.press("2")
        await shows(pilot, "ticket")
        screen = pilot.app.screen.region
        for shown in pilot.app.query("#number, #unit, #ahead, #next, #issued, #done"):
            assert shown.region.size
            assert screen.contains_region(shown.region), shown
        number, code = pilot.app.query_one("#number"), pilot.app.query_one(QRCode)
        assert not number.region.overlaps(code.region)


async def test_too_small_says_so_and_recovers(
    config: Config, store: QueueStore, clock: HandClock
) -> None:
    async with kiosk(config, store, clock) as pilot:
        await pilot.resize_terminal(40, 10)
        await until(pilot, lambda: isinstance(pilot.app.screen, TooSmall))
        assert "60×20" in texts(pilot)
        await pilot.press("1")
        assert tickets(config) == []
        await pilot.resize_terminal(80, 24)
        await until(pilot, lambda: not isinstance(pilot.app.screen, TooSmall))
        await pilot.press("2")
        await shows(pilot, "ticket")


async def test_what_happens_behind_a_window_too_small_is_there_when_it_is_enlarged(
    config: Config, store: QueueStore, clock: HandClock
) -> None:
    config = with_web(with_kiosk(config, ticket_seconds=2))
    async with kiosk(config, store, clock) as pilot:
        await pilot.press("2")
        await shows(pilot, "ticket")
        await pilot.resize_terminal(40, 10)
        await until(pilot, lambda: isinstance(pilot.app.screen, TooSmall))
        await shows(pilot, "welcome")  # its time was over
        await pilot.resize_terminal(67, 110)
        await until(pilot, lambda: not isinstance(pilot.app.screen, TooSmall))
        assert not pilot.app.query_one("#done").display
        await pilot.press("3")
        await shows(pilot, "ticket")
        number, code = pilot.app.query_one("#number"), pilot.app.query_one(QRCode)
        await until(pilot, lambda: number.region.bottom <= code.region.y)  # one above the other


async def test_no_key_leads_out(config: Config, store: QueueStore, clock: HandClock) -> None:
    async with kiosk(config, store, clock) as pilot:
        for key in ("ctrl+c", "ctrl+q", "ctrl+p", "ctrl+z", "ctrl+d", "ctrl+backslash", "escape"):
            await pilot.press(key)
        await pilot.press("tab", "shift+tab", "f1", "f10", "f12", "ctrl+s", "alt+f4")
        assert pilot.app.is_running
        assert view(pilot) == "welcome"
        assert tickets(config) == []
