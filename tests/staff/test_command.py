"""``vuoro-staff`` as a command, over a real queue; in processes where that makes a difference."""

from __future__ import annotations

import asyncio
import io
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from shared.clock import Clock
from shared.model import Appointment, Ticket, UnitId
from shared.store import open_store
from staff.__main__ import main
from tools.lobby import ROOT, Lobby
from tools.terminal import Terminal

HEAVY = {"textual", "rich", "PIL", "qrcode", "babel"}

NOTHING_SPECIAL: dict[str, object] = {
    "priority": None,
    "appointed_at": None,
    "origin": None,
    "reason": None,
    "back_to": None,
    "put_off": 0,
    "also": [],
}


@pytest.fixture
def lobby(tmp_path: Path) -> Lobby:
    return Lobby(tmp_path)


def run(lobby: Lobby, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the command as its process would, but in this one: most of its time is Python's start."""
    argv = ["vuoro-staff", "--config", str(lobby.file), *arguments]
    stdout, stderr = io.StringIO(), io.StringIO()
    code = 0
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(stdout), redirect_stderr(stderr):
        patch.setattr(sys, "argv", argv)
        try:
            main()
        except SystemExit as end:
            code = int(end.code or 0)
    return subprocess.CompletedProcess(argv, code, stdout.getvalue(), stderr.getvalue())


def answer(lobby: Lobby, *arguments: str) -> Any:
    done = run(lobby, *arguments, "--json")
    assert (done.returncode, done.stderr) == (0, "")
    return json.loads(done.stdout)


def at(lobby: Lobby, *arguments: str, counter: str = "3") -> Any:
    """Run a command at counter 3, or at another; return its answer."""
    return answer(lobby, *arguments, "--counter", counter)


def line(lobby: Lobby, *arguments: str) -> str:
    """Run a command at counter 3; return what it says to a person."""
    done = run(lobby, *arguments, "--counter", "3")
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def refused(lobby: Lobby, *arguments: str, code: int = 1) -> Any:
    """Run a command at counter 3 that is refused and changes nothing; return why."""
    before = lobby.rows("SELECT count(*) FROM journal"), lobby.rows("SELECT * FROM errand")
    done = run(lobby, *arguments, "--counter", "3", "--json")
    assert done.returncode == code
    told = json.loads(done.stdout)
    assert set(told) == {"error", "message", "hint"}
    assert done.stderr == f"{told['error']}: {told['message']} {told['hint']}\n"
    assert (
        lobby.rows("SELECT count(*) FROM journal"),
        lobby.rows("SELECT * FROM errand"),
    ) == before
    return told


def give(lobby: Lobby, *tickets: str, ago: timedelta = timedelta()) -> list[Ticket]:
    """Give tickets, each for a unit or for several: "library+health"; now, or some time ago."""
    clock = lobby.config.clock()
    then = Clock(clock.zone, lambda: clock.now() - ago)

    async def issue() -> list[Ticket]:
        async with open_store(lobby.config, then) as store:
            return [
                await store.issue(
                    [UnitId(unit) for unit in units.split("+")],
                    series=lobby.config.unit(units.split("+")[0]).series,
                    language="fi",
                )
                for units in tickets
            ]

    return asyncio.run(issue())


def states(lobby: Lobby) -> list[tuple[str, str]]:
    """Return where every errand is, and in which state, oldest first."""
    return lobby.rows("SELECT unit, state FROM errand ORDER BY id")


def waiting(lobby: Lobby, *arguments: str, counter: str = "3") -> list[str]:
    queue = at(lobby, "queue", *arguments, counter=counter)
    return [each["ticket"] for each in queue["waiting"]]


# The verbs of a counter


def test_a_visit_by_commands(lobby: Lobby) -> None:
    def at(lobby: Lobby, *arguments: str) -> Any:
        return lobby.run("staff", *arguments, "--counter", "3")

    give(lobby, "library", "social", "library")

    call = at(lobby, "next")
    assert call.pop("at")
    assert call == {
        "ticket": "K 001",
        "unit": "library",
        "counter": "3",
        "call": 4,
        "repeated": False,
        "finished": None,
    }
    again = at(lobby, "recall")
    assert (again["ticket"], again["call"], again["repeated"]) == ("K 001", 5, True)

    queue = at(lobby, "queue")
    assert set(queue) == {
        "counter",
        "current",
        "waiting",
        "parked",
        "people",
        "at_another_counter",
    }
    assert queue["counter"] == "3"
    assert (queue["current"]["ticket"], queue["current"]["state"]) == ("K 001", "called")
    assert [(each["ticket"], each["unit"]) for each in queue["waiting"]] == [
        ("E 001", "social"),
        ("K 002", "library"),
    ]
    assert all(each["since"] and 0 <= each["seconds"] < 60 for each in queue["waiting"])

    for verb, state in [("start", "serving"), ("finish", "served")]:
        errand = at(lobby, verb)
        assert errand.pop("since")
        assert errand == {
            "ticket": "K 001",
            "unit": "library",
            "counter": "3",
            "state": state,
            **NOTHING_SPECIAL,
        }
    assert at(lobby, "next")["ticket"] == "E 001"
    assert at(lobby, "no-show")["state"] == "no_show"
    assert at(lobby, "queue")["current"] is None


@pytest.mark.parametrize(
    ("verb", "says"),
    [
        ("next", "K 002 (library) called to counter 3\nK 001 (library) is finished\n"),
        ("recall", "K 001 (library) called again to counter 3\n"),
        ("start", "K 001 (library) being served at counter 3\n"),
        ("finish", "K 001 (library) finished at counter 3\n"),
        ("no-show", "K 001 (library) did not come to counter 3\n"),
        ("back", "K 001 (library) waits again at the back, sent by counter 3\n"),
        ("park", "K 001 (library) parked by counter 3\n"),
        ("leave K002", "K 002 (library) has left, taken off the queue by counter 3\n"),
        ("call K002", "K 002 (library) called to counter 3\nK 001 (library) is finished\n"),
        (
            "transfer --to health",
            "K 001 (health) transferred from library by counter 3\nNo counter serves health now.\n",
        ),
        (
            "transfer --to health --return",
            (
                "K 001 (health) transferred from library, then back, by counter 3\n"
                "No counter serves health now.\n"
            ),
        ),
        (
            "head-start K002 --class infant",
            "K 002 (library) has the head start “infant”, by counter 3\n",
        ),
        ("head-start K002 --none", "K 002 (library) has no head start, by counter 3\n"),
        ("undo", "K 001 (library) is waiting now: call undone by counter 3\n"),
    ],
)
def test_without_json_a_line_tells(lobby: Lobby, verb: str, says: str) -> None:
    give(lobby, "library", "library")
    at(lobby, "next")
    assert line(lobby, *verb.split()) == says


@pytest.mark.parametrize("arguments", [["--counter", "3", "next"], ["next", "--counter", "3"]])
def test_the_counter_may_stand_before_the_verb_or_after(lobby: Lobby, arguments: list[str]) -> None:
    give(lobby, "library")
    assert answer(lobby, *arguments)["counter"] == "3"


def test_nobody_waiting_is_a_refusal(lobby: Lobby) -> None:
    give(lobby, "health")
    assert refused(lobby, "next") == {
        "error": "Nobody is waiting",
        "message": "Nobody waits for counter 3.",
        "hint": "Call again when someone has taken a number.",
    }


def test_nobody_waiting_ends_whom_the_counter_had_and_says_so(lobby: Lobby) -> None:
    give(lobby, "library")
    at(lobby, "next")
    done = run(lobby, "next", "--counter", "3", "--json")
    assert done.returncode == 1
    assert json.loads(done.stdout) == {
        "error": "Nobody is waiting",
        "message": "K 001 is finished, and nobody else waits for counter 3.",
        "hint": "Call again when someone has taken a number.",
        "finished": "K 001",
    }
    assert "K 001 is finished" in done.stderr
    assert states(lobby) == [("library", "served")]


def test_without_json_too_it_says_who_is_finished(lobby: Lobby) -> None:
    give(lobby, "library")
    at(lobby, "next")
    done = run(lobby, "next", "--counter", "3")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == (
        "Nobody is waiting: K 001 is finished, and nobody else waits for counter 3. "
        "Call again when someone has taken a number.\n"
    )


@pytest.mark.parametrize("verb", ["recall", "start", "finish", "no-show", "back", "park"])
def test_a_verb_without_anyone_at_the_counter_is_refused(lobby: Lobby, verb: str) -> None:
    give(lobby, "library")
    assert refused(lobby, verb)["error"] == "Nobody is at the counter"


def test_a_transfer_without_anyone_at_the_counter_is_refused(lobby: Lobby) -> None:
    give(lobby, "library")
    assert refused(lobby, "transfer", "--to", "health")["error"] == "Nobody is at the counter"


@pytest.mark.parametrize("verb", ["recall", "start", "no-show", "back"])
def test_who_is_being_served_cannot_be_called_again_or_be_missing(lobby: Lobby, verb: str) -> None:
    give(lobby, "library")
    at(lobby, "next")
    at(lobby, "start")
    assert refused(lobby, verb)["error"] == "The service has already begun"


def test_a_counter_with_an_order_calls_by_it(lobby: Lobby) -> None:
    give(lobby, "social", "home-care")
    assert waiting(lobby, counter="7") == ["D 001", "E 001"]
    assert waiting(lobby, counter="3") == ["E 001", "D 001"]
    assert at(lobby, "next", counter="7")["ticket"] == "D 001"


def test_two_counters_at_the_same_moment_get_two_tickets(lobby: Lobby) -> None:
    give(lobby, *["library"] * 3)
    argv = [sys.executable, "-m", "staff", "--config", str(lobby.file), "next", "--json"]
    processes = [
        subprocess.Popen([*argv, "--counter", counter], stdout=subprocess.PIPE, text=True)
        for counter in ("1", "2", "3")
    ]
    tickets = [json.loads(process.communicate(timeout=50)[0])["ticket"] for process in processes]
    assert sorted(tickets) == ["K 001", "K 002", "K 003"]


def test_of_two_counters_that_call_one_ticket_one_is_told_who_has_it(lobby: Lobby) -> None:
    give(lobby, "library")
    argv = [sys.executable, "-m", "staff", "--config", str(lobby.file), "call", "K001", "--json"]
    processes = {
        counter: subprocess.Popen(
            [*argv, "--counter", counter],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        for counter in ("1", "2")
    }
    answers = {
        counter: json.loads(process.communicate(timeout=50)[0])
        for counter, process in processes.items()
    }
    assert sorted(process.returncode for process in processes.values()) == [0, 1]
    [winner] = [counter for counter, process in processes.items() if process.returncode == 0]
    [loser] = set(processes) - {winner}
    assert answers[winner]["ticket"] == "K 001"
    assert answers[loser]["error"] == "Another counter has this ticket"
    assert f"K 001 was called to counter {winner} at " in answers[loser]["message"]


# A chosen ticket


@pytest.mark.parametrize("words", ["K 001", "K001", "k1", "K-001", " k  01 "])
def test_a_ticket_is_understood_however_it_is_written(lobby: Lobby, words: str) -> None:
    give(lobby, "library")
    assert at(lobby, "call", words)["ticket"] == "K 001"


def test_a_ticket_need_not_be_put_in_quotes(lobby: Lobby) -> None:
    give(lobby, "library")
    assert at(lobby, "park", "K", "001")["ticket"] == "K 001"


@pytest.mark.parametrize("words", ["", "K", "001", "KK 1", "K 1x", "K 1234567", "ß1", "K ١"])
def test_what_is_no_ticket_is_said_to_be_none(lobby: Lobby, words: str) -> None:
    give(lobby, "library")
    assert refused(lobby, "call", words, code=2) == {
        "error": "This is no ticket",
        "message": f"“{words}” is not a letter and a number.",
        "hint": "Write it like K 017 or K17.",
    }


@pytest.mark.parametrize(
    "verb",
    [
        "call k2",
        "park k2",
        "resume k2",
        "transfer k2 --to health",
        "leave k2",
        "head-start k2 --none",
    ],
)
def test_a_ticket_that_nobody_has_is_said_to_be_none(lobby: Lobby, verb: str) -> None:
    give(lobby, "library")
    assert refused(lobby, *verb.split()) == {
        "error": "There is no such ticket",
        "message": "K 002 has not been given today.",
        "hint": "Check the letter and the number.",
    }


def test_a_chosen_ticket_is_called_and_ends_the_one_before(lobby: Lobby) -> None:
    give(lobby, "library", "library", "library")
    at(lobby, "next")
    call = at(lobby, "call", "K3")
    assert (call["ticket"], call["repeated"], call["finished"]) == ("K 003", False, "K 001")
    assert [state for _, state in states(lobby)] == ["served", "waiting", "called"]


def test_any_counter_may_call_a_ticket_of_any_unit(lobby: Lobby) -> None:
    give(lobby, "dental")
    assert at(lobby, "call", "C1")["unit"] == "dental"


def test_who_is_sent_back_waits_behind_all_others(lobby: Lobby) -> None:
    give(lobby, "library", "library")
    at(lobby, "next")
    assert at(lobby, "back")["state"] == "waiting"
    assert waiting(lobby) == ["K 002", "K 001"]


def test_a_ticket_is_parked_and_brought_back_to_its_place(lobby: Lobby) -> None:
    give(lobby, "library", "library")
    assert at(lobby, "park", "K1")["state"] == "parked"
    queue = at(lobby, "queue")
    assert [each["ticket"] for each in queue["waiting"]] == ["K 002"]
    assert [each["ticket"] for each in queue["parked"]] == ["K 001"]
    assert at(lobby, "resume", "K1")["state"] == "waiting"
    assert waiting(lobby) == ["K 001", "K 002"]


def test_a_parked_ticket_may_be_called(lobby: Lobby) -> None:
    give(lobby, "library")
    at(lobby, "next")
    at(lobby, "park")
    assert at(lobby, "call", "K1")["ticket"] == "K 001"


def test_a_transfer_keeps_the_place_and_says_why(lobby: Lobby) -> None:
    give(lobby, "library", "social")
    at(lobby, "next")
    errand = at(lobby, "transfer", "--to", "social", "--reason", "expert", "--return")
    assert errand.pop("since")
    assert errand == {
        "ticket": "K 001",
        "unit": "social",
        "counter": "3",
        "state": "waiting",
        "priority": None,
        "appointed_at": None,
        "origin": "library",
        "reason": "expert",
        "back_to": "library",
        "put_off": 0,
        "also": [],
        "counters": ["3"],  # which has just called, and serves it too
    }
    assert waiting(lobby, counter="7") == ["K 001", "E 001"]
    at(lobby, "next", counter="7")
    at(lobby, "finish", counter="7")
    assert states(lobby)[-1] == ("library", "waiting")


def test_a_ticket_that_waits_is_transferred_by_its_number(lobby: Lobby) -> None:
    give(lobby, "library")
    assert at(lobby, "transfer", "K1", "--to", "dental")["unit"] == "dental"


def test_who_leaves_stands_in_no_queue_any_more(lobby: Lobby) -> None:
    give(lobby, "library+health+social")
    assert at(lobby, "leave", "K1")["state"] == "left"
    assert {state for _, state in states(lobby)} == {"left"}


def test_a_head_start_is_given_and_taken_back(lobby: Lobby) -> None:
    give(lobby, "library", "library")
    assert at(lobby, "head-start", "K2", "--class", "infant")["priority"] == "infant"
    assert waiting(lobby) == ["K 002", "K 001"]
    assert at(lobby, "head-start", "K2", "--none")["priority"] is None
    assert waiting(lobby) == ["K 001", "K 002"]


@pytest.mark.parametrize(
    ("verbs", "refusal"),
    [
        (["next", "call K1"], "The ticket has been called"),
        (["next", "resume K1"], "The ticket has been called"),
        (["next", "leave K1"], "The ticket has been called"),
        (["next", "start", "head-start K1 --none"], "The service has already begun"),
        (["resume K1"], "The ticket is waiting"),
        (["park K1", "park K1"], "The ticket is parked"),
        (["leave K1", "call K1"], "The ticket has ended"),
        (["leave K1", "transfer K1 --to health"], "The ticket has ended"),
        (["transfer K1 --to library"], "The ticket is in that queue already"),
        (["undo"], "There is nothing to undo"),
        (["next", "undo", "undo"], "There is nothing to undo"),
    ],
)
def test_what_cannot_be_done_is_refused_with_the_reason(
    lobby: Lobby, verbs: list[str], refusal: str
) -> None:
    give(lobby, "library")
    *before, last = verbs
    for verb in before:
        at(lobby, *verb.split())
    assert refused(lobby, *last.split())["error"] == refusal


@pytest.mark.parametrize("verb", ["call K1", "park K1", "transfer K1 --to social", "leave K1"])
def test_who_is_at_another_counter_stays_there(lobby: Lobby, verb: str) -> None:
    give(lobby, "library")
    at(lobby, "next", counter="2")
    told = refused(lobby, *verb.split())
    assert told["error"] == "Another counter has this ticket"
    assert told["message"].startswith("K 001 was called to counter 2 at ")


@pytest.mark.parametrize("verb", ["call K1", "leave K1"])
def test_whose_other_errand_is_at_a_counter_stays_there(lobby: Lobby, verb: str) -> None:
    give(lobby, "library+health")
    at(lobby, "next", counter="4")
    assert refused(lobby, *verb.split())["error"] == "Another counter has this ticket"


def test_a_step_is_undone_and_said_which_it_was(lobby: Lobby) -> None:
    give(lobby, "library", "library")
    at(lobby, "next")
    at(lobby, "next")
    undone = at(lobby, "undo")
    assert undone.pop("since")
    assert undone == {
        "undone": "call",
        "ticket": "K 002",
        "unit": "library",
        "counter": "3",
        "state": "waiting",
        **NOTHING_SPECIAL,
    }
    assert at(lobby, "queue")["current"]["ticket"] == "K 001"


def test_what_another_counter_has_gone_on_with_is_not_undone(lobby: Lobby) -> None:
    give(lobby, "library")
    at(lobby, "next")
    at(lobby, "transfer", "--to", "dental")
    at(lobby, "next", counter="6")
    assert refused(lobby, "undo")["error"] == "Something has come after it"


# A ticket with several errands


def test_of_several_errands_the_one_of_this_counter_is_meant(lobby: Lobby) -> None:
    give(lobby, "health+library+dental")
    assert at(lobby, "call", "A1")["unit"] == "library"


def test_who_stands_at_the_counter_is_meant_with_that_errand(lobby: Lobby) -> None:
    give(lobby, "library+social")
    at(lobby, "next")
    assert at(lobby, "park", "K1")["unit"] == "library"
    # Of these two, only one is parked.
    assert at(lobby, "resume", "K1")["unit"] == "library"


def test_where_several_errands_can_be_meant_the_unit_must_be_said(lobby: Lobby) -> None:
    give(lobby, "library+social")
    assert refused(lobby, "call", "K1", code=2) == {
        "error": "The ticket has several errands",
        "message": "K 001 has one at each of: library, social.",
        "hint": "Say with --unit which one is meant.",
    }
    assert at(lobby, "call", "K1", "--unit", "social")["unit"] == "social"


def test_a_unit_that_the_ticket_has_no_errand_at_is_refused(lobby: Lobby) -> None:
    give(lobby, "library+social")
    assert refused(lobby, "park", "K1", "--unit", "dental") == {
        "error": "The ticket has no errand there",
        "message": "K 001 was never in the queue of “dental”.",
        "hint": "It has, or had, errands at: library, social.",
    }


# Looks


def test_the_queue_in_lines(lobby: Lobby) -> None:
    give(lobby, "library", "social")
    assert line(lobby, "queue").splitlines() == [
        "Counter 3: nobody",
        "Waiting: 2",
        "  K 001  library  0 min",
        "  E 001  social   0 min",
    ]
    at(lobby, "next")
    first, *_ = line(lobby, "queue").splitlines()
    assert first.startswith("Counter 3: K 001 (library), called since ")


def test_everybody_who_waits_is_counted_alike(lobby: Lobby) -> None:
    """One ticket stands in three queues, and counter 1 has it; another waits behind it."""
    give(lobby, "service-point+library+social", "library")
    at(lobby, "next", counter="1")

    # Residents, and who looks at the whole centre, see all who stand in a queue.
    board = lobby.run("display", "--once")
    centre = {each["unit"]: each["waiting"] for each in answer(lobby, "centre")["units"]}
    assert board["waiting"] == centre
    assert {unit: people for unit, people in centre.items() if people} == {
        "library": 2,
        "social": 1,
    }
    assert lobby.run("kiosk", "issue", "library")["ahead"] == 2

    # Whom a counter can call is told apart. It counts people: one ticket is one, wherever it waits.
    queue = at(lobby, "queue")
    assert [each["ticket"] for each in queue["waiting"]] == ["K 001", "K 002"]
    assert (queue["people"], queue["at_another_counter"]) == (3, 1)
    assert line(lobby, "queue").splitlines()[1] == "Waiting: 3, 1 at another counter"
    library = at(lobby, "queue", "--unit", "library")
    assert (library["people"], library["at_another_counter"]) == (3, 1)
    social = at(lobby, "queue", "--unit", "social")
    assert (social["waiting"], social["people"], social["at_another_counter"]) == ([], 1, 1)
    at(lobby, "finish", counter="1")
    queue = at(lobby, "queue")
    assert (len(queue["waiting"]), queue["people"], queue["at_another_counter"]) == (4, 3, 0)


@pytest.fixture
def long_open(tmp_path: Path) -> Lobby:
    """A centre whose service day has not just begun, at whatever time the tests run."""
    hour = Lobby(tmp_path).config.clock().now().hour
    return Lobby(tmp_path, {("centre", "day_starts"): "0:00" if hour >= 2 else "6:00"})


def test_the_queue_tells_all_that_is_special(long_open: Lobby) -> None:
    lobby = long_open
    give(lobby, "library+health", "social", ago=timedelta(minutes=12))
    at(lobby, "transfer", "E1", "--to", "library", "--reason", "wrong-queue", "--return")
    at(lobby, "head-start", "E1", "--class", "mobility")
    appointed = visit(lobby, "service-point")
    at(lobby, "park", "P1")

    queue = at(lobby, "queue")
    first, second = queue["waiting"]
    assert first["since"]
    # Of the visit, and not only in this queue.
    assert 12 * 60 <= first["seconds"] < 13 * 60
    assert {key: first[key] for key in first if key not in {"since", "seconds"}} == {
        "ticket": "E 001",
        "unit": "library",
        "state": "waiting",
        "priority": "mobility",
        "appointed_at": None,
        "origin": "social",
        "reason": "wrong-queue",
        "back_to": "social",
        "put_off": 0,
        "also": [],
    }
    assert (second["ticket"], second["also"]) == ("K 001", ["health"])
    assert 12 * 60 <= second["seconds"] < 13 * 60
    [parked] = queue["parked"]
    assert datetime.fromisoformat(parked["appointed_at"]) == appointed

    special = "head start: mobility, from social: wrong-queue, then back to social"
    assert line(lobby, "queue").splitlines() == [
        "Counter 3: nobody",
        "Waiting: 2",
        f"  E 001  library  12 min  {special}",
        "  K 001  library  12 min  also health",
        "Parked: 1",
        f"  P 001  service-point  0 min  appointment at {appointed:%H:%M}",
    ]


def visit(lobby: Lobby, unit: str) -> datetime:
    """Check in for an appointment of now; return its time."""
    clock = lobby.config.clock()
    appointment = Appointment(
        code="AB123", unit=UnitId(unit), at=clock.now().replace(microsecond=0)
    )

    async def check_in() -> None:
        async with open_store(lobby.config, clock) as store:
            await store.import_appointments([appointment])
            series = lobby.config.unit(unit).series
            await store.check_in(appointment, series=series, language="fi")

    asyncio.run(check_in())
    return appointment.at


def test_the_queue_of_another_unit(lobby: Lobby) -> None:
    give(lobby, "dental", "library")
    assert waiting(lobby, "--unit", "dental") == ["C 001"]
    assert waiting(lobby, "--unit", "health") == []
    assert refused(lobby, "queue", "--unit", "x", code=2)["error"] == "There is no such unit"


def test_the_whole_centre_in_one_look(long_open: Lobby) -> None:
    lobby = long_open
    give(lobby, "library", "health", ago=timedelta(minutes=12))
    give(lobby, "library", "health")
    at(lobby, "next", counter="4")

    units = {unit["unit"]: unit for unit in answer(lobby, "centre")["units"]}
    assert list(units) == [unit.id for unit in lobby.config.units]
    library = units["library"]
    assert 12 * 60 <= library.pop("longest_seconds") < 13 * 60
    assert library == {
        "unit": "library",
        "waiting": 2,
        "parked": 0,
        "target_seconds": 600,
        "over_target": True,
        "counters": [],
        "configured": True,
    }
    health = units["health"]
    assert health.pop("longest_seconds") < 60
    assert health == {
        "unit": "health",
        "waiting": 1,
        "parked": 0,
        "target_seconds": 1800,
        "over_target": False,
        "counters": ["4"],
        "configured": True,
    }
    assert (units["dental"]["waiting"], units["dental"]["longest_seconds"]) == (0, 0)

    assert run(lobby, "centre").stdout.splitlines()[:4] == [
        "unit           waiting  longest  target  counters",
        "service-point        0        –  10 min  none",
        "library              2   12 min  10 min  none      over target",
        "health               1    0 min  30 min  4",
    ]


# A configuration that was edited


@pytest.fixture
def without_home_care(lobby: Lobby) -> Lobby:
    """Two people wait for home care; then its unit is called something else."""
    give(lobby, "home-care", "home-care")
    text = lobby.file.read_text(encoding="utf-8")
    lobby.file.write_text(text.replace('"home-care"', '"home-help"'), encoding="utf-8")
    return lobby


def test_people_of_a_removed_unit_are_still_shown(without_home_care: Lobby) -> None:
    lobby = without_home_care
    last = answer(lobby, "centre")["units"][-1]
    assert last.pop("longest_seconds") < 60
    assert last == {
        "unit": "home-care",
        "waiting": 2,
        "parked": 0,
        "target_seconds": None,
        "over_target": False,
        "counters": [],
        "configured": False,
    }
    *_, last_line = run(lobby, "centre").stdout.splitlines()
    assert last_line == (
        "home-care            2    0 min       –  none      not in the configuration any more"
    )


def test_whoever_looks_at_a_queue_is_warned_of_a_removed_unit(without_home_care: Lobby) -> None:
    lobby = without_home_care
    at(lobby, "park", "D1")
    for unit in ("library", "home-care"):
        done = run(lobby, "queue", "--unit", unit, "--counter", "3", "--json")
        assert done.returncode == 0
        assert done.stderr == (
            "unit home-care: 1 waiting, 1 parked; not in the configuration any more\n"
        )
    assert [each["ticket"] for each in json.loads(done.stdout)["waiting"]] == ["D 002"]


@pytest.mark.parametrize(
    ("verb", "unit", "state"),
    [
        ("park D1", "home-care", "parked"),
        ("transfer D1 --to home-help", "home-help", "waiting"),
        ("leave D1", "home-care", "left"),
        ("head-start D1 --class urgent", "home-care", "waiting"),
    ],
)
def test_people_of_a_removed_unit_are_not_stuck(
    without_home_care: Lobby, verb: str, unit: str, state: str
) -> None:
    errand = at(without_home_care, *verb.split())
    assert (errand["ticket"], errand["unit"], errand["state"]) == ("D 001", unit, state)


def test_people_of_a_removed_unit_are_called_and_served(without_home_care: Lobby) -> None:
    lobby = without_home_care
    assert at(lobby, "call", "D2")["unit"] == "home-care"
    assert at(lobby, "finish")["state"] == "served"


def test_who_is_parked_at_a_removed_unit_is_shown_and_called(without_home_care: Lobby) -> None:
    lobby = without_home_care
    for ticket in ("D1", "D2"):
        at(lobby, "park", ticket)
    last = answer(lobby, "centre")["units"][-1]
    assert (last["unit"], last["waiting"], last["parked"]) == ("home-care", 0, 2)
    *_, last_line = run(lobby, "centre").stdout.splitlines()
    assert last_line == (
        "home-care            0        –       –  none      "
        "2 parked, not in the configuration any more"
    )
    assert at(lobby, "resume", "D1")["state"] == "waiting"
    assert at(lobby, "call", "D2")["unit"] == "home-care"


@pytest.fixture
def without_counter_2(lobby: Lobby) -> Lobby:
    """Somebody is called to counter 2; then that counter is called something else."""
    give(lobby, "library", "library")
    at(lobby, "next", counter="2")
    text = lobby.file.read_text(encoding="utf-8")
    lobby.file.write_text(text.replace('id = "2"', 'id = "12"'), encoding="utf-8")
    return lobby


@pytest.mark.parametrize(
    ("verb", "state"),
    [
        ("finish", "served"),
        ("no-show", "no_show"),
        ("back", "waiting"),
        ("park", "parked"),
        ("park K1", "parked"),
        ("transfer --to health", "waiting"),
    ],
)
def test_whoever_is_at_a_removed_counter_is_let_go_there(
    without_counter_2: Lobby, verb: str, state: str
) -> None:
    errand = at(without_counter_2, *verb.split(), counter="2")
    assert (errand["ticket"], errand["state"]) == ("K 001", state)
    told = run(without_counter_2, *verb.split(), "--counter", "2")
    assert (told.returncode, "“2” is not known. Known: 1, 12, 3" in told.stderr) == (2, True)


@pytest.mark.parametrize("verb", ["next", "call K2", "recall", "start", "queue", "break"])
def test_nothing_else_is_done_at_a_removed_counter(without_counter_2: Lobby, verb: str) -> None:
    told = run(without_counter_2, *verb.split(), "--counter", "2", "--json")
    assert told.returncode == 2
    assert json.loads(told.stdout) == {
        "error": "There is no such counter",
        "message": "“2” is not in the configuration any more, but K 001 is still there.",
        "hint": "End that with finish, no-show, back, park or transfer --counter 2.",
    }
    assert states(without_counter_2) == [("library", "called"), ("library", "waiting")]


def test_how_somebody_was_let_go_at_a_removed_counter_is_undone_there(
    without_counter_2: Lobby,
) -> None:
    lobby = without_counter_2
    at(lobby, "finish", counter="2")
    undone = at(lobby, "undo", counter="2")
    assert (undone["ticket"], undone["undone"], undone["state"]) == ("K 001", "finish", "called")
    assert at(lobby, "park", counter="2")["state"] == "parked"


def test_a_call_to_a_removed_counter_is_undone_there(without_counter_2: Lobby) -> None:
    assert at(without_counter_2, "undo", counter="2")["undone"] == "call"
    assert states(without_counter_2) == [("library", "waiting"), ("library", "waiting")]


def test_at_a_removed_counter_it_is_said_why_nothing_is_undone(without_counter_2: Lobby) -> None:
    lobby = without_counter_2
    at(lobby, "back", counter="2")
    at(lobby, "call", "K1")
    told = run(lobby, "undo", "--counter", "2", "--json")
    assert told.returncode == 1
    assert json.loads(told.stdout)["message"] == (
        "K 001 has gone on since the last step of counter 2."
    )


def test_a_look_at_the_centre_tells_who_is_at_a_removed_counter(without_counter_2: Lobby) -> None:
    lobby = without_counter_2
    [stranded] = answer(lobby, "centre")["stranded"]
    assert (stranded["counter"], stranded["ticket"], stranded["state"]) == ("2", "K 001", "called")
    *_, last_line = run(lobby, "centre").stdout.splitlines()
    assert last_line.startswith("counter 2: K 001 (library), called since ")
    assert last_line.endswith("; not in the configuration any more")
    at(lobby, "finish", counter="2")
    assert answer(lobby, "centre")["stranded"] == []


def test_a_reason_or_a_class_that_was_removed_is_still_shown(lobby: Lobby) -> None:
    give(lobby, "library")
    at(lobby, "transfer", "K1", "--to", "social", "--reason", "expert")
    at(lobby, "head-start", "K1", "--class", "urgent")
    text = lobby.file.read_text(encoding="utf-8")
    lobby.file.write_text(text.replace('"expert"', '"x"').replace('"urgent"', '"y"'))
    [errand] = at(lobby, "queue")["waiting"]
    assert (errand["reason"], errand["priority"]) == ("expert", "urgent")


# Paper


@pytest.fixture
def with_printer(lobby: Lobby) -> Lobby:
    with lobby.file.open("a", encoding="utf-8") as file:
        file.write('[printer]\ntype = "network"\nhost = "127.0.0.1"\n')
    return lobby


def printouts(lobby: Lobby) -> list[str]:
    """Return which tickets shall be printed again, in the order asked."""
    rows = lobby.rows("SELECT series, number FROM printout JOIN ticket ON ticket.id = ticket")
    return [f"{series}{number}" for series, number in rows]


def test_a_ticket_is_printed_again(with_printer: Lobby) -> None:
    lobby = with_printer
    give(lobby, "library", "library", "health")
    assert answer(lobby, "print", "K1") == {"ticket": "K 001", "fault": None, "since": None}
    assert run(lobby, "print").stdout == "A 001 is printed again\n"  # the newest
    at(lobby, "call", "K2")
    assert at(lobby, "print")["ticket"] == "K 002"  # whoever is at the counter
    assert at(lobby, "print", counter="1")["ticket"] == "A 001"  # where nobody is
    assert at(lobby, "print", "K", "001")["ticket"] == "K 001"
    assert printouts(lobby) == ["K1", "A1", "K2", "A1", "K1"]


def test_what_is_wrong_with_the_printer_is_told_with_it(with_printer: Lobby) -> None:
    lobby = with_printer
    give(lobby, "library")

    async def report() -> None:
        async with open_store(lobby.config, lobby.config.clock()) as store:
            await store.report_printer("The printer is out of paper")

    asyncio.run(report())
    told = answer(lobby, "print")
    assert (told["ticket"], told["fault"]) == ("K 001", "The printer is out of paper")
    since = datetime.fromisoformat(told["since"])
    assert run(lobby, "print").stdout == (
        f"K 001 goes to the printer. The printer is out of paper, since {since:%H:%M}\n"
    )
    assert printouts(lobby) == ["K1", "K1"]


def test_a_day_without_tickets_has_nothing_to_print(with_printer: Lobby) -> None:
    assert waiting(with_printer) == []
    assert refused(with_printer, "print")["error"] == "There is nothing to print"
    assert refused(with_printer, "print", "K1")["error"] == "There is no such ticket"


def test_without_a_printer_nothing_is_printed(lobby: Lobby) -> None:
    give(lobby, "library")
    assert refused(lobby, "print", code=2)["error"] == "There is no printer"
    assert printouts(lobby) == []


# Command lines that cannot be used


@pytest.mark.parametrize("verb", [["next"], ["queue"], ["undo"], ["centre"], []])
def test_an_unknown_counter_names_those_that_there_are(lobby: Lobby, verb: list[str]) -> None:
    done = run(lobby, "--counter", "12", *verb)
    assert done.returncode == 2
    assert done.stdout == ""
    assert "“12” is not known. Known: 1, 2, 3, 4, 5, 6, 7." in done.stderr


def test_an_unknown_counter_as_json(lobby: Lobby) -> None:
    done = run(lobby, "next", "--counter", "12", "--json")
    assert done.returncode == 2
    assert json.loads(done.stdout)["hint"] == "Known: 1, 2, 3, 4, 5, 6, 7."


@pytest.mark.parametrize("arguments", ["", "next", "queue", "print", "centre"])
def test_a_wrong_configuration_is_told_before_anything_is_done(
    lobby: Lobby, arguments: str
) -> None:
    text = (ROOT / "config.toml").read_text(encoding="utf-8")
    lobby.file.write_text(text.replace('holidays = "FI"', 'holidays = "XX"'), encoding="utf-8")
    done = run(lobby, *arguments.split(), "--counter", "3")
    assert (done.returncode, done.stdout) == (2, "")
    assert f"{lobby.file}: [centre] holidays is “XX”" in done.stderr
    assert list(lobby.file.parent.iterdir()) == [lobby.file]


@pytest.mark.parametrize(
    ("arguments", "error", "hint"),
    [
        (
            "transfer K1 --to x",
            "There is no such unit",
            "Known: service-point, library, health, maternity, dental, home-care, social.",
        ),
        (
            "transfer K1 --to health --reason x",
            "There is no such reason",
            "Known: wrong-queue, next-step, expert, document.",
        ),
        ("head-start K1 --class x", "There is no such class", "Known: infant, mobility, urgent."),
    ],
)
def test_an_unknown_name_names_those_that_there_are(
    lobby: Lobby, arguments: str, error: str, hint: str
) -> None:
    give(lobby, "library")
    assert refused(lobby, *arguments.split(), code=2) == {
        "error": error,
        "message": "“x” is not known.",
        "hint": hint,
    }


@pytest.mark.parametrize(
    "arguments",
    [
        "next",
        "queue --json",
        "nonsense",
        "call --counter 3",
        "resume --counter 3",
        "leave --counter 3",
        "transfer K1 --counter 3",
        "head-start K1 --counter 3",
        "head-start K1 --class infant --none --counter 3",
        "next K1 --counter 3",
        "centre --unit library",
    ],
)
def test_a_command_line_that_cannot_be_used(lobby: Lobby, arguments: str) -> None:
    done = run(lobby, *arguments.split())
    assert done.returncode == 2
    assert done.stdout == ""
    assert "usage: vuoro-staff" in done.stderr


@pytest.mark.parametrize("verb", ["next", "queue", "transfer K1 --to health"])
def test_a_command_does_not_load_what_only_screens_need(lobby: Lobby, verb: str) -> None:
    give(lobby, "library")
    assert HEAVY & loaded(lobby, *verb.split(), "--counter", "3") == set()


def test_a_look_at_the_centre_does_not_load_it_either(lobby: Lobby) -> None:
    assert HEAVY & loaded(lobby, "centre") == set()


def loaded(lobby: Lobby, *arguments: str) -> set[str]:
    """Run a command; return which packages it has loaded."""
    script = (
        "import runpy, sys\n"
        "try: runpy.run_module('staff', run_name='__main__')\n"
        "finally: print(*sys.modules, file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, "--config", lobby.file, *arguments, "--json"],
        check=True,
        capture_output=True,
        text=True,
    )
    assert json.loads(done.stdout)
    return {name.partition(".")[0] for name in done.stderr.split()}


# The counter that a console has open


@pytest.fixture
def console(lobby: Lobby) -> Iterator[Terminal]:
    """A console that has counter 3 open."""
    with lobby.terminal("staff", "--counter", "3") as console:
        console.until("Tiski 3")
        yield console


@pytest.mark.usefixtures("console")
def test_a_counter_has_a_break_and_ends_it(lobby: Lobby) -> None:
    told = at(lobby, "break")
    since = told.pop("break_since")
    assert since
    assert told == {"counter": "3", "open": True}
    assert "has had a break since" in refused(lobby, "break")["message"]
    assert counters(lobby, "library") == []

    assert at(lobby, "break", "--end") == {"counter": "3", "open": True, "break_since": None}
    assert counters(lobby, "library") == ["3"]
    assert refused(lobby, "break", "--end")["error"] == "The counter has no break"


def counters(lobby: Lobby, unit: str) -> Any:
    """Return which counters serve the unit now."""
    units = answer(lobby, "centre")["units"]
    return next(each["counters"] for each in units if each["unit"] == unit)


@pytest.mark.usefixtures("console")
def test_a_break_in_words(lobby: Lobby) -> None:
    assert line(lobby, "break").startswith("Counter 3 has had a break since ")
    assert line(lobby, "break", "--end") == "Counter 3 is open\n"
    assert line(lobby, "close") == "Counter 3 is closed\n"


@pytest.mark.usefixtures("console")
@pytest.mark.parametrize("verb", [["next"], ["call", "K1"]])
def test_whoever_calls_has_no_break_any_longer(lobby: Lobby, verb: list[str]) -> None:
    give(lobby, "library")
    at(lobby, "break")
    at(lobby, *verb)
    assert lobby.rows("SELECT break_since FROM counter") == [(None,)]


def test_a_counter_is_closed_at_its_console(lobby: Lobby, console: Terminal) -> None:
    assert at(lobby, "close") == {"counter": "3", "open": False, "break_since": None}
    console.until("Tiski 3 ei ole enää käytössä tässä.")
    assert counters(lobby, "library") == []


@pytest.mark.usefixtures("console")
def test_a_counter_with_somebody_at_it_is_not_closed(lobby: Lobby) -> None:
    give(lobby, "library")
    at(lobby, "next")
    assert refused(lobby, "close") == {
        "error": "Somebody is at the counter",
        "message": "K 001 is still at counter 3.",
        "hint": "Finish or park it first.",
    }
    assert lobby.rows("SELECT id FROM counter WHERE session IS NOT NULL") == [("3",)]


@pytest.mark.parametrize("verb", ["break", "break --end", "close"])
def test_a_counter_that_no_console_has_open_can_have_no_break(lobby: Lobby, verb: str) -> None:
    give(lobby, "library")
    assert refused(lobby, *verb.split()) == {
        "error": "The counter is not open",
        "message": "No console has counter 3 open.",
        "hint": "Open it with vuoro-staff --counter 3; a button needs no open counter.",
    }


# The console as a process


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_the_console_and_closes_the_counter(
    lobby: Lobby, number: signal.Signals
) -> None:
    with lobby.terminal("staff", "--counter", "3") as console:
        console.until("Tiski 3")
        assert lobby.rows("SELECT id FROM counter WHERE session IS NOT NULL") == [("3",)]
        os.kill(console.pid, number)
        assert console.wait() == 0
    assert lobby.rows("SELECT id FROM counter WHERE session IS NOT NULL") == []


def test_a_console_that_was_killed_has_its_counter_open_no_more(lobby: Lobby) -> None:
    with lobby.terminal("staff", "--counter", "3") as console:
        console.until("Tiski 3")
        console.kill()
    assert lobby.rows("SELECT id FROM counter WHERE session IS NOT NULL") == [("3",)]
    with lobby.terminal("staff", "--counter", "3") as console:
        console.until("Tiski 3")
        console.press("q")
        assert console.wait() == 0
