"""One counter: calling, and what becomes of whoever is there. See test_verbs.py for all states."""

from __future__ import annotations

import pytest

from shared.errors import RefusedError
from shared.model import State
from shared.store import QueueStore
from tests.conftest import HandClock
from tests.store.conftest import Another
from tests.store.lobby import ALL, HEALTH, LIBRARY, ONE, SERVICE, TWO, at, errand_of, give, queue


async def test_a_call_tells_all_of_itself(store: QueueStore, clock: HandClock) -> None:
    await give(store, HEALTH, series="A")
    clock.advance(minutes=3)
    call = await store.call_next(ONE, [HEALTH])
    assert call is not None
    assert (call.series, call.number, call.label) == ("A", 1, "A 001")
    assert (call.unit, call.counter) == (HEALTH, ONE)
    assert (call.repeated, call.withdrawn) == (False, False)
    assert call.at == clock.now()
    current = (await store.desk(ONE, [HEALTH])).current
    assert current is not None
    assert current.id == call.errand


async def test_a_desk_tells_who_is_there_and_since_when(
    store: QueueStore, clock: HandClock
) -> None:
    came = clock.now()
    first, second = await give(store), await give(store, LIBRARY, SERVICE)
    clock.advance(minutes=4)
    await store.call_next(ONE, [LIBRARY])
    await store.recall(ONE)
    desk = await store.desk(ONE, [LIBRARY])
    assert desk.current is not None
    assert (desk.current.label, desk.current.state) == ("K 001", State.CALLED)
    assert (desk.current.since, desk.current.issued_at) == (clock.now(), came)
    assert (desk.current.unit, desk.current.calls, desk.current.counter) == (LIBRARY, 2, ONE)
    assert (desk.current.ticket, desk.current.also) == (first.id, ())
    [waiting] = desk.waiting
    assert (waiting.label, waiting.state) == ("K 002", State.WAITING)
    assert (waiting.since, waiting.calls, waiting.counter) == (came, 0, None)
    assert (waiting.ticket, waiting.also) == (second.id, (SERVICE,))
    assert (waiting.priority, waiting.appointed_at) == (None, None)
    assert (waiting.origin, waiting.reason, waiting.back_to) == (None, None, None)


@pytest.mark.parametrize("begun", [False, True], ids=["called", "serving"])
@pytest.mark.parametrize("chosen", [False, True], ids=["the next", "a chosen one"])
async def test_calling_somebody_ends_the_current_one(
    store: QueueStore, *, begun: bool, chosen: bool
) -> None:
    await give(store)
    second = await errand_of(store, await give(store))
    await store.call_next(ONE, [LIBRARY])
    if begun:
        await store.start(ONE)
    if chosen:
        await store.call(ONE, second.id)
    else:
        await store.call_next(ONE, [LIBRARY])
    assert await at(store, ONE) == ("K 002", State.CALLED)
    assert [errand.state for errand in await store.find("K", 1)] == [State.SERVED]
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
    assert [errand.state for errand in await store.find("K", 1)] == [State.SERVED]
    assert await store.call_next(ONE, [LIBRARY]) is None


async def test_a_refused_call_ends_nobody(store: QueueStore) -> None:
    taken = await errand_of(store, await give(store))
    await give(store, SERVICE)
    await store.call_next(TWO, [LIBRARY])
    await store.call_next(ONE, [SERVICE])
    with pytest.raises(RefusedError):
        await store.call(ONE, taken.id)
    assert await at(store, ONE) == ("K 002", State.CALLED)


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


async def test_a_chosen_one_is_called_out_of_turn_and_the_others_keep_theirs(
    store: QueueStore,
) -> None:
    for _ in range(3):
        await give(store)
    chosen = await store.call(ONE, (await store.find("K", 2))[0].id)
    assert (chosen.label, chosen.unit, chosen.counter) == ("K 002", LIBRARY, ONE)
    assert not chosen.repeated
    assert await queue(store) == ["K 001", "K 003"]
    assert await store.calls(None, limit=10) == (chosen,)


async def test_a_counter_may_choose_somebody_of_a_unit_that_it_does_not_serve(
    store: QueueStore,
) -> None:
    # Which units a counter serves is the configuration's word; helping out is the staff's.
    await give(store, HEALTH)
    call = await store.call(ONE, (await store.find("K", 1))[0].id)
    current = (await store.desk(ONE, [LIBRARY])).current
    assert current is not None
    assert (current.id, current.unit) == (call.errand, HEALTH)


async def test_a_counter_may_choose_another_errand_of_who_is_there(store: QueueStore) -> None:
    await give(store, LIBRARY, SERVICE)
    await store.call_next(ONE, [LIBRARY])
    library, service = await store.find("K", 1)
    await store.call(ONE, service.id)
    states = [errand.state for errand in await store.find("K", 1)]
    assert states == [State.SERVED, State.CALLED]
    assert library.id != service.id
