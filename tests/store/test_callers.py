"""Callers that leave, and callers that come together."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress

import pytest

from shared.model import Call, CounterId, ErrandId, State, Ticket
from shared.store import QueueStore
from tests.conftest import eventually
from tests.store.conftest import Another
from tests.store.lobby import (
    ALL,
    HEALTH,
    LIBRARY,
    ONE,
    SERVICE,
    at,
    give,
    queue,
)


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


WHOLE: dict[str, tuple[Callable[[QueueStore, ErrandId], Awaitable[object]], list[State]]] = {
    "transfer": (
        lambda store, it: store.transfer(ONE, LIBRARY, errand=it),
        [State.TRANSFERRED, State.WAITING, State.TRANSFERRED, State.WAITING],
    ),
    "undo": (
        lambda store, _: store.undo(ONE),
        [State.WAITING, State.WAITING, State.UNDONE],
    ),
    "leave": (
        lambda store, it: store.leave(it),
        [State.TRANSFERRED, State.LEFT, State.LEFT],
    ),
}
"""Verbs that touch several errands, and what those become."""


@pytest.mark.parametrize("steps", range(6))
@pytest.mark.parametrize("verb", WHOLE)
async def test_a_cancelled_verb_is_done_as_a_whole_or_not_at_all(
    store: QueueStore, another: Another, verb: str, steps: int
) -> None:
    await give(store, LIBRARY, SERVICE)
    [library, _] = await store.find("K", 1)
    it = await store.transfer(ONE, HEALTH, errand=library.id)
    act, done = WHOLE[verb]
    caller = asyncio.ensure_future(act(store, it.id))
    for _ in range(steps):
        await asyncio.sleep(0)
    caller.cancel()
    with suppress(asyncio.CancelledError):
        await caller
    await give(store)  # what was begun has ended by then
    states = [errand.state for errand in await (await another()).find("K", 1)]
    assert states in ([State.TRANSFERRED, State.WAITING, State.WAITING], done)
