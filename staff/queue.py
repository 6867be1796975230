"""Who waits after the next one: a row a ticket."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.content import Content

from shared.model import Errand, ErrandId
from shared.words import Words
from staff.rows import Rows
from staff.times import span
from staff.units import Units


@dataclass(frozen=True)
class Waiting:
    """An errand that waits, and for how many minutes."""

    errand: Errand
    minutes: int


class Queue(Rows[Waiting]):
    """The queue of the counter's units, in order."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "put_away")]

    def __init__(self, units: Units, words: Words) -> None:
        super().__init__()
        self._units = units
        self._words = words

    def key(self, row: Waiting) -> ErrandId:
        return row.errand.id

    def render_row(self, row: Waiting, width: int) -> Content:
        errand = row.errand
        ticket = Content.assemble(
            (f" {errand.series} ", f"$on-unit on $unit-{self._units.colour(errand.unit)} bold"),
            (f" {errand.number:03}", "bold"),
            "   ",
        )
        waited = Content(f"{span(self._words, row.minutes):>9} ")
        name = Content(self._units.name(errand.unit))
        room = max(width - ticket.cell_length - waited.cell_length, 0)
        return ticket + name.truncate(room, ellipsis=True, pad=True) + waited

    def action_put_away(self) -> None:
        """Take the cursor out of the list, and show its beginning."""
        self.cursor = None
        self.scroll_home(animate=False)
