"""Many programs at once, and programs that are killed. Judged by what the database holds."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest

from shared.config import Config
from shared.model import Verb
from tests.store.conftest import Program, Start

PROGRAMS = 8
TICKETS = 1000
"""Each issuing program gives that many."""


@pytest.fixture
def config(config: Config) -> Config:
    """The centre where it is noon now, with programs that wait for each other long enough."""
    store = msgspec.structs.replace(config.store, patience=60)
    west = datetime.now(UTC).hour - 12
    centre = msgspec.structs.replace(config.centre, time_zone=f"Etc/GMT{west:+}")
    return msgspec.structs.replace(config, store=store, centre=centre)


@contextmanager
def database(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(tmp_path / "queue.db")) as connection:
        yield connection


def begin(*programs: Program) -> None:
    """Let programs begin at one moment."""
    assert {program.hear() for program in programs} == {"ready"}
    for program in programs:
        program.go_on()


def ended_well(*programs: Program) -> bool:
    return [program.process.wait() for program in programs] == [0] * len(programs)


def sound(db: sqlite3.Connection) -> bool:
    [[integrity]] = db.execute("PRAGMA integrity_check").fetchall()
    kept = db.execute("SELECT unit, people FROM queue WHERE people <> 0 ORDER BY unit").fetchall()
    counted = db.execute(
        "SELECT unit, count(*) FROM errand WHERE state = 'waiting' GROUP BY unit ORDER BY unit"
    ).fetchall()
    return (
        integrity == "ok"
        and kept == counted
        and not db.execute("PRAGMA foreign_key_check").fetchall()
    )


def numbers(db: sqlite3.Connection) -> dict[tuple[str, str], list[int]]:
    """Return the numbers of each day and series, in order."""
    runs: dict[tuple[str, str], list[int]] = {}
    for day, series, number in db.execute(
        "SELECT day, series, number FROM ticket ORDER BY day, series, number"
    ):
        runs.setdefault((day, series), []).append(number)
    return runs


def assert_no_number_is_missing_or_double(db: sqlite3.Connection) -> None:
    for run in numbers(db).values():
        assert run == list(range(1, len(run) + 1))


@pytest.mark.timeout(180)
def test_a_storm_of_programs_gives_and_calls_every_number_once(
    start: Start, tmp_path: Path
) -> None:
    issuing = [start("issue", TICKETS) for _ in range(PROGRAMS)]
    calling = [start("call", counter) for counter in range(1, PROGRAMS + 1)]
    begin(*issuing, *calling)
    told = [line for program in issuing for line in program.hear_out()]
    assert ended_well(*issuing)
    for program in calling:
        program.go_on()
    assert ended_well(*calling)

    with database(tmp_path) as db:
        assert sound(db)
        # No duplicate number and no gap; what residents were told is what was written.
        assert_no_number_is_missing_or_double(db)
        written = db.execute("SELECT day, series, number FROM ticket").fetchall()
        assert sorted(" ".join(map(str, row)) for row in written) == sorted(told)
        assert len(written) == PROGRAMS * TICKETS

        # Every ticket was called, none twice, and by all counters together.
        calls = db.execute("SELECT errand, counter FROM journal WHERE state = 'called'").fetchall()
        assert len(calls) == len({errand for errand, _ in calls}) == PROGRAMS * TICKETS
        assert len({counter for _, counter in calls}) == PROGRAMS
        assert db.execute("SELECT DISTINCT state, calls FROM errand").fetchall() == [("served", 1)]

        # Going through all that happened: at no moment did two counters hold one ticket, or
        # one counter two.
        held: dict[str, int] = {}
        for errand, was, state, counter in db.execute(
            "SELECT errand, was, state, counter FROM journal ORDER BY id"
        ):
            match state:
                case "waiting":
                    assert not was
                case "called":
                    assert was == "waiting"
                    assert errand not in held.values()
                    assert counter not in held
                    held[counter] = errand
                case "served":
                    assert held.pop(counter) == errand
        assert held == {}


@pytest.mark.timeout(180)
def test_one_ticket_wanted_by_many_counters_is_called_by_one(start: Start, tmp_path: Path) -> None:
    """The queue is almost always empty, so that all callers fight for the one who comes."""
    calling = [start("call", counter) for counter in range(1, PROGRAMS + 1)]
    begin(*calling)
    issuing = start("issue", 200)
    begin(issuing)
    assert len(issuing.hear_out()) == 200
    for program in calling:
        program.go_on()
    assert ended_well(issuing, *calling)
    with database(tmp_path) as db:
        assert_no_number_is_missing_or_double(db)
        [[calls, errands]] = db.execute(
            "SELECT count(*), count(DISTINCT errand) FROM journal WHERE state = 'called'"
        ).fetchall()
        assert calls == errands == 200


def test_a_ticket_that_was_shown_survives_a_program_s_death(start: Start, tmp_path: Path) -> None:
    shown: list[str] = []
    for death in range(6):
        program = start("issue", 100_000)
        begin(program)
        shown += [program.hear() for _ in range(20 + 17 * death)]
        program.kill()
        shown += program.hear_out()  # what it had said before it died
        assert program.process.wait() != 0
        with database(tmp_path) as db:
            assert sound(db)
            assert_no_number_is_missing_or_double(db)
            written = {
                f"{day} {series} {number}"
                for (day, series), run in numbers(db).items()
                for number in run
            }
            assert set(shown) <= written
            # One ticket may be written that nobody was shown: the one it died over.
            assert len(written) <= len(shown) + death + 1
            [[tickets, errands, rows]] = db.execute(
                "SELECT (SELECT count(*) FROM ticket), (SELECT count(*) FROM errand),"
                " (SELECT count(*) FROM journal)"
            ).fetchall()
            assert tickets == errands == rows == len(written)
    assert len(shown) == len(set(shown))


def test_a_program_killed_while_it_calls_loses_nobody(start: Start, tmp_path: Path) -> None:
    issuing = start("issue", 400)
    begin(issuing)
    assert len(issuing.hear_out()) == 400
    deadline = time.monotonic() + 30
    for death in range(1, 4):
        program = start("call", death)
        begin(program)
        with database(tmp_path) as db:
            while (
                db.execute(
                    "SELECT count(*) FROM journal WHERE state = 'called' AND counter = ?",
                    [str(death)],
                ).fetchone()[0]
                < 40
            ):
                assert time.monotonic() < deadline
        program.kill()
        assert program.process.wait() != 0
    with database(tmp_path) as db:
        assert sound(db)
        states = dict(db.execute("SELECT state, count(*) FROM errand GROUP BY state").fetchall())
        assert set(states) <= {"waiting", "called", "served"}
        assert sum(states.values()) == 400
        assert states["called"] <= 3  # those who stand at the counters of the dead
        # Called in order, each once, nobody left out.
        called = [
            row[0]
            for row in db.execute("SELECT errand FROM journal WHERE state = 'called' ORDER BY id")
        ]
        assert called == list(range(1, len(called) + 1))


# Two counters at one ticket

ROUNDS = 60

DUELS: dict[str, tuple[list[str], str, str]] = {
    "both call it": ([], "call {it}", "call {it}"),
    "one transfers it": ([], "transfer {it}", "call {it}"),
    "one parks it": ([], "park {it}", "call {it}"),
    "one lets it leave": ([], "leave {it}", "call {it}"),
    "one takes its transfer back": (["transfer {it}"], "undo", "call {last}"),
    "one takes its end back": (["call {it}", "finish"], "undo", "call {other}"),
}
"""What counter 1 does first; then what counter 1 and counter 2 do at one moment."""


@pytest.mark.parametrize("duel", DUELS)
def test_of_two_counters_one_wins_and_the_other_is_told_why(
    start: Start, tmp_path: Path, duel: str
) -> None:
    before, *acts = DUELS[duel]
    programs = [start("obey", counter) for counter in (1, 2)]
    one = programs[0]
    begin(*programs)
    winners = set()
    for turn in range(ROUNDS):
        it = last = int(one.ask("issue").split()[1])
        for act in before:
            last = int(one.ask(act.format(it=it)).split()[1])
        asked = list(zip(programs, acts, strict=True))
        for program, act in asked if turn % 2 else reversed(asked):
            program.say(act.format(it=it, last=last, other=it + 1))
        answers = [program.hear() for program in programs]
        won = [answer.startswith("done") for answer in answers]
        match won:
            case [False, True]:
                assert "counter 2" in answers[0] or acts[0] == "undo"
            case [True, False]:
                assert "counter 1" in answers[1] or acts[0] != acts[1]
            case _:
                # Who was parked can still be called.
                assert won == [True, True]
                assert duel == "one parks it"
        assert all(f"K {turn + 1:03}" in answer for answer in answers if "refused" in answer)
        winners.add(tuple(won))
        for program in programs:
            assert program.ask("end") == "done"
    assert len(winners) == 2  # it was not always the same one
    assert [program.end() for program in programs] == [0, 0]
    with database(tmp_path) as db:
        assert sound(db)
        assert_no_number_is_missing_or_double(db)
        assert_it_went_step_by_step(db)


PRESSES: dict[str, tuple[list[str], str, str, set[tuple[bool, bool]]]] = {
    "gives up while called": ([], "give_up {it}", "call {it}", {(True, False), (False, True)}),
    # Who was called once more may still ask; who has asked is not called once more.
    "needs time while recalled": (
        ["call {it}"],
        "put_off {it}",
        "recall {it}",
        {(True, True), (True, False)},
    ),
    # Who has not come in time may still ask for the other unit, where the ticket waits, too.
    "needs time while ended as a no-show": (
        ["call {it}"],
        "put_off {it}",
        "no_show {it}",
        {(True, True), (True, False)},
    ),
    # Who waits later may still be called; who was called may still ask.
    "needs time while called": ([], "put_off {it}", "call {it}", {(True, True)}),
}
"""What comes before; then what the resident and counter 1 do at one moment, and what can come of
it: whether the resident's was done, and whether the counter's."""


@pytest.mark.parametrize("press", PRESSES)
def test_what_a_resident_does_while_a_counter_acts_is_done_before_it_or_after(
    start: Start, tmp_path: Path, press: str
) -> None:
    before, *acts, possible = PRESSES[press]
    phone, console = start("obey", 1), start("obey", 1)
    begin(phone, console)
    seen = set()
    for turn in range(ROUNDS):
        it = phone.ask("issue").split()[1]
        for act in before:
            assert phone.ask(act.format(it=it)).startswith("done")
        asked = list(zip((phone, console), acts, strict=True))
        for program, act in asked if turn % 2 else reversed(asked):
            program.say(act.format(it=it))
        phone_s, console_s = phone.hear(), console.hear()
        seen.add((phone_s.startswith("done"), console_s.startswith("done")))
        assert phone.ask("end") == "done"
    assert seen == possible
    assert [phone.end(), console.end()] == [0, 0]
    with database(tmp_path) as db:
        assert sound(db)
        assert_it_went_step_by_step(db)


def test_of_two_kiosks_that_take_one_printout_one_prints_it(start: Start) -> None:
    kiosks = [start("obey", counter) for counter in (1, 2)]
    begin(*kiosks)
    winners = set()
    for turn in range(ROUNDS):
        it = kiosks[0].ask("issue").split()[1]
        assert kiosks[0].ask(f"ask_for_printout {it}").startswith("done")
        for kiosk in kiosks if turn % 2 else reversed(kiosks):
            kiosk.say("take_printout")
        answers = [kiosk.hear() for kiosk in kiosks]
        assert sorted(answers) == ["done", f"done {turn + 1}"]
        winners.add(answers.index("done"))
    assert winners == {0, 1}  # it was not always the same one


def assert_it_went_step_by_step(db: sqlite3.Connection) -> None:
    """Go through all that happened: each step began where the one before had ended.

    And at no moment did two counters hold one ticket, or one counter two.
    """
    states: dict[int, str] = {}
    held: dict[str, int] = {}
    for errand, ticket, was, state, by in db.execute(
        """
        SELECT errand, ticket, was, journal.state, coalesce(journal.by, journal.counter)
        FROM journal JOIN errand ON errand.id = errand
        ORDER BY journal.id
        """
    ):
        assert states.get(errand, "") == was
        states[errand] = state
        if was in {"called", "serving"} and state not in {"called", "serving"}:
            assert held.pop(by) == ticket
        if was not in {"called", "serving"} and state in {"called", "serving"}:
            assert by not in held
            assert ticket not in held.values()
            held[by] = ticket
    assert states == dict(db.execute("SELECT id, state FROM errand").fetchall())


def test_a_storm_of_all_verbs_goes_step_by_step(start: Start, tmp_path: Path) -> None:
    programs = [start("jumble", counter, 150) for counter in range(1, PROGRAMS + 1)]
    begin(*programs)
    told = [int(program.hear()) for program in programs]
    assert ended_well(*programs)
    with database(tmp_path) as db:
        assert sound(db)
        assert_no_number_is_missing_or_double(db)
        assert_it_went_step_by_step(db)
        # Residents do things, too. What each counter was told is done is what was written.
        written = db.execute(
            "SELECT by, count(DISTINCT step) FROM journal WHERE by IS NOT NULL GROUP BY by"
        )
        assert dict(written.fetchall()) == {str(n): steps for n, steps in enumerate(told, 1)}
        verbs = {verb for (verb,) in db.execute("SELECT DISTINCT verb FROM journal").fetchall()}
        assert verbs == set(Verb) - {Verb.NO_SHOW, Verb.EXPIRE}
        # Nobody stands in one queue twice.
        twice = """
            SELECT 1 FROM errand WHERE state IN ('waiting', 'called', 'serving', 'parked')
            GROUP BY ticket, unit HAVING count(*) > 1
        """
        assert db.execute(twice).fetchall() == []
