"""The keys, at the foot of the screen, each with its word; those that make no sense now, quiet."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from textual.content import Content
from textual.geometry import Size
from textual.widgets import Static

_GAP = 2
"""Cells between two keys."""


@dataclass(frozen=True)
class Key:
    """A key, the word for what it does, and whether that makes sense now."""

    cap: str
    word: str
    sensible: bool = True

    def content(self) -> Content:
        if self.sensible:
            return Content.assemble((self.cap, "$now bold"), f" {self.word}")
        return Content.styled(f"{self.cap} {self.word}", "$foreground 65%")


class KeyBar(Static):
    """As many lines as the keys need: in columns, unless that takes a line more."""

    def __init__(self) -> None:
        super().__init__(markup=False)
        self._keys: tuple[Key, ...] = ()

    def put(self, keys: Sequence[Key]) -> None:
        """Show these keys."""
        if tuple(keys) != self._keys:
            self._keys = tuple(keys)
            self.refresh(layout=True)

    # Set as it is laid out: it has its height in the first picture that is painted.

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        return len(self._lines(width))

    def render(self) -> Content:
        return Content("\n").join(self._lines(self.size.width))

    def _lines(self, width: int) -> Sequence[Content]:
        keys = [key.content() for key in self._keys]
        loose = list(_loose(keys, width))
        return (keys and _aligned(keys, len(loose), width)) or loose


def _loose(keys: Iterable[Content], width: int) -> Iterator[Content]:
    """Yield lines that are broken between keys only."""
    line = Content()
    for key in keys:
        longer = line + Content.blank(_GAP if line else 0) + key
        if line and longer.cell_length > width:
            yield line
            line = key
        else:
            line = longer
    yield line


def _aligned(keys: Sequence[Content], lines: int, width: int) -> list[Content]:
    """Return the keys in columns, row by row; nothing if there is no room for that."""
    columns = -(-len(keys) // lines)
    rows = [keys[start : start + columns] for start in range(0, len(keys), columns)]
    widths = [max(key.cell_length for key in keys[at::columns]) for at in range(columns)]
    if sum(widths) + _GAP * (columns - 1) > width:
        return []
    return [
        Content.blank(_GAP).join(
            key.pad_right(wide - key.cell_length) for key, wide in zip(row, widths, strict=False)
        )
        for row in rows
    ]
