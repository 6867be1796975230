"""A list of rows, one of which may have the cursor; a fresh list takes the old one's place."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from itertools import zip_longest
from typing import ClassVar, Generic, TypeVar

from textual.binding import Binding, BindingType
from textual.content import Content
from textual.geometry import Region, Size
from textual.reactive import reactive
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.visual import Visual

Row = TypeVar("Row")


class Rows(ScrollView, Generic[Row], can_focus=True, inherit_bindings=False):
    """Rows of one line each, or with air around it, drawn by the line: only what differs anew.

    A subclass says how a row looks (:meth:`render_row`) and what it is about (:meth:`key`).
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "move(-1)"),
        Binding("down", "move(1)"),
        Binding("pageup", "page(-1)"),
        Binding("pagedown", "page(1)"),
        Binding("home", "first"),
        Binding("end", "last"),
    ]
    COMPONENT_CLASSES: ClassVar[set[str]] = {"rows--cursor"}
    DEFAULT_CSS = """
    Rows {
        overflow-x: hidden;
        scrollbar-size-vertical: 1;
        text-wrap: nowrap;
        text-overflow: ellipsis;
    }
    """

    pitch: reactive[int] = reactive(1)
    """Lines from one row to the next."""

    lead: reactive[int] = reactive(0)
    """How many of the first rows are shown elsewhere, above the list: the cursor goes there too."""

    cursor: reactive[int | None] = reactive(None, repaint=False)
    """The index of the row that has the cursor, if any has."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.rows: tuple[Row, ...] = ()

    def key(self, row: Row) -> Hashable:
        """Return what stays the same while the row changes or moves."""
        raise NotImplementedError

    def render_row(self, row: Row, width: int) -> Content:
        """Draw a row, ``width`` cells wide; what is longer is cut."""
        raise NotImplementedError

    @property
    def chosen(self) -> Row | None:
        """The row that has the cursor."""
        return None if self.cursor is None else self.rows[self.cursor]

    def put(self, rows: Sequence[Row]) -> None:
        """Show these rows. The cursor stays with its row, and goes with it."""
        old, self.rows = self.rows, tuple(rows)
        if len(old) != len(self.rows):
            self.watch_pitch()
        for index, (before, now) in enumerate(zip_longest(old, self.rows)):
            if before != now:
                self._draw_anew(index)
        if self.cursor is not None:
            self.cursor = self.find(self.key(old[self.cursor]))

    def find(self, key: Hashable) -> int | None:
        """Return the index of the row of this key, if there is one."""
        keys = [self.key(row) for row in self.rows]
        return keys.index(key) if key in keys else None

    def render_line(self, y: int) -> Strip:
        place, line = divmod(y + self.scroll_offset.y, self.pitch)
        index = self.lead + place
        width = self.scrollable_content_region.width
        style = self.visual_style
        row = Content()
        if index < len(self.rows):
            off = abs(line - self.pitch // 2)
            if index == self.cursor and 2 * off < self.pitch:
                style += self.get_visual_style("rows--cursor")
            if not off:
                row = self.render_row(self.rows[index], width)
        return Visual.to_strips(self, row.truncate(width, pad=True), width, 1, style)[0]

    def watch_pitch(self) -> None:
        self.virtual_size = Size(0, max(len(self.rows) - self.lead, 0) * self.pitch)

    def watch_lead(self) -> None:
        self.watch_pitch()

    def validate_cursor(self, cursor: int | None) -> int | None:
        return cursor if cursor is None else _within(cursor, len(self.rows) - 1)

    def watch_cursor(self, before: int | None, now: int | None) -> None:
        for index in (before, now):
            if index is not None:
                self._draw_anew(index)
        self.on_resize()

    def on_resize(self) -> None:
        """Keep the cursor's row in sight."""
        if self.cursor is not None:
            place = max(self.cursor - self.lead, 0)
            row = Region(0, place * self.pitch, 1, self.pitch)
            self.scroll_to_region(row, animate=False)

    def _draw_anew(self, index: int) -> None:
        if index >= self.lead:
            self.refresh_lines((index - self.lead) * self.pitch, self.pitch)

    def action_move(self, down: int) -> None:
        """Move the cursor; the first move down brings it into the list."""
        if self.cursor is not None:
            self.cursor += down
        elif down > 0:
            self.cursor = 0

    def action_page(self, down: int) -> None:
        page = max(self.size.height // self.pitch - 1, 1)
        self.cursor = (self.cursor or 0) + down * page

    def action_first(self) -> None:
        self.cursor = 0

    def action_last(self) -> None:
        self.cursor = len(self.rows) - 1


def _within(index: int, last: int) -> int | None:
    return None if last < 0 else min(max(index, 0), last)
