"""Several matters, one ticket."""

from __future__ import annotations

from datetime import datetime

import msgspec
import pytest

from kiosk.tiles import Tile
from shared.config import Config, load_config
from shared.store import QueueStore
from tests.conftest import ROOT, HandClock
from tests.kiosk.pilot import (
    Kiosk,
    big,
    hold,
    kiosk,
    queues,
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
    with_kiosk,
)

MORNING = datetime(2026, 11, 24, 7, 0)  # noqa: DTZ001 – the centre's own time
"""The service point and the library are open; the others open at eight or nine."""


def chosen(pilot: Kiosk) -> list[int]:
    """The digits of the tiles that bear a mark."""
    marks = [text(tile.query_one(".mark")) for tile in pilot.app.query(Tile)]
    return [digit for digit, mark in enumerate(marks, start=1) if mark == "✓"]


async def test_one_number_stands_in_all_the_queues_chosen(
    config: Config, store: QueueStore, clock: HandClock
) -> None:
    async with kiosk(config, store, clock) as pilot:
        await strike(pilot, "f3", "f5", "4", "2", "1")
        assert "Choose all the services you need" in texts(pilot)
        assert chosen(pilot) == [1, 2, 4]
        await pilot.press("enter")
        await shows(pilot, "ticket")
        assert tickets(config) == [("B", 1, "maternity library service-point", "en")]
        assert big(pilot, "#number") == "B 001"


async def test_the_ticket_lists_each_queue_with_its_wait(
    config: Config, store: QueueStore, clock: HandClock
) -> None:
    await serve(store, clock, 5, 5, 5, 5)
    await take(store, 2)
    await take(store, 1, unit="social")
    async with kiosk(config, store, clock) as pilot:
        await strike(pilot, "f3", "f5", "2", "7", "3", "enter")
        await shows(pilot, "ticket")
        library, social, health = queues(pilot)
        assert library[0] == "Library"
        assert library[1].startswith("About ")
        assert library[2] == "2 ahead of you"
        assert social == ("Social services", "No counter is open", "1 ahead of you")
        assert health == ("Health centre", "No counter is open", "Next in line")
        await pilot.press("f1")
        assert [unit for unit, _, _ in queues(pilot)] == [
            "Kirjasto",
            "Sosiaalipalvelut",
            "Terveysasema",
        ]


async def test_it_works_by_touch_alone(config: Config, store: QueueStore, clock: HandClock) -> None:
    async with kiosk(config, store, clock) as pilot:
        await pilot.click("#several")
        for number in (0, 6):
            await pilot.click(pilot.app.query(Tile)[number])
        await pilot.click("#take")
        await shows(pilot, "ticket")
        assert tickets(config) == [("P", 1, "service-point social", "fi")]


async def test_it_works_by_arrows_and_enter_alone(
    config: Config, store: QueueStore, clock: HandClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shared.tui.guard.AGAIN", 0)  # nobody presses as quickly as this test
    async with kiosk(config, store, clock) as pilot:
        await strike(pilot, "down", "down", "down", "down", "right", "enter")
        await strike(pilot, "down", "enter", "right", "enter")
        assert chosen(pilot) == [1, 2]
        assert not pilot.app.query_one("#take .cap").visible  # Enter is for the tile
        await strike(pilot, "down", "down", "down")
        assert pilot.app.query_one("#take").has_focus
        assert pilot.app.query_one("#take .cap").visible
        await pilot.press("enter")
        await shows(pilot, "ticket")
        assert tickets(config) == [("P", 1, "service-point library", "fi")]


async def test_what_is_chosen_can_be_taken_back(
    config: Config, store: QueueStore, clock: HandClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shared.tui.guard.AGAIN", 0)  # else two taps on one tile would be one
    async with kiosk(config, store, clock) as pilot:
        await pilot.press("f5", "2")
        await pilot.click(pilot.app.query(Tile)[4])
        assert chosen(pilot) == [2, 5]
        await pilot.click(pilot.app.query(Tile)[4])
        assert chosen(pilot) == [2]
        await pilot.press("enter")
        await shows(pilot, "ticket")
        assert tickets(config) == [("K", 1, "library", "fi")]


async def test_nothing_chosen_gives_nothing(
    config: Config, store: QueueStore, clock: HandClock
) -> None:
    async with kiosk(config, store, clock) as pilot:
        await pilot.press("f5", "enter")
        assert not pilot.app.query_one("#take").visible
        assert view(pilot) == "welcome"
        await pilot.press("2")
        assert pilot.app.query_one("#take").visible
        assert tickets(config) == []


@pytest.mark.parametrize("way", ["escape", "tap"])
async def test_there_is_a_way_back(
    config: Config, store: QueueStore, clock: HandClock, way: str
) -> None:
    async with kiosk(config, store, clock) as pilot:
        await pilot.press("f5", "2", "4")
        await (pilot.click("Welcome Back") if way == "tap" else pilot.press(way))
        assert chosen(pilot) == []
        await pilot.press("1")  # one is enough again
        await shows(pilot, "ticket")
        assert tickets(config) == [("P", 1, "service-point", "fi")]


async def test_what_somebody_has_left_is_not_there_for_the_next(
    config: Config, store: QueueStore, clock: HandClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shared.tui.guard.AGAIN", 0)
    async with kiosk(config, store, clock) as pilot:
        await strike(pilot, "f3", "f5", "2", "4")
        assert chosen(pilot) == [2, 4]
        await walk_away(pilot)
        assert chosen(pilot) == []
        assert "Kosketa palvelua" in texts(pilot)
        await strike(pilot, "f5", "6", "enter")
        await shows(pilot, "ticket")
        assert tickets(config) == [("D", 1, "home-care", "fi")]


async def test_a_closed_unit_cannot_be_chosen_and_the_others_stay(
    config: Config, store: QueueStore, clock: HandClock
) -> None:
    clock.set(MORNING)
    async with kiosk(config, store, clock) as pilot:
        await strike(pilot, "f3", "f5", "2", "3")
        await shows(pilot, "notice")
        assert "Opens at 08:00" in texts(pilot)
        await pilot.press("enter")
        await shows(pilot, "welcome")
        assert chosen(pilot) == [2]
        await pilot.press("1")
        await pilot.click("#take")
        await shows(pilot, "ticket")
        assert tickets(config) == [("K", 1, "library service-point", "en")]


async def test_a_unit_that_closes_meanwhile_gives_no_ticket_and_can_be_taken_back(
    config: Config, store: QueueStore, clock: HandClock
) -> None:
    clock.set(datetime(2026, 11, 24, 15, 29))  # noqa: DTZ001 – the centre's own time
    async with kiosk(config, store, clock) as pilot:
        await strike(pilot, "f5", "1", "3")
        clock.set(datetime(2026, 11, 24, 15, 31))  # noqa: DTZ001
        await pilot.press("enter")
        await shows(pilot, "notice")
        assert tickets(config) == []
        await pilot.click("#done")
        assert chosen(pilot) == [1, 3]
        await take(store)  # something changes, and the kiosk looks
        await until(pilot, lambda: pilot.app.query(Tile)[2].has_class("-closed"))
        await pilot.click(pilot.app.query(Tile)[2])
        assert chosen(pilot) == [1]
        await pilot.click("#take")
        await shows(pilot, "ticket")
        assert tickets(config)[1:] == [("P", 1, "service-point", "fi")]


async def test_a_held_key_and_a_double_tap_give_one_number(
    config: Config, store: QueueStore, clock: HandClock
) -> None:
    async with kiosk(config, store, clock) as pilot:
        await strike(pilot, "f5", "1", "2")
        hold(pilot, "enter", seconds=5, since=1000)
        await shows(pilot, "ticket")
        assert view(pilot) == "ticket"
        await pilot.click("#done")
        await pilot.press("f5", "3")
        await pilot.click("#take", times=2)
        await shows(pilot, "ticket")
        assert view(pilot) == "ticket"
        assert len(tickets(config)) == 2


async def test_where_it_is_of_no_use_it_is_not_offered(
    config: Config, store: QueueStore, clock: HandClock
) -> None:
    one = msgspec.structs.replace(config, units=config.units[1:2], counters=config.counters[1:2])
    for without in (with_kiosk(config, several=False), one):
        async with kiosk(without, store, clock) as pilot:
            assert not pilot.app.query("#several")


async def test_units_of_several_pages_are_chosen_together(
    store: QueueStore, clock: HandClock
) -> None:
    hospital = with_kiosk(load_config(ROOT / "examples" / "hospital.toml"), several=True)
    async with kiosk(hospital, store, clock) as pilot:
        await strike(pilot, "f5", "1", "0", "2", "enter")
        await shows(pilot, "ticket")
        assert len(queues(pilot)) == 2
        assert [unit for unit, _, _ in queues(pilot)] == [
            hospital.units[number].name[hospital.centre.languages[0]] for number in (0, 10)
        ]
