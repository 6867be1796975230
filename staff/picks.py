"""A short list in a sheet at the foot of the screen: press a digit, or Enter on a row."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Generic, TypeVar

from textual.content import Content

from staff.numbered import Numbered

Value = TypeVar("Value")


@dataclass(frozen=True)
class Pick(Generic[Value]):
    """What can be picked, and the digit that does so, or none."""

    digit: str
    text: str
    value: Value
    note: str = ""
    present: bool = False
    """Whether this is how it is now."""


class Picks(Numbered[Pick[Value]], Generic[Value]):
    """The picks, a row each; the cursor begins on the present one, or on the first."""

    def __init__(self, picks: Iterable[Pick[Value]], *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.rows = tuple(picks)

    def on_mount(self) -> None:
        self.watch_pitch()
        self.cursor = next((at for at, pick in enumerate(self.rows) if pick.present), 0)

    def key(self, row: Pick[Value]) -> Pick[Value]:
        return row

    def digit(self, row: Pick[Value]) -> str:
        return row.digit

    def render_row(self, row: Pick[Value], width: int) -> Content:
        left = Content.assemble(
            (f" {row.digit or ' '}", "$now bold"), ("  ● " if row.present else "    ", "$now bold")
        )
        note = Content.styled(f"  {row.note} ", "$quiet")
        room = max(width - left.cell_length - note.cell_length, 0)
        return left + Content(row.text).truncate(room, ellipsis=True, pad=True) + note
