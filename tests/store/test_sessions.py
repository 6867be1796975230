"""Counters that a console has open, and their breaks."""

from __future__ import annotations

import asyncio

import pytest

from shared.errors import RefusedError
from shared.model import State
from shared.store import QueueStore
from tests.conftest import HandClock, eventually
from tests.store.conftest import Another, Start
from tests.store.lobby import LIBRARY, ONE, TWO, at, errand_of, give


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
    with pytest.raises(RefusedError, match="Another console has counter 1, since 10:42"):
        await store.close_counter(old)
    assert await store.session(ONE) == new


async def test_a_counter_is_closed_once(store: QueueStore) -> None:
    session = await store.open_counter(ONE)
    assert session is not None
    await store.close_counter(session)
    with pytest.raises(RefusedError, match="Counter 1 was closed"):
        await store.close_counter(session)


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


async def test_a_counter_has_a_break_and_is_still_open(
    store: QueueStore, another: Another, clock: HandClock
) -> None:
    other = await another()
    session = await store.open_counter(ONE)
    assert session is not None
    assert session.break_since is None
    await store.pause_counter(session, paused=True)
    began = clock.now()
    clock.advance(minutes=5)
    with pytest.raises(RefusedError, match="has had a break since 10:42"):
        await store.pause_counter(session, paused=True)
    for program in (store, other):
        paused = await program.session(ONE)
        assert paused is not None
        assert (paused.id, paused.opened_at) == (session.id, session.opened_at)
        assert paused.break_since == began
    assert await other.open_counter(ONE) is None
    await store.pause_counter(session, paused=False)
    assert await other.session(ONE) == session
    with pytest.raises(RefusedError, match="has no break"):
        await store.pause_counter(session, paused=False)
    # The next break is a new one.
    clock.advance(minutes=5)
    await store.pause_counter(session, paused=True)
    again = await other.session(ONE)
    assert again is not None
    assert again.break_since == clock.now()


async def on_break(store: QueueStore) -> bool:
    session = await store.session(ONE)
    return session is not None and session.break_since is not None


@pytest.mark.parametrize("chosen", [False, True], ids=["the next", "a chosen one"])
async def test_whoever_calls_somebody_has_no_break_any_longer(
    store: QueueStore, *, chosen: bool
) -> None:
    first, second = [await errand_of(store, await give(store)) for _ in range(2)]
    session = await store.open_counter(ONE)
    assert session
    await store.pause_counter(session, paused=True)
    # Nor does what others do end it.
    await store.open_counter(TWO)
    await store.call(TWO, first.id)
    assert await on_break(store)
    await (store.call(ONE, second.id) if chosen else store.call_next(ONE, [LIBRARY]))
    assert not await on_break(store)
    assert await store.session(ONE) == session
    # To take the call back is not to go for a break.
    await store.undo(ONE)
    assert not await on_break(store)


async def test_who_has_called_nobody_still_has_the_break(store: QueueStore) -> None:
    held = await errand_of(store, await give(store))
    await store.call(TWO, held.id)
    session = await store.open_counter(ONE)
    assert session
    await store.pause_counter(session, paused=True)
    assert await store.call_next(ONE, [LIBRARY]) is None
    for refused in (
        store.call(ONE, held.id),
        store.call_next(ONE, [LIBRARY], errand=held.id),
        store.recall(ONE),
    ):
        with pytest.raises(RefusedError):
            await refused
    assert await on_break(store)


async def test_who_takes_a_counter_over_ends_its_break(store: QueueStore, another: Another) -> None:
    other = await another()
    old = await store.open_counter(ONE)
    assert old is not None
    await store.pause_counter(old, paused=True)
    new = await other.open_counter(ONE, take_over=True)
    assert new is not None
    assert new.break_since is None
    # The one who lost it has no say any more.
    with pytest.raises(RefusedError, match="no longer open here"):
        await store.pause_counter(old, paused=True)
    assert await store.session(ONE) == new


async def test_a_closed_counter_has_no_break(store: QueueStore) -> None:
    session = await store.open_counter(ONE)
    assert session is not None
    await store.close_counter(session)
    with pytest.raises(RefusedError, match="Counter 1 was closed"):
        await store.pause_counter(session, paused=True)
    assert await store.session(ONE) is None
    opened = await store.open_counter(ONE)
    assert opened is not None
    assert opened.break_since is None
