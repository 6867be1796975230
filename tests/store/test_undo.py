"""Taking back a counter's last step."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime, time, timedelta

import pytest

from shared.errors import RefusedError
from shared.model import Errand, State, Verb
from shared.store import UNDO_WITHIN, QueueStore
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
    at,
    errand_of,
    give,
    queue,
    views,
)

Do = Callable[[QueueStore, Errand], Awaitable[object]]
"""A step about an errand."""


async def call(store: QueueStore, it: Errand) -> None:
    await store.call(ONE, it.id)


async def serve(store: QueueStore, it: Errand) -> None:
    await store.call(ONE, it.id)
    await store.recall(ONE)
    await store.start(ONE)


async def park(store: QueueStore, it: Errand) -> None:
    await store.park(ONE, errand=it.id)


async def nothing(_: QueueStore, __: Errand) -> None:
    """It waits."""


async def serve_another(store: QueueStore, _: Errand) -> None:
    """Somebody else is at the counter."""
    await give(store, SERVICE)
    await store.call_next(ONE, [SERVICE])
    await store.start(ONE)


STEPS: dict[str, tuple[Verb, Do, Do]] = {
    "call the first one": (
        Verb.CALL,
        nothing,
        lambda store, _: store.call_next(ONE, [LIBRARY]),
    ),
    "call the next one": (
        Verb.CALL,
        serve_another,
        lambda store, _: store.call_next(ONE, [LIBRARY]),
    ),
    "call nobody": (Verb.FINISH, serve, lambda store, _: store.call_next(ONE, [HEALTH])),
    "call a chosen one": (
        Verb.CALL,
        serve_another,
        lambda store, it: store.call(ONE, it.id),
    ),
    "call a parked one": (Verb.CALL, park, lambda store, it: store.call(ONE, it.id)),
    "recall": (Verb.RECALL, call, lambda store, _: store.recall(ONE)),
    "start": (Verb.START, call, lambda store, _: store.start(ONE)),
    "finish what was called": (Verb.FINISH, call, lambda store, _: store.finish(ONE)),
    "finish what was begun": (Verb.FINISH, serve, lambda store, _: store.finish(ONE)),
    "no-show": (Verb.NO_SHOW, call, lambda store, _: store.no_show(ONE)),
    "back": (Verb.BACK, call, lambda store, _: store.back(ONE)),
    "park what was called": (Verb.PARK, call, lambda store, _: store.park(ONE)),
    "park what was begun": (Verb.PARK, serve, lambda store, _: store.park(ONE)),
    "park a chosen one": (
        Verb.PARK,
        serve_another,
        lambda store, it: store.park(ONE, errand=it.id),
    ),
    "resume": (Verb.RESUME, park, lambda store, it: store.resume(ONE, it.id)),
    "transfer": (
        Verb.TRANSFER,
        serve,
        lambda store, _: store.transfer(ONE, HEALTH, reason="form", comes_back=True),
    ),
    "transfer a chosen one": (
        Verb.TRANSFER,
        serve_another,
        lambda store, it: store.transfer(ONE, HEALTH, errand=it.id),
    ),
    "transfer a parked one": (
        Verb.TRANSFER,
        park,
        lambda store, it: store.transfer(ONE, HEALTH, errand=it.id),
    ),
    "leave": (Verb.LEAVE, park, lambda store, it: store.leave(it.id, counter=ONE)),
    "head start": (
        Verb.HEAD_START,
        nothing,
        lambda store, it: store.head_start(it.id, INFANT, counter=ONE),
    ),
    "no head start": (
        Verb.HEAD_START,
        park,
        lambda store, it: store.head_start(it.id, None, counter=ONE),
    ),
}
"""What a step is called in the journal, what comes before it, and the step itself."""


@pytest.mark.parametrize("step", STEPS)
async def test_what_is_taken_back_is_as_if_it_had_never_been(
    store: QueueStore, clock: HandClock, step: str
) -> None:
    verb, before, do = STEPS[step]
    await store.open_counter(ONE)
    await give(store)
    await store.call_next(TWO, [LIBRARY])
    clock.advance(seconds=61.1)
    await store.finish(TWO)  # something was measured already
    it = await errand_of(store, await give(store, LIBRARY, SERVICE, priority=MOBILITY), LIBRARY)
    clock.advance(seconds=12.3)
    await give(store)
    await before(store, it)
    clock.advance(seconds=33.3)
    seen = await views(store)
    errands = await store.find("K", 2)

    await do(store, it)
    assert await views(store) != seen
    calls = await store.calls(None, limit=100)
    clock.advance(seconds=70.7)
    undone = await store.undo(ONE)
    clock.advance(seconds=-70.7)
    assert await views(store) == seen
    found = await store.find("K", 2)
    assert found[: len(errands)] == errands
    assert {errand.state for errand in found[len(errands) :]} <= {State.UNDONE}

    # It says what it has undone, and for whom.
    assert (undone.verb, undone.errand) == (verb, next(each for each in found if each.id == it.id))
    # The lobby is told that a call does not hold any more, or that it does so again; no other one.
    after = await store.calls(None, limit=100)
    fresh = after[: len(after) - len(calls)]
    assert after[len(fresh) :] == calls
    assert [(call.errand, call.counter, call.withdrawn) for call in fresh] == (
        [(it.id, ONE, verb is Verb.CALL)] if verb in {Verb.CALL, Verb.BACK} else []
    )
    assert await store.calls(None, after=calls[0].id, limit=100) == fresh


async def test_undoing_a_call_brings_back_who_was_there_before(store: QueueStore) -> None:
    await give(store)
    await give(store)
    await store.call_next(ONE, [LIBRARY])
    await store.start(ONE)
    await store.call_next(ONE, [LIBRARY])
    undone = await store.undo(ONE)
    assert (undone.verb, undone.errand.label) == (Verb.CALL, "K 002")
    assert await at(store, ONE) == ("K 001", State.SERVING)
    assert await queue(store) == ["K 002"]


async def test_undoing_a_call_of_one_who_was_there_before_with_another_errand(
    store: QueueStore,
) -> None:
    await give(store, LIBRARY, SERVICE)
    await store.call_next(ONE, ALL)
    call = await store.call_next(ONE, ALL)
    assert call
    assert call.unit == SERVICE
    await store.undo(ONE)
    assert [errand.state for errand in await store.find("K", 1)] == [State.CALLED, State.WAITING]


async def test_undoing_a_finish_takes_back_the_return_too(store: QueueStore) -> None:
    await give(store)
    await store.call_next(ONE, [LIBRARY])
    await store.transfer(ONE, HEALTH, comes_back=True)
    await store.call_next(TWO, [HEALTH])
    await store.finish(TWO)
    assert await queue(store, LIBRARY) == ["K 001"]
    undone = await store.undo(TWO)
    assert (undone.verb, undone.errand.unit) == (Verb.FINISH, HEALTH)
    assert await queue(store) == []
    assert [errand.state for errand in await store.find("K", 1)] == [
        State.TRANSFERRED,
        State.CALLED,
        State.UNDONE,
    ]
    # It comes back all the same, when that is meant.
    await store.finish(TWO)
    assert await queue(store, LIBRARY) == ["K 001"]


async def test_undoing_a_return_within_another_leaves_both_to_be_made(store: QueueStore) -> None:
    await give(store)
    for counter, unit in ((ONE, HEALTH), (TWO, SERVICE)):
        await store.call_next(counter, ALL)
        await store.transfer(counter, unit, comes_back=True)
    await store.undo(TWO)
    await store.transfer(TWO, SERVICE, comes_back=True)
    for came_from in (HEALTH, LIBRARY):
        await store.call_next(ONE, ALL)
        await store.finish(ONE)
        await store.undo(ONE)
        await store.finish(ONE)
        assert [errand.unit for errand in (await store.desk(ONE, ALL)).waiting] == [came_from]
    await store.call_next(ONE, ALL)
    await store.finish(ONE)
    assert await queue(store) == []


async def test_undoing_what_touched_the_whole_ticket_undoes_all_of_it(
    store: QueueStore, clock: HandClock
) -> None:
    await store.open_counter(ONE)
    for unit in (LIBRARY, SERVICE):
        await give(store, unit)
    clock.advance(minutes=5)
    await give(store, LIBRARY, SERVICE)
    before = await views(store), await store.find("K", 3)
    chosen = before[1][0]
    await store.head_start(chosen.id, INFANT, counter=ONE)
    await store.undo(ONE)
    assert (await views(store), await store.find("K", 3)) == before
    await store.leave(chosen.id, counter=ONE)
    await store.undo(ONE)
    assert (await views(store), await store.find("K", 3)) == before


# When it is refused


async def refused(store: QueueStore) -> RefusedError:
    before = await views(store), await store.calls(None, limit=100)
    with pytest.raises(RefusedError) as refusal:
        await store.undo(ONE)
    assert (await views(store), await store.calls(None, limit=100)) == before
    assert all(refusal.value.told())
    return refusal.value


async def test_a_step_can_be_taken_back_for_two_minutes(
    store: QueueStore, clock: HandClock
) -> None:
    await give(store)
    await store.call_next(ONE, [LIBRARY])
    clock.advance(minutes=2, seconds=1)
    refusal = await refused(store)
    assert refusal.title == "It is too late to undo this"
    assert "10:42" in refusal.message
    clock.advance(seconds=-1)
    assert timedelta(minutes=2) == UNDO_WITHIN
    assert (await store.undo(ONE)).verb == Verb.CALL


async def test_while_nobody_can_tell_how_long_ago_a_step_was_it_is_not_taken_back(
    store: QueueStore, clock: HandClock
) -> None:
    await give(store)
    await store.call_next(ONE, [LIBRARY])
    clock.advance(hours=-1)
    refusal = await refused(store)
    assert refusal.title == "Nobody can tell how long ago this was"
    # A clock that is put right by a moment is no reason.
    clock.advance(minutes=58)
    assert (await store.undo(ONE)).verb == Verb.CALL


async def test_only_the_last_step_can_be_taken_back_and_only_once(store: QueueStore) -> None:
    await give(store)
    await store.call_next(ONE, [LIBRARY])
    await store.start(ONE)
    assert (await store.undo(ONE)).verb == Verb.START
    assert (await refused(store)).title == "There is nothing to undo"
    assert await at(store, ONE) == ("K 001", State.CALLED)
    # What is done after that can be taken back again.
    await store.no_show(ONE)
    assert (await store.undo(ONE)).verb == Verb.NO_SHOW


async def test_a_counter_takes_back_nothing_of_another_one_s(store: QueueStore) -> None:
    await give(store)
    await store.call_next(TWO, [LIBRARY])
    assert (await refused(store)).title == "There is nothing to undo"


async def test_what_others_do_meanwhile_keeps_no_step_from_being_taken_back(
    store: QueueStore,
) -> None:
    for _ in range(3):
        await give(store)
    await store.call_next(ONE, [LIBRARY])
    await store.call_next(TWO, [LIBRARY])
    await store.finish(TWO)
    await give(store)
    assert (await store.undo(ONE)).errand.label == "K 001"
    assert await queue(store) == ["K 001", "K 003", "K 004"]


async def test_a_step_of_yesterday_is_not_taken_back(store: QueueStore, clock: HandClock) -> None:
    clock.set(datetime.combine(clock.day(), time(23, 59, 30)))
    await give(store)
    await store.call_next(ONE, [LIBRARY])
    clock.advance(minutes=1)
    await refused(store)


Act = Callable[[QueueStore, Errand, Errand], Awaitable[object]]
"""A step of counter 1 or 2 about K 001, which wants something of the library and of the service
point."""

CAME_AFTER: dict[str, list[Act]] = {
    "who was called needs more time": [
        lambda store, library, _: store.call(ONE, library.id),
        lambda store, *_: put_off(store),
    ],
    "who was brought back needs more time": [
        lambda store, library, _: store.park(ONE, errand=library.id),
        lambda store, library, _: store.resume(ONE, library.id),
        lambda store, *_: put_off(store),
    ],
    "who was brought back has given up": [
        lambda store, library, _: store.park(ONE, errand=library.id),
        lambda store, library, _: store.resume(ONE, library.id),
        lambda store, *_: give_up(store),
    ],
    "what was transferred was called": [
        lambda store, library, _: store.transfer(ONE, HEALTH, errand=library.id),
        lambda store, *_: store.call_next(TWO, [HEALTH]),
    ],
    "what was transferred was parked": [
        lambda store, library, _: store.transfer(ONE, HEALTH, errand=library.id),
        lambda store, *_: find_and_park(store),
    ],
    "what was resumed was called": [
        lambda store, library, _: store.park(ONE, errand=library.id),
        lambda store, library, _: store.resume(ONE, library.id),
        lambda store, library, _: store.call(TWO, library.id),
    ],
    "what was parked was resumed": [
        lambda store, library, _: store.park(ONE, errand=library.id),
        lambda store, library, _: store.resume(TWO, library.id),
    ],
    "who was sent back was called": [
        lambda store, library, _: store.call(ONE, library.id),
        lambda store, *_: store.back(ONE),
        lambda store, library, _: store.call(TWO, library.id),
    ],
    "who had a head start was called": [
        lambda store, library, _: store.head_start(library.id, INFANT, counter=ONE),
        lambda store, _, service: store.call(TWO, service.id),
    ],
    "who had a head start has another": [
        lambda store, library, _: store.head_start(library.id, INFANT, counter=ONE),
        lambda store, library, _: store.head_start(library.id, MOBILITY, counter=TWO),
    ],
    "who was parked has left": [
        lambda store, library, _: store.park(ONE, errand=library.id),
        lambda store, library, _: store.leave(library.id),
    ],
    "who comes back was called": [
        lambda store, library, _: store.transfer(TWO, HEALTH, errand=library.id, comes_back=True),
        lambda store, *_: store.call_next(ONE, [HEALTH]),
        lambda store, *_: store.finish(ONE),
        lambda store, *_: store.call_next(TWO, [LIBRARY]),
    ],
    "who had finished is at another counter": [
        lambda store, library, _: store.call(ONE, library.id),
        lambda store, *_: store.finish(ONE),
        lambda store, _, service: store.call(TWO, service.id),
    ],
    "who had not come has come to another counter": [
        lambda store, library, _: store.call(ONE, library.id),
        lambda store, *_: store.no_show(ONE),
        lambda store, _, service: store.call(TWO, service.id),
    ],
    "who was there before is at another counter": [
        lambda store, library, _: store.call(ONE, library.id),
        lambda store, *_: give(store, HEALTH),
        lambda store, *_: store.call_next(ONE, [HEALTH]),
        lambda store, _, service: store.call(TWO, service.id),
    ],
    "who was transferred stands in the old queue by another errand": [
        lambda store, library, _: store.transfer(ONE, HEALTH, errand=library.id),
        lambda store, _, service: store.transfer(TWO, LIBRARY, errand=service.id),
    ],
    "who had finished stands in the queue by another errand": [
        lambda store, library, _: store.call(ONE, library.id),
        lambda store, *_: store.finish(ONE),
        lambda store, _, service: store.transfer(TWO, LIBRARY, errand=service.id),
    ],
}


async def token(store: QueueStore) -> str:
    """Return the token of K 001, as it is printed on its ticket."""
    await store.ask_for_printout((await store.find("K", 1))[0].id)
    visit = await store.take_printout()
    assert visit
    return visit.token


async def put_off(store: QueueStore) -> None:
    await store.put_off(await token(store), by=timedelta(minutes=5), times=1)


async def give_up(store: QueueStore) -> None:
    await store.give_up(await token(store))


async def find_and_park(store: QueueStore) -> None:
    await store.park(TWO, errand=(await store.find("K", 1))[-1].id)


@pytest.mark.parametrize("case", CAME_AFTER)
async def test_a_step_that_something_has_come_after_is_not_taken_back(
    store: QueueStore, case: str
) -> None:
    await give(store, LIBRARY, SERVICE)
    library, service = await store.find("K", 1)
    for act in CAME_AFTER[case]:
        await act(store, library, service)
    refusal = await refused(store)
    assert refusal.title == "Something has come after it"
    assert "K 001" in refusal.message
