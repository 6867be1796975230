"""Opening hours as config.toml writes them: "9:00-12:00, 13:00-16:00", or "closed"."""

from __future__ import annotations

import re
from datetime import timedelta
from functools import cache
from typing import NamedTuple

CLOSED = "closed"

DAY = timedelta(days=1)

_CLOCK = r"(?:[01]?[0-9]|2[0-3]):[0-5][0-9]"
_RANGE = re.compile(rf"\s*({_CLOCK})-({_CLOCK}|24:00)\s*")


class Range(NamedTuple):
    """From when to when, by the clock, since midnight of the day on which it opens.

    What closes later than after 24 hours closes on the next day.
    """

    opens: timedelta
    closes: timedelta


@cache
def read_ranges(text: str) -> tuple[Range, ...]:
    """Read a day's hours. "20:00-2:00" goes on past midnight.

    Raises ValueError when the text cannot be read.
    """
    if text == CLOSED:
        return ()
    return tuple(map(_range, text.split(",")))


def _range(text: str) -> Range:
    found = _RANGE.fullmatch(text)
    if not found:
        raise ValueError(text)
    opens, closes = map(_since_midnight, found.groups())
    return Range(opens, closes if closes > opens else closes + DAY)


def _since_midnight(clock: str) -> timedelta:
    hours, minutes = map(int, clock.split(":"))
    return timedelta(hours=hours, minutes=minutes)
