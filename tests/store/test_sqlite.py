"""What is particular to the SQLite engine: its file, its schema, and what may befall them."""

from __future__ import annotations

import asyncio
import gc
import os
import re
import sqlite3
import tempfile
import threading
from collections.abc import Iterator
from contextlib import aclosing, closing, contextmanager, suppress
from pathlib import Path
from typing import Any

import msgspec
import pytest

from shared.config import Config
from shared.errors import StoreError
from shared.model import CounterId, State, UnitId
from shared.store import QueueStore, sqlite, statements
from shared.store.sqlite import SCHEMA_VERSION, SqliteStore
from tests.conftest import HandClock
from tests.store.conftest import Another, Start

LIBRARY = UnitId("library")
ONE = CounterId("1")

PATIENCE = 0.2


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "queue.db"


@contextmanager
def by_hand(file: Path) -> Iterator[sqlite3.Connection]:
    """Open the file as somebody with another tool would."""
    with closing(sqlite3.connect(file, isolation_level=None, timeout=5)) as connection:
        connection.execute("PRAGMA foreign_keys = ON")
        connection.row_factory = sqlite3.Row
        yield connection


@contextmanager
def nobody() -> Iterator[None]:
    """Files are reached as a user without rights does, also where root runs the tests."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


async def give(store: QueueStore, times: int = 1) -> int:
    """Issue tickets; return the last one's number."""
    for _ in range(times):
        ticket = await store.issue([LIBRARY], series="K", language="fi")
    return ticket.number


async def refusal(file: Path, patience: float = PATIENCE) -> StoreError:
    """Return the error of opening and using the file; it names the file or its folder."""
    with pytest.raises(StoreError) as raised:
        async with SqliteStore(file, HandClock(), patience) as store:
            await give(store)
    assert str(file.parent) in raised.value.message
    assert raised.value.hint
    return raised.value


# The file


async def test_the_folder_is_made(tmp_path: Path, clock: HandClock) -> None:
    file = tmp_path / "a" / "folder" / "of its own" / "queue.db"
    async with SqliteStore(file, clock, PATIENCE) as store:
        assert await give(store) == 1
    assert file.exists()


@pytest.mark.parametrize("name", ["jono ä.db", "50%.db", "what?.db", "#1.db", "[/b] 🙂.db"])
async def test_any_file_name_will_do(tmp_path: Path, clock: HandClock, name: str) -> None:
    async with SqliteStore(tmp_path / name, clock, PATIENCE) as store:
        await give(store)
    assert (tmp_path / name).exists()


async def test_what_was_shown_is_on_the_disk(file: Path, clock: HandClock) -> None:
    async with SqliteStore(file, clock, PATIENCE) as store:
        await give(store)
    async with SqliteStore(file, clock, PATIENCE) as store:
        assert await give(store) == 2
    with by_hand(file) as hand:
        assert hand.execute("PRAGMA journal_mode").fetchone()[0] == "wal"


async def test_every_connection_waits_for_the_disk_and_keeps_the_references(
    file: Path, clock: HandClock
) -> None:
    # Nothing shows this from outside but a power cut.
    async with SqliteStore(file, clock, PATIENCE) as store:
        for _ in range(2):
            settings = [
                await store._read(f"PRAGMA {name}")  # noqa: SLF001
                for name in ("synchronous", "foreign_keys")
            ]
            assert [tuple(row) for [row] in settings] == [(2,), (1,)]  # FULL, ON
            await store._disconnect()  # noqa: SLF001


async def test_a_folder_below_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    error = await refusal(tmp_path / "file" / "queue.db")
    assert error.title == "The store's folder cannot be used"
    assert "Not a directory" in error.message or "File exists" in error.message


async def test_a_folder_where_nobody_may_write_is_refused() -> None:
    # Not in tmp_path: there, nobody else could even look.
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o555)
        with nobody():
            for file in (Path(folder, "queue.db"), Path(folder, "var", "queue.db")):
                error = await refusal(file)
                assert error.title == "The store's folder cannot be used"
                assert "Permission denied" in error.message
        Path(folder).chmod(0o755)


async def test_a_file_that_may_not_be_written_is_refused() -> None:
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o777)
        file = Path(folder, "queue.db")
        async with SqliteStore(file, HandClock(), PATIENCE):
            pass
        file.chmod(0o444)
        with nobody():
            error = await refusal(file)
        assert "readonly" in error.message
        assert "who may write" in error.hint


async def test_a_folder_in_the_file_s_place_is_refused(file: Path) -> None:
    file.mkdir()
    assert (await refusal(file)).title == "The queue cannot be used"


@pytest.mark.parametrize("content", [b"Kalaj\xc3\xa4rvi\n" * 100, b"\x00" * 5000, os.urandom(9000)])
async def test_a_file_that_is_no_database_is_refused_and_left_alone(
    file: Path, content: bytes
) -> None:
    file.write_bytes(content)
    assert (await refusal(file)).title == "The queue's file cannot be read"
    assert file.read_bytes() == content


@pytest.mark.parametrize("application", [0, 0x0F055112])
async def test_another_application_s_database_is_refused_and_left_alone(
    file: Path, application: int
) -> None:
    with by_hand(file) as hand:
        hand.execute("CREATE TABLE ticket (id INTEGER)")
        hand.execute(f"PRAGMA application_id = {application}")
        hand.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
    content = file.read_bytes()
    assert (await refusal(file)).title == "The queue's file cannot be read"
    assert file.read_bytes() == content


async def test_a_newer_version_is_refused_and_left_alone(file: Path, clock: HandClock) -> None:
    async with SqliteStore(file, clock, PATIENCE) as store:
        await give(store)
    with by_hand(file) as hand:
        hand.execute(f"PRAGMA user_version = {SCHEMA_VERSION + 1}")
    error = await refusal(file)
    assert error.title == "The queue's file is from a newer version"
    assert f"version {SCHEMA_VERSION + 1}" in error.message
    with by_hand(file) as hand:
        assert hand.execute("SELECT count(*) FROM ticket").fetchone()[0] == 1


async def test_an_empty_file_becomes_a_queue(file: Path, clock: HandClock) -> None:
    file.touch()
    async with SqliteStore(file, clock, PATIENCE) as store:
        assert await give(store) == 1


async def test_a_damaged_file_is_told(file: Path, clock: HandClock) -> None:
    async with SqliteStore(file, clock, PATIENCE) as store:
        await give(store, 200)
    with file.open("r+b") as damaged:
        damaged.seek(4096)
        damaged.write(b"\xff" * (file.stat().st_size - 4096))
    assert (await refusal(file)).title == "The queue's file cannot be read"


def test_a_program_that_cannot_open_its_store_ends_without_a_traceback(tmp_path: Path) -> None:
    # The thread behind a connection must not outlive the event loop: pytest would see it fail.
    for _ in range(50):
        asyncio.run(refusal(tmp_path))


# Other programs


async def test_many_programs_open_a_fresh_store_at_one_moment(
    tmp_path: Path, config: Config, start: Start
) -> None:
    patient = msgspec.structs.replace(config.store, patience=60)
    config = msgspec.structs.replace(config, store=patient)
    urls = [f"sqlite:{tmp_path}/{number}/queue.db" for number in range(20)]
    programs = [start("open", *urls, config=config) for _ in range(16)]
    assert {program.hear() for program in programs} == {"ready"}
    for program in programs:
        program.go_on()
    for program in programs:
        assert program.hear_out() == urls
        assert program.process.wait() == 0


async def test_a_lock_longer_than_the_patience_is_told_and_nothing_is_lost(
    file: Path, clock: HandClock
) -> None:
    async with SqliteStore(file, clock, PATIENCE) as store:
        await give(store)
        with by_hand(file) as hand:
            hand.execute("BEGIN EXCLUSIVE")
            with pytest.raises(StoreError) as raised:
                await give(store)
            assert raised.value.title == "The queue is busy"
            assert str(file) in raised.value.message
            assert "0.2 s" in raised.value.message
            assert await store.waiting([LIBRARY]) == {LIBRARY: 1}  # who only looks need not wait
            hand.execute("ROLLBACK")
        assert await give(store) == 2


async def test_a_lock_shorter_than_the_patience_is_waited_for(file: Path, clock: HandClock) -> None:
    async with SqliteStore(file, clock, 10) as store:
        with by_hand(file) as hand:
            hand.execute("BEGIN EXCLUSIVE")
            ticket = asyncio.create_task(give(store))
            await asyncio.wait([ticket], timeout=0.1)
            assert not ticket.done()
            hand.execute("ROLLBACK")
        assert await ticket == 1


async def test_a_program_that_only_looks_opens_beside_one_that_writes(
    file: Path, clock: HandClock
) -> None:
    async with SqliteStore(file, clock, PATIENCE) as store:
        await give(store)
    with by_hand(file) as hand:
        hand.execute("BEGIN IMMEDIATE")
        async with SqliteStore(file, clock, PATIENCE) as store:
            assert await store.waiting([LIBRARY]) == {LIBRARY: 1}
        hand.execute("ROLLBACK")


async def test_a_write_that_fails_after_its_caller_has_left_is_not_told_to_nobody(
    file: Path, clock: HandClock
) -> None:
    told: list[object] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, what: told.append(what))
    with by_hand(file) as hand:
        async with SqliteStore(file, clock, PATIENCE) as store:
            hand.execute("BEGIN IMMEDIATE")
            ticket = asyncio.create_task(give(store))
            await asyncio.wait([ticket], timeout=PATIENCE / 4)
            ticket.cancel()
            await asyncio.wait([ticket])
        hand.execute("ROLLBACK")
    gc.collect()
    assert told == []


async def test_a_ticket_is_not_refused_for_what_befalls_others(
    file: Path, clock: HandClock
) -> None:
    async with SqliteStore(file, clock, PATIENCE) as store:

        async def fail() -> None:
            with pytest.raises(StoreError):
                await store._run("SELECT * FROM nowhere", {})  # noqa: SLF001

        for number in range(1, 21):
            given, _ = await asyncio.gather(give(store), fail())
            assert given == number


async def test_a_copy_that_came_without_its_mode_gets_it(file: Path, clock: HandClock) -> None:
    async with SqliteStore(file, clock, PATIENCE) as store:
        await give(store)
    with by_hand(file) as hand:
        assert hand.execute("PRAGMA journal_mode = DELETE").fetchone()[0] == "delete"
    async with SqliteStore(file, clock, PATIENCE) as store:
        assert await give(store) == 2
        with by_hand(file) as hand:
            assert hand.execute("PRAGMA journal_mode").fetchone()[0] == "wal"


async def test_a_fresh_file_that_is_locked_is_told(file: Path) -> None:
    with by_hand(file) as hand:
        hand.execute("BEGIN EXCLUSIVE")
        assert (await refusal(file)).title == "The queue is busy"


# The file goes away while it is open


async def test_nothing_is_written_while_the_file_is_away_and_it_is_found_again(
    file: Path, clock: HandClock, another: Another
) -> None:
    store = await another()
    assert await give(store, 3) == 3
    away = file.with_name("away.db")
    file.rename(away)
    for _ in range(2):
        with pytest.raises(StoreError) as raised:
            await give(store)
        assert raised.value.title == "The queue is out of reach"
        assert str(file) in raised.value.message
    with pytest.raises(StoreError):
        await store.waiting([LIBRARY])
    assert not file.exists()
    away.rename(file)
    assert await give(store) == 4
    assert await store.waiting([LIBRARY]) == {LIBRARY: 4}
    async with SqliteStore(file, clock, PATIENCE) as fresh:
        assert await fresh.waiting([LIBRARY]) == {LIBRARY: 4}


async def test_a_ticket_written_to_a_file_that_was_moved_meanwhile_is_not_given(
    file: Path, clock: HandClock
) -> None:
    async with SqliteStore(file, clock, 10) as store:
        await give(store)
        with by_hand(file) as hand:
            hand.execute("BEGIN EXCLUSIVE")
            ticket = asyncio.create_task(give(store))
            await asyncio.wait([ticket], timeout=0.1)
            file.rename(file.with_name("away.db"))
            hand.execute("ROLLBACK")
        with pytest.raises(StoreError) as raised:
            await ticket
        assert raised.value.title == "The queue is out of reach"


async def test_a_deleted_file_is_not_written_to(file: Path, another: Another) -> None:
    store = await another()
    await give(store)
    for each in file.parent.glob("queue.db*"):
        each.unlink()
    with pytest.raises(StoreError):
        await give(store)
    assert not file.exists()


async def test_another_store_in_the_folder_s_place_is_the_store_from_then_on(
    tmp_path: Path, clock: HandClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with SqliteStore(tmp_path / "new" / "queue.db", clock, PATIENCE) as new:
        await give(new, 5)
    file = tmp_path / "var" / "queue.db"
    async with SqliteStore(file, clock, PATIENCE) as store, aclosing(store.changes()) as changes:
        await give(store)
        await anext(changes)
        file.parent.rename(tmp_path / "old")
        (tmp_path / "new").rename(file.parent)
        async with asyncio.timeout(5):
            await anext(changes)
        assert await store.waiting([LIBRARY]) == {LIBRARY: 5}
        assert await give(store) == 6
        # The bell that is heard is the new folder's, not the old one's.
        monkeypatch.setattr(sqlite, "HEARTBEAT", 600)
        async with SqliteStore(file, clock, PATIENCE) as other:
            await asyncio.wait_for(anext(changes), 5)
            await give(other)
            async with asyncio.timeout(5):
                await anext(changes)
    with by_hand(tmp_path / "old" / "queue.db") as hand:
        assert hand.execute("SELECT count(*) FROM ticket").fetchone()[0] == 1


# The bell


async def test_what_rang_no_bell_is_noticed(file: Path, another: Another) -> None:
    store = await another()
    await give(store)
    async with aclosing(store.changes()) as changes:
        await anext(changes)
        with by_hand(file) as hand:
            hand.execute("UPDATE errand SET state = 'left'")
        async with asyncio.timeout(5):
            await anext(changes)


async def test_a_bell_that_cannot_be_rung_loses_no_change(file: Path, another: Another) -> None:
    file.with_name("queue.db-bell").symlink_to("/nowhere/at/all")
    store, other = await another(), await another()
    async with aclosing(store.changes()) as changes:
        await anext(changes)
        for writer in (other, store):
            await give(writer)
            async with asyncio.timeout(5):
                await anext(changes)


# Leaving


@pytest.mark.parametrize("steps", range(6))
@pytest.mark.parametrize("new_day", [False, True], ids=["same day", "new day"])
async def test_a_cancelled_caller_leaves_nothing_open_behind_a_closed_store(
    file: Path, clock: HandClock, steps: int, *, new_day: bool
) -> None:
    bell = file.with_name("queue.db-bell")
    before = threading.enumerate()
    async with SqliteStore(file, clock, PATIENCE) as store:
        await give(store)
        clock.advance(days=new_day)
        os.utime(bell, (0, 0))
        caller = asyncio.create_task(give(store))
        for _ in range(steps):
            await asyncio.sleep(0)
        caller.cancel()
    with suppress(asyncio.CancelledError):
        await caller
    for thread in set(threading.enumerate()) - set(before):
        thread.join(5)
        assert not thread.is_alive()
    assert list(file.parent.glob("queue.db-*")) == [bell]
    # What was done all the same was told to the others.
    with by_hand(file) as hand:
        [[tickets]] = hand.execute("SELECT count(*) FROM ticket").fetchall()
    assert (bell.stat().st_mtime > 0) == (tickets > 1 or (new_day and steps > 0))


# What the database itself refuses

LEGAL = {
    (State.WAITING, State.CALLED),
    (State.CALLED, State.CALLED),
    (State.CALLED, State.SERVING),
    (State.CALLED, State.SERVED),
    (State.SERVING, State.SERVED),
    (State.CALLED, State.NO_SHOW),
    (State.WAITING, State.PARKED),
    (State.PARKED, State.WAITING),
    (State.WAITING, State.LEFT),
    (State.PARKED, State.LEFT),
    (State.WAITING, State.EXPIRED),
    (State.PARKED, State.EXPIRED),
    (State.CALLED, State.EXPIRED),
    (State.SERVING, State.EXPIRED),
}

WAYS = {
    State.WAITING: [],
    State.CALLED: [State.CALLED],
    State.SERVING: [State.CALLED, State.SERVING],
    State.SERVED: [State.CALLED, State.SERVED],
    State.NO_SHOW: [State.CALLED, State.NO_SHOW],
    State.PARKED: [State.PARKED],
    State.LEFT: [State.LEFT],
    State.EXPIRED: [State.EXPIRED],
}
"""How an errand gets into a state."""


@pytest.fixture
async def hand(file: Path, another: Another) -> Any:
    """A hand in the database, where two tickets wait."""
    await give(await another(), 2)
    with by_hand(file) as connection:
        yield connection


def journal(hand: sqlite3.Connection, errand: int = 1) -> list[tuple[str | None, str]]:
    rows = hand.execute("SELECT was, state FROM journal WHERE errand = ? ORDER BY id", [errand])
    return [(row["was"], row["state"]) for row in rows]


def move(hand: sqlite3.Connection, state: State, errand: int = 1, counter: str = "1") -> None:
    hand.execute(
        "UPDATE errand SET state = ?, counter = ?, at = at + 1 WHERE id = ?",
        [state, counter, errand],
    )


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("was", State)
def test_only_legal_moves_are_made_and_each_is_written_down(
    hand: sqlite3.Connection, was: State, state: State
) -> None:
    for step in WAYS[was]:
        move(hand, step)
    before = journal(hand)
    if (was, state) in LEGAL:
        move(hand, state)
        assert journal(hand) == [*before, (was, state)]
        return
    with pytest.raises(sqlite3.IntegrityError, match="not among the legal moves"):
        move(hand, state)
    assert journal(hand) == before
    assert hand.execute("SELECT state FROM errand WHERE id = 1").fetchone()[0] == was


@pytest.mark.parametrize(
    ("statement", "complaint"),
    [
        ("UPDATE journal SET at = 0", "only added to"),
        ("UPDATE journal SET state = 'left' WHERE id = 1", "only added to"),
        ("DELETE FROM errand", "FOREIGN KEY"),
        ("DELETE FROM ticket", "FOREIGN KEY"),
        ("UPDATE errand SET state = 'lost'", "legal moves"),
        ("UPDATE errand SET state = 'called'", "CHECK"),  # to which counter?
        ("UPDATE errand SET unit = 'health'", "keeps its ticket and its unit"),
        ("DELETE FROM journal", "only added to"),
        ("UPDATE ticket SET number = 1", "UNIQUE"),
        ("UPDATE ticket SET number = 0 WHERE id = 1", "CHECK"),
        ("UPDATE ticket SET token = (SELECT token FROM ticket LIMIT 1)", "UNIQUE"),
        (
            """
            INSERT INTO ticket (day, series, number, token, language, issued_at, queued_at, units)
            SELECT day, series, number, 'other', language, issued_at, queued_at, units FROM ticket
            """,
            "UNIQUE",
        ),
        (
            """
            INSERT INTO ticket (day, series, number, token, language, issued_at, queued_at, units)
            VALUES ('2026-11-24', 'K', 9, 'other', 'fi', 0, 0, '[]')
            """,
            "CHECK",
        ),
        (
            """
            INSERT INTO errand (ticket, unit, state, rank_at, at)
            VALUES (9, 'x', 'waiting', 0, 0)
            """,
            "FOREIGN KEY",
        ),
        (
            "INSERT INTO errand (ticket, unit, state, rank_at, at) VALUES (1, 'x', 'left', 0, 0)",
            "legal moves",
        ),
    ],
)
def test_what_no_hand_can_do(hand: sqlite3.Connection, statement: str, complaint: str) -> None:
    def everything() -> list[Any]:
        tables = ("ticket", "errand", "journal")
        return [hand.execute(f"SELECT * FROM {table}").fetchall() for table in tables]

    before = everything()
    with pytest.raises(sqlite3.IntegrityError, match=complaint):
        hand.execute(statement)
    assert everything() == before


def test_a_new_errand_cannot_be_kept_from_the_journal(hand: sqlite3.Connection) -> None:
    hand.execute(
        "INSERT INTO errand (ticket, unit, state, rank_at, at) VALUES (1, 'x', 'waiting', 0, 7)"
    )
    assert journal(hand, 3) == [("", "waiting")]


def test_two_counters_never_hold_the_same_ticket(hand: sqlite3.Connection) -> None:
    hand.execute(
        "INSERT INTO errand (ticket, unit, state, rank_at, at) VALUES (1, 'x', 'waiting', 0, 7)"
    )
    move(hand, State.CALLED, errand=1, counter="1")
    with pytest.raises(sqlite3.IntegrityError, match=re.escape("errand.ticket")):
        move(hand, State.CALLED, errand=3, counter="2")
    move(hand, State.SERVED, errand=1, counter="1")
    move(hand, State.CALLED, errand=3, counter="2")


def test_a_counter_never_holds_two_tickets(hand: sqlite3.Connection) -> None:
    move(hand, State.CALLED, errand=1, counter="1")
    move(hand, State.CALLED, errand=2, counter="2")
    with pytest.raises(sqlite3.IntegrityError, match=re.escape("errand.counter")):
        hand.execute("UPDATE errand SET counter = '1' WHERE id = 2")


def test_a_hand_that_calls_ends_what_the_counter_had(hand: sqlite3.Connection) -> None:
    move(hand, State.CALLED, errand=1, counter="1")
    move(hand, State.CALLED, errand=2, counter="1")
    assert journal(hand, 1) == [("", "waiting"), ("waiting", "called"), ("called", "served")]
    assert journal(hand, 2) == [("", "waiting"), ("waiting", "called")]


# What it costs

STATEMENTS: dict[str, str] = {
    name: text for name, text in vars(statements).items() if name.isupper() and name[0] != "_"
}

VALUES: dict[str, object] = {
    "now": 1_795_509_720_000,
    "day": "2026-11-24",
    "series": "K",
    "token": "x",
    "language": "fi",
    "units": '["library", "health"]',
    "counter": "1",
    "state": "serving",
    "allowed": '["called"]',
    "after": 0,
    "limit": 10,
    "session": "x",
    "process": "x",
    "seen": None,
}

# These indexes hold only errands that are not over, however long the history is.
SHORT = "errand_(waiting|open|at_counter|of_ticket)"


@pytest.mark.parametrize("name", STATEMENTS)
def test_no_statement_looks_through_a_whole_table(hand: sqlite3.Connection, name: str) -> None:
    # Where a foreign key might be hurt, a plan speaks of a scan that is only made once it is.
    hand.execute("PRAGMA foreign_keys = OFF")
    plan = [
        row["detail"]
        for row in hand.execute(f"EXPLAIN QUERY PLAN {STATEMENTS[name]}", VALUES).fetchall()
    ]
    scans = [step for step in plan if step.startswith("SCAN") and "VIRTUAL TABLE" not in step]
    short = rf"SCAN (\w+ USING (COVERING )?INDEX {SHORT}|counter|sqlite_master|CONSTANT ROW)$"
    assert [step for step in scans if not re.match(short, step)] == []


def live_through(hand: sqlite3.Connection, day: str, tickets: int) -> None:
    """Let a day's tickets come, be called and be served, all of them."""
    hand.execute("BEGIN")
    for number in range(1, tickets + 1):
        values = {
            **VALUES,
            "day": day,
            "token": f"{day} {tickets} {number}",
            "units": '["library"]',
            "counter": "9",
        }
        hand.execute(statements.ISSUE, values).fetchall()
        hand.execute(statements.CALL_NEXT, values).fetchall()
    assert hand.execute(statements.CALL_NEXT, values).fetchone()["state"] == "served"
    hand.execute("COMMIT")


def work(hand: sqlite3.Connection, statement: str) -> int:
    """Return in how many of its own steps SQLite does a statement, triggers included."""
    steps = 0

    def count() -> None:
        nonlocal steps
        steps += 1

    hand.execute("BEGIN")
    hand.set_progress_handler(count, 1)
    hand.execute(statement, VALUES).fetchall()
    hand.set_progress_handler(None, 1)
    hand.execute("ROLLBACK")
    return steps


def test_cost_follows_the_queue_and_not_the_history(hand: sqlite3.Connection) -> None:
    results: list[dict[str, int]] = []

    def measure() -> None:
        hand.execute("BEGIN")
        for number in range(5):
            token = f"{len(results)} {number}"
            hand.execute(statements.ISSUE, {**VALUES, "token": token}).fetchall()
        hand.execute(statements.CALL_NEXT, VALUES).fetchall()
        hand.execute("COMMIT")
        results.append({name: work(hand, statement) for name, statement in STATEMENTS.items()})
        hand.execute("UPDATE errand SET state = 'expired' WHERE state IN ('waiting', 'called')")

    hand.execute("UPDATE errand SET state = 'left'")
    live_through(hand, "2026-11-24", 10)
    measure()
    live_through(hand, "2026-11-23", 1000)
    live_through(hand, "2026-11-24", 1000)
    measure()
    young, old = results
    assert old == {name: pytest.approx(steps, rel=0.1) for name, steps in young.items()}
