"""A unit's letter on its colour."""

from __future__ import annotations

from textual.content import Content

from shared.model import UnitId
from staff.units import Units


def sign(units: Units, unit: UnitId, letter: str) -> Content:
    """Draw the letter on the unit's colour."""
    return Content.styled(f" {letter} ", f"$on-unit on $unit-{units.colour(unit)} bold")
