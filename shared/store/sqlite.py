"""The queue store in one SQLite file, shared by all programs on one machine."""

from __future__ import annotations

import secrets
import sqlite3
from collections import Counter as Tally
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

import msgspec

from shared.errors import N_, RefusedError
from shared.model import (
    AT_COUNTER,
    NOBODY,
    Appointment,
    Call,
    CallId,
    CounterId,
    Desk,
    Errand,
    ErrandId,
    Estimate,
    Outcome,
    Post,
    PrinterFault,
    Queue,
    Sample,
    Session,
    State,
    Stop,
    Ticket,
    Traffic,
    Undone,
    UnitId,
    Verb,
    Visit,
    label,
)
from shared.store import UNDO_WITHIN, process, statements
from shared.store.database import Database
from shared.store.refusals import (
    in_state,
    no_change_of_break,
    no_leave,
    no_more_time,
    no_rating,
    not_open,
    refusal,
    unknown,
)
from shared.store.rows import (
    as_json,
    head_start_values,
    hour,
    milliseconds,
    milliseconds_of,
    read_appointment,
    read_call,
    read_errand,
    read_estimate,
    read_session,
    read_stop,
    read_ticket,
    read_visit,
    told_values,
)

if TYPE_CHECKING:
    from shared.config import Priority

RECENT = 2
"""Hours before this one whose services count as recent."""

WEEKS = 8
"""How many weeks back this hour of the week is looked at for what is usual."""

EXPECTED_FOR = timedelta(minutes=15)
"""How long after the appointed time a visitor is still expected."""

IN_USE_FOR = timedelta(minutes=30)
"""How long after its last step a counter still counts as open that no console has open, be it that
a push-button calls there, or that its console has crashed: somebody is there."""


class SqliteStore(Database):
    """A :class:`~shared.store.QueueStore` over one file."""

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
        asked = [
            {"unit": unit, **told_values((estimates or {}).get(unit))}
            for unit in dict.fromkeys(units)
        ]
        [row] = await self._issue(asked, series, language, priority=priority)
        return read_ticket(row, self._clock.zone)

    async def check_in(self, appointment: Appointment, *, series: str, language: str) -> Ticket:
        rows = await self._issue(
            [{"unit": appointment.unit}], series, language, appointment=appointment
        )
        if not rows:
            # It was moved, dropped or used meanwhile: this says which.
            await self.appointment(appointment.code)
            raise RefusedError(
                N_("The appointment was changed"),
                N_("Appointment {code} has another time or place now."),
                N_("Please enter the code again."),
                code=appointment.code,
            )
        return read_ticket(rows[0], self._clock.zone)

    async def _issue(
        self,
        asked: Sequence[Mapping[str, object]],
        series: str,
        language: str,
        *,
        priority: Priority | None = None,
        appointment: Appointment | None = None,
    ) -> list[sqlite3.Row]:
        return await self._write(
            statements.ISSUE,
            series=series,
            token=secrets.token_urlsafe(12),
            language=language,
            asked=as_json(asked),
            appointment=appointment and appointment.code,
            appointed_at=appointment and milliseconds(appointment.at),
            **head_start_values(priority),
        )

    # Verbs of a counter

    async def call_next(
        self,
        counter: CounterId,
        units: Collection[UnitId],
        *,
        patience: Mapping[UnitId, timedelta] | None = None,
        errand: ErrandId | None = None,
    ) -> Call | None:
        rows = await self._write(
            statements.CALL_NEXT, counter=counter, line=self._line(units, patience), errand=errand
        )
        if rows and rows[0]["state"] == State.CALLED:
            return read_call(rows[0], self._clock.zone)
        if rows or errand is None:
            return None
        if errand == NOBODY:
            desk = await self.desk(counter, units)
            if desk.current is None and desk.waiting:  # whoever was there has gone meanwhile
                return await self.call_next(counter, units, patience=patience, errand=errand)
            if desk.current is None:
                return None
        raise await self._refusal(counter, expected=errand)

    async def call(self, counter: CounterId, errand: ErrandId) -> Call:
        row = await self._with_chosen(statements.CALL, counter, errand)
        return read_call(row, self._clock.zone)

    async def recall(self, counter: CounterId, *, errand: ErrandId | None = None) -> Call:
        row = await self._with_current(statements.RECALL, counter, errand)
        return read_call(row, self._clock.zone)

    async def start(self, counter: CounterId, *, errand: ErrandId | None = None) -> Errand:
        return await self._move_on(counter, errand, Verb.START, State.SERVING, [State.CALLED])

    async def finish(self, counter: CounterId, *, errand: ErrandId | None = None) -> Errand:
        return await self._move_on(counter, errand, Verb.FINISH, State.SERVED, AT_COUNTER)

    async def no_show(self, counter: CounterId, *, errand: ErrandId | None = None) -> Errand:
        return await self._move_on(counter, errand, Verb.NO_SHOW, State.NO_SHOW, [State.CALLED])

    async def _move_on(
        self,
        counter: CounterId,
        errand: ErrandId | None,
        verb: Verb,
        to: State,
        allowed: Iterable[State],
    ) -> Errand:
        row = await self._with_current(
            statements.MOVE_ON,
            counter,
            errand,
            verb=verb,
            state=to,
            allowed=as_json(list(allowed)),
        )
        return read_errand(row, self._clock.zone)

    async def back(self, counter: CounterId, *, errand: ErrandId | None = None) -> Errand:
        row = await self._with_current(statements.BACK, counter, errand)
        return read_errand(row, self._clock.zone)

    async def park(self, counter: CounterId, *, errand: ErrandId | None = None) -> Errand:
        row = await self._with_chosen(statements.PARK, counter, errand)
        return read_errand(row, self._clock.zone)

    async def resume(self, counter: CounterId, errand: ErrandId) -> Errand:
        row = await self._with_chosen(statements.RESUME, counter, errand)
        return read_errand(row, self._clock.zone)

    async def transfer(
        self,
        counter: CounterId,
        to: UnitId,
        *,
        errand: ErrandId | None = None,
        reason: str | None = None,
        comes_back: bool = False,
    ) -> Errand:
        row = await self._with_chosen(
            statements.TRANSFER, counter, errand, to=to, reason=reason, comes_back=comes_back
        )
        return read_errand(row, self._clock.zone)

    async def leave(self, errand: ErrandId, *, counter: CounterId | None = None) -> Errand:
        left = await self._with_ticket(statements.LEAVE, counter, errand)
        # The rows come one by one: this one's was written before the last of the others had ended.
        return msgspec.structs.replace(left, also=())

    async def head_start(
        self, errand: ErrandId, priority: Priority | None, *, counter: CounterId | None = None
    ) -> Errand:
        return await self._with_ticket(
            statements.HEAD_START, counter, errand, **head_start_values(priority)
        )

    async def _with_current(
        self, statement: str, counter: CounterId, errand: ErrandId | None, **values: object
    ) -> sqlite3.Row:
        """Do a verb with the errand at the counter, which is this one if any is named."""
        rows = await self._write(statement, counter=counter, errand=errand, **values)
        if not rows:
            raise await self._refusal(counter, expected=errand)
        return rows[0]

    async def _with_chosen(
        self,
        statement: str,
        counter: CounterId,
        errand: ErrandId | None,
        to: UnitId | None = None,
        **values: object,
    ) -> sqlite3.Row:
        """Do a verb with any errand; None: the one at the counter."""
        rows = await self._write(statement, counter=counter, errand=errand, to=to, **values)
        if not rows:
            raise await self._refusal(counter, errand=errand, to=to)
        return rows[0]

    async def _with_ticket(
        self, statement: str, counter: CounterId | None, errand: ErrandId, **values: object
    ) -> Errand:
        """Do a verb with all that an errand's ticket waits for; return that errand."""
        for row in await self._write(statement, counter=counter, errand=errand, **values):
            if row["id"] == errand:
                return read_errand(row, self._clock.zone)
        raise await self._refusal(counter, errand=errand)

    async def undo(self, counter: CounterId) -> Undone:
        rows = await self._write(
            statements.UNDO, counter=counter, within=milliseconds_of(UNDO_WITHIN)
        )
        if not rows:
            raise await self._no_undo(counter)
        [row] = await self._read(statements.OF_STEP, step=rows[0]["step"])
        return Undone(verb=Verb(row["verb"]), errand=read_errand(row, self._clock.zone))

    async def _no_undo(self, counter: CounterId) -> RefusedError:
        """Explain why a counter's last step cannot be taken back."""
        rows = await self._read(statements.LAST_STEP, counter=counter)
        if not rows or rows[0]["verb"] == Verb.UNDO:
            return RefusedError(
                N_("There is nothing to undo"),
                N_("Counter {counter} has done nothing since that could be taken back."),
                N_("Only the last step can be undone, and only once."),
                counter=counter,
            )
        if rows[0]["day"] < self._clock.day().isoformat():
            return RefusedError(
                N_("It is too late to undo this"),
                N_("The service day has changed since the last step of counter {counter}."),
                N_("A new ticket is needed."),
                counter=counter,
            )
        age = self._now() - rows[0]["at"]
        if age < -milliseconds_of(UNDO_WITHIN):
            return RefusedError(
                N_("Nobody can tell how long ago this was"),
                N_("The clock has been set back since the last step of counter {counter}."),
                N_("Find the ticket in the queue, and go on from there."),
                counter=counter,
            )
        if age > milliseconds_of(UNDO_WITHIN):
            return RefusedError(
                N_("It is too late to undo this"),
                N_("The last step of counter {counter} was at {time}."),
                N_("A step can be undone within {minutes} minutes."),
                counter=counter,
                time=self._moment(rows[0]["at"]),
                minutes=UNDO_WITHIN.seconds // 60,
            )
        gone_on = await self._read(statements.GONE_ON, step=rows[0]["step"])
        return RefusedError(
            N_("Something has come after it"),
            N_("{ticket} has gone on since the last step of counter {counter}."),
            N_("Find the ticket in the queue, and go on from there."),
            ticket=", ".join(
                dict.fromkeys(read_errand(row, self._clock.zone).label for row in gone_on)
            ),
            counter=counter,
        )

    async def _refusal(
        self,
        counter: CounterId | None,
        *,
        errand: ErrandId | None = None,
        expected: ErrandId | None = None,
        to: UnitId | None = None,
    ) -> RefusedError:
        """Explain why a verb has changed nothing.

        ``errand`` is the one that the verb was about, None for whoever is at the counter;
        ``expected`` is the one that should have been there; ``to`` is where it was to go.
        """
        rows = await self._read(statements.ERRAND, counter=counter, errand=errand)
        if errand is not None and not rows:
            return unknown()
        meant = read_errand(rows[0], self._clock.zone) if rows else None
        held = await self._read(statements.AT_A_COUNTER, errand=meant and meant.id)
        return refusal(
            counter,
            meant,
            held=read_errand(held[0], self._clock.zone) if held else None,
            expected=expected,
            to=to,
        )

    # Verbs of a resident

    async def put_off(self, token: str, *, by: timedelta, times: int) -> Visit:
        return await self._of_resident(
            statements.PUT_OFF, token, no_more_time, by=milliseconds_of(by), times=times
        )

    async def give_up(self, token: str) -> Visit:
        return await self._of_resident(statements.GIVE_UP, token, no_leave)

    async def rate(self, token: str, score: int) -> Visit:
        return await self._of_resident(statements.RATE, token, no_rating, score=score)

    async def _of_resident(
        self,
        statement: str,
        token: str,
        refused: Callable[[Visit], RefusedError],
        **values: object,
    ) -> Visit:
        """Do a verb; return what has become of the ticket. ``refused`` says why nothing has."""
        when = self._when()  # once: midnight may come between the verb and the look
        done = await self._write(statement, token=token, counter=None, **when, **values)
        rows = await self._read(statements.VISITS, tokens=as_json([token]), **when)
        visit = self._visits(rows).get(token)
        if visit is None:
            raise RefusedError(
                N_("This ticket is not known"),
                N_("It is not one of today, or the address is not whole."),
                N_("Scan the code on the ticket again, or ask the staff."),
            )
        if not done:
            raise refused(visit)
        return visit

    # Views

    async def visits(self, tokens: Collection[str]) -> Mapping[str, Visit]:
        return self._visits(await self._read(statements.VISITS, tokens=as_json(list(set(tokens)))))

    def _visits(self, rows: Iterable[sqlite3.Row]) -> Mapping[str, Visit]:
        stops: dict[str, list[Stop]] = {}
        heads: dict[str, sqlite3.Row] = {}
        for row in rows:
            heads[row["token"]] = row
            stops.setdefault(row["token"], []).append(read_stop(row, self._clock.zone))
        return {token: read_visit(heads[token], stops[token], self._clock.zone) for token in heads}

    async def desk(
        self,
        counter: CounterId,
        units: Collection[UnitId],
        *,
        patience: Mapping[UnitId, timedelta] | None = None,
    ) -> Desk:
        rows = await self._read(statements.DESK, counter=counter, line=self._line(units, patience))
        errands = [read_errand(row, self._clock.zone) for row in rows]
        return Desk(
            current=next((errand for errand in errands if errand.state in AT_COUNTER), None),
            waiting=tuple(errand for errand in errands if errand.state is State.WAITING),
            parked=tuple(errand for errand in errands if errand.state is State.PARKED),
        )

    def _line(self, units: Collection[UnitId], patience: Mapping[UnitId, timedelta] | None) -> str:
        """Write a counter's order, as the statements take it."""
        if patience is None:
            return as_json([{"unit": unit, "place": 0} for unit in units])
        return as_json(
            [
                {"unit": unit, "place": place, "patience": milliseconds_of(patience[unit])}
                for place, unit in enumerate(units)
            ]
        )

    async def find(self, series: str, number: int) -> tuple[Errand, ...]:
        rows = await self._read(statements.FIND, series=series, number=number)
        return tuple(read_errand(row, self._clock.zone) for row in rows)

    async def in_hand(self) -> tuple[Errand, ...]:
        rows = await self._read(statements.IN_HAND)
        return tuple(read_errand(row, self._clock.zone) for row in rows)

    async def calls(
        self, units: Collection[UnitId] | None, *, after: CallId | None = None, limit: int
    ) -> tuple[Call, ...]:
        rows = await self._read(
            statements.CALLS,
            units=None if units is None else as_json(list(units)),
            after=after or 0,
            limit=limit,
        )
        return tuple(read_call(row, self._clock.zone) for row in rows)

    async def traffic(self, *, priority: Priority | None = None) -> Traffic:
        recent, usual = self._hours()
        queues, at_counters, in_use, counters, tally, expected = await self._read_all(
            (statements.QUEUES, head_start_values(priority)),
            (statements.AT_COUNTERS, {}),
            (statements.IN_USE, {"within": milliseconds_of(IN_USE_FOR)}),
            (statements.COUNTERS, {}),
            (statements.TALLY, {"recent": as_json(recent), "usual": as_json(usual)}),
            (statements.EXPECTED, {"patience": milliseconds_of(EXPECTED_FOR)}),
        )
        return Traffic(
            queues={
                UnitId(row["unit"]): Queue(
                    people=row["people"],
                    due=row["due"],
                    ahead=row["ahead"],
                    first=self._moment(row["first"]),
                    longest_since=self._moment(row["longest_since"]),
                )
                for row in queues
            },
            posts=_posts(at_counters, in_use, counters),
            recent=_samples(row for row in tally if row["recent"]),
            usual=_samples(row for row in tally if not row["recent"]),
            expected={UnitId(row["unit"]): row["people"] for row in expected},
        )

    def _hours(self) -> tuple[Sequence[int], Sequence[int]]:
        """Return the last hours, and those that tell what is usual at this one."""
        now = self._clock.now()
        # The same hour on the centre's clocks, whatever daylight saving time has done since.
        return [hour(now) - back for back in range(RECENT + 1)], [
            hour(now - timedelta(weeks=week)) + near
            for week in range(1, WEEKS + 1)
            for near in (-1, 0, 1)
        ]

    # Counters

    async def open_counter(self, counter: CounterId, *, take_over: bool = False) -> Session | None:
        rows = await self._read(statements.SESSION, counter=counter)
        if rows and process.alive(rows[0]["process"]) and not take_over:
            return None
        rows = await self._write(
            statements.OPEN_COUNTER,
            counter=counter,
            session=secrets.token_urlsafe(9),
            process=process.name(),
            seen=rows[0]["id"] if rows else None,
        )
        return read_session(rows[0], self._clock.zone) if rows else None

    async def pause_counter(self, session: Session, *, paused: bool) -> None:
        if not await self._write(
            statements.PAUSE_COUNTER, counter=session.counter, session=session.id, paused=paused
        ):
            holder = await self.session(session.counter)
            if holder is None or holder.id != session.id:
                raise not_open(session.counter, holder)
            raise no_change_of_break(holder)

    async def close_counter(self, session: Session) -> None:
        if not await self._write(
            statements.CLOSE_COUNTER, counter=session.counter, session=session.id
        ):
            raise not_open(session.counter, await self.session(session.counter))

    async def session(self, counter: CounterId) -> Session | None:
        rows = await self._read(statements.SESSION, counter=counter)
        return (
            read_session(rows[0], self._clock.zone)
            if rows and process.alive(rows[0]["process"])
            else None
        )

    # Paper

    async def ask_for_printout(self, errand: ErrandId | None = None) -> str:
        rows = await self._write(statements.ASK_FOR_PRINTOUT, errand=errand)
        if not rows:
            raise await self._no_printout(errand)
        return label(rows[0]["series"], rows[0]["number"])

    async def _no_printout(self, errand: ErrandId | None) -> RefusedError:
        """Explain why a ticket is not printed: it is over, or it is not of today."""
        rows = await self._read(statements.OF_PRINTOUT, errand=errand)
        if rows:
            return in_state(read_errand(rows[0], self._clock.zone))
        if errand is not None:
            return unknown()
        return RefusedError(
            N_("There is nothing to print"),
            N_("No ticket has been given today."),
            N_("Print again when somebody has taken a number."),
        )

    async def take_printout(self) -> Visit | None:
        while rows := await self._write(statements.TAKE_PRINTOUT):
            token = rows[0]["token"]
            visit = (await self.visits([token])).get(token)
            if visit is not None and not visit.is_over:  # else nobody wants it any more
                return visit
        return None

    async def report_printer(self, fault: str | None) -> None:
        if fault is None:
            await self._write(statements.CLEAR_PRINTER, process=process.name())
        else:
            await self._write(statements.REPORT_PRINTER, process=process.name(), fault=fault)

    async def printer_fault(self) -> PrinterFault | None:
        for row in await self._read(statements.PRINTER_FAULTS):
            if process.alive(row["process"]):
                return PrinterFault(fault=row["fault"], since=self._moment(row["since"]))
        return None

    # The door

    async def door_secret(self) -> bytes:
        [row] = await self._read(statements.DOOR_KEY)
        return bytes(row["value"])

    # Appointments

    async def import_appointments(
        self, appointments: Sequence[Appointment], cancelled: Sequence[Appointment] = ()
    ) -> Mapping[str, int]:
        given = [
            {
                "code": each.code,
                "day": self._clock.day_of(each.at).isoformat(),
                "unit": each.unit,
                "at": milliseconds(each.at),
                "cancelled": int(is_cancelled),
            }
            for is_cancelled, several in ((False, appointments), (True, cancelled))
            for each in several
        ]
        known = {
            (row["code"], row["day"]): row
            for row in await self._read(statements.KNOWN, appointments=as_json(given))
        }
        await self._write(statements.IMPORT, appointments=as_json(given))
        done = Tally({"added": 0, "moved": 0, "cancelled": 0, "unchanged": 0})
        for each in given:
            done[_import_of(each, known.get((each["code"], each["day"])))] += 1
        return done

    async def appointments(self, day: date) -> tuple[Appointment, ...]:
        rows = await self._read(statements.APPOINTMENTS, day=day.isoformat())
        return tuple(read_appointment(row, self._clock.zone) for row in rows)

    async def appointment(self, code: str) -> Appointment:
        rows = await self._read(statements.APPOINTMENT, code=code)
        day = self._clock.day().isoformat()
        # Today's, else the next one, else the last one that was.
        row = next((row for row in rows if row["day"] >= day), rows[-1] if rows else None)
        if row is None:
            raise RefusedError(
                N_("This code is not known"),
                N_("There is no appointment with the code {code}."),
                N_("Please check it letter by letter, or ask the staff."),
                code=code,
            )
        if row["cancelled"]:
            raise RefusedError(
                N_("This appointment was cancelled"),
                N_("The appointment with the code {code} was cancelled."),
                N_("Please ask the staff, or take a number."),
                code=code,
            )
        if row["day"] != day:
            at, is_over = self._moment(row["at"]), row["day"] < day
            raise RefusedError(
                N_("This appointment is not for today"),
                N_("It was for {date}, at {time}.")
                if is_over
                else N_("It is for {date}, at {time}."),
                N_("Please ask the staff, or take a number.")
                if is_over
                else N_("Please come then, or ask the staff."),
                date=at.date(),
                time=at,
            )
        if row["ticket"] is not None:
            raise RefusedError(
                N_("This appointment has been used"),
                N_("Somebody has checked in with the code {code} already."),
                N_("Keep the number that you were given, or ask the staff."),
                code=code,
            )
        return read_appointment(row, self._clock.zone)

    # Estimates

    async def outcomes(self, since: datetime) -> Sequence[Outcome]:
        rows = await self._read(
            statements.OUTCOMES,
            day=self._clock.day_of(since).isoformat(),
            since=milliseconds(since),
        )
        return [
            Outcome(
                unit=UnitId(row["unit"]),
                estimate=estimate,
                waited=timedelta(milliseconds=row["waited"]),
            )
            for row in rows
            if (estimate := read_estimate(row)) is not None
        ]


def _posts(
    at_counters: Iterable[sqlite3.Row],
    in_use: Iterable[sqlite3.Row],
    counters: Sequence[sqlite3.Row],
) -> tuple[Post, ...]:
    """Tell which counters call: from who is at them, and which are in use, open or on a break."""
    busy = {row["counter"]: UnitId(row["unit"]) for row in at_counters}
    open_ = {row["counter"] for row in counters if row["process"] and process.alive(row["process"])}
    resting = {row["counter"] for row in counters if row["break_since"] is not None}
    return tuple(
        Post(counter=CounterId(counter), unit=busy.get(counter))
        for counter in sorted({*busy, *open_, *(row["counter"] for row in in_use)} - resting)
    )


def _samples(rows: Iterable[sqlite3.Row]) -> Mapping[UnitId, Sample]:
    return {
        UnitId(row["unit"]): Sample(
            count=row["count"], total=row["total"] / 1e3, squares=row["squares"] / 1e6
        )
        for row in rows
    }


def _import_of(given: Mapping[str, object], known: sqlite3.Row | None) -> str:
    """Say what an import makes of an appointment."""
    if known is not None and known["ticket"] is not None:
        return "unchanged"
    was_there = known is not None and not known["cancelled"]
    if given["cancelled"]:
        return "cancelled" if was_there else "unchanged"
    if known is None or not was_there:
        return "added"
    is_same = all(known[name] == given[name] for name in ("unit", "at"))
    return "unchanged" if is_same else "moved"
