"""Opening hours: what a timetable promises, on every day and whatever the clocks do."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from itertools import accumulate
from typing import Any, assert_never
from zoneinfo import ZoneInfo

from holidays import country_holidays
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from shared.config import Timetable, load_config
from shared.config.ranges import read_ranges
from shared.config.shape import Store
from shared.hours import AHEAD, Closed, Closing, OpeningHours
from shared.hours import Open as Opened
from shared.model import UnitId
from tests.conftest import ROOT, HandClock

REAL = load_config(ROOT / "config.toml")
HOSPITAL = load_config(ROOT / "examples" / "hospital.toml")
LIBRARY = UnitId("library")
SECOND = timedelta(seconds=1)
DAY = timedelta(days=1)

State = Opened | Closing | Closed


def library(*, holidays: str | None = None, **timetable: Any) -> OpeningHours:
    """Return the opening hours of a centre whose library has this timetable."""
    return centre(Timetable(id="library", **timetable), holidays)


def centre(
    timetable: Timetable, holidays: str | None, zone: str = "Europe/Helsinki"
) -> OpeningHours:
    return OpeningHours(
        replace(
            REAL,
            centre=replace(REAL.centre, holidays=holidays, time_zone=zone),
            timetables=(timetable,),
            units=(REAL.unit(LIBRARY),),
            store=Store(url="sqlite:/nowhere/queue.db"),
        )
    )


def moment(text: str, zone: str = "Europe/Helsinki") -> datetime:
    """Read a moment by the clock in the zone; for the first time, if it shows it twice."""
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone))


def at(hours: OpeningHours, text: str) -> State:
    return hours.at(LIBRARY, moment(text))


def opened(last_ticket_at: str, closes_at: str | None = None) -> Opened:
    return Opened(
        last_ticket_at=moment(last_ticket_at), closes_at=moment(closes_at or last_ticket_at)
    )


def closed(opens_at: str) -> Closed:
    return Closed(opens_at=moment(opens_at))


ALWAYS = Opened(last_ticket_at=None, closes_at=None)
NEVER = Closed(opens_at=None)


# The week


def test_a_unit_without_a_timetable_is_always_open() -> None:
    hours = OpeningHours(REAL)
    assert hours.at(UnitId("service-point"), moment("2026-12-25 03:00")) == ALWAYS


def test_a_unit_that_is_not_in_the_configuration_any_more_has_no_hours_either() -> None:
    assert OpeningHours(REAL).at(UnitId("bank"), moment("2026-12-25 03:00")) == ALWAYS


def test_a_unit_says_until_when_it_is_open_and_when_it_opens_next() -> None:
    # 24 November 2026 is a Tuesday.
    hours = library(tue="9:00-12:00, 13:00-16:00", wed="8:30-10:00", mon="9:00-10:00")
    assert at(hours, "2026-11-24 08:59:59") == closed("2026-11-24 09:00")
    assert at(hours, "2026-11-24 09:00") == opened("2026-11-24 12:00")
    assert at(hours, "2026-11-24 11:59:59") == opened("2026-11-24 12:00")
    assert at(hours, "2026-11-24 12:00") == closed("2026-11-24 13:00")
    assert at(hours, "2026-11-24 13:00") == opened("2026-11-24 16:00")
    assert at(hours, "2026-11-24 16:00") == closed("2026-11-25 08:30")
    assert at(hours, "2026-11-25 10:00") == closed("2026-11-30 09:00")


def test_the_order_in_which_hours_are_written_does_not_matter() -> None:
    hours = library(tue="13:00-16:00, 09:00-12:00")
    assert at(hours, "2026-11-24 09:00") == opened("2026-11-24 12:00")
    assert at(hours, "2026-11-24 12:30") == closed("2026-11-24 13:00")


def test_the_answer_is_in_the_centres_time_wherever_the_moment_is_told() -> None:
    hours = library(tue="9:00-12:00")
    for zone in (UTC, ZoneInfo("Asia/Tokyo")):
        state = hours.at(LIBRARY, moment("2026-11-24 10:42").astimezone(zone))
        assert state == opened("2026-11-24 12:00")
        assert isinstance(state, Opened)
        assert state.closes_at
        assert state.closes_at.tzinfo is ZoneInfo("Europe/Helsinki")


def test_the_last_ticket_is_given_some_minutes_before_closing() -> None:
    hours = library(tue="9:00-12:00, 13:00-16:00", last_ticket_minutes=15)
    assert at(hours, "2026-11-24 11:44:59") == opened("2026-11-24 11:45", "2026-11-24 12:00")
    assert at(hours, "2026-11-24 11:45") == Closing(
        closes_at=moment("2026-11-24 12:00"), opens_at=moment("2026-11-24 13:00")
    )
    assert at(hours, "2026-11-24 15:59:59") == Closing(
        closes_at=moment("2026-11-24 16:00"), opens_at=moment("2026-12-01 09:00")
    )


def test_a_unit_that_opens_no_more_says_so() -> None:
    assert at(library(), "2026-11-24 10:42") == NEVER
    once = library(exceptions={"2026-11-24": "9:00-12:00"}, last_ticket_minutes=30)
    assert at(once, "2026-11-24 08:00") == closed("2026-11-24 09:00")
    assert at(once, "2026-11-24 11:40") == Closing(
        closes_at=moment("2026-11-24 12:00"), opens_at=None
    )
    assert at(once, "2026-11-24 12:00") == NEVER
    assert at(once, "2026-09-01 12:00") == NEVER  # that is too far away to be of use


# Past midnight


def test_hours_past_midnight_belong_to_the_day_on_which_they_began() -> None:
    hours = library(tue="20:00-2:00", exceptions={"2026-11-25": "closed"}, last_ticket_minutes=30)
    assert at(hours, "2026-11-24 01:00") == closed("2026-11-24 20:00")
    assert at(hours, "2026-11-24 23:00") == opened("2026-11-25 01:30", "2026-11-25 02:00")
    assert at(hours, "2026-11-25 01:00") == opened("2026-11-25 01:30", "2026-11-25 02:00")
    assert at(hours, "2026-11-25 01:30") == Closing(
        closes_at=moment("2026-11-25 02:00"), opens_at=moment("2026-12-01 20:00")
    )
    assert at(hours, "2026-11-25 02:00") == closed("2026-12-01 20:00")


def test_hours_that_meet_at_midnight_are_one() -> None:
    hours = library(tue="20:00-24:00", wed="0:00-8:00", last_ticket_minutes=30)
    assert at(hours, "2026-11-24 23:45") == opened("2026-11-25 07:30", "2026-11-25 08:00")


def test_hours_that_reach_into_those_of_the_next_day_are_one_with_them() -> None:
    hours = library(tue="20:00-4:00", wed="3:00-3:30, 6:00-7:00")
    assert at(hours, "2026-11-24 21:00") == opened("2026-11-25 04:00")
    assert at(hours, "2026-11-25 03:15") == opened("2026-11-25 04:00")
    assert at(hours, "2026-11-25 04:00") == closed("2026-11-25 06:00")


def test_a_unit_that_is_open_round_the_clock_never_closes() -> None:
    hours = OpeningHours(HOSPITAL)
    for text in ("2026-11-24 23:59:59", "2026-11-25 00:00", "2026-12-25 12:00"):
        assert hours.at(UnitId("reception"), moment(text, "Europe/Dublin")) == ALWAYS


def test_who_is_open_round_the_clock_still_says_when_it_closes_for_once() -> None:
    week: Any = dict.fromkeys(("mon", "tue", "wed", "thu", "fri", "sat", "sun"), "0:00-24:00")
    hours = library(**week, exceptions={"2026-12-24": "0:00-12:00", "2026-12-25": "closed"})
    assert at(hours, "2026-11-24 10:42") == opened("2026-12-24 12:00")
    assert at(hours, "2026-12-24 12:00") == closed("2026-12-26 00:00")


# The calendar


WEEKDAYS: Any = dict.fromkeys(("mon", "tue", "wed", "thu", "fri"), "9:00-16:00")


def test_public_holidays_are_closed_days_where_nothing_else_is_said() -> None:
    hours = library(**WEEKDAYS, holidays="FI")
    assert at(hours, "2026-12-23 17:00") == closed("2026-12-28 09:00")  # from Thursday to Saturday
    assert at(hours, "2027-01-06 10:00") == closed("2027-01-07 09:00")  # Epiphany, a Wednesday
    assert at(hours, "2027-03-25 17:00") == closed("2027-03-30 09:00")  # Easter
    assert at(library(**WEEKDAYS), "2027-01-06 10:00") == opened("2027-01-06 16:00")


def test_a_timetable_may_have_hours_of_its_own_on_public_holidays() -> None:
    hours = library(**WEEKDAYS, holidays="FI", on_holidays="10:00-14:00")
    assert at(hours, "2027-01-06 09:30") == closed("2027-01-06 10:00")
    assert at(hours, "2026-12-26 09:30") == closed("2026-12-26 10:00")  # a Saturday


def test_a_timetable_may_keep_its_week_on_public_holidays() -> None:
    hours = library(**WEEKDAYS, holidays="FI", on_holidays="as usual")
    assert at(hours, "2027-01-06 10:00") == opened("2027-01-06 16:00")
    assert at(hours, "2026-12-26 10:00") == closed("2026-12-28 09:00")


def test_exceptions_win_over_holidays_and_over_the_week() -> None:
    hours = library(
        **WEEKDAYS,
        holidays="FI",
        on_holidays="10:00-14:00",
        exceptions={
            "2026-11-25": "closed",
            "2026-11-28": "12:00-13:00",
            "2027-01-06": "closed",
            "2028-02-29": "9:00-9:30",
        },
    )
    assert at(hours, "2026-11-24 16:00") == closed("2026-11-26 09:00")
    assert at(hours, "2026-11-28 12:30") == opened("2026-11-28 13:00")
    assert at(hours, "2027-01-05 16:00") == closed("2027-01-07 09:00")
    assert at(hours, "2028-02-29 09:00") == opened("2028-02-29 09:30")
    assert at(hours, "2028-02-29 09:30") == closed("2028-03-01 09:00")


def test_parts_of_a_country_have_holidays_of_their_own() -> None:
    # The day of Åland's self-government, a Wednesday in 2027.
    assert at(library(**WEEKDAYS, holidays="FI-01"), "2027-06-09 10:00") == closed(
        "2027-06-10 09:00"
    )
    for place in ("FI", "FI-18", "FI-Nyland", "SE"):
        assert at(library(**WEEKDAYS, holidays=place), "2027-06-09 10:00") == opened(
            "2027-06-09 16:00"
        )


# When the clocks change: in Helsinki on 29 March 2026 from 3:00 to 4:00, on 25 October from 4:00
# to 3:00; both are Sundays


def test_closing_is_by_the_clock_when_a_night_is_shorter_or_longer() -> None:
    hours = library(sat="20:00-5:00")
    for sunday, length in (("2026-03-29", 8), ("2026-10-25", 10), ("2026-11-01", 9)):
        opens_at = moment(f"{sunday} 20:00") - DAY  # by the clock
        assert hours.at(LIBRARY, opens_at) == opened(f"{sunday} 05:00")
        closes_at = opens_at.astimezone(UTC) + timedelta(hours=length)
        assert isinstance(hours.at(LIBRARY, closes_at - SECOND), Opened)
        assert isinstance(hours.at(LIBRARY, closes_at), Closed)


def test_the_last_ticket_is_given_real_minutes_before_closing() -> None:
    hours = library(sun="0:00-4:00", last_ticket_minutes=90)
    # At 2:00 UTC the clocks show 4:00; at 0:30 UTC, 3:30 for the first time.
    state = hours.at(LIBRARY, moment("2026-10-25 02:00"))
    assert isinstance(state, Opened)
    assert state.last_ticket_at
    assert state.last_ticket_at.astimezone(UTC) == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)


def test_a_unit_opens_and_closes_once_in_an_hour_that_comes_twice() -> None:
    hours = library(sun="3:15-3:45")
    first = moment("2026-10-25 03:30")
    assert hours.at(LIBRARY, first) == opened("2026-10-25 03:45")
    assert hours.at(LIBRARY, first.replace(fold=1)) == closed("2026-11-01 03:15")


def test_hours_in_an_hour_that_is_left_out_come_after_it() -> None:
    hours = library(sun="2:00-3:30")
    assert at(hours, "2026-03-29 02:30") == opened("2026-03-29 04:30")
    hours = library(sun="3:30-3:45, 4:00-5:00")
    assert at(hours, "2026-03-29 02:30") == closed("2026-03-29 04:00")


def test_hours_that_the_clocks_leave_out_come_to_nothing() -> None:
    assert at(library(sun="3:30-4:00"), "2026-03-29 00:00") == closed("2026-04-05 03:30")


# The centres in the house


def test_every_unit_of_the_real_centre_is_open_on_a_tuesday_morning(clock: HandClock) -> None:
    hours = OpeningHours(REAL)
    for unit in REAL.units:
        assert isinstance(hours.at(unit.id, clock.now()), Opened)


def test_the_hospitals_evening_goes_on_past_midnight_within_one_service_day() -> None:
    hours = OpeningHours(HOSPITAL)
    night = moment("2026-11-25 00:30", "Europe/Dublin")
    assert isinstance(hours.at(UnitId("x-ray"), night), Opened)
    assert HOSPITAL.clock().day_of(night) == date(2026, 11, 24)


# Whatever else a timetable may say

ZONES = [
    "Europe/Helsinki",
    "Europe/Dublin",
    "America/Havana",  # the clocks change at midnight
    "Asia/Beirut",
    "America/Santiago",
    "Australia/Lord_Howe",  # by half an hour
    "UTC",
]


@st.composite
def days(draw: st.DrawFn) -> str:
    """Return a day's hours: up to three ranges, the last of them maybe past midnight."""
    times = sorted(draw(st.sets(st.integers(0, 30 * 12), max_size=6)))
    ranges = [
        f"{opens // 12}:{opens % 12 * 5:02}-{closes // 12 % 24}:{closes % 12 * 5:02}"
        for opens, closes in zip(times[::2], times[1::2], strict=False)
        if opens < 24 * 12 and closes - opens < 24 * 12
    ]
    return ", ".join(ranges) or "closed"


DATES = st.dates(date(2026, 1, 1), date(2028, 12, 31)).map(date.isoformat)

TIMETABLES = st.builds(
    Timetable,
    id=st.just("library"),
    **{
        day: st.just("closed") | days() for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
    },
    on_holidays=st.just("as usual") | days(),
    exceptions=st.dictionaries(DATES, days(), max_size=10),
    last_ticket_minutes=st.integers(0, 90),
)

CHANGES = [
    datetime(2026, 3, 8, 5, tzinfo=UTC),  # Havana
    datetime(2026, 3, 29, 1, tzinfo=UTC),  # Europe
    datetime(2026, 4, 4, 15, tzinfo=UTC),  # Lord Howe
    datetime(2026, 9, 6, 4, tzinfo=UTC),  # Santiago
    datetime(2026, 10, 24, 21, tzinfo=UTC),  # Beirut
    datetime(2026, 10, 25, 1, tzinfo=UTC),
    datetime(2026, 12, 31, 22, tzinfo=UTC),
    datetime(2028, 2, 28, 22, tzinfo=UTC),
]

MOMENTS = st.builds(
    lambda start, minutes: start + timedelta(minutes=minutes),
    st.just(datetime(2026, 1, 1, tzinfo=UTC)),
    st.integers(0, 2 * 366 * 24 * 60),
) | st.builds(
    lambda change, minutes: change + timedelta(minutes=minutes),
    st.sampled_from(CHANGES),
    st.integers(-36 * 60, 36 * 60),
)


def utc(moment: datetime) -> datetime:
    return moment.astimezone(UTC)


def periods(
    timetable: Timetable, holidays: str | None, zone: str, around: datetime
) -> list[tuple[datetime, datetime]]:
    """Return all hours of the timetable from two days before a moment on, day for day."""
    kept = country_holidays(holidays) if holidays else ()
    found = []
    for number in range(-2, AHEAD.days + 4):
        day = around.astimezone(ZoneInfo(zone)).date() + number * DAY
        text = timetable.week[day.weekday()]
        if day in kept and timetable.on_holidays != "as usual":
            text = timetable.on_holidays
        text = timetable.exceptions.get(day.isoformat(), text)
        for hours in read_ranges(text):
            opens_at, closes_at = (
                datetime.combine(day + clock // DAY * DAY, time(), ZoneInfo(zone)) + clock % DAY
                for clock in hours
            )
            found.append((utc(opens_at), utc(closes_at)))
    return [(opens_at, closes_at) for opens_at, closes_at in found if opens_at < closes_at]


@settings(max_examples=100, deadline=None)
@given(
    timetable=TIMETABLES,
    zone=st.sampled_from(ZONES),
    start=MOMENTS,
    steps=st.lists(st.integers(-90, 600), min_size=1, max_size=12),
)
def test_what_was_found_out_before_does_not_show(
    timetable: Timetable, zone: str, start: datetime, steps: list[int]
) -> None:
    hours = centre(timetable, None, zone)
    for minutes in accumulate(steps):
        now = start + timedelta(minutes=minutes)
        assert hours.at(LIBRARY, now) == centre(timetable, None, zone).at(LIBRARY, now)


@settings(max_examples=300, deadline=None)
@given(
    timetable=TIMETABLES,
    holidays=st.sampled_from([None, "FI"]),
    zone=st.sampled_from(ZONES),
    now=MOMENTS,
)
def test_what_is_said_at_any_moment_is_what_the_days_say_one_by_one(
    timetable: Timetable, holidays: str | None, zone: str, now: datetime
) -> None:
    known = periods(timetable, holidays, zone, now)
    minutes = timedelta(minutes=timetable.last_ticket_minutes)

    def is_open(moment: datetime) -> bool:
        return any(opens_at <= moment < closes_at for opens_at, closes_at in known)

    def next_opening(after: datetime) -> datetime | None:
        return min((opens_at for opens_at, _ in known if opens_at > after), default=None)

    def is_next_opening(told: datetime | None, after: datetime) -> bool:
        true = next_opening(after)
        return utc(told) == true if told else true is None or true > now + AHEAD

    closings = [closes_at for _, closes_at in known if closes_at > now and not is_open(closes_at)]
    match centre(timetable, holidays, zone).at(LIBRARY, now):
        case Closed(opens_at=opens_at):
            assert not is_open(now)
            assert is_next_opening(opens_at, now)
        case Closing(closes_at=closes_at, opens_at=opens_at):
            assert is_open(now)
            assert utc(closes_at) == min(closings)
            assert now >= min(closings) - minutes
            assert is_next_opening(opens_at, min(closings))
        case Opened(last_ticket_at=None, closes_at=None):
            assert is_open(now)
            assert min(closings) > now + AHEAD
        case Opened(last_ticket_at=last_ticket_at, closes_at=closes_at):
            assert is_open(now)
            assert closes_at
            assert last_ticket_at
            assert utc(closes_at) == min(closings)
            assert utc(last_ticket_at) == min(closings) - minutes
            assert now < min(closings) - minutes
        case never:
            assert_never(never)


@settings(max_examples=300, deadline=None)
@given(timetable=TIMETABLES, zone=st.sampled_from(ZONES), now=MOMENTS)
def test_what_was_said_holds_until_the_moment_that_was_told(
    timetable: Timetable, zone: str, now: datetime
) -> None:
    hours = centre(timetable, "FI", zone)
    said = hours.at(LIBRARY, now)
    match said:
        case Closed(opens_at=change):
            then: tuple[type[State], ...] = (Opened, Closing)
        case Closing(closes_at=change):
            then = (Closed,)
        case Opened(last_ticket_at=change):
            then = (Closing, Closed)
        case never:
            assert_never(never)
    if change is None:
        return
    assert now < utc(change)
    assert hours.at(LIBRARY, utc(change) - datetime.resolution) == said
    assert isinstance(hours.at(LIBRARY, change), then)
