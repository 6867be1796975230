"""Who waits, and who is parked: a row a ticket."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from textual.actions import SkipAction
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.message import Message

from shared.model import Desk, Errand, ErrandId, State, UnitId
from shared.words import Words
from staff.notes import HEAD_START, Notes
from staff.rows import Rows
from staff.sign import sign
from staff.times import minutes, span
from staff.units import Units


@dataclass(frozen=True)
class Entry:
    """An errand, and how long it has waited or since when it is parked, in words."""

    errand: Errand
    time: str


class Queue(Rows[Entry | None]):
    """A queue in order; after a gap, whose row is None, who is parked."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "put_away")]

    class Moved(Message):
        """The cursor is on another ticket now, or on none."""

    @dataclass
    class Lost(Message):
        """The ticket that had the cursor is not in the queue any more."""

        errand: Errand

    def __init__(
        self, units: Units, notes: Notes, words: Words, *, names: bool = True, lead: int = 0
    ) -> None:
        """Make the list, with or without units' names.

        The first ``lead`` of those who wait are shown elsewhere.
        """
        super().__init__()
        self._units = units
        self._notes = notes
        self._words = words
        self._names = names
        self._shown_elsewhere = lead
        self._widest = 0
        self.lost: Errand | None = None
        """Who had the cursor when it left the queue, until the cursor is moved."""

    @property
    def errand(self) -> Errand | None:
        """The errand that has the cursor."""
        return self.chosen.errand if self.chosen else None

    def show(self, desk: Desk, now: datetime) -> None:
        """Show the queue as of now."""
        before = self.errand
        rows = list(self._entries(desk, now))
        if self._names:
            self._measure(rows)
        self.lead = min(self._shown_elsewhere, len(desk.waiting))
        self.put(rows)
        if before is not None and self.errand is None:
            self.lost = before
            self.post_message(self.Lost(before))

    def _measure(self, rows: Iterable[Entry | None]) -> None:
        """Let the names be as wide as the widest of them."""
        names = {self._units.name(row.errand.unit) for row in rows if row}
        widest = max((Content(name).cell_length for name in names), default=0)
        if widest != self._widest:
            self._widest = widest
            self.refresh()

    def _entries(self, desk: Desk, now: datetime) -> Iterator[Entry | None]:
        say = self._words
        for errand in desk.waiting:
            yield Entry(errand, span(say, minutes(errand.waits_since, now)))
        if desk.parked and len(desk.waiting) > self._shown_elsewhere:
            yield None
        for errand in desk.parked:
            time = say.gettext("parked since {time}", time=say.time(errand.since))
            yield Entry(errand, time)

    def key(self, row: Entry | None) -> ErrandId | None:
        return row.errand.id if row else None

    def render_row(self, row: Entry | None, width: int) -> Content:
        if row is None:
            return Content()
        errand = row.errand
        is_parked = errand.state is State.PARKED
        number = Content.assemble(
            Content.styled(f" {errand.series} ", "$quiet bold")
            if is_parked
            else sign(self._units, errand.unit, errand.series),
            (f" {errand.number:03}", "$quiet" if is_parked else "bold"),
            (f" {HEAD_START if errand.priority else ' '} ", "$now bold"),
        )
        time = Content(f" {row.time} ")
        room = max(width - number.cell_length - time.cell_length, 0)
        notes = Content.styled(" · ".join(self._notes.but_priority(errand)), "$quiet")
        text = self._named(errand.unit, notes, room) + notes if self._names else notes
        line = number + text.truncate(room, ellipsis=True, pad=True) + time
        return line.stylize("$quiet") if is_parked else line

    def _named(self, unit: UnitId, notes: Content, room: int) -> Content:
        """Return the unit's name, as wide as the names' column is; where room is short, less so."""
        name = Content(self._units.name(unit))
        if not notes:
            return name
        gap = Content.blank(3)
        column = min(self._widest, max(room // 2, 18))
        free = max(room - notes.cell_length - gap.cell_length, 0)
        width = max(min(name.cell_length, max(column, free)), min(column, free))
        return name.truncate(width, ellipsis=True, pad=True) + gap

    def validate_cursor(self, cursor: int | None) -> int | None:
        """Let the cursor pass over the gap."""
        cursor = super().validate_cursor(cursor)
        if cursor is not None and self.rows[cursor] is None:
            cursor += 1 if self.cursor is None or cursor > self.cursor else -1
        return cursor

    def watch_cursor(self, before: int | None, now: int | None) -> None:
        super().watch_cursor(before, now)
        if now is not None:
            self.lost = None
        self.post_message(self.Moved())

    def put_away(self) -> None:
        """Take the cursor out of the list, and show its beginning."""
        self.cursor = None
        self.lost = None
        self.scroll_home(animate=False)

    def action_put_away(self) -> None:
        if self.cursor is None and self.lost is None:
            raise SkipAction
        self.put_away()
