"""What a file says of an appointment – code, unit and time – and how that is understood.

Nothing that stands in a file is ever repeated in a message: where a column has slipped, a name
may stand in the place of a code.
"""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import UTC, date, datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from shared.config import Unit
from shared.model import LONGEST_CODE, UnitId, plain_code

SHORTEST_CODE = 4
"""Letters and digits of a code, at least: a shorter one is too easily hit by chance."""


class UnusableError(ValueError):
    """What is wrong with a line, as a sentence without its full stop."""


class Row(NamedTuple):
    """One appointment, in a file's own words; or what is wrong with them already."""

    code: str | UnusableError
    units: tuple[str, ...]
    """What may name the unit: one of them must."""
    time: str | datetime | UnusableError
    """In the centre's zone, unless it has one of its own."""
    cancelled: bool = False


def code(text: str) -> str:
    """Return a code as the store keeps it. Raises UnusableError."""
    if not text.strip():
        raise UnusableError("the code is missing")
    if re.fullmatch(r"\d[.,]\d+E\+\d+", text.strip(), re.IGNORECASE):
        raise UnusableError(
            "the code was cut short by a spreadsheet that took it for a number: "
            "make its column text there"
        )
    plain = plain_code(text)
    if re.search(r"[^A-Z0-9]", plain):
        raise UnusableError(
            "the code has signs that the kiosk has no keys for: use A to Z and 0 to 9"
        )
    if not SHORTEST_CODE <= len(plain) <= LONGEST_CODE:
        raise UnusableError(
            f"the code must have {SHORTEST_CODE} to {LONGEST_CODE} letters and digits"
        )
    return plain


class UnitNames:
    """Knows units by their ids and by their names in every language."""

    def __init__(self, units: Sequence[Unit]) -> None:
        self._known = ", ".join(unit.id for unit in units)
        self._ids: dict[str, set[UnitId]] = {}
        self._written: dict[str, str] = {}
        for unit in units:
            for name in (unit.id, *unit.name.values()):
                self._ids.setdefault(_folded(name), set()).add(unit.id)
                self._written.setdefault(_folded(name), name)

    def named(self, texts: Iterable[str]) -> UnitId:
        """Return the one unit that any of the texts name. Raises UnusableError."""
        wanted = [folded for text in texts if (folded := _folded(text))]
        if not wanted:
            raise UnusableError("the unit is missing")
        found = {unit for name in wanted for unit in self._ids.get(name, ())}
        if len(found) > 1:
            raise UnusableError("more than one unit is named")
        for unit in found:
            return unit
        for name in wanted:
            if near := difflib.get_close_matches(name, self._ids, n=1):
                raise UnusableError(
                    f"the unit is not known: did you mean “{self._written[near[0]]}”?"
                )
        raise UnusableError(f"the unit is not known: use one of {self._known}")


def _folded(name: str) -> str:
    return " ".join(unicodedata.normalize("NFC", name).casefold().split())


_DATES = (
    r"(?P<year>\d{4})-(?P<month>\d\d)-(?P<day>\d\d)",
    r"(?P<day>\d{1,2})\.(?P<month>\d{1,2})\.(?P<year>\d{4})",
)
_CLOCK = (
    r"(?:T|\s+)(?P<hour>\d{1,2})[:.](?P<minute>\d\d)(?:[:.](?P<second>\d\d)(?:[.,]\d+)?)?"
    r"\s*(?P<offset>Z|[+-]\d\d(?::?\d\d)?)?"
)


def day(text: str) -> date:
    """Read a date, as ISO 8601 or Finnish writes it. Raises UnusableError."""
    if said := _match(text):
        with suppress(ValueError):
            return date.fromisoformat(_iso_date(said))
    raise UnusableError("the day must be written like 2026-11-24 or 24.11.2026")


def moment(time: str | datetime, zone: ZoneInfo) -> datetime:
    """Return the moment that is meant, in the centre's zone. Raises UnusableError.

    Where clocks go back, a time that comes twice is the first one.
    """
    at = _time(time) if isinstance(time, str) else time
    if not 1970 < at.year < 9999:
        raise UnusableError("the year cannot be right")
    at = at if at.tzinfo else at.replace(tzinfo=zone)
    found = at.astimezone(UTC).astimezone(zone)
    # Where clocks go forward there is no way back to the time that they leave out.
    if found.astimezone(at.tzinfo).replace(tzinfo=None) != at.replace(tzinfo=None):
        raise UnusableError("the time does not exist: clocks go forward over it")
    return found


def _time(text: str) -> datetime:
    if not text.strip():
        raise UnusableError("the time is missing")
    if said := _match(text, _CLOCK):
        clock = f"{said['hour']:0>2}:{said['minute']}:{said['second'] or '00'}"
        with suppress(ValueError):
            return datetime.fromisoformat(f"{_iso_date(said)}T{clock}{said['offset'] or ''}")
    raise UnusableError("the time must be written like 2026-11-24 10:30 or 24.11.2026 10.30")


def _match(text: str, clock: str = "") -> re.Match[str] | None:
    found = (re.fullmatch(date_ + clock, text.strip(), re.ASCII) for date_ in _DATES)
    return next(filter(None, found), None)


def _iso_date(said: re.Match[str]) -> str:
    return f"{said['year']}-{said['month']:0>2}-{said['day']:0>2}"
