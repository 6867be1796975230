"""The lobby that the store's tests play in: its units, its counters, and who is where."""

from __future__ import annotations

from datetime import time, timedelta

from shared.clock import Clock
from shared.config import Priority
from shared.model import Appointment, CounterId, Errand, Estimate, State, Ticket, UnitId
from shared.store import QueueStore
from tests.conftest import HandClock

LIBRARY = UnitId("library")
SERVICE = UnitId("service-point")
HEALTH = UnitId("health")
ALL = [LIBRARY, SERVICE, HEALTH]

ONE = CounterId("1")
TWO = CounterId("2")
NOBODYS = CounterId("nobody's")
"""Looks at the queues from here see whoever is free."""

INFANT = Priority(id="infant", name={}, minutes=15)
MOBILITY = Priority(id="mobility", name={}, minutes=10)


class LateClock(HandClock):
    """The clock of a centre whose service day does not change at midnight."""

    def __init__(self, day_starts: time) -> None:
        super().__init__()
        self._day_starts = day_starts


HALF_AN_HOUR = dict.fromkeys(ALL, timedelta(minutes=30))
"""A patience of each unit."""


def minutes(low: float, likely: float, high: float) -> Estimate:
    low_, likely_, high_ = (timedelta(minutes=minutes) for minutes in (low, likely, high))
    return Estimate(low=low_, likely=likely_, high=high_)


async def give(
    store: QueueStore, *units: UnitId, series: str = "K", priority: Priority | None = None
) -> Ticket:
    return await store.issue(units or [LIBRARY], series=series, language="fi", priority=priority)


async def visit(
    store: QueueStore,
    clock: Clock,
    unit: UnitId = LIBRARY,
    *,
    code: str = "AB123",
    minutes: float = 0,
    series: str = "K",
) -> Ticket:
    """Check in for an appointment so many minutes from now."""
    at = clock.now() + timedelta(minutes=minutes)
    appointment = Appointment(code=code, unit=unit, at=at)
    await store.import_appointments([appointment])
    return await store.check_in(appointment, series=series, language="fi")


async def errand_of(store: QueueStore, ticket: Ticket, unit: UnitId | None = None) -> Errand:
    """Return a ticket's errand as it is now; of several, the newest one."""
    return [
        errand
        for errand in await store.find(ticket.series, ticket.number)
        if unit in {None, errand.unit}
    ][-1]


async def queue(store: QueueStore, *units: UnitId) -> list[str]:
    """Return who waits for any of the units, next one first."""
    desk = await store.desk(NOBODYS, units or ALL)
    return [errand.label for errand in desk.waiting]


async def parked(store: QueueStore) -> list[str]:
    return [errand.label for errand in (await store.desk(NOBODYS, ALL)).parked]


async def at(store: QueueStore, counter: CounterId) -> tuple[str, State] | None:
    """Return who is at a counter, and in which state."""
    current = (await store.desk(counter, ALL)).current
    return (current.label, current.state) if current else None


async def views(store: QueueStore, *tickets: Ticket) -> object:
    """Return all that can be seen but the calls: what has changed nothing leaves it as it was."""
    return (
        [
            await store.desk(counter, ALL, patience=patience)
            for counter in (ONE, TWO, NOBODYS)
            for patience in (None, HALF_AN_HOUR)
        ],
        [await store.find(ticket.series, ticket.number) for ticket in tickets],
        await store.traffic(),
        [await store.session(counter) for counter in (ONE, TWO)],
    )
