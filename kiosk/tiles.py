"""The units to choose from: large tiles, each with its digit, and a corner for other matters."""

from __future__ import annotations

import math

from msgspec import Struct
from rich.cells import cell_len
from textual import events
from textual.app import ComposeResult
from textual.containers import Grid, Horizontal, Vertical
from textual.widget import Widget
from textual.widgets import Static

from kiosk.keycap import NARROW, ROOMY
from kiosk.target import Target
from shared.config import Unit
from shared.tui.bigtext import BigText

PER_PAGE = 9
"""As many tiles as there are digits to press."""

_TILE = 8.0
"""How wide a good tile is, in cells, for each row of its height."""

_BETWEEN = "\N{NO-BREAK SPACE}· "
"""Between two facts on one line, which may break after it."""


def columns(tiles: int, width: int, height: int) -> int:
    """Return in how many columns the tiles have the best shape, in a space of width × height."""

    def fault(columns: int) -> float:
        rows = math.ceil(tiles / columns)
        wide, high = width / columns, height / rows
        flat = high < 3  # a name, and how long the wait is, and air
        return abs(math.log(wide / high / _TILE)) + 10 * flat

    return min(range(1, min(tiles, 3) + 1), key=fault)


class Sight(Struct, frozen=True, kw_only=True):
    """What a tile tells of its unit."""

    unit: Unit
    name: str
    others: tuple[str, ...]
    """Its name in the other languages."""
    wait: str
    people: str
    open: bool
    """Whether it gives tickets."""
    chosen: bool | None
    """Whether it is among several that are chosen; None where one is enough."""


class Tile(Horizontal, Target, can_focus=True):
    """One unit. It is quiet while the unit gives no tickets."""

    def __init__(self, digit: int) -> None:
        super().__init__()
        self.key = str(digit)
        self.visible = False
        self._digit = BigText(self.key, classes="digit coloured")
        self._text = TileText()
        self._mark = BigText(max_rows=3, classes="mark")
        self._sight: Sight | None = None

    def compose(self) -> ComposeResult:
        yield self._digit
        yield self._text
        yield self._mark

    def show(self, sight: Sight | None) -> None:
        """Show a unit, or leave the place empty."""
        if sight == self._sight:
            return  # nothing is painted that has not changed
        before, self._sight = self._sight, sight
        if before is not None and (sight is None or sight.unit.colour != before.unit.colour):
            self.remove_class(f"unit-{before.unit.colour}")
        self.visible = sight is not None
        if sight is None:
            return
        self.action = f"app.choose({sight.unit.id!r})"
        self.add_class(f"unit-{sight.unit.colour}")
        self.set_class(not sight.open, "-closed")
        self.set_class(bool(sight.chosen), "-chosen")
        self._text.show(sight)
        self._mark.text = "✓" if sight.chosen else ""
        self._mark.display = sight.chosen is not None and (sight.open or sight.chosen)

    def on_resize(self, event: events.Resize) -> None:
        rows = event.size.height
        self._digit.max_rows = max(3, rows * 2 // 3) if rows >= ROOMY else 0
        self.set_class(event.size.width < NARROW, "-small")


class TileText(Vertical):
    """What a tile says: the unit's name in all languages, how long the wait is, who waits."""

    def __init__(self) -> None:
        super().__init__()
        self._title = BigText(lines=2, max_rows=0, classes="name")
        self._others = BigText(lines=2, max_rows=0, classes="others")
        self._series = Static(markup=False, classes="series coloured")
        self._facts = Static(markup=False, classes="facts")
        self._sight: Sight | None = None

    def compose(self) -> ComposeResult:
        yield self._title
        yield self._others
        with Horizontal():
            yield self._series
            yield self._facts

    def show(self, sight: Sight) -> None:
        self._sight = sight
        self._title.text = sight.name
        self._others.text = _BETWEEN.join(sight.others)
        self._series.update(f" {sight.unit.series} ")
        self._share_rows()

    def on_resize(self, event: events.Resize) -> None:
        self._share_rows()

    def _share_rows(self) -> None:
        """Give the name and the facts the rows they need, the other languages what is left."""
        (width, rows), sight = self.content_size, self._sight
        if sight is None or rows < 2:
            return
        name = 1 if cell_len(sight.name) <= width else min(2, rows - 1)
        lettered = sight.open and cell_len(sight.wait) <= width - 4
        facts, lines = _BETWEEN.join(filter(None, (sight.wait, sight.people))), 1
        if cell_len(facts) > width - 4 * lettered:  # the letter stands beside it
            # Who can come now may read the name in another language: that keeps a row.
            if rows - name - sight.open >= 2:
                facts, lines = f"{sight.wait}\n{sight.people}".strip(), 2
            else:
                facts = sight.wait or sight.people
        self._series.display = lettered
        self._facts.update(facts)
        self._facts.styles.height = lines
        self._facts.styles.text_wrap = "nowrap" if lines == 1 else "wrap"
        self._title.styles.height = name
        self._others.styles.height = max(min(rows - name - lines, 2), 0)


class Tiles(Grid):
    """A page of tiles and, in the corner that they leave, whatever else there is to touch."""

    def __init__(self, count: int, corner: Widget) -> None:
        super().__init__()
        self.tiles = [Tile(number) for number in range(1, count + 1)]
        self._corner = corner

    def compose(self) -> ComposeResult:
        yield from self.tiles
        yield self._corner

    def on_resize(self, event: events.Resize) -> None:
        cells = len(self.tiles) + self._corner.display
        across = columns(cells, *event.size)
        self.styles.grid_size_columns = across
        left = across - len(self.tiles) % across
        self._corner.styles.column_span = left
        self._corner.set_class(left > 1, "-long")
