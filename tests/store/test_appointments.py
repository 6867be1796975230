"""Appointments: brought in from a file, checked in once, and called by their time."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import msgspec
import pytest

from shared.errors import RefusedError
from shared.model import Appointment, Place, State, Ticket, UnitId
from shared.store import QueueStore
from tests.conftest import HandClock
from tests.store.conftest import Another
from tests.store.lobby import (
    HEALTH,
    INFANT,
    LIBRARY,
    ONE,
    SERVICE,
    errand_of,
    give,
    queue,
    views,
    visit,
)


def appointment(
    clock: HandClock, code: str = "AB123", unit: UnitId = LIBRARY, *, minutes: float = 30
) -> Appointment:
    return Appointment(code=code, unit=unit, at=clock.now() + timedelta(minutes=minutes))


async def check_in(store: QueueStore, appointment: Appointment) -> Ticket:
    return await store.check_in(appointment, series="K", language="fi")


# Checking in


async def test_who_checks_in_gets_a_ticket(store: QueueStore, clock: HandClock) -> None:
    promised = appointment(clock)
    await store.import_appointments([promised])
    assert await store.appointment("AB123") == promised
    ticket = await store.check_in(promised, series="K", language="sv")
    assert (ticket.label, ticket.language) == ("K 001", "sv")
    assert (ticket.issued_at, ticket.appointed_at) == (clock.now(), promised.at)
    assert ticket.places == (Place(unit=LIBRARY, ahead=0),)
    errand = await errand_of(store, ticket)
    assert (errand.unit, errand.state, errand.since) == (LIBRARY, State.WAITING, clock.now())
    assert errand.appointed_at == promised.at
    assert (await store.desk(ONE, [LIBRARY])).waiting == (errand,)


async def test_numbers_run_on_over_appointments_and_others(
    store: QueueStore, clock: HandClock
) -> None:
    labels = [(await give(store)).label, (await visit(store, clock)).label]
    assert [*labels, (await give(store)).label] == ["K 001", "K 002", "K 003"]


async def test_who_comes_early_does_not_jump_the_queue(store: QueueStore, clock: HandClock) -> None:
    await visit(store, clock, minutes=20)
    for _ in range(3):
        clock.advance(minutes=8)
        await give(store)
    # Before the appointed time come those who came before it; those of later come later.
    assert await queue(store) == ["K 002", "K 003", "K 001", "K 004"]


async def test_who_comes_late_has_the_appointed_place_all_the_same(
    store: QueueStore, clock: HandClock
) -> None:
    promised = appointment(clock, minutes=10)
    await store.import_appointments([promised])
    for _ in range(3):
        clock.advance(minutes=8)
        await give(store)
    ticket = await check_in(store, promised)
    assert ticket.ahead == 1
    assert await queue(store) == ["K 001", "K 004", "K 002", "K 003"]


async def test_appointments_are_called_by_their_times_however_their_visitors_came(
    store: QueueStore, clock: HandClock
) -> None:
    for code, minutes in [("C", 30), ("A", 10), ("B", 20)]:
        await visit(store, clock, code=code, minutes=minutes)
        clock.advance(minutes=1)
    assert await queue(store) == ["K 002", "K 003", "K 001"]


async def test_who_comes_early_is_called_when_nobody_else_waits(
    store: QueueStore, clock: HandClock
) -> None:
    ticket = await visit(store, clock, minutes=20)
    call = await store.call_next(ONE, [LIBRARY])
    assert call
    assert call.label == ticket.label


async def test_an_early_visitor_is_ahead_of_nobody_who_comes_before_the_time(
    store: QueueStore, clock: HandClock
) -> None:
    await visit(store, clock, minutes=20)
    assert (await give(store)).ahead == 0
    clock.advance(minutes=20)
    assert (await give(store)).ahead == 2


async def test_a_later_appointment_knows_who_is_ahead(store: QueueStore, clock: HandClock) -> None:
    await give(store)
    await give(store)
    assert (await visit(store, clock, minutes=20)).ahead == 2
    assert (await visit(store, clock, code="B", minutes=-5)).ahead == 0


async def test_an_appointment_can_have_a_head_start(store: QueueStore, clock: HandClock) -> None:
    ticket = await visit(store, clock, minutes=10)
    clock.advance(minutes=5)
    await give(store)
    errand = await errand_of(store, ticket)
    await store.head_start(errand.id, INFANT)
    assert await queue(store) == ["K 001", "K 002"]
    assert await store.head_start(errand.id, None) == errand
    assert await queue(store) == ["K 002", "K 001"]


# Codes that give no ticket


async def refused(store: QueueStore, code: str) -> RefusedError:
    with pytest.raises(RefusedError) as refusal:
        await store.appointment(code)
    assert all(refusal.value.told())
    return refusal.value


async def test_an_unknown_code_is_refused(store: QueueStore, clock: HandClock) -> None:
    await store.import_appointments([appointment(clock)])
    assert "AB124" in (await refused(store, "AB124")).message
    with pytest.raises(RefusedError):
        await check_in(store, appointment(clock, "AB124"))
    assert await queue(store) == []


async def test_a_code_is_used_once(store: QueueStore, clock: HandClock) -> None:
    ticket = await visit(store, clock)
    before = await views(store, ticket)
    refusal = await refused(store, "AB123")
    assert refusal.title == "This appointment has been used"
    with pytest.raises(RefusedError, match="has been used"):
        await check_in(store, appointment(clock, minutes=0))
    # Not even once the visit is over.
    assert await views(store, ticket) == before
    await store.call_next(ONE, [LIBRARY])
    await store.finish(ONE)
    assert (await refused(store, "AB123")).title == refusal.title


@pytest.mark.parametrize("days", [-1, 1, 30], ids=["yesterday", "tomorrow", "next month"])
async def test_a_code_of_another_day_is_told_which(
    store: QueueStore, clock: HandClock, days: int
) -> None:
    promised = appointment(clock, minutes=days * 24 * 60)
    await store.import_appointments([promised])
    refusal = await refused(store, "AB123")
    at = promised.at
    assert f"{at:%Y-%m-%d}" in refusal.message
    assert "10:42" in refusal.message
    assert ("come then" in refusal.hint) == (days > 0)
    with pytest.raises(RefusedError):
        await check_in(store, promised)
    assert await queue(store) == []


async def test_of_several_days_the_next_one_is_told(store: QueueStore, clock: HandClock) -> None:
    day = 24 * 60
    await store.import_appointments([appointment(clock, minutes=days * day) for days in (-2, 3, 5)])
    assert "2026-11-27" in (await refused(store, "AB123")).message
    clock.advance(days=3)
    assert (await store.appointment("AB123")).at == clock.now()


async def test_a_cancelled_appointment_is_refused(store: QueueStore, clock: HandClock) -> None:
    promised = appointment(clock)
    await store.import_appointments([promised])
    await store.import_appointments([], [promised])
    assert "cancelled" in (await refused(store, "AB123")).message
    with pytest.raises(RefusedError):
        await check_in(store, promised)
    # Of another day's, that is all there is to say too.
    clock.advance(days=-1)
    assert "cancelled" in (await refused(store, "AB123")).message


async def test_an_appointment_that_was_moved_since_it_was_read_is_refused(
    store: QueueStore, clock: HandClock
) -> None:
    promised = appointment(clock)
    for moved in (
        appointment(clock, minutes=45),
        msgspec.structs.replace(promised, unit=HEALTH),
    ):
        await store.import_appointments([promised])
        await store.import_appointments([moved])
        with pytest.raises(RefusedError) as refusal:
            await check_in(store, promised)
        assert all(refusal.value.told())
        assert await queue(store) == []
    ticket = await check_in(store, await store.appointment("AB123"))
    assert [place.unit for place in ticket.places] == [HEALTH]


async def test_at_two_kiosks_at_once_one_gets_the_ticket(
    store: QueueStore, another: Another, clock: HandClock
) -> None:
    kiosks = [store, await another(), await another()]
    for turn in range(10):
        promised = appointment(clock, f"A{turn}")
        await store.import_appointments([promised])
        answers = await asyncio.gather(
            *(check_in(kiosk, promised) for kiosk in kiosks), return_exceptions=True
        )
        tickets = [answer for answer in answers if isinstance(answer, Ticket)]
        refusals = [answer for answer in answers if isinstance(answer, RefusedError)]
        assert (len(tickets), len(refusals)) == (1, 2)
        assert {refusal.title for refusal in refusals} == {"This appointment has been used"}
        assert tickets[0].number == turn + 1  # and the others have used no number up
    assert len(await queue(store)) == 10


# What is still to come


async def test_a_day_s_appointments_are_listed_in_order_of_time(
    store: QueueStore, clock: HandClock
) -> None:
    given = [
        appointment(clock, "C", minutes=30),
        appointment(clock, "B", HEALTH, minutes=10),
        appointment(clock, "A", minutes=10),
        appointment(clock, "D", minutes=20),
        appointment(clock, "E", minutes=24 * 60),
    ]
    await store.import_appointments(given, [given[3]])
    by_code = {each.code: each for each in given}
    listed = await store.appointments(clock.day())
    assert listed == tuple(by_code[code] for code in "ABC")
    assert await store.appointments(clock.day() + timedelta(days=1)) == (by_code["E"],)
    assert await store.appointments(clock.day() + timedelta(days=2)) == ()
    await check_in(store, by_code["B"])
    assert await store.appointments(clock.day()) == (by_code["A"], by_code["C"])


async def test_who_is_due_and_has_not_come_is_expected(store: QueueStore, clock: HandClock) -> None:
    async def expected() -> dict[UnitId, int]:
        return dict((await store.traffic()).expected)

    given = [
        appointment(clock, "A", minutes=10),
        appointment(clock, "B", minutes=12),
        appointment(clock, "C", HEALTH, minutes=12),
        appointment(clock, "D", SERVICE, minutes=12),
    ]
    await store.import_appointments(given, [given[3]])
    assert await expected() == {}
    clock.advance(minutes=10)
    assert await expected() == {LIBRARY: 1}
    clock.advance(minutes=2)
    assert await expected() == {LIBRARY: 2, HEALTH: 1}
    await check_in(store, given[0])
    assert await expected() == {LIBRARY: 1, HEALTH: 1}
    # Nobody is expected for ever.
    clock.advance(hours=1)
    assert await expected() == {}


# Import


async def test_an_import_says_what_it_has_done(store: QueueStore, clock: HandClock) -> None:
    a, b, c = (appointment(clock, code) for code in "ABC")
    assert await store.import_appointments([a, b, c]) == counts(added=3)
    assert await store.import_appointments([a, b, c]) == counts(unchanged=3)
    moved = appointment(clock, "B", minutes=45)
    elsewhere = appointment(clock, "C", HEALTH)
    new = appointment(clock, "D")
    assert await store.import_appointments([moved, elsewhere, new], [a]) == counts(
        moved=2, added=1, cancelled=1
    )
    assert await store.appointments(clock.day()) == (elsewhere, new, moved)
    # What was cancelled can be so only once, and come back.
    assert await store.import_appointments([], [a]) == counts(unchanged=1)
    assert await store.import_appointments([a]) == counts(added=1)
    assert await store.import_appointments([]) == counts()


def counts(**named: int) -> dict[str, int]:
    return {"added": 0, "moved": 0, "cancelled": 0, "unchanged": 0, **named}


async def test_a_cancellation_of_what_was_never_known_changes_nothing(
    store: QueueStore, clock: HandClock
) -> None:
    for unit in (LIBRARY, LIBRARY, HEALTH):
        never = appointment(clock, unit=unit)
        assert await store.import_appointments([], [never]) == counts(unchanged=1)
    assert await store.appointments(clock.day()) == ()


async def test_one_code_may_be_used_on_several_days(store: QueueStore, clock: HandClock) -> None:
    given = [appointment(clock, minutes=days * 24 * 60) for days in (0, 1)]
    assert await store.import_appointments(given) == counts(added=2)
    for promised in given:
        assert await store.appointment("AB123") == promised
        await check_in(store, promised)
        clock.advance(days=1)


async def test_whoever_has_checked_in_stays_checked_in(store: QueueStore, clock: HandClock) -> None:
    ticket = await visit(store, clock, minutes=10)
    before = await views(store, ticket)
    for given, cancelled in (
        ([appointment(clock, minutes=60)], []),
        ([appointment(clock, unit=HEALTH)], []),
        ([], [appointment(clock, minutes=10)]),
    ):
        assert await store.import_appointments(given, cancelled) == counts(unchanged=1)
        assert await views(store, ticket) == before
        assert (await refused(store, "AB123")).title == "This appointment has been used"


async def test_a_large_import_is_seen_as_a_whole_or_not_at_all(
    store: QueueStore, another: Another, clock: HandClock
) -> None:
    other = await another()
    day = clock.day()
    given = [appointment(clock, f"A{number}", minutes=number / 10) for number in range(1000)]
    seen = {0}
    importing = asyncio.create_task(store.import_appointments(given))
    while not importing.done():
        seen.add(len(await other.appointments(day)))
    seen.add(len(await other.appointments(day)))
    assert seen == {0, 1000}


@pytest.mark.parametrize("steps", range(8))
async def test_a_cancelled_import_has_brought_all_or_nothing(
    store: QueueStore, another: Another, clock: HandClock, steps: int
) -> None:
    given = [appointment(clock, f"A{number}") for number in range(200)]
    importing = asyncio.create_task(store.import_appointments(given))
    for _ in range(steps):
        await asyncio.sleep(0)
    importing.cancel()
    await asyncio.wait([importing])
    other = await another()
    await give(other)  # what was begun has ended by then
    assert len(await other.appointments(clock.day())) in {0, 200}
