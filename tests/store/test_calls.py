"""The journal's calls, as a display reads them: it can miss none."""

from __future__ import annotations

from datetime import timedelta

from shared.model import Call, CallId, UnitId
from shared.store import QueueStore
from tests.conftest import HandClock
from tests.store.conftest import Another
from tests.store.lobby import ALL, HEALTH, LIBRARY, ONE, SERVICE, TWO, give


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


async def test_without_units_the_calls_are_everybody_s(store: QueueStore) -> None:
    for unit in ALL:
        await give(store, unit)
        await store.call_next(ONE, [unit])
    assert [call.unit for call in await store.calls(None, limit=10)] == [HEALTH, SERVICE, LIBRARY]


# Calls that do not hold any more


async def test_who_was_sent_back_is_taken_off_the_display(
    store: QueueStore, clock: HandClock
) -> None:
    await give(store)
    call = await store.call_next(ONE, [LIBRARY])
    assert call
    clock.advance(minutes=1)
    await store.back(ONE)
    [withdrawn] = await store.calls(None, after=call.id, limit=10)
    assert withdrawn.withdrawn
    assert withdrawn.id > call.id
    assert withdrawn.at == clock.now()
    assert (withdrawn.errand, withdrawn.label) == (call.errand, call.label)
    assert (withdrawn.unit, withdrawn.counter) == (LIBRARY, ONE)
    assert await store.calls(None, limit=10) == (withdrawn, call)
    # Of the units that one asks for, like the calls themselves.
    assert await store.calls([LIBRARY], after=call.id, limit=10) == (withdrawn,)
    assert await store.calls([HEALTH], after=call.id, limit=10) == ()
    # Called again, the ticket is shown again.
    again = await store.call_next(TWO, [LIBRARY])
    assert again
    assert not again.withdrawn
    assert await store.calls(None, limit=10) == (again, withdrawn, call)


async def test_who_was_sent_back_by_mistake_is_on_the_display_again(store: QueueStore) -> None:
    await give(store)
    call = await store.call_next(ONE, [LIBRARY])
    assert call
    await store.back(ONE)
    await store.undo(ONE)
    again, withdrawn = await store.calls(None, after=call.id, limit=10)
    assert withdrawn.withdrawn
    assert not again.withdrawn
    assert (again.errand, again.counter) == (call.errand, ONE)


async def test_a_call_that_was_a_mistake_is_taken_off_the_display(
    store: QueueStore, clock: HandClock
) -> None:
    await give(store)
    await give(store)
    first = await store.call_next(ONE, [LIBRARY])
    second = await store.call_next(ONE, [LIBRARY])
    assert first
    assert second
    clock.advance(seconds=10)
    await store.undo(ONE)
    [withdrawn] = await store.calls(None, after=second.id, limit=10)
    assert (withdrawn.withdrawn, withdrawn.label) == (True, "K 002")
    assert (withdrawn.counter, withdrawn.at) == (ONE, clock.now())
    # K 001 is at the counter again: that is no new call.
    assert await store.calls(None, limit=10) == (withdrawn, second, first)


async def test_who_was_parked_and_called_by_mistake_is_taken_off_too(store: QueueStore) -> None:
    await give(store)
    aside = await store.park(ONE, errand=(await store.find("K", 1))[0].id)
    call = await store.call(ONE, aside.id)
    await store.undo(ONE)
    [withdrawn] = await store.calls(None, after=call.id, limit=10)
    assert (withdrawn.withdrawn, withdrawn.errand) == (True, aside.id)


async def test_a_call_that_led_to_something_still_holds(store: QueueStore) -> None:
    for _ in range(4):
        await give(store)
    for end in (store.finish, store.no_show, store.park, lambda at: store.transfer(at, HEALTH)):
        call = await store.call_next(ONE, [LIBRARY])
        assert call
        await end(ONE)
        assert await store.calls(None, after=call.id, limit=10) == ()
        await store.undo(ONE)
        assert await store.calls(None, after=call.id, limit=10) == ()
        await end(ONE)


async def test_what_is_new_never_comes_before_what_is_known(store: QueueStore) -> None:
    """Ids grow with every call and withdrawal, so one may ask for what came after the last."""
    for _ in range(3):
        await give(store)
    for _ in range(3):
        await store.call_next(ONE, [LIBRARY])
        await store.recall(ONE)
        await store.undo(ONE)
        await store.back(ONE)
    ids = [call.id for call in await store.calls(None, limit=100)]
    assert len(ids) == 9
    assert ids == sorted(set(ids), reverse=True)
    for place, last in enumerate(ids):
        fresh = await store.calls(None, after=last, limit=100)
        assert [call.id for call in fresh] == ids[:place]
