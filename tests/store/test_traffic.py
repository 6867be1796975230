"""The whole centre in one look, and what came of what was told."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from shared.config import Priority
from shared.model import CounterId, Outcome, Post, Queue, Sample, State, Ticket, Traffic, UnitId
from shared.store import QueueStore
from tests.conftest import HandClock
from tests.store.conftest import Start
from tests.store.lobby import (
    ALL,
    HEALTH,
    INFANT,
    LIBRARY,
    ONE,
    SERVICE,
    TWO,
    errand_of,
    give,
    minutes,
    visit,
)

# Queues


async def test_in_an_empty_centre_there_is_nothing_to_see(store: QueueStore) -> None:
    assert await store.traffic() == Traffic(queues={}, posts=(), recent={}, usual={}, expected={})
    assert (await store.traffic()).people(LIBRARY) == 0


async def test_a_queue_tells_how_many_wait_and_since_when(
    store: QueueStore, clock: HandClock
) -> None:
    came = clock.now()
    await give(store)
    clock.advance(minutes=5)
    await give(store, LIBRARY, HEALTH)
    last = clock.now()
    clock.advance(minutes=5)
    queues = (await store.traffic()).queues
    assert queues == {
        LIBRARY: Queue(people=2, due=2, ahead=2, first=came, longest_since=came),
        HEALTH: Queue(people=1, due=1, ahead=1, first=last, longest_since=last),
    }
    await store.call_next(ONE, [LIBRARY])
    queues = (await store.traffic()).queues
    assert queues[LIBRARY] == Queue(people=1, due=1, ahead=1, first=last, longest_since=last)


async def test_who_is_at_another_counter_is_still_counted_where_they_wait(
    store: QueueStore,
) -> None:
    await give(store, LIBRARY, HEALTH)
    await store.call_next(ONE, [LIBRARY])
    assert [(await store.traffic()).people(unit) for unit in ALL] == [0, 0, 1]


async def test_who_is_put_aside_is_not_counted(store: QueueStore) -> None:
    ticket = await give(store)
    await store.park(ONE, errand=(await errand_of(store, ticket)).id)
    assert (await store.traffic()).queues == {}


async def test_the_longest_wait_is_not_made_longer_by_a_head_start(
    store: QueueStore, clock: HandClock
) -> None:
    await give(store, priority=INFANT)
    library = (await store.traffic()).queues[LIBRARY]
    assert library.longest_since == clock.now()
    assert library.first == clock.now() - INFANT.head_start


async def test_the_longest_wait_is_the_visit_s_whatever_was_done_with_it(
    store: QueueStore, clock: HandClock
) -> None:
    came = clock.now()
    ticket = await give(store)
    clock.advance(minutes=5)
    await give(store, HEALTH)
    clock.advance(minutes=5)
    await store.park(ONE, errand=(await errand_of(store, ticket)).id)
    await store.resume(ONE, (await errand_of(store, ticket)).id)
    assert (await store.traffic()).queues[LIBRARY].longest_since == came
    await store.transfer(ONE, HEALTH, errand=(await errand_of(store, ticket)).id)
    assert (await store.traffic()).queues[HEALTH].longest_since == came
    await store.call(ONE, (await errand_of(store, ticket)).id)
    await store.back(ONE)
    assert (await store.traffic()).queues[HEALTH].longest_since == came
    # As each of those who wait has it.
    waiting = (await store.desk(ONE, [HEALTH])).waiting
    assert [errand.waits_since for errand in waiting] == [came + timedelta(minutes=5), came]


async def test_who_has_an_appointment_waits_from_then_on(
    store: QueueStore, clock: HandClock
) -> None:
    booked = await visit(store, clock, minutes=20)
    [errand] = (await store.desk(ONE, [LIBRARY])).waiting
    for since in (
        (await store.traffic()).queues[LIBRARY].longest_since,
        errand.waits_since,
    ):
        assert since == booked.appointed_at
        assert since > clock.now()  # nobody has waited yet
    clock.advance(minutes=5)
    came = clock.now()
    await give(store)
    assert (await store.traffic()).queues[LIBRARY].longest_since == came
    await store.call(ONE, errand.id)
    await store.park(ONE)


async def due_and_ahead(store: QueueStore) -> tuple[int, int]:
    """Return who is due, and who is ahead of a ticket that is given next."""
    queues = (await store.traffic()).queues
    return queues[LIBRARY].due, (await give(store)).ahead


async def test_due_is_who_comes_before_a_ticket_that_is_given_now(
    store: QueueStore, clock: HandClock
) -> None:
    for _ in range(3):
        await give(store)
    assert await due_and_ahead(store) == (3, 3)
    await visit(store, clock, minutes=20)
    assert (await store.traffic()).people(LIBRARY) == 5
    assert await due_and_ahead(store) == (4, 4)
    clock.advance(minutes=20)
    assert await due_and_ahead(store) == (6, 6)


async def test_due_is_so_too_while_the_clock_is_behind(store: QueueStore, clock: HandClock) -> None:
    for _ in range(3):
        await give(store)
    clock.advance(hours=-1)
    assert await due_and_ahead(store) == (3, 3)


async def test_who_is_ahead_of_a_ticket_with_a_head_start_can_be_asked(
    store: QueueStore, clock: HandClock
) -> None:
    for _ in range(3):
        await give(store)
    clock.advance(minutes=15)
    await give(store)
    clock.advance(minutes=5)
    await give(store, priority=INFANT)  # its place is behind the first three
    library = (await store.traffic(priority=INFANT)).queues[LIBRARY]
    assert (library.people, library.due) == (5, 5)
    assert library.ahead == 4 == (await give(store, priority=INFANT)).ahead
    assert (await store.traffic()).ahead(LIBRARY) == 6
    hour = Priority(id="hour", name={}, minutes=60)
    assert [(await store.traffic(priority=hour)).ahead(unit) for unit in ALL] == [0, 0, 0]


# Posts


async def test_a_post_is_an_open_counter_and_what_it_is_busy_with(
    store: QueueStore, clock: HandClock
) -> None:
    async def posts() -> tuple[Post, ...]:
        return (await store.traffic()).posts

    assert await posts() == ()
    session = await store.open_counter(ONE)
    assert session
    free = Post(counter=ONE, unit=None)
    assert await posts() == (free,)
    await give(store, HEALTH)
    await store.call_next(ONE, ALL)
    busy = Post(counter=ONE, unit=HEALTH)
    clock.advance(minutes=1)
    await store.recall(ONE)
    await store.start(ONE)
    assert await posts() == (busy,)  # since the first call, however it went on
    await store.finish(ONE)
    assert await posts() == (free,)
    await store.close_counter(session)
    assert await posts() == ()


async def test_a_counter_that_has_a_break_does_not_serve(store: QueueStore) -> None:
    session = await store.open_counter(ONE)
    assert session
    await store.open_counter(TWO)
    await give(store)
    await store.call_next(ONE, [LIBRARY])
    # Somebody may still be there, but nobody else will be called.
    await store.pause_counter(session, paused=True)
    assert [post.counter for post in (await store.traffic()).posts] == [TWO]
    await store.pause_counter(session, paused=False)
    assert [post.counter for post in (await store.traffic()).posts] == [ONE, TWO]


@pytest.mark.parametrize("opened", [False, True], ids=["never opened", "closed"])
async def test_a_counter_that_a_push_button_calls_to_serves_until_long_after_its_last_step(
    store: QueueStore, clock: HandClock, *, opened: bool
) -> None:
    await give(store)
    if opened:
        session = await store.open_counter(ONE)
        assert session
        await store.close_counter(session)
    await store.call_next(ONE, [LIBRARY])
    clock.advance(hours=1)  # however long somebody is there
    assert (await store.traffic()).posts == (Post(counter=ONE, unit=LIBRARY),)
    await store.finish(ONE)
    clock.advance(minutes=29)
    assert (await store.traffic()).posts == (Post(counter=ONE, unit=None),)
    clock.advance(minutes=1)
    assert (await store.traffic()).posts == ()


async def test_a_push_button_serves_past_midnight_and_when_the_clock_is_set_right(
    store: QueueStore, clock: HandClock
) -> None:
    clock.advance(hours=13, minutes=10)
    await give(store)
    await store.call_next(ONE, [LIBRARY])
    await store.finish(ONE)
    for by, posts in ((10, 1), (-20, 1), (-25, 0)):
        clock.advance(minutes=by)
        assert len((await store.traffic()).posts) == posts


async def test_a_counter_that_a_console_has_closed_serves_no_more_until_it_calls(
    store: QueueStore,
) -> None:
    async def posts() -> list[CounterId]:
        return [post.counter for post in (await store.traffic()).posts]

    for _ in range(3):
        await give(store)
    session = await store.open_counter(ONE)
    assert session
    await store.call_next(ONE, [LIBRARY])
    await store.call_next(TWO, [LIBRARY])
    await store.finish(TWO)
    await store.close_counter(session)
    assert await posts() == [TWO]
    await store.finish(ONE)  # who was still there calls nobody
    assert await posts() == [TWO]
    await store.call_next(ONE, [LIBRARY])
    await store.finish(ONE)
    assert await posts() == [ONE, TWO]


async def test_a_counter_whose_console_died_does_not_serve(store: QueueStore, start: Start) -> None:
    program = start("hold", ONE)
    program.go_on()
    assert (program.hear(), program.hear()) == ("ready", "open")
    assert [post.counter for post in (await store.traffic()).posts] == [ONE]
    program.kill()
    program.process.wait()
    assert (await store.traffic()).posts == ()


# Samples


def sample(*seconds: float) -> Sample:
    """Return what these times come to; a thousandth of a second is the finest that is kept."""
    total = round(sum(seconds), 3)
    squares = round(sum(each * each for each in seconds), 6)
    return Sample(count=len(seconds), total=total, squares=squares)


async def serve(
    store: QueueStore, clock: HandClock, seconds: float, *units: UnitId, end: str = "finish"
) -> None:
    """Let somebody come, be called at once, and be at the counter for some time."""
    await give(store, *units)
    await store.call_next(ONE, units or [LIBRARY])
    clock.advance(seconds=seconds)
    await getattr(store, end)(ONE)


async def test_what_is_measured_is_the_time_from_the_call_until_the_counter_is_free(
    store: QueueStore, clock: HandClock
) -> None:
    await give(store)
    await give(store)
    clock.advance(minutes=3)
    await store.call_next(ONE, [LIBRARY])
    clock.advance(seconds=20)
    await store.recall(ONE)
    clock.advance(seconds=20)
    await store.start(ONE)
    assert (await store.traffic()).recent == {}
    clock.advance(seconds=60.5)
    await store.finish(ONE)
    clock.advance(seconds=30)
    assert (await store.traffic()).recent == {LIBRARY: sample(100.5)}
    await store.call_next(ONE, [LIBRARY])
    clock.advance(seconds=40)
    await store.call_next(ONE, [LIBRARY])
    await serve(store, clock, 90, HEALTH)
    assert (await store.traffic()).recent == {LIBRARY: sample(100.5, 40), HEALTH: sample(90)}


@pytest.mark.parametrize("end", ["finish", "no_show", "back", "park"])
async def test_it_is_measured_however_the_counter_becomes_free(
    store: QueueStore, clock: HandClock, end: str
) -> None:
    await serve(store, clock, 42, end=end)
    assert (await store.traffic()).recent == {LIBRARY: sample(42)}


async def test_a_transfer_is_measured_where_it_was_served(
    store: QueueStore, clock: HandClock
) -> None:
    await give(store)
    await store.call_next(ONE, [LIBRARY])
    clock.advance(seconds=42)
    await store.transfer(ONE, HEALTH)
    assert (await store.traffic()).recent == {LIBRARY: sample(42)}


async def test_who_was_called_twice_is_measured_twice(store: QueueStore, clock: HandClock) -> None:
    await serve(store, clock, 30, end="back")
    await store.call_next(ONE, [LIBRARY])
    clock.advance(seconds=70)
    await store.finish(ONE)
    assert (await store.traffic()).recent == {LIBRARY: sample(30, 70)}


async def test_nothing_else_is_measured(store: QueueStore, clock: HandClock) -> None:
    ticket = await give(store, LIBRARY, HEALTH)
    library = await errand_of(store, ticket, LIBRARY)
    await store.park(ONE, errand=library.id)
    await store.resume(ONE, library.id)
    await store.transfer(ONE, SERVICE, errand=library.id)
    await store.call_next(ONE, ALL)
    clock.advance(seconds=30)
    await store.undo(ONE)  # it was never meant to be called
    await store.leave((await errand_of(store, ticket)).id)
    assert (await store.traffic()).recent == {}


async def test_who_is_still_at_a_counter_when_the_day_ends_is_not_measured(
    store: QueueStore, clock: HandClock
) -> None:
    clock.advance(hours=13, minutes=15)  # nobody knows when they left
    await give(store)
    await store.call_next(ONE, [LIBRARY])
    clock.advance(minutes=5)
    traffic = await store.traffic()
    assert [post.unit for post in traffic.posts] == [None]
    assert traffic.recent == {}


@pytest.mark.parametrize("history", [(), (61.1,), (61.1, 33.3, 127.7)], ids=len)
@pytest.mark.parametrize("seconds", [0.1, 77.7, 1234.567])
async def test_undo_takes_a_measurement_back_exactly(
    store: QueueStore, clock: HandClock, history: tuple[float, ...], seconds: float
) -> None:
    for each in history:
        await serve(store, clock, each)
    before = (await store.traffic()).recent
    await serve(store, clock, seconds)
    assert (await store.traffic()).recent[LIBRARY].count == len(history) + 1
    clock.advance(seconds=20)
    await store.undo(ONE)
    assert (await store.traffic()).recent == before
    # It is measured once it has really ended.
    clock.advance(seconds=20)
    await store.finish(ONE)
    assert (await store.traffic()).recent == {LIBRARY: sample(*history, seconds + 40)}


async def test_what_is_recent_is_of_the_last_hours(store: QueueStore, clock: HandClock) -> None:
    await serve(store, clock, 60)
    clock.advance(hours=1)
    assert (await store.traffic()).recent == {LIBRARY: sample(60)}
    clock.advance(hours=5)
    assert (await store.traffic()).recent == {}


WEEK = timedelta(weeks=1)


async def test_what_is_usual_is_of_this_hour_on_this_weekday(
    store: QueueStore, clock: HandClock
) -> None:
    morning = clock.now()
    for seconds in (60, 80):
        await serve(store, clock, seconds)
    clock.set(morning + timedelta(hours=5))
    await serve(store, clock, 600)
    clock.set(morning + timedelta(days=1))
    await serve(store, clock, 900)
    clock.set(morning + WEEK)
    traffic = await store.traffic()
    assert (traffic.recent, traffic.usual) == ({}, {LIBRARY: sample(60, 80)})
    clock.set(morning + WEEK + timedelta(hours=5))
    assert (await store.traffic()).usual == {LIBRARY: sample(600)}
    clock.set(morning + timedelta(days=8))
    assert (await store.traffic()).usual == {LIBRARY: sample(900)}
    # What is measured now is recent, and no part of what is usual.
    clock.set(morning + WEEK)
    await serve(store, clock, 100)
    traffic = await store.traffic()
    assert traffic.recent == {LIBRARY: sample(100)}
    assert traffic.usual == {LIBRARY: sample(60, 80)}
    clock.set(morning + 2 * WEEK)
    assert (await store.traffic()).usual == {LIBRARY: sample(60, 80, 100)}
    # What was usual long ago is so no more.
    clock.set(morning + 52 * WEEK)
    assert (await store.traffic()).usual == {}


@pytest.mark.parametrize("change", ["2026-03-29", "2026-10-25"])
async def test_what_is_usual_goes_by_the_clocks_on_the_wall(
    store: QueueStore, clock: HandClock, change: str
) -> None:
    sunday = datetime.fromisoformat(change)
    clock.set(sunday - timedelta(days=3) + timedelta(hours=9, minutes=30))
    await serve(store, clock, 60)
    # Three hours apart, so that none is next to another.
    clock.set(sunday - timedelta(days=3) + timedelta(hours=12, minutes=30))
    await serve(store, clock, 600)
    clock.set(sunday + timedelta(days=4) + timedelta(hours=9, minutes=30))
    assert (await store.traffic()).usual == {LIBRARY: sample(60)}
    clock.set(sunday + timedelta(days=4) + timedelta(hours=12, minutes=30))
    assert (await store.traffic()).usual == {LIBRARY: sample(600)}


# What was told, and what came


TOLD = minutes(5, 8, 12)


async def issue(store: QueueStore, *units: UnitId, priority: Priority | None = None) -> Ticket:
    """Give a ticket, telling an estimate of each wait."""
    return await store.issue(
        units or [LIBRARY],
        series="K",
        language="fi",
        estimates=dict.fromkeys(units or [LIBRARY], TOLD),
        priority=priority,
    )


async def test_what_was_told_is_kept_with_what_came(store: QueueStore, clock: HandClock) -> None:
    began = clock.now()
    await issue(store)
    clock.advance(minutes=2)
    await store.issue([HEALTH], series="A", language="fi", estimates={HEALTH: minutes(1, 2, 3.5)})
    clock.advance(minutes=7, seconds=30)
    await store.call_next(ONE, [LIBRARY])
    assert await store.outcomes(began) == [
        Outcome(unit=LIBRARY, estimate=TOLD, waited=timedelta(minutes=9, seconds=30))
    ]
    await store.recall(ONE)
    clock.advance(minutes=1)
    await store.call_next(TWO, [HEALTH])
    outcomes = await store.outcomes(began)
    assert [outcome.unit for outcome in outcomes] == [LIBRARY, HEALTH]
    assert outcomes[0].waited == timedelta(minutes=9, seconds=30)  # the recall is no other wait
    assert outcomes[1].waited == timedelta(minutes=8, seconds=30)
    assert outcomes[1].estimate == minutes(1, 2, 3.5)
    # Of those who came since.
    assert await store.outcomes(began + timedelta(minutes=1)) == outcomes[1:]
    assert await store.outcomes(clock.now()) == []
    clock.advance(days=2)
    assert await store.outcomes(began) == outcomes


async def test_nothing_came_of_it_until_they_are_called(
    store: QueueStore, clock: HandClock
) -> None:
    began = clock.now()
    await issue(store)
    await store.leave((await errand_of(store, await issue(store))).id)
    assert await store.outcomes(began) == []


async def test_who_was_told_nothing_is_no_outcome(store: QueueStore, clock: HandClock) -> None:
    began = clock.now()
    await give(store)
    await store.call_next(ONE, [LIBRARY])
    assert await store.outcomes(began) == []


async def test_a_head_start_that_was_known_when_it_was_told_counts(
    store: QueueStore, clock: HandClock
) -> None:
    began = clock.now()
    await issue(store, priority=INFANT)
    clock.advance(minutes=6)
    await store.call_next(ONE, [LIBRARY])
    assert [each.waited for each in await store.outcomes(began)] == [timedelta(minutes=6)]


@pytest.mark.parametrize(
    "case", ["parked", "back", "put off", "head start", "several", "transferred"]
)
async def test_only_who_went_as_the_queue_went_is_an_outcome(
    store: QueueStore, clock: HandClock, case: str
) -> None:
    began = clock.now()
    ticket = await issue(store, *([LIBRARY, HEALTH] if case == "several" else [LIBRARY]))
    it = (await errand_of(store, ticket)).id
    clock.advance(minutes=5)
    match case:
        case "parked":
            await store.park(ONE, errand=it)
            await store.resume(ONE, it)
        case "back":
            await store.call(ONE, it)
            await store.back(ONE)
        case "put off":
            await store.put_off(ticket.token, by=timedelta(minutes=5), times=1)
        case "head start":
            await store.head_start(it, INFANT)
        case "transferred":
            await store.transfer(ONE, HEALTH, errand=it)
    clock.advance(minutes=5)
    assert await store.call_next(ONE, ALL)
    assert await store.outcomes(began) == []


async def test_a_call_that_was_a_mistake_is_no_outcome(store: QueueStore, clock: HandClock) -> None:
    began = clock.now()
    await issue(store)
    clock.advance(minutes=3)
    await store.call_next(ONE, [LIBRARY])
    await store.undo(ONE)
    assert await store.outcomes(began) == []
    clock.advance(minutes=4)
    await store.call_next(ONE, [LIBRARY])
    assert [each.waited for each in await store.outcomes(began)] == [timedelta(minutes=7)]


async def test_what_is_done_at_the_counter_changes_no_wait(
    store: QueueStore, clock: HandClock
) -> None:
    began = clock.now()
    for end in ("finish", "no_show", "transfer"):
        await issue(store)
        clock.advance(minutes=3)
        await store.call_next(ONE, [LIBRARY])
        clock.advance(minutes=1)
        if end == "transfer":
            await store.transfer(ONE, HEALTH)
        else:
            await getattr(store, end)(ONE)
    waits = [each.waited for each in await store.outcomes(began)]
    assert waits == [timedelta(minutes=3)] * 3


# Who is in the staff's hands


async def test_who_is_at_a_counter_or_parked_is_in_hand(store: QueueStore) -> None:
    at_counter, parked, _waiting = [await give(store, unit) for unit in ALL]
    await store.park(ONE, errand=(await errand_of(store, parked)).id)
    await store.call_next(TWO, [LIBRARY])
    in_hand = await store.in_hand()
    assert in_hand == (await errand_of(store, at_counter), await errand_of(store, parked))
    await store.start(TWO)
    assert [errand.state for errand in await store.in_hand()] == [State.SERVING, State.PARKED]
    await store.finish(TWO)
    await store.resume(ONE, in_hand[1].id)
    assert await store.in_hand() == ()
