"""The two sides of a measurement: the store, and the floor under it, plain ``sqlite3``.

The floor is one connection with the store's schema, pragmas and statements: no event loop and no
other thread to go through, nothing is checked, nothing made of the rows, no bell rung.
"""

from __future__ import annotations

import json
import secrets
import sqlite3
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from itertools import cycle

from shared.config import Config
from shared.estimates import estimates
from shared.model import CounterId
from shared.reception import Reception
from shared.store import QueueStore, open_store, statements

COUNTER = CounterId("1")
"""Who calls."""

SHOWN = 50
"""Calls that a board reads."""

_PRAGMAS = ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON")

_PATIENCE = 60
"""Seconds that SQLite waits for others, in its own way."""


class Ours:
    """What a centre does all day, at all of its units in turn."""

    def __init__(self, config: Config, store: QueueStore) -> None:
        self._config = config
        self._store = store
        self._clock = config.clock()
        self._reception = Reception(config, store, self._clock)
        self._turn = cycle(config.units)
        self._units = [unit.id for unit in config.units]

    async def issue(self) -> None:
        unit = next(self._turn)
        await self._store.issue([unit.id], series=unit.series, language="fi")

    async def call(self) -> None:
        await self._store.call_next(COUNTER, self._units)

    async def board(self) -> None:
        """Read what a display shows."""
        await self._store.calls(None, limit=SHOWN)
        await self._reception.offers()

    async def estimate(self) -> None:
        """Find out how long the waits are."""
        estimates(self._config, await self._store.traffic(), self._clock.now())


class Plain:
    """The same verbs. Their calls are awaited as ours are, and never wait."""

    def __init__(self, config: Config, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._day = config.clock().day().isoformat()
        self._turn = cycle(config.units)
        self._line = json.dumps([{"unit": unit.id, "place": 0} for unit in config.units])

    async def issue(self) -> None:
        unit = next(self._turn)
        self._run(
            statements.ISSUE,
            series=unit.series,
            token=secrets.token_urlsafe(12),
            language="fi",
            asked=json.dumps([{"unit": unit.id}]),
            appointment=None,
            appointed_at=None,
            priority=None,
            head_start=0,
        )

    async def call(self) -> None:
        self._run(statements.CALL_NEXT, counter=COUNTER, line=self._line, errand=None)

    async def fill(self, people: int) -> None:
        """Let so many come, all in one transaction."""
        self._connection.execute("BEGIN")
        for _ in range(people):
            await self.issue()
        self._connection.execute("COMMIT")

    def _run(self, statement: str, **values: object) -> None:
        when = {"now": time.time_ns() // 10**6, "day": self._day}
        self._connection.execute(statement, {**when, **values}).fetchall()


@asynccontextmanager
async def ours(config: Config) -> AsyncIterator[Ours]:
    """Open the store."""
    async with open_store(config, config.clock()) as store:
        yield Ours(config, store)


@asynccontextmanager
async def plain(config: Config) -> AsyncIterator[Plain]:
    """Open the file that a store has made."""
    file = config.store.url.removeprefix("sqlite:")
    with closing(sqlite3.connect(file, isolation_level=None, timeout=_PATIENCE)) as connection:
        for pragma in _PRAGMAS:
            connection.execute(f"PRAGMA {pragma}")
        yield Plain(config, connection)


async def begin_day(config: Config, people: int = 0) -> None:
    """Open all counters, and let so many people come."""
    async with open_store(config, config.clock()) as store:
        for counter in config.counters:
            await store.open_counter(counter.id)
    async with plain(config) as floor:
        await floor.fill(people)
