"""Who waits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from textual.content import Content
from textual.widgets import Static

from display.speech import Speech
from shared.config import Unit
from shared.errors import N_
from shared.model import UnitId

AIR = Content("   ")
"""Between one unit and the next."""


def in_lines(parts: Sequence[Content], width: int) -> Content:
    """Set the parts side by side, in as many lines as they need; none is broken."""
    lines: list[Content] = []
    for part in parts:
        longer = AIR.join([*lines[-1:], part])
        if lines and longer.cell_length > width:
            lines.append(part)
        else:
            lines[-1:] = [longer]
    return Content("\n").join(lines)


class Waiting(Static):
    """How many people wait for each unit: by name if that goes into one line, else by letter."""

    def __init__(self, units: Sequence[Unit]) -> None:
        super().__init__(markup=False)
        self._units = units
        self._people: Mapping[UnitId, int] = {}
        self._speech = Speech(())

    def show(self, people: Mapping[UnitId, int], speech: Speech) -> None:
        self._people = people
        self._speech = speech
        self.on_resize()

    def on_resize(self) -> None:
        if not self._people:
            return
        width = self.size.width
        line = AIR.join(self._parts(named=True))
        if line.cell_length > width:
            line = in_lines(self._parts(named=False), width)
        if line != self.content:
            self.update(line)

    def _parts(self, *, named: bool) -> list[Content]:
        width = self.size.width
        title = Content(self._speech.say(N_("Waiting")).within(width // 2))
        entries = [
            Content.assemble(
                (unit.series, f"bold $unit-{unit.colour}"),
                f" {self._speech.name(unit.name).within(width)}" if named else "",
                f" {self._people.get(unit.id, 0)}",
            )
            for unit in self._units
        ]
        return [title, *entries]
