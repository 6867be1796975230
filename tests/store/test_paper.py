"""Tickets that are printed once more, printers that have a fault, and what proves the building."""

from __future__ import annotations

import asyncio

import pytest

from shared.errors import RefusedError
from shared.model import ErrandId
from shared.store import QueueStore, open_store
from tests.conftest import HandClock, eventually
from tests.store.conftest import Another, Fresh, Start
from tests.store.lobby import HEALTH, LIBRARY, ONE, TWO, errand_of, give


async def printed(store: QueueStore) -> list[str]:
    """Take all that shall be printed; return it in order."""
    labels = []
    while visit := await store.take_printout():
        labels.append(visit.label)
    return labels


# Printing again


async def test_the_newest_ticket_is_printed_again(store: QueueStore, another: Another) -> None:
    kiosk = await another()
    assert await kiosk.take_printout() is None
    for _ in range(3):
        ticket = await give(store, LIBRARY, HEALTH)
    assert await store.ask_for_printout() == "K 003"
    visit = await kiosk.take_printout()
    assert visit == (await store.visits([ticket.token]))[ticket.token]
    # Once: nobody is given two of them.
    assert await kiosk.take_printout() is await store.take_printout() is None


async def test_a_chosen_ticket_is_printed_again_as_long_as_it_is_not_over(
    store: QueueStore,
) -> None:
    first, second = await give(store), await give(store, LIBRARY, HEALTH)
    third = await give(store)
    await store.call_next(ONE, [LIBRARY])
    await store.park(TWO, errand=(await errand_of(store, third)).id)
    await store.finish(ONE)
    await store.call_next(ONE, [LIBRARY])
    await store.finish(ONE)  # of its two errands, one is left
    for ticket in (third, second):
        errand = await errand_of(store, ticket)
        assert await store.ask_for_printout(errand.id) == ticket.label
    with pytest.raises(RefusedError, match="K 001 has been over"):
        await store.ask_for_printout((await errand_of(store, first)).id)
    assert await printed(store) == ["K 003", "K 002"]


async def test_the_newest_ticket_is_not_printed_when_it_is_over(store: QueueStore) -> None:
    await give(store)
    await store.leave((await errand_of(store, await give(store))).id)
    with pytest.raises(RefusedError, match="K 002 has been over"):
        await store.ask_for_printout()
    assert await printed(store) == []


async def test_what_is_over_before_the_kiosk_gets_to_it_is_not_printed(store: QueueStore) -> None:
    for _ in range(2):
        await give(store)
        await store.ask_for_printout()
    await store.leave((await store.find("K", 1))[0].id)
    assert await printed(store) == ["K 002"]


async def test_a_ticket_is_printed_as_often_as_it_is_asked_for(store: QueueStore) -> None:
    await give(store)
    for _ in range(2):
        await store.ask_for_printout()
    assert await printed(store) == ["K 001", "K 001"]


async def test_of_several_kiosks_one_prints_it(store: QueueStore, another: Another) -> None:
    kiosks = [await another() for _ in range(4)]
    await give(store)
    for _ in range(5):
        await store.ask_for_printout()
        visits = await asyncio.gather(*(kiosk.take_printout() for kiosk in kiosks))
        assert [visit.label for visit in visits if visit] == ["K 001"]


@pytest.mark.parametrize("errand", [None, ErrandId(1), ErrandId(99)])
async def test_what_is_not_of_today_is_not_printed(
    store: QueueStore, clock: HandClock, errand: ErrandId | None
) -> None:
    await give(store)
    clock.advance(days=1)
    with pytest.raises(RefusedError) as refused:
        await store.ask_for_printout(errand)
    assert all(refused.value.told())
    await give(store)
    if errand:
        with pytest.raises(RefusedError):
            await store.ask_for_printout(errand)
    assert await printed(store) == []


async def test_what_nobody_has_printed_before_the_day_was_over_is_not_wanted_any_more(
    store: QueueStore, clock: HandClock
) -> None:
    await give(store)
    for _ in range(2):
        await store.ask_for_printout()
    clock.advance(days=1)
    await give(store, series="A")
    await store.ask_for_printout()
    visit = await store.take_printout()
    assert visit
    assert visit.label == "A 001"
    assert await store.take_printout() is None


# Faults


async def test_a_fault_is_told_to_everybody_until_it_is_mended(
    store: QueueStore, another: Another, clock: HandClock
) -> None:
    other = await another()
    assert await other.printer_fault() is None
    await store.report_printer("No paper")
    since = clock.now()
    clock.advance(minutes=5)
    await store.report_printer("No paper")  # still so
    fault = await other.printer_fault()
    assert fault
    assert (fault.fault, fault.since) == ("No paper", since)
    await store.report_printer("The cover is open")
    fault = await other.printer_fault()
    assert fault
    assert (fault.fault, fault.since) == ("The cover is open", clock.now())
    for _ in range(2):
        await store.report_printer(None)
        assert await other.printer_fault() is None


async def test_of_several_faults_the_oldest_is_told_and_a_dead_kiosk_has_none(
    store: QueueStore, clock: HandClock, start: Start
) -> None:
    clock.advance(days=-1)
    kiosk = start("report", "No paper")
    kiosk.go_on()
    assert (kiosk.hear(), kiosk.hear()) == ("ready", "reported")
    mine = clock.now()
    await store.report_printer("It does not answer")
    fault = await store.printer_fault()
    assert fault
    assert (fault.fault, fault.since) == ("It does not answer", mine)
    await store.report_printer(None)
    fault = await store.printer_fault()
    assert fault
    assert fault.fault == "No paper"

    kiosk.kill()

    async def forgotten() -> bool:
        return await store.printer_fault() is None

    await eventually(forgotten)


# The door


async def test_every_program_of_a_centre_has_the_same_secret_and_no_other_centre(
    store: QueueStore, another: Another, fresh: Fresh, clock: HandClock
) -> None:
    secret = await store.door_secret()
    assert len(secret) == 32
    assert await (await another()).door_secret() == secret
    async with open_store(fresh(), clock) as elsewhere:
        assert await elsewhere.door_secret() != secret
