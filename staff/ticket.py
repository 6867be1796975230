"""A ticket, large: its number on its unit's colour, and what there is to know of it."""

from __future__ import annotations

from textual import getters
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical

from shared.model import Errand
from shared.tui.bigtext import BigText
from staff.line import Line
from staff.units import Units


class TicketPanel(Horizontal):
    """The ticket at the counter, or the next one; where there is none, its empty place."""

    _number = getters.query_one(".number", BigText)
    _unit = getters.query_one(".unit", Line)
    _state = getters.query_one(".state", BigText)
    _about = getters.query_one(".about", Line)

    def __init__(
        self,
        units: Units,
        *,
        max_rows: int,
        id: str,
    ) -> None:
        """Make the panel; the number is at most ``max_rows`` rows high."""
        super().__init__(id=id, classes="-none")
        self._units = units
        self._max_rows = max_rows
        self._colour = "-none"

    def compose(self) -> ComposeResult:
        yield BigText(classes="number coloured", max_rows=self._max_rows)
        with Vertical():
            yield Line(classes="unit")
            yield BigText(classes="state", max_rows=4)
            yield Line(classes="about")

    def show(self, errand: Errand | None, state: str, about: str = "") -> None:
        """Show the errand's ticket and unit – or an empty place –, what goes on, and more of it."""
        unit = errand.unit if errand else None
        self._number.text = errand.label if errand else ""
        self._state.text = state
        self._unit.tell(self._units.name(unit) if unit else "")
        self._about.tell(about)
        colour = f"unit-{self._units.colour(unit)}" if unit else "-none"
        if colour != self._colour:
            self.remove_class(self._colour)
            self.add_class(colour)
            self._colour = colour
