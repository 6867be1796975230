"""How long something has lasted, counted as people do who look at a clock: 10:40 to 10:42 is 2."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # the commands for one step need no translations
    from shared.words import Words


def minutes(since: datetime, now: datetime) -> int:
    """Return the turns of the minute between two moments; none if the clock was put back."""
    return max(int(now.timestamp()) // 60 - int(since.timestamp()) // 60, 0)


def span(words: Words, lasted: int) -> str:
    """Write a number of minutes, short."""
    if lasted < 1:
        return words.gettext("< 1 min")
    if lasted < 60:
        return words.gettext("{n} min", n=lasted)
    return words.gettext("{h} h {min} min", h=lasted // 60, min=lasted % 60)
