"""A reason to be called sooner."""

from __future__ import annotations

import msgspec
import pytest

from shared.config import Config
from shared.model import UnitId
from shared.store import QueueStore
from tests.conftest import HandClock
from tests.kiosk.pilot import (
    COUNTER,
    Kiosk,
    big,
    facts,
    kiosk,
    rows,
    serve,
    shows,
    strike,
    take,
    texts,
    tickets,
    until,
    view,
    walk_away,
)


def granted(pilot: Kiosk) -> str | None:
    """What stands above the tiles of a reason to be called sooner."""
    return big(pilot, "#granted") if pilot.app.query_one("#granted").display else None


async def test_a_reason_stands_above_the_tiles_and_goes_with_the_ticket(
    config: Config, store: QueueStore, clock: HandClock
) -> None:
    await take(store, 3)
    clock.advance(minutes=5)
    async with kiosk(config, store, clock) as pilot:
        await pilot.press("f3", "f7")
        await shows(pilot, "question")
        assert "With an infant" in texts(pilot)
        assert "Urgent" not in texts(pilot)  # that is for the staff to say
        await pilot.press("1")
        await shows(pilot, "welcome")
        assert granted(pilot) == "✓ With an infant"
        await pilot.press("f2")
        assert granted(pilot) == "✓ Med spädbarn"
        await pilot.press("2")
        await shows(pilot, "ticket")
        assert rows(config, "SELECT priority FROM ticket")[3:] == [("infant",)]
        assert big(pilot, "Queue .ahead") == "Du är näst på tur"
        await pilot.press("enter")
        assert granted(pilot) is None  # the next one has a reason of their own, or none
        await pilot.press("3")
        await shows(pilot, "ticket")
        assert rows(config, "SELECT priority FROM ticket")[4:] == [(None,)]


async def test_with_a_reason_the_tiles_tell_the_shorter_wait(
    config: Config, store: QueueStore, clock: HandClock
) -> None:
    await serve(store, clock, 10, 10, 10)
    await take(store, 6)
    clock.advance(minutes=5)
    await take(store, 3)
    await store.call_next(COUNTER, [UnitId("library")])
    clock.advance(minutes=10)
    async with kiosk(config, store, clock) as pilot:
        usual = facts(pilot, 2)
        assert "min" in usual
        await pilot.press("f7", "1")
        await until(pilot, lambda: facts(pilot, 2) != usual)
        sooner = facts(pilot, 2)
        await pilot.press("2")
        await shows(pilot, "ticket")
        assert big(pilot, "Queue .wait") in sooner  # it is what the ticket says
        await pilot.press("enter")
        await until(pilot, lambda: facts(pilot, 2) not in {usual, sooner})  # one more waits


async def test_a_reason_by_touch(config: Config, store: QueueStore, clock: HandClock) -> None:
    async with kiosk(config, store, clock) as pilot:
        await pilot.click("#sooner")
        await pilot.click("#question Choice")
        assert granted(pilot) == "✓ Vauvan kanssa"


async def test_a_reason_by_arrows_and_enter(
    config: Config, store: QueueStore, clock: HandClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shared.tui.guard.AGAIN", 0)  # nobody presses as quickly as this test
    async with kiosk(config, store, clock) as pilot:
        await pilot.press("f7")
        await strike(pilot, "down", "down", "enter")
        assert granted(pilot) == "✓ Liikkuminen on vaikeaa"


async def test_a_reason_can_be_changed_and_taken_back(
    config: Config, store: QueueStore, clock: HandClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shared.tui.guard.AGAIN", 0)  # else two taps at one spot would be one
    async with kiosk(config, store, clock) as pilot:
        await pilot.press("f7", "1")
        await pilot.click("#sooner")
        marks = [mark.display for mark in pilot.app.query("#question Answers .mark")]
        assert marks[:2] == [True, False]
        await pilot.press("2")
        assert granted(pilot) == "✓ Liikkuminen on vaikeaa"
        await pilot.click("#sooner")
        await pilot.click(list(pilot.app.query("#question Choice"))[1])
        assert granted(pilot) is None


async def test_escape_leads_back_without_a_reason(
    config: Config, store: QueueStore, clock: HandClock
) -> None:
    async with kiosk(config, store, clock) as pilot:
        await pilot.press("f7", "escape")
        await shows(pilot, "welcome")
        assert granted(pilot) is None


async def test_a_reason_that_somebody_has_left_is_not_there_for_the_next(
    config: Config, store: QueueStore, clock: HandClock
) -> None:
    async with kiosk(config, store, clock) as pilot:
        await strike(pilot, "f7", "1")
        assert granted(pilot)
        await walk_away(pilot)
        assert granted(pilot) is None
        await pilot.click("#sooner")
        await shows(pilot, "question")
        await walk_away(pilot)
        assert view(pilot) == "welcome"


async def test_a_reason_holds_for_several_matters(
    config: Config, store: QueueStore, clock: HandClock
) -> None:
    async with kiosk(config, store, clock) as pilot:
        await strike(pilot, "f7", "1", "f5")
        assert granted(pilot)
        await pilot.press("2", "3")
        await pilot.click("#take")
        await shows(pilot, "ticket")
        assert tickets(config) == [("K", 1, "library health", "fi")]
        assert rows(config, "SELECT priority FROM errand") == [("infant",), ("infant",)]


async def test_where_residents_choose_none_none_is_offered(
    config: Config, store: QueueStore, clock: HandClock
) -> None:
    config = msgspec.structs.replace(config, priorities=config.priorities[-1:])
    async with kiosk(config, store, clock) as pilot:
        assert not pilot.app.query("#sooner")
        await pilot.press("f7")
        assert view(pilot) == "welcome"
