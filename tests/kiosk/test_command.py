"""``vuoro-kiosk issue`` as a script meets it: real processes, exit codes, one JSON object."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT


@pytest.fixture
def centre(tmp_path: Path) -> Path:
    """The real configuration in a folder of this test's own: its queue is empty."""
    text = (ROOT / "config.toml").read_text(encoding="utf-8")
    (tmp_path / "config.toml").write_text(text, encoding="utf-8")
    return tmp_path


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


def test_without_json_it_says_the_number(centre: Path) -> None:
    assert run(centre, "issue", "library").stdout == "K 001\n"


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["issue", "libary", "--json"], "service-point, library, health"),
        (["issue", "library", "--language", "de", "--json"], "fi, sv, en"),
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


def test_usage_is_told(centre: Path) -> None:
    done = run(centre, "issue")
    assert done.returncode == 2
    assert "UNIT" in done.stderr


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
    assert "issue" in run(centre, "--help").stdout


def test_it_does_without_the_screens_libraries(centre: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "kiosk", "issue", "library"],
        cwd=centre,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )
    loaded = {line.split("|")[-1].strip() for line in done.stderr.splitlines()}
    assert "aiosqlite" in loaded
    assert not loaded & {"textual", "rich", "PIL", "qrcode", "babel"}
