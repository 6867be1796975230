"""The calls before the current one."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import zip_longest

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.widgets import Static

from display.lettering import capital
from shared.config import Config, Unit
from shared.model import Call, label
from shared.tui.bigtext import BigText

LINES = 10
"""At most so many earlier calls; a screen with room for more writes them larger."""


class EarlierCall(Horizontal):
    """One line: the unit's colour, the number, the counter."""

    def __init__(self) -> None:
        super().__init__()
        self._mark = Static(markup=False, classes="mark")
        self.number = BigText(classes="number")
        self.counter = BigText(classes="counter")
        self._call: Call | None = None
        self.visible = False

    def compose(self) -> ComposeResult:
        yield self._mark
        yield self.number
        yield self.counter

    def resize(self, rows: int, letters: int) -> None:
        """Take so many rows, and one for air; letters are at most so many rows high."""
        self.styles.height = rows + 1
        self.number.max_rows = self.counter.max_rows = letters

    def show(self, call: Call | None, unit: Unit | None) -> None:
        if call == self._call:
            return
        self._call = call
        self.visible = call is not None
        self.number.text = call.label if call else ""
        self.counter.text = f"→ {call.counter}" if call else ""
        self._mark.set_classes(f"mark coloured unit-{unit.colour}" if unit else "mark")


class Earlier(Vertical):
    """The calls before the current one, newest on top: as many as have room."""

    def __init__(self, config: Config) -> None:
        super().__init__()
        self._units = {unit.id: unit for unit in config.units}
        self._numbers = [label(unit.series, 888) for unit in config.units]
        self._counters = [f"→ {counter.id}" for counter in config.counters]
        self._lines = [EarlierCall() for _ in range(LINES)]

    def compose(self) -> ComposeResult:
        yield from self._lines

    def show(self, calls: Sequence[Call]) -> None:
        for line, call in zip_longest(self._lines, calls[:LINES]):
            line.show(call, self._units.get(call.unit) if call else None)

    def on_resize(self) -> None:
        """Choose one size for all lines: large letters if all of them fit, else plain ones."""
        height, first = self.size.height, self._lines[0]
        # A quarter of the height, for four lines at least; or a third, if it takes that.
        room = max(height // 4, min(height // 3, 5)) - 1
        columns = first.number.size.width, first.counter.size.width
        widest = [
            min(texts, key=lambda text: capital(text, width, room))
            for texts, width in zip((self._numbers, self._counters), columns, strict=True)
        ]

        def size(rows: int) -> int:
            return min(map(capital, widest, columns, (rows, rows)))

        rows = max(range(1, max(room, 1) + 1), key=lambda rows: (size(rows), -rows))
        for number, line in enumerate(self._lines, 1):
            line.resize(rows, math.ceil(size(rows) / 2) or 1)
            line.display = number * (rows + 1) <= height + 1
