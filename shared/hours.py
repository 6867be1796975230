"""When the units are open: their timetables, laid over the calendar."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple, TypeAlias

from msgspec import Struct

from shared.config import Config, Timetable
from shared.config.ranges import DAY, Range, read_ranges
from shared.config.shape import AS_USUAL
from shared.holidays import public_holidays
from shared.model import UnitId

AHEAD = timedelta(days=60)
"""How far to look for the next opening or closing."""


class Open(Struct, frozen=True, kw_only=True):
    """The unit gives tickets until ``last_ticket_at``, and closes later or then.

    Both are None when it does not close within AHEAD.
    """

    last_ticket_at: datetime | None
    closes_at: datetime | None


class Closing(Struct, frozen=True, kw_only=True):
    """The unit is open still, but has given its last ticket. ``opens_at`` is as in Closed."""

    closes_at: datetime
    opens_at: datetime | None


class Closed(Struct, frozen=True, kw_only=True):
    """The unit opens next at ``opens_at``; None: not within AHEAD."""

    opens_at: datetime | None


State: TypeAlias = Open | Closing | Closed


class OpeningHours:
    """The opening hours of a centre's units, by the clock in its zone, on every day.

    Exceptions win over public holidays, those over the days of the week. Hours that go on past
    midnight belong to the day on which they began; hours that meet or overlap are one. A time
    that the clocks show twice, or leave out, is what it is for a service day: see
    :meth:`shared.clock.Clock.day_of`.
    """

    def __init__(self, config: Config) -> None:
        known = {timetable.id: timetable for timetable in config.timetables}
        self._timetables = {unit.id: known[unit.hours] for unit in config.units if unit.hours}
        self._zone = config.clock().zone
        self._found: dict[str, _Found] = {}
        self._holidays = public_holidays(config)

    def at(self, unit: UnitId, moment: datetime) -> State:
        """Tell whether a unit is open at an aware moment. The answer is in the centre's time."""
        if unit not in self._timetables:
            return Open(last_ticket_at=None, closes_at=None)
        timetable = self._timetables[unit]
        yesterday = moment.astimezone(self._zone).date() - DAY
        now = moment.astimezone(UTC)
        found = self._found.get(timetable.id)
        # It is asked at every change of every queue, and changes itself a few times a day.
        if found is None or found.first != yesterday or not found.since <= now < found.until:
            state, until = self._look_up(timetable, yesterday, now)
            found = self._found[timetable.id] = _Found(yesterday, now, until, state)
        return found.state

    def _look_up(self, timetable: Timetable, first: date, now: datetime) -> tuple[State, datetime]:
        """Return the state now, and until when it is the same, if the day does not end before."""
        periods = (each for each in self._periods(timetable, first) if now < each.closes_at)
        period = next(periods, None)
        if period is None:
            return Closed(opens_at=None), now + DAY
        if now < period.opens_at:
            return Closed(opens_at=self._local(period)), period.opens_at
        if period.closes_at - now > AHEAD:
            return Open(last_ticket_at=None, closes_at=None), period.closes_at - AHEAD
        closes_at = period.closes_at.astimezone(self._zone)
        last_ticket_at = period.closes_at - timedelta(minutes=timetable.last_ticket_minutes)
        if now < last_ticket_at:
            local = last_ticket_at.astimezone(self._zone)
            return Open(last_ticket_at=local, closes_at=closes_at), last_ticket_at
        opens_at = self._local(next(periods, None))
        return Closing(closes_at=closes_at, opens_at=opens_at), period.closes_at

    def _local(self, period: _Period | None) -> datetime | None:
        return period.opens_at.astimezone(self._zone) if period else None

    def _periods(self, timetable: Timetable, first: date) -> Iterator[_Period]:
        """Yield when it is open from the first day on, in order; no two of them meet."""
        joined: _Period | None = None
        for period in self._days(timetable, first):
            if joined is None:
                joined = period
            elif period.opens_at <= joined.closes_at:
                joined = _Period(joined.opens_at, max(joined.closes_at, period.closes_at))
            else:
                yield joined
                joined = period
        if joined is not None:
            yield joined

    def _days(self, timetable: Timetable, first: date) -> Iterator[_Period]:
        """Yield what each day's hours come to, in order of opening."""
        for number in range(AHEAD.days + 2):
            day = first + number * DAY
            midnight = datetime.combine(day, time(), self._zone)
            periods = (
                _Period((midnight + opens).astimezone(UTC), (midnight + closes).astimezone(UTC))
                for opens, closes in self._ranges(timetable, day)
            )
            # Where the clocks go forward, hours may come to nothing.
            yield from sorted(each for each in periods if each.opens_at < each.closes_at)

    def _ranges(self, timetable: Timetable, day: date) -> tuple[Range, ...]:
        text = timetable.exceptions.get(day.isoformat())
        if text is None and timetable.on_holidays != AS_USUAL and day in self._holidays:
            text = timetable.on_holidays
        if text is None:
            text = timetable.week[day.weekday()]
        return read_ranges(text)


class _Period(NamedTuple):
    """From when to when, in UTC: only there do times of one zone compare as they should."""

    opens_at: datetime
    closes_at: datetime


class _Found(NamedTuple):
    """A state that holds from one moment until another, if both are on one day."""

    first: date
    since: datetime
    until: datetime
    state: State
