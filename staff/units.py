"""What a unit is called on the console, and its colour."""

from __future__ import annotations

from collections.abc import Iterable

from shared.config import Unit
from shared.model import UnitId


class Units:
    """The units by id, in one language. One that the configuration no longer has is its id."""

    def __init__(self, units: Iterable[Unit], language: str) -> None:
        self._units = {unit.id: unit for unit in units}
        self._language = language

    def __contains__(self, unit: UnitId) -> bool:
        return unit in self._units

    def name(self, unit: UnitId) -> str:
        known = self._units.get(unit)
        return known.name[self._language] if known else unit

    def names(self, units: Iterable[UnitId]) -> str:
        """Return the names of some units, in a line."""
        return " · ".join(map(self.name, units))

    def colour(self, unit: UnitId) -> str:
        known = self._units.get(unit)
        return known.colour if known else "grey"

    def letter(self, unit: UnitId) -> str:
        known = self._units.get(unit)
        return known.series if known else "?"
