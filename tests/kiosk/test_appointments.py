"""Checking in for an appointment."""

from __future__ import annotations

from datetime import timedelta

import msgspec
import pytest

from kiosk.keypad import Letter
from shared.config import Config
from shared.model import LONGEST_CODE, Appointment, UnitId
from shared.store import QueueStore
from tests.conftest import HandClock
from tests.kiosk.pilot import (
    Kiosk,
    big,
    book,
    kiosk,
    queues,
    rows,
    shows,
    strike,
    texts,
    tickets,
    until,
    view,
    walk_away,
    with_kiosk,
)


def letter(pilot: Kiosk, key: str) -> Letter:
    return next(each for each in pilot.app.query(Letter) if each.key == key)


async def test_a_code_on_the_keyboard_gives_a_number(
    config: Config, store: QueueStore, clock: HandClock
) -> None:
    await book(store, clock, "health", AB112=-12)
    async with kiosk(config, store, clock) as pilot:
        await strike(pilot, "f3", "f6")
        await strike(pilot, "a", "B", "1", "1", "2")
        assert big(pilot, "#entered") == "AB112"
        await pilot.press("enter")
        await shows(pilot, "ticket")
        assert tickets(config) == [("A", 1, "health", "en")]
        assert queues(pilot) == [("Health centre", "Your appointment is at 10:30", "")]
        assert rows(config, "SELECT appointment FROM ticket") == [("AB112",)]
        await pilot.press("f1")
        assert "10.30" in big(pilot, "Queue .wait")


async def test_a_code_by_touch_gives_a_number(
    config: Config, store: QueueStore, clock: HandClock
) -> None:
    await book(store, clock, "dental", AA9=0)
    async with kiosk(config, store, clock) as pilot:
        await pilot.click("#booked")
        for key in ("a", "a", "backspace", "a", "9"):
            await pilot.click(letter(pilot, key))
        assert big(pilot, "#entered") == "AA9"
        await pilot.click("#enter")
        await shows(pilot, "ticket")
        assert tickets(config) == [("C", 1, "dental", "fi")]


async def test_a_code_by_arrows_and_enter_gives_a_number(
    config: Config, store: QueueStore, clock: HandClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shared.tui.guard.AGAIN", 0)  # nobody presses as quickly as this test
    await book(store, clock, "dental", **{"2B": 0})
    async with kiosk(config, store, clock) as pilot:
        await pilot.press("f6")
        await strike(pilot, "down", "right", "enter", "down", "enter")
        assert big(pilot, "#entered") == "2B"
        await strike(pilot, "down", "down", "right", "right", "enter")
        await shows(pilot, "ticket")
        assert len(tickets(config)) == 1


async def test_the_second_of_two_taps_types_nothing(
    config: Config, store: QueueStore, clock: HandClock
) -> None:
    async with kiosk(config, store, clock) as pilot:
        await pilot.click("#booked", times=2)
        await shows(pilot, "code")
        assert big(pilot, "#entered") == ""


async def test_a_code_has_an_end(config: Config, store: QueueStore, clock: HandClock) -> None:
    async with kiosk(config, store, clock) as pilot:
        await pilot.press("f6")
        await strike(pilot, *("7" * (LONGEST_CODE + 5)))
        assert big(pilot, "#entered") == "7" * LONGEST_CODE


async def test_nothing_entered_is_not_sent(
    config: Config, store: QueueStore, clock: HandClock
) -> None:
    async with kiosk(config, store, clock) as pilot:
        await pilot.press("f6")
        await strike(pilot, "enter", "a", "backspace", "backspace")
        assert not pilot.app.query_one("#enter").visible
        assert view(pilot) == "code"


# Without a code


async def test_whoever_has_no_code_chooses_unit_and_time(
    config: Config, store: QueueStore, clock: HandClock
) -> None:
    await book(store, clock, "health", A1=18, A2=48)
    await book(store, clock, "dental", C1=18, C2=33, C3=33)
    async with kiosk(config, store, clock) as pilot:
        await pilot.press("f3", "f6")
        await pilot.click("#forgotten")
        await shows(pilot, "question")
        said = texts(pilot)
        assert "Health centre" in said
        assert "Dental clinic" in said
        assert "Library" not in said
        await pilot.press("2")
        assert {"11:00", "11:15"} <= set(texts(pilot).splitlines())
        assert "11:30" not in texts(pilot)
        assert "C2" not in texts(pilot)
        await pilot.press("f1")
        assert "11.15" in texts(pilot)
        await pilot.click("#language-en")
        await pilot.click("#question Choice")  # the first
        await shows(pilot, "ticket")
        assert queues(pilot) == [("Dental clinic", "Your appointment is at 11:00", "")]
        assert rows(config, "SELECT appointment FROM ticket") == [("C1",)]


async def test_a_time_that_is_taken_is_no_longer_offered(
    config: Config, store: QueueStore, clock: HandClock
) -> None:
    await book(store, clock, "health", A1=18)
    async with kiosk(config, store, clock) as pilot:
        await pilot.press("f6")
        assert pilot.app.query_one("#forgotten").visible
        await store.check_in(await store.appointment("A1"), series="A", language="fi")
        await until(pilot, lambda: not pilot.app.query_one("#forgotten").visible)


async def test_times_long_ago_come_last_and_more_than_nine_page(
    config: Config, store: QueueStore, clock: HandClock
) -> None:
    await book(store, clock, "health", **{f"A{number}": 15 * number - 60 for number in range(12)})
    async with kiosk(config, store, clock) as pilot:
        await pilot.press("f3", "f6")
        await pilot.click("#forgotten")
        await pilot.press("1")
        shown = [text for text in texts(pilot).splitlines() if ":" in text and len(text) == 5]
        assert shown[0] == "10:12"  # half an hour late
        assert len(shown) == 9
        await pilot.press("0")
        shown = [text for text in texts(pilot).splitlines() if ":" in text and len(text) == 5]
        assert shown == ["12:27", "09:42", "09:57"]
        await pilot.press("3")
        await shows(pilot, "ticket")
        assert rows(config, "SELECT appointment FROM ticket") == [("A1",)]


# Codes that are no use


async def test_a_code_that_is_no_use_is_answered_kindly_and_can_be_mended(
    config: Config, store: QueueStore, clock: HandClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shared.tui.guard.AGAIN", 0)
    await book(store, clock, "health", GOOD=10, USED=20, GONE=30, LATER=24 * 60)
    await store.import_appointments(
        [],
        [Appointment(code="GONE", unit=UnitId("health"), at=clock.now() + timedelta(minutes=30))],
    )
    await store.check_in(await store.appointment("USED"), series="A", language="fi")
    answers = {
        "gooo": ("This code is not known", "GOOO"),
        "used": ("This appointment has been used", "USED"),
        "gone": ("This appointment was cancelled", "GONE"),
        "later": ("This appointment is not for today", "Wed 25/11"),
    }
    async with kiosk(config, store, clock) as pilot:
        for code, (title, detail) in answers.items():
            await strike(pilot, "f3", "f6")
            assert big(pilot, "#entered") == ""
            await strike(pilot, *code, "enter")
            await shows(pilot, "notice")
            assert title in texts(pilot)
            assert detail in texts(pilot)
            await pilot.press("f2")
            assert title not in texts(pilot)  # it speaks Swedish too
            await pilot.click("#done")
            await shows(pilot, "code")
            assert big(pilot, "#entered") == code.upper()
            await strike(pilot, *["backspace"] * 5, "escape")
            await shows(pilot, "welcome")
        await strike(pilot, "f6", *"gooo", "enter")
        await shows(pilot, "notice")
        await strike(pilot, "enter", "backspace", "backspace", *"od", "enter")
        await shows(pilot, "ticket")
    assert len(tickets(config)) == 2


async def test_where_the_unit_was_taken_out_the_staff_know_more(
    config: Config, store: QueueStore, clock: HandClock
) -> None:
    await book(store, clock, "health", A1B2=18)
    units = tuple(unit for unit in config.units if unit.id != "health")
    async with kiosk(msgspec.structs.replace(config, units=units), store, clock) as pilot:
        await strike(pilot, "f2", "f6", *"a1b2", "enter")
        await shows(pilot, "notice")
        assert "Fråga personalen." in texts(pilot)
        assert tickets(config) == []


async def test_somebody_else_was_quicker(
    config: Config, store: QueueStore, clock: HandClock
) -> None:
    await book(store, clock, "health", A1=18)
    async with kiosk(config, store, clock) as pilot:
        await pilot.press("f3", "f6")
        await pilot.click("#forgotten")
        await pilot.press("1")
        await store.check_in(await store.appointment("A1"), series="A", language="fi")
        await pilot.click("#question Choice")
        await shows(pilot, "notice")
        assert "This appointment has been used" in texts(pilot)
        await pilot.press("enter")
        await shows(pilot, "code")
        assert len(tickets(config)) == 1


async def test_a_code_can_be_used_while_the_unit_gives_no_tickets(
    config: Config, store: QueueStore, clock: HandClock
) -> None:
    clock.set(clock.now().replace(hour=7, minute=55))
    await book(store, clock, "health", EARLY=20)
    async with kiosk(config, store, clock) as pilot:
        await strike(pilot, "f6", *"early", "enter")
        await shows(pilot, "ticket")
        assert tickets(config) == [("A", 1, "health", "fi")]


# The way back


async def test_each_step_leads_back_to_the_one_before(
    config: Config, store: QueueStore, clock: HandClock
) -> None:
    await book(store, clock, "health", A1=18)
    async with kiosk(config, store, clock) as pilot:
        await pilot.press("f6")
        await pilot.click("#forgotten")
        await pilot.press("1")
        await pilot.press("escape")
        await shows(pilot, "code")
        await pilot.click("Code Back")
        await shows(pilot, "welcome")


async def test_a_code_that_somebody_has_left_is_not_there_for_the_next(
    config: Config, store: QueueStore, clock: HandClock
) -> None:
    await book(store, clock, "health", A1=18)
    async with kiosk(config, store, clock) as pilot:
        await strike(pilot, "f6", "a")
        await walk_away(pilot)
        assert view(pilot) == "welcome"
        await pilot.click("#booked")
        assert big(pilot, "#entered") == ""
        await pilot.click("#forgotten")
        await shows(pilot, "question")
        await walk_away(pilot)
        assert view(pilot) == "welcome"


async def test_where_it_is_not_configured_it_is_not_offered(
    config: Config, store: QueueStore, clock: HandClock
) -> None:
    async with kiosk(with_kiosk(config, appointments=False), store, clock) as pilot:
        assert not pilot.app.query("#booked")
        await strike(pilot, "f6", "f5", "f7", "a", "1")
        assert view(pilot) != "code"
