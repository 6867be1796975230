"""The service day: it changes once, at the centre's hour, whatever its clocks do."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from shared.clock import Clock, elapsed
from shared.config import Config
from tests.conftest import HandClock

HELSINKI = ZoneInfo("Europe/Helsinki")
SECOND = timedelta(seconds=1)
DAY = timedelta(days=1)


def test_the_service_day_is_the_date_where_nothing_is_said(clock: HandClock) -> None:
    clock.set(datetime(2026, 11, 24))  # noqa: DTZ001 – the centre's own time
    assert clock.day() == date(2026, 11, 24)
    clock.advance(seconds=-1)
    assert clock.day() == date(2026, 11, 23)


def test_the_service_day_changes_at_the_hour_of_the_configuration(config: Config) -> None:
    late = replace(config, centre=replace(config.centre, day_starts="4:30")).clock()
    change = datetime(2027, 1, 1, 4, 30, tzinfo=HELSINKI)
    assert late.day_of(change - SECOND) == date(2026, 12, 31)
    assert late.day_of(change) == date(2027, 1, 1)


def test_the_day_is_that_of_the_centre_wherever_a_moment_is_told() -> None:
    moment = datetime(2026, 11, 24, 22, tzinfo=UTC)
    for zone in (UTC, HELSINKI, ZoneInfo("Asia/Tokyo")):
        assert Clock(HELSINKI).day_of(moment.astimezone(zone)) == date(2026, 11, 25)


# On 29 March the clocks in Helsinki go from 3:00 to 4:00, on 25 October from 4:00 to 3:00: both
# times at 1:00 UTC.
SPRING, AUTUMN = date(2026, 3, 29), date(2026, 10, 25)


@pytest.mark.parametrize(
    ("day", "day_starts", "change"),
    [
        (SPRING, time(2, 59), datetime(2026, 3, 29, 0, 59, tzinfo=UTC)),
        (SPRING, time(3, 30), datetime(2026, 3, 29, 1, 30, tzinfo=UTC)),  # the clocks show 4:30
        (SPRING, time(4, 0), datetime(2026, 3, 29, 1, 0, tzinfo=UTC)),
        (AUTUMN, time(2, 59), datetime(2026, 10, 24, 23, 59, tzinfo=UTC)),
        (AUTUMN, time(3, 30), datetime(2026, 10, 25, 0, 30, tzinfo=UTC)),  # for the first time
        (AUTUMN, time(4, 0), datetime(2026, 10, 25, 2, 0, tzinfo=UTC)),
    ],
)
def test_the_day_changes_once_when_the_clocks_change(
    day: date, day_starts: time, change: datetime
) -> None:
    centre = Clock(HELSINKI, day_starts=day_starts)
    for minutes in range(1, 180):
        assert centre.day_of(change - timedelta(minutes=minutes)) == day - DAY
        assert centre.day_of(change + timedelta(minutes=minutes - 1)) == day


@pytest.mark.parametrize("day", [SPRING, AUTUMN])
def test_as_much_time_goes_by_when_the_clocks_change_as_always(day: date) -> None:
    change = datetime(day.year, day.month, day.day, 1, tzinfo=UTC)
    before, after = (
        (change + timedelta(minutes=minutes)).astimezone(HELSINKI) for minutes in (-10, 20)
    )
    assert after - before != timedelta(minutes=30)  # by what the clocks show
    assert elapsed(before, after) == timedelta(minutes=30)
    assert elapsed(after, before) == timedelta(minutes=-30)
    assert elapsed(change, after) == timedelta(minutes=20)


@given(
    zone=st.sampled_from(sorted(available_timezones())).map(ZoneInfo),
    day_starts=st.times(max_value=time(11, 59)),
    days=st.integers(0, 8000),
    seconds=st.integers(0, 86400),
    later=st.timedeltas(timedelta(0), timedelta(days=2)),
)
def test_the_day_never_goes_back_while_time_goes_on(
    zone: ZoneInfo, day_starts: time, days: int, seconds: int, later: timedelta
) -> None:
    moment = datetime(2015, 1, 1, tzinfo=UTC) + timedelta(days=days, seconds=seconds)
    centre = Clock(zone, day_starts=day_starts)
    assert centre.day_of(moment) <= centre.day_of(moment + later)
    assert moment.astimezone(zone).date() - centre.day_of(moment) in {timedelta(0), DAY}
