"""Which call stands on the screen, which came before it, and which still has to wait.

Pure logic: it knows no screen and no clock. Moments and seconds are handed in.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from datetime import date, datetime
from operator import attrgetter

from shared.calls import latest
from shared.model import Call, CallId, ErrandId

EVERY = 100_000
"""A limit above the calls that a day can have: asked for so many, a store leaves none out."""

FRESH = 120.0
"""Seconds after which a call calls nobody any more: it is not announced, only listed."""

SHARES = 3
"""While others wait, a call has at least this part of its seconds: time to look up and read it."""


class Announcer:
    """Gives each call the screen for itself: in order, one at a time, each for its seconds.

    While others wait, the seconds are shared with them, so that many calls at once are through
    soon. Calls may be handed in twice; they count once.
    """

    def __init__(self, seconds: float, day_of: Callable[[datetime], date]) -> None:
        """``day_of`` tells the service day of a moment."""
        self._seconds = seconds
        self._day_of = day_of
        self._day: date | None = None
        self._listed: dict[ErrandId, Call] = {}
        self._queue: deque[Call] = deque()
        self._announced: Call | None = None
        self._since = 0.0
        self.last: CallId | None = None
        """The newest call that was handed in."""

    @property
    def current(self) -> Call | None:
        """The call that is announced now; else the newest, which nobody has followed yet."""
        return self._announced or next(iter(latest(self._listed.values())), None)

    @property
    def earlier(self) -> tuple[Call, ...]:
        """What was called before the current one, newest first, a ticket once."""
        current = self.current
        calls = latest(self._listed.values())
        return tuple(call for call in calls if current and call.label != current.label)

    @property
    def until(self) -> float | None:
        """The second until which the current call has the screen for itself, if it has."""
        if self._announced is None:
            return None
        return self._since + self._seconds / min(1 + len(self._queue), SHARES)

    def take(self, calls: Iterable[Call], moment: datetime) -> None:
        """Take in what the store has at this moment.

        New calls wait for their announcement. Those that are no longer fresh, after an outage or
        as the screen starts, are listed at once: what was called while it was off is caught up
        with, an hour is not played again. What is withdrawn is gone from wherever it stood.

        A new service day starts empty. A clock that is set back begins none.
        """
        starts, day = self._day is None, self._day_of(moment)
        if self._day is not None and self._day < day:
            self._listed.clear()
            self._queue.clear()
            self._announced = None
        self._day = day
        for call in sorted(calls, key=attrgetter("id")):
            # What was read before the day changed is yesterday's.
            if self._day_of(call.at) < day or (self.last is not None and call.id <= self.last):
                continue
            self.last = call.id
            if call.withdrawn:
                self._withdraw(call.errand)
            else:
                self._queue.append(call)
            # As numbers: clocks that go forward for the summer make no call older.
            age = moment.timestamp() - call.at.timestamp()
            # A call of later is new to a screen that has waited for it. To one that starts, it is
            # from before the clock was set back.
            if age > FRESH or (starts and age < -FRESH):
                # What waited before it is older still.
                self._listed.update((each.errand, each) for each in self._queue)
                self._queue.clear()

    def _withdraw(self, errand: ErrandId) -> None:
        self._listed.pop(errand, None)
        self._queue = deque(call for call in self._queue if call.errand != errand)
        if self._announced is not None and self._announced.errand == errand:
            self._announced = None

    def advance(self, now: float) -> Call | None:
        """Go on if the current call has had its time. Returns the call that is now announced.

        ``now`` is in monotonic seconds. None: nothing new is announced.
        """
        if self.until is not None and now < self.until:
            return None
        self._announced = self._queue.popleft() if self._queue else None
        if self._announced is not None:
            self._listed[self._announced.errand] = self._announced
            self._since = now
        return self._announced
