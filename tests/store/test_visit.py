"""One visit, several services: parking, transfers, errands that come back, leaving."""

from __future__ import annotations

import pytest

from shared.errors import RefusedError
from shared.model import CounterId, State, UnitId
from shared.store import QueueStore
from tests.conftest import HandClock
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
    parked,
    queue,
    views,
    visit,
)

SOCIAL = UnitId("social")

# Parking


async def test_who_is_put_aside_is_called_by_nobody_and_comes_back_to_the_old_place(
    store: QueueStore, clock: HandClock
) -> None:
    first = await errand_of(store, await give(store))
    for _ in range(2):
        clock.advance(minutes=1)
        await give(store)
    await store.park(ONE, errand=first.id)
    assert await queue(store) == ["K 002", "K 003"]
    clock.advance(minutes=30)
    back = await store.resume(TWO, first.id)
    assert (back.state, back.since) == (State.WAITING, clock.now())
    assert await queue(store) == ["K 001", "K 002", "K 003"]


async def test_who_is_parked_from_the_counter_frees_it(store: QueueStore, clock: HandClock) -> None:
    for _ in range(2):
        await give(store)
        clock.advance(minutes=1)
    await store.call_next(ONE, [LIBRARY])
    await store.start(ONE)
    await store.park(ONE)
    assert await at(store, ONE) is None
    call = await store.call_next(ONE, [LIBRARY])
    assert call
    assert call.label == "K 002"
    await store.resume(ONE, (await store.find("K", 1))[0].id)
    assert await queue(store) == ["K 001"]


async def test_the_parked_are_listed_the_first_one_first(
    store: QueueStore, clock: HandClock
) -> None:
    tickets = [await give(store, unit) for unit in (LIBRARY, HEALTH, LIBRARY)]
    for ticket in (tickets[2], tickets[0], tickets[1]):
        await store.park(ONE, errand=(await errand_of(store, ticket)).id)
        clock.advance(minutes=1)
    assert await parked(store) == ["K 003", "K 001", "K 002"]
    # Like a queue, for the units that one asks about.
    desk = await store.desk(ONE, [LIBRARY])
    assert [errand.label for errand in desk.parked] == ["K 003", "K 001"]


async def test_one_errand_of_a_ticket_is_parked_and_the_others_wait_on(store: QueueStore) -> None:
    ticket = await give(store, LIBRARY, HEALTH)
    await store.park(ONE, errand=(await errand_of(store, ticket, LIBRARY)).id)
    assert await parked(store) == ["K 001"]
    assert await queue(store) == ["K 001"]
    call = await store.call_next(ONE, ALL)
    assert call
    assert call.unit == HEALTH
    [aside] = (await store.desk(ONE, ALL)).parked
    assert aside.also == (HEALTH,)


async def test_who_is_parked_and_at_another_counter_cannot_be_called(store: QueueStore) -> None:
    ticket = await give(store, LIBRARY, HEALTH)
    aside = await errand_of(store, ticket, LIBRARY)
    await store.park(ONE, errand=aside.id)
    await store.call_next(TWO, [HEALTH])
    with pytest.raises(RefusedError, match="K 001 was called to counter 2"):
        await store.call(ONE, aside.id)
    await store.finish(TWO)
    assert (await store.call(ONE, aside.id)).errand == aside.id


# Transfer


@pytest.mark.parametrize("from_", ["waiting", "parked", "called", "serving"])
async def test_who_is_transferred_keeps_the_place_in_time(
    store: QueueStore, clock: HandClock, from_: str
) -> None:
    await give(store, HEALTH)
    clock.advance(minutes=1)
    old = await errand_of(store, await give(store))
    clock.advance(minutes=1)
    await give(store, HEALTH)
    clock.advance(minutes=10)
    match from_:
        case "parked":
            await store.park(ONE, errand=old.id)
        case "called" | "serving":
            await store.call_next(ONE, [LIBRARY])
            if from_ == "serving":
                await store.start(ONE)
    new = await store.transfer(ONE, HEALTH, errand=old.id, reason="form")
    assert await queue(store) == ["K 001", "K 002", "K 003"]
    assert await at(store, ONE) is None
    assert new.id != old.id
    assert (new.ticket, new.label, new.unit) == (old.ticket, "K 002", HEALTH)
    assert (new.state, new.since, new.issued_at) == (State.WAITING, clock.now(), old.issued_at)
    # The next colleague knows where from, and why.
    assert (new.origin, new.reason, new.back_to) == (LIBRARY, "form", None)
    assert (new.calls, new.counter, new.also) == (0, None, ())
    assert [errand.state for errand in await store.find("K", 2)] == [
        State.TRANSFERRED,
        State.WAITING,
    ]


async def test_a_transfer_takes_one_errand_of_several(store: QueueStore) -> None:
    ticket = await give(store, LIBRARY, SERVICE)
    await store.call_next(ONE, [LIBRARY])
    new = await store.transfer(ONE, HEALTH)
    assert new.also == (SERVICE,)
    assert [(errand.unit, errand.state) for errand in await store.find("K", 1)] == [
        (LIBRARY, State.TRANSFERRED),
        (SERVICE, State.WAITING),
        (HEALTH, State.WAITING),
    ]
    assert (await errand_of(store, ticket, SERVICE)).also == (HEALTH,)


async def test_a_ticket_that_is_at_another_counter_can_be_transferred_in_its_other_queue(
    store: QueueStore,
) -> None:
    ticket = await give(store, LIBRARY, SERVICE)
    await store.call_next(TWO, [LIBRARY])
    await store.transfer(ONE, HEALTH, errand=(await errand_of(store, ticket, SERVICE)).id)
    assert await at(store, TWO) == ("K 001", State.CALLED)
    await store.finish(TWO)
    assert await queue(store, HEALTH) == ["K 001"]


@pytest.mark.parametrize("other", ["waiting", "parked", "called", "serving"])
async def test_nobody_stands_in_one_queue_twice(store: QueueStore, other: str) -> None:
    ticket = await give(store, LIBRARY, HEALTH)
    there = await errand_of(store, ticket, HEALTH)
    match other:
        case "parked":
            await store.park(TWO, errand=there.id)
        case "called" | "serving":
            await store.call_next(TWO, [HEALTH])
            if other == "serving":
                await store.start(TWO)
    here = await errand_of(store, ticket, LIBRARY)
    before = await views(store, ticket)
    for unit in (HEALTH, LIBRARY):
        with pytest.raises(RefusedError, match="K 001") as refused:
            await store.transfer(ONE, unit, errand=here.id)
        assert refused.value.hint
    assert await views(store, ticket) == before
    # Once that is over, it can.
    if other in {"called", "serving"}:
        await store.finish(TWO)
        assert (await store.transfer(ONE, HEALTH, errand=here.id)).unit == HEALTH


async def test_an_appointment_stays_one_when_it_is_transferred(
    store: QueueStore, clock: HandClock
) -> None:
    ticket = await visit(store, clock, minutes=30)
    await store.call_next(ONE, [LIBRARY])
    new = await store.transfer(ONE, HEALTH)
    assert new.appointed_at == ticket.appointed_at
    await give(store, HEALTH)
    clock.advance(minutes=20)
    await give(store, HEALTH)
    assert await queue(store, HEALTH) == ["K 002", "K 003", "K 001"]


# Transfer and return


@pytest.mark.parametrize("ended_by", ["finish", "next", "nobody next", "a chosen one"])
async def test_who_is_to_come_back_does_once_the_other_unit_has_finished(
    store: QueueStore, clock: HandClock, ended_by: str
) -> None:
    came = clock.now()
    await give(store)
    clock.advance(minutes=1)
    await give(store)
    if ended_by != "nobody next":
        await give(store, HEALTH, series="A")
    await store.call_next(ONE, [LIBRARY])
    sent = await store.transfer(ONE, HEALTH, reason="form", comes_back=True)
    assert (sent.origin, sent.back_to) == (LIBRARY, LIBRARY)
    assert await queue(store, LIBRARY) == ["K 002"]
    clock.advance(minutes=5)
    await store.call_next(TWO, [HEALTH])
    match ended_by:
        case "finish":
            assert (await store.finish(TWO)).id == sent.id
        case "a chosen one":
            await store.call(TWO, (await store.find("A", 1))[0].id)
        case _:
            await store.call_next(TWO, [HEALTH])
    # Before the one who came later: the place in time is the old one.
    assert await queue(store, LIBRARY) == ["K 001", "K 002"]
    back = (await store.find("K", 1))[-1]
    assert (back.unit, back.state, back.since) == (LIBRARY, State.WAITING, clock.now())
    assert (back.issued_at, back.origin) == (came, HEALTH)
    assert (back.reason, back.back_to, back.calls) == (None, None, 0)
    # And that is the end of it.
    await store.call_next(ONE, [LIBRARY])
    await store.finish(ONE)
    assert [(errand.unit, errand.state) for errand in await store.find("K", 1)] == [
        (LIBRARY, State.TRANSFERRED),
        (HEALTH, State.SERVED),
        (LIBRARY, State.SERVED),
    ]


@pytest.mark.parametrize("end", ["no-show", "left"])
async def test_who_is_not_served_there_does_not_come_back(store: QueueStore, end: str) -> None:
    await give(store)
    await store.call_next(ONE, [LIBRARY])
    sent = await store.transfer(ONE, HEALTH, comes_back=True)
    if end == "no-show":
        await store.call_next(TWO, [HEALTH])
        await store.no_show(TWO)
    else:
        await store.leave(sent.id)
    assert await queue(store) == []


async def test_who_is_sent_on_still_comes_back_to_where_it_began(store: QueueStore) -> None:
    await give(store)
    await store.call_next(ONE, [LIBRARY])
    await store.transfer(ONE, HEALTH, comes_back=True)
    await store.call_next(TWO, [HEALTH])
    sent_on = await store.transfer(TWO, SERVICE)
    assert (sent_on.origin, sent_on.back_to) == (HEALTH, LIBRARY)
    await store.call_next(TWO, [SERVICE])
    await store.finish(TWO)
    assert await queue(store, LIBRARY) == ["K 001"]


async def test_who_is_sent_back_by_a_transfer_does_not_return_a_second_time(
    store: QueueStore,
) -> None:
    await give(store)
    await store.call_next(ONE, [LIBRARY])
    await store.transfer(ONE, HEALTH, comes_back=True)
    await store.call_next(TWO, [HEALTH])
    returned = await store.transfer(TWO, LIBRARY)
    assert returned.back_to is None
    await store.call_next(ONE, [LIBRARY])
    await store.finish(ONE)
    assert await queue(store) == []


async def test_who_waits_there_already_does_not_come_back_twice(store: QueueStore) -> None:
    ticket = await give(store, LIBRARY, SERVICE)
    await store.call_next(ONE, [LIBRARY])
    await store.transfer(ONE, HEALTH, comes_back=True)
    await store.transfer(ONE, LIBRARY, errand=(await errand_of(store, ticket, SERVICE)).id)
    await store.call_next(TWO, [HEALTH])
    await store.finish(TWO)
    assert [errand.unit for errand in (await store.desk(ONE, ALL)).waiting] == [LIBRARY]


async def sent(store: QueueStore, *units: UnitId, comes_back: bool = True) -> None:
    """Let whoever waits be called, and be sent on, from one unit to the next."""
    for unit in units:
        await store.call_next(ONE, ALL)
        await store.transfer(ONE, unit, comes_back=comes_back)


async def comes_by(store: QueueStore) -> list[UnitId]:
    """Serve the only one who waits until nothing is left to do; return where that was."""
    units = []
    while call := await store.call_next(ONE, ALL):
        units.append(call.unit)
        await store.start(ONE)
        goes_to = (await store.find("K", 1))[-1].back_to
        await store.finish(ONE)
        waiting = (await store.desk(ONE, ALL)).waiting
        assert [errand.unit for errand in waiting] == ([goes_to] if goes_to else [])
    return units


async def test_who_is_sent_on_within_a_return_comes_back_and_back_again(store: QueueStore) -> None:
    await give(store)
    await sent(store, HEALTH, SERVICE)
    assert await comes_by(store) == [SERVICE, HEALTH, LIBRARY]


async def test_who_comes_back_may_be_sent_on_again(store: QueueStore) -> None:
    await give(store)
    await sent(store, HEALTH, SERVICE)
    await store.call_next(ONE, ALL)
    await store.finish(ONE)
    # In health again, to go back to the library.
    await sent(store, SERVICE)
    assert await comes_by(store) == [SERVICE, HEALTH, LIBRARY]


async def test_who_is_sent_there_by_hand_has_come_back_and_still_goes_on_from_there(
    store: QueueStore,
) -> None:
    await give(store)
    await sent(store, HEALTH, SERVICE)
    await sent(store, HEALTH, comes_back=False)
    assert await comes_by(store) == [HEALTH, LIBRARY]


async def test_a_way_that_leads_through_one_unit_twice_ends(store: QueueStore) -> None:
    await give(store)
    await sent(store, HEALTH, SERVICE, LIBRARY)
    await sent(store, HEALTH, comes_back=False)
    assert await comes_by(store) == [HEALTH, SERVICE, HEALTH, LIBRARY]


async def test_who_waits_there_already_goes_back_to_where_it_was_to_go_from_there(
    store: QueueStore,
) -> None:
    ticket = await give(store, LIBRARY, SOCIAL)
    other = (await errand_of(store, ticket, SOCIAL)).id
    await sent(store, HEALTH, SERVICE)
    await store.transfer(ONE, HEALTH, errand=other)
    await store.call_next(TWO, [SERVICE])
    await store.finish(TWO)
    assert [errand.unit for errand in (await store.desk(ONE, ALL)).waiting] == [HEALTH, LIBRARY]


# Leaving


async def test_who_leaves_leaves_all_queues(store: QueueStore, clock: HandClock) -> None:
    ticket = await give(store, LIBRARY, SERVICE, HEALTH)
    await store.call_next(ONE, [LIBRARY])
    await store.finish(ONE)
    await store.park(ONE, errand=(await errand_of(store, ticket, HEALTH)).id)
    clock.advance(minutes=1)
    chosen = await errand_of(store, ticket, SERVICE)
    left = await store.leave(chosen.id)
    assert (left.id, left.state, left.since, left.also) == (
        chosen.id,
        State.LEFT,
        clock.now(),
        (),
    )
    assert [errand.state for errand in await store.find("K", 1)] == [
        State.SERVED,
        State.LEFT,
        State.LEFT,
    ]
    assert await queue(store) == []
    assert await parked(store) == []


@pytest.mark.parametrize("begun", [False, True], ids=["called", "serving"])
@pytest.mark.parametrize("counter", [None, ONE, TWO], ids=["nobody", "another", "the same"])
async def test_who_is_at_a_counter_cannot_leave_the_other_queues_meanwhile(
    store: QueueStore, counter: CounterId | None, *, begun: bool
) -> None:
    ticket = await give(store, LIBRARY, HEALTH)
    await store.call_next(TWO, [HEALTH])
    if begun:
        await store.start(TWO)
    waits = await errand_of(store, ticket, LIBRARY)
    before = await views(store, ticket)
    with pytest.raises(RefusedError, match=r"K 001 .* counter 2") as refused:
        await store.leave(waits.id, counter=counter)
    assert refused.value.hint
    assert await views(store, ticket) == before


async def test_head_start_and_leave_need_no_counter(store: QueueStore) -> None:
    await give(store)
    errand = await errand_of(store, await give(store))
    await store.head_start(errand.id, INFANT)
    assert await queue(store) == ["K 002", "K 001"]
    await store.leave(errand.id)
    # They are no counter's step, and none can take them back.
    with pytest.raises(RefusedError):
        await store.undo(ONE)
