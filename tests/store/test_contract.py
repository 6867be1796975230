"""What every queue store promises, whatever its engine. See :class:`shared.store.QueueStore`."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Sequence
from contextlib import aclosing, suppress
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Literal, get_args

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shared.errors import RefusedError
from shared.model import Call, CallId, CounterId, State, Ticket, UnitId, label
from shared.store import QueueStore
from tests.conftest import HandClock, eventually
from tests.store.conftest import Another, Start

LIBRARY = UnitId("library")
SERVICE = UnitId("service-point")
HEALTH = UnitId("health")
ALL = [LIBRARY, SERVICE, HEALTH]

ONE = CounterId("1")
TWO = CounterId("2")


async def give(store: QueueStore, *units: UnitId, series: str = "K") -> Ticket:
    return await store.issue(units or [LIBRARY], series=series, language="fi")


async def queue(store: QueueStore, *units: UnitId) -> list[str]:
    """Return who waits for any of the units, next one first."""
    desk = await store.desk(CounterId("nobody's"), units or ALL)
    return [errand.label for errand in desk.waiting]


async def at(store: QueueStore, counter: CounterId) -> tuple[str, State] | None:
    """Return who is at a counter, and in which state."""
    current = (await store.desk(counter, ALL)).current
    return (current.label, current.state) if current else None


# Tickets


async def test_numbers_run_per_series_and_from_one(store: QueueStore) -> None:
    labels = [(await give(store, series=series)).label for series in "KKAKA"]
    assert labels == ["K 001", "K 002", "A 001", "K 003", "A 002"]


def test_a_number_has_three_digits_or_more() -> None:
    assert [label("K", number) for number in (1, 17, 999, 1000)] == [
        "K 001",
        "K 017",
        "K 999",
        "K 1000",
    ]


async def test_a_ticket_tells_all_of_itself(store: QueueStore, clock: HandClock) -> None:
    ticket = await store.issue([LIBRARY, HEALTH], series="Ä", language="sv")
    assert ticket.day == date(2026, 11, 24)
    assert (ticket.series, ticket.number, ticket.label) == ("Ä", 1, "Ä 001")
    assert ticket.language == "sv"
    assert ticket.issued_at == clock.now()
    assert ticket.issued_at.utcoffset() == timedelta(hours=2)
    assert ticket.units == (LIBRARY, HEALTH)
    assert ticket.ahead == 0


async def test_tokens_are_long_and_never_the_same(store: QueueStore) -> None:
    tokens = {(await give(store)).token for _ in range(50)}
    assert len(tokens) == 50
    assert min(map(len, tokens)) >= 12


async def test_a_ticket_knows_how_many_are_ahead(store: QueueStore) -> None:
    assert [(await give(store)).ahead for _ in range(3)] == [0, 1, 2]
    assert (await give(store, HEALTH)).ahead == 0
    await store.call_next(ONE, [LIBRARY])
    assert (await give(store, LIBRARY)).ahead == 2


async def test_ahead_is_that_of_the_longest_queue(store: QueueStore) -> None:
    for _ in range(3):
        await give(store, HEALTH)
    await give(store, LIBRARY)
    assert (await give(store, LIBRARY, HEALTH)).ahead == 3


async def test_a_ticket_with_several_units_stands_in_several_queues(store: QueueStore) -> None:
    await give(store, LIBRARY, HEALTH)
    assert await queue(store, LIBRARY) == ["K 001"]
    assert await queue(store, HEALTH) == ["K 001"]
    assert await queue(store, SERVICE) == []
    assert await store.waiting(ALL) == {LIBRARY: 1, HEALTH: 1, SERVICE: 0}


# Calling the next one


async def test_the_first_to_come_is_called_first(store: QueueStore, clock: HandClock) -> None:
    for _ in range(3):
        await give(store)
        clock.advance(minutes=1)
    called = [await store.call_next(ONE, [LIBRARY]) for _ in range(3)]
    assert [call.label for call in called if call] == ["K 001", "K 002", "K 003"]


async def test_a_call_tells_all_of_itself(store: QueueStore, clock: HandClock) -> None:
    await give(store, HEALTH, series="A")
    clock.advance(minutes=3)
    call = await store.call_next(ONE, [HEALTH])
    assert call is not None
    assert (call.series, call.number, call.label) == ("A", 1, "A 001")
    assert (call.unit, call.counter, call.repeated) == (HEALTH, ONE, False)
    assert call.at == clock.now()
    current = (await store.desk(ONE, [HEALTH])).current
    assert current is not None
    assert current.id == call.errand


async def test_a_desk_tells_who_is_there_and_since_when(
    store: QueueStore, clock: HandClock
) -> None:
    came = clock.now()
    await give(store)
    await give(store)
    clock.advance(minutes=4)
    await store.call_next(ONE, [LIBRARY])
    await store.recall(ONE)
    desk = await store.desk(ONE, [LIBRARY])
    assert desk.current is not None
    assert (desk.current.label, desk.current.state) == ("K 001", State.CALLED)
    assert (desk.current.since, desk.current.issued_at) == (clock.now(), came)
    assert (desk.current.unit, desk.current.calls) == (LIBRARY, 2)
    [waiting] = desk.waiting
    assert (waiting.label, waiting.state) == ("K 002", State.WAITING)
    assert (waiting.since, waiting.calls) == (came, 0)


async def test_a_counter_with_several_units_takes_whoever_waits_longest(
    store: QueueStore, clock: HandClock
) -> None:
    for unit, series in [(HEALTH, "A"), (LIBRARY, "K"), (SERVICE, "P"), (LIBRARY, "K")]:
        await give(store, unit, series=series)
        clock.advance(seconds=1)
    assert await queue(store, SERVICE, LIBRARY) == ["K 001", "P 001", "K 002"]
    called = [await store.call_next(ONE, [SERVICE, LIBRARY]) for _ in range(3)]
    assert [call.label for call in called if call] == ["K 001", "P 001", "K 002"]
    assert await queue(store) == ["A 001"]


async def test_a_ticket_at_one_counter_is_passed_over_by_others_and_keeps_its_place(
    store: QueueStore,
) -> None:
    await give(store, LIBRARY, HEALTH)
    await give(store, HEALTH)
    await give(store, HEALTH)
    await store.call_next(ONE, [LIBRARY])
    call = await store.call_next(TWO, [HEALTH])
    assert call is not None
    assert call.label == "K 002"
    await store.finish(ONE)
    call = await store.call_next(TWO, [HEALTH])
    assert call is not None
    assert call.label == "K 001"


async def test_a_ticket_that_everybody_else_holds_is_nobody_for_this_counter(
    store: QueueStore,
) -> None:
    await give(store, LIBRARY, HEALTH)
    await store.call_next(ONE, [LIBRARY])
    await store.start(ONE)
    assert await store.call_next(TWO, [HEALTH]) is None
    assert await at(store, ONE) == ("K 001", State.SERVING)


async def test_one_counter_does_a_ticket_s_errands_one_after_the_other(store: QueueStore) -> None:
    await give(store, LIBRARY, SERVICE)
    await give(store, LIBRARY)
    called = [await store.call_next(ONE, [LIBRARY, SERVICE]) for _ in range(3)]
    assert [(call.label, call.unit) for call in called if call] == [
        ("K 001", LIBRARY),
        ("K 001", SERVICE),
        ("K 002", LIBRARY),
    ]


@pytest.mark.parametrize("begun", [False, True], ids=["called", "serving"])
async def test_calling_the_next_one_ends_the_current_one(store: QueueStore, *, begun: bool) -> None:
    await give(store)
    await give(store)
    await store.call_next(ONE, [LIBRARY])
    if begun:
        await store.start(ONE)
    await store.call_next(ONE, [LIBRARY])
    assert await at(store, ONE) == ("K 002", State.CALLED)
    # The first one is free for other counters, and nothing of it is left to be done.
    await store.finish(ONE)
    assert await store.call_next(TWO, ALL) is None


@pytest.mark.parametrize("begun", [False, True], ids=["called", "serving"])
async def test_when_nobody_waits_the_current_one_has_ended_all_the_same(
    store: QueueStore, *, begun: bool
) -> None:
    await give(store)
    await store.call_next(ONE, [LIBRARY])
    if begun:
        await store.start(ONE)
    assert await store.call_next(ONE, [LIBRARY]) is None
    assert await at(store, ONE) is None
    assert await store.call_next(ONE, [LIBRARY]) is None


async def test_counters_do_not_disturb_each_other(store: QueueStore, another: Another) -> None:
    other = await another()
    await give(store)
    await give(store)
    await store.call_next(ONE, [LIBRARY])
    await other.call_next(TWO, [LIBRARY])
    await other.start(TWO)
    await other.call_next(TWO, [LIBRARY])
    assert await at(store, ONE) == ("K 001", State.CALLED)
    assert await at(store, TWO) is None


# Every verb in every state of the counter

Verb = Literal["recall", "start", "finish", "no_show"]
Before = Literal["none", "called", "serving"]

ALLOWED: dict[tuple[Verb, Before], State] = {
    ("recall", "called"): State.CALLED,
    ("start", "called"): State.SERVING,
    ("finish", "called"): State.SERVED,
    ("finish", "serving"): State.SERVED,
    ("no_show", "called"): State.NO_SHOW,
}


async def bring(store: QueueStore, before: Before) -> None:
    """Bring counter 1 into a state, with one who waits and one at counter 2."""
    for _ in range(3):
        await give(store)
    await store.call_next(ONE, [LIBRARY])
    await store.call_next(TWO, [LIBRARY])
    await store.start(TWO)
    if before == "none":
        await store.finish(ONE)
    if before == "serving":
        await store.start(ONE)


async def do(store: QueueStore, verb: Verb) -> State:
    """Do a verb at counter 1; return the state that it says it has led to."""
    match verb:
        case "recall":
            call = await store.recall(ONE)
            assert call.repeated
            return State.CALLED
        case "start":
            return (await store.start(ONE)).state
        case "finish":
            return (await store.finish(ONE)).state
        case "no_show":
            return (await store.no_show(ONE)).state


@pytest.mark.parametrize("before", get_args(Before))
@pytest.mark.parametrize("verb", get_args(Verb))
async def test_every_verb_in_every_state(
    store: QueueStore, clock: HandClock, verb: Verb, before: Before
) -> None:
    await bring(store, before)
    clock.advance(minutes=1)
    state = ALLOWED.get((verb, before))

    async def everything() -> object:
        desks = [await store.desk(counter, ALL) for counter in (ONE, TWO)]
        return desks, await store.calls(ALL, limit=100)

    if state is None:
        unchanged = await everything()
        with pytest.raises(RefusedError) as refusal:
            await do(store, verb)
        assert refusal.value.title
        assert "1" in refusal.value.message  # the counter, or the ticket that is there
        assert refusal.value.hint
        assert await everything() == unchanged
        return

    assert await do(store, verb) == state
    current = (await store.desk(ONE, ALL)).current
    if state in {State.CALLED, State.SERVING}:
        assert current is not None
        assert (current.label, current.state, current.since) == ("K 001", state, clock.now())
    else:
        assert current is None
    assert await at(store, TWO) == ("K 002", State.SERVING)
    assert await queue(store) == ["K 003"]


async def test_a_verb_at_a_counter_that_never_called_is_refused(store: QueueStore) -> None:
    await give(store)
    for verb in get_args(Verb):
        with pytest.raises(RefusedError):
            await do(store, verb)
    assert await queue(store) == ["K 001"]


# The journal's calls


async def test_a_recall_is_a_call_of_its_own(store: QueueStore, clock: HandClock) -> None:
    await give(store)
    first = await store.call_next(ONE, [LIBRARY])
    assert first is not None
    clock.advance(minutes=1)
    again = await store.recall(ONE)
    assert again.repeated
    assert again.at - first.at == timedelta(minutes=1)
    assert again.id > first.id
    assert (again.errand, again.label, again.counter) == (first.errand, first.label, ONE)
    assert await store.calls(ALL, limit=10) == (again, first)


async def test_calls_come_newest_first_and_none_is_missed(
    store: QueueStore, another: Another
) -> None:
    other = await another()
    for unit in [LIBRARY, HEALTH] * 3:
        await give(store, unit)
    made: list[Call | None] = []
    seen: list[Call] = []
    last: CallId | None = None
    for look in range(4):
        # Between two looks there may be no call, one, or many, from several programs.
        made += [await store.call_next(ONE, [LIBRARY, HEALTH]) for _ in range(look)]
        if look == 1:
            made.append(await other.recall(ONE))
        news = await other.calls(ALL, after=last, limit=100)
        seen += reversed(news)
        last = news[0].id if news else last
    assert seen == made
    assert tuple(reversed(seen)) == await store.calls(ALL, limit=100)
    assert [call.repeated for call in seen] == [False, True, False, False, False, False, False]


async def test_calls_are_as_many_as_asked_for_and_the_newest(store: QueueStore) -> None:
    for _ in range(5):
        await give(store)
        await store.call_next(ONE, [LIBRARY])
    everything = await store.calls(ALL, limit=100)
    assert len(everything) == 5
    assert await store.calls(ALL, limit=2) == everything[:2]
    assert await store.calls(ALL, after=everything[4].id, limit=2) == everything[:2]
    assert await store.calls(ALL, after=everything[0].id, limit=2) == ()


async def test_calls_are_only_those_of_the_units(store: QueueStore) -> None:
    for unit, series in [(LIBRARY, "K"), (HEALTH, "A"), (LIBRARY, "K")]:
        await give(store, unit, series=series)
        await store.call_next(ONE, [unit])

    async def labels(*units: UnitId) -> list[str]:
        return [call.label for call in await store.calls(units, limit=10)]

    assert await labels(LIBRARY) == ["K 002", "K 001"]
    assert await labels(HEALTH) == ["A 001"]
    assert await labels(HEALTH, LIBRARY) == ["K 002", "A 001", "K 001"]
    assert await labels(SERVICE) == []
    assert await labels() == []


async def test_waiting_counts_every_unit_that_is_asked_for(store: QueueStore) -> None:
    for unit in [LIBRARY, LIBRARY, HEALTH]:
        await give(store, unit)
    assert await store.waiting(ALL) == {LIBRARY: 2, HEALTH: 1, SERVICE: 0}
    await store.call_next(ONE, [LIBRARY])
    assert await store.waiting([LIBRARY, SERVICE]) == {LIBRARY: 1, SERVICE: 0}
    assert await store.waiting([]) == {}


# Days and clocks

MIDNIGHTS = {
    "winter": date(2026, 11, 24),
    "summer": date(2026, 7, 1),
    "clocks go forward": date(2026, 3, 29),
    "clocks go back": date(2026, 10, 25),
    "leap day": date(2028, 2, 28),
    "after leap day": date(2028, 2, 29),
    "new year": date(2026, 12, 31),
}


@pytest.mark.parametrize("day", MIDNIGHTS.values(), ids=MIDNIGHTS)
async def test_numbers_start_again_at_local_midnight(
    store: QueueStore, clock: HandClock, day: date
) -> None:
    clock.set(datetime.combine(day, datetime.max.time()))
    last = [await give(store), await give(store)]
    clock.advance(seconds=1)
    first = await give(store)
    assert [(ticket.day, ticket.number) for ticket in last] == [(day, 1), (day, 2)]
    assert (first.day, first.number) == (day + timedelta(days=1), 1)


@pytest.mark.parametrize(
    ("day", "hours"),
    [(date(2026, 3, 29), 23), (date(2026, 10, 25), 25), (date(2028, 2, 29), 24)],
    ids=["clocks go forward", "clocks go back", "leap day"],
)
async def test_a_day_has_one_run_of_numbers_however_long_it_is(
    store: QueueStore, clock: HandClock, day: date, hours: int
) -> None:
    clock.set(datetime.combine(day, datetime.min.time()))
    tickets = []
    while clock.day() == day:
        tickets.append(await give(store))
        clock.advance(hours=1)
    assert [ticket.number for ticket in tickets] == list(range(1, hours + 1))
    assert {ticket.day for ticket in tickets} == {day}
    # The hour that comes twice puts nobody before those who came in it first.
    clock.advance(seconds=-1)
    assert await queue(store) == [ticket.label for ticket in tickets]
    moments = [ticket.issued_at for ticket in tickets]
    assert moments == sorted(moments)
    assert len({moment.timestamp() for moment in moments}) == hours


async def test_what_is_unfinished_expires_with_the_day_and_history_stays(
    store: QueueStore, another: Another, clock: HandClock
) -> None:
    for _ in range(3):
        await give(store)
    await store.call_next(ONE, [LIBRARY])
    await store.call_next(TWO, [LIBRARY])
    await store.start(TWO)
    history = await store.calls(ALL, limit=10)
    today = clock.now()
    clock.advance(days=1)
    other = await another()
    for program in (store, other):
        assert await queue(program) == []
        assert await at(program, ONE) is None
        assert await at(program, TWO) is None
        assert await program.waiting([LIBRARY]) == {LIBRARY: 0}
        assert await program.calls(ALL, limit=10) == ()
        assert await program.call_next(ONE, [LIBRARY]) is None
        for verb in get_args(Verb):
            with pytest.raises(RefusedError):
                await do(program, verb)
    clock.set(today)
    assert await store.calls(ALL, limit=10) == history


async def test_a_clock_that_jumps_back_changes_nobodys_place(
    store: QueueStore, clock: HandClock
) -> None:
    for _ in range(3):
        await give(store)
        clock.advance(minutes=-20)
    called = [await store.call_next(ONE, [LIBRARY]) for _ in range(3)]
    assert [call and call.number for call in called] == [1, 2, 3]


@pytest.mark.parametrize("jump", [timedelta(hours=1), timedelta(days=1)], ids=["hour", "day"])
async def test_a_clock_that_jumps_back_gives_no_number_twice(
    store: QueueStore, another: Another, clock: HandClock, jump: timedelta
) -> None:
    tickets = []
    for step in (-jump, jump, -jump, jump):
        tickets += [await give(store), await give(await another())]
        clock.advance(seconds=step.total_seconds())
    tickets.append(await give(store))
    assert len({(ticket.day, ticket.series, ticket.number) for ticket in tickets}) == 9
    today = [ticket.number for ticket in tickets if ticket.day == clock.day()]
    assert today == list(range(1, len(today) + 1))
    # Nobody of today has lost the place in the queue.
    assert len(await queue(store)) == len(today)


# Change notice


async def test_a_change_is_told_at_once_and_then_whenever_another_program_makes_one(
    store: QueueStore, another: Another
) -> None:
    other = await another()
    async with aclosing(store.changes()) as changes:
        await anext(changes)
        for number in range(1, 4):
            await give(other)
            async with asyncio.timeout(5):
                while await store.waiting([LIBRARY]) != {LIBRARY: number}:
                    await anext(changes)


async def test_every_kind_of_change_is_told(store: QueueStore, another: Another) -> None:
    other = await another()
    async with aclosing(store.changes()) as changes:
        await anext(changes)
        for change in (
            lambda: give(other),
            lambda: other.call_next(ONE, ALL),
            lambda: other.recall(ONE),
            lambda: other.start(ONE),
            lambda: other.finish(ONE),
            lambda: other.open_counter(ONE),
        ):
            await change()
            async with asyncio.timeout(5):
                await anext(changes)


async def test_a_program_s_own_changes_are_told_too(store: QueueStore) -> None:
    async with aclosing(store.changes()) as changes:
        await anext(changes)
        await give(store)
        async with asyncio.timeout(5):
            await anext(changes)


async def test_a_new_service_day_is_a_change(store: QueueStore, clock: HandClock) -> None:
    async with aclosing(store.changes()) as changes:
        await anext(changes)
        clock.advance(days=1)  # nothing is left to expire: only the day is another
        async with asyncio.timeout(5):
            await anext(changes)


async def test_a_burst_of_changes_counts_once(store: QueueStore, another: Another) -> None:
    other = await another()
    told = 0
    async with aclosing(store.changes()) as changes:
        await anext(changes)
        for _ in range(100):
            await give(other)
        with suppress(TimeoutError):
            while True:
                async with asyncio.timeout(1.5):
                    await anext(changes)
                told += 1
    assert 1 <= told <= 3


async def test_many_may_listen(store: QueueStore, another: Another) -> None:
    async def listen() -> None:
        async with aclosing((await another()).changes()) as changes:
            async for _ in changes:
                if await store.waiting([LIBRARY]) == {LIBRARY: 1}:
                    return

    async with asyncio.timeout(10), asyncio.TaskGroup() as listeners:
        for _ in range(8):
            listeners.create_task(listen())
        await give(store)


# Callers that leave, and callers that come together


@pytest.mark.parametrize("steps", range(8))
async def test_a_cancelled_issue_gives_a_whole_ticket_or_none(
    store: QueueStore, another: Another, steps: int
) -> None:
    await give(store)
    caller = asyncio.create_task(give(store))
    for _ in range(steps):
        await asyncio.sleep(0)
    caller.cancel()
    with suppress(asyncio.CancelledError):
        await caller
    ticket = await give(store)
    everyone = [f"K {number:03}" for number in range(1, ticket.number + 1)]
    assert ticket.number in {2, 3}
    assert await queue(await another()) == everyone


@pytest.mark.parametrize("steps", range(8))
async def test_a_cancelled_call_loses_nobody(
    store: QueueStore, another: Another, steps: int
) -> None:
    await give(store)
    caller = asyncio.create_task(store.call_next(ONE, [LIBRARY]))
    for _ in range(steps):
        await asyncio.sleep(0)
    caller.cancel()
    with suppress(asyncio.CancelledError):
        await caller
    await give(store)
    other = await another()
    waiting = await queue(other)
    current = await at(other, ONE)
    assert (waiting, current) in [
        (["K 001", "K 002"], None),
        (["K 002"], ("K 001", State.CALLED)),
    ]
    assert len(await other.calls(ALL, limit=10)) == (1 if current else 0)


async def test_a_crowd_of_cancelled_callers_leaves_a_sound_queue(store: QueueStore) -> None:
    callers = [asyncio.create_task(give(store)) for _ in range(100)]
    await eventually(lambda: queue(store))
    for caller in callers[::2]:
        caller.cancel()
    results = await asyncio.gather(*callers, return_exceptions=True)
    given = {result.label for result in results if isinstance(result, Ticket)}
    last = await give(store)
    waiting = await queue(store)
    assert waiting == [f"K {number:03}" for number in range(1, last.number + 1)]
    assert given < set(waiting)


async def test_many_tasks_share_one_store(store: QueueStore) -> None:
    counters = [CounterId(str(number)) for number in range(1, 6)]
    called: list[Call] = []

    async def work(counter: CounterId) -> None:
        while len(called) < 100:
            if call := await store.call_next(counter, ALL):
                called.append(call)
                await store.start(counter)

    async def watch() -> None:
        while len(called) < 100:
            desks = [await store.desk(counter, ALL) for counter in counters]
            await store.calls(ALL, limit=5)
            assert all(desk.current is None or desk.current.calls == 1 for desk in desks)

    async with asyncio.timeout(30), asyncio.TaskGroup() as tasks:
        tickets = [tasks.create_task(give(store, ALL[n % 3])) for n in range(100)]
        for counter in counters:
            tasks.create_task(work(counter))
        tasks.create_task(watch())
    assert sorted(ticket.result().number for ticket in tickets) == list(range(1, 101))
    assert sorted(call.number for call in called) == list(range(1, 101))


# Counters


async def test_a_counter_is_open_once(
    store: QueueStore, another: Another, clock: HandClock
) -> None:
    other = await another()
    assert await store.session(ONE) is None
    session = await store.open_counter(ONE)
    assert session is not None
    assert (session.counter, session.opened_at) == (ONE, clock.now())
    assert await other.open_counter(ONE) is None
    assert await store.open_counter(ONE) is None
    assert await other.session(ONE) == session
    assert await other.open_counter(TWO) is not None


async def test_a_counter_is_taken_over_when_that_is_meant(
    store: QueueStore, another: Another
) -> None:
    other = await another()
    old = await store.open_counter(ONE)
    new = await other.open_counter(ONE, take_over=True)
    assert old is not None
    assert new is not None
    assert new.id != old.id
    # The one who lost it sees so, and cannot close it for the other.
    assert await store.session(ONE) == new
    await store.close_counter(old)
    assert await store.session(ONE) == new


async def test_a_closed_counter_is_free(store: QueueStore, another: Another) -> None:
    other = await another()
    session = await store.open_counter(ONE)
    assert session is not None
    await store.close_counter(session)
    assert await other.session(ONE) is None
    assert await other.open_counter(ONE) is not None


async def test_of_many_who_open_a_counter_one_has_it(another: Another) -> None:
    programs = [await another() for _ in range(6)]
    sessions = await asyncio.gather(*(program.open_counter(ONE) for program in programs))
    assert len([session for session in sessions if session]) == 1


async def test_a_program_that_died_has_no_counter(store: QueueStore, start: Start) -> None:
    program = start("hold", ONE)
    program.go_on()
    assert (program.hear(), program.hear()) == ("ready", "open")
    assert await store.open_counter(ONE) is None
    assert await store.session(ONE) is not None

    program.kill()  # and its parent has not even noticed yet

    async def free() -> bool:
        return await store.session(ONE) is None

    await eventually(free)
    assert await store.open_counter(ONE) is not None


async def test_an_open_counter_s_ticket_outlives_its_console(
    store: QueueStore, another: Another
) -> None:
    await give(store)
    session = await store.open_counter(ONE)
    assert session is not None
    await store.call_next(ONE, [LIBRARY])
    await store.close_counter(session)
    assert await at(await another(), ONE) == ("K 001", State.CALLED)


# Any day at all, against the rules written down once more


@dataclass
class Matter:
    """An errand of the model."""

    number: int
    unit: UnitId
    state: State = State.WAITING
    counter: CounterId | None = None
    calls: int = 0


@dataclass
class Lobby:
    """The rules of the queue, in the plainest form."""

    serves: dict[CounterId, Collection[UnitId]]
    matters: list[Matter] = field(default_factory=list)

    def at(self, counter: CounterId) -> Matter | None:
        for matter in self.matters:
            if matter.counter == counter and matter.state in {State.CALLED, State.SERVING}:
                return matter
        return None

    def waiting_for(self, counter: CounterId) -> list[Matter]:
        """Return who could be called to the counter now, in order."""
        elsewhere = {held.number for each in self.serves if (held := self.at(each))}
        if here := self.at(counter):
            elsewhere.discard(here.number)
        return [
            matter
            for matter in self.matters
            if matter.state == State.WAITING
            and matter.unit in self.serves[counter]
            and matter.number not in elsewhere
        ]

    def call_next(self, counter: CounterId) -> Matter | None:
        following = next(iter(self.waiting_for(counter)), None)
        if here := self.at(counter):
            here.state = State.SERVED
        if following:
            following.state, following.counter, following.calls = State.CALLED, counter, 1
        return following

    def do(self, verb: Verb, counter: CounterId) -> bool:
        here = self.at(counter)
        before: Before = "none"
        if here:
            before = "called" if here.state == State.CALLED else "serving"
        state = ALLOWED.get((verb, before))
        if here is None or state is None:
            return False
        here.state = state
        here.calls += verb == "recall"
        return True


SERVES: dict[CounterId, Collection[UnitId]] = {
    ONE: [SERVICE, LIBRARY],
    TWO: [LIBRARY],
    CounterId("4"): [HEALTH, LIBRARY],
}

Step = tuple[Literal["issue"], Sequence[UnitId]] | tuple[Verb | Literal["next"], CounterId]

STEPS: st.SearchStrategy[list[Step]] = st.lists(
    st.one_of(
        st.tuples(st.just("issue"), st.lists(st.sampled_from(ALL), min_size=1, unique=True)),
        st.tuples(st.just("next"), st.sampled_from(list(SERVES))),
        st.tuples(st.sampled_from(get_args(Verb)), st.sampled_from(list(SERVES))),
    ),
    max_size=40,
)


@given(steps=STEPS)
@settings(
    max_examples=150,
    deadline=None,
    # One store for all examples: each is a service day of its own.
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
async def test_any_day_goes_by_the_rules(
    store: QueueStore, clock: HandClock, steps: list[Step]
) -> None:
    clock.advance(days=1)
    lobby = Lobby(SERVES)
    for verb, what in steps:
        clock.advance(seconds=1)
        if verb == "issue":
            ticket = await store.issue([UnitId(unit) for unit in what], series="K", language="fi")
            lobby.matters += [Matter(ticket.number, UnitId(unit)) for unit in what]
            continue
        counter = CounterId(str(what))
        if verb == "next":
            call = await store.call_next(counter, SERVES[counter])
            expected = lobby.call_next(counter)
            assert (call and (call.number, call.unit)) == (
                expected and (expected.number, expected.unit)
            )
        elif lobby.do(verb, counter):
            await getattr(store, verb)(counter)
        else:
            with pytest.raises(RefusedError):
                await getattr(store, verb)(counter)
    for counter, units in SERVES.items():
        desk = await store.desk(counter, units)
        here = lobby.at(counter)
        assert (desk.current and (desk.current.number, desk.current.state, desk.current.calls)) == (
            here and (here.number, here.state, here.calls)
        )
        assert [(errand.number, errand.unit) for errand in desk.waiting] == [
            (matter.number, matter.unit) for matter in lobby.waiting_for(counter)
        ]
    calls = await store.calls(ALL, limit=1000)
    assert len(calls) == sum(matter.calls for matter in lobby.matters)
