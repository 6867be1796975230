"""What is particular to the SQLite engine: its file, its schema, and what may befall them."""

from __future__ import annotations

import asyncio
import errno
import gc
import json
import os
import re
import shutil
import sqlite3
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import aclosing, closing, contextmanager, suppress
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Any, cast

import msgspec
import pytest

from shared.config import Config
from shared.errors import RefusedError, StoreError
from shared.model import NOBODY, Appointment, ErrandId, State, Verb
from shared.store import QueueStore, database, statements
from shared.store.database import SCHEMA_VERSION
from shared.store.sqlite import SqliteStore
from tests.conftest import HandClock
from tests.store.conftest import Another, Start
from tests.store.lobby import HEALTH, LIBRARY, NOBODYS, ONE, TWO

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


async def people(store: QueueStore) -> int:
    """Look at the queue: how many wait?"""
    return (await store.traffic()).people(LIBRARY)


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


async def test_a_sqlite_that_is_too_old_is_named(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "OLDEST_SQLITE", (99, 1))
    with pytest.raises(StoreError, match=f"version {sqlite3.sqlite_version}.* needs 99.1 or"):
        async with SqliteStore(file, HandClock(), PATIENCE):
            pass


async def test_every_connection_waits_for_the_disk_and_keeps_the_references(
    file: Path, clock: HandClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Nothing shows this from outside but a power cut.
    written: list[int] = []
    fdatasync = os.fdatasync

    def wait_for_the_disk(descriptor: int) -> None:
        assert os.fstat(descriptor).st_ino == file.with_name("queue.db-wal").stat().st_ino
        with by_hand(file) as hand:
            written.extend(hand.execute("SELECT max(number) FROM ticket").fetchone())
        fdatasync(descriptor)

    monkeypatch.setattr(os, "fdatasync", wait_for_the_disk)
    async with SqliteStore(file, clock, PATIENCE) as store:
        for number in (1, 2):
            assert await give(store) == number
            assert written[-1] == number
            [[references]] = await store._read("PRAGMA foreign_keys")  # noqa: SLF001
            assert references == 1
            await store._disconnect()  # noqa: SLF001


async def test_a_disk_that_fails_is_told_and_takes_nothing_else_with_it(
    file: Path, clock: HandClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    bare = file.with_name("without-its-log.db")

    def fail(_: int) -> None:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    async with SqliteStore(file, clock, PATIENCE) as store:
        await give(store)
        with monkeypatch.context() as patch:
            patch.setattr(os, "fdatasync", fail)
            with pytest.raises(StoreError) as raised:
                await give(store)
        assert "Input/output error" in raised.value.message
        assert "disk" in raised.value.hint
        # Nobody was told the number, so nobody else gets it. The log, which may have a hole, has
        # been put into the file before anything was added to it.
        with monkeypatch.context() as patch:
            patch.setattr(os, "fdatasync", lambda _: shutil.copy(file, bare))
            assert await give(store) == 3
    with by_hand(bare) as hand:
        assert [number for (number,) in hand.execute("SELECT number FROM ticket")] == [1, 2]


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
            assert await people(store) == 1  # who only looks need not wait
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
            assert await people(store) == 1
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
                await store._read("SELECT * FROM nowhere")  # noqa: SLF001

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
        await people(store)
    assert not file.exists()
    away.rename(file)
    assert await give(store) == 4
    assert await people(store) == 4
    async with SqliteStore(file, clock, PATIENCE) as fresh:
        assert await people(fresh) == 4


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
        assert await people(store) == 5
        assert await give(store) == 6
        # The bell that is heard is the new folder's, not the old one's.
        monkeypatch.setattr(database, "HEARTBEAT", 600)
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
            move(hand, Verb.LEAVE, State.LEFT)
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


# Midnight


class TickingClock(HandClock):
    """A clock that goes on by a millisecond whenever it is looked at."""

    def now(self) -> datetime:
        self.advance(milliseconds=1)
        return super().now()


@pytest.mark.parametrize("before", range(8))
async def test_a_ticket_given_at_midnight_is_of_the_day_on_which_it_was_given(
    file: Path, before: int
) -> None:
    clock = TickingClock()
    midnight = datetime(2026, 11, 25, tzinfo=clock.zone)
    clock.set(midnight - timedelta(hours=1))
    async with SqliteStore(file, clock, PATIENCE) as store:
        await give(store)
        clock.set(midnight - timedelta(milliseconds=before))
        ticket = await store.issue([LIBRARY], series="K", language="fi")
        assert ticket.day == ticket.issued_at.date()
        assert ticket.number == (1 if ticket.issued_at >= midnight else 2)
        # What is done to it in that moment is done on its day, too.
        clock.set(ticket.issued_at + timedelta(seconds=1))
        if ticket.day == clock.day():
            clock.set(datetime.combine(ticket.day, time(23, 59, 59, 999_000), clock.zone))
            clock.advance(milliseconds=-before)
            with suppress(RefusedError):
                assert (await store.give_up(ticket.token)).stops[0].state is State.LEFT


async def test_a_ticket_that_had_to_wait_over_midnight_is_one_of_the_new_day(
    file: Path, clock: HandClock, another: Another
) -> None:
    other = await another()
    clock.set(datetime(2026, 11, 24, 23, 59, 59, tzinfo=clock.zone))
    async with SqliteStore(file, clock, 10) as slow:
        with by_hand(file) as hand:
            hand.execute("BEGIN IMMEDIATE")
            given = asyncio.create_task(slow.issue([LIBRARY], series="K", language="fi"))
            await asyncio.wait([given], timeout=0.1)
            clock.advance(seconds=2)
            assert await people(other) == 0  # and nothing is left to end, as far as it knows
            hand.execute("ROLLBACK")
        ticket = await given
        assert (ticket.day, ticket.number) == (clock.day(), 1)
        assert await people(other) == 1


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
        bell.unlink()
        caller = asyncio.create_task(give(store))
        for _ in range(steps):
            await asyncio.sleep(0)
        caller.cancel()
    with suppress(asyncio.CancelledError):
        await caller
    for thread in set(threading.enumerate()) - set(before):
        thread.join(5)
        assert not thread.is_alive()
    assert set(file.parent.glob("queue.db-*")) <= {bell}
    # What was done all the same was told to the others.
    with by_hand(file) as hand:
        [[tickets]] = hand.execute("SELECT count(*) FROM ticket").fetchall()
    assert bell.exists() == (tickets > 1 or (new_day and steps > 0))


# What the database itself refuses

LEGAL = {
    Verb.CALL: [
        (State.WAITING, State.CALLED),
        (State.PARKED, State.CALLED),
        # The counter's last one, as it calls the next.
        (State.CALLED, State.SERVED),
        (State.SERVING, State.SERVED),
    ],
    Verb.RECALL: [(State.CALLED, State.CALLED)],
    Verb.START: [(State.CALLED, State.SERVING)],
    Verb.FINISH: [(State.CALLED, State.SERVED), (State.SERVING, State.SERVED)],
    Verb.NO_SHOW: [(State.CALLED, State.NO_SHOW)],
    Verb.BACK: [(State.CALLED, State.WAITING)],
    Verb.PARK: [
        (State.WAITING, State.PARKED),
        (State.CALLED, State.PARKED),
        (State.SERVING, State.PARKED),
    ],
    Verb.RESUME: [(State.PARKED, State.WAITING)],
    Verb.TRANSFER: [
        (State.WAITING, State.TRANSFERRED),
        (State.PARKED, State.TRANSFERRED),
        (State.CALLED, State.TRANSFERRED),
        (State.SERVING, State.TRANSFERRED),
    ],
    Verb.LEAVE: [(State.WAITING, State.LEFT), (State.PARKED, State.LEFT)],
    Verb.HEAD_START: [(State.WAITING, State.WAITING), (State.PARKED, State.PARKED)],
    Verb.PUT_OFF: [(State.WAITING, State.WAITING), (State.CALLED, State.WAITING)],
    Verb.EXPIRE: [
        (State.WAITING, State.EXPIRED),
        (State.PARKED, State.EXPIRED),
        (State.CALLED, State.EXPIRED),
        (State.SERVING, State.EXPIRED),
    ],
}
"""From where to where each verb takes an errand. Undo goes by the journal instead."""

WAYS = {
    State.WAITING: [],
    State.CALLED: [(Verb.CALL, State.CALLED)],
    State.SERVING: [(Verb.CALL, State.CALLED), (Verb.START, State.SERVING)],
    State.SERVED: [(Verb.CALL, State.CALLED), (Verb.FINISH, State.SERVED)],
    State.NO_SHOW: [(Verb.CALL, State.CALLED), (Verb.NO_SHOW, State.NO_SHOW)],
    State.PARKED: [(Verb.PARK, State.PARKED)],
    State.TRANSFERRED: [(Verb.TRANSFER, State.TRANSFERRED)],
    State.LEFT: [(Verb.LEAVE, State.LEFT)],
    State.EXPIRED: [(Verb.EXPIRE, State.EXPIRED)],
    State.UNDONE: [(Verb.UNDO, State.UNDONE)],
}
"""How an errand gets into a state."""


@pytest.fixture
async def hand(file: Path, another: Another) -> Any:
    """A hand in the database, where two tickets wait."""
    await give(await another(), 2)
    with by_hand(file) as connection:
        yield connection


Row = tuple[str, str, str]


def journal(hand: sqlite3.Connection, errand: int = 1) -> list[Row]:
    """Return what has happened to an errand: verb, state before, state after."""
    rows = hand.execute(
        "SELECT verb, was, state FROM journal WHERE errand = ? ORDER BY id", [errand]
    )
    return [tuple(row) for row in rows]


NEXT_STEP = "(SELECT max(id) + 1 FROM journal)"


def move(
    hand: sqlite3.Connection, verb: Verb, state: State, errand: int = 1, counter: str = "1"
) -> None:
    hand.execute(
        f"""
        UPDATE errand
        SET verb = ?, state = ?, counter = ?, called_at = ifnull(called_at, at),
            since = since + 1, at = at + 1, by = ?, step = {NEXT_STEP}
        WHERE id = ?
        """,
        [verb, state, counter, counter, errand],
    )


def begin(hand: sqlite3.Connection, verb: Verb = Verb.ISSUE, state: State = State.WAITING) -> None:
    """Let the first ticket have another errand, which is the third of all."""
    hand.execute(
        f"""
        INSERT INTO errand (ticket, unit, state, since, rank_at, step, verb, at)
        VALUES (1, 'x', ?, 7, 0, {NEXT_STEP}, ?, 7)
        """,
        [state, verb],
    )


@pytest.mark.parametrize("was", WAYS)
def test_only_legal_moves_are_made_and_each_is_written_down(
    hand: sqlite3.Connection, was: State
) -> None:
    for verb, state in WAYS[was]:
        move(hand, verb, state)
    before = journal(hand)
    for verb in set(Verb) - {Verb.UNDO}:
        for state in State:
            hand.execute("BEGIN")
            if (was, state) in LEGAL.get(verb, []):
                move(hand, verb, state)
                assert journal(hand) == [*before, (verb, was, state)]
            else:
                with pytest.raises(sqlite3.IntegrityError, match="not among the legal moves"):
                    move(hand, verb, state)
                assert journal(hand) == before
            hand.execute("ROLLBACK")


def test_an_errand_begins_by_waiting(hand: sqlite3.Connection) -> None:
    for verb in Verb:
        for state in State:
            hand.execute("BEGIN")
            if state is State.WAITING and verb in {
                Verb.ISSUE,
                Verb.TRANSFER,
                # One that returns to where it came from.
                Verb.FINISH,
                Verb.CALL,
            }:
                begin(hand, verb, state)
                assert journal(hand, 3) == [(verb, "", state)]
            else:
                with pytest.raises(sqlite3.IntegrityError, match="not among the legal moves"):
                    begin(hand, verb, state)
            hand.execute("ROLLBACK")


# A step that is legal by itself.
PARK = f"verb = 'park', state = 'parked', step = {NEXT_STEP}"
CALL = f"verb = 'call', state = 'called', step = {NEXT_STEP}"


@pytest.mark.parametrize(
    ("statement", "complaint"),
    [
        ("UPDATE journal SET at = 0", "only added to"),
        ("UPDATE journal SET state = 'left' WHERE id = 1", "only added to"),
        ("DELETE FROM journal", "only added to"),
        ("DELETE FROM errand", "FOREIGN KEY"),
        ("DELETE FROM ticket", "FOREIGN KEY"),
        ("UPDATE errand SET state = 'lost'", "legal moves"),
        ("UPDATE errand SET rank_at = 0", "legal moves"),  # whose step is it?
        ("UPDATE errand SET verb = 'head-start', rank_at = 0", "legal moves"),  # which one?
        (f"UPDATE errand SET {CALL}", "CHECK"),  # to which counter?
        (f"UPDATE errand SET {PARK}, unit = 'health'", "keeps its ticket and its unit"),
        (f"UPDATE errand SET {PARK}, ticket = 2", "keeps its ticket and its unit"),
        ("UPDATE ticket SET number = 1", "UNIQUE"),
        ("UPDATE ticket SET number = 0 WHERE id = 1", "CHECK"),
        ("UPDATE ticket SET token = (SELECT token FROM ticket LIMIT 1)", "UNIQUE"),
        (
            """
            INSERT INTO ticket (day, series, number, token, language, issued_at, queued_at,
                                rank_at, asked)
            SELECT day, series, number, 'other', language, issued_at, queued_at, rank_at, asked
            FROM ticket
            """,
            "UNIQUE",
        ),
        (
            """
            INSERT INTO ticket (day, series, number, token, language, issued_at, queued_at,
                                rank_at, asked)
            VALUES ('2026-11-24', 'K', 9, 'other', 'fi', 0, 0, 0, '[]')
            """,
            "CHECK",
        ),
        (
            """
            INSERT INTO errand (ticket, unit, state, since, rank_at, step, verb, at)
            VALUES (9, 'x', 'waiting', 0, 0, 9, 'issue', 0)
            """,
            "FOREIGN KEY",
        ),
        (
            """
            INSERT INTO appointment (code, day, unit, at, ticket)
            VALUES ('AB123', '2026-11-24', 'x', 0, 9)
            """,
            "FOREIGN KEY",
        ),
        ("INSERT INTO rating (ticket, score, at) VALUES (1, 0, 0)", "CHECK"),
        ("INSERT INTO rating (ticket, score, at) VALUES (1, 6, 0)", "CHECK"),
        ("INSERT INTO rating (ticket, score, at) VALUES (1, 5, 0), (1, 4, 0)", "UNIQUE"),
        ("INSERT INTO rating (ticket, score, at) VALUES (9, 5, 0)", "FOREIGN KEY"),
        ("INSERT INTO printout (ticket, asked_at) VALUES (9, 0)", "FOREIGN KEY"),
    ],
)
def test_what_no_hand_can_do(hand: sqlite3.Connection, statement: str, complaint: str) -> None:
    before = everything(hand)
    with pytest.raises(sqlite3.IntegrityError, match=complaint):
        hand.execute(statement)
    assert everything(hand) == before


def everything(hand: sqlite3.Connection) -> dict[str, list[Any]]:
    """Return all rows of all tables."""
    tables = [
        row["name"] for row in hand.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")
    ]
    return {table: hand.execute(f"SELECT * FROM {table}").fetchall() for table in tables}


def test_two_counters_never_hold_the_same_ticket(hand: sqlite3.Connection) -> None:
    begin(hand)
    move(hand, Verb.CALL, State.CALLED, errand=1, counter="1")
    with pytest.raises(sqlite3.IntegrityError, match=re.escape("errand.ticket")):
        move(hand, Verb.CALL, State.CALLED, errand=3, counter="2")
    move(hand, Verb.FINISH, State.SERVED, errand=1, counter="1")
    move(hand, Verb.CALL, State.CALLED, errand=3, counter="2")


def test_a_counter_never_holds_two_tickets(hand: sqlite3.Connection) -> None:
    move(hand, Verb.CALL, State.CALLED, errand=1, counter="1")
    move(hand, Verb.CALL, State.CALLED, errand=2, counter="2")
    with pytest.raises(sqlite3.IntegrityError, match=re.escape("errand.counter")):
        move(hand, Verb.RECALL, State.CALLED, errand=2, counter="1")


def test_a_hand_that_calls_ends_what_the_counter_had(hand: sqlite3.Connection) -> None:
    move(hand, Verb.CALL, State.CALLED, errand=1, counter="1")
    move(hand, Verb.CALL, State.CALLED, errand=2, counter="1")
    assert journal(hand, 1)[1:] == [("call", "waiting", "called"), ("call", "called", "served")]
    assert journal(hand, 2)[1:] == [("call", "waiting", "called")]


async def test_a_refused_verb_writes_nothing_at_all(
    hand: sqlite3.Connection, another: Another
) -> None:
    store = await another()
    await store.call_next(ONE, [LIBRARY])
    await store.call_next(TWO, [LIBRARY])
    await store.start(TWO)
    first, second = [errand.id for number in (1, 2) for errand in await store.find("K", number)]
    tokens = [row["token"] for row in hand.execute("SELECT token FROM ticket ORDER BY id")]
    before = everything(hand)
    for refused in (
        store.call_next(ONE, [LIBRARY], errand=second),
        store.call(ONE, second),
        store.recall(TWO),
        store.start(ONE, errand=second),
        store.finish(ONE, errand=second),
        store.no_show(TWO),
        store.back(TWO),
        store.park(ONE, errand=second),
        store.resume(ONE, first),
        store.transfer(ONE, LIBRARY, errand=first),
        store.leave(first),
        store.head_start(first, None),
        store.undo(NOBODYS),
        store.call_next(ONE, [LIBRARY], errand=NOBODY),
        store.put_off(tokens[1], by=timedelta(minutes=1), times=9),
        store.put_off(tokens[0], by=timedelta(minutes=1), times=0),
        store.give_up(tokens[0]),
        store.rate(tokens[0], 5),
        store.ask_for_printout(ErrandId(99)),
        store.check_in(
            Appointment(code="AB123", unit=LIBRARY, at=datetime.now(UTC)),
            series="K",
            language="fi",
        ),
    ):
        with pytest.raises(RefusedError):
            await refused
    assert everything(hand) == before


# Moved as a database is moved


def vacuumed(file: Path) -> None:
    with by_hand(file) as hand:
        hand.execute("VACUUM")


def vacuumed_into_another(file: Path) -> None:
    with by_hand(file) as hand:
        hand.execute("VACUUM INTO ?", [f"{file}-new"])
    put_in_its_place(file)


def backed_up(file: Path) -> None:
    with by_hand(file) as hand, closing(sqlite3.connect(f"{file}-new")) as new:
        hand.backup(new)
    put_in_its_place(file)


def dumped(file: Path) -> None:
    with by_hand(file) as hand, closing(sqlite3.connect(f"{file}-new")) as new:
        hand.row_factory = None
        new.executescript("\n".join(hand.iterdump()))
        for pragma in ("application_id", "user_version"):  # a dump leaves them out
            [(value,)] = hand.execute(f"PRAGMA {pragma}")
            new.execute(f"PRAGMA {pragma} = {value}")
    put_in_its_place(file)


def put_in_its_place(file: Path) -> None:
    Path(f"{file}-new").replace(file)


@pytest.mark.parametrize("moved", [vacuumed, vacuumed_into_another, backed_up, dumped])
async def test_a_queue_goes_on_in_a_copy_of_its_file(
    file: Path, clock: HandClock, moved: Callable[[Path], None]
) -> None:
    # The journal's order rests on the order of the triggers, which is that of the schema's rows.
    async def go_on(store: QueueStore) -> None:
        """Somebody who returns is called together with the next one, and that is taken back."""
        for _ in range(2):
            await store.issue([LIBRARY], series="K", language="fi")
        await store.call_next(ONE, [LIBRARY])
        await store.transfer(ONE, HEALTH, comes_back=True)
        await store.call_next(ONE, [HEALTH])
        await store.call_next(ONE, [LIBRARY])
        await store.undo(ONE)
        await store.call_next(ONE, [LIBRARY])
        for _ in range(2):
            await store.call_next(ONE, [LIBRARY])

    def lines() -> list[Row]:
        with by_hand(file) as hand:
            return [tuple(row) for row in hand.execute("SELECT verb, was, state FROM journal")]

    async with SqliteStore(file, clock, PATIENCE) as store:
        await go_on(store)
    before = lines()
    moved(file)
    assert lines() == before
    async with SqliteStore(file, clock, PATIENCE) as store:
        await go_on(store)
        assert [errand.state for errand in await store.find("K", 4)] == [State.SERVED]
    assert lines() == before * 2
    returned = [
        ("call", "serving", "served"),
        ("call", "", "waiting"),
        ("call", "waiting", "called"),
    ]
    assert [("call", "called", "served"), *returned[1:]] == before[6:9]


# What it costs

STATEMENTS: dict[str, str] = {
    name: text for name, text in vars(statements).items() if name.isupper() and name[0] != "_"
}

NOW = 1_795_509_720_000

APPOINTMENT = {"code": "AB123", "day": "2026-11-24", "unit": "health", "at": NOW, "cancelled": 0}

VALUES: dict[str, object] = {
    "after": 0,
    "allowed": '["called"]',
    "appointed_at": None,
    "appointment": None,
    "appointments": json.dumps([APPOINTMENT]),
    "asked": json.dumps([{"unit": "library"}, {"unit": "health"}]),
    "by": 300_000,
    "code": "AB123",
    "comes_back": True,
    "counter": "1",
    "day": "2026-11-24",
    "errand": None,
    "fault": "No paper",
    "head_start": 60_000,
    "language": "fi",
    "limit": 10,
    "line": json.dumps([{"unit": "library", "place": 0}, {"unit": "health", "place": 1}]),
    "now": NOW,
    "number": 1,
    "patience": 900_000,
    "paused": True,
    "priority": "infant",
    "process": "x",
    "reason": None,
    "recent": json.dumps([NOW // 3_600_000]),
    "score": 5,
    "seen": None,
    "series": "K",
    "session": "x",
    "since": NOW - 60_000,
    "state": "serving",
    "step": 1,
    "times": 2,
    "to": "social",
    "token": "x",
    "tokens": '["x"]',
    "units": '["library", "health"]',
    "usual": json.dumps([NOW // 3_600_000 - 168]),
    "verb": "start",
    "within": 120_000,
}

# These indexes hold only errands that are not over, however long the history is.
SHORT = r"\w+ USING (COVERING )?INDEX errand_(waiting|parked|open|at_counter|of_ticket)"

# There is one row for each counter and each kiosk; the others are what was found already.
SMALL = (
    r"counter|queue|queue_time|printer_fault|sqlite_master|CONSTANT ROW"
    r"|\(subquery-\d+\)|last|visited|stop|used"
)


@pytest.mark.parametrize("name", STATEMENTS)
def test_no_statement_looks_through_a_whole_table(hand: sqlite3.Connection, name: str) -> None:
    # Where a foreign key might be hurt, a plan speaks of a scan that is only made once it is.
    hand.execute("PRAGMA foreign_keys = OFF")
    plan = [
        row["detail"]
        for row in hand.execute(f"EXPLAIN QUERY PLAN {STATEMENTS[name]}", VALUES).fetchall()
    ]
    scans = [step for step in plan if step.startswith("SCAN") and "VIRTUAL TABLE" not in step]
    assert [scan for scan in scans if not re.fullmatch(f"SCAN ({SHORT}|{SMALL})", scan)] == []
    # To make an index for one statement takes a look through the whole table, too.
    assert [step for step in plan if "AUTOMATIC" in step] == []


def live_through(hand: sqlite3.Connection, day: str, tickets: int) -> None:
    """Let a day's tickets come, be called and be served, all of them."""
    hand.execute("BEGIN")
    for number in range(1, tickets + 1):
        values = {
            **VALUES,
            "day": day,
            "token": f"{day} {tickets} {number}",
            "asked": json.dumps([{"unit": "library"}]),
            "counter": "9",
        }
        hand.execute(statements.ISSUE, values).fetchall()
        hand.execute(statements.CALL_NEXT, values).fetchall()
    assert hand.execute(statements.CALL_NEXT, values).fetchone()["state"] == "served"
    hand.execute("COMMIT")


def work(hand: sqlite3.Connection, statement: str, *, finds: bool = True, **others: object) -> int:
    """Return in how many of its own steps SQLite does a statement, triggers included.

    ``finds`` says whether there is something for it to do or to see.
    """
    steps = 0

    def count() -> None:
        nonlocal steps
        steps += 1

    [last] = hand.execute("SELECT max(step) FROM journal").fetchone()
    hand.execute("BEGIN")
    hand.set_progress_handler(count, 1)
    rows = hand.execute(statement, {**VALUES, "step": last, **others}).fetchall()
    hand.set_progress_handler(None, 1)
    hand.execute("ROLLBACK")
    assert bool(rows) == finds
    return steps


def test_cost_follows_the_queue_and_not_the_history(hand: sqlite3.Connection) -> None:
    results: list[dict[str, int]] = []

    def measure() -> None:
        def do(statement: str, **values: object) -> sqlite3.Row:
            [row, *_] = hand.execute(statement, {**VALUES, **values}).fetchall()
            return cast(sqlite3.Row, row)

        tokens = [f"{len(results)} {number}" for number in range(6)]
        over, *_, parked, waiting = [
            do(statements.FIND, number=do(statements.ISSUE, token=token)["number"])["id"]
            for token in tokens
        ]
        do(statements.LEAVE, errand=over)
        do(statements.PARK, errand=parked)
        called = do(statements.CALL_NEXT)["errand"]
        step = do(statements.LAST_STEP)["step"]
        do(statements.RECALL)
        for statement in (
            statements.OPEN_COUNTER,
            statements.REPORT_PRINTER,
            statements.ASK_FOR_PRINTOUT,
            statements.IMPORT,
        ):
            do(statement)
        known = {"token": tokens[-1], "tokens": json.dumps(tokens[-1:])}
        tomorrow = {"day": "2026-11-25"}
        about = {
            "ISSUE": {"token": "x"},
            "UNFINISHED": tomorrow,
            "EXPIRE": tomorrow,
            "CALL": {"errand": waiting},
            "RESUME": {"errand": parked},
            "LEAVE": {"errand": waiting},
            "HEAD_START": {"errand": waiting},
            "RATE": {"token": tokens[0]},
            "REPORT_PRINTER": {"fault": "No printer"},
            "GONE_ON": {"step": step},
            "AT_A_COUNTER": {"errand": called},
            "OPEN_COUNTER": {"seen": "x"},
        }
        results.append(
            {
                name: work(hand, statement, **{**known, **about.get(name, {})})
                for name, statement in STATEMENTS.items()
                if name != "OUTCOMES"  # it asks for history itself
            }
        )
        do(statements.EXPIRE, **tomorrow)
        do(statements.CLOSE_COUNTER)
        do(statements.CLEAR_PRINTER)
        do(statements.TAKE_PRINTOUT)

    for errand in (1, 2):
        move(hand, Verb.LEAVE, State.LEFT, errand)
    live_through(hand, "2026-11-24", 10)
    measure()
    live_through(hand, "2026-11-23", 1000)
    live_through(hand, "2026-11-24", 1000)
    measure()
    young, old = results
    assert old == {name: pytest.approx(steps, rel=0.1) for name, steps in young.items()}


def test_a_new_day_costs_no_more_for_all_the_days_before(hand: sqlite3.Connection) -> None:
    for errand in (1, 2):
        move(hand, Verb.LEAVE, State.LEFT, errand)
    results = []
    for day, tickets in (("2026-11-23", 10), ("2026-11-24", 1000)):
        live_through(hand, day, tickets)
        new = {"day": "2026-11-25", "limit": 100}
        results.append(
            {name: work(hand, STATEMENTS[name], finds=False, **new) for name in ("CALLS", "QUEUES")}
        )
    young, old = results
    assert old == {name: pytest.approx(steps, rel=0.1) for name, steps in young.items()}


def test_to_look_at_visits_costs_what_is_asked_and_not_what_waits(
    hand: sqlite3.Connection,
) -> None:
    def look(tokens: list[str]) -> int:
        return work(hand, statements.VISITS, tokens=json.dumps(tokens))

    tokens = [row["token"] for row in hand.execute("SELECT token FROM ticket ORDER BY id")]
    few = look(tokens), look(tokens[-1:])
    for number in range(1000):
        tokens.append(f"waits {number}")
        values = {"token": tokens[-1], "now": NOW + number, "head_start": 0}
        hand.execute(statements.ISSUE, {**VALUES, **values}).fetchall()
    # Who is near the front is looked at as if nobody were behind.
    assert (look(tokens[:2]), look(tokens[1:2])) == pytest.approx(few, rel=0.1)
    # Everybody at once: nobody is counted twice.
    a_tenth, all_ = look(tokens[: len(tokens) // 10]), look(tokens)
    assert all_ < 12 * a_tenth


def test_a_ticket_costs_no_more_for_those_who_wait_elsewhere(hand: sqlite3.Connection) -> None:
    asked = json.dumps([{"unit": "social"}])
    few = work(hand, statements.ISSUE, asked=asked)
    for number in range(1000):
        hand.execute(statements.ISSUE, {**VALUES, "token": f"waits {number}"}).fetchall()
    assert work(hand, statements.ISSUE, asked=asked) == pytest.approx(few, rel=0.1)


async def test_no_empty_queue_is_made_in_the_place_of_one_that_is_missing(
    file: Path, clock: HandClock
) -> None:
    async with SqliteStore(file, clock, PATIENCE) as store:
        await give(store)
        kept = file.rename(file.with_name("kept.db"))
        with pytest.raises(StoreError, match="missing"):
            async with SqliteStore(file, clock, PATIENCE):
                pass
        assert not file.exists()
        kept.rename(file)
        assert await give(store) == 2


async def test_a_file_behind_a_link_is_written_as_any_other(
    tmp_path: Path, clock: HandClock
) -> None:
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    async with SqliteStore(folder / "queue.db", clock, PATIENCE):
        pass
    (tmp_path / "link.db").symlink_to(folder / "queue.db")
    async with SqliteStore(tmp_path / "link.db", clock, PATIENCE) as store:
        assert await give(store) == 1
