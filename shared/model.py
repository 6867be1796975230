"""The things a queue is made of: frozen, typed, without input or output.

A *ticket* is what a resident holds. An *errand* is one matter at one unit that the ticket
wants done: a ticket stands in as many queues as it has errands. A *call* is one line of the
journal: this ticket, to this counter, now.
"""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import NewType

from msgspec import Struct

UnitId = NewType("UnitId", str)
CounterId = NewType("CounterId", str)
TicketId = NewType("TicketId", int)
ErrandId = NewType("ErrandId", int)
CallId = NewType("CallId", int)
"""A call's number in the journal: grows with every call, is never used twice."""


class State(StrEnum):
    """Where an errand has got to. ``move`` in the store's schema says which steps are legal."""

    WAITING = "waiting"
    CALLED = "called"
    SERVING = "serving"
    SERVED = "served"
    NO_SHOW = "no_show"
    PARKED = "parked"
    LEFT = "left"
    EXPIRED = "expired"


def label(series: str, number: int) -> str:
    """Write a ticket's number as everyone reads it, such as ``"K 017"``."""
    return f"{series} {number:03}"


class Ticket(Struct, frozen=True, kw_only=True):
    """A number given to a resident. Numbers run per series and service day, from 1."""

    id: TicketId
    day: date
    series: str
    number: int
    token: str
    language: str
    issued_at: datetime
    units: tuple[UnitId, ...]
    ahead: int
    """People before this ticket in its longest queue, when it was given."""

    @property
    def label(self) -> str:
        return label(self.series, self.number)


class Call(Struct, frozen=True, kw_only=True):
    """A ticket called to a counter. A recall is a call of its own, with ``repeated`` set."""

    id: CallId
    at: datetime
    errand: ErrandId
    series: str
    number: int
    unit: UnitId
    counter: CounterId
    repeated: bool

    @property
    def label(self) -> str:
        return label(self.series, self.number)


class Errand(Struct, frozen=True, kw_only=True):
    """One matter at one unit, as the staff see it."""

    id: ErrandId
    series: str
    number: int
    unit: UnitId
    state: State
    since: datetime
    """When it came into this state."""
    issued_at: datetime
    calls: int
    """How often it was called."""

    @property
    def label(self) -> str:
        return label(self.series, self.number)


class Desk(Struct, frozen=True, kw_only=True):
    """What stands before one counter: who is there now, and who waits, next one first."""

    current: Errand | None
    waiting: tuple[Errand, ...]


class Session(Struct, frozen=True, kw_only=True):
    """A staff console that has a counter open."""

    id: str
    counter: CounterId
    opened_at: datetime
