"""The kiosk as a resident meets it: real app, real store; what is shown and what is stored."""

from __future__ import annotations

import re
import shutil
from datetime import datetime
from itertools import combinations, groupby
from pathlib import Path

import msgspec
import pytest
from rich.cells import cell_len

from kiosk.countdown import Countdown
from kiosk.target import Target
from kiosk.tiles import Tile, TileText
from shared.config import Config, load_config
from shared.door import door_code
from shared.store import QueueStore
from shared.tui.notices import OldData, TooSmall
from shared.tui.qr import QRCode
from tests.conftest import ROOT, HandClock
from tests.kiosk.pilot import (
    COUNTER,
    SIZES,
    Kiosk,
    big,
    book,
    facts,
    hold,
    kiosk,
    queues,
    rows,
    serve,
    shows,
    strike,
    take,
    text,
    texts,
    tickets,
    until,
    view,
    walk_away,
    with_code,
    with_kiosk,
    with_web,
)

# Taking a number


async def test_a_digit_gives_a_number_at_once(
    config: Config, store: QueueStore, clock: HandClock
) -> None:
    await take(store, 2)
    async with kiosk(config, store, clock) as pilot:
        await pilot.press("2")
        await shows(pilot, "ticket")
        assert tickets(config)[2:] == [("K", 3, "library", "fi")]
        assert big(pilot, "#number") == "K 003"
        [(unit, _, ahead)] = queues(pilot)
        assert (unit, ahead) == ("Kirjasto", "2 henkilöä ennen sinua")
        assert "10.42" in texts(pilot)


async def test_a_tap_gives_a_number(config: Config, store: QueueStore, clock: HandClock) -> None:
    async with kiosk(config, store, clock) as pilot:
        await pilot.click(pilot.app.query(Tile)[2])
        await shows(pilot, "ticket")
        assert tickets(config) == [("A", 1, "health", "fi")]
        assert big(pilot, "Queue .ahead") == "Olet seuraavana"


async def test_arrows_and_enter_give_a_number(
    config: Config, store: QueueStore, clock: HandClock
) -> None:
    async with kiosk(config, store, clock) as pilot:
        await pilot.press("down", "down", "right", "enter")
        await shows(pilot, "ticket")
        assert tickets(config) == [("B", 1, "maternity", "fi")]


async def test_a_digit_without_a_unit_gives_nothing(
    config: Config, store: QueueStore, clock: HandClock
) -> None:
    async with kiosk(config, store, clock) as pilot:
        await strike(pilot, "8", "9", "0", "enter", "a", "escape")
        assert view(pilot) == "welcome"
        assert tickets(config) == []


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
        assert view(pilot) == "ticket"
        assert len(tickets(config)) == 1


async def test_two_units_struck_at_once_give_one_number(
    config: Config, store: QueueStore, clock: HandClock
) -> None:
    async with kiosk(config, store, clock) as pilot:
        await strike(pilot, "1", "2", "3")
        await shows(pilot, "ticket")
        assert len(tickets(config)) == 1


# The ticket


@pytest.mark.parametrize(
    "address", ["https://vuoro.example.org", "https://www.vuoronumerot.example.org/palvelutori"]
)
async def test_number_queue_and_the_code_that_leads_to_the_ticket_are_side_by_side(
    config: Config, store: QueueStore, clock: HandClock, address: str
) -> None:
    config = with_web(config, address)
    async with kiosk(config, store, clock) as pilot:
        await pilot.press("2")
        await shows(pilot, "ticket")
        [(token,)] = rows(config, "SELECT token FROM ticket")
        assert pilot.app.query_one(QRCode).data == f"{address}/t/{token}"
        number, code = pilot.app.query_one("#number"), pilot.app.query_one(QRCode)
        assert number.region.right <= code.region.x
        assert code.region.bottom <= pilot.app.query_one(Countdown).region.y
        assert misplaced(pilot) == []
        said = texts(pilot).splitlines()
        assert {"Ei avointa tiskiä", "Olet seuraavana", "Seuraa vuoroasi puhelimella"} <= set(said)


@pytest.mark.parametrize("size", [(60, 52), (67, 110)])
async def test_where_it_is_narrow_the_code_is_beneath(
    config: Config, store: QueueStore, clock: HandClock, size: tuple[int, int]
) -> None:
    async with kiosk(with_web(config), store, clock, size) as pilot:
        await pilot.press("2")
        await shows(pilot, "ticket")
        invitation, code = pilot.app.query_one("#follow"), pilot.app.query_one(QRCode)
        assert "Seuraa vuoroasi puhelimella" in texts(pilot)
        assert invitation.region.bottom <= code.region.y
        assert misplaced(pilot) == []


@pytest.mark.parametrize("why", ["no address", "no room"])
async def test_without_an_address_or_room_there_is_no_code(
    config: Config, store: QueueStore, clock: HandClock, why: str
) -> None:
    at = (config, (80, 24)) if why == "no address" else (with_web(config), (60, 20))
    async with kiosk(at[0], store, clock, at[1]) as pilot:
        await pilot.press("2")
        await shows(pilot, "ticket")
        assert not pilot.app.query_one(QRCode).is_on_screen
        assert "puhelimella" not in texts(pilot)


async def test_it_goes_back_to_rest_by_itself(
    config: Config, store: QueueStore, clock: HandClock
) -> None:
    config = with_kiosk(config, ticket_seconds=2)
    async with kiosk(config, store, clock) as pilot:
        bar = pilot.app.query_one(Countdown)
        assert bar.left == 0
        await strike(pilot, "f2", "f9", "2")
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
        assert big(pilot, "Welcome .question") == question
        await pilot.press("2")
        await shows(pilot, "ticket")
        assert big(pilot, "Queue .ahead") == ahead
        assert tickets(config) == [("K", 1, "library", language)]


async def test_the_language_bar_can_be_touched_also_on_the_ticket(
    config: Config, store: QueueStore, clock: HandClock
) -> None:
    async with kiosk(config, store, clock) as pilot:
        await pilot.press("2")
        await shows(pilot, "ticket")
        await pilot.click("#language-en")
        assert big(pilot, "Queue .unit") == "Library"
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
        await pilot.press("f3")
        await store.open_counter(COUNTER)
        await until(pilot, lambda: facts(pilot, 2).endswith("No queue"))
        await take(store, 2)
        await until(pilot, lambda: facts(pilot, 2).endswith("2 waiting"))
        await store.call_next(COUNTER, config.counter(COUNTER).units)
        await until(pilot, lambda: facts(pilot, 2).endswith("1 waiting"))


async def test_tile_and_ticket_tell_how_long_the_wait_is(
    config: Config, store: QueueStore, clock: HandClock
) -> None:
    await serve(store, clock, 4, 5, 6, 5, 4, 6)
    await take(store, 3)
    async with kiosk(config, store, clock) as pilot:
        await pilot.press("f3")
        range_ = re.fullmatch(r"(About \d+–\d+ min)\W+3 waiting", facts(pilot, 2))
        assert range_
        await pilot.press("2")
        await shows(pilot, "ticket")
        assert queues(pilot) == [("Library", range_[1], "3 people ahead of you")]
        low, high = map(int, re.findall(r"\d+", range_[1]))
        [told] = rows(config, "SELECT told_low, told_high FROM errand WHERE told_low IS NOT NULL")
        assert told == (low * 60_000, high * 60_000)


async def test_a_tile_cuts_no_name_of_another_language_in_two(
    config: Config, store: QueueStore, clock: HandClock
) -> None:
    async with kiosk(config, store, clock) as pilot:
        for key in ("f1", "f2", "f3"):
            await pilot.press(key)
            for tile, unit in zip(pilot.app.query(TileText), config.units, strict=True):
                text = str(tile.render())
                assert max(map(cell_len, text.splitlines())) <= tile.content_size.width
                # Whole, and beside the one of the reader's language.
                said = " ".join(text.split())
                assert sum(name in said for name in unit.name.values()) >= 2


async def test_a_tile_tells_that_no_counter_is_open(
    config: Config, store: QueueStore, clock: HandClock
) -> None:
    async with kiosk(config, store, clock) as pilot:
        await pilot.press("f3")
        assert facts(pilot, 2).startswith("No counter is open")
        await store.open_counter(COUNTER)
        await until(pilot, lambda: facts(pilot, 2).startswith("Less than"))


# The lobby's code


async def test_the_lobbys_code_is_told_with_what_it_is_for(
    config: Config, store: QueueStore, clock: HandClock
) -> None:
    code = door_code(await store.door_secret(), clock.now())
    async with kiosk(with_code(with_web(config)), store, clock) as pilot:
        assert big(pilot, "#digits") == code
        assert big(pilot, "#purpose") == (
            "Koodi vuoronumeron ottamiseen puhelimella: vuoro.example.org"
        )
        await pilot.press("f2")
        assert big(pilot, "#purpose").startswith("Kod för att ta ett könummer med telefonen")


async def test_the_lobbys_code_changes_with_the_clock_also_while_the_store_is_away(
    config: Config, store: QueueStore, clock: HandClock
) -> None:
    secret = await store.door_secret()
    clock.set(clock.now().replace(minute=44, second=59, microsecond=500_000))
    async with kiosk(with_code(config), store, clock) as pilot:
        before = big(pilot, "#digits")
        Path(config.store.url.removeprefix("sqlite:")).unlink()
        clock.set(clock.now().replace(minute=45, second=0))
        await until(pilot, lambda: big(pilot, "#digits") != before)
        assert big(pilot, "#digits") == door_code(secret, clock.now())


@pytest.mark.parametrize("tickets", ["no", "anywhere"])
async def test_where_phones_need_no_code_there_is_none(
    config: Config, store: QueueStore, clock: HandClock, tickets: str
) -> None:
    web = msgspec.structs.replace(with_web(config).web, tickets=tickets)
    async with kiosk(msgspec.structs.replace(config, web=web), store, clock) as pilot:
        assert not pilot.app.query_one("#door").display


# Opening hours

MORNING = datetime(2026, 11, 24, 7, 0)  # noqa: DTZ001 – the centre's own time
"""The service point and the library are open; the others open at eight or nine."""


async def test_a_closed_unit_is_quiet_and_says_when_it_opens(
    config: Config, store: QueueStore, clock: HandClock
) -> None:
    clock.set(MORNING)
    await take(store, unit="health")
    async with kiosk(config, store, clock) as pilot:
        await pilot.press("f3")
        closed = [tile.has_class("-closed") for tile in pilot.app.query(Tile)]
        assert closed == [False, False, True, True, True, True, True]
        assert facts(pilot, 3) == "Opens at 08:00"
        assert facts(pilot, 6) == "Opens at 09:00"
        # It is not only another colour: a letter is for those who may take a ticket.
        letters = [tile.is_lettered for tile in pilot.app.query(TileText)]
        assert letters == [True, True, False, False, False, False, False]


@pytest.mark.parametrize("by", ["key", "tap", "focus"])
async def test_a_closed_unit_gives_no_ticket_and_explains_for_a_moment(
    config: Config, store: QueueStore, clock: HandClock, by: str
) -> None:
    clock.set(MORNING)
    async with kiosk(config, store, clock) as pilot:
        await pilot.press("f3")
        match by:
            case "key":
                await pilot.press("3")
            case "tap":
                await pilot.click(pilot.app.query(Tile)[2])
            case _:
                await strike(pilot, "down", "down", "enter")
        await shows(pilot, "notice")
        assert {"Health centre", "Opens at 08:00"} <= set(texts(pilot).splitlines())
        await pilot.press("f2")
        assert "Hälsostation" in texts(pilot)
        await walk_away(pilot)
        assert view(pilot) == "welcome"  # in the language of whoever is still here
        assert "Tryck på en tjänst" in texts(pilot)
        assert tickets(config) == []


@pytest.mark.parametrize("way", ["enter", "tap"])
async def test_a_notice_can_be_put_away(
    config: Config, store: QueueStore, clock: HandClock, way: str
) -> None:
    clock.set(MORNING)
    async with kiosk(config, store, clock) as pilot:
        await strike(pilot, "f3", "3")
        await shows(pilot, "notice")
        assert big(pilot, "#done") == "Enter Back"
        await (pilot.click("#done") if way == "tap" else pilot.press(way))
        await shows(pilot, "welcome")
        assert "Touch a service" in texts(pilot)  # in the language of whoever is here


async def test_a_unit_opens_with_the_clock(
    config: Config, store: QueueStore, clock: HandClock
) -> None:
    clock.set(MORNING.replace(minute=59, second=58))
    async with kiosk(config, store, clock) as pilot:
        assert pilot.app.query(Tile)[2].has_class("-closed")
        clock.set(MORNING.replace(hour=8))
        await until(pilot, lambda: not pilot.app.query(Tile)[2].has_class("-closed"))
        await pilot.press("3")
        await shows(pilot, "ticket")


async def test_a_unit_that_has_closed_meanwhile_gives_no_ticket(
    config: Config, store: QueueStore, clock: HandClock
) -> None:
    async with kiosk(config, store, clock) as pilot:
        clock.set(datetime(2026, 11, 24, 15, 31))  # noqa: DTZ001 – the centre's own time
        assert not pilot.app.query(Tile)[2].has_class("-closed")  # it has not looked yet
        await pilot.press("f3", "3")
        await shows(pilot, "notice")
        assert "Closed at the moment" in texts(pilot)
        assert tickets(config) == []


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
        assert tickets(config) == [("P", 1, "service-point", "en")]


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


@pytest.mark.parametrize("size", [(60, 20), (80, 24), (160, 50)])
async def test_names_are_shown_as_they_are(
    config: Config, store: QueueStore, clock: HandClock, size: tuple[int, int]
) -> None:
    units = [
        msgspec.structs.replace(unit, name=dict.fromkeys(config.centre.languages, name))
        for unit, name in zip(config.units, NAMES, strict=False)
    ]
    config = msgspec.structs.replace(config, units=(*units, *config.units[len(units) :]))
    async with kiosk(config, store, clock, size) as pilot:
        said = texts(pilot).splitlines()
        assert [name for name in NAMES if name not in said] == []
        await strike(pilot, "f5", "1", "2", "3", "4", "enter")
        await shows(pilot, "ticket")
        assert [unit for unit, _, _ in queues(pilot)] == NAMES


VIEWS = {
    "ticket for all": ["f5", *"1234567", "enter"],
    "ticket": ["2"],
    "welcome": ["f7", "1"],
    "several": ["f5", "2", "4"],
    "reasons": ["f7"],
    "code": ["f6", "a", "1"],
    "places": ["f6", "#forgotten"],
    "times": ["f6", "#forgotten", "1"],
}
"""What is pressed, or tapped on, from the welcome on."""


def misplaced(pilot: Kiosk) -> list[object]:
    """What is cut off or squeezed, and what of what can be touched overlaps or is too small."""
    screen = pilot.app.screen
    said = [
        widget
        for widget in screen.query("BigText, Static")
        if widget.visible and widget.is_on_screen and text(widget)
    ]
    targets = [each for each in screen.focus_chain if isinstance(each, Target)]
    return [
        *(each for each in (*said, *targets) if not screen.region.contains_region(each.region)),
        # Names in other languages have what the rest leaves.
        *(each for each in said if not each.region.size and not each.has_class("others")),
        *(each for each in targets if each.region.width < 3 or each.region.height < 1),
        *(each for each in targets if isinstance(each, Tile) and each.region.height < 2),
        *(pair for pair in combinations(targets, 2) if pair[0].region.overlaps(pair[1].region)),
    ]


async def go_to(pilot: Kiosk, name: str) -> None:
    """Go to a view, from the welcome."""
    for tapped, presses in groupby(VIEWS[name], lambda press: press.startswith("#")):
        if tapped:
            for press in presses:
                await pilot.click(press)
        else:
            await strike(pilot, *presses)
    if name.startswith("ticket"):
        await shows(pilot, "ticket")


@pytest.mark.parametrize("size", SIZES)
async def test_everything_has_its_place_at_every_size(
    config: Config,
    store: QueueStore,
    clock: HandClock,
    size: tuple[int, int],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("shared.tui.guard.AGAIN", 0)
    await book(store, clock, "health", **{f"A{each}": 15 * each for each in range(10)})
    async with kiosk(with_code(with_web(config)), store, clock, size) as pilot:
        assert misplaced(pilot) == []
        for name in VIEWS:
            await go_to(pilot, name)
            assert misplaced(pilot) == [], name
            if name == "ticket for all":
                listed = [unit for unit, _, _ in queues(pilot)]
                assert listed == [unit.name["fi"] for unit in config.units]
                number, code = pilot.app.query_one("#number"), pilot.app.query_one(QRCode)
                assert number.region.height >= 3
                assert not number.region.overlaps(code.region)
            await walk_away(pilot)


@pytest.mark.parametrize("name", ["welcome", "ticket for all", "code"])
async def test_everything_has_its_place_when_the_window_changes(
    config: Config, store: QueueStore, clock: HandClock, name: str
) -> None:
    await book(store, clock, "health", **{f"A{each}": 15 * each for each in range(10)})
    config = with_code(with_web(with_kiosk(config, ticket_seconds=600)))
    async with kiosk(config, store, clock) as pilot:
        await go_to(pilot, name)
        for size in SIZES:
            await pilot.resize_terminal(*size)
            await pilot.pause()
            assert pilot.app.screen.size == size
            assert misplaced(pilot) == [], size


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
    async with kiosk(with_web(config), store, clock) as pilot:
        await pilot.press("2")
        await shows(pilot, "ticket")
        bar = pilot.app.query_one(Countdown)
        await pilot.resize_terminal(40, 10)
        await until(pilot, lambda: isinstance(pilot.app.screen, TooSmall))
        bar.left = 1
        await until(pilot, lambda: not bar.running)
        assert not pilot.app.default_screen.query_one("#ticket").display
        await pilot.resize_terminal(67, 110)
        await until(pilot, lambda: not isinstance(pilot.app.screen, TooSmall))
        assert not pilot.app.query_one("#done").display
        await pilot.press("3")
        await shows(pilot, "ticket")
        number, code = pilot.app.query_one("#number"), pilot.app.query_one(QRCode)
        await until(pilot, lambda: number.region.bottom <= code.region.y)  # one above the other


async def test_no_key_leads_out(config: Config, store: QueueStore, clock: HandClock) -> None:
    async with kiosk(config, store, clock) as pilot:
        await strike(pilot, "ctrl+c", "ctrl+q", "ctrl+p", "ctrl+z", "ctrl+d", "ctrl+backslash")
        await strike(pilot, "escape", "tab", "shift+tab", "f1", "f10", "f12", "ctrl+s", "alt+f4")
        assert pilot.app.is_running
        assert view(pilot) == "welcome"
        assert tickets(config) == []
