"""The queue's figures: every row is measured, and the floor does what the store does."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable, Iterable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import msgspec
import pytest

from bench import crowd, history, queue
from bench.figures import Figure, Skipped
from bench.history import live_through, live_through_a_day
from bench.sides import begin_day, ours, plain
from shared.config import Config

VISITORS = 20
Centre = Callable[[], Config]


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(history, "VISITORS", VISITORS)
    monkeypatch.setattr(crowd, "KIOSKS", 2)


@pytest.fixture
def centre(config: Config, tmp_path: Path) -> Centre:
    """Give the centre, each time with a queue of its own."""
    numbers = count()

    def another() -> Config:
        url = f"sqlite:{tmp_path}/{next(numbers)}/queue.db"
        return msgspec.structs.replace(config, store=msgspec.structs.replace(config.store, url=url))

    return another


def rows(config: Config, query: str) -> list[Any]:
    with closing(sqlite3.connect(config.store.url.removeprefix("sqlite:"))) as connection:
        return connection.execute(query).fetchall()


@pytest.mark.parametrize(
    ("measured", "names"),
    [
        (lambda: queue.issue(turns=1), ["a ticket issued, durable, at one kiosk", "… its p99"]),
        (lambda: queue.call(people=21, turns=1), ["call next, 21 waiting in 7 queues"]),
        (
            lambda: queue.kiosks(rounds=1, seconds=0.2),
            ["8 kiosks at once, all their tickets", "… p99.9 of a ticket"],
        ),
        (
            lambda: queue.commands(rounds=1),
            ["vuoro-kiosk issue, cold", "vuoro-staff next, cold"],
        ),
        (
            lambda: queue.history(errands=3 * VISITORS, turns=1),
            [
                f"60 errands in the store: {each}"
                for each in ("issue", "call next", "board", "estimate")
            ],
        ),
        (
            lambda: queue.queue(people=30, turns=1),
            [
                f"30 waiting in one queue: {each}"
                for each in ("issue", "call next", "board", "estimate")
            ],
        ),
    ],
)
def test_every_row_is_measured(
    measured: Callable[[], Iterable[Figure | Skipped]], names: list[str]
) -> None:
    figures = list(measured())

    assert [figure.what for figure in figures] == names
    for figure in figures:
        assert isinstance(figure, Figure)
        assert figure.ours > 0
        assert figure.floor > 0


def test_a_history_that_has_no_room_is_left_out() -> None:
    [row] = queue.history(errands=10**12, turns=1)

    assert isinstance(row, Skipped)
    assert "GB" in row.why


async def test_the_floor_leaves_the_same_behind_as_the_store(centre: Centre) -> None:
    sides = {}
    for side, opened in (("ours", ours), ("plain", plain)):
        config = sides[side] = centre()
        await begin_day(config, people=3)
        async with opened(config) as day:
            await day.issue()
            await day.call()
            await day.call()
    queries = [
        "SELECT day, series, number, language, priority, head_start FROM ticket",
        "SELECT ticket, unit, state, counter, calls, step, verb, by FROM errand",
        "SELECT day, errand, was, step, verb, by, state, counter, calls FROM journal",
        "SELECT unit, people FROM queue",
        "SELECT unit, count FROM tally",
    ]
    for query in queries:
        assert rows(sides["ours"], query) == rows(sides["plain"], query) != []


def test_days_that_are_put_in_are_as_if_they_had_been_lived_through(centre: Centre) -> None:
    quickly, really = centre(), centre()
    live_through(quickly, 3 * VISITORS)
    [(first,)] = rows(quickly, "SELECT min(issued_at) FROM ticket")
    for number in range(3):
        opens = datetime.fromtimestamp(first / 1000, UTC) + timedelta(days=number)
        asyncio.run(live_through_a_day(really, opens))

    schema = "SELECT type, name, sql FROM sqlite_schema ORDER BY name"
    assert rows(quickly, schema) == rows(really, schema)
    for table in ("ticket", "errand", "journal", "tally", "queue", "sqlite_sequence"):
        columns = [name for _, name, *_ in rows(really, f"PRAGMA table_info({table})")]
        query = f"SELECT {', '.join(set(columns) - {'token'})} FROM {table}"
        assert rows(quickly, query) == rows(really, query) != []
    [(tokens, served)] = rows(
        quickly, "SELECT count(DISTINCT token), sum(length(token) = 16) FROM ticket"
    )
    assert tokens == served == 3 * VISITORS
