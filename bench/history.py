"""A centre that has been at work for decades: as many served errands as are asked for, quickly.

One day is lived through in the store itself. Its rows are then put in again for every day until
yesterday, with other ids, dates and moments; the triggers, which would do the same row by row,
are away meanwhile.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from datetime import date, datetime, time, timedelta

from bench.figures import progress
from shared.clock import Clock
from shared.config import Config
from shared.store import open_store

DAY = timedelta(days=1)

VISITORS = 500
"""A day's, with one errand each."""

OPENS = time(8)

BETWEEN = timedelta(seconds=57)
"""From one visitor to the next."""

AHEAD = 10
"""Visitors who wait, all day."""

_TOGETHER = 2000
"""Days that are put in at one go."""

_QUICKLY = (
    "journal_mode = OFF",
    "synchronous = OFF",
    "foreign_keys = OFF",
    "ignore_check_constraints = ON",
    "cache_size = -100000",
)

_MOMENT = "{column} + 86400000 * days"
_TICKET, _ERRAND, _STEP = (
    f"{{column}} + days * (SELECT count(*) FROM temp.day_{table})"  # noqa: S608 – our own names
    for table in ("ticket", "errand", "journal")
)

_CHANGES: Mapping[str, Mapping[str, str]] = {
    "ticket": {
        "id": _TICKET,
        "day": "date",
        "token": "begin || printf('%04d', id) || substr(token, 9)",
        "issued_at": _MOMENT,
        "queued_at": _MOMENT,
        "rank_at": _MOMENT,
    },
    "errand": {
        "id": _ERRAND,
        "ticket": _TICKET,
        "since": _MOMENT,
        "rank_at": _MOMENT,
        "called_at": _MOMENT,
        "waits_since": _MOMENT,
        "step": _STEP,
        "at": _MOMENT,
    },
    "journal": {
        "id": _STEP,
        "day": "date",
        "errand": _ERRAND,
        "step": _STEP,
        "at": _MOMENT,
        "since": _MOMENT,
        "rank_at": _MOMENT,
        "called_at": _MOMENT,
    },
    "tally": {"hour": "{column} + 24 * days"},
}
"""What of a table's row is another so many days later."""

_LETTERS = "-0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz"
"""Of tokens, as an index orders them."""


def live_through(config: Config, errands: int) -> None:
    """Make the store of a centre that has served so many errands until yesterday."""
    days = errands // VISITORS
    first = datetime.combine(config.clock().day(), OPENS, config.clock().zone) - days * DAY
    asyncio.run(live_through_a_day(config, first))
    file = config.store.url.removeprefix("sqlite:")
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        for pragma in _QUICKLY:
            connection.execute(f"PRAGMA {pragma}")
        triggers = connection.execute(
            "SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'"
        ).fetchall()
        for name, _ in triggers:
            connection.execute(f"DROP TRIGGER {name}")
        for table in _CHANGES:
            connection.execute(
                f"CREATE TEMP TABLE day_{table} AS SELECT * FROM main.{table}"  # noqa: S608
            )
        for begin in range(1, days, _TOGETHER):
            some = range(begin, min(begin + _TOGETHER, days))
            _repeat(connection, first.date(), some, of=days)
            progress(f"{some.stop / days:.0%} of the errands")
        for _, sql in triggers:
            connection.execute(sql)


async def live_through_a_day(config: Config, opens: datetime) -> None:
    """Let visitors come one by one; counters call, each in its turn, while any wait."""
    now = opens
    units = [unit.id for unit in config.units]
    async with open_store(config, Clock(config.clock().zone, lambda: now)) as store:
        for turn in range(VISITORS + AHEAD + len(config.counters)):
            now = opens + turn * BETWEEN
            if turn < VISITORS:
                unit = config.units[turn % len(units)]
                await store.issue([unit.id], series=unit.series, language="fi")
            if turn >= AHEAD:
                counter = config.counters[turn % len(config.counters)]
                await store.call_next(counter.id, units)


def _repeat(connection: sqlite3.Connection, first: date, some: range, *, of: int) -> None:
    """Put the first day's rows in again, for some of the days after it."""
    connection.execute("DROP TABLE IF EXISTS temp.later")
    connection.execute("CREATE TEMP TABLE later (days INTEGER PRIMARY KEY, date TEXT, begin TEXT)")
    connection.executemany(
        "INSERT INTO later VALUES (?, ?, ?)",
        ((days, (first + days * DAY).isoformat(), _begin(days / of)) for days in some),
    )
    for table, changes in _CHANGES.items():
        columns = [row[1] for row in connection.execute(f"PRAGMA main.table_info({table})")]
        values = [changes.get(column, column).format(column=column) for column in columns]
        connection.execute(
            f"INSERT INTO main.{table} ({', '.join(columns)}) "  # noqa: S608
            f"SELECT {', '.join(values)} FROM temp.later CROSS JOIN temp.day_{table}"
        )


def _begin(part: float) -> str:
    """Return how a token begins that has this part of all tokens before it."""
    number = int(part * 64**4)
    return "".join(_LETTERS[number >> shift & 63] for shift in (18, 12, 6, 0))
