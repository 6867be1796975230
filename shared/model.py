"""The things a queue is made of: frozen, typed, without input or output.

A *ticket* is what a resident holds. An *errand* is one matter at one unit that the ticket
wants done: a ticket stands in as many queues as it has errands. A *call* is one line of the
journal: this ticket, to this counter, now.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import NewType

from msgspec import Struct

UnitId = NewType("UnitId", str)
CounterId = NewType("CounterId", str)
TicketId = NewType("TicketId", int)
ErrandId = NewType("ErrandId", int)
CallId = NewType("CallId", int)
"""A call's number in the journal: grows with every call, is never used twice."""

NOBODY = ErrandId(0)
"""No errand: says that nobody shall be at a counter."""


class State(StrEnum):
    """Where an errand has got to. ``move`` in the store's schema says which steps are legal."""

    WAITING = "waiting"
    CALLED = "called"
    SERVING = "serving"
    SERVED = "served"
    NO_SHOW = "no_show"
    PARKED = "parked"
    TRANSFERRED = "transferred"
    """It goes on as another errand, at another unit."""
    LEFT = "left"
    EXPIRED = "expired"
    UNDONE = "undone"
    """It began with a step that was taken back."""


AT_COUNTER = frozenset({State.CALLED, State.SERVING})
"""The states of an errand that a counter has."""

OPEN = AT_COUNTER | {State.WAITING, State.PARKED}
"""The states of an errand that is not over."""


class Verb(StrEnum):
    """What can happen to an errand: the words of the journal, and of the command line."""

    ISSUE = "issue"
    CALL = "call"
    RECALL = "recall"
    START = "start"
    FINISH = "finish"
    NO_SHOW = "no-show"
    BACK = "back"
    PARK = "park"
    RESUME = "resume"
    TRANSFER = "transfer"
    LEAVE = "leave"
    HEAD_START = "head-start"
    PUT_OFF = "put-off"
    UNDO = "undo"
    EXPIRE = "expire"


def label(series: str, number: int) -> str:
    """Write a ticket's number as everyone reads it, such as ``"K 017"``."""
    return f"{series} {number:03}"


LONGEST_CODE = 20
"""Letters and digits of an appointment's code, at most."""


def plain_code(code: str) -> str:
    """Write an appointment's code the one way it is stored: ``"ab-12 3"`` is ``"AB123"``."""
    return re.sub(r"[\s-]", "", code).upper()


class Estimate(Struct, frozen=True, kw_only=True):
    """How long a wait may be: a range to tell, and the likeliest within it."""

    low: timedelta
    likely: timedelta
    high: timedelta

    @property
    def minutes(self) -> tuple[int, int]:
        """The range, in whole minutes."""
        return self.low // timedelta(minutes=1), self.high // timedelta(minutes=1)


class Place(Struct, frozen=True, kw_only=True):
    """Where a ticket stands in one unit's queue as it is given."""

    unit: UnitId
    ahead: int
    """People before it."""


class Ticket(Struct, frozen=True, kw_only=True):
    """A number given to a resident. Numbers run per series and service day, from 1."""

    id: TicketId
    day: date
    series: str
    number: int
    token: str
    language: str
    issued_at: datetime
    appointed_at: datetime | None
    """When it has an appointment, if it has one."""
    places: tuple[Place, ...]
    """One for each unit asked for, in the order asked."""

    @property
    def label(self) -> str:
        return label(self.series, self.number)

    @property
    def units(self) -> tuple[UnitId, ...]:
        return tuple(place.unit for place in self.places)

    @property
    def ahead(self) -> int:
        """People before it in its longest queue."""
        return max(place.ahead for place in self.places)


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
    withdrawn: bool = False
    """The errand's calls no longer hold: it was put back into its queue."""

    @property
    def label(self) -> str:
        return label(self.series, self.number)


class Errand(Struct, frozen=True, kw_only=True):
    """One matter at one unit, as the staff see it."""

    id: ErrandId
    ticket: TicketId
    series: str
    number: int
    unit: UnitId
    state: State
    since: datetime
    """When it came into this state."""
    issued_at: datetime
    counter: CounterId | None
    """Where it was called to last, if anywhere."""
    calls: int
    """How often it was called."""
    priority: str | None
    """The class that it has a head start by, as the configuration names it."""
    appointed_at: datetime | None
    origin: UnitId | None
    """Which unit it was transferred from."""
    reason: str | None
    """Why it was transferred, as the configuration names it."""
    back_to: UnitId | None
    """Which unit it goes back to when it is served."""
    put_off: int
    """How often the resident has asked for more time."""
    also: tuple[UnitId, ...]
    """Where else the ticket still waits, or is called, served or parked."""

    @property
    def label(self) -> str:
        return label(self.series, self.number)

    @property
    def waits_since(self) -> datetime:
        """Since when its ticket has waited, however often it was moved on; may be still to come."""
        return max((self.issued_at, self.appointed_at or self.issued_at), key=datetime.timestamp)


class Desk(Struct, frozen=True, kw_only=True):
    """What stands before one counter."""

    current: Errand | None
    waiting: tuple[Errand, ...]
    """Who could be called now, next one first."""
    parked: tuple[Errand, ...]
    """Who was put aside, first one first."""


class Stop(Struct, frozen=True, kw_only=True):
    """One errand of a visit, as its resident sees it."""

    unit: UnitId
    state: State
    since: datetime
    counter: CounterId | None
    """Where it is called to, or was."""
    calls: int
    ahead: int | None
    """People before it, while it waits."""
    put_off: int
    """How often more time was asked for."""
    told: Estimate | None
    """What was told of the wait when the ticket was given."""


class Visit(Struct, frozen=True, kw_only=True):
    """A ticket and what has become of it: what a phone shows."""

    token: str
    series: str
    number: int
    language: str
    issued_at: datetime
    appointed_at: datetime | None
    stops: tuple[Stop, ...]
    """Its errands, oldest first; those that went on elsewhere are left out."""
    score: int | None
    """How the resident says it went, 1 to 5."""

    @property
    def label(self) -> str:
        return label(self.series, self.number)

    @property
    def is_over(self) -> bool:
        return not any(stop.state in OPEN for stop in self.stops)


class Undone(Struct, frozen=True, kw_only=True):
    """A step that was taken back, and the errand it was about as it is now."""

    verb: Verb
    errand: Errand


class PrinterFault(Struct, frozen=True, kw_only=True):
    """What is wrong with a kiosk's printer."""

    fault: str
    """A message id."""
    since: datetime


class Session(Struct, frozen=True, kw_only=True):
    """A staff console that has a counter open."""

    id: str
    counter: CounterId
    opened_at: datetime
    break_since: datetime | None
    """Since when the counter has a break, if it has one."""


class Appointment(Struct, frozen=True, kw_only=True):
    """A time promised to somebody, known by a code alone."""

    code: str
    """As :func:`plain_code` writes it."""
    unit: UnitId
    at: datetime


class Sample(Struct, frozen=True, kw_only=True):
    """What was measured of a time that varies, such as that of a service."""

    count: int
    total: float
    """Seconds, summed up."""
    squares: float
    """Their squares, summed up."""


class Queue(Struct, frozen=True, kw_only=True):
    """The queue of one unit, as a whole."""

    people: int
    due: int
    """Of these, who come before a ticket that is given now,"""
    ahead: int
    """and before one of the class that was asked about."""
    first: datetime
    """The ``rank_at`` of the first."""
    longest_since: datetime
    """Since when the one who has waited longest has waited: from the issue or the appointed time.
    One that is still to come: nobody has waited yet."""


class Post(Struct, frozen=True, kw_only=True):
    """A counter that is open, and what it is busy with."""

    counter: CounterId
    unit: UnitId | None
    """Whose errand is at the counter, if any is."""


class Outcome(Struct, frozen=True, kw_only=True):
    """What was told of a wait, and what came of it."""

    unit: UnitId
    estimate: Estimate
    waited: timedelta


class Traffic(Struct, frozen=True, kw_only=True):
    """The whole centre in one look: what estimates are made from."""

    queues: Mapping[UnitId, Queue]
    """Only of units where somebody waits."""
    posts: tuple[Post, ...]
    """The counters that will call the next one: those that a console has open, where somebody is,
    or that have done something in the last half-hour, for a push-button opens no counter. None that
    has a break, or that a console has closed and that has called nobody since."""
    recent: Mapping[UnitId, Sample]
    """Time at a counter, of the last hours."""
    usual: Mapping[UnitId, Sample]
    """Time at a counter at this hour of this weekday, of the last weeks."""
    expected: Mapping[UnitId, int]
    """Appointments that are due, and whose visitors have not checked in yet."""

    def people(self, unit: UnitId) -> int:
        """Return how many people wait for a unit."""
        return self.queues[unit].people if unit in self.queues else 0

    def ahead(self, unit: UnitId) -> int:
        """Return how many people come before the ticket that was asked about, at a unit."""
        return self.queues[unit].ahead if unit in self.queues else 0
