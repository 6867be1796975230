"""Public holidays, as the library ``holidays`` knows them: worked out once, and noted in a file.

The library takes a tenth of a second and 13 MB to load. Every program of a centre would do so at
each start, for a few days a year.
"""

from __future__ import annotations

from collections.abc import Container
from contextlib import suppress
from datetime import UTC, date, datetime
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from shared.config.shape import Config


class UnknownPlaceError(LookupError):
    """Nobody knows the public holidays of a place. It says what to write instead."""


def public_holidays(config: Config) -> Container[date]:
    """Return the public holidays that a centre's hours need, noted beside its queue.

    Raises UnknownPlaceError.
    """
    if config.centre.holidays is None or not any(unit.hours for unit in config.units):
        return ()
    queue = Path(config.store.url.removeprefix("sqlite:"))
    return _PublicHolidays(config.centre.holidays, queue.with_name(f"{queue.name}-holidays"))


class _PublicHolidays(Container[date]):
    """The public holidays of a country, or of a part of it, in any year.

    A note that cannot be read or written, or is another place's or library's, does no harm.
    """

    def __init__(self, place: str, note: Path) -> None:
        self._place = place
        self._note = note
        self._source = f"{place} of {_library()}"
        self._years: dict[int, tuple[date, ...]] = {}
        with suppress(OSError, msgspec.DecodeError):
            noted = msgspec.json.decode(
                note.read_bytes(), type=dict[str, dict[int, tuple[date, ...]]]
            )
            self._years = noted.get(self._source, {})
        if not self._years:
            self._work_out(datetime.now(UTC).year)

    def __contains__(self, day: object) -> bool:
        if not isinstance(day, date):
            return False
        if day.year not in self._years:
            self._work_out(day.year)
        return day in self._years[day.year]

    def _work_out(self, year: int) -> None:
        """Work out a year and the next, which is asked for by the end of it; note them."""
        self._years |= {each: _work_out(self._place, each) for each in (year, year + 1)}
        # What two programs have written at once, or one in part, cannot be read, nor does it stay.
        with suppress(OSError):
            self._note.write_bytes(msgspec.json.encode({self._source: self._years}))


def _work_out(place: str, year: int) -> tuple[date, ...]:
    import holidays  # noqa: PLC0415 – slow to load

    country, _, part = place.partition("-")
    remedy = "Write it like FI, or FI-01."
    try:
        if parts := holidays.country_holidays(country).subdivisions:
            remedy = f"Known parts of {country}: {', '.join(parts)}."
        return tuple(sorted(holidays.country_holidays(country, subdiv=part or None, years=year)))
    except NotImplementedError as error:
        raise UnknownPlaceError(remedy) from error


@cache
def _library() -> str:
    """Name the library with its version, without loading it."""
    spec = find_spec("holidays")
    installed = Path(spec.origin).parents[1] if spec and spec.origin else Path()
    return next((each.name for each in installed.glob("holidays-*.dist-info")), "holidays")
