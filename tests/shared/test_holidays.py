"""Public holidays: they are worked out once, and nothing that stands in the note does any harm."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import pytest
from holidays import country_holidays
from msgspec.structs import replace

from shared.config import Config
from shared.holidays import public_holidays
from tests.conftest import ROOT

DAYS = [date(2026, 12, 6), date(2027, 1, 6), date(2027, 1, 7), date(2040, 12, 25)]

PROGRAM = """
import sys
from datetime import datetime
from pathlib import Path
from shared.config import load_config
from shared.hours import OpeningHours

centre = load_config(Path(sys.argv[1]))
hours = OpeningHours(centre)
for day in (19, 24, 26):
    print(hours.at("library", datetime(2027, 12, day, 15, tzinfo=centre.clock().zone)))
print("holidays" in sys.modules)
"""


@pytest.fixture
def note(config: Config) -> Path:
    """Where a centre's holidays are noted: beside its queue."""
    return Path(config.store.url.removeprefix("sqlite:") + "-holidays")


@pytest.fixture
def centre(tmp_path: Path) -> Path:
    """The configuration of a centre that has just been set up."""
    (tmp_path / "var").mkdir()
    return Path(shutil.copy(ROOT / "config.toml", tmp_path))


def start(centre: Path) -> subprocess.Popen[str]:
    argv = [sys.executable, "-c", PROGRAM, str(centre)]
    return subprocess.Popen(argv, cwd=ROOT, stdout=subprocess.PIPE, text=True)


def told(program: subprocess.Popen[str]) -> Sequence[str]:
    out, _ = program.communicate()
    assert program.returncode == 0
    return out.splitlines()


def kept(config: Config) -> Sequence[bool]:
    holidays = public_holidays(config)
    return [day in holidays for day in DAYS]


def of(config: Config, place: str | None) -> Config:
    return replace(config, centre=replace(config.centre, holidays=place))


def test_holidays_are_those_that_the_library_knows(config: Config) -> None:
    library = country_holidays("FI")
    assert kept(config) == [day in library for day in DAYS] == [True, True, False, True]
    assert "Christmas" not in public_holidays(config)


def test_a_centre_may_keep_no_holidays(config: Config, note: Path) -> None:
    assert not any(kept(of(config, None)))
    assert not note.exists()


def test_the_library_is_loaded_once_for_all_programs_of_a_centre(centre: Path) -> None:
    note = centre.parent / "var" / "queue.db-holidays"
    *first, has_loaded = told(start(centre))
    assert has_loaded == "True"
    assert told(start(centre)) == [*first, "False"]
    assert list(note.parent.iterdir()) == [note]
    # What another library has noted is worked out anew.
    noted = note.read_text()
    note.write_text(noted.replace("holidays-", "holidays-0."))
    assert told(start(centre)) == [*first, "True"]
    assert note.read_text() == noted


def test_programs_that_start_at_once_agree(centre: Path) -> None:
    programs = [start(centre) for _ in range(4)]
    answers = [told(program)[:-1] for program in programs]
    assert answers == [told(start(centre))[:-1]] * 4


def test_a_note_that_is_spoilt_is_written_anew(config: Config, note: Path) -> None:
    right = kept(config)
    noted = note.read_bytes()
    # Cut off, as by a plug that was pulled; written over by two at once; or something else.
    for spoilt in (noted[:-2], noted + noted[-9:], b"", b"\xff\0", b"[]", b'{"FI": 1}'):
        note.write_bytes(spoilt)
        assert kept(config) == right
        assert note.read_bytes() == noted


def test_what_is_noted_of_one_place_is_not_taken_for_anothers(config: Config) -> None:
    assert kept(of(config, "SE")) == [False, True, False, True]
    assert kept(config) == [True, True, False, True]
    assert kept(of(config, "FI-01")) == [True, True, False, True]


def test_holidays_that_cannot_be_noted_are_kept_all_the_same(config: Config, note: Path) -> None:
    note.mkdir()  # nothing can be written there, by anyone
    assert kept(config) == [True, True, False, True]
    nowhere = replace(config, store=replace(config.store, url="sqlite:/nowhere/queue.db"))
    assert kept(nowhere) == [True, True, False, True]


def test_whoever_goes_on_into_another_year_adds_it_to_the_note(config: Config, note: Path) -> None:
    holidays = public_holidays(config)
    assert b"2040" not in note.read_bytes()
    assert date(2040, 12, 25) in holidays
    assert b"2040" in note.read_bytes()
    assert kept(config) == [True, True, False, True]
