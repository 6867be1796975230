"""The SQLite file behind the store: opened, brought up to date, watched, lost and found again."""

from __future__ import annotations

import asyncio
import errno
import os
import sqlite3
import time
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, ExitStack, suppress
from datetime import datetime
from functools import partial
from pathlib import Path
from queue import Empty, SimpleQueue
from random import random
from types import TracebackType
from typing import Self, TypeVar, cast

import aiosqlite

from shared.clock import Clock
from shared.errors import N_, StoreError
from shared.store import statements
from shared.store.doorbell import Doorbell, ring
from shared.store.rows import milliseconds

APPLICATION_ID = 0x5675_6F72
"""Marks a file as ours: "Vuor"."""

SCHEMA_VERSION = 3

OLDEST_SQLITE = (3, 38)
"""The first SQLite with all that the statements say: ``->>`` came last."""

HEARTBEAT = 1.0
"""Seconds between looks at the database for what rang no bell."""

POLL = 0.025
"""Seconds between looks where there is no bell to hear."""

AT_ONCE = 0.001
"""Seconds for which the event loop waits for an answer itself.

Most answers take less, and to be woken by one would take the loop as long again.
"""

PAUSE = 0.001
"""Seconds between two attempts to write while others do, at most."""

_BUSY = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}


class _File(sqlite3.Connection):
    """The database, and its write-ahead log beside it, which is waited for.

    The log is held open: whoever opens it anew is not told of what the disk has failed to write.
    """

    log: int | None = None
    """A file descriptor."""

    def close(self) -> None:
        super().close()
        if self.log is not None:
            os.close(self.log)
            self.log = None


T = TypeVar("T")
Work = Callable[[_File], T]
Question = tuple[str, Mapping[str, object]]
"""A statement, and the values for it."""


class _Connection(aiosqlite.Connection):
    """A connection whose thread can be given more than one statement to do in one go.

    It can be waited for also when it could not be opened. aiosqlite leaves its thread alone then,
    and the thread's last word would find the program's event loop closed: a traceback where there
    should be a message.
    """

    stopped: asyncio.Future[object] | None = None

    def stop(self) -> asyncio.Future[object] | None:
        self.stopped = super().stop()
        return self.stopped

    async def do(self, work: Work[T]) -> T:
        """Have work done in the thread: to its end, also if the caller is cancelled meanwhile."""
        answers: SimpleQueue[tuple[T | None, Exception | None]] = SimpleQueue()

        def job() -> None:
            try:
                answers.put((work(cast(_File, self._conn)), None))
            except Exception as error:  # noqa: BLE001 – raised where the answer is waited for
                answers.put((None, error))

        self._tx.put_nowait((None, job))
        try:
            result, error = answers.get(timeout=AT_ONCE)
        except Empty:
            # The thread does one thing after the other: the answer is there before this is done.
            result, error = await self._execute(answers.get)  # type: ignore[no-untyped-call]
        if error is not None:
            raise error
        return cast(T, result)


class Database:
    """One file; opened by ``async with``.

    One connection, in autocommit: every verb is one statement, so tasks that share the
    connection cannot meet inside a transaction, and a cancelled task leaves none open.

    A commit is not waited for while the database is locked for it, but afterwards: those who write
    at the same time wait for the disk together. Its verb has not been done, and no bell rings,
    before it is there; who looks by chance may see it a little earlier. What comes after it in the
    log is not on the disk without it.
    """

    def __init__(self, path: Path, clock: Clock, patience: float) -> None:
        self._path = path
        self._bell = path.with_name(path.name + "-bell")
        self._clock = clock
        self._patience = patience
        self._connection: _Connection | None = None
        self._connecting = asyncio.Lock()
        self._inode = -1
        self._suspect = False
        self._has_holes = False
        """Whether the disk has failed to take some of the log."""
        self._day = ""

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
        if self._bell.exists() and not self._path.exists():
            # An empty queue in its place would give the same numbers again, and take what of the
            # old one is still in its -wal along.
            raise StoreError(
                N_("The queue's file is missing"),
                N_("{file} is not there, but {bell} beside it tells that it was."),
                N_("Put it back. Or, to begin with an empty queue, remove {bell}, too."),
                file=self._path,
                bell=self._bell.name,
            )
        self._connection = await self._connect("rwc")
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._disconnect()

    # Change notice

    async def changes(self) -> AsyncGenerator[None, None]:
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

    # Each is given the time as :now and the service day as :day, unless the caller has read them.
    # What a verb or a view needs is done in one go in the connection's thread.

    def _when(self) -> dict[str, object]:
        """Read the clock: once for both, or midnight could come in between."""
        now = self._clock.now()
        return {"now": milliseconds(now), "day": self._clock.day_of(now).isoformat()}

    async def _read(self, statement: str, **values: object) -> list[sqlite3.Row]:
        [rows] = await self._read_all((statement, values))
        return rows

    async def _read_all(self, *questions: Question) -> list[list[sqlite3.Row]]:
        """Return the answers as of one moment."""
        return await self._do(partial(self._look, questions))

    async def _write(self, statement: str, **values: object) -> list[sqlite3.Row]:
        return await self._do(partial(self._commit, (statement, values)))

    async def _do(self, work: Work[T]) -> T:
        connection = await self._connected()
        try:
            return await connection.do(partial(self._patiently, work))
        except sqlite3.Error as error:
            raise self._trouble(error) from error

    # In the connection's thread

    def _patiently(self, work: Work[T], connection: _File) -> T:
        """Do what others may keep us from for a while.

        SQLite itself would wait ever longer, and who came last would be the first to try again.
        """
        deadline = time.monotonic() + self._patience
        while True:
            try:
                return work(connection)
            except sqlite3.OperationalError as error:
                if _code(error) not in _BUSY or time.monotonic() > deadline:
                    raise
            time.sleep(PAUSE * random())  # noqa: S311 – they only must not meet again and again

    def _look(self, questions: Sequence[Question], connection: _File) -> list[list[sqlite3.Row]]:
        when = self._turn_day(connection)
        with connection:
            connection.execute("BEGIN")
            return [
                connection.execute(statement, {**when, **values}).fetchall()
                for statement, values in questions
            ]

    def _commit(self, question: Question, connection: _File) -> list[sqlite3.Row]:
        when = self._turn_day(connection)
        statement, values = question
        rows = connection.execute(statement, {**when, **values}).fetchall()
        if rows:  # else it was refused, and nothing has changed
            self._settle(connection)
        return rows

    def _turn_day(self, connection: _File) -> dict[str, object]:
        """Read the clock; once a day, end what is unfinished from an earlier service day."""
        when = self._when()
        if when["day"] != self._day:
            # Who only looks must not have to wait for those who write.
            if connection.execute(statements.UNFINISHED, when).fetchall():
                connection.execute(statements.EXPIRE, {**when, "counter": None}).fetchall()
                self._settle(connection)
            self._day = str(when["day"])
        return when

    def _settle(self, connection: _File) -> None:
        """Wait until what was committed is on the disk, and let others know."""
        if self._inode != self._inode_now():
            raise self._gone()
        try:
            if connection.log is None:
                connection.log = os.open(f"{self._path.resolve()}-wal", os.O_RDONLY)
            # Not every system has the quicker one.
            getattr(os, "fdatasync", os.fsync)(connection.log)
        except OSError as error:
            self._suspect = self._has_holes = True
            raise self._unusable(error.strerror) from error
        # A bell that cannot be rung costs its hearers a second: the heartbeat tells them.
        with suppress(OSError):
            ring(self._bell)

    def _now(self) -> int:
        return milliseconds(self._clock.now())

    def _moment(self, milliseconds: int) -> datetime:
        return datetime.fromtimestamp(milliseconds / 1000, self._clock.zone)

    # The connection

    async def _connected(self) -> _Connection:
        if (connection := self._sound()) is not None:
            return connection
        async with self._connecting:
            if (connection := self._sound()) is None:
                await self._disconnect()
                self._suspect = False
                connection = self._connection = await self._connect("rw")
            return connection

    def _sound(self) -> _Connection | None:
        """Return the connection, unless it has failed, or its file was moved away or replaced."""
        if self._suspect or self._inode != self._inode_now():
            return None
        return self._connection

    async def _connect(self, mode: str) -> _Connection:
        """Open the file; ``mode`` is SQLite's: "rwc" makes it if it is not there."""
        connection = _Connection(
            partial(
                sqlite3.connect,
                f"{self._path.absolute().as_uri()}?mode={mode}",
                uri=True,
                isolation_level=None,
                timeout=self._patience,
                factory=_File,
            ),
            iter_chunk_size=64,
        )
        try:
            async with AsyncExitStack() as stack:
                await stack.enter_async_context(connection)
                await connection.do(self._prepare)
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

    def _prepare(self, connection: _File) -> None:
        """Set the connection up, and bring the file to this program's version."""
        if sqlite3.sqlite_version_info < OLDEST_SQLITE:
            raise StoreError(
                N_("SQLite is too old"),
                N_("This is version {found}; the queue needs {needed} or a later one."),
                N_("Update the system, or run another Python."),
                found=sqlite3.sqlite_version,
                needed=".".join(map(str, OLDEST_SQLITE)),
            )
        connection.row_factory = sqlite3.Row
        deadline = time.monotonic() + self._patience
        while (version := self._version(connection)) < SCHEMA_VERSION:
            try:
                # Only once WAL is on does SQLite itself wait for others who do the same.
                connection.execute("PRAGMA journal_mode = WAL").fetchall()
                connection.executescript(f"BEGIN IMMEDIATE; {_schema(version + 1)} COMMIT;")
            except sqlite3.OperationalError:
                # Another program may have done it first: its first table is there already then.
                connection.rollback()
                if self._version(connection) == version:
                    if time.monotonic() > deadline:
                        raise
                    time.sleep(0.01)
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
        connection.execute("PRAGMA journal_mode = WAL").fetchall()
        connection.execute("PRAGMA foreign_keys = ON")
        # Both are waited for in our own way: others who write, and the disk.
        connection.execute("PRAGMA busy_timeout = 0").fetchall()
        connection.execute("PRAGMA synchronous = NORMAL")
        if self._has_holes:
            # What comes after a hole would be lost with it. Linux tells of one only once, so the
            # log must not go on: all that it has is put into the file itself, if that succeeds.
            [(is_busy, *_)] = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
            if is_busy:
                raise self._unusable("its log is still being read")
            self._has_holes = False

    def _version(self, connection: sqlite3.Connection) -> int:
        """Return the file's schema version: 0 for an empty one."""
        [(application, version, tables)] = connection.execute(statements.FILE).fetchall()
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
        code = _code(error)
        if code in _BUSY:
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
        return self._unusable(error)

    def _unusable(self, reason: object) -> StoreError:
        return StoreError(
            N_("The queue cannot be used"),
            N_("{file}: {reason}."),
            N_("Check the disk, and who may write there."),
            file=self._path,
            reason=reason,
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


def _code(error: sqlite3.Error) -> int:
    """Return SQLite's result code, without what only says more about it."""
    return getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF


def _schema(version: int) -> str:
    """Return the script that makes this version out of the one before."""
    return (Path(__file__).parent / "schema" / f"{version}.sql").read_text(encoding="utf-8")
