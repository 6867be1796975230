"""Who is called next: the order of a counter, and what moves anybody in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta

import pytest

from shared.model import UnitId
from shared.store import QueueStore
from tests.conftest import HandClock
from tests.store.lobby import (
    ALL,
    HEALTH,
    INFANT,
    LIBRARY,
    MOBILITY,
    ONE,
    SERVICE,
    TWO,
    errand_of,
    give,
    queue,
    visit,
)

Patience = Mapping[UnitId, timedelta] | None

TWENTY = dict.fromkeys(ALL, timedelta(minutes=20))


async def called(
    store: QueueStore, units: Sequence[UnitId] = ALL, patience: Patience = None
) -> list[str]:
    """Call everybody; return who came, in order: the one that the desk had shown."""
    labels = []
    shown = [errand.id for errand in (await store.desk(ONE, units, patience=patience)).waiting]
    while call := await store.call_next(ONE, units, patience=patience):
        labels.append(call.label)
        assert call.errand == shown.pop(0)
        desk = await store.desk(ONE, units, patience=patience)
        assert [errand.id for errand in desk.waiting] == shown
    assert shown == []
    return labels


async def test_the_first_to_come_is_called_first(store: QueueStore, clock: HandClock) -> None:
    for _ in range(3):
        await give(store)
        clock.advance(minutes=1)
    assert await called(store) == ["K 001", "K 002", "K 003"]


async def test_who_comes_at_one_moment_is_called_by_number(store: QueueStore) -> None:
    for _ in range(3):
        await give(store)
    assert await called(store) == ["K 001", "K 002", "K 003"]


async def test_a_counter_with_several_units_takes_whoever_waits_longest(
    store: QueueStore, clock: HandClock
) -> None:
    for unit, series in [(HEALTH, "A"), (LIBRARY, "K"), (SERVICE, "P"), (LIBRARY, "K")]:
        await give(store, unit, series=series)
        clock.advance(seconds=1)
    assert await queue(store, SERVICE, LIBRARY) == ["K 001", "P 001", "K 002"]
    assert await called(store, [SERVICE, LIBRARY]) == ["K 001", "P 001", "K 002"]
    assert await queue(store) == ["A 001"]


# A counter's units in an order of preference


async def test_with_patience_the_unit_that_is_named_first_comes_first(
    store: QueueStore, clock: HandClock
) -> None:
    for unit, series in [(HEALTH, "A"), (LIBRARY, "K"), (SERVICE, "P")] * 2:
        await give(store, unit, series=series)
        clock.advance(minutes=1)
    assert await called(store, [SERVICE, LIBRARY], TWENTY) == ["P 001", "P 002", "K 001", "K 002"]
    assert await called(store, [HEALTH, SERVICE], TWENTY) == ["A 001", "A 002"]


async def test_who_has_waited_for_longer_than_the_patience_comes_before_all_that(
    store: QueueStore, clock: HandClock
) -> None:
    await give(store, LIBRARY)
    await give(store, HEALTH)
    clock.advance(minutes=15)
    await give(store, SERVICE, series="P")
    await give(store, LIBRARY)
    clock.advance(minutes=6)
    # Of two who have waited for too long, the one who has waited for longer: not the listed one.
    assert await called(store, [SERVICE, HEALTH, LIBRARY], TWENTY) == [
        "K 001",
        "K 002",
        "P 001",
        "K 003",
    ]


@pytest.mark.parametrize("seconds", [-1, 0, 1])
async def test_when_patience_ends_the_desk_shows_who_is_called(
    store: QueueStore, clock: HandClock, seconds: int
) -> None:
    await give(store, LIBRARY)
    clock.advance(minutes=5)
    await give(store, SERVICE, series="P")
    clock.advance(minutes=15, seconds=seconds)
    labels = await called(store, [SERVICE, LIBRARY], TWENTY)
    assert labels == (["P 001", "K 001"] if seconds < 0 else ["K 001", "P 001"])


async def test_each_unit_has_a_patience_of_its_own(store: QueueStore, clock: HandClock) -> None:
    await give(store, LIBRARY)
    await give(store, HEALTH, series="A")
    clock.advance(minutes=10)
    await give(store, SERVICE, series="P")
    patience = {**TWENTY, HEALTH: timedelta(minutes=5)}
    assert await called(store, [SERVICE, LIBRARY, HEALTH], patience) == ["A 001", "P 001", "K 001"]


async def test_no_unit_is_starved(store: QueueStore, clock: HandClock) -> None:
    await give(store, LIBRARY, series="K")
    came = clock.now()
    while True:
        # Somebody comes for the preferred unit more often than one is called.
        for _ in range(2):
            await give(store, SERVICE, series="P")
        clock.advance(minutes=1)
        call = await store.call_next(ONE, [SERVICE, LIBRARY], patience=TWENTY)
        assert call
        if call.label == "K 001":
            break
    assert timedelta(minutes=20) <= clock.now() - came <= timedelta(minutes=21)


async def test_a_head_start_counts_as_waiting(store: QueueStore, clock: HandClock) -> None:
    await give(store, LIBRARY, priority=INFANT)
    await give(store, SERVICE, series="P")
    clock.advance(minutes=6)
    assert await called(store, [SERVICE, LIBRARY], TWENTY) == ["K 001", "P 001"]


# Whom a counter passes over


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


@pytest.mark.parametrize("patience", [None, TWENTY], ids=["longest wait", "listed"])
async def test_a_ticket_that_everybody_else_holds_is_nobody_for_this_counter(
    store: QueueStore, patience: Patience
) -> None:
    await give(store, LIBRARY, HEALTH)
    await store.call_next(ONE, [LIBRARY])
    await store.start(ONE)
    assert await store.call_next(TWO, [HEALTH], patience=patience) is None
    assert (await store.desk(TWO, [HEALTH], patience=patience)).waiting == ()


async def test_one_counter_does_a_ticket_s_errands_one_after_the_other(store: QueueStore) -> None:
    await give(store, LIBRARY, SERVICE)
    await give(store, LIBRARY)
    calls = [await store.call_next(ONE, [LIBRARY, SERVICE]) for _ in range(3)]
    assert [(call.label, call.unit) for call in calls if call] == [
        ("K 001", LIBRARY),
        ("K 001", SERVICE),
        ("K 002", LIBRARY),
    ]


# Head start


async def test_a_head_start_is_as_if_one_had_come_earlier(
    store: QueueStore, clock: HandClock
) -> None:
    for _ in range(3):
        await give(store)
        clock.advance(minutes=9)
    late = await errand_of(store, await give(store))
    given = await store.head_start(late.id, MOBILITY)
    assert (given.id, given.priority) == (late.id, "mobility")
    assert await queue(store) == ["K 001", "K 002", "K 004", "K 003"]


async def test_one_head_start_takes_the_place_of_another_and_none_takes_it_back(
    store: QueueStore, clock: HandClock
) -> None:
    await give(store)
    clock.advance(minutes=12)
    late = await errand_of(store, await give(store))
    for _ in range(2):
        await store.head_start(late.id, MOBILITY)
        assert await queue(store) == ["K 001", "K 002"]
    await store.head_start(late.id, INFANT)
    assert await queue(store) == ["K 002", "K 001"]
    back = await store.head_start(late.id, None)
    assert back.priority is None
    assert back == late
    assert await queue(store) == ["K 001", "K 002"]


async def test_the_head_start_of_a_ticket_s_issue_can_be_taken_back_too(
    store: QueueStore, clock: HandClock
) -> None:
    await give(store)
    clock.advance(minutes=12)
    late = await errand_of(store, await give(store, priority=INFANT))
    assert await queue(store) == ["K 002", "K 001"]
    await store.head_start(late.id, None)
    assert await queue(store) == ["K 001", "K 002"]


async def test_a_head_start_is_the_ticket_s_in_all_queues_that_it_waits_in(
    store: QueueStore, clock: HandClock
) -> None:
    for unit in ALL:
        await give(store, unit)
    clock.advance(minutes=12)
    ticket = await give(store, *ALL)
    aside = await errand_of(store, ticket, HEALTH)
    await store.park(ONE, errand=aside.id)
    await store.call(ONE, (await errand_of(store, ticket, SERVICE)).id)
    chosen = await errand_of(store, ticket, LIBRARY)
    await store.head_start(chosen.id, INFANT)
    priorities = {errand.unit: errand.priority for errand in await store.find("K", ticket.number)}
    # Who is at a counter has no need of it.
    assert priorities == {LIBRARY: "infant", HEALTH: "infant", SERVICE: None}
    await store.resume(ONE, aside.id)
    await store.finish(ONE)
    assert await queue(store, LIBRARY) == ["K 004", "K 001"]
    assert await queue(store, HEALTH) == ["K 004", "K 003"]


async def test_a_head_start_goes_on_with_a_transfer(store: QueueStore, clock: HandClock) -> None:
    await give(store, HEALTH)
    clock.advance(minutes=12)
    ticket = await give(store, LIBRARY, priority=INFANT)
    await store.call_next(ONE, [LIBRARY])
    await store.transfer(ONE, HEALTH)
    assert await queue(store, HEALTH) == ["K 002", "K 001"]
    new = await errand_of(store, ticket)
    assert new.priority == "infant"
    await store.head_start(new.id, None)
    assert await queue(store, HEALTH) == ["K 001", "K 002"]


# Back to the end of the queue


async def test_who_is_sent_back_stands_behind_all_who_wait(
    store: QueueStore, clock: HandClock
) -> None:
    for _ in range(3):
        await give(store)
        clock.advance(minutes=1)
    await store.call_next(ONE, [LIBRARY])
    await store.back(ONE)
    assert await queue(store) == ["K 002", "K 003", "K 001"]
    clock.advance(seconds=1)
    await give(store)
    assert await called(store) == ["K 002", "K 003", "K 001", "K 004"]


@pytest.mark.parametrize("parked", [False, True], ids=["waits", "was parked"])
async def test_nobody_who_comes_after_the_clock_was_set_back_stands_before_who_was_sent_back(
    store: QueueStore, clock: HandClock, *, parked: bool
) -> None:
    it = (await errand_of(store, await give(store))).id
    clock.advance(minutes=30)
    await store.call(ONE, it)
    await store.back(ONE)
    if parked:
        await store.park(ONE, errand=it)
        await store.resume(ONE, it)
    clock.advance(hours=-1)
    await give(store)
    assert await queue(store) == ["K 001", "K 002"]


async def test_who_asked_for_more_time_waits_no_longer_for_a_clock_that_was_set_back(
    store: QueueStore, clock: HandClock
) -> None:
    ticket = await give(store)
    clock.advance(minutes=30)
    await store.put_off(ticket.token, by=timedelta(minutes=2), times=1)
    clock.advance(hours=-1)
    await give(store)
    clock.advance(minutes=5)  # at half the pace, these two minutes have gone by
    await give(store)
    assert await queue(store) == ["K 002", "K 001", "K 003"]


async def test_who_is_sent_back_goes_behind_also_after_the_clock_was_set_back(
    store: QueueStore, clock: HandClock
) -> None:
    for _ in range(3):
        await give(store)
    clock.advance(hours=-1)
    await store.call_next(ONE, [LIBRARY])
    await store.back(ONE)
    assert await queue(store) == ["K 002", "K 003", "K 001"]


async def test_several_who_are_sent_back_keep_their_order(store: QueueStore) -> None:
    for _ in range(4):
        await give(store)
    for _ in range(3):
        await store.call_next(ONE, [LIBRARY])
        await store.back(ONE)
    assert await called(store) == ["K 004", "K 001", "K 002", "K 003"]


async def test_who_is_sent_back_need_not_wait_for_appointments_of_later(
    store: QueueStore, clock: HandClock
) -> None:
    await give(store)
    await give(store)
    await visit(store, clock, minutes=60)
    await store.call_next(ONE, [LIBRARY])
    await store.back(ONE)
    assert await queue(store) == ["K 002", "K 001", "K 003"]


async def test_a_head_start_is_used_up_by_being_sent_back(
    store: QueueStore, clock: HandClock
) -> None:
    first = await errand_of(store, await give(store, priority=INFANT))
    clock.advance(minutes=1)
    await give(store)
    await store.call_next(ONE, [LIBRARY])
    await store.back(ONE)
    assert await queue(store) == ["K 002", "K 001"]
    # Taking it back now would be a second time; giving it again is a new one.
    await store.head_start(first.id, None)
    clock.advance(minutes=1)
    await give(store)
    assert await queue(store) == ["K 002", "K 001", "K 003"]
    await store.head_start(first.id, INFANT)
    assert await queue(store) == ["K 001", "K 002", "K 003"]


async def test_who_is_sent_back_stands_before_all_who_come_later(
    store: QueueStore, clock: HandClock
) -> None:
    """Also while somebody waits who has asked for so much more time that theirs is to come."""
    one = await give(store)
    await give(store)
    await store.put_off(one.token, by=timedelta(minutes=10), times=1)
    await store.call_next(ONE, [LIBRARY])
    await store.back(ONE)
    clock.advance(minutes=1)
    await give(store)
    assert await queue(store) == ["K 002", "K 003", "K 001"]
