"""``vuoro-kiosk`` as a script meets it: real processes, exit codes, one JSON object."""

from __future__ import annotations

import asyncio
import json
import os
import re
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from shared.config import load_config
from shared.model import Appointment, CounterId, UnitId
from shared.store import open_store
from tests.conftest import ROOT


@pytest.fixture
def centre(tmp_path: Path) -> Path:
    """The real configuration in a folder of this test's own: its queue is empty.

    Most units are open at any hour; the dental clinic never is.
    """
    text = (ROOT / "config.toml").read_text(encoding="utf-8")
    text = re.sub(r"^hours = .*\n", "", text, flags=re.MULTILINE)
    text = text.replace('id = "dental"\n', 'id = "dental"\nhours = "never"\n')
    text += '\n[[timetables]]\nid = "never"\n'
    (tmp_path / "config.toml").write_text(text, encoding="utf-8")
    return tmp_path


def book(folder: Path, unit: str, *codes: str) -> None:
    """Make appointments for today."""
    config = load_config(folder / "config.toml")
    clock = config.clock()

    async def booked() -> None:
        async with open_store(config, clock) as store:
            await store.import_appointments(
                [Appointment(code=code, unit=UnitId(unit), at=clock.now()) for code in codes]
            )

    asyncio.run(booked())


def run(folder: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "kiosk", *arguments],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT), "VUORO_CONFIG": "", **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def test_it_gives_a_number(centre: Path) -> None:
    first = run(centre, "issue", "library", "--language", "sv", "--json")
    assert first.returncode == 0, first.stderr
    ticket = json.loads(first.stdout)
    assert ticket["ticket"] == "K 001"
    assert (ticket["series"], ticket["number"], ticket["unit"]) == ("K", 1, "library")
    assert ticket["language"] == "sv"
    assert ticket["ahead"] == 0
    assert len(ticket["token"]) >= 12
    second = json.loads(run(centre, "issue", "library", "--json").stdout)
    assert (second["ticket"], second["ahead"]) == ("K 002", 1)
    assert second["token"] != ticket["token"]
    assert (centre / "var" / "queue.db").exists()


def test_it_tells_of_each_queue(centre: Path) -> None:
    run(centre, "issue", "health")
    done = run(centre, "issue", "library", "health", "social", "library", "--json")
    ticket = json.loads(done.stdout)
    assert (ticket["ticket"], ticket["unit"], ticket["ahead"]) == ("K 001", "library", 1)
    assert ticket["units"] == [
        {"unit": "library", "ahead": 0, "estimate_minutes": None},
        {"unit": "health", "ahead": 1, "estimate_minutes": None},
        {"unit": "social", "ahead": 0, "estimate_minutes": None},
    ]


def test_it_tells_how_long_the_wait_may_be(centre: Path) -> None:
    config = load_config(centre / "config.toml")

    async def issue() -> subprocess.CompletedProcess[str]:
        async with open_store(config, config.clock()) as store:
            await store.open_counter(CounterId("2"))  # it is open as long as this process lives
            return run(centre, "issue", "library", "health", "--json")

    ticket = json.loads(asyncio.run(issue()).stdout)
    assert [unit["estimate_minutes"] for unit in ticket["units"]] == [[0, 2], None]


def test_a_reason_to_be_called_sooner_goes_with_the_ticket(centre: Path) -> None:
    assert run(centre, "issue", "library", "--priority", "urgent").returncode == 0
    with closing(sqlite3.connect(centre / "var" / "queue.db")) as database:
        assert database.execute("SELECT priority FROM ticket").fetchall() == [("urgent",)]


def test_a_closed_unit_gives_no_ticket(centre: Path) -> None:
    done = run(centre, "issue", "library", "dental", "--json")
    assert done.returncode == 1
    answer = json.loads(done.stdout)
    assert answer["error"]
    assert "Dental clinic" in answer["message"]
    assert answer["hint"]
    assert run(centre, "issue", "library").stdout == "K 001\n"


def test_a_code_gives_a_number_once(centre: Path) -> None:
    book(centre, "dental", "AB12")
    done = run(centre, "check-in", "ab-12", "--language", "en", "--json")
    assert done.returncode == 0, done.stderr
    ticket = json.loads(done.stdout)
    assert (ticket["ticket"], ticket["unit"], ticket["language"]) == ("C 001", "dental", "en")
    assert ticket["appointed_at"]
    assert ticket["units"] == [{"unit": "dental", "ahead": 0, "estimate_minutes": None}]
    again = run(centre, "check-in", "AB12", "--json")
    assert again.returncode == 1
    assert "AB12" in json.loads(again.stdout)["message"]
    assert "Traceback" not in again.stderr


def test_check_in_without_json_says_the_number(centre: Path) -> None:
    book(centre, "library", "7")
    assert run(centre, "check-in", "7").stdout == "K 001\n"
    assert run(centre, "check-in", "8").returncode == 1


def test_without_json_it_says_the_number(centre: Path) -> None:
    assert run(centre, "issue", "library").stdout == "K 001\n"


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["issue", "libary", "--json"], "service-point, library, health"),
        (["issue", "library", "--language", "de", "--json"], "fi, sv, en"),
        (["issue", "library", "libary", "--json"], "libary"),
        (["issue", "library", "--priority", "vip", "--json"], "infant, mobility, urgent"),
        (["check-in", "AB12", "--language", "de", "--json"], "fi, sv, en"),
        (["--config", "nowhere.toml", "issue", "library", "--json"], "nowhere.toml"),
    ],
)
def test_what_it_cannot_use_is_named(centre: Path, arguments: list[str], told: str) -> None:
    done = run(centre, *arguments)
    assert done.returncode == 2
    assert told in done.stderr
    assert "Traceback" not in done.stderr
    answer = json.loads(done.stdout)
    assert answer["error"]
    assert answer["hint"]


@pytest.mark.parametrize(("verb", "missing"), [("issue", "UNIT"), ("check-in", "CODE")])
def test_usage_is_told(centre: Path, verb: str, missing: str) -> None:
    done = run(centre, verb)
    assert done.returncode == 2
    assert missing in done.stderr


def test_the_environment_names_the_configuration(centre: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    done = run(elsewhere, "issue", "library", VUORO_CONFIG=str(centre / "config.toml"))
    assert (done.returncode, done.stdout) == (0, "K 001\n")


def test_a_queue_that_cannot_be_used_is_a_refusal(centre: Path) -> None:
    (centre / "var").mkdir()
    (centre / "var" / "queue.db").write_text("This is a letter, not a database. " * 99)
    done = run(centre, "issue", "library", "--json")
    assert done.returncode == 1
    answer = json.loads(done.stdout)
    assert "queue.db" in answer["message"]
    assert answer["hint"]
    assert "Traceback" not in done.stderr


def test_version_and_help(centre: Path) -> None:
    assert run(centre, "--version").stdout.startswith("vuoro-kiosk ")
    told = run(centre, "--help").stdout
    assert "issue" in told
    assert "check-in" in told


@pytest.mark.parametrize("verb", [["issue", "library", "health"], ["check-in", "AB12"]])
def test_it_does_without_the_screens_libraries(centre: Path, verb: list[str]) -> None:
    book(centre, "library", "AB12")
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "kiosk", *verb],
        cwd=centre,
        env={**os.environ, "PYTHONPATH": str(ROOT), "VUORO_CONFIG": ""},
        capture_output=True,
        text=True,
        check=True,
    )
    loaded = {line.split("|")[-1].strip() for line in done.stderr.splitlines()}
    assert "aiosqlite" in loaded
    assert not loaded & {"textual", "rich", "PIL", "qrcode", "babel"}
