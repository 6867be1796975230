"""A queue's file of an earlier version: opened, it is one of this version, and nothing is lost."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from importlib import resources
from itertools import count
from pathlib import Path
from typing import Any

import msgspec
import pytest

from shared.config import Config
from shared.errors import StoreError
from shared.model import CallId, State, Verb
from shared.store import process
from shared.store.database import SCHEMA_VERSION
from shared.store.sqlite import SqliteStore
from tests.conftest import HandClock
from tests.store.conftest import Start
from tests.store.lobby import ALL, HEALTH, LIBRARY, ONE, SERVICE, TWO, at, give, parked, queue

PATIENCE = 0.2


@contextmanager
def by_hand(file: Path) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        connection.row_factory = sqlite3.Row
        yield connection


def script(version: int) -> str:
    """Return what makes a version out of the one before."""
    file = resources.files("shared.store").joinpath("schema", f"{version}.sql")
    return file.read_text(encoding="utf-8")


class Version1:
    """A file as the programs of version 1 wrote it: one minute between two steps."""

    def __init__(self, hand: sqlite3.Connection, clock: HandClock) -> None:
        self._hand = hand
        self._clock = clock
        self._tokens = count(1)
        hand.executescript("PRAGMA journal_mode = WAL;" + script(1))

    def _now(self) -> int:
        self._clock.advance(minutes=1)
        return int(self._clock.now().timestamp() * 1000)

    def issue(self, number: int, *units: str) -> None:
        """Give K ``number``; its errands' ids go on from the last ones."""
        now = self._now()
        self._hand.execute(
            """
            INSERT INTO ticket (day, series, number, token, language, issued_at, queued_at, units)
            VALUES (?, 'K', ?, ?, 'fi', ?, ?, ?)
            """,
            [
                self._clock.day().isoformat(),
                number,
                f"token {next(self._tokens)}",
                now,
                now,
                msgspec.json.encode(units).decode(),
            ],
        )

    def move(self, errand: int, *states: State, counter: str | None = None) -> None:
        for state in states:
            self._hand.execute(
                """
                UPDATE errand
                SET state = :state, counter = ifnull(:counter, counter), at = :now,
                    calls = calls + (:state = 'called')
                WHERE id = :errand
                """,
                {"state": state, "counter": counter, "now": self._now(), "errand": errand},
            )

    def open(self, counter: str) -> None:
        self._hand.execute(
            "INSERT INTO counter (id, session, process, opened_at) VALUES (?, 'x', ?, ?)",
            [counter, process.name(), self._now()],
        )


class Version2:
    """A file as the programs of version 2 wrote it: one minute between two steps."""

    def __init__(self, hand: sqlite3.Connection, clock: HandClock) -> None:
        self._hand = hand
        self._clock = clock
        hand.executescript("PRAGMA journal_mode = WAL;" + script(1) + script(2))

    def _values(self, **values: object) -> dict[str, object]:
        self._clock.advance(minutes=1)
        now = int(self._clock.now().timestamp() * 1000)
        return {"now": now, "day": self._clock.day().isoformat(), **values}

    def issue(self, number: int, *units: str) -> None:
        """Give K ``number``; its errands' ids go on from the last ones."""
        self._hand.execute(
            """
            INSERT INTO ticket (day, series, number, token, language, issued_at, queued_at,
                                rank_at, asked)
            VALUES (:day, 'K', :number, 'token ' || :day || ' ' || :number, 'fi', :now, :now, :now,
                    :asked)
            """,
            self._values(
                number=number,
                asked=msgspec.json.encode([{"unit": unit} for unit in units]).decode(),
            ),
        )

    def move(self, errand: int, verb: Verb, state: State, counter: str = "1") -> None:
        self._hand.execute(
            """
            UPDATE errand
            SET verb = :verb, state = :state, since = :now, at = :now, by = :counter,
                calls = calls + (:state = 'called'),
                called_at = iif(:state = 'called', :now, called_at),
                counter = iif(:state = 'called', :counter, counter),
                step = (SELECT max(id) + 1 FROM journal)
            WHERE id = :errand
            """,
            self._values(errand=errand, verb=verb, state=state, counter=counter),
        )

    def transfer(self, errand: int, to: str, *, back_to: str | None) -> None:
        self._hand.execute(
            """
            INSERT INTO errand (ticket, unit, state, since, rank_at, origin, reason, back_to,
                                step, verb, at, by)
            SELECT ticket, :to, 'waiting', :now, rank_at, id, 'form', :back_to,
                   (SELECT max(id) + 1 FROM journal), 'transfer', :now, '1'
            FROM errand
            WHERE id = :errand
            """,
            self._values(errand=errand, to=to, back_to=back_to),
        )

    def open(self, counter: str) -> None:
        self._hand.execute(
            """
            INSERT INTO counter (id, session, process, opened_at, break_since)
            VALUES (:counter, 'x', :process, :now, :now)
            """,
            self._values(counter=counter, process=process.name()),
        )


@pytest.fixture
def file_2(tmp_path: Path, clock: HandClock) -> Path:
    """A day of version 2, and the morning of the next one."""
    file = tmp_path / "queue.db"
    with by_hand(file) as hand:
        old = Version2(hand, clock)
        clock.advance(days=-1)
        old.issue(1, LIBRARY)
        old.transfer(1, HEALTH, back_to=LIBRARY)
        old.move(2, Verb.EXPIRE, State.EXPIRED)
        clock.advance(days=1)

        old.issue(1, LIBRARY)  # errand 3: sent to and fro, and not back yet
        old.move(3, Verb.CALL, State.CALLED)
        old.transfer(3, HEALTH, back_to=LIBRARY)
        old.move(4, Verb.CALL, State.CALLED)
        old.transfer(4, SERVICE, back_to=HEALTH)
        old.issue(2, LIBRARY)  # errand 6: on its way back by another unit
        old.transfer(6, HEALTH, back_to=LIBRARY)
        old.transfer(7, SERVICE, back_to=LIBRARY)
        old.issue(3, SERVICE, LIBRARY)  # errands 9 and 10
        old.move(9, Verb.PARK, State.PARKED)
        old.move(10, Verb.CALL, State.CALLED, counter="2")
        old.open("1")
    return file


@pytest.fixture
def file(tmp_path: Path, clock: HandClock) -> Path:
    """Two days of version 1; on the second, everybody is somewhere else."""
    file = tmp_path / "queue.db"
    with by_hand(file) as hand:
        old = Version1(hand, clock)
        clock.advance(days=-1)
        for number in range(1, 5):
            old.issue(number, LIBRARY)
        old.move(1, State.CALLED, State.SERVING, State.SERVED, counter="1")
        old.move(2, State.CALLED, State.CALLED, State.NO_SHOW, counter="2")
        old.move(3, State.LEFT)
        clock.advance(days=1)
        old.move(4, State.EXPIRED)

        for number in range(1, 5):
            old.issue(number, LIBRARY)
        old.issue(5, LIBRARY, HEALTH)
        old.issue(6, LIBRARY)
        old.open("1")
        old.move(5, State.CALLED, State.CALLED, State.SERVED, counter="1")
        old.move(8, State.PARKED)
        old.move(6, State.CALLED, State.SERVING, counter="2")
        old.move(7, State.CALLED, counter="1")
    return file


def rows(file: Path, statement: str) -> list[tuple[Any, ...]]:
    with by_hand(file) as hand:
        return [tuple(row) for row in hand.execute(statement)]


async def test_everybody_is_where_they_were(file: Path, clock: HandClock) -> None:
    called = clock.now()
    async with SqliteStore(file, clock, PATIENCE) as store:
        assert await at(store, ONE) == ("K 003", State.CALLED)
        assert await at(store, TWO) == ("K 002", State.SERVING)
        assert await queue(store) == ["K 005", "K 005", "K 006"]
        assert await parked(store) == ["K 004"]
        [current] = await store.find("K", 3)
        assert (current.since, current.counter, current.calls) == (called, ONE, 1)
        library, health = await store.find("K", 5)
        assert (library.unit, library.also) == (LIBRARY, (HEALTH,))
        assert (health.unit, health.also) == (HEALTH, (LIBRARY,))
        session = await store.session(ONE)
        assert session is not None
        assert (session.id, session.break_since) == ("x", None)


async def test_the_day_goes_on(file: Path, clock: HandClock) -> None:
    async with SqliteStore(file, clock, PATIENCE) as store:
        ticket = await give(store)
        assert (ticket.label, ticket.ahead) == ("K 007", 2)
        assert (await store.undo(ONE)).verb == Verb.CALL  # version 1 made it, a minute ago
        assert await queue(store, LIBRARY) == ["K 003", "K 005", "K 006", "K 007"]
        await store.resume(ONE, (await store.find("K", 4))[0].id)
        called = [await store.call_next(ONE, ALL) for _ in range(6)]
        assert [call and (call.label, call.unit) for call in called] == [
            ("K 003", LIBRARY),
            ("K 004", LIBRARY),
            ("K 005", LIBRARY),
            ("K 005", HEALTH),
            ("K 006", LIBRARY),
            ("K 007", LIBRARY),
        ]
        await store.finish(TWO)
        await store.transfer(ONE, HEALTH, comes_back=True)
        assert await queue(store) == ["K 007"]


async def test_a_display_goes_on_from_the_call_that_it_has_seen(
    file: Path, clock: HandClock
) -> None:
    ids = [
        id_
        for (id_,) in rows(
            file,
            "SELECT id FROM journal WHERE state = 'called' AND day = '2026-11-24' ORDER BY id DESC",
        )
    ]
    async with SqliteStore(file, clock, PATIENCE) as store:
        calls = await store.calls(None, limit=10)
        assert [call.id for call in calls] == ids
        assert [(call.label, call.counter, call.repeated) for call in calls] == [
            ("K 003", ONE, False),
            ("K 002", TWO, False),
            ("K 001", ONE, True),
            ("K 001", ONE, False),
        ]
        assert not any(call.withdrawn for call in calls)
        assert await store.calls(None, after=CallId(ids[0]), limit=10) == ()
        fresh = await store.call_next(TWO, ALL)
        assert fresh is not None
        assert await store.calls(None, after=CallId(ids[0]), limit=10) == (fresh,)


async def test_history_stays(file: Path, clock: HandClock) -> None:
    tickets = rows(file, "SELECT id, day, series, number, token, language, issued_at FROM ticket")
    journal = rows(file, "SELECT id, at, day, errand, was, state, counter FROM journal")
    async with SqliteStore(file, clock, PATIENCE) as store:
        assert (await store.find("K", 1))[0].state == State.SERVED
        states = rows(file, "SELECT state FROM errand WHERE ticket <= 4 ORDER BY ticket")
        assert states == [(State.SERVED,), (State.NO_SHOW,), (State.LEFT,), (State.EXPIRED,)]
        # Two minutes for K 001 of today, from the first call until it was served.
        [(unit, sample)] = (await store.traffic()).recent.items()
        assert (unit, sample.count, sample.total, sample.squares) == (LIBRARY, 1, 120, 120**2)
        clock.advance(days=-1)
        labels = [call.label for call in reversed(await store.calls(None, limit=10))][:3]
        assert labels == ["K 001", "K 002", "K 002"]
        clock.advance(weeks=1)
        usual = (await store.traffic()).usual[LIBRARY]
        assert (usual.count, usual.total) == (2, 240)
    assert tickets == rows(
        file, "SELECT id, day, series, number, token, language, issued_at FROM ticket"
    )
    grown = rows(file, "SELECT id, at, day, errand, was, state, counter FROM journal ORDER BY id")
    assert grown[: len(journal)] == journal


def schema(file: Path) -> list[tuple[Any, ...]]:
    return rows(file, "SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY type, name")


async def test_the_file_is_then_like_a_fresh_one(
    file: Path, tmp_path: Path, clock: HandClock
) -> None:
    fresh = tmp_path / "fresh.db"
    for each in (file, fresh):
        async with SqliteStore(each, clock, PATIENCE) as store:
            await give(store)
    assert schema(file) == schema(fresh)
    for pragma in ("user_version", "application_id", "journal_mode"):
        assert rows(file, f"PRAGMA {pragma}") == rows(fresh, f"PRAGMA {pragma}")
    assert rows(file, "PRAGMA user_version") == [(SCHEMA_VERSION,)]
    assert rows(file, "PRAGMA integrity_check") == [("ok",)]
    assert rows(file, "PRAGMA foreign_key_check") == []
    # No id is ever used twice, in either.
    counted = "SELECT name FROM sqlite_sequence ORDER BY name"
    assert rows(file, counted) == rows(fresh, counted)


async def test_many_programs_open_an_old_file_at_one_moment(
    file: Path, tmp_path: Path, config: Config, clock: HandClock, start: Start
) -> None:
    patient = msgspec.structs.replace(config.store, patience=60)
    config = msgspec.structs.replace(config, store=patient)
    urls = []
    for number in range(10):
        copy = tmp_path / str(number) / "queue.db"
        copy.parent.mkdir()
        copy.write_bytes(file.read_bytes())
        urls.append(f"sqlite:{copy}")
    programs = [start("open", *urls, config=config) for _ in range(8)]
    assert {program.hear() for program in programs} == {"ready"}
    for program in programs:
        program.go_on()
    for program in programs:
        assert program.hear_out() == urls
        assert program.process.wait() == 0
    async with SqliteStore(copy, clock, PATIENCE) as store:
        assert await queue(store) == ["K 005", "K 005", "K 006"]


async def test_an_old_file_that_is_in_use_is_told_and_left_as_it_is(
    file: Path, clock: HandClock
) -> None:
    before = schema(file)
    with by_hand(file) as hand:
        hand.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreError) as refused:
            async with SqliteStore(file, clock, PATIENCE):
                pass
        assert refused.value.title == "The queue is busy"
        hand.execute("ROLLBACK")
    assert schema(file) == before
    async with SqliteStore(file, clock, PATIENCE) as store:
        assert await at(store, ONE) == ("K 003", State.CALLED)


# From version 2


async def test_everybody_of_version_2_is_where_they_were(file_2: Path, clock: HandClock) -> None:
    columns = "id, ticket, unit, state, since, rank_at, counter, calls, origin, reason, step, verb"
    errands = rows(file_2, f"SELECT {columns} FROM errand ORDER BY id")
    journal = rows(file_2, "SELECT * FROM journal ORDER BY id")
    tally = rows(file_2, "SELECT * FROM tally")
    async with SqliteStore(file_2, clock, PATIENCE) as store:
        assert await at(store, TWO) == ("K 003", State.CALLED)
        assert await queue(store) == ["K 001", "K 002"]
        assert await parked(store) == ["K 003"]
        session = await store.session(ONE)
        assert session
        assert session.break_since == clock.now()
        assert [errand.back_to for errand in await store.find("K", 1)] == [None, LIBRARY, HEALTH]
        assert [errand.back_to for errand in await store.find("K", 2)] == [None, LIBRARY, LIBRARY]
        assert {errand.put_off for errand in await store.find("K", 3)} == {0}
        [visit] = (await store.visits([f"token {clock.day()} 1"])).values()
        assert [(stop.unit, stop.ahead) for stop in visit.stops] == [(SERVICE, 0)]
    assert rows(file_2, f"SELECT {columns} FROM errand ORDER BY id") == errands
    assert rows(file_2, "SELECT * FROM journal ORDER BY id") == journal
    assert rows(file_2, "SELECT * FROM tally") == tally


async def test_who_was_to_come_back_in_version_2_does(file_2: Path, clock: HandClock) -> None:
    async with SqliteStore(file_2, clock, PATIENCE) as store:
        came = []
        while call := await store.call_next(ONE, ALL):
            came.append((call.label, call.unit))
            await store.finish(ONE)
        assert came == [
            ("K 001", SERVICE),
            ("K 001", HEALTH),
            ("K 001", LIBRARY),
            ("K 002", SERVICE),
            ("K 002", LIBRARY),
        ]


async def test_a_step_of_version_2_is_taken_back(file_2: Path, clock: HandClock) -> None:
    async with SqliteStore(file_2, clock, PATIENCE) as store:
        assert (await store.undo(TWO)).verb == Verb.CALL
        assert (await store.undo(ONE)).verb == Verb.PARK
        assert await queue(store) == ["K 001", "K 002", "K 003", "K 003"]


async def test_a_file_of_version_2_is_then_like_a_fresh_one(
    file_2: Path, tmp_path: Path, clock: HandClock
) -> None:
    fresh = tmp_path / "fresh.db"
    for each in (file_2, fresh):
        async with SqliteStore(each, clock, PATIENCE) as store:
            await give(store)
    assert schema(file_2) == schema(fresh)
    assert rows(file_2, "PRAGMA integrity_check") == [("ok",)]
    assert rows(file_2, "PRAGMA foreign_key_check") == []


@pytest.mark.parametrize("table", ["rating", "printout", "printer_fault", "secret"])
async def test_what_cannot_be_brought_over_from_version_2_is_left_as_it_is(
    file_2: Path, clock: HandClock, table: str
) -> None:
    with by_hand(file_2) as hand:
        hand.execute(f"CREATE TABLE {table} (somebody_elses)")
    before = schema(file_2), rows(file_2, "SELECT * FROM errand")
    with pytest.raises(StoreError, match=table):
        async with SqliteStore(file_2, clock, PATIENCE):
            pass
    assert before == (schema(file_2), rows(file_2, "SELECT * FROM errand"))
    assert rows(file_2, "PRAGMA user_version") == [(2,)]


# What cannot be brought over


@pytest.mark.parametrize("table", ["undo", "new_journal", "tally", "appointment"])
async def test_what_cannot_be_brought_over_is_told_and_left_as_it_is(
    file: Path, clock: HandClock, table: str
) -> None:
    with by_hand(file) as hand:
        hand.execute(f"CREATE TABLE {table} (somebody_elses)")
    before = schema(file), rows(file, "SELECT * FROM journal"), rows(file, "SELECT * FROM ticket")
    with pytest.raises(StoreError) as refused:
        async with SqliteStore(file, clock, PATIENCE):
            pass
    assert str(file) in refused.value.message
    assert table in refused.value.message
    assert refused.value.hint
    assert before == (
        schema(file),
        rows(file, "SELECT * FROM journal"),
        rows(file, "SELECT * FROM ticket"),
    )
    assert rows(file, "PRAGMA user_version") == [(1,)]


def test_its_cost_grows_with_the_history_and_not_faster(tmp_path: Path, clock: HandClock) -> None:
    """Nobody gets a ticket meanwhile, and the history may be that of years."""
    steps: dict[int, int] = {}
    for tickets in (100, 400):
        with by_hand(tmp_path / f"{tickets}.db") as hand:
            hand.execute("PRAGMA synchronous = OFF")
            old = Version1(hand, clock)
            for number in range(1, tickets + 1):
                old.issue(number, LIBRARY)
                old.move(number, State.CALLED, State.SERVING, State.SERVED, counter="1")

            def count(tickets: int = tickets) -> None:
                steps[tickets] = steps.get(tickets, 0) + 1

            hand.set_progress_handler(count, 100)
            for version in range(2, SCHEMA_VERSION + 1):
                hand.executescript(script(version))
    assert steps[400] < steps[100] * 4 * 1.5
