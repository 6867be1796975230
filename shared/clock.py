"""The centre's time: what is it now, and which service day is it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo


def _system_time() -> datetime:
    return datetime.now(UTC)


class Clock:
    """Tells time in the centre's zone. ``source`` gives an aware moment; tests bring their own."""

    def __init__(self, zone: ZoneInfo, source: Callable[[], datetime] = _system_time) -> None:
        self.zone = zone
        self._source = source

    def now(self) -> datetime:
        return self._source().astimezone(self.zone)

    def day(self) -> date:
        """Return the service day: it changes at local midnight."""
        return self.now().date()
