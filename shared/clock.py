"""The centre's time: what is it now, and which service day is it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo


def _system_time() -> datetime:
    return datetime.now(UTC)


def elapsed(since: datetime, now: datetime) -> timedelta:
    """Return how long it is from one aware moment to another; below 0 if ``now`` is before.

    Python subtracts two times of one zone by what the clocks show: an hour too much or too little
    on the nights on which they are changed.
    """
    return now.astimezone(UTC) - since.astimezone(UTC)


class Clock:
    """Tells time in the centre's zone. ``source`` gives an aware moment; tests bring their own."""

    def __init__(
        self,
        zone: ZoneInfo,
        source: Callable[[], datetime] = _system_time,
        day_starts: time = time(0),
    ) -> None:
        self.zone = zone
        self._source = source
        self._day_starts = day_starts
        self._last = (0.0, 0.0, date.min)
        """When the day that was asked for last began and ends, in seconds since 1970; its date."""

    def now(self) -> datetime:
        return self._source().astimezone(self.zone)

    def day(self) -> date:
        """Return the service day of now."""
        return self.day_of(self.now())

    def day_of(self, moment: datetime) -> date:
        """Return the service day of an aware moment: the date on which the day began.

        The day changes once: where the clocks go back over ``day_starts``, when they show it
        first; where they go forward over it, as long after the last midnight as on other days.
        These are the rules of RFC 5545, 3.3.5, for a time that comes twice or not at all.
        """
        # As numbers: Python compares two times of one zone by what the clocks show.
        at = moment.timestamp()
        began, ends, day = self._last
        if not began <= at < ends:  # else it is as it was: every step asks
            day = moment.astimezone(self.zone).date()
            if at < self._start(day):
                day -= timedelta(days=1)
            self._last = self._start(day), self._start(day + timedelta(days=1)), day
        return day

    def _start(self, day: date) -> float:
        return datetime.combine(day, self._day_starts, self.zone).timestamp()
