"""Files of appointments: what is understood, and that every fault is named with its line."""

from __future__ import annotations

import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from admin.appointments.files import Files
from kiosk.keypad import Keypad, Letter
from shared.config import load_config
from shared.model import Appointment, UnitId
from tests.conftest import ROOT, HandClock

CENTRE = load_config(ROOT / "config.toml")
ZONE = HandClock().zone
NOON = "2026-11-24 12:00"
KEYS = "1234567890ABCDEFGHIJKLMNOPQRSTUVWXYZ"
"""All that can be typed at the kiosk."""


def read(*contents: str | bytes, suffix: str = "") -> Files:
    """Read these files, at 10:42 on 24 November 2026."""
    files = Files(CENTRE, HandClock())
    with tempfile.TemporaryDirectory() as folder:
        for number, content in enumerate(contents, 1):
            path = Path(folder, f"file{number}{suffix}")
            path.write_bytes(content.encode() if isinstance(content, str) else content)
            files.read(str(path))
    return files


def found(*contents: str | bytes) -> list[tuple[str, str, str]]:
    """Return code, unit and local time of the appointments in files without a fault."""
    files = read(*contents)
    assert files.faults == []
    assert files.cancelled == []
    return [(each.code, each.unit, f"{each.at:%Y-%m-%d %H:%M}") for each in files.appointments]


def faults(*contents: str | bytes, suffix: str = "") -> list[tuple[int | None, str]]:
    """Return line and words of every fault in the files."""
    return [(place.line, what) for place, what in read(*contents, suffix=suffix).faults]


def calendar(*lines: str) -> str:
    return "\r\n".join(["BEGIN:VCALENDAR", "VERSION:2.0", *lines, "END:VCALENDAR", ""])


def event(
    *lines: str, code: str | None = "X-VUORO-CODE:AB123", unit: str = "X-VUORO-UNIT:library"
) -> str:
    """Return a calendar with one event, whose BEGIN:VEVENT is line 3."""
    given_ = [line for line in (code, unit, *lines) if line]
    return calendar("BEGIN:VEVENT", *given_, "END:VEVENT")


# Tables that are understood


ONE = [("AB123", "library", "2026-11-24 12:00")]


@pytest.mark.parametrize(
    "content",
    [
        f"code,unit,time\nAB123,library,{NOON}\n",
        f"code;unit;time\nAB123;library;{NOON}",
        f"code,unit,time\r\nAB123,library,{NOON}\r\n",
        f"code,unit,time\rAB123,library,{NOON}\r",
        f"TIME, Unit ,Code\n{NOON},library,AB123\n",
        f'"code";"unit";"time"\n"AB123"; "library";"{NOON}"\n',
        f"\n ; ;\ncode;unit;time\n\n;;\nAB123;library;{NOON}\n;;;\n",
        f"code,unit,time\n ab-12 3 ,LIBRARY,{NOON}\n",
        "code,unit,date,time\nAB123,library,24.11.2026,12.00\n",
        f"code,unit,date,time\nAB123,library,,{NOON}\n",
        f'name,code,unit,time\n"Aro, Aino\nand a child",AB123,library,{NOON}\n',
        f"code;unit;time;matter;remark\nAB123;library;{NOON}\n",
        f"code;unit;time\nAB123;library;{NOON};;\n",
    ],
    ids=[
        "commas",
        "semicolons, no last line break",
        "Windows lines",
        "old Mac lines",
        "any order, capitals, blanks",
        "quotation marks",
        "empty lines",
        "a code as one types it",
        "a column for the date",
        "an empty date beside a whole time",
        "other columns, of several lines",
        "no fields for other columns",
        "empty fields too many",
    ],
)
def test_a_table_is_read(content: str) -> None:
    assert found(content) == ONE


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "windows-1252"])
def test_a_table_is_read_as_spreadsheets_save_it(encoding: str) -> None:
    table = f"nimi;code;unit;time\nÄijälä;AB123;Äitiys- ja lastenneuvola;{NOON}\n"
    assert found(table.encode(encoding)) == [("AB123", "maternity", "2026-11-24 12:00")]


@pytest.mark.parametrize(
    "name", ["library", "Kirjasto", "Bibliotek", "Library", " KIRJASTO ", "kirjasto"]
)
def test_a_unit_goes_by_its_id_and_by_its_name_in_any_language(name: str) -> None:
    assert found(f"code,unit,time\nAB123,{name},{NOON}\n") == ONE


def test_a_name_in_another_unicode_form_is_the_same_name() -> None:
    table = f"code,unit,time\nAB123,A\u0308itiys- ja lastenneuvola,{NOON}\n"
    assert found(table) == [("AB123", "maternity", "2026-11-24 12:00")]


@pytest.mark.parametrize(
    ("time", "hour"),
    [
        ("2026-11-24 12:00", "2026-11-24 12:00"),
        ("2026-11-24T12:00:00", "2026-11-24 12:00"),
        ("2026-11-24T12:00:00.000", "2026-11-24 12:00"),
        ("2026-11-24 09:30+02:00", "2026-11-24 09:30"),
        ("2026-11-24T09:30:00Z", "2026-11-24 11:30"),
        ("2026-11-24 10:30 +0300", "2026-11-24 09:30"),
        ("24.11.2026 9.05", "2026-11-24 09:05"),
        ("24.11.2026  12:00", "2026-11-24 12:00"),
        ("1.12.2026 12.00.00", "2026-12-01 12:00"),
        ("2028-02-29 12:00", "2028-02-29 12:00"),
    ],
)
def test_a_time_is_read_as_iso_or_finnish(time: str, hour: str) -> None:
    assert found(f"code;unit;time\nAB123;library;{time}\n") == [("AB123", "library", hour)]


def test_a_time_that_comes_twice_is_the_first_one() -> None:
    [appointment] = read("code,unit,time\nAB123,library,2027-10-31 03:30\n").appointments
    assert appointment.at.astimezone(UTC) == datetime(2027, 10, 31, 0, 30, tzinfo=UTC)
    # With an offset it is plain which one is meant.
    [appointment] = read("code,unit,time\nAB123,library,2027-10-31 03:30+02:00\n").appointments
    assert appointment.at.astimezone(UTC) == datetime(2027, 10, 31, 1, 30, tzinfo=UTC)


def test_todays_export_may_be_read_all_day_and_days_that_are_over_are_left_out() -> None:
    files = read(
        "code,unit,time\n"
        "AB121,library,2026-11-23 23:59\n"
        "AB122,library,2026-11-24 00:00\n"
        "AB123,library,2026-11-24 08:00\n"
        "AB121,library,2026-11-22 12:00\n"
    )
    assert files.faults == []
    assert [each.code for each in files.appointments] == ["AB122", "AB123"]
    assert files.past == 2


def test_the_same_code_may_stand_on_two_days_and_two_files_are_read_as_one() -> None:
    first = f"code,unit,time\nAB123,library,{NOON}\n"
    second = "code;unit;time\nAB123;health;25.11.2026 12.00\n"
    assert found(first, second) == [*ONE, ("AB123", "health", "2026-11-25 12:00")]


def test_a_table_without_appointments_is_none_the_worse() -> None:
    assert found("code,unit,time\n") == []


# Every fault of a table, with its line


HEAD = "code,unit,time\n"
MUST_NAME = "the first line must name the columns code, unit and time: "
WRITTEN = "the time must be written like 2026-11-24 10:30 or 24.11.2026 10.30"
KNOWN = "service-point, library, health, maternity, dental, home-care, social"


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("", [(None, "the file is empty")]),
        ("\ufeff\n \n", [(None, "the file is empty")]),
        ("code;unit\nAB123;library\n", [(1, MUST_NAME + "time is missing")]),
        ("\n\nAB123;library;12:00\n", [(3, MUST_NAME + "code and unit and time are missing")]),
        ("code,unit,time,code\n", [(1, "the column code comes more than once")]),
        (HEAD + f",library,{NOON}\n", [(2, "the code is missing")]),
        (HEAD + f"A-1 2,library,{NOON}\n", [(2, "the code must have 4 to 20 letters and digits")]),
        (
            HEAD + f"{'A1' * 10}3,library,{NOON}\n",
            [(2, "the code must have 4 to 20 letters and digits")],
        ),
        (HEAD + f"AB123,,{NOON}\n", [(2, "the unit is missing")]),
        (HEAD + f"AB123,libary,{NOON}\n", [(2, "the unit is not known: did you mean “library”?")]),
        (
            HEAD + f"AB123,kirjastto,{NOON}\n",
            [(2, "the unit is not known: did you mean “Kirjasto”?")],
        ),
        (HEAD + "AB123,library,\n", [(2, "the time is missing")]),
        (HEAD + "AB123,library\n", [(2, "the time is missing")]),
        (HEAD + "AB123,library,2026-11-24\n", [(2, WRITTEN)]),
        (HEAD + "AB123,library,10:30\n", [(2, WRITTEN)]),
        (HEAD + "AB123,library,2026-11-31 10:30\n", [(2, WRITTEN)]),
        (HEAD + "AB123,library,2026-11-24 24:30\n", [(2, WRITTEN)]),
        (HEAD + "AB123,library,2026-11-24 10:61\n", [(2, WRITTEN)]),
        (HEAD + "AB123,library,11/24/2026 10:30\n", [(2, WRITTEN)]),
        (HEAD + "AB123,library,24.11.26 10.30\n", [(2, WRITTEN)]),
        (HEAD + "AB123,library,0001-01-01 00:00\n", [(2, "the year cannot be right")]),
        (HEAD + "AB123,library,9999-12-31 23:59\n", [(2, "the year cannot be right")]),
        (
            HEAD + "AB123,library,2027-03-28 03:30\n",
            [(2, "the time does not exist: clocks go forward over it")],
        ),
        (HEAD + "A,nowhere in town,x\n", [
            (2, "the code must have 4 to 20 letters and digits"),
            (2, f"the unit is not known: use one of {KNOWN}"),
            (2, WRITTEN),
        ]),
    ],
)  # fmt: skip
def test_every_fault_of_a_table_is_named(content: str, told: list[tuple[int, str]]) -> None:
    assert faults(content) == told


def test_every_bad_line_is_named_and_good_ones_among_them_are_not() -> None:
    told = faults(
        "name,code,unit,time\n"
        f"A,AB121,library,{NOON}\n"
        f"B,AB122,libary,{NOON}\n"
        "\n"
        f'"C\nC",,library,{NOON}\n'
        f"D,AB124,library,{NOON}\n"
        f"E,AB125,library,noon\n"
    )
    assert [line for line, _ in told] == [3, 5, 8]


def test_a_field_that_has_slipped_is_noticed() -> None:
    """An unquoted comma would make a name the code, and a code the unit."""
    [(line, told)] = faults(f"name,code,unit,time\nAro, Aino,AB123,library,{NOON}\n")
    assert line == 2
    assert "more fields than columns" in told


@pytest.mark.parametrize("bad", ['"AB123,library,x', '"AB"123,library,x'])
def test_a_quotation_mark_left_open_does_not_swallow_what_follows(bad: str) -> None:
    told = faults(f"{HEAD}AB121,library,{NOON}\n{bad}\nAB124,library,{NOON}\n")
    assert told == [(3, "a quotation mark is left open, or stands within a field")]


NO_KEYS = "the code has signs that the kiosk has no keys for: use A to Z and 0 to 9"


@pytest.mark.parametrize("code", ["ÄB123", "ab-12é", "АВ123", "AB12３", "AB12²", "AB/77", "=AB12"])
def test_a_code_that_cannot_be_typed_at_the_kiosk_is_a_fault(code: str) -> None:
    table = f"{HEAD}AB121,library,{NOON}\n{code},library,{NOON}\n"
    assert faults(table) == [(3, NO_KEYS)]
    assert faults(event("DTSTART:20261124T120000", code=f"UID:{code}@x")) == [(3, NO_KEYS)]


def test_what_can_be_typed_at_the_kiosk_is_a_code() -> None:
    keys = {key.key.upper() for key in Keypad().compose() if isinstance(key, Letter)}
    assert keys == {*KEYS, "BACKSPACE"}
    assert [code for code, _, _ in found(f"{HEAD}{KEYS[:20]},library,{NOON}\n")] == [KEYS[:20]]
    assert [code for code, _, _ in found(f"{HEAD}{KEYS[20:]},library,{NOON}\n")] == [KEYS[20:]]


@pytest.mark.parametrize("code", ["1,23457E+12", "1.2E+9"])
def test_a_code_that_a_spreadsheet_has_spoiled_is_noticed(code: str) -> None:
    [(line, told)] = faults(f"code;unit;time\n{code};library;{NOON}\n")
    assert line == 2
    assert "spreadsheet" in told


def test_a_code_that_comes_twice_on_one_day_is_a_fault_across_files_too() -> None:
    first = f"{HEAD}AB123,library,{NOON}\nab-123,health,2026-11-24 13:00\n"
    second = f"{HEAD}AB123,library,{NOON}\n"
    [(one, told_one), (two, told_two)] = read(first, second).faults
    assert (one.line, two.line) == (3, 2)
    for told in (told_one, told_two):
        assert told.startswith("the code stands in ")
        assert told.endswith("file1, line 2 already, for the same day")


@pytest.mark.parametrize(
    "content",
    [HEAD.encode("utf-16"), HEAD.encode() + b"\0", b"PK\x03\x04\x81\x8d\x8f", b"\x00\xff" * 99],
    ids=["UTF-16", "a zero byte", "a spreadsheet's own file", "noise"],
)
def test_what_is_no_text_is_told(content: bytes) -> None:
    assert faults(content) == [
        (None, "the file is no text, neither UTF-8 nor Windows-1252"),
    ]


def test_a_file_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    files = Files(CENTRE, HandClock())
    files.read(str(tmp_path / "nowhere.csv"))
    files.read(str(tmp_path))
    assert [(place.file, place.line) for place, _ in files.faults] == [
        (str(tmp_path / "nowhere.csv"), None),
        (str(tmp_path), None),
    ]
    assert all(told.startswith("the file cannot be read: ") for _, told in files.faults)


# Calendars that are understood


@pytest.mark.parametrize(
    "start",
    [
        "DTSTART:20261124T120000",
        "DTSTART:20261124T100000Z",
        "DTSTART;TZID=Europe/Helsinki:20261124T120000",
        "DTSTART;TZID=Europe/Stockholm:20261124T110000",
        'DTSTART;TZID="FLE Standard Time":20261124T120000',
        "DTSTART;TZID=/example.org/Europe/Helsinki:20261124T120000",
        "DTSTART;VALUE=DATE-TIME:2026112\r\n 4T120000",
        "dtstart:20261124T120000",
    ],
)
def test_an_event_begins_in_its_own_time_zone_or_in_the_centres(start: str) -> None:
    assert found(event(start)) == ONE


STOCKHOLM = (
    "BEGIN:VTIMEZONE",
    "TZID:Our own time",
    "BEGIN:STANDARD",
    "DTSTART:16010101T000000",
    "TZOFFSETFROM:+0100",
    "TZOFFSETTO:+0100",
    "END:STANDARD",
    "END:VTIMEZONE",
)
IN_STOCKHOLM = (
    "BEGIN:VEVENT",
    "UID:ab123@example.org",
    "DTSTART;TZID=Our own time:20261124T110000",
    "LOCATION:library",
    "END:VEVENT",
)


@pytest.mark.parametrize("lines", [(*STOCKHOLM, *IN_STOCKHOLM), (*IN_STOCKHOLM, *STOCKHOLM)])
def test_a_time_zone_that_the_file_describes_itself_is_understood(lines: tuple[str, ...]) -> None:
    assert found(calendar(*lines)) == ONE


def test_a_time_zone_holds_only_in_the_file_that_describes_it() -> None:
    there = calendar(*STOCKHOLM, *IN_STOCKHOLM)
    elsewhere = calendar(*IN_STOCKHOLM).replace("ab123", "ab124")
    assert faults(there, elsewhere) == [
        (3, "the time zone of the event's DTSTART is not known"),
    ]
    eastward = there.replace("+0100", "+0300").replace("ab123", "ab124")
    assert found(there, eastward) == [*ONE, ("AB124", "library", "2026-11-24 10:00")]


@pytest.mark.parametrize(
    "unit",
    [
        "X-VUORO-UNIT:library",
        "X-VUORO-UNIT:Kirjasto\r\nLOCATION:Health centre",
        "LOCATION:Bibliotek",
        "LOCATION:Ruskatalo\r\nCATEGORIES:walk\\, talk,Kirjasto",
        "CATEGORIES:blue\r\nCATEGORIES:library",
        "LOCATION:Kirjasto\r\nCATEGORIES:library",
    ],
)
def test_an_event_says_its_unit_in_one_of_three_places(unit: str) -> None:
    assert found(event("DTSTART:20261124T120000", unit=unit)) == ONE


@pytest.mark.parametrize(
    "code",
    [
        "X-VUORO-CODE:ab-123",
        f"UID:{'f' * 40}\r\nX-VUORO-CODE:AB123",
        "UID:ab123",
        "UID:ab-123@booking.example.org",
    ],
)
def test_an_event_says_its_code_or_has_it_as_its_uid(code: str) -> None:
    assert found(event("DTSTART:20261124T120000", code=code)) == ONE


def test_capitals_and_blanks_do_not_matter_where_an_event_begins_and_ends() -> None:
    whole = event("DTSTART:20261124T120000")
    assert found(whole.replace("BEGIN:VEVENT", "begin: vevent ").replace("END:", "End:")) == ONE


def test_a_cancelled_event_cancels() -> None:
    files = read(event("DTSTART:20261124T120000", "STATUS:CANCELLED"))
    at = datetime(2026, 11, 24, 12, tzinfo=ZONE)
    assert files.cancelled == [Appointment(code="AB123", unit=UnitId("library"), at=at)]
    assert (files.appointments, files.faults) == ([], [])
    assert read(event("DTSTART:20261124T120000", "STATUS:CONFIRMED")).cancelled == []


def test_a_time_at_which_the_unit_is_closed_is_taken_over_and_named() -> None:
    # 24 November 2026 is a Tuesday. The service point is always open.
    night = read(
        "code,unit,time\nAB123,library,2026-11-24 12:00\nAB124,library,2026-11-24 23:30\n"
        "AB125,service-point,2026-11-24 23:30\nAB126,health,2026-12-06 12:00\n"
    )
    assert night.faults == []
    assert [place.line for place in night.closed] == [3, 5]
    assert len(night.appointments) == 4
    cancelled = read(event("DTSTART:20261124T233000", "STATUS:CANCELLED"))
    assert (cancelled.closed, len(cancelled.cancelled)) == ([], 1)


def test_what_else_an_event_has_is_passed_over() -> None:
    assert (
        found(
            event(
                "DTSTART:20261124T120000",
                "DTEND:whenever",
                "SUMMARY:A visit\\, with BEGIN:VEVENT in it",
                "DESCRIPTION:Folded\r\n BEGIN:VEVENT\r\n\tEND:VCALENDAR",
                'ATTENDEE;CN="Aro":mailto:aro@example.org',
                "Not a line of a calendar at all",
                "BEGIN:VALARM",
                "ACTION:DISPLAY",
                "DTSTART:19990101T000000",
                "TRIGGER:-PT15M",
                "END:VALARM",
            ).replace("\r\n", "\n")
        )
        == ONE
    )  # fmt: skip


def test_only_events_are_appointments_and_one_file_may_hold_several_calendars() -> None:
    todo = calendar("BEGIN:VTODO", "DUE:20261124T120000", "END:VTODO")
    assert found(todo + event("DTSTART:20261124T120000")) == ONE


# Every fault of a calendar, with the line in which its event begins


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        ([], "the event has no DTSTART"),
        (["DTSTART:20261124"], "the event is all day: an appointment needs a time"),
        (["DTSTART;VALUE=DATE:20261124"], "the event is all day: an appointment needs a time"),
        (
            ["DTSTART;TZID=Europe/Helsinki:20261124"],
            "the event is all day: an appointment needs a time",
        ),
        (["DTSTART:tomorrow"], "the event's DTSTART is not one date and time"),
        (["DTSTART:20261131T120000"], "the event's DTSTART is not one date and time"),
        (["DTSTART:PT1H"], "the event's DTSTART is not one date and time"),
        (
            ["DTSTART:20261124T120000", "DTSTART:20261124T130000"],
            "the event's DTSTART is not one date and time",
        ),
        (
            ["DTSTART;TZID=Middle Earth:20261124T120000"],
            "the time zone of the event's DTSTART is not known",
        ),
        (["DTSTART;TZID=Europe:20261124T120000"], "the event is not written as iCalendar demands"),
        (["DTSTART:20270328T033000"], "the time does not exist: clocks go forward over it"),
        (
            ["DTSTART;TZID=Europe/Helsinki:20270328T033000"],
            "the time does not exist: clocks go forward over it",
        ),
        (
            ["DTSTART:20261124T120000", "RRULE:FREQ=WEEKLY"],
            "the event repeats: each time must be an event of its own",
        ),
        (
            ["DTSTART:20261124T120000", "RECURRENCE-ID:20261124T120000"],
            "the event repeats: each time must be an event of its own",
        ),
    ],
)
def test_an_event_without_a_plain_time_is_a_fault(lines: list[str], told: str) -> None:
    assert faults(event(*lines)) == [(3, told)]


def test_all_that_is_wrong_with_an_event_is_told() -> None:
    wrong = event("RRULE:FREQ=WEEKLY", "DTSTART:20261124T120000", code="UID:a", unit="LOCATION:x")
    assert [what.partition(":")[0] for _, what in read(wrong).faults] == [
        "the code must have 4 to 20 letters and digits",
        "the unit is not known",
        "the event repeats",
    ]
    assert faults(event("SUMMARY:none of it", code=None, unit="")) == [
        (3, "the code is missing"),
        (3, "the unit is missing"),
        (3, "the event has no DTSTART"),
    ]


LIBRARY = "X-VUORO-UNIT:library"


@pytest.mark.parametrize(
    ("code", "unit", "told"),
    [
        (None, LIBRARY, "the code is missing"),
        ("UID:a@b", LIBRARY, "the code must have 4 to 20 letters and digits"),
        (
            "UID:0b3c2a52-8e5e-4e6e-9f0e-3f9f2b8d8f11",
            LIBRARY,
            "the event has no X-VUORO-CODE, and its UID is too long for a code",
        ),
        ("UID:AB123", "", "the unit is missing"),
        ("UID:AB123", "LOCATION:Libary", "the unit is not known: did you mean “library”?"),
        (
            "UID:AB123",
            "X-VUORO-UNIT:nowhere in town\r\nLOCATION:library",
            f"the unit is not known: use one of {KNOWN}",
        ),
        ("UID:AB123", "LOCATION:library\r\nCATEGORIES:health", "more than one unit is named"),
    ],
)
def test_an_event_without_a_code_or_a_unit_is_a_fault(
    code: str | None, unit: str, told: str
) -> None:
    assert faults(event("DTSTART:20261124T120000", code=code, unit=unit)) == [(3, told)]


def test_events_are_told_apart_by_the_line_that_they_begin_in() -> None:
    good = ["DTSTART:20261124T120000", "LOCATION:library"]
    told = faults(
        calendar(
            *["BEGIN:VEVENT", "UID:aa11", *good, "END:VEVENT"],
            *["BEGIN:VEVENT", "UID:aa12", "DESCRIPTION:one\r\n two\r\n three", "END:VEVENT"],
            *["BEGIN:VEVENT", "UID:AA11@example.org", *good, "END:VEVENT"],
        )
    )
    assert [line for line, _ in told] == [8, 8, 14]


@pytest.mark.parametrize(
    ("content", "line", "told"),
    [
        ("BEGIN:VEVENT\nEND:VEVENT\n", 1, "a calendar must begin here"),
        ("code,unit,time\n", 1, "a calendar must begin here"),
        ("BEGIN:VCALENDAR\nEND:VCALENDAR\nand more\n", 3, "a calendar must begin here"),
        ("BEGIN:VCALENDAR\nBEGIN:VEVENT\nBEGIN:VEVENT\n", 2, "what begins here does not end"),
        ("BEGIN:VCALENDAR\nBEGIN:VEVENT\nEND:VCALENDAR\n", 2, "what begins here does not end"),
        ("BEGIN:VCALENDAR\nVERSION:2.0\n", 1, "what begins here does not end: the file is cut off"),
    ],
)
def test_a_calendar_whose_parts_do_not_fit_is_a_fault(content: str, line: int, told: str) -> None:
    [(at, what)] = faults(content, suffix=".ics")
    assert at == line
    assert what.startswith(told)


# What nobody thought of


WHOLE = calendar(
    *STOCKHOLM,
    *IN_STOCKHOLM,
    "BEGIN:VEVENT",
    "X-VUORO-CODE:CD345",
    "X-VUORO-UNIT:health",
    "DTSTART:20261124T120000",
    "END:VEVENT",
)


@given(st.integers(0, len(WHOLE) - len("\r\n") - 1))
def test_a_calendar_cut_off_anywhere_is_not_used(length: int) -> None:
    assert read(WHOLE[:length], suffix=".ics").faults


SCRAPS = st.sampled_from(
    [
        *WHOLE.split("\r\n"),
        *("code", "unit", "time", "date", "library", "AB123", "24.11.2026 10.30", NOON, "10:30"),
        *(",", ";", '"', "\n", "\r", " ", ":", "\t", ";TZID=", "RRULE:FREQ=DAILY", "\ufeff", "\0"),
        *("DTSTART:00010101T000000", "DTSTART:99991231T235959Z", "DTSTART;VALUE=PERIOD:x/y"),
        *("BEGIN:X", "END:X", "BEGIN;A=B:VEVENT", "CATEGORIES;VALUE=BINARY:é", "UID;VALUE=DATE:x"),
        *("0001-01-01 00:00", "9999-12-31 23:59+00:00", "2027-03-28 03:30", "TZOFFSETTO:+9999"),
    ]
)
GARBAGE = st.one_of(
    st.binary(),
    st.text().map(str.encode),
    st.lists(SCRAPS).map("\n".join).map(str.encode),
    st.lists(SCRAPS).map("".join).map(str.encode),
    st.lists(SCRAPS).map(lambda lines: calendar(*lines).encode()),
    st.lists(SCRAPS).map(lambda lines: event(*lines, code=None, unit="").encode()),
    st.lists(SCRAPS).map(lambda cells: f"code,unit,time\n{','.join(cells)}\n".encode()),
)


@given(GARBAGE, st.sampled_from(["", ".ics"]))
@example(event("CATEGORIES;VALUE=BINARY:library", unit="").encode(), "")
@example(b"BEGIN:VCALENDAR\nBEGIN:VTIMEZONE\nTZID:x\nEND:VTIMEZONE\nEND:VCALENDAR\n", "")
def test_whatever_stands_in_a_file_is_understood_or_told(content: bytes, suffix: str) -> None:
    files = read(content, suffix=suffix)
    lines = content.count(b"\n") + content.count(b"\r") + 1
    for place, told in files.faults:
        assert place.line is None or 1 <= place.line <= lines
        assert told
    codes = [(each.code, each.at.date()) for each in files.appointments + files.cancelled]
    if not files.faults:
        assert len(set(codes)) == len(codes)
    for each in files.appointments + files.cancelled:
        assert 4 <= len(each.code) <= 20
        assert set(each.code) <= set(KEYS)
        assert each.unit in {unit.id for unit in CENTRE.units}
        assert each.at.utcoffset() in {timedelta(hours=2), timedelta(hours=3)}


NAME = "Xylander"


@given(
    st.lists(st.lists(st.sampled_from(
        [NAME, f"{NAME}, Aino", f'"{NAME}', "AB123", "library", NOON, "", "2026", "health"]
    ), max_size=6).map(",".join)),
    st.sampled_from(["code,unit,time", f"{NAME},code,unit,time", f"unit;time;{NAME};code"]),
)  # fmt: skip
def test_no_message_repeats_what_stands_in_a_table(lines: list[str], head: str) -> None:
    for _, told in read("\n".join([head, *lines])).faults:
        assert NAME.casefold() not in told.casefold()


@given(
    st.lists(st.sampled_from(
        ["SUMMARY", "UID", "LOCATION", "CATEGORIES", "DTSTART", "DTSTART;TZID=x", "RRULE", "END",
         "BEGIN", "STATUS", "X-VUORO-CODE", "X-VUORO-UNIT", f"DTSTART;TZID={NAME}", NAME]
    ), max_size=6),
)  # fmt: skip
def test_no_message_repeats_what_stands_in_a_calendar(names: list[str]) -> None:
    content = event(*(f"{name}:{NAME}" for name in names), code=None, unit="")
    for _, told in read(content).faults:
        assert NAME.casefold() not in told.casefold()
