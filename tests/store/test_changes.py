"""Change notice: whoever follows the store is told, at once and not too often."""

from __future__ import annotations

import asyncio
from contextlib import aclosing, suppress
from datetime import timedelta

import pytest

from shared.errors import RefusedError
from shared.model import Appointment
from shared.store import QueueStore
from tests.conftest import HandClock
from tests.store.conftest import Another
from tests.store.lobby import HEALTH, INFANT, LIBRARY, ONE, SERVICE, give, queue


async def test_a_change_is_told_at_once_and_then_whenever_another_program_makes_one(
    store: QueueStore, another: Another
) -> None:
    other = await another()
    async with aclosing(store.changes()) as changes:
        await anext(changes)
        for number in range(1, 4):
            await give(other)
            async with asyncio.timeout(5):
                while len(await queue(store)) < number:
                    await anext(changes)


async def test_every_kind_of_change_is_told(
    store: QueueStore, another: Another, clock: HandClock
) -> None:
    other = await another()
    await give(other)
    ticket = await give(other, SERVICE, series="P")
    [it] = await other.find("K", 1)
    session = await other.open_counter(ONE)
    assert session
    appointment = Appointment(code="AB123", unit=LIBRARY, at=clock.now())
    async with aclosing(store.changes()) as changes:
        await anext(changes)
        for change in (
            lambda: give(other),
            lambda: other.head_start(it.id, INFANT),
            lambda: other.call_next(ONE, [LIBRARY]),
            lambda: other.recall(ONE),
            lambda: other.start(ONE),
            lambda: other.undo(ONE),
            lambda: other.back(ONE),
            lambda: other.call(ONE, it.id),
            lambda: other.park(ONE),
            lambda: other.resume(ONE, it.id),
            lambda: other.transfer(ONE, HEALTH, errand=it.id),
            lambda: other.call_next(ONE, [HEALTH]),
            lambda: other.no_show(ONE),
            lambda: give(other),
            lambda: other.call_next(ONE, [LIBRARY]),
            lambda: other.finish(ONE),
            lambda: give(other),
            lambda: leave_all(other),
            lambda: other.pause_counter(session, paused=True),
            lambda: other.close_counter(session),
            lambda: other.import_appointments([appointment]),
            lambda: other.check_in(appointment, series="K", language="fi"),
            lambda: other.put_off(ticket.token, by=timedelta(minutes=1), times=1),
            other.ask_for_printout,
            other.take_printout,
            lambda: other.give_up(ticket.token),
            lambda: other.rate(ticket.token, 3),
            lambda: other.report_printer("No paper"),
            lambda: other.report_printer(None),
        ):
            await change()
            async with asyncio.timeout(5):
                await anext(changes)


async def leave_all(store: QueueStore) -> None:
    for errand in (await store.desk(ONE, [LIBRARY])).waiting:
        await store.leave(errand.id)


async def test_what_was_refused_is_no_change(store: QueueStore, another: Another) -> None:
    """Who answers a change with a look for something to do does not call itself for ever."""
    other = await another()
    ticket = await give(other)
    await other.report_printer("No paper")
    async with aclosing(store.changes()) as changes:
        await anext(changes)
        assert await other.take_printout() is None
        assert await other.call_next(ONE, [HEALTH]) is None
        with suppress(RefusedError):
            await other.rate(ticket.token, 3)
        await other.report_printer("No paper")
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(1.5):
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
                if await queue(store) == ["K 001"]:
                    return

    async with asyncio.timeout(10), asyncio.TaskGroup() as listeners:
        for _ in range(8):
            listeners.create_task(listen())
        await give(store)
