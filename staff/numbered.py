"""A list that one row is chosen from: by its digit, or by the cursor and Enter."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Generic

from textual.binding import Binding, BindingType
from textual.message import Message
from textual.widget import Widget

from staff.rows import Row, Rows

DIGITS = tuple("123456789")
NONE = "0"
"""The digit of a row that stands for none of the others."""


def digit_of(place: int) -> str:
    """Return the digit of the first, second … in a list; nothing after the ninth."""
    return DIGITS[place] if place < len(DIGITS) else ""


@dataclass
class Chosen(Message, Generic[Row]):
    """Somebody has chosen this row."""

    row: Row
    among: Widget

    @property
    def control(self) -> Widget:
        """The list, as Textual asks for it."""
        return self.among


class Numbered(Rows[Row]):
    """Rows, the first nine of which have a digit each. A subclass says which (:meth:`digit`)."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "choose"),
        *(Binding(digit, f"choose('{digit}')") for digit in (NONE, *DIGITS)),
    ]

    def digit(self, row: Row) -> str:
        """Return the digit that chooses the row, or nothing."""
        raise NotImplementedError

    def action_choose(self, digit: str | None = None) -> None:
        for at, row in enumerate(self.rows):
            if at == self.cursor if digit is None else self.digit(row) == digit:
                self.cursor = at
                self.post_message(Chosen(row, self))


class Spread(Numbered[Row]):
    """Rows that share the height that there is, up to three lines each."""

    def put(self, rows: Sequence[Row]) -> None:
        super().put(rows)
        self._spread()

    def on_resize(self) -> None:  # Textual calls that of Rows as well
        self._spread()

    def _spread(self) -> None:
        room = self.size.height // max(len(self.rows), 1)
        self.pitch = min(max(room, 1), 3)
