"""The SQLite file behind the store: opened, brought up to date, watched, lost and found again."""

from __future__ import annotations

import asyncio
import errno
import os
import sqlite3
import time
from collections.abc import AsyncGenerator, Coroutine, Mapping
from contextlib import AsyncExitStack, ExitStack, suppress
from datetime import datetime
from functools import partial
from importlib import resources
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

import aiosqlite

from shared.clock import Clock
from shared.errors import N_, StoreError
from shared.store import statements
from shared.store.rows import milliseconds

APPLICATION_ID = 0x5675_6F72
"""Marks a file as ours: "Vuor"."""

SCHEMA_VERSION = 3

HEARTBEAT = 1.0
"""Seconds between looks at the database for what rang no bell."""

POLL = 0.025
"""Seconds between looks where there is no bell to hear."""

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


class Database:
    """One file; opened by ``async with``.

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
        self._day = ""
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
        try:
            # What a cancelled caller has left behind would open the file again.
            if self._begun:
                await asyncio.wait(self._begun)
        finally:
            await self._disconnect()

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

    # Each is given the time as :now and the service day as :day, unless the caller has read them.

    def _when(self) -> dict[str, object]:
        """Read the clock: once for both, or midnight could come in between."""
        now = self._clock.now()
        return {"now": milliseconds(now), "day": self._clock.day_of(now).isoformat()}

    async def _read(self, statement: str, **values: object) -> list[sqlite3.Row]:
        when = self._when()
        await self._turn_day(when)
        return await self._run(statement, {**when, **values})

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
        when = self._when()
        await self._turn_day(when)
        rows = await self._run(statement, {**when, **values})
        if self._inode != self._inode_now():
            raise self._gone()
        if rows:  # else it was refused, and nothing has changed
            self._ring()
        # The day may have ended while this waited for others: then so has what it has begun. Where
        # that cannot be written now, whoever looks next does so; what was done is done.
        with suppress(StoreError):
            await self._turn_day(self._when())
        return rows

    async def _turn_day(self, when: Mapping[str, object]) -> None:
        """End what is unfinished from an earlier service day, once a day."""
        if when["day"] == self._day:
            return
        # Who only looks must not have to wait for those who write.
        if await self._run(statements.UNFINISHED, when):
            await self._to_the_end(self._run(statements.EXPIRE, {**when, "counter": None}))
            self._ring()
        self._day = str(when["day"])

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
        return milliseconds(self._clock.now())

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


def _schema(version: int) -> str:
    """Return the script that makes this version out of the one before."""
    script = resources.files("shared.store").joinpath("schema", f"{version}.sql")
    return script.read_text(encoding="utf-8")
