"""The units to choose from: large tiles, each with its digit."""

from __future__ import annotations

import math
from dataclasses import dataclass

from rich.cells import cell_len
from textual import events
from textual.app import ComposeResult
from textual.containers import Grid, Horizontal, Vertical
from textual.message import Message
from textual.widgets import Static

from shared.config import Unit
from shared.tui.bigtext import BigText

PER_PAGE = 9
"""As many tiles as there are digits to press."""

ROOMY = 4
"""Rows from which a tile has room for a large digit and a name on two lines."""

_TILE = 8.0
"""How wide a good tile is, in cells, for each row of its height."""


def columns(tiles: int, width: int, height: int) -> int:
    """Return in how many columns the tiles have the best shape, in a space of width × height."""

    def fault(columns: int) -> float:
        rows = math.ceil(tiles / columns)
        wide, high = width / columns, height / rows
        flat = high < 3  # a name, and how many wait, and air
        return abs(math.log(wide / high / _TILE)) + 10 * flat

    return min(range(1, min(tiles, 3) + 1), key=fault)


class Tile(Horizontal, can_focus=True):
    """One unit. A tap, or Enter while it has the focus, chooses it."""

    @dataclass
    class Chosen(Message):
        """Somebody wants a number for this unit."""

        unit: Unit

    def __init__(self, digit: int) -> None:
        super().__init__()
        self._digit = BigText(str(digit), classes="digit coloured")
        self._title = BigText(lines=2, max_rows=0, classes="title")
        self._others = BigText(lines=2, max_rows=0, classes="others")
        self._series = Static(markup=False, classes="series coloured")
        self._people = Static(markup=False, classes="people")
        self._unit: Unit | None = None
        self._shown: tuple[Unit | None, list[str], str] | None = None

    def compose(self) -> ComposeResult:
        yield self._digit
        with Vertical():
            yield self._title
            yield self._others
            with Horizontal():
                yield self._series
                yield self._people

    def show(self, unit: Unit | None, languages: list[str], people: str) -> None:
        """Show the unit, named in the first of the languages, then in the others."""
        if (unit, languages, people) == self._shown:
            return  # nothing is painted that has not changed
        self._shown = (unit, languages, people)
        if self._unit is not None:
            self.remove_class(f"unit-{self._unit.colour}")
        self._unit = unit
        self.visible = self.can_focus = unit is not None
        if unit is None:
            return
        self.add_class(f"unit-{unit.colour}")
        first, *rest = languages
        self._title.text = unit.name[first]
        self._others.text = "\N{NO-BREAK SPACE}· ".join(unit.name[language] for language in rest)
        self._series.update(f" {unit.series} ")
        self._people.update(people)
        self._share_rows()

    def choose(self) -> None:
        if self._unit is not None:
            self.post_message(self.Chosen(self._unit))

    def on_click(self) -> None:
        self.choose()

    def on_resize(self, event: events.Resize) -> None:
        rows = event.size.height
        self._digit.max_rows = max(3, rows * 2 // 3) if rows >= ROOMY else 0
        self._share_rows()

    def _share_rows(self) -> None:
        """Give the name the rows it needs, the other languages what is left, up to two each."""
        rows = min(self.size.height - 1, 4)  # one for who waits
        if rows > 0:
            needed = 1 if cell_len(self._title.text) <= self._title.size.width else 2
            name = min(needed, rows - 1)
            self._title.styles.height = name
            self._others.styles.height = min(rows - name, 2)


class Tiles(Grid):
    """A page of tiles, in as many columns as suit the space."""

    def __init__(self, count: int) -> None:
        super().__init__()
        self.tiles = [Tile(number) for number in range(1, count + 1)]

    def compose(self) -> ComposeResult:
        yield from self.tiles

    def on_resize(self, event: events.Resize) -> None:
        self.styles.grid_size_columns = columns(len(self.tiles), *event.size)

    def move(self, right: int, down: int) -> None:
        """Move the focus; the first move only shows where it is."""
        there = [tile for tile in self.tiles if tile.visible]
        here = next((at for at, tile in enumerate(there) if tile.has_focus), None)
        if here is None:
            there[0].focus()
            return
        to = here + right + down * (self.styles.grid_size_columns or 1)
        if 0 <= to < len(there):
            there[to].focus()
