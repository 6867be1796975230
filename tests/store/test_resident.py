"""What residents see of their visit, and what they can do themselves: by the ticket's token."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest

from shared.errors import RefusedError
from shared.model import State, Ticket, Visit
from shared.store import QueueStore
from tests.conftest import HandClock
from tests.store.conftest import Another
from tests.store.lobby import (
    ALL,
    HEALTH,
    INFANT,
    LIBRARY,
    ONE,
    SERVICE,
    TWO,
    at,
    errand_of,
    give,
    minutes,
    parked,
    queue,
    views,
    visit,
)

FIVE = timedelta(minutes=5)


async def visit_of(store: QueueStore, ticket: Ticket) -> Visit:
    return (await store.visits([ticket.token]))[ticket.token]


async def ahead(store: QueueStore, *tickets: Ticket) -> list[list[int | None]]:
    """Return how many are before each ticket in each of its queues, read all at once."""
    visits = await store.visits([ticket.token for ticket in tickets])
    return [[stop.ahead for stop in visits[ticket.token].stops] for ticket in tickets]


# What a visit is


async def test_a_visit_is_a_ticket_and_what_has_become_of_it(
    store: QueueStore, clock: HandClock
) -> None:
    came = clock.now()
    await give(store, HEALTH)
    told = minutes(5, 8, 12)
    ticket = await store.issue(
        [LIBRARY, HEALTH], series="K", language="sv", estimates={HEALTH: told}
    )
    clock.advance(minutes=4)
    await store.call_next(TWO, [LIBRARY])
    await store.recall(TWO)
    seen = await visit_of(store, ticket)
    assert (seen.token, seen.label, seen.language) == (ticket.token, "K 002", "sv")
    assert (seen.issued_at, seen.appointed_at, seen.score) == (came, None, None)
    assert not seen.is_over
    library, health = seen.stops
    assert (library.unit, library.state, library.since) == (LIBRARY, State.CALLED, clock.now())
    assert (library.counter, library.calls, library.ahead) == (TWO, 2, None)
    assert (health.unit, health.state, health.since) == (HEALTH, State.WAITING, came)
    assert (health.counter, health.calls, health.ahead) == (None, 0, 1)
    assert (library.told, health.told) == (None, told)


async def test_what_went_on_elsewhere_is_left_out(store: QueueStore) -> None:
    ticket = await give(store)
    await store.call_next(ONE, [LIBRARY])
    await store.transfer(ONE, HEALTH)
    [stop] = (await visit_of(store, ticket)).stops
    assert (stop.unit, stop.state) == (HEALTH, State.WAITING)
    await store.undo(ONE)
    [stop] = (await visit_of(store, ticket)).stops
    assert (stop.unit, stop.state, stop.counter) == (LIBRARY, State.CALLED, ONE)


async def test_an_appointment_s_time_is_told(store: QueueStore, clock: HandClock) -> None:
    ticket = await visit(store, clock, minutes=20)
    assert (await visit_of(store, ticket)).appointed_at == clock.now() + timedelta(minutes=20)


async def test_who_is_ahead_is_who_stands_before_it_in_that_queue(
    store: QueueStore, clock: HandClock
) -> None:
    first = await give(store, LIBRARY, HEALTH)
    second = await give(store, HEALTH)
    for _ in range(3):
        await give(store)
    clock.advance(minutes=20)
    fourth = await give(store, LIBRARY, HEALTH)
    sooner = await give(store, HEALTH, priority=INFANT)
    booked = await visit(store, clock, minutes=30)
    tickets = booked, sooner, fourth, second, first
    seen = await ahead(store, *tickets)
    assert seen == [[5], [2], [4, 3], [1], [0, 0]]
    # Each by itself is told the same.
    assert [(await ahead(store, ticket))[0] for ticket in tickets] == seen
    # Who is at a counter, parked or gone is ahead of nobody.
    await store.call(ONE, (await errand_of(store, second)).id)
    await store.park(TWO, errand=(await errand_of(store, sooner)).id)
    assert await ahead(store, *tickets) == [[5], [None], [4, 1], [None], [0, 0]]


async def test_many_visits_are_looked_at_in_one_look(store: QueueStore) -> None:
    tickets = [await give(store) for _ in range(9)]
    tokens = [ticket.token for ticket in tickets[::2]]
    visits = await store.visits([*tokens, *tokens, "unknown"])
    assert sorted(visit.label for visit in visits.values()) == [
        "K 001",
        "K 003",
        "K 005",
        "K 007",
        "K 009",
    ]
    assert [len(visit.stops) for visit in visits.values()] == [1] * 5
    assert await store.visits([]) == {}


async def test_a_ticket_of_another_day_is_not_known(store: QueueStore, clock: HandClock) -> None:
    ticket = await give(store)
    clock.advance(days=1)
    assert await store.visits([ticket.token]) == {}
    clock.advance(days=-1)
    assert (await visit_of(store, ticket)).is_over


# More time


async def test_who_needs_more_time_lets_those_go_first_who_came_soon_after(
    store: QueueStore, clock: HandClock
) -> None:
    ticket = await give(store)
    for _ in range(3):
        clock.advance(minutes=2)
        await give(store)
    clock.advance(minutes=10)
    seen = await store.put_off(ticket.token, by=FIVE, times=2)
    [stop] = seen.stops
    assert (stop.put_off, stop.ahead) == (1, 2)
    assert await queue(store) == ["K 002", "K 003", "K 001", "K 004"]
    errand = await errand_of(store, ticket)
    assert errand.put_off == 1
    assert errand.since == ticket.issued_at  # it has waited all the time
    assert (await store.traffic()).queues[LIBRARY].longest_since == ticket.issued_at


async def test_more_time_is_behind_the_next_one_at_least(
    store: QueueStore, clock: HandClock
) -> None:
    ticket = await give(store)
    clock.advance(minutes=20)
    await give(store)
    clock.advance(minutes=1)
    await give(store)
    await store.put_off(ticket.token, by=FIVE, times=2)
    assert await queue(store) == ["K 002", "K 001", "K 003"]


@pytest.mark.parametrize("called", [False, True], ids=["waiting", "called"])
async def test_where_nobody_is_behind_who_comes_in_that_time_goes_first(
    store: QueueStore, clock: HandClock, *, called: bool
) -> None:
    ticket = await give(store)
    clock.advance(minutes=30)
    if called:
        await store.call_next(ONE, [LIBRARY])
    await store.put_off(ticket.token, by=FIVE, times=2)
    clock.advance(minutes=4)
    await give(store)
    clock.advance(minutes=2)
    await give(store)
    assert await queue(store) == ["K 002", "K 001", "K 003"]


async def test_more_time_is_not_behind_an_appointment_that_is_still_to_come(
    store: QueueStore, clock: HandClock
) -> None:
    ticket = await give(store)
    await visit(store, clock, minutes=180)
    await store.put_off(ticket.token, by=FIVE, times=2)
    clock.advance(minutes=6)
    await give(store)
    assert await queue(store) == ["K 001", "K 003", "K 002"]


async def test_who_is_called_and_needs_more_time_waits_again(
    store: QueueStore, clock: HandClock
) -> None:
    ticket = await give(store)
    await give(store)
    call = await store.call_next(ONE, [LIBRARY])
    assert call
    clock.advance(minutes=1)
    [stop] = (await store.put_off(ticket.token, by=FIVE, times=1)).stops
    assert (stop.state, stop.since, stop.put_off) == (State.WAITING, clock.now(), 1)
    assert await at(store, ONE) is None
    assert await queue(store) == ["K 002", "K 001"]
    # The lobby is told that the call does not hold any more, the counter that nobody comes.
    [withdrawn] = await store.calls(None, after=call.id, limit=10)
    assert (withdrawn.withdrawn, withdrawn.errand, withdrawn.counter) == (True, call.errand, ONE)
    assert withdrawn.at == clock.now()
    for verb in (store.recall, store.start, store.no_show, store.back, store.finish):
        with pytest.raises(RefusedError):
            await verb(ONE, errand=call.errand)
    again = await store.call(TWO, call.errand)
    assert await store.calls(None, after=call.id, limit=10) == (again, withdrawn)


async def test_who_waits_and_needs_more_time_is_no_news_to_the_lobby(store: QueueStore) -> None:
    ticket = await give(store)
    await store.put_off(ticket.token, by=FIVE, times=1)
    assert await store.calls(None, limit=10) == ()


async def test_more_time_is_given_so_often_and_then_refused(
    store: QueueStore, clock: HandClock
) -> None:
    ticket = await give(store)
    for times in (1, 2):
        clock.advance(minutes=1)
        [stop] = (await store.put_off(ticket.token, by=FIVE, times=2)).stops
        assert stop.put_off == times
    refusal = await refused(store, ticket, lambda: store.put_off(ticket.token, by=FIVE, times=2))
    assert "as often as that can be done" in refusal.message
    # A call does not make it more.
    await store.call_next(ONE, [LIBRARY])
    await refused(store, ticket, lambda: store.put_off(ticket.token, by=FIVE, times=2))


async def test_more_time_is_for_all_that_the_ticket_waits_for(
    store: QueueStore, clock: HandClock
) -> None:
    ticket = await give(store, *ALL)
    for unit in ALL:
        clock.advance(minutes=1)
        await give(store, unit)
    await store.call(ONE, (await errand_of(store, ticket, SERVICE)).id)
    await store.park(ONE, errand=(await errand_of(store, ticket, HEALTH)).id)
    seen = await store.put_off(ticket.token, by=FIVE, times=1)
    assert [(stop.unit, stop.state, stop.put_off) for stop in seen.stops] == [
        (LIBRARY, State.WAITING, 1),
        (SERVICE, State.WAITING, 1),
        (HEALTH, State.PARKED, 0),
    ]
    for unit in (LIBRARY, SERVICE):
        assert (await queue(store, unit))[-1] == "K 001"
    # What is brought back now can be put off too; the others were.
    await store.resume(ONE, (await errand_of(store, ticket, HEALTH)).id)
    seen = await store.put_off(ticket.token, by=FIVE, times=1)
    assert [stop.put_off for stop in seen.stops] == [1, 1, 1]


async def test_a_head_start_and_an_appointment_stay_what_they_are_with_more_time(
    store: QueueStore, clock: HandClock
) -> None:
    booked = await visit(store, clock, minutes=10)
    seen = await store.put_off(booked.token, by=FIVE, times=1)
    assert seen.appointed_at == booked.appointed_at
    clock.advance(minutes=14)
    await give(store)
    assert await queue(store) == ["K 002", "K 001"]

    sooner = await give(store, HEALTH, priority=INFANT)
    await store.put_off(sooner.token, by=FIVE, times=1)
    assert (await errand_of(store, sooner)).priority == "infant"
    await give(store, HEALTH)
    assert await queue(store, HEALTH) == ["K 004", "K 003"]


@pytest.mark.parametrize("hours", [1, 24], ids=["an hour", "a day"])
async def test_more_time_moves_nobody_forward_while_the_clock_is_behind(
    store: QueueStore, clock: HandClock, hours: int
) -> None:
    clock.advance(hours=hours)
    await give(store)
    clock.advance(hours=-hours)
    last = await give(store, series="A")
    await store.put_off(last.token, by=FIVE, times=1)
    assert await queue(store) == ["K 001", "A 001"]


# Giving up


async def test_who_gives_up_leaves_all_queues(store: QueueStore, clock: HandClock) -> None:
    ticket = await give(store, *ALL)
    await store.call_next(ONE, [SERVICE])
    await store.finish(ONE)
    await store.park(ONE, errand=(await errand_of(store, ticket, HEALTH)).id)
    clock.advance(minutes=1)
    seen = await store.give_up(ticket.token)
    assert seen.is_over
    assert [(stop.state, stop.since == clock.now()) for stop in seen.stops] == [
        (State.LEFT, True),
        (State.SERVED, False),
        (State.LEFT, True),
    ]
    assert await queue(store) == await parked(store) == []
    # It is no counter's step, and none can take it back, nor what it did before.
    with pytest.raises(RefusedError, match="has come after it"):
        await store.undo(ONE)


async def test_nobody_gives_up_while_a_counter_has_them(store: QueueStore) -> None:
    ticket = await give(store, LIBRARY, HEALTH)
    await store.call_next(ONE, [LIBRARY])
    for step in (store.start, store.finish):
        refusal = await refused(store, ticket, lambda: store.give_up(ticket.token))
        assert refusal.message == "K 001 has been called to a counter."
        await step(ONE)
    assert (await store.give_up(ticket.token)).is_over


# How it went


async def served(store: QueueStore) -> Ticket:
    ticket = await give(store)
    await store.call_next(ONE, [LIBRARY])
    await store.finish(ONE)
    return ticket


@pytest.mark.parametrize("score", range(1, 6))
async def test_how_it_went_is_said_once_by_who_was_there(store: QueueStore, score: int) -> None:
    ticket, other = await served(store), await served(store)
    assert (await store.rate(ticket.token, score)).score == score
    assert (await visit_of(store, ticket)).score == score
    refusal = await refused(store, ticket, lambda: store.rate(ticket.token, 3))
    assert refusal.message == "You have told already how it went."
    assert (await visit_of(store, other)).score is None


async def test_how_it_went_is_said_when_the_visit_is_over(store: QueueStore) -> None:
    ticket = await give(store, LIBRARY, HEALTH)
    for unit in (LIBRARY, HEALTH):
        await store.call_next(ONE, [unit])
        refusal = await refused(store, ticket, lambda: store.rate(ticket.token, 5))
        assert refusal.message == "K 001 is not over yet."
        await store.finish(ONE)
    await store.rate(ticket.token, 5)


async def test_what_was_said_stays_when_the_visit_goes_on(store: QueueStore) -> None:
    ticket = await served(store)
    await store.rate(ticket.token, 2)
    await store.undo(ONE)
    assert await at(store, ONE) == ("K 001", State.CALLED)
    await store.finish(ONE)
    assert (await visit_of(store, ticket)).score == 2


# What is refused


async def refused(
    store: QueueStore, ticket: Ticket, act: Callable[[], Awaitable[object]]
) -> RefusedError:
    """Return why a verb is refused; it has changed nothing."""

    async def everything() -> object:
        return await views(store, ticket), await store.visits([ticket.token])

    before = await everything()
    with pytest.raises(RefusedError) as refusal:
        await act()
    assert await everything() == before
    assert all(refusal.value.told())
    return refusal.value


@pytest.mark.parametrize("whose", ["nobody's", "yesterday's", "a part of one"])
async def test_a_token_that_is_not_one_of_today_is_kindly_refused(
    store: QueueStore, clock: HandClock, whose: str
) -> None:
    ticket = await give(store)
    token = {"nobody's": "x" * 16, "yesterday's": ticket.token, "a part of one": ticket.token[:-1]}
    clock.advance(days=whose == "yesterday's")
    for act in (
        lambda: store.put_off(token[whose], by=FIVE, times=9),
        lambda: store.give_up(token[whose]),
        lambda: store.rate(token[whose], 5),
    ):
        refusal = await refused(store, ticket, act)
        assert refusal.title == "This ticket is not known"
        assert token[whose] not in str(refusal)  # it is a secret, also in logs


async def test_what_a_resident_does_is_seen_by_every_program(
    store: QueueStore, another: Another
) -> None:
    other = await another()
    ticket, next_ = await give(store), await give(store)
    await store.put_off(ticket.token, by=FIVE, times=1)
    assert await queue(other) == ["K 002", "K 001"]
    await store.give_up(next_.token)
    assert await queue(other) == ["K 001"]
    await store.give_up(ticket.token)
    await store.rate(ticket.token, 1)
    assert (await visit_of(other, ticket)).score == 1
