"""config.toml: what is right in it is read as it stands, what is wrong is said in words."""

from __future__ import annotations

import copy
import math
import os
import tomllib
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shared.config import Config, find_config, load_config
from shared.config.shape import (
    CupsPrinter,
    FilePrinter,
    NetworkPrinter,
    Printer,
    SerialPrinter,
    UsbPrinter,
)
from shared.errors import ConfigError
from shared.hours import OpeningHours
from tests.conftest import ROOT

REAL = (ROOT / "config.toml").read_text(encoding="utf-8")
CENTRES = [ROOT / "config.toml", *sorted((ROOT / "examples").glob("**/*.toml"))]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "config.toml"


def fault(file: Path) -> ConfigError:
    """Return the error of reading the file; it names the file and a remedy."""
    with pytest.raises(ConfigError) as raised:
        load_config(file)
    assert str(file) in raised.value.message
    assert raised.value.title
    assert raised.value.hint
    return raised.value


# What is right


@pytest.mark.parametrize("centre", CENTRES, ids=lambda file: file.name)
def test_every_centre_in_the_house_is_right(centre: Path) -> None:
    config = load_config(centre)
    assert config.units
    for counter in config.counters:
        assert [config.unit(unit).id for unit in counter.units] == list(counter.units)
        assert config.counter(counter.id) is counter
    assert config.clock().now().tzinfo is config.clock().zone


def test_the_real_centre_says_what_it_should() -> None:
    config = load_config(ROOT / "config.toml")
    assert config.centre.languages == ("fi", "sv", "en")
    assert len(config.units) == 7
    assert {unit.operator for unit in config.units} == {"city", "county"}
    assert config.language(None) == "fi"
    assert config.language("sv") == "sv"


def test_what_is_left_out_has_a_good_value(file: Path) -> None:
    tree = tomllib.loads(REAL)
    for optional in ("store", "web", "display", "staff", "timetables", "priorities", "reasons"):
        del tree[optional]
    for optional in ("day_starts", "holidays"):
        del tree["centre"][optional]
    for optional in ("several", "appointments"):
        del tree["kiosk"][optional]
    for unit in tree["units"]:
        for optional in ("colour", "hours", "target_minutes"):
            unit.pop(optional, None)
    file.write_text(toml(tree), encoding="utf-8")
    config = load_config(file)
    assert config.store.url == f"sqlite:{file.parent / 'var' / 'queue.db'}"
    assert config.web.url is None
    assert config.kiosk.several
    assert not config.kiosk.appointments


def test_three_lines_put_tickets_on_paper(file: Path) -> None:
    assert load_config(ROOT / "config.toml").printer is None
    off = """
# [printer]
# type = "network"
# host = "192.168.1.50"
"""
    assert off in REAL
    file.write_text(REAL.replace(off, off.replace("# ", "")), encoding="utf-8")
    assert load_config(file).printer == NetworkPrinter(host="192.168.1.50", port=9100, width_mm=80)


@pytest.mark.parametrize(
    ("section", "printer"),
    [
        (
            {"type": "network", "host": "kuitti.example.org", "port": 9101, "profile": "TSP600"},
            NetworkPrinter(host="kuitti.example.org", port=9101, profile="TSP600"),
        ),
        ({"type": "usb"}, UsbPrinter()),
        (
            {"type": "usb", "vendor": "04b8", "product": "0E15", "status": False},
            UsbPrinter(vendor="04b8", product="0E15", status=False),
        ),
        (
            {"type": "serial", "device": "/dev/ttyUSB0", "width_mm": 58},
            SerialPrinter(device="/dev/ttyUSB0", baud=38400, width_mm=58),
        ),
        ({"type": "file", "device": "/dev/usb/lp0"}, FilePrinter(device="/dev/usb/lp0")),
        ({"type": "cups", "name": "kiosk"}, CupsPrinter(name="kiosk")),
    ],
    ids=["network", "usb", "usb by its ids", "serial", "file", "cups"],
)
def test_a_printer_is_one_of_those_that_python_escpos_drives(
    file: Path, section: dict[str, Any], printer: Printer
) -> None:
    tree = tomllib.loads(REAL)
    tree["printer"] = section
    file.write_text(toml(tree), encoding="utf-8")
    assert load_config(file).printer == printer


def test_a_counter_calls_by_the_longest_wait_or_as_it_is_listed(config: Config) -> None:
    assert config.patience(config.counter("3")) is None
    assert config.patience(config.counter("7")) == {
        "home-care": timedelta(minutes=20),
        "social": timedelta(minutes=20),
    }


def test_residents_choose_among_the_priorities_for_which_the_file_says_so(config: Config) -> None:
    assert [each.id for each in config.priorities if each.at_kiosk] == ["infant", "mobility"]
    assert config.priorities[-1].id == "urgent"
    assert config.priorities[-1].head_start == timedelta(hours=1)


@pytest.mark.parametrize(
    "text",
    [
        "8:00-16:00",
        "08:00-16:00",
        "12:00-16:00,8:00-12:00",
        " 8:00-12:00 , 13:00-16:00 ",
        "0:00-24:00",
        "0:00-0:00",
        "20:00-0:00",
        "8:00-2:00",
        "20:00-6:00",
        "closed",
    ],
)
def test_hours_are_read_as_people_write_them(file: Path, text: str) -> None:
    tree = tomllib.loads(REAL)
    tree["timetables"][0]["mon"] = text
    tree["timetables"][0]["on_holidays"] = text
    tree["timetables"][0]["exceptions"] = {"2028-02-29": text}
    file.write_text(toml(tree), encoding="utf-8")
    assert load_config(file).timetables[0].mon == text


def test_a_relative_store_lies_where_the_file_says(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file.write_text(REAL, encoding="utf-8")
    expected = f"sqlite:{file.parent / 'var' / 'queue.db'}"
    assert load_config(file).store.url == expected
    # Also when the file is named by a relative path itself, from anywhere.
    monkeypatch.chdir(file.parent)
    assert load_config(Path("config.toml")).store.url == expected
    file.write_text(REAL.replace("sqlite:var/queue.db", "sqlite:/srv/queue.db"), encoding="utf-8")
    assert load_config(file).store.url == "sqlite:/srv/queue.db"


@pytest.mark.parametrize(
    "name",
    [
        "[/b] [bold red]&amp;<i>{n}%s\\",
        "Kirjasto 📚 👩‍👧",
        "Ä" * 80,
        "  in the middle  ",
        "ספרייה 図書館",
    ],
    ids=["markup", "emoji", "80 characters", "blanks", "other scripts"],
)
def test_names_are_taken_as_they_stand(file: Path, name: str) -> None:
    tree = tomllib.loads(REAL)
    tree["units"][1]["name"]["sv"] = name
    file.write_text(toml(tree), encoding="utf-8")
    assert load_config(file).unit("library").name["sv"] == name


def test_a_configuration_is_found_by_option_then_variable_then_folder(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("VUORO_CONFIG", raising=False)
    assert find_config(None) == Path("config.toml")
    monkeypatch.setenv("VUORO_CONFIG", "variable.toml")
    assert find_config(None) == Path("variable.toml")
    assert find_config("option.toml") == Path("option.toml")


# Files that cannot be read


def test_a_missing_file_is_told(file: Path) -> None:
    error = fault(file)
    assert error.title == "There is no configuration"
    assert "VUORO_CONFIG" in error.hint


def test_a_folder_is_told(file: Path) -> None:
    file.mkdir()
    assert "Is a directory" in fault(file).message


def test_a_file_that_may_not_be_read_is_told(file: Path) -> None:
    file.write_text(REAL, encoding="utf-8")
    file.chmod(0)
    if os.access(file, os.R_OK):  # root reads anything, except for this
        file = Path("/proc/self/mem")
        assert "cannot be read" in fault(file).message
        return
    assert "Permission denied" in fault(file).message


def test_a_file_that_is_not_utf_8_is_told(file: Path) -> None:
    file.write_bytes(REAL.encode("latin-1", errors="replace"))
    assert "is not UTF-8 text: byte" in fault(file).message


@pytest.mark.parametrize("text", ["[centre", "a = ", "a = 1\na = 2\n", "\x00", "= 3", "a = [1,"])
def test_a_file_that_is_not_toml_is_told(file: Path, text: str) -> None:
    file.write_text(f"# a comment\n{text}", encoding="utf-8")
    message = fault(file).message
    assert "is not TOML" in message
    assert "line" in message or "end of document" in message


def test_an_empty_file_is_told(file: Path) -> None:
    file.touch()
    assert "lacks the key" in fault(file).message


# Values that are wrong

DROPPED = ...
LIBRARY = "[[units]] no. 2 (library)"

# What is put where in the real centre's tree, and what is said of it.
FAULTS: dict[str, tuple[str, Any, list[str]]] = {
    "unknown section": ("wep", {}, ["has the unknown key “wep”", "Did you mean “web”?"]),
    "unknown key": (
        "kiosk.ticket_secs",
        20,
        ["[kiosk] has the unknown key “ticket_secs”", "Did you mean “ticket_seconds”?"],
    ),
    "unknown key like no other": (
        "kiosk.xyz",
        20,
        ["[kiosk] has the unknown key “xyz”", "Known here: welcome, ticket_seconds, several"],
    ),
    "unknown key of a unit": (
        "units.1.serie",
        "K",
        [f"{LIBRARY} has the unknown key “serie”", "Did you mean “series”?"],
    ),
    "missing section": ("kiosk", DROPPED, ["lacks the key “kiosk”", "Add “kiosk”."]),
    "missing key": ("units.1.series", DROPPED, [f"{LIBRARY} lacks the key “series”"]),
    "text for a number": (
        "kiosk.ticket_seconds",
        "20",
        ["[kiosk] ticket_seconds", "expected a number, got text"],
    ),
    "number for a text": (
        "units.1.series",
        7,
        [f"{LIBRARY} series", "expected text, got a number"],
    ),
    "text for a list": (
        "counters.1.units",
        "library",
        ["[[counters]] no. 2 (2) units", "expected a list, got text"],
    ),
    "text for a table": (
        "units.1.name",
        "Library",
        [f"{LIBRARY} name", "expected a table, got text"],
    ),
    "text for a section": ("kiosk", "", ["kiosk", "expected a table, got text"]),
    "number for a name": ("units.1.name.sv", 1, [f"{LIBRARY} name", "expected text, got a number"]),
    "number out of range": ("store.patience", -1, ["[store] patience", "expected a number >= 0"]),
    "no number at all": ("store.patience", math.nan, ["[store] patience", "a number >= 0"]),
    "unknown theme": (
        "display.theme",
        "black",
        ["[display] theme is “black”, which is not known", "Known: light, dark, contrast."],
    ),
    "unknown colour": (
        "units.1.colour",
        "mauve",
        [f"{LIBRARY} colour is “mauve”", "Known: blue, green, red"],
    ),
    "operator's id with a blank": (
        "operators.the city",
        {},
        ["a name in [operators]", "expected at most 20 of a-z, 0-9, - and _"],
    ),
    "series of two letters": ("units.1.series", "KK", [f"{LIBRARY} series", "one capital letter"]),
    "sign too long": (
        "counters.6.id",
        "room 7",
        ["[[counters]] no. 7 (room 7) id", "expected one to four letters or digits"],
    ),
    "id that ends in a line": (
        "units.1.id",
        "library\n",
        ["[[units]] no. 2", "id", "at most 20 of a-z, 0-9, - and _"],
    ),
    "no units": ("units", [], ["units", "length >= 1"]),
    "series twice": ("units.1.series", "P", ["[[units]] series has “P” 2 times"]),
    "unit twice": ("units.4.id", "health", ["[[units]] id has “health” 2 times"]),
    "counter twice": ("counters.6.id", "6", ["[[counters]] id has “6” 2 times"]),
    "unit twice at a counter": (
        "counters.1.units",
        ["library", "library"],
        ["[[counters]] 2 units has “library” 2 times"],
    ),
    "language twice": (
        "centre.languages",
        ["fi", "sv", "en", "sv"],
        ["[centre] languages has “sv” 2 times"],
    ),
    "counter serves an unknown unit": (
        "counters.1.units",
        ["libary"],
        ["[[counters]] 2 units names “libary”", "Did you mean “library”?"],
    ),
    "counter serves a unit like no other": (
        "counters.1.units",
        ["x"],
        ["[[counters]] 2 units names “x”", "Known: service-point, library, health"],
    ),
    "counter serves nobody": (
        "counters.1.units",
        [],
        ["[[counters]] no. 2 (2) units", "length >= 1"],
    ),
    "unit that nobody serves": (
        "counters.5.units",
        ["health"],
        ["[[units]] dental is served by no counter", "Add it to the units of a counter"],
    ),
    "unknown operator": (
        "units.1.operator",
        "state",
        ["[[units]] library operator is “state”", "Known: city, county."],
    ),
    "missing translation": (
        "units.1.name.sv",
        DROPPED,
        ["[[units]] library name has no text in “sv”", "Add sv = “…”."],
    ),
    "blank translation": ("units.1.name.sv", " ", ["library name has no text in “sv”"]),
    "missing name": ("centre.name.en", DROPPED, ["[centre] name has no text in “en”"]),
    "missing welcome": ("kiosk.welcome.fi", DROPPED, ["[kiosk] welcome has no text in “fi”"]),
    "missing counter's name": (
        "counters.1.name.sv",
        DROPPED,
        ["[[counters]] 2 name has no text in “sv”"],
    ),
    "missing operator's name": (
        "operators.city.sv",
        DROPPED,
        ["[operators] city has no text in “sv”"],
    ),
    "notice in one language": (
        "display.notice",
        {"fi": "Suljettu"},
        ["[display] notice has no text in “sv”"],
    ),
    "unknown language": (
        "centre.languages",
        ["fi", "sv", "en", "tlh"],
        ["[centre] languages names “tlh”", "Known: en, fi, sv"],
    ),
    "staff's language is not the centre's": (
        "staff.language",
        "de",
        ["[staff] language is “de”", "Known: fi, sv, en."],
    ),
    "impossible time zone": (
        "centre.time_zone",
        "Europe/Helsink",
        ["[centre] time_zone is “Europe/Helsink”", "Did you mean “Europe/Helsinki”?"],
    ),
    "time zone that is a folder": (
        "centre.time_zone",
        "Europe",
        ["[centre] time_zone is “Europe”, which is no time zone"],
    ),
    "time zone that is a path": (
        "centre.time_zone",
        "/etc/passwd",
        ["[centre] time_zone is “/etc/passwd”", "Write it like Europe/Helsinki."],
    ),
    "no time zone": ("centre.time_zone", "", ["[centre] time_zone is “”"]),
    "bad web address": (
        "web.url",
        "vuoro.example.org",
        ["[web] url is “vuoro.example.org”", "Write it like https://"],
    ),
    "unknown store": (
        "store.url",
        "postgresql://queue",
        ["[store] url is “postgresql://queue”", "Write it like sqlite:var/queue.db."],
    ),
    "store without a file": ("store.url", "sqlite:", ["[store] url is “sqlite:”"]),
    "service day that starts at no time": (
        "centre.day_starts",
        "4",
        ["[centre] day_starts", "expected a time before noon, such as 04:00"],
    ),
    "service day that starts in the evening": (
        "centre.day_starts",
        "16:00",
        ["[centre] day_starts", "expected a time before noon, such as 04:00"],
    ),
    "holidays of a country by its name": (
        "centre.holidays",
        "Finland",
        ["[centre] holidays", "expected a country or a part of one, such as FI or FI-01"],
    ),
    "holidays of nowhere": (
        "centre.holidays",
        "XX",
        ["[centre] holidays is “XX”, whose public holidays are not known", "Write it like FI, or"],
    ),
    "holidays of a part of nowhere": (
        "centre.holidays",
        "XX-01",
        ["[centre] holidays is “XX-01”", "Write it like FI, or FI-01."],
    ),
    "holidays of no part of a country": (
        "centre.holidays",
        "FI-99",
        ["[centre] holidays is “FI-99”", "Known parts of FI: 01, 02, 03"],
    ),
    "unknown timetable": (
        "units.1.hours",
        "libary",
        ["[[units]] library hours is “libary”", "Did you mean “library”?"],
    ),
    "timetable like no other": (
        "units.1.hours",
        "x",
        ["[[units]] library hours is “x”", "Known: library, health, clinic, office."],
    ),
    "no timetables": (
        "timetables",
        DROPPED,
        ["[[units]] library hours is “library”, which is not among", "Known: none at all."],
    ),
    "timetable twice": ("timetables.3.id", "clinic", ["[[timetables]] id has “clinic” 2 times"]),
    "unknown day": (
        "timetables.1.mo",
        "8:00-16:00",
        ["[[timetables]] no. 2 (health) has the unknown key “mo”", "Did you mean “mon”?"],
    ),
    "hours in another form": (
        "timetables.1.wed",
        "8-16",
        [
            "[[timetables]] health wed is “8-16”, which cannot be read as hours",
            "Write it like 9:00-12:00, 13:00-16:00, or closed.",
        ],
    ),
    "hours at no time": ("timetables.1.wed", "8:00-16:60", ["health wed is “8:00-16:60”"]),
    "hours from the end of the day": ("timetables.1.wed", "24:00-1:00", ["cannot be read"]),
    "hours with a part missing": ("timetables.1.wed", "8:00-12:00,", ["cannot be read"]),
    "no hours": ("timetables.1.wed", "", ["health wed is “”, which cannot be read as hours"]),
    "number for hours": ("timetables.1.wed", 8, ["no. 2 (health) wed", "expected text"]),
    "hours the wrong way round": (
        "timetables.1.wed",
        "16:00-8:00",
        [
            "[[timetables]] health wed is “16:00-8:00”, which ends before it begins",
            "Write the earlier time first.",
            "the hours of the next day, from 0:00",
        ],
    ),
    "hours without an end": ("timetables.1.wed", "9:00-9:00", ["ends before it begins"]),
    "hours that overlap": (
        "timetables.1.wed",
        "11:00-14:00, 8:00-12:00",
        ["“11:00-14:00, 8:00-12:00”, where one range begins before another has ended"],
    ),
    "hours that overlap past midnight": (
        "timetables.1.wed",
        "20:00-2:00, 23:00-24:00",
        ["where one range begins before another has ended", "Let them follow one another."],
    ),
    "hours too short for a ticket": (
        "timetables.1.wed",
        "8:00-8:30",
        ["health wed is “8:00-8:30”, too short for a last ticket 30 minutes before closing"],
    ),
    "unreadable hours of holidays": (
        "timetables.1.on_holidays",
        "as always",
        ["[[timetables]] health on_holidays is “as always”, which cannot be read as hours"],
    ),
    "unreadable hours of a single day": (
        "timetables.1.exceptions.2026-12-23",
        "8–12",
        ["[[timetables]] health exceptions 2026-12-23 is “8–12”, which cannot be read as hours"],
    ),
    "exception on no date": (
        "timetables.1.exceptions.2026-02-29",
        "closed",
        ["[[timetables]] health exceptions has “2026-02-29”", "Write it like 2026-12-24."],
    ),
    "exception on a date in another form": (
        "timetables.1.exceptions.20261224",
        "closed",
        ["[[timetables]] health exceptions has “20261224”, which is no date"],
    ),
    "priority twice": ("priorities.1.id", "infant", ["[[priorities]] id has “infant” 2 times"]),
    "priority without a head start": (
        "priorities.1.minutes",
        0,
        ["[[priorities]] no. 2 (mobility) minutes", "expected a number >= 1"],
    ),
    "missing priority's name": (
        "priorities.1.name.sv",
        DROPPED,
        ["[[priorities]] mobility name has no text in “sv”"],
    ),
    "reason twice": ("reasons.1.id", "wrong-queue", ["[[reasons]] id has “wrong-queue” 2 times"]),
    "missing reason's name": (
        "reasons.1.name.en",
        DROPPED,
        ["[[reasons]] next-step name has no text in “en”"],
    ),
    "printer of no type": (
        "printer",
        {"host": "192.168.1.50"},
        ["[printer] lacks the key “type”", "Add “type”."],
    ),
    "printer of an unknown type": (
        "printer",
        {"type": "parallel"},
        [
            "[printer] type is “parallel”, which is not known",
            "Known: network, usb, serial, file, cups.",
        ],
    ),
    "network printer without an address": (
        "printer",
        {"type": "network"},
        ["[printer] lacks the key “host”"],
    ),
    "printer with another type's key": (
        "printer",
        {"type": "file", "device": "/dev/usb/lp0", "host": "192.168.1.50"},
        ["[printer] has the unknown key “host”", "Known here: device, width_mm, profile, note."],
    ),
    "printer at a port that is none": (
        "printer",
        {"type": "network", "host": "192.168.1.50", "port": 0},
        ["[printer] port", "expected a number >= 1"],
    ),
    "printer at a web address": (
        "printer",
        {"type": "network", "host": "http://192.168.1.50"},
        ["[printer] host", "expected a name in the network or an IPv4 address"],
    ),
    "printer at a relative path": (
        "printer",
        {"type": "file", "device": "lp0"},
        ["[printer] device", "expected a path from the root, such as /dev/usb/lp0"],
    ),
    "printer that is too slow": (
        "printer",
        {"type": "serial", "device": "/dev/ttyS0", "baud": 9600},
        ["[printer] baud", "expected a number >= 19200"],
    ),
    "USB printer by its name": (
        "printer",
        {"type": "usb", "vendor": "Epson"},
        ["[printer] vendor", "expected four hexadecimal digits, as lsusb shows them"],
    ),
    "print queue that is an option": (
        "printer",
        {"type": "cups", "name": "-h"},
        ["[printer] name", "expected the name of a print queue"],
    ),
    "paper of an unknown width": (
        "printer",
        {"type": "network", "host": "printer", "width_mm": 76},
        ["[printer] width_mm is “76”, which is not known", "Known: 58, 80."],
    ),
    "printer of an unknown make": (
        "printer",
        {"type": "network", "host": "printer", "profile": "TSP60"},
        ["[printer] profile is “TSP60”", "Did you mean “TSP600”?"],
    ),
    "note on paper in one language": (
        "printer",
        {"type": "network", "host": "printer", "note": {"fi": "Kiitos"}},
        ["[printer] note has no text in “sv”"],
    ),
    "unknown order of a counter": (
        "counters.6.order",
        "listet",
        ["[[counters]] no. 7 (7) order is “listet”", "Known: longest-wait, listed."],
    ),
}


@pytest.mark.parametrize(("place", "value", "told"), FAULTS.values(), ids=FAULTS)
def test_a_fault_is_told_with_its_place_and_what_was_expected(
    file: Path,
    place: str,
    value: Any,
    told: list[str],
) -> None:
    tree = tomllib.loads(REAL)
    *way, last = place.split(".")
    container: Any = tree
    for step in way:
        container = container[int(step) if isinstance(container, list) else step]
    if value is DROPPED:
        del container[last]
    else:
        container[last] = value
    file.write_text(toml(tree), encoding="utf-8")
    error = str(fault(file))
    for part in told:
        assert part in error


def test_what_a_command_line_names_wrongly_is_told_with_what_there_is(config: Config) -> None:
    with pytest.raises(ConfigError, match=r"“libary”.*Known: service-point, library, health"):
        config.unit("libary")
    with pytest.raises(ConfigError, match=r"“9”.*Known: 1, 2, 3, 4, 5, 6, 7"):
        config.counter("9")
    with pytest.raises(ConfigError, match=r"“de”.*Known: fi, sv, en"):
        config.language("de")


# Whatever else people may write

Tree = dict[str, Any]

VALUES: st.SearchStrategy[Any] = st.recursive(
    st.one_of(
        st.text(max_size=10),
        st.sampled_from(["", "fi", "library", "K", "1", "Europe/Oslo", "sqlite:x", "\n"]),
        st.sampled_from(["network", "usb", "/dev/usb/lp0", "04b8", "TM-T88V"]),
        st.sampled_from(["FI-01", "SE", "FI-99", "04:00", "8:00-12:00", "20:00-2:00", "closed"]),
        st.integers(-(2**63), 2**63 - 1),
        st.floats(),
        st.booleans(),
        st.datetimes(),
        st.dates(),
        st.times(),
    ),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=5,
)


def toml(value: Any) -> str:
    """Write a tree as TOML, everything in the form of one line."""

    def quoted(text: str) -> str:
        return '"' + "".join(f"\\U{ord(letter):08x}" for letter in text) + '"'

    def written(value: Any) -> str:
        match value:
            case dict():
                pairs = (f"{quoted(key)} = {written(each)}" for key, each in value.items())
                return "{" + ", ".join(pairs) + "}"
            case list():
                return "[" + ", ".join(map(written, value)) + "]"
            case str():
                return quoted(value)
            case bool():
                return str(value).lower()
            case datetime() | date() | time():
                return value.isoformat()
            case _:
                return str(value)

    return "\n".join(f"{quoted(key)} = {written(each)}" for key, each in value.items())


def test_the_real_tree_is_written_as_it_was_read() -> None:
    tree = tomllib.loads(REAL)
    assert tomllib.loads(toml(tree)) == tree


def places(tree: Any) -> list[tuple[Any, Any]]:
    """Return every place in the tree, as its container and the key or index in it."""
    keys: list[Any] = []
    if isinstance(tree, dict):
        keys = list(tree)
    if isinstance(tree, list):
        keys = list(range(len(tree)))
    return [(tree, key) for key in keys] + [place for key in keys for place in places(tree[key])]


def mutate(tree: Tree, data: st.DataObject) -> None:
    container, key = data.draw(st.sampled_from(places(tree)))
    match data.draw(st.sampled_from(["drop", "rename", "retype", "repeat", "add"])):
        case "drop":
            del container[key]
        case "rename" if isinstance(container, dict):
            name = data.draw(st.text(max_size=8) | st.just(f"{key}s"))
            container[name] = container.pop(key)
        case "repeat" if isinstance(container, list):
            container.append(copy.deepcopy(container[key]))
        case "add" if isinstance(container, dict):
            container[data.draw(st.text(max_size=8))] = data.draw(VALUES)
        case _:
            container[key] = data.draw(VALUES)


@given(data=st.data(), times=st.integers(1, 3))
@settings(
    max_examples=400,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_whatever_is_written_there_is_a_configuration_or_a_told_fault(
    file: Path, data: st.DataObject, times: int
) -> None:
    tree = tomllib.loads(REAL)
    tree["printer"] = {"type": "network", "host": "192.168.1.50", "width_mm": 80}
    for _ in range(times):
        mutate(tree, data)
    file.write_text(toml(tree), encoding="utf-8")
    try:
        config = load_config(file)
        hours = OpeningHours(config)
    except ConfigError as error:
        told = error
    else:
        for unit in config.units:
            hours.at(unit.id, config.clock().now())
        return
    assert str(file) in told.message
    assert told.hint
