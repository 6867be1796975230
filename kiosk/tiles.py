"""The units to choose from: large tiles, each with its digit, and a corner for other matters."""

from __future__ import annotations

import math
from collections.abc import Sequence

from msgspec import Struct
from rich.cells import cell_len
from textual import events
from textual.app import ComposeResult
from textual.containers import Grid, Horizontal
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from kiosk.keycap import NARROW, ROOMY
from kiosk.target import Target
from shared.config import Unit
from shared.tui.bigtext import BigText, plain

PER_PAGE = 9
"""As many tiles as there are digits to press."""

_TILE = 8.0
"""How wide a good tile is, in cells, for each row of its height."""

_LETTER = 4
"""Cells that a unit's letter takes, with the gap behind it."""

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
        self._digit = Digit(self.key, classes="digit coloured")
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
        classes = {} if before is None else {f"unit-{before.unit.colour}": False}
        if sight is not None:
            classes[f"unit-{sight.unit.colour}"] = True
            classes |= {"-closed": not sight.open, "-chosen": bool(sight.chosen)}
        # All at once: each change of classes styles the whole tile anew.
        self.update_classes(classes)
        self.visible = sight is not None
        if sight is None:
            return
        self.action = f"app.choose({sight.unit.id!r})"
        self._text.show(sight)
        self._mark.text = "✓" if sight.chosen else ""
        self._mark.display = sight.chosen is not None and (sight.open or sight.chosen)

    def on_resize(self, event: events.Resize) -> None:
        self.set_class(event.size.width < NARROW, "-small")


class Digit(BigText):
    """The digit to press, large where there is room."""

    def most_rows(self) -> float:
        rows = self.size.height
        return max(3, rows * 2 // 3) if rows >= ROOMY else 0


class TileText(Static):
    """What a tile says: the unit's name in all languages, how long the wait is, who waits.

    One widget for all of it: there are many tiles, and a kiosk is to be there at once.
    """

    def __init__(self) -> None:
        super().__init__(markup=False)
        self._sight: Sight | None = None

    def show(self, sight: Sight) -> None:
        self._sight = sight
        self.refresh()

    @property
    def is_lettered(self) -> bool:
        """Whether the unit's letter stands beside the wait: it is for those who can come."""
        sight, room = self._sight, self.content_size.width - _LETTER
        return sight is not None and sight.open and cell_len(sight.wait) <= room

    @property
    def facts(self) -> Sequence[str]:
        """How long the wait is, and who waits: on one line, or on two."""
        (width, rows), sight = self.content_size, self._sight
        if sight is None:
            return ()
        facts = _BETWEEN.join(filter(None, (sight.wait, sight.people)))
        if cell_len(facts) <= width - _LETTER * self.is_lettered:
            return (facts,)
        # Who can come now may read the name in another language: that keeps a row.
        if rows - self._name_rows - sight.open >= 2:
            return (sight.wait, sight.people) if sight.people else plain(sight.wait, width, 2)
        return (sight.wait or sight.people,)

    @property
    def _name_rows(self) -> int:
        (width, rows), sight = self.content_size, self._sight
        return 1 if sight is None or cell_len(sight.name) <= width else min(2, rows - 1)

    def render(self) -> Content:
        rows, sight = self.content_size.height, self._sight
        if sight is None or rows < 2:
            return Content("")
        facts = [Content(fact) for fact in self.facts]
        if self.is_lettered:
            letter = f" {sight.unit.series} ", f"bold $on-unit on $unit-{sight.unit.colour}"
            facts[0] = Content.assemble(letter, " ", facts[0])
            facts[1:] = [fact.pad_left(_LETTER) for fact in facts[1:]]
        # The name and the facts have the rows that they need, the other languages what is left.
        left = max(min(rows - self._name_rows - len(facts), 2), 0)
        return Content("\n").join(
            [
                *self._lines(sight.name, self._name_rows, "bold" if sight.open else ""),
                *self._lines(self._others(sight, left), left, "" if self._is_focused else "$quiet"),
                *facts,
            ]
        )

    def _others(self, sight: Sight, rows: int) -> str:
        """Return the name in as many other languages as are whole in so many rows."""
        width, others = self.content_size.width, sight.others
        texts = [_BETWEEN.join(others[:count]) for count in range(len(others), 0, -1)]
        whole = (
            text
            for text in texts
            if all(cell_len(line) <= width for line in plain(text, width, rows))
        )
        return next(whole, texts[0] if texts else "")

    def _lines(self, text: str, rows: int, style: str) -> Sequence[Content]:
        """Set a text in so many rows, the spare ones below it."""
        lines = plain(text, self.content_size.width, rows) if rows else ()
        return [
            *(Content.styled(line, style) for line in lines),
            *[Content("")] * (rows - len(lines)),
        ]

    @property
    def _is_focused(self) -> bool:
        return self.screen.focused is self.parent


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
