"""The console: what each key does to the queue, and what is shown of it."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest
from textual.containers import VerticalScroll

from shared.config import Config
from shared.model import CounterId, Desk, State, UnitId
from shared.store import QueueStore
from staff.counter import CounterView
from staff.queue import Queue
from tests.conftest import HandClock
from tests.staff.conftest import Console, OpenConsole, give, give_one, kept_waiting, speaking

THREE = CounterId("3")


async def desk(store: QueueStore, config: Config, counter: str = "3") -> Desk:
    at = config.counter(counter)
    return await store.desk(at.id, at.units)


def chosen(at: Console) -> str | None:
    errand = at.app.query_one(Queue).errand
    return errand.label if errand else None


async def state(store: QueueStore, config: Config) -> tuple[str, State] | None:
    current = (await desk(store, config)).current
    return (current.label, current.state) if current else None


def rows(config: Config, query: str) -> list[tuple[object, ...]]:
    """Ask the queue's file itself."""
    path = Path(config.store.url.removeprefix("sqlite:"))
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(query).fetchall()


def calls(config: Config) -> list[tuple[object, ...]]:
    """Return number and counter of each call so far."""
    return rows(
        config,
        """
        SELECT series || ' ' || number, journal.counter
        FROM journal JOIN errand ON errand.id = errand JOIN ticket ON ticket.id = ticket
        WHERE journal.state = 'called' ORDER BY journal.id
        """,
    )


# The keys


async def test_next_calls_the_first_in_the_queue(
    console: OpenConsole, store: QueueStore, config: Config
) -> None:
    await give(store, config, "library", "social")
    async with console() as at:
        await at.shows("Counter 3", "Nobody is at the counter", "2 people are waiting", "E  001")
        await at.press("n")
        await at.shows("Called", "since 10:42", "Called once", "1 person is waiting")
        assert await state(store, config) == ("K 001", State.CALLED)
        assert calls(config) == [("K 1", "3")]
        await at.hides("E  001")  # it is the next one now


async def test_next_ends_the_current_one_in_the_same_step(
    console: OpenConsole, store: QueueStore, config: Config
) -> None:
    await give(store, config, "library", "social")
    async with console() as at:
        await at.press("n")
        await at.shows("1 person is waiting")
        await at.press("n")
        await at.shows("Nobody is waiting", "E 001")
        assert await state(store, config) == ("E 001", State.CALLED)
        assert rows(config, "SELECT state FROM errand ORDER BY id") == [("served",), ("called",)]


async def test_recall_calls_the_same_one_again(
    console: OpenConsole, store: QueueStore, config: Config, clock: HandClock
) -> None:
    await give(store, config, "library")
    async with console() as at:
        await at.press("n")
        await at.shows("Called once")
        clock.advance(minutes=1)
        await at.press("r")
        await at.shows("Called 2 times", "since 10:43")
        assert calls(config) == [("K 1", "3"), ("K 1", "3")]


async def test_start_and_finish(console: OpenConsole, store: QueueStore, config: Config) -> None:
    await give(store, config, "library", "library")
    async with console() as at:
        await at.press("n")
        await at.shows("Called")
        await at.press("s")
        await at.shows("Being served")
        assert await state(store, config) == ("K 001", State.SERVING)
        await at.press("f")
        await at.shows("Nobody is at the counter", "1 person is waiting")
        assert await state(store, config) is None
        assert rows(config, "SELECT state FROM errand ORDER BY id") == [("served",), ("waiting",)]


@pytest.mark.parametrize(
    ("answer", "ends"), [("enter", False), ("escape", False), ("n", False), ("y", True)]
)
async def test_finishing_somebody_whose_service_has_not_begun_asks(
    console: OpenConsole, store: QueueStore, config: Config, answer: str, *, ends: bool
) -> None:
    await give_one(store, config, "library", "health")
    async with console() as at:
        await at.press("n")
        await at.shows("Called once")
        await at.press("f")
        await at.shows(
            "K 001 has only been called: finish it?",
            "Called once. It still waits: Health centre.",
            "n  Not yet",
            "y  Finish",
        )
        await at.press(answer)
        await at.shows("Nobody is at the counter" if ends else "Called once")
        states = rows(config, "SELECT state FROM errand ORDER BY id")
        assert states == [("served" if ends else "called",), ("waiting",)]


async def test_somebody_who_asks_for_more_time_when_called_is_told_to_wait_again(
    console: OpenConsole, store: QueueStore, config: Config
) -> None:
    ticket = await give_one(store, config, "library")
    await give(store, config, "library")
    async with console() as at:
        await at.press("n")
        await at.shows("Called once")
        await store.put_off(ticket.token, by=timedelta(minutes=5), times=2)
        await at.shows("K 001 needs more time, and waits again.", "Nobody is at the counter")
        await at.shows("2 people are waiting", "K  001", "asked for more time")


async def test_no_show_after_a_recall_ends_the_ticket(
    console: OpenConsole, store: QueueStore, config: Config
) -> None:
    await give(store, config, "library")
    async with console() as at:
        await at.press("n")
        await at.shows("Called once")
        assert "x ends it" not in at.text
        await at.press("r")
        await at.shows("Called 2 times", "x ends it as a no-show")
        await at.press("x")
        await at.shows("Nobody is at the counter", "Nobody is waiting")
        assert rows(config, "SELECT state FROM errand") == [("no_show",)]


@pytest.mark.parametrize(
    ("answer", "ends"), [("enter", False), ("escape", False), ("n", False), ("y", True)]
)
async def test_no_show_of_somebody_called_once_asks(
    console: OpenConsole, store: QueueStore, config: Config, answer: str, *, ends: bool
) -> None:
    await give(store, config, "library")
    async with console() as at:
        await at.press("n")
        await at.shows("Called once")
        await at.press("x")
        await at.shows("End K 001 as a no-show?", "Called once.", "n  Not yet", "y  End it")
        await at.press(answer)
        await at.shows("Nobody is at the counter" if ends else "Called once")
        state = "no_show" if ends else "called"
        assert rows(config, "SELECT state FROM errand") == [(state,)]


async def test_no_show_asks_when_the_ticket_waits_elsewhere_too(
    console: OpenConsole, store: QueueStore, config: Config
) -> None:
    await give_one(store, config, "library", "health", "dental")
    async with console() as at:
        await at.press("n")
        await at.shows("Called once", "also: Health centre · Dental clinic")
        await at.press("r")
        await at.shows("Called 2 times")
        await at.press("x")
        await at.shows("Called 2 times. It still waits: Health centre · Dental clinic.")
        await at.press("y")
        await at.shows("Nobody is at the counter")
        states = rows(config, "SELECT state FROM errand ORDER BY id")
        assert states == [("no_show",), ("waiting",), ("waiting",)]


async def test_the_centre_says_how_many_recalls_are_enough(
    console: OpenConsole, store: QueueStore, config: Config
) -> None:
    await give(store, config, "library", "library")
    hasty = msgspec.structs.replace(config, staff=msgspec.structs.replace(config.staff, recalls=0))
    async with console(config=hasty) as at:
        await at.press("n")
        await at.shows("Called once", "x ends it as a no-show")
        await at.press("x")
        await at.shows("Nobody is at the counter")
        assert rows(config, "SELECT state FROM errand") == [("no_show",), ("waiting",)]


async def test_to_the_back_lets_somebody_wait_again_behind_the_others(
    console: OpenConsole, store: QueueStore, config: Config, clock: HandClock
) -> None:
    await give(store, config, "library", "library", "library")
    clock.advance(minutes=1)
    async with console() as at:
        await at.press("n")
        await at.shows("Called")
        await at.press("k")
        await at.shows("Nobody is at the counter", "K 001 waits again, behind the others.")
        assert [each.label for each in (await desk(store, config)).waiting] == [
            "K 002",
            "K 003",
            "K 001",
        ]


async def test_without_anyone_at_the_counter_a_key_says_why_it_does_nothing(
    console: OpenConsole, store: QueueStore, config: Config
) -> None:
    await give(store, config, "library")
    before = rows(config, "SELECT * FROM errand")
    async with console() as at:
        for key in ("r", "s", "f", "x", "k"):
            await at.press(key)
            await at.shows("Nobody is at the counter. Call the next one first.")
            assert rows(config, "SELECT * FROM errand") == before
            await at.press("escape")
            await at.hides("Call the next one first.")


async def test_during_the_service_a_key_says_why_it_does_nothing(
    console: OpenConsole, store: QueueStore, config: Config
) -> None:
    await give(store, config, "library")
    async with console() as at:
        await at.press("n")
        await at.shows("Called")
        await at.press("s")
        await at.shows("Being served")
        before = rows(config, "SELECT * FROM errand")
        for key in ("r", "s", "x", "k"):
            await at.press(key)
            await at.shows("K 001 is being served at counter 3. Finish, or call the next one.")
            assert rows(config, "SELECT * FROM errand") == before
            await at.press("escape")
            await at.hides("K 001 is being served")


async def test_that_nobody_waits_is_said_calmly(
    console: OpenConsole, store: QueueStore, config: Config
) -> None:
    await give(store, config, "library")
    async with console() as at:
        await at.press("n")
        await at.shows("Called")
        await at.press("n")
        await at.shows("Nobody is waiting. Call again when someone has taken a number.")
        assert rows(config, "SELECT state FROM errand") == [("served",)]
        assert len(calls(config)) == 1


async def test_a_line_goes_by_itself(console: OpenConsole, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("staff.notice.SECONDS", 0.3)
    async with console() as at:
        await at.press("r")
        await at.shows("Call the next one first.")
        await at.hides("Call the next one first.")


async def test_keys_that_make_no_sense_are_quiet(
    console: OpenConsole, store: QueueStore, config: Config, clock: HandClock
) -> None:
    def sensible(at: Console) -> str:
        keys = at.app.query_one(CounterView).keys_now()
        return " ".join(key.cap for key in keys if key.sensible)

    async with console() as at:
        await at.shows("Nobody is waiting", "n Next", "x No-show", "l Gave up", "q Leave")
        assert sensible(at) == "b w"
        await give(store, config, "library", "library")
        await at.shows("2 people are waiting")
        assert sensible(at) == "n b w"
        await at.press("down")
        assert sensible(at) == "n t p Enter h l b w"
        await at.press("escape", "n")
        await at.shows("Called")
        assert sensible(at) == "n r s f x k t p u b w"
        await at.press("s")
        await at.shows("Being served")
        assert sensible(at) == "n f t p u b w"
        clock.advance(minutes=3)
        at.app.minute()
        assert sensible(at) == "n f t p b w"


# Two at one counter: a push button, and a console that has not heard of it yet


async def test_a_key_never_hits_somebody_who_was_called_meanwhile(
    console: OpenConsole, store: QueueStore, config: Config
) -> None:
    await give(store, config, "library", "library", "library")
    async with console() as at:
        await at.press("n")
        await at.shows("Called once")
        await at.press("r")
        await at.shows("Called 2 times")
        at.freeze()
        await store.call_next(THREE, [UnitId("library")])
        before = rows(config, "SELECT * FROM errand")
        for keys in ("n", "r", "s", "fy", "x", "k"):
            await at.press(*keys)
            await at.shows("Counter 3 has K 002 by now. Look who is there now")
            assert rows(config, "SELECT * FROM errand") == before
            await at.press("escape")
            await at.hides("Look who is there now")


async def test_a_key_with_nobody_in_sight_does_nothing(
    console: OpenConsole, store: QueueStore, config: Config
) -> None:
    await give(store, config, "library")
    async with console() as at:
        await at.shows("1 person is waiting")
        at.freeze()
        await store.call_next(THREE, [UnitId("library")])
        for key in ("r", "s", "f", "x", "k"):
            await at.press(key)
            await at.shows("Nobody is at the counter. Call the next one first.")
            assert await state(store, config) == ("K 001", State.CALLED)
            await at.press("escape")
            await at.hides("Call the next one first.")


async def test_to_call_with_nobody_in_sight_ends_nobody_who_has_come_there_meanwhile(
    console: OpenConsole, store: QueueStore, config: Config
) -> None:
    await give(store, config, "library", "library")
    async with console() as at:
        await at.shows("2 people are waiting")
        at.freeze()
        await store.call_next(THREE, [UnitId("library")])
        await at.press("n")
        await at.shows("K 001 was called to counter 3 at 10:42. Look who is there now")
        assert await state(store, config) == ("K 001", State.CALLED)


# Held keys, double presses


async def test_a_held_key_calls_one_person(
    console: OpenConsole, store: QueueStore, config: Config
) -> None:
    await give(store, config, *["library"] * 5)
    async with console() as at:
        await at.press("n")
        # A terminal repeats a held key first after a good half second, then many times a second.
        await at.press("n", after=0.66)
        for _ in range(20):
            await at.press("n", after=0.03)
        await at.shows("4 people are waiting")
        await at.press("s")  # what was pressed before is done before
        await at.shows("Being served")
        assert calls(config) == [("K 1", "3")]


async def test_a_double_press_calls_one_person(
    console: OpenConsole, store: QueueStore, config: Config
) -> None:
    await give(store, config, *["library"] * 3)
    async with console() as at:
        await at.press("n")
        await at.press("n", after=0.5)
        await at.shows("2 people are waiting")
        await at.press("s")
        await at.shows("Being served", "2 people are waiting")
        assert calls(config) == [("K 1", "3")]


@pytest.mark.parametrize("after", [0.8, 2.0])
async def test_a_second_press_counts(
    console: OpenConsole, store: QueueStore, config: Config, after: float
) -> None:
    await give(store, config, *["library"] * 3)
    async with console() as at:
        await at.press("n")
        await at.shows("2 people are waiting")
        await at.press("n", after=after)
        await at.shows("1 person is waiting")
        assert calls(config) == [("K 1", "3"), ("K 2", "3")]


async def test_a_press_while_the_store_is_slow_is_not_another_call(
    console: OpenConsole, store: QueueStore, config: Config
) -> None:
    await give(store, config, *["library"] * 3)
    async with console() as at:
        await at.shows("3 people are waiting")
        with kept_waiting(config):
            await at.press("n", "n")
            await at.shows("One moment")
        await at.shows("2 people are waiting")
        await at.press("n")
        await at.shows("1 person is waiting")
        assert calls(config) == [("K 1", "3"), ("K 2", "3")]


async def test_a_store_that_stays_busy_is_told_and_the_console_goes_on(
    console: OpenConsole, store: QueueStore, config: Config
) -> None:
    await give(store, config, "library")
    hasty = msgspec.structs.replace(
        config, store=msgspec.structs.replace(config.store, patience=0.05)
    )
    async with console(config=hasty) as at:
        await at.shows("1 person is waiting")
        with kept_waiting(config):
            await at.press("n")
            await at.shows("The queue is busy. Try again in a moment.")
        assert await state(store, config) is None
        await at.press("n")
        await at.shows("Called")


# What is live


async def test_the_queue_is_live(console: OpenConsole, store: QueueStore, config: Config) -> None:
    async with console() as at:
        await at.shows("Nobody is waiting")
        await give(store, config, "library", "home-care")
        await at.shows("K 001", "Library", "D  001   Home care", "2 people are waiting")
        await give(store, config, "dental")  # not this counter's
        await store.call_next(CounterId("2"), [UnitId("library")])
        await at.shows("1 person is waiting", "D 001")
        await at.hides("K 001")


async def test_waiting_times_go_on_at_the_turn_of_the_minute(
    console: OpenConsole, store: QueueStore, config: Config, clock: HandClock
) -> None:
    await give(store, config, "library", "library", "library")
    clock.advance(minutes=61, seconds=59.9)
    async with console() as at:
        await at.shows("K  003   Library", "1 h 1 min", "11:43")
        await at.press("n")
        await at.shows("< 1 min")
        clock.advance(seconds=0.1)
        await at.shows("1 h 2 min", "since 11:43 · 1 min", "11:44")


async def test_the_cursor_stays_with_its_ticket(
    console: OpenConsole, store: QueueStore, config: Config
) -> None:
    await give(store, config, *["library"] * 40)
    async with console() as at:
        await at.shows("40 people are waiting")
        assert chosen(at) is None
        await at.press("down", "down", "down", "down")
        assert chosen(at) == "K 004"
        await at.press("n")
        await at.shows("39 people are waiting")
        assert chosen(at) == "K 004"
        await at.press("end")
        await at.shows("K  040")
        await give(store, config, "library")
        await at.shows("40 people are waiting")
        assert chosen(at) == "K 040"
        assert "K  040" in at.text
        assert "K  003" not in at.text
        await at.press("pageup", "home")
        await at.shows("K  003")
        assert chosen(at) == "K 002"  # the next one, above the list
        await at.press("up", "escape")
        assert chosen(at) is None


async def test_the_next_one_can_be_chosen_and_shows_it(
    console: OpenConsole, store: QueueStore, config: Config
) -> None:
    await give(store, config, "library", "library")
    async with console() as at:
        await at.shows("2 people are waiting")
        panel = at.app.query_one("#next")
        assert not panel.has_class("-chosen")
        await at.press("down")
        assert panel.has_class("-chosen")
        await at.press("down")
        assert not panel.has_class("-chosen")


async def test_a_list_that_empties_under_the_cursor(
    console: OpenConsole, store: QueueStore, config: Config
) -> None:
    await give(store, config, "library", "library")
    async with console() as at:
        await at.shows("2 people are waiting")
        await at.press("down", "down")
        await at.press("n")
        await at.shows("1 person is waiting")
        assert chosen(at) == "K 002"
        await at.press("n")
        await at.shows("Nobody is waiting")
        assert chosen(at) is None
        await give(store, config, "library")
        await at.shows("1 person is waiting")
        await at.press("down", "down", "end")
        assert chosen(at) == "K 003"


# Choosing and opening a counter


async def test_choose_by_digit(console: OpenConsole, store: QueueStore) -> None:
    async with console(None) as at:
        await at.shows(
            "Choose your counter", "Kalajärvi Service Centre", "6  Room 6      Dental clinic"
        )
        await at.press("6")
        await at.shows("Room 6", "Nobody is at the counter")
        await at.hides("Choose your counter")
        assert await store.session(CounterId("6")) is not None


async def test_choose_by_arrows(console: OpenConsole, store: QueueStore) -> None:
    async with console(None) as at:
        await at.shows("Choose your counter")
        await at.press("down", "down", "down", "up", "enter")
        await at.shows("Counter 3", "Nobody is at the counter")
        assert await store.session(THREE) is not None


async def test_a_digit_without_a_counter_does_nothing(console: OpenConsole) -> None:
    async with console(None) as at:
        await at.press("9")
        await at.press("8")
        await at.shows("Choose your counter")


async def test_digits_are_those_above_the_counters(
    console: OpenConsole, store: QueueStore, config: Config
) -> None:
    counters = [
        msgspec.structs.replace(config.counters[0], id=CounterId(name), name={"en": f"Desk {name}"})
        for name in ("A", "2", "12", "1", "B", "C", "D", "E", "F", "G", "H")
    ]
    async with console(
        None, config=msgspec.structs.replace(config, counters=tuple(counters))
    ) as at:
        await at.shows(
            " 3  Desk A", " 2  Desk 2", " 1  Desk 1", " 4  Desk 12", " 5  Desk B", "    Desk H"
        )
        await at.press("1")
        await at.shows("Nobody is at the counter")
        assert await store.session(CounterId("1")) is not None


async def test_the_choice_says_what_is_open_elsewhere(
    console: OpenConsole, store: QueueStore, clock: HandClock
) -> None:
    session = await store.open_counter(THREE)
    assert session is not None
    clock.advance(minutes=30)
    async with console(None) as at:
        await at.shows("open since 10:42")
        await store.close_counter(session)
        await at.hides("open since 10:42")


@pytest.mark.parametrize("keys", [["enter"], ["n"], ["escape"], ["right", "left", "enter"]])
async def test_a_counter_open_elsewhere_stays_there_unless_taken_over(
    console: OpenConsole, store: QueueStore, keys: list[str]
) -> None:
    session = await store.open_counter(THREE)
    async with console(None) as at:
        await at.press("3")
        await at.shows("Counter 3 has been open elsewhere since 10:42.", "n  Leave it there")
        await at.press(*keys)
        await at.shows("Choose your counter")
        assert await store.session(THREE) == session
        await at.press("2")
        await at.shows("Counter 2")
    assert await store.session(THREE) == session


@pytest.mark.parametrize("keys", [["y"], ["right", "enter"], ["tab", "enter"], ["down", "enter"]])
async def test_a_counter_open_elsewhere_can_be_taken_over(
    console: OpenConsole, store: QueueStore, keys: list[str]
) -> None:
    session = await store.open_counter(THREE)
    async with console() as at:
        await at.shows("Counter 3 has been open elsewhere since 10:42.")
        await at.press(*keys)
        await at.shows("Nobody is at the counter")
        mine = await store.session(THREE)
        assert mine is not None
        assert mine != session


async def test_a_console_for_a_counter_that_is_left_elsewhere_offers_the_others(
    console: OpenConsole, store: QueueStore
) -> None:
    await store.open_counter(THREE)
    async with console("3") as at:
        await at.shows("Counter 3 has been open elsewhere")
        await at.press("enter")
        await at.shows("Choose your counter", "open since 10:42")


async def test_being_taken_over_is_said_and_leaves_the_other_alone(
    console: OpenConsole, store: QueueStore, clock: HandClock
) -> None:
    async with console() as at:
        await at.shows("Nobody is at the counter")
        clock.advance(minutes=5)
        theirs = await store.open_counter(THREE, take_over=True)
        await at.shows(
            "Choose your counter",
            "Counter 3 was taken over by another console at 10:47.",
            "open since 10:47",
        )
        await at.press("down")
        await at.hides("taken over")
    assert await store.session(THREE) == theirs


async def test_being_taken_over_behind_the_help(console: OpenConsole, store: QueueStore) -> None:
    async with console() as at:
        await at.press("question_mark")
        await at.shows("Any key closes this page.")
        await store.open_counter(THREE, take_over=True)
        await at.until(lambda: not at.app.query(CounterView))
        await at.press("escape")
        await at.shows("Choose your counter", "taken over by another console")
        await at.press("2")
        await at.shows("Counter 2", "Nobody is at the counter")


async def test_being_taken_over_during_a_question(
    console: OpenConsole, store: QueueStore, config: Config
) -> None:
    await give(store, config, "library")
    async with console() as at:
        await at.press("n")
        await at.shows("Called")
        await at.press("q")
        await at.shows("K 001 is still at the counter.")
        theirs = await store.open_counter(THREE, take_over=True)
        await at.until(lambda: not at.app.query(CounterView))
        await at.press("n")
        await at.shows("Choose your counter", "taken over by another console")
    assert await store.session(THREE) == theirs
    assert await state(store, config) == ("K 001", State.CALLED)


async def test_a_session_that_is_gone_is_said(console: OpenConsole, store: QueueStore) -> None:
    async with console() as at:
        await at.shows("Nobody is at the counter")
        session = await store.session(THREE)
        assert session is not None
        await store.close_counter(session)
        await at.shows("Choose your counter", "Counter 3 is no longer open here.")


async def test_a_store_that_is_busy_while_a_counter_is_opened(
    console: OpenConsole, config: Config
) -> None:
    hasty = msgspec.structs.replace(
        config, store=msgspec.structs.replace(config.store, patience=0.05)
    )
    async with console(None, config=hasty) as at:
        with kept_waiting(config):
            await at.press("3")
            await at.shows("The queue is busy.", "Choose your counter")
        await at.press("3")
        await at.shows("Nobody is at the counter")


# Leaving


@pytest.mark.parametrize("key", ["q", "ctrl+q"])
async def test_leaving_closes_the_counter(
    console: OpenConsole, store: QueueStore, key: str
) -> None:
    async with console() as at:
        await at.shows("Nobody is at the counter")
        assert await store.session(THREE) is not None
        await at.press(key)
        await at.ended()
    assert await store.session(THREE) is None


async def test_leaving_with_a_ticket_at_the_counter_asks(
    console: OpenConsole, store: QueueStore, config: Config
) -> None:
    await give(store, config, "library")
    async with console() as at:
        await at.press("n")
        await at.shows("Called")
        await at.press("q")
        await at.shows("K 001 is still at the counter.", "n  Stay", "y  Leave")
        await at.press("enter")
        await at.shows("Called", "q Leave")
        assert await store.session(THREE) is not None
        await at.press("q", "q", "y")
        await at.ended()
    assert await state(store, config) == ("K 001", State.CALLED)
    assert await store.session(THREE) is None
    async with console() as at:  # and there it is again
        await at.shows("Called", "K 001")


async def test_the_choice_is_left_at_once(console: OpenConsole) -> None:
    async with console(None) as at:
        await at.shows("Choose your counter")
        await at.press("q")
        await at.ended()


async def test_leaving_without_a_store(console: OpenConsole, tmp_path: Path) -> None:
    async with console() as at:
        await at.shows("Nobody is at the counter")
        _move(tmp_path / "queue.db", tmp_path / "away")
        await at.press("q")
        await at.ended()


# Bad days


def _move(source: Path, target: Path) -> None:
    target.mkdir()
    for file in source.parent.glob(f"{source.name}*"):
        file.rename(target / file.name)


async def test_a_store_that_is_gone_and_comes_back(
    console: OpenConsole, store: QueueStore, config: Config, tmp_path: Path, clock: HandClock
) -> None:
    await give(store, config, "library")
    away = tmp_path / "away"
    async with console() as at:
        await at.shows("1 person is waiting")
        clock.advance(minutes=3)
        _move(tmp_path / "queue.db", away)
        await at.shows("The queue is out of reach since 10:45. What you see may be old.")
        await at.press("n")
        await at.shows("The queue is out of reach. It is looked for again all the time.")
        assert "1 person is waiting" in at.text
        for file in away.iterdir():
            file.rename(tmp_path / file.name)
        await at.hides("What you see may be old.")
        await at.press("n")
        await at.shows("Called")
    assert calls(config) == [("K 1", "3")]


@pytest.mark.parametrize("name", ["[/b] [red]Loans[/] $now \\", "🎫 Lainat & 日本語", "ä" * 80])
async def test_names_are_shown_as_they_are(
    console: OpenConsole, store: QueueStore, config: Config, name: str
) -> None:
    names = dict.fromkeys(config.centre.languages, name)
    units = tuple(msgspec.structs.replace(unit, name=names) for unit in config.units)
    counters = tuple(msgspec.structs.replace(each, name=names) for each in config.counters)
    centre = msgspec.structs.replace(config.centre, name=names)
    named = msgspec.structs.replace(config, units=units, counters=counters, centre=centre)
    await give(store, config, "library", "library", "library")
    async with console(None, config=named, size=(60, 16)) as at:
        await at.shows(name[:8])
        await at.press("3")
        await at.shows("3 people are waiting", name)
        await at.press("n")
        await at.shows("Called", f"K  003   {name[:8]}")
        await at.press("q")
        await at.shows("K 001 is still at the counter.")


async def test_a_unit_that_the_configuration_has_lost(
    console: OpenConsole, store: QueueStore, config: Config
) -> None:
    await give(store, config, "library")
    await store.call_next(THREE, [UnitId("library")])
    units = [unit for unit in config.units if unit.id != "library"]
    counters = [each for each in config.counters if each.id == "7"]
    counters = [msgspec.structs.replace(each, id=THREE) for each in counters]
    smaller = msgspec.structs.replace(config, units=tuple(units), counters=tuple(counters))
    async with console(config=smaller) as at:
        await at.shows("K 001", "library", "Called")
        await at.press("f", "y")
        await at.shows("Nobody is at the counter")


async def test_a_window_that_is_too_small(
    console: OpenConsole, store: QueueStore, config: Config
) -> None:
    await give(store, config, "library")
    async with console(size=(59, 16)) as at:
        await at.shows("60×16 is needed")
        await at.press("n")
        await at.pilot.resize_terminal(60, 16)
        await at.shows("1 person is waiting")
        assert calls(config) == []
        await at.press("n")
        await at.shows("Called")


async def test_a_question_in_a_window_that_is_too_small(
    console: OpenConsole, store: QueueStore
) -> None:
    await store.open_counter(THREE)
    async with console(size=(50, 12)) as at:
        # Either may stand before the other.
        await at.until(lambda: len(at.app.screen_stack) >= 3)
        await at.pilot.resize_terminal(80, 24)
        await at.shows("Counter 3 has been open elsewhere")
        await at.press("y")
        await at.shows("Nobody is at the counter")


@pytest.mark.parametrize("size", [(60, 16), (60, 67), (240, 16), (240, 67)])
async def test_the_last_row_can_be_reached_at_any_size(
    console: OpenConsole, store: QueueStore, config: Config, size: tuple[int, int]
) -> None:
    await give(store, config, *["library"] * 100)
    async with console(size=size) as at:
        await at.shows("100 people are waiting", "n Next", "q Leave", "Library")
        await at.press("end")
        await at.shows("K  100")
        await at.pilot.resize_terminal(80, 24)
        await at.shows("K  100")


# Help, languages


async def test_any_key_closes_the_help_and_does_nothing_else(
    console: OpenConsole, store: QueueStore, config: Config
) -> None:
    await give(store, config, "library")
    async with console() as at:
        await at.shows("1 person is waiting")
        for key in ("escape", "q", "n", "question_mark", "enter", "f5"):
            await at.press("question_mark")
            await at.shows(
                "The keys", "Call the same person once more.", "Any key closes this page."
            )
            await at.press(key)
            await at.shows("1 person is waiting")
            assert calls(config) == []
            assert at.app.is_running


async def test_the_help_is_looked_through_by_the_arrows_where_it_has_no_room(
    console: OpenConsole,
) -> None:
    async with console(size=(60, 16)) as at:
        await at.press("question_mark")
        await at.shows("↑ ↓ show the rest; any other key closes this page.")
        last = at.app.screen.query("Static.cap").last()
        seen = at.app.screen.query_one(VerticalScroll)
        assert not seen.region.contains_region(last.region)
        await at.press(*["down"] * 30)
        await at.until(lambda: seen.region.contains_region(last.region))
        await at.press("up")
        await at.until(lambda: not seen.region.contains_region(last.region))
        await at.press("down", "x")
        await at.shows("Nobody is at the counter")
    async with console(size=(80, 24)) as at:
        await at.press("question_mark")
        await at.shows("Any key closes this page.")


@pytest.mark.parametrize(
    ("language", "counter"), [("fi", "Tiski 3"), ("sv", "Disk 3"), ("en", "Counter 3")]
)
async def test_the_console_speaks_the_staffs_language(
    console: OpenConsole, config: Config, language: str, counter: str
) -> None:
    async with console(config=speaking(language, config)) as at:
        await at.shows(counter)


async def test_the_keys_know_their_words(console: OpenConsole) -> None:
    async with console(None, size=(60, 16)) as at:
        await at.shows("↑ ↓ Move", "Enter Open", "? Help", "q Leave")
