"""Which call stands on the screen, which came before it, and which still has to wait.

Pure logic: it knows no screen and no clock. Moments and seconds are handed in.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from datetime import date, datetime, timedelta

from shared.model import Call, CallId, ErrandId

EVERY = 100_000
"""A limit above the calls that a day can have: asked for so many, a store leaves none out."""

FRESH = timedelta(minutes=2)
"""A call older than this calls nobody any more: it is not announced, only listed."""


def latest(calls: Iterable[Call]) -> tuple[Call, ...]:
    """Return the last call of each errand, newest first."""
    by_errand: dict[ErrandId, Call] = {}
    for call in calls:
        if call.errand not in by_errand or by_errand[call.errand].id < call.id:
            by_errand[call.errand] = call
    return tuple(sorted(by_errand.values(), key=lambda call: call.id, reverse=True))


class Announcer:
    """Gives each call the screen for itself: in order, one at a time, each for its seconds.

    Calls may be handed in twice; they count once.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._day: date | None = None
        self._listed: dict[ErrandId, Call] = {}
        self._queue: deque[Call] = deque()
        self._announced: Call | None = None
        self._until = 0.0
        self.last: CallId | None = None
        """The newest call that was handed in."""

    @property
    def current(self) -> Call | None:
        """The call that is announced now; else the newest, which nobody has followed yet."""
        return self._announced or max(self._listed.values(), key=lambda call: call.id, default=None)

    @property
    def earlier(self) -> tuple[Call, ...]:
        """What was called before the current one, newest first, an errand once."""
        current = self.current
        return tuple(call for call in latest(self._listed.values()) if call != current)

    @property
    def until(self) -> float | None:
        """The second until which the current call has the screen for itself, if it has."""
        return None if self._announced is None else self._until

    def take(self, calls: Iterable[Call], moment: datetime) -> None:
        """Take in what the store has at this moment.

        New calls wait for their announcement. Those that are no longer fresh, after an outage or
        as the screen starts, are listed at once: what was called while it was off is caught up
        with, an hour is not played again. A new service day starts empty.
        """
        if moment.date() != self._day:
            self._day = moment.date()
            self._listed.clear()
            self._queue.clear()
            self._announced = None
        for call in sorted(calls, key=lambda call: call.id):
            if call.at.date() != self._day or (self.last is not None and call.id <= self.last):
                continue
            self.last = call.id
            self._queue.append(call)
            if moment - call.at > FRESH:
                # What waited before it is older still.
                self._listed.update((each.errand, each) for each in self._queue)
                self._queue.clear()

    def advance(self, now: float) -> Call | None:
        """Go on if the current call has had its time. Returns the call that is now announced.

        ``now`` is in monotonic seconds. None: nothing new is announced.
        """
        if self._announced is not None and now < self._until:
            return None
        self._announced = self._queue.popleft() if self._queue else None
        if self._announced is not None:
            self._listed[self._announced.errand] = self._announced
            self._until = now + self._seconds
        return self._announced
