"""``vuoro-display`` as scripts use it: the real program, in a process of its own."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from shared.config import load_config
from shared.door import door_code
from shared.model import CounterId, UnitId
from shared.store import open_store
from shared.words import words
from tests.conftest import ROOT

LIBRARY, HEALTH = UnitId("library"), UnitId("health")
ONE, TWO, FOUR, FIVE = CounterId("1"), CounterId("2"), CounterId("4"), CounterId("5")

ONE_DAY = """
[[timetables]]
id = "one-day"
exceptions = { 2099-01-05 = "9:00-15:00" }
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """The real centre, with a queue of this test's own: always open, but for the dental clinic."""
    text = (ROOT / "config.toml").read_text()
    text = re.sub(r"^hours = .*\n", "", text, flags=re.MULTILINE)
    text = text.replace('id = "dental"\n', 'id = "dental"\nhours = "one-day"\n')
    copy = tmp_path / "config.toml"
    copy.write_text(text + ONE_DAY)
    return copy


def run(*arguments: object, program: str = "-m display") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *program.split(" ", 1), *map(str, arguments)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )


async def a_morning(file: Path) -> None:
    """Two are called at the library, the first of them twice; one at the health centre.

    A call to counter 1 is taken back, so somebody works there. Counter 5 is open, and empty.
    """
    config = load_config(file)
    async with open_store(config, config.clock()) as store:
        for _ in range(4):
            await store.issue([LIBRARY], series="K", language="fi")
        await store.issue([HEALTH], series="A", language="sv")
        await store.call_next(TWO, [LIBRARY])
        await store.call_next(FOUR, [HEALTH])
        await store.recall(TWO)
        await store.call_next(TWO, [LIBRARY])
        await store.call_next(ONE, [LIBRARY])
        await store.undo(ONE)
        await store.open_counter(FIVE)


async def test_the_board_is_one_json_object(file: Path) -> None:
    await a_morning(file)

    done = run("--config", file, "--once", "--json")

    assert (done.returncode, done.stderr) == (0, "")
    board = json.loads(done.stdout)
    shown = [(call["ticket"], call["unit"], call["counter"]) for call in board["calls"]]
    assert shown == [
        ("K 002", "library", "2"),
        ("K 001", "library", "2"),
        ("A 001", "health", "4"),
    ]
    assert [call["repeated"] for call in board["calls"]] == [False, True, False]
    numbers = [call["call"] for call in board["calls"]]
    assert numbers == sorted(set(numbers), reverse=True)
    assert all(call["at"].count(":") >= 2 for call in board["calls"])
    assert board["waiting"] == {
        "service-point": 0,
        "library": 2,
        "health": 0,
        "maternity": 0,
        "dental": 0,
        "home-care": 0,
        "social": 0,
    }
    assert board["estimate_minutes"] == {
        "service-point": None,
        "library": None,
        "health": [0, 2],
        "maternity": [0, 2],
        "dental": None,
        "home-care": None,
        "social": None,
    }
    assert board["no_counter"] == ["dental", "home-care", "social"]
    assert board["closed"] == {"dental": None}
    assert board["door_code"] is None


async def test_a_ticket_of_several_units_is_listed_once_where_it_was_called_last(
    file: Path,
) -> None:
    config = load_config(file)
    async with open_store(config, config.clock()) as store:
        await store.issue([LIBRARY, HEALTH], series="K", language="fi")
        await store.call_next(TWO, [LIBRARY])
        await store.finish(TWO)
        await store.call_next(FOUR, [HEALTH])

    [call] = json.loads(run("--config", file, "--once", "--json").stdout)["calls"]

    assert (call["ticket"], call["unit"], call["counter"]) == ("K 001", "health", "4")


async def test_who_was_called_for_a_unit_that_was_taken_out_is_listed(file: Path) -> None:
    await a_morning(file)
    file.write_text(file.read_text().replace('"library"', '"books"'))

    done = run("--config", file, "--once")

    assert (done.returncode, done.stderr) == (0, "")
    assert "K 002 → 2  Muu palvelu" in done.stdout


async def test_who_waits_for_a_unit_that_was_taken_out_is_counted(file: Path) -> None:
    await a_morning(file)
    file.write_text(file.read_text().replace('"library"', '"books"'))

    done = run("--config", file, "--once")
    board = json.loads(run("--config", file, "--once", "--json").stdout)

    assert f"Muu palvelu: 2 odottaa – {words('fi').gettext('Closed for now')}" in done.stdout
    assert board["waiting"]["library"] == 2
    assert board["closed"]["library"] is None


async def test_the_lobbys_code_is_told_where_phones_need_it(file: Path) -> None:
    web = '[web]\nurl = "https://vuoro.example.org"\ntickets = "here"'
    file.write_text(file.read_text().replace("[web]", web))
    config = load_config(file)
    clock = config.clock()
    async with open_store(config, clock) as store:
        secret = await store.door_secret()

    before = door_code(secret, clock.now())
    done = run("--config", file, "--once")
    board = json.loads(run("--config", file, "--once", "--json").stdout)
    after = door_code(secret, clock.now())

    code, meaning = done.stdout.splitlines()[-1].split("  ")
    assert meaning == "Koodi vuoronumeron ottamiseen puhelimella: vuoro.example.org"
    assert {code, board["door_code"]} <= {before, after}


async def test_units_narrow_it(file: Path) -> None:
    await a_morning(file)

    done = run("--config", file, "--units", "health, dental", "--once", "--json")

    board = json.loads(done.stdout)
    assert [call["ticket"] for call in board["calls"]] == ["A 001"]
    assert board["waiting"] == {"health": 0, "dental": 0}
    assert set(board["estimate_minutes"]) == {"health", "dental"}
    assert board["no_counter"] == ["dental"]


async def test_without_json_it_is_written_for_people(file: Path) -> None:
    await a_morning(file)

    done = run("--config", file, "--once")

    assert (done.returncode, done.stderr) == (0, "")
    calls, waiting = done.stdout.split("\n\n")
    assert [line.split("  ", 1)[1] for line in calls.splitlines()] == [
        "K 002 → 2  Kirjasto",
        "K 001 → 2  Kirjasto",
        "A 001 → 4  Terveysasema",
    ]
    finnish = words("fi")
    assert waiting.splitlines()[:3] == [
        f"Palvelupiste: 0 odottaa – {finnish.gettext('Wait not known yet')}",
        f"Kirjasto: 2 odottaa – {finnish.gettext('Wait not known yet')}",
        f"Terveysasema: 0 odottaa – {finnish.gettext('Less than {n} min', n=2)}",
    ]
    assert waiting.splitlines()[4].endswith(f"– {finnish.gettext('Closed for now')}")


def test_an_empty_board_says_so(file: Path) -> None:
    board = json.loads(run("--config", file, "--once", "--json").stdout)
    assert board["calls"] == []
    assert set(board["waiting"].values()) == {0}
    nobody = words("fi").gettext("Nobody has been called today")
    assert run("--config", file, "--once").stdout.startswith(nobody)


@pytest.mark.parametrize("units", ["libary", "library,", "library;health", ""])
def test_an_unknown_unit_is_refused_and_the_known_ones_listed(file: Path, units: str) -> None:
    done = run("--config", file, "--units", units, "--once", "--json")

    assert done.returncode == 2
    assert "library" in done.stderr
    assert "Traceback" not in done.stderr
    refusal = json.loads(done.stdout)
    assert refusal["error"]
    assert "service-point, library, health" in refusal["hint"]


def test_json_goes_with_once(file: Path) -> None:
    done = run("--config", file, "--json")
    assert done.returncode == 2
    assert "--once" in done.stderr


def test_a_store_that_cannot_be_used_is_told(file: Path) -> None:
    store = file.with_name("var")
    store.mkdir()
    (store / "queue.db").write_text("This is not a database, and long enough to be seen as none.")

    done = run("--config", file, "--once", "--json")

    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert json.loads(done.stdout)["error"]


def test_printing_once_does_without_the_screens_libraries(file: Path) -> None:
    program = (
        "-c import runpy, sys; sys.argv[0] = 'vuoro-display';"
        "runpy.run_module('display', run_name='__main__');"
        "assert not {'textual', 'rich', 'PIL'} & set(sys.modules)"
    )
    done = run("--config", file, "--once", "--json", program=program)
    assert (done.returncode, done.stderr) == (0, "")
