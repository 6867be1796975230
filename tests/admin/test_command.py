"""``vuoro-admin`` as people and scripts meet it: real processes, exit codes, JSON."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from shared.config import load_config
from shared.model import CounterId, Estimate, UnitId
from shared.store import open_store
from tests.conftest import ROOT

TOMORROW = datetime.now().astimezone().date() + timedelta(days=1)
LONG_AGO = "2020-01-01"


@pytest.fixture
def centre(tmp_path: Path) -> Path:
    """The real configuration, always open, in a folder of this test's own: its queue is empty."""
    text = (ROOT / "config.toml").read_text(encoding="utf-8")
    text = re.sub(r"^hours = .*\n", "", text, flags=re.MULTILINE)
    (tmp_path / "config.toml").write_text(text, encoding="utf-8")
    return tmp_path


def run(
    folder: Path, *arguments: str | Path, stdin: bytes = b""
) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-m", "admin", *arguments],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT), "VUORO_CONFIG": "", "PYTHONUTF8": "1"},
        input=stdin,
        capture_output=True,
        check=False,
    )


def answer(folder: Path, *arguments: str | Path, stdin: bytes = b"") -> Any:
    """Return what the command answers with --json, when it succeeds."""
    done = run(folder, *arguments, "--json", stdin=stdin)
    assert (done.returncode, done.stderr) == (0, b"")
    return json.loads(done.stdout)


def table(folder: Path, name: str, rows: Sequence[str]) -> Path:
    path = folder / name
    path.write_text("\n".join(["code,unit,time", *rows, ""]), encoding="utf-8")
    return path


def listed(folder: Path) -> list[tuple[str, str, str]]:
    """Return the codes, units and hours that the store has for tomorrow."""
    told = answer(folder, "appointments", "list", "--day", TOMORROW.isoformat())
    assert told["day"] == TOMORROW.isoformat()
    return [(each["code"], each["unit"], each["at"][11:16]) for each in told["appointments"]]


# appointments import


def test_an_import_says_what_it_did_and_may_be_run_again(centre: Path) -> None:
    rows = [
        f"AB-123,Kirjasto,{TOMORROW} 10:30",
        f"CD345,health,{TOMORROW:%d.%m.%Y} 9.05",
        f"EF567,health,{LONG_AGO} 10:30",
    ]
    first = answer(centre, "appointments", "import", table(centre, "export.csv", rows))
    assert first == {
        "added": 2,
        "moved": 0,
        "cancelled": 0,
        "unchanged": 0,
        "past": 1,
        "warnings": [],
    }
    assert listed(centre) == [("CD345", "health", "09:05"), ("AB123", "library", "10:30")]
    rows[0] = rows[0].replace("10:30", "11:30")
    again = answer(centre, "appointments", "import", table(centre, "export.csv", rows))
    assert again == {
        "added": 0,
        "moved": 1,
        "cancelled": 0,
        "unchanged": 1,
        "past": 1,
        "warnings": [],
    }
    assert listed(centre) == [("CD345", "health", "09:05"), ("AB123", "library", "11:30")]


def test_a_cancelled_event_takes_its_appointment_away(centre: Path) -> None:
    answer(
        centre, "appointments", "import", table(centre, "a.csv", [f"AB123,library,{TOMORROW} 9:00"])
    )
    event = (
        "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:ab123@example.org\r\nLOCATION:Kirjasto\r\n"
        f"DTSTART:{TOMORROW:%Y%m%d}T090000\r\nSTATUS:CANCELLED\r\nSUMMARY:Aino Aro\r\n"
        "END:VEVENT\r\nEND:VCALENDAR\r\n"
    )
    told = answer(centre, "appointments", "import", "-", stdin=event.encode())
    assert told == {
        "added": 0,
        "moved": 0,
        "cancelled": 1,
        "unchanged": 0,
        "past": 0,
        "warnings": [],
    }
    assert listed(centre) == []


def test_without_json_it_says_the_same_in_words(centre: Path) -> None:
    good = table(
        centre,
        "a.csv",
        [f"AB123,library,{TOMORROW} 9:00", f"AB124,library,{LONG_AGO} 9:00"],
    )
    done = run(centre, "appointments", "import", good)
    assert done.stdout.decode() == (
        "1 added, 0 moved, 0 cancelled, 0 unchanged; 1 left out, of days that are over\n"
    )
    done = run(centre, "appointments", "list", "--day", f"{TOMORROW:%d.%m.%Y}")
    assert done.stdout.decode().split() == ["09:00", "AB123", "library"]
    done = run(centre, "appointments", "list")
    assert "No appointments are open" in done.stdout.decode()


def test_an_appointment_while_the_unit_is_closed_is_imported_with_a_warning(centre: Path) -> None:
    shutil.copy(ROOT / "config.toml", centre)
    rows = [f"AB123,service-point,{TOMORROW} 3:00", f"CD345,library,{TOMORROW} 3:00"]
    file = table(centre, "night.csv", rows)
    done = run(centre, "appointments", "import", file, "--json")
    assert done.returncode == 0
    told = json.loads(done.stdout)
    what = "the unit is closed then; imported all the same"
    assert told["warnings"] == [{"file": str(file), "line": 3, "warning": what}]
    assert done.stderr.decode() == f"{file}, line 3: {what}\n"
    assert [code for code, *_ in listed(centre)] == ["AB123", "CD345"]


def test_one_bad_line_keeps_everything_out_and_every_one_is_named(centre: Path) -> None:
    good = table(centre, "good.csv", [f"AB123,library,{TOMORROW} 10:30"])
    bad = table(
        centre,
        "bad.csv",
        [f"CD345,health,{TOMORROW} 10:30", f"EF567,helth,{TOMORROW} 10:30", "GH789,health,soon"],
    )
    done = run(centre, "appointments", "import", good, bad, "nowhere.csv", "--json")
    assert done.returncode == 2
    told = json.loads(done.stdout)
    assert [(fault["file"], fault["line"]) for fault in told["faults"]] == [
        (str(bad), 3),
        (str(bad), 4),
        ("nowhere.csv", None),
    ]
    assert all(told[key] for key in ("error", "message", "hint"))
    *lines, last = done.stderr.decode().splitlines()
    assert [line.rpartition(": the ")[0] for line in lines] == [
        f"{bad}, line 3",
        f"{bad}, line 4",
        "nowhere.csv",
    ]
    assert last.startswith("Nothing was imported: 3 faults")
    assert not (centre / "var").exists()
    assert listed(centre) == []


def test_a_name_is_neither_kept_nor_told(centre: Path) -> None:
    name = "Xylander"
    rows = [
        f"name;code;unit;time;{name}",
        f"{name};AB123;library;{TOMORROW} 10:30;{name}",
    ]
    content = "\n".join(rows).encode("windows-1252")
    answer(centre, "appointments", "import", "-", stdin=content)
    assert listed(centre) == [("AB123", "library", "10:30")]
    bad = f"{name};{name};{name};{name};{name}"
    done = run(
        centre, "appointments", "import", "-", "--json", stdin=content + b"\n" + bad.encode()
    )
    assert done.returncode == 2
    for told in (done.stdout, done.stderr):
        assert name.casefold() not in told.decode().casefold()
        assert b"standard input" in told
    for file in (centre / "var").iterdir():
        assert name.encode() not in file.read_bytes()


def test_a_file_with_a_strange_name_is_named(centre: Path) -> None:
    path = os.fsdecode(os.fsencode(centre) + b"/\xe4\xff.csv")
    Path(path).write_bytes(b"")
    done = run(centre, "appointments", "import", path, "--json")
    assert done.returncode == 2
    [fault] = json.loads(done.stdout)["faults"]
    assert fault["file"].endswith("/\\xe4\\xff.csv")


def test_a_closed_standard_input_is_told(centre: Path) -> None:
    done = subprocess.run(
        [f'"{sys.executable}" -m admin appointments import - <&-'],
        shell=True,
        cwd=centre,
        env={**os.environ, "PYTHONPATH": str(ROOT), "VUORO_CONFIG": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert done.stderr.startswith("standard input: the file cannot be read: ")


# estimates


async def test_estimates_are_held_against_what_came(centre: Path) -> None:
    config = load_config(centre / "config.toml")
    minutes = [timedelta(minutes=n) for n in (5, 10, 20)]
    late = Estimate(low=minutes[0], likely=minutes[1], high=minutes[2])
    soon = Estimate(low=timedelta(0), likely=minutes[0], high=minutes[1])
    async with open_store(config, config.clock()) as store:
        for unit, estimate in [("library", late), ("library", soon), ("bakery", soon)]:
            await store.issue(
                [UnitId(unit)],
                series=unit[0].upper(),
                language="fi",
                estimates={UnitId(unit): estimate},
            )
            assert await store.call_next(CounterId("1"), [UnitId(unit)])
    told = answer(centre, "estimates", "--days", "7")
    assert told["days"] == 7
    library, bakery = told["units"]
    assert (library["unit"], library["tickets"]) == ("library", 2)
    assert library["error_minutes"] == pytest.approx(7.5, abs=0.5)
    assert library["bias_minutes"] == pytest.approx(7.5, abs=0.5)
    assert library["inside"] == 0.5
    assert library["width_minutes"] == 12.5
    assert (bakery["unit"], bakery["tickets"], bakery["inside"]) == ("bakery", 1, 1)
    head, first, second, *_ = run(centre, "estimates").stdout.decode().splitlines()
    assert len(head) == len(first) == len(second)
    assert first.startswith("Kirjasto ")
    assert first.endswith(" 50%    12.5")
    assert second.startswith("bakery ")


def test_where_nothing_was_estimated_it_says_so(centre: Path) -> None:
    assert run(centre, "estimates").stdout.startswith(b"Nothing yet")
    assert answer(centre, "estimates") == {"days": 30, "units": []}


# What all have in common


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ([], "COMMAND"),
        (["appointments"], "VERB"),
        (["appointments", "import"], "FILE"),
        (["appointments", "list", "--day", "tomorrow"], "tomorrow"),
        (["estimates", "--days", "0"], "--days"),
        (["estimates", "--days", "many"], "--days"),
        (["--config", "nowhere.toml", "estimates"], "nowhere.toml"),
    ],
)
def test_what_it_cannot_use_is_named(centre: Path, arguments: list[str], told: str) -> None:
    done = run(centre, *arguments)
    assert done.returncode == 2
    assert told in done.stderr.decode()
    assert b"Traceback" not in done.stderr


def test_a_queue_that_cannot_be_used_is_a_refusal(centre: Path) -> None:
    (centre / "var").mkdir()
    (centre / "var" / "queue.db").write_text("This is a letter, not a database. " * 99)
    for command in (["appointments", "list"], ["estimates"]):
        done = run(centre, *command, "--json")
        assert done.returncode == 1
        assert "queue.db" in json.loads(done.stdout)["message"]
        assert b"Traceback" not in done.stderr


def test_version_and_help(centre: Path) -> None:
    assert run(centre, "--version").stdout.startswith(b"vuoro-admin ")
    told = run(centre, "--help").stdout
    assert b"appointments" in told
    assert b"estimates" in told


def test_it_does_without_the_screens_libraries(centre: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "admin", "estimates"],
        cwd=centre,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )
    loaded = {line.split("|")[-1].strip() for line in done.stderr.splitlines()}
    assert "aiosqlite" in loaded
    assert not loaded & {"textual", "rich", "PIL", "qrcode", "babel"}
