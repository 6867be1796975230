"""The queue store in one SQLite file, shared by all programs on one machine."""

from __future__ import annotations

import asyncio
import errno
import os
import secrets
import sqlite3
import time
from collections import Counter as Tally
from collections.abc import AsyncGenerator, Collection, Coroutine, Iterable, Mapping, Sequence
from contextlib import AsyncExitStack, ExitStack, suppress
from datetime import date, datetime, timedelta
from functools import partial
from importlib import resources
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self, TypeVar

import aiosqlite
import msgspec

from shared.clock import Clock
from shared.errors import N_, RefusedError, StoreError
from shared.model import (
    AT_COUNTER,
    Appointment,
    Call,
    CallId,
    CounterId,
    Desk,
    Errand,
    ErrandId,
    Estimate,
    Outcome,
    Place,
    Post,
    Queue,
    Sample,
    Session,
    State,
    Ticket,
    TicketId,
    Traffic,
    Undone,
    UnitId,
    Verb,
)
from shared.store import UNDO_WITHIN, process, statements
from shared.store.refusals import refusal, unknown

if TYPE_CHECKING:
    from shared.config import Priority

APPLICATION_ID = 0x5675_6F72
"""Marks a file as ours: "Vuor"."""

SCHEMA_VERSION = 2

HEARTBEAT = 1.0
"""Seconds between looks at the database for what rang no bell."""

POLL = 0.025
"""Seconds between looks where there is no bell to hear."""

RECENT = 2
"""Hours before this one whose services count as recent."""

WEEKS = 8
"""How many weeks back this hour of the week is looked at for what is usual."""

EXPECTED_FOR = timedelta(minutes=15)
"""How long after the appointed time a visitor is still expected."""

T = TypeVar("T")


class _Connection(aiosqlite.Connection):
    """A connection that can be waited for when it could not be opened.

    aiosqlite leaves its thread alone then, and the thread's last word would find the program's
    event loop closed: a traceback where there should be a message.
    """

    stopped: asyncio.Future[object] | None = None

    def stop(self) -> asyncio.Future[object] | None:
        self.stopped = super().stop()
        return self.stopped


class SqliteStore:
    """A :class:`~shared.store.QueueStore` over one file; opened by ``async with``.

    One connection, in autocommit: every verb is one statement, so tasks that share the
    connection cannot meet inside a transaction, and a cancelled task leaves none open.
    """

    def __init__(self, path: Path, clock: Clock, patience: float) -> None:
        self._path = path
        self._bell = path.with_name(path.name + "-bell")
        self._clock = clock
        self._patience = patience
        self._connection: aiosqlite.Connection | None = None
        self._connecting = asyncio.Lock()
        self._inode = -1
        self._suspect = False
        self._day: date | None = None
        self._begun: set[asyncio.Task[object]] = set()

    async def __aenter__(self) -> Self:
        folder = self._path.parent
        try:
            folder.mkdir(parents=True, exist_ok=True)
            # SQLite would only say that it is unable to open the file.
            if not os.access(folder, os.W_OK, effective_ids=os.access in os.supports_effective_ids):
                raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
        except OSError as error:
            raise StoreError(
                N_("The store's folder cannot be used"),
                N_("{folder}: {reason}."),
                N_("Check the path under [store] in the configuration, and who may write there."),
                folder=folder,
                reason=error.strerror,
            ) from error
        self._connection = await self._connect("rwc")
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            # What a cancelled caller has left behind would open the file again.
            if self._begun:
                await asyncio.wait(self._begun)
        finally:
            await self._disconnect()

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
            {"unit": unit, **_told((estimates or {}).get(unit))} for unit in dict.fromkeys(units)
        ]
        [row] = await self._issue(asked, series, language, priority=priority)
        return self._ticket(row)

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
        return self._ticket(rows[0])

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
            day=self._clock.day().isoformat(),
            series=series,
            token=secrets.token_urlsafe(12),
            language=language,
            asked=_json(asked),
            appointment=appointment and appointment.code,
            appointed_at=appointment and _milliseconds(appointment.at),
            **_head_start(priority),
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
            return self._call(rows[0])
        if not rows and errand is not None:
            raise await self._refusal(counter, None, errand)
        return None

    async def call(self, counter: CounterId, errand: ErrandId) -> Call:
        rows = await self._write(statements.CALL, counter=counter, errand=errand)
        if not rows:
            raise await self._refusal(counter, errand)
        return self._call(rows[0])

    async def recall(self, counter: CounterId, *, errand: ErrandId | None = None) -> Call:
        rows = await self._write(statements.RECALL, counter=counter, errand=errand)
        if not rows:
            raise await self._refusal(counter, None, errand)
        return self._call(rows[0])

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
        allowed: Iterable[str],
    ) -> Errand:
        rows = await self._write(
            statements.MOVE_ON,
            counter=counter,
            errand=errand,
            verb=verb,
            state=to,
            allowed=_json(list(allowed)),
        )
        if not rows:
            raise await self._refusal(counter, None, errand)
        return self._errand(rows[0])

    async def back(self, counter: CounterId, *, errand: ErrandId | None = None) -> Errand:
        rows = await self._write(statements.BACK, counter=counter, errand=errand)
        if not rows:
            raise await self._refusal(counter, None, errand)
        return self._errand(rows[0])

    async def park(self, counter: CounterId, *, errand: ErrandId | None = None) -> Errand:
        rows = await self._write(statements.PARK, counter=counter, errand=errand)
        if not rows:
            raise await self._refusal(counter, errand)
        return self._errand(rows[0])

    async def resume(self, counter: CounterId, errand: ErrandId) -> Errand:
        rows = await self._write(statements.RESUME, counter=counter, errand=errand)
        if not rows:
            raise await self._refusal(counter, errand)
        return self._errand(rows[0])

    async def transfer(
        self,
        counter: CounterId,
        to: UnitId,
        *,
        errand: ErrandId | None = None,
        reason: str | None = None,
        comes_back: bool = False,
    ) -> Errand:
        rows = await self._write(
            statements.TRANSFER,
            counter=counter,
            errand=errand,
            to=to,
            reason=reason,
            comes_back=comes_back,
        )
        if not rows:
            raise await self._refusal(counter, errand, to=to)
        return self._errand(rows[0])

    async def leave(self, errand: ErrandId, *, counter: CounterId | None = None) -> Errand:
        rows = await self._write(statements.LEAVE, counter=counter, errand=errand)
        left = await self._chosen(rows, counter, errand)
        # The rows come one by one: this one's was written before the last of the others had ended.
        return msgspec.structs.replace(left, also=())

    async def head_start(
        self, errand: ErrandId, priority: Priority | None, *, counter: CounterId | None = None
    ) -> Errand:
        rows = await self._write(
            statements.HEAD_START, counter=counter, errand=errand, **_head_start(priority)
        )
        return await self._chosen(rows, counter, errand)

    async def _chosen(
        self, rows: Iterable[sqlite3.Row], counter: CounterId | None, errand: ErrandId
    ) -> Errand:
        """Pick the errand that was meant out of all that its ticket waits for."""
        for row in rows:
            if row["id"] == errand:
                return self._errand(row)
        raise await self._refusal(counter, errand)

    async def undo(self, counter: CounterId) -> Undone:
        rows = await self._write(
            statements.UNDO, counter=counter, within=_milliseconds_of(UNDO_WITHIN)
        )
        if not rows:
            raise await self._no_undo(counter)
        [row] = await self._read(statements.OF_STEP, step=rows[0]["step"])
        return Undone(verb=Verb(row["verb"]), errand=self._errand(row))

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
        if self._now() - rows[0]["at"] > _milliseconds_of(UNDO_WITHIN):
            return RefusedError(
                N_("It is too late to undo this"),
                N_("The last step of counter {counter} was at {time}."),
                N_("A step can be undone within {minutes} minutes."),
                counter=counter,
                time=f"{self._moment(rows[0]['at']):%H:%M}",
                minutes=UNDO_WITHIN.seconds // 60,
            )
        gone_on = await self._read(statements.GONE_ON, step=rows[0]["step"])
        return RefusedError(
            N_("Something has come after it"),
            N_("{ticket} has gone on since the last step of counter {counter}."),
            N_("Find the ticket in the queue, and go on from there."),
            ticket=", ".join(dict.fromkeys(self._errand(row).label for row in gone_on)),
            counter=counter,
        )

    async def _refusal(
        self,
        counter: CounterId | None,
        errand: ErrandId | None,
        expected: ErrandId | None = None,
        *,
        to: UnitId | None = None,
    ) -> RefusedError:
        """Explain why a verb has changed nothing.

        ``errand`` is the one that the verb was about, None for whoever is at the counter;
        ``expected`` is the one that should have been there.
        """
        rows = await self._read(statements.ERRAND, counter=counter, errand=errand)
        if errand is not None and not rows:
            return unknown()
        meant = self._errand(rows[0]) if rows else None
        held = await self._read(statements.AT_A_COUNTER, errand=meant and meant.id)
        return refusal(
            counter, meant, held=self._errand(held[0]) if held else None, expected=expected, to=to
        )

    # Views

    async def desk(
        self,
        counter: CounterId,
        units: Collection[UnitId],
        *,
        patience: Mapping[UnitId, timedelta] | None = None,
    ) -> Desk:
        rows = await self._read(statements.DESK, counter=counter, line=self._line(units, patience))
        errands = [self._errand(row) for row in rows]
        return Desk(
            current=next((errand for errand in errands if errand.state in AT_COUNTER), None),
            waiting=tuple(errand for errand in errands if errand.state is State.WAITING),
            parked=tuple(errand for errand in errands if errand.state is State.PARKED),
        )

    def _line(self, units: Collection[UnitId], patience: Mapping[UnitId, timedelta] | None) -> str:
        """Write a counter's order, as the statements take it."""
        if patience is None:
            return _json([{"unit": unit, "place": 0} for unit in units])
        now = self._now()
        return _json(
            [
                {"unit": unit, "place": place, "overdue": now - _milliseconds_of(patience[unit])}
                for place, unit in enumerate(units)
            ]
        )

    async def find(self, series: str, number: int) -> tuple[Errand, ...]:
        rows = await self._read(
            statements.FIND, day=self._clock.day().isoformat(), series=series, number=number
        )
        return tuple(self._errand(row) for row in rows)

    async def calls(
        self, units: Collection[UnitId] | None, *, after: CallId | None = None, limit: int
    ) -> tuple[Call, ...]:
        rows = await self._read(
            statements.CALLS,
            day=self._clock.day().isoformat(),
            units=None if units is None else _json(list(units)),
            after=after or 0,
            limit=limit,
        )
        return tuple(self._call(row) for row in rows)

    async def traffic(self) -> Traffic:
        queues = await self._read(
            statements.QUEUES, now=self._now(), day=self._clock.day().isoformat()
        )
        recent, usual = await self._samples()
        return Traffic(
            queues={
                UnitId(row["unit"]): Queue(
                    people=row["people"],
                    due=row["due"],
                    first=self._moment(row["first"]),
                    longest_since=self._moment(row["longest_since"]),
                )
                for row in queues
            },
            posts=await self._posts(),
            recent=recent,
            usual=usual,
            expected=await self._expected(),
        )

    async def _posts(self) -> tuple[Post, ...]:
        busy = {row["counter"]: row for row in await self._read(statements.AT_COUNTERS)}
        open_ = {
            row["counter"]: row["break_since"] is None
            for row in await self._read(statements.COUNTERS)
            if process.alive(row["process"])
        }
        return tuple(
            Post(
                counter=CounterId(counter),
                unit=UnitId(busy[counter]["unit"]) if counter in busy else None,
            )
            # Somebody is at a counter that no console has open: a push-button calls there.
            for counter in sorted({*open_, *busy})
            if open_.get(counter, True)
        )

    async def _samples(self) -> tuple[Mapping[UnitId, Sample], Mapping[UnitId, Sample]]:
        """Return what was measured in the last hours, and what is usual at this one."""
        now = self._clock.now()
        recent = [_hour(now) - back for back in range(RECENT + 1)]
        # The same hour on the centre's clocks, whatever daylight saving time has done since.
        usual = [
            _hour(now - timedelta(weeks=week)) + near
            for week in range(1, WEEKS + 1)
            for near in (-1, 0, 1)
        ]
        samples: tuple[dict[UnitId, Sample], dict[UnitId, Sample]] = ({}, {})
        for row in await self._read(statements.TALLY, recent=_json(recent), usual=_json(usual)):
            samples[0 if row["recent"] else 1][UnitId(row["unit"])] = Sample(
                count=row["count"], total=row["total"] / 1e3, squares=row["squares"] / 1e6
            )
        return samples

    async def _expected(self) -> Mapping[UnitId, int]:
        now = self._clock.now()
        rows = await self._read(
            statements.EXPECTED,
            day=self._clock.day().isoformat(),
            since=_milliseconds(now - EXPECTED_FOR),
            now=_milliseconds(now),
        )
        return {UnitId(row["unit"]): row["people"] for row in rows}

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
        return self._session(rows[0]) if rows else None

    async def pause_counter(self, session: Session, *, paused: bool) -> None:
        await self._write(statements.PAUSE_COUNTER, session=session.id, paused=paused)

    async def close_counter(self, session: Session) -> None:
        await self._write(statements.CLOSE_COUNTER, session=session.id)

    async def session(self, counter: CounterId) -> Session | None:
        rows = await self._read(statements.SESSION, counter=counter)
        return self._session(rows[0]) if rows and process.alive(rows[0]["process"]) else None

    # Appointments

    async def import_appointments(
        self, appointments: Sequence[Appointment], cancelled: Sequence[Appointment] = ()
    ) -> Mapping[str, int]:
        given = [
            {
                "code": each.code,
                "day": self._clock.day_of(each.at).isoformat(),
                "unit": each.unit,
                "at": _milliseconds(each.at),
                "cancelled": int(is_cancelled),
            }
            for is_cancelled, several in ((False, appointments), (True, cancelled))
            for each in several
        ]
        known = {
            (row["code"], row["day"]): row
            for row in await self._read(statements.KNOWN, appointments=_json(given))
        }
        await self._write(statements.IMPORT, appointments=_json(given))
        done = Tally({"added": 0, "moved": 0, "cancelled": 0, "unchanged": 0})
        for each in given:
            done[_import_of(each, known.get((each["code"], each["day"])))] += 1
        return done

    async def appointments(self, day: date) -> tuple[Appointment, ...]:
        rows = await self._read(statements.APPOINTMENTS, day=day.isoformat())
        return tuple(self._appointment(row) for row in rows)

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
                date=f"{at.day}.{at.month}.{at.year}",
                time=f"{at:%H:%M}",
            )
        if row["ticket"] is not None:
            raise RefusedError(
                N_("This appointment has been used"),
                N_("Somebody has checked in with the code {code} already."),
                N_("Keep the number that you were given, or ask the staff."),
                code=code,
            )
        return self._appointment(row)

    # Estimates

    async def outcomes(self, since: datetime) -> Sequence[Outcome]:
        rows = await self._read(
            statements.OUTCOMES,
            day=self._clock.day_of(since).isoformat(),
            since=_milliseconds(since),
        )
        return [
            Outcome(
                unit=UnitId(row["unit"]),
                estimate=Estimate(
                    low=timedelta(milliseconds=row["told_low"]),
                    likely=timedelta(milliseconds=row["told_likely"]),
                    high=timedelta(milliseconds=row["told_high"]),
                ),
                waited=timedelta(milliseconds=row["waited"]),
            )
            for row in rows
        ]

    # Change notice

    async def changes(self) -> AsyncGenerator[None, None]:
        # Here, because a command that asks once and ends does not need it.
        from shared.store.doorbell import Doorbell  # noqa: PLC0415

        while True:
            with ExitStack() as stack:
                # Opened before the first look: a ring in between is not lost.
                bell = stack.enter_context(Doorbell(self._bell))
                sight = await self._sight()
                yield
                while True:
                    rung = await bell.wait(HEARTBEAT if bell.can_hear else POLL)
                    seen, sight = sight, await self._sight()
                    if sight[0] is not seen[0]:
                        break  # another file: its bell may hang in another folder
                    if rung or sight != seen:
                        yield

    async def _sight(self) -> tuple[object, ...]:
        """Return what differs after a change: connection, service day, version of the data."""
        [row] = await self._read(statements.VERSION)
        return self._connection, self._day, *row

    # Statements

    async def _read(self, statement: str, **values: object) -> list[sqlite3.Row]:
        await self._turn_day()
        return await self._run(statement, values)

    async def _write(self, statement: str, **values: object) -> list[sqlite3.Row]:
        return await self._to_the_end(self._commit(statement, values))

    async def _to_the_end(self, work: Coroutine[object, object, T]) -> T:
        """A cancelled caller leaves; what it began runs on, and its bell is rung."""
        task = asyncio.create_task(work)
        self._begun.add(task)
        task.add_done_callback(self._ended)
        return await asyncio.shield(task)

    def _ended(self, task: asyncio.Task[object]) -> None:
        self._begun.discard(task)
        if not task.cancelled():
            # Looked at, so that asyncio says nothing of it where the caller has left.
            task.exception()

    async def _commit(self, statement: str, values: Mapping[str, object]) -> list[sqlite3.Row]:
        await self._turn_day()
        rows = await self._run(statement, {"now": self._now(), **values})
        if self._inode != self._inode_now():
            raise self._gone()
        self._ring()
        return rows

    async def _turn_day(self) -> None:
        """End what is unfinished from an earlier service day, once a day."""
        day = self._clock.day()
        if day == self._day:
            return
        values = {"now": self._now(), "day": day.isoformat(), "counter": None}
        # Who only looks must not have to wait for those who write.
        if await self._run(statements.UNFINISHED, values):
            await self._to_the_end(self._run(statements.EXPIRE, values))
            self._ring()
        self._day = day

    async def _run(self, statement: str, values: Mapping[str, object]) -> list[sqlite3.Row]:
        connection = await self._connected()
        try:
            return list(await connection.execute_fetchall(statement, values))
        except sqlite3.Error as error:
            raise self._trouble(error) from error

    def _ring(self) -> None:
        # A bell that cannot be rung costs its hearers a second: the heartbeat tells them.
        with suppress(OSError):
            self._bell.touch()

    def _now(self) -> int:
        return _milliseconds(self._clock.now())

    def _moment(self, milliseconds: int) -> datetime:
        return datetime.fromtimestamp(milliseconds / 1000, self._clock.zone)

    # The connection

    async def _connected(self) -> aiosqlite.Connection:
        async with self._connecting:
            if self._suspect or self._inode != self._inode_now():
                # Or the file was moved away or replaced: what we hold is not the store any more.
                await self._disconnect()
                self._suspect = False
            if self._connection is None:
                self._connection = await self._connect("rw")
            return self._connection

    async def _connect(self, mode: str) -> aiosqlite.Connection:
        """Open the file; ``mode`` is SQLite's: "rwc" makes it if it is not there."""
        connection = _Connection(
            partial(
                sqlite3.connect,
                f"{self._path.absolute().as_uri()}?mode={mode}",
                uri=True,
                isolation_level=None,
                timeout=self._patience,
            ),
            iter_chunk_size=64,
        )
        try:
            async with AsyncExitStack() as stack:
                await stack.enter_async_context(connection)
                connection.row_factory = sqlite3.Row
                await self._prepare(connection)
                self._inode = self._inode_now()
                stack.pop_all()
        except sqlite3.Error as error:
            raise self._trouble(error) from error
        finally:
            if connection.stopped is not None:
                await connection.stopped
        return connection

    async def _disconnect(self) -> None:
        if self._connection is not None:
            connection, self._connection = self._connection, None
            await connection.close()

    async def _prepare(self, connection: aiosqlite.Connection) -> None:
        """Set the connection up, and bring the file to this program's version."""
        deadline = time.monotonic() + self._patience
        while (version := await self._version(connection)) < SCHEMA_VERSION:
            try:
                # Only once WAL is on does SQLite itself wait for others who do the same.
                await connection.execute_fetchall("PRAGMA journal_mode = WAL")
                await connection.executescript(f"BEGIN IMMEDIATE; {_schema(version + 1)} COMMIT;")
            except sqlite3.OperationalError:
                # Another program may have done it first: its first table is there already then.
                if connection.in_transaction:
                    await connection.rollback()
                if await self._version(connection) == version:
                    if time.monotonic() > deadline:
                        raise
                    await asyncio.sleep(0.01)
        if version > SCHEMA_VERSION:
            raise StoreError(
                N_("The queue's file is from a newer version"),
                N_("{file} has version {found}; this program knows {known}."),
                N_("Update this program, or name another file under [store]."),
                file=self._path,
                found=version,
                known=SCHEMA_VERSION,
            )
        # The mode is the file's own, but a copy of it may have come without.
        await connection.execute_fetchall("PRAGMA journal_mode = WAL")
        await connection.execute_fetchall("PRAGMA synchronous = FULL")
        await connection.execute_fetchall("PRAGMA foreign_keys = ON")

    async def _version(self, connection: aiosqlite.Connection) -> int:
        """Return the file's schema version: 0 for an empty one."""
        [(application, version, tables)] = await connection.execute_fetchall(statements.FILE)
        if application != APPLICATION_ID and tables:
            raise self._foreign()
        return int(version)

    def _inode_now(self) -> int:
        try:
            return self._path.stat().st_ino
        except OSError:
            return -1

    # What can go wrong

    def _trouble(self, error: sqlite3.Error) -> StoreError:
        """Say in a person's words what SQLite says in its own."""
        code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF
        if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            return StoreError(
                N_("The queue is busy"),
                N_("Another program has held {file} for longer than {seconds:g} s."),
                N_("Try again in a moment."),
                file=self._path,
                seconds=self._patience,
            )
        self._suspect = True  # whatever it is, start from a new connection
        if code in (sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT):
            return self._foreign()
        if not self._path.exists():
            return self._gone()
        return StoreError(
            N_("The queue cannot be used"),
            N_("{file}: {reason}."),
            N_("Check the disk, and who may write there."),
            file=self._path,
            reason=error,
        )

    def _foreign(self) -> StoreError:
        return StoreError(
            N_("The queue's file cannot be read"),
            N_("{file} is damaged, or is not a queue at all."),
            N_("Move the file away, or name another under [store] in the configuration."),
            file=self._path,
        )

    def _gone(self) -> StoreError:
        return StoreError(
            N_("The queue is out of reach"),
            N_("{file} is missing, or was replaced by another."),
            N_("It is looked for again all the time."),
            file=self._path,
        )

    # Rows

    def _ticket(self, row: sqlite3.Row) -> Ticket:
        appointed_at = row["appointed_at"]
        return Ticket(
            id=TicketId(row["id"]),
            day=date.fromisoformat(row["day"]),
            series=row["series"],
            number=row["number"],
            token=row["token"],
            language=row["language"],
            issued_at=self._moment(row["issued_at"]),
            appointed_at=None if appointed_at is None else self._moment(appointed_at),
            places=msgspec.json.decode(row["places"], type=tuple[Place, ...]),
        )

    def _call(self, row: sqlite3.Row) -> Call:
        return Call(
            id=CallId(row["id"]),
            at=self._moment(row["at"]),
            errand=ErrandId(row["errand"]),
            series=row["series"],
            number=row["number"],
            unit=UnitId(row["unit"]),
            counter=CounterId(row["counter"]),
            repeated=bool(row["repeated"]),
            withdrawn=bool(row["withdrawn"]),
        )

    def _errand(self, row: sqlite3.Row) -> Errand:
        appointed_at = row["appointed_at"]
        return Errand(
            id=ErrandId(row["id"]),
            ticket=TicketId(row["ticket"]),
            series=row["series"],
            number=row["number"],
            unit=UnitId(row["unit"]),
            state=State(row["state"]),
            since=self._moment(row["since"]),
            issued_at=self._moment(row["issued_at"]),
            counter=row["counter"],
            calls=row["calls"],
            priority=row["priority"],
            appointed_at=None if appointed_at is None else self._moment(appointed_at),
            origin=row["origin"],
            reason=row["reason"],
            back_to=row["back_to"],
            also=msgspec.json.decode(row["also"], type=tuple[UnitId, ...]),
        )

    def _appointment(self, row: sqlite3.Row) -> Appointment:
        return Appointment(code=row["code"], unit=UnitId(row["unit"]), at=self._moment(row["at"]))

    def _session(self, row: sqlite3.Row) -> Session:
        return Session(
            id=row["id"],
            counter=CounterId(row["counter"]),
            opened_at=self._moment(row["opened_at"]),
            break_since=(None if row["break_since"] is None else self._moment(row["break_since"])),
        )


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()


def _milliseconds(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)


def _milliseconds_of(duration: timedelta) -> int:
    return duration // timedelta(milliseconds=1)


def _hour(moment: datetime) -> int:
    """Return the hour that the tally knows the moment by."""
    return int(moment.timestamp()) // 3600


def _told(estimate: Estimate | None) -> dict[str, int]:
    if estimate is None:
        return {}
    return {name: _milliseconds_of(getattr(estimate, name)) for name in ("low", "likely", "high")}


def _head_start(priority: Priority | None) -> dict[str, object]:
    if priority is None:
        return {"priority": None, "head_start": 0}
    return {"priority": priority.id, "head_start": _milliseconds_of(priority.head_start)}


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


def _schema(version: int) -> str:
    """Return the script that makes this version out of the one before."""
    script = resources.files("shared.store").joinpath("schema", f"{version}.sql")
    return script.read_text(encoding="utf-8")
