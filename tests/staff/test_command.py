"""``vuoro-staff`` as a command: real processes over a real queue."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from shared.model import UnitId
from shared.store import open_store
from tools.lobby import Lobby

HEAVY = {"textual", "rich", "PIL", "qrcode", "babel"}


@pytest.fixture
def lobby(tmp_path: Path) -> Lobby:
    return Lobby(tmp_path)


def run(lobby: Lobby, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "staff", "--config", str(lobby.file), *arguments],
        check=False,
        capture_output=True,
        text=True,
        timeout=30,
    )


def answer(lobby: Lobby, *arguments: str) -> Any:
    done = run(lobby, *arguments, "--json")
    assert (done.returncode, done.stderr) == (0, "")
    return json.loads(done.stdout)


def give(lobby: Lobby, *units: str) -> None:
    """Give a ticket for each of the units."""

    async def issue() -> None:
        async with open_store(lobby.config, lobby.config.clock()) as store:
            for name in units:
                series = lobby.config.unit(name).series
                await store.issue([UnitId(name)], series=series, language="fi")

    asyncio.run(issue())


def test_a_visit_by_commands(lobby: Lobby) -> None:
    give(lobby, "library", "social", "library")

    call = answer(lobby, "next", "--counter", "3")
    assert call.pop("at")
    assert call == {
        "ticket": "K 001",
        "unit": "library",
        "counter": "3",
        "call": 4,
        "repeated": False,
    }
    again = answer(lobby, "recall", "--counter", "3")
    assert (again["ticket"], again["call"], again["repeated"]) == ("K 001", 5, True)

    queue = answer(lobby, "queue", "--counter", "3")
    assert queue["counter"] == "3"
    assert (queue["current"]["ticket"], queue["current"]["state"]) == ("K 001", "called")
    assert [(each["ticket"], each["unit"]) for each in queue["waiting"]] == [
        ("E 001", "social"),
        ("K 002", "library"),
    ]
    assert all(each["since"] and 0 <= each["seconds"] < 60 for each in queue["waiting"])

    for verb, state in [("start", "serving"), ("finish", "served")]:
        errand = answer(lobby, verb, "--counter", "3")
        assert errand.pop("since")
        assert errand == {"ticket": "K 001", "unit": "library", "counter": "3", "state": state}
    assert answer(lobby, "next", "--counter", "3")["ticket"] == "E 001"
    assert answer(lobby, "no-show", "--counter", "3")["state"] == "no_show"
    assert answer(lobby, "queue", "--counter", "3")["current"] is None


@pytest.mark.parametrize(
    ("verb", "line"),
    [
        ("recall", "K 001 (library) called again to counter 3\n"),
        ("start", "K 001 (library) being served at counter 3\n"),
        ("finish", "K 001 (library) finished at counter 3\n"),
        ("no-show", "K 001 (library) did not come to counter 3\n"),
        ("next", "K 002 (library) called to counter 3\n"),
    ],
)
def test_without_json_a_line_tells(lobby: Lobby, verb: str, line: str) -> None:
    give(lobby, "library", "library")
    answer(lobby, "next", "--counter", "3")
    done = run(lobby, verb, "--counter", "3")
    assert (done.returncode, done.stdout, done.stderr) == (0, line, "")


def test_the_queue_in_lines(lobby: Lobby) -> None:
    give(lobby, "library", "social")
    done = run(lobby, "queue", "--counter", "3")
    assert done.stdout.splitlines() == [
        "Counter 3: nobody",
        "Waiting: 2",
        "  K 001 (library), 0 min",
        "  E 001 (social), 0 min",
    ]
    answer(lobby, "next", "--counter", "3")
    first, *_ = run(lobby, "queue", "--counter", "3").stdout.splitlines()
    assert first.startswith("Counter 3: K 001 (library), called since ")


@pytest.mark.parametrize("arguments", [["--counter", "3", "next"], ["next", "--counter", "3"]])
def test_the_counter_may_stand_before_the_verb_or_after(lobby: Lobby, arguments: list[str]) -> None:
    give(lobby, "library")
    assert answer(lobby, *arguments)["counter"] == "3"


def test_nobody_waiting_is_a_refusal(lobby: Lobby) -> None:
    done = run(lobby, "next", "--counter", "3", "--json")
    assert done.returncode == 1
    assert json.loads(done.stdout) == {
        "error": "Nobody is waiting",
        "message": "Nobody waits for counter 3.",
        "hint": "Call again when someone has taken a number.",
    }
    assert done.stderr.startswith("Nobody is waiting: Nobody waits for counter 3.")


@pytest.mark.parametrize("verb", ["recall", "start", "finish", "no-show"])
def test_a_verb_without_anyone_at_the_counter_is_refused(lobby: Lobby, verb: str) -> None:
    give(lobby, "library")
    done = run(lobby, verb, "--counter", "3", "--json")
    assert done.returncode == 1
    assert json.loads(done.stdout)["error"] == "Nobody is at the counter"
    assert lobby.rows("SELECT state FROM errand") == [("waiting",)]


@pytest.mark.parametrize("verb", [["next"], ["queue"], []])
def test_an_unknown_counter_names_those_that_there_are(lobby: Lobby, verb: list[str]) -> None:
    done = run(lobby, *verb, "--counter", "12")
    assert done.returncode == 2
    assert done.stdout == ""
    assert "“12” is not known. Known: 1, 2, 3, 4, 5, 6, 7." in done.stderr


def test_an_unknown_counter_as_json(lobby: Lobby) -> None:
    done = run(lobby, "next", "--counter", "12", "--json")
    assert done.returncode == 2
    assert json.loads(done.stdout)["hint"] == "Known: 1, 2, 3, 4, 5, 6, 7."


@pytest.mark.parametrize("arguments", [["next"], ["queue", "--json"], ["nonsense"]])
def test_a_command_line_that_cannot_be_used(lobby: Lobby, arguments: list[str]) -> None:
    done = run(lobby, *arguments)
    assert done.returncode == 2
    assert done.stdout == ""
    assert "usage: vuoro-staff" in done.stderr


@pytest.mark.parametrize("verb", ["next", "queue"])
def test_a_command_does_not_load_what_only_screens_need(lobby: Lobby, verb: str) -> None:
    give(lobby, "library")
    script = (
        "import runpy, sys\n"
        "try: runpy.run_module('staff', run_name='__main__')\n"
        "finally: print(*sys.modules, file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, "--config", lobby.file, verb, "--counter", "3", "--json"],
        check=True,
        capture_output=True,
        text=True,
    )
    assert json.loads(done.stdout)["counter"] == "3"
    assert HEAVY & {name.partition(".")[0] for name in done.stderr.split()} == set()


def test_two_counters_at_the_same_moment_get_two_tickets(lobby: Lobby) -> None:
    give(lobby, *["library"] * 12)
    argv = [sys.executable, "-m", "staff", "--config", str(lobby.file), "next", "--json"]
    processes = [
        subprocess.Popen([*argv, "--counter", counter], stdout=subprocess.PIPE, text=True)
        for counter in ("1", "2", "3") * 4
    ]
    tickets = [json.loads(process.communicate(timeout=50)[0])["ticket"] for process in processes]
    assert sorted(tickets) == [f"K {number:03}" for number in range(1, 13)]


# The console as a process


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_the_console_and_closes_the_counter(
    lobby: Lobby, number: signal.Signals
) -> None:
    with lobby.terminal("staff", "--counter", "3") as console:
        console.until("Tiski 3")
        assert lobby.rows("SELECT id FROM counter") == [("3",)]
        os.kill(console.pid, number)
        assert console.wait() == 0
    assert lobby.rows("SELECT id FROM counter") == []


def test_a_console_that_was_killed_has_its_counter_open_no_more(lobby: Lobby) -> None:
    with lobby.terminal("staff", "--counter", "3") as console:
        console.until("Tiski 3")
        console.kill()
    assert lobby.rows("SELECT id FROM counter") == [("3",)]
    with lobby.terminal("staff", "--counter", "3") as console:
        console.until("Tiski 3")
        console.press("q")
        assert console.wait() == 0
