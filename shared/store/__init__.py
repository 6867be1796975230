"""The queue store: one port, and the engine that a store URL names."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from shared.clock import Clock
    from shared.config import Config, Priority
    from shared.model import (
        Appointment,
        Call,
        CallId,
        CounterId,
        Desk,
        Errand,
        ErrandId,
        Estimate,
        Outcome,
        PrinterFault,
        Session,
        Ticket,
        Traffic,
        Undone,
        UnitId,
        Visit,
    )

UNDO_WITHIN = timedelta(minutes=2)
"""How long a counter may take back its last step."""


class QueueStore(Protocol):
    """The verbs and views of the queue.

    A verb is done as a whole or not at all, also when several programs call it at once or its
    caller is cancelled. It raises :class:`~shared.errors.RefusedError` when the queue's rules
    do not allow it, :class:`~shared.errors.StoreError` when the store cannot be used:
    what was to be done may have been done all the same then, if it was the disk that failed.

    Verbs of a counter are about the errand that is at it; given an ``errand``, they are refused
    unless it is that one. Those that can be about any errand of a queue say so.
    """

    # Tickets

    async def issue(
        self,
        units: Collection[UnitId],
        *,
        series: str,
        language: str,
        estimates: Mapping[UnitId, Estimate] | None = None,
        priority: Priority | None = None,
    ) -> Ticket:
        """Give the next number of ``series``, with an errand at each of ``units``, in order.

        ``estimates`` are what was told of the wait: kept, to be compared with what comes.
        """
        ...

    async def check_in(self, appointment: Appointment, *, series: str, language: str) -> Ticket:
        """Give the visitor of an appointment of this service day a ticket: once.

        Its errand stands in the queue by the appointed time.
        """
        ...

    # Verbs of a counter

    async def call_next(
        self,
        counter: CounterId,
        units: Collection[UnitId],
        *,
        patience: Mapping[UnitId, timedelta] | None = None,
        errand: ErrandId | None = None,
    ) -> Call | None:
        """End what the counter has and call the first who waits for any of ``units``.

        The first is who has waited longest. With ``patience``, one for each unit, it is the first
        of the unit that comes first in ``units``; but who has waited for longer than the unit's
        patience comes before all that, so that no unit is starved.

        With ``errand`` NOBODY, it is refused when somebody is at the counter.

        Returns None when nobody waits; what the counter had has ended all the same.
        """
        ...

    async def call(self, counter: CounterId, errand: ErrandId) -> Call:
        """End what the counter has and call this errand, which waits or is parked."""
        ...

    async def recall(self, counter: CounterId, *, errand: ErrandId | None = None) -> Call:
        """Call the ticket that was called to the counter once more."""
        ...

    async def start(self, counter: CounterId, *, errand: ErrandId | None = None) -> Errand:
        """The called person has come to the counter."""
        ...

    async def finish(self, counter: CounterId, *, errand: ErrandId | None = None) -> Errand:
        """The errand at the counter is done; one that shall go back to another unit does so."""
        ...

    async def no_show(self, counter: CounterId, *, errand: ErrandId | None = None) -> Errand:
        """The called person has not come."""
        ...

    async def back(self, counter: CounterId, *, errand: ErrandId | None = None) -> Errand:
        """The called person has not come, and shall wait again behind all who wait now."""
        ...

    async def park(self, counter: CounterId, *, errand: ErrandId | None = None) -> Errand:
        """Put aside the errand at the counter, or any that waits."""
        ...

    async def resume(self, counter: CounterId, errand: ErrandId) -> Errand:
        """Bring back a parked errand: it waits again, at its old place."""
        ...

    async def transfer(
        self,
        counter: CounterId,
        to: UnitId,
        *,
        errand: ErrandId | None = None,
        reason: str | None = None,
        comes_back: bool = False,
    ) -> Errand:
        """End the errand at the counter, or any that waits or is parked; begin one at ``to``.

        The new one, which is returned, keeps the place in time. When ``comes_back``, it returns
        to the old one's unit once it is served.
        """
        ...

    async def leave(self, errand: ErrandId, *, counter: CounterId | None = None) -> Errand:
        """Whoever waits does not want to any longer: all that the ticket waits for ends."""
        ...

    async def head_start(
        self, errand: ErrandId, priority: Priority | None, *, counter: CounterId | None = None
    ) -> Errand:
        """Give the ticket's waiting and parked errands the class's head start, or take it back.

        One head start takes the place of another.
        """
        ...

    async def undo(self, counter: CounterId) -> Undone:
        """Take back the counter's last step.

        Refused after UNDO_WITHIN, when the clock has been set back by more than that, and when
        something has come after it.
        """
        ...

    # Verbs of a resident, by the token of the ticket

    async def put_off(self, token: str, *, by: timedelta, times: int) -> Visit:
        """More time is needed: what waits, or is called, stands ``by`` later in its queue.

        It stands behind the next one whose time has come at least; where there is none, as if it
        had come ``by`` from now. Refused when it was done ``times`` times already.
        """
        ...

    async def give_up(self, token: str) -> Visit:
        """The resident leaves all queues; refused while a counter has the ticket."""
        ...

    async def rate(self, token: str, score: int) -> Visit:
        """Say how it went, 1 to 5; once, and when the visit is over."""
        ...

    # Views

    async def visits(self, tokens: Collection[str]) -> Mapping[str, Visit]:
        """Return what has become of tickets of this service day; others are not in it."""
        ...

    async def desk(
        self,
        counter: CounterId,
        units: Collection[UnitId],
        *,
        patience: Mapping[UnitId, timedelta] | None = None,
    ) -> Desk:
        """Who is at the counter, who waits for any of ``units`` and could be called, who is parked.

        A ticket that is at another counter is left out until it is free. ``patience`` is that of
        :meth:`call_next`.
        """
        ...

    async def find(self, series: str, number: int) -> tuple[Errand, ...]:
        """Return all errands of one of the service day's tickets, oldest first."""
        ...

    async def in_hand(self) -> tuple[Errand, ...]:
        """Return all errands that are at a counter or parked, oldest first."""
        ...

    async def calls(
        self, units: Collection[UnitId] | None, *, after: CallId | None = None, limit: int
    ) -> tuple[Call, ...]:
        """Return the service day's calls for ``units``, or all, newest first, at most ``limit``.

        With ``after``, only those that came after this one.
        """
        ...

    async def traffic(self, *, priority: Priority | None = None) -> Traffic:
        """Return the whole centre in one look, and who is before a ticket of this class.

        A counter where a push-button calls is never opened: it counts as open for half an hour
        after its last step, unless a console has given it a break or closed it since.
        """
        ...

    # Counters

    async def open_counter(self, counter: CounterId, *, take_over: bool = False) -> Session | None:
        """Open the counter for the caller.

        Returns None when it is open elsewhere and ``take_over`` is false.
        """
        ...

    async def pause_counter(self, session: Session, *, paused: bool) -> None:
        """Give the counter a break, or end it: as calling somebody does.

        Refused when it has one already, has none, or when this session has the counter no longer.
        """
        ...

    async def close_counter(self, session: Session) -> None:
        """Close the counter; refused when this session has it no longer."""
        ...

    async def session(self, counter: CounterId) -> Session | None:
        """Return who has the counter open, if anyone."""
        ...

    # Paper

    async def ask_for_printout(self, errand: ErrandId | None = None) -> str:
        """Ask a kiosk to print an errand's ticket once more, or the newest one.

        Returns the ticket's label. Refused when it is over, when no ticket was given on this
        service day, or the errand is not of it.
        """
        ...

    async def take_printout(self) -> Visit | None:
        """Take the next ticket that shall be printed again; None when there is none."""
        ...

    async def report_printer(self, fault: str | None) -> None:
        """Say what is wrong with this program's printer; None: nothing is any more."""
        ...

    async def printer_fault(self) -> PrinterFault | None:
        """Return what is wrong with a printer, if something is: the oldest fault."""
        ...

    # The door

    async def door_secret(self) -> bytes:
        """Return what codes that prove one is in the building are made from."""
        ...

    # Appointments

    async def import_appointments(
        self, appointments: Sequence[Appointment], cancelled: Sequence[Appointment] = ()
    ) -> Mapping[str, int]:
        """Add appointments, move those whose code and day are known, and drop the cancelled ones.

        All or nothing. Whoever has checked in already stays checked in. Returns how many were
        "added", "moved", "cancelled", and "unchanged".
        """
        ...

    async def appointments(self, day: date) -> tuple[Appointment, ...]:
        """Return a day's appointments that nobody has checked in for, in order of time."""
        ...

    async def appointment(self, code: str) -> Appointment:
        """Find the service day's appointment of this code.

        Refused, with the reason, when the code is unknown, used, or of another day.
        """
        ...

    # Estimates

    async def outcomes(self, since: datetime) -> Sequence[Outcome]:
        """Return what was told of waits since then, and what came of it, oldest first."""
        ...

    def changes(self) -> AsyncGenerator[None, None]:
        """Yield at once, then each time that anything may have changed; bursts count once."""
        ...


def open_store(config: Config, clock: Clock) -> AbstractAsyncContextManager[QueueStore]:
    """Return the store that the configuration names, ready for ``async with``."""
    # Only the engine that is used is imported.
    from shared.store.sqlite import SqliteStore  # noqa: PLC0415

    path = Path(config.store.url.removeprefix("sqlite:"))
    return SqliteStore(path, clock, config.store.patience)
