"""The keys, at the foot of the screen, each with its word; those that make no sense now, quiet."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from textual.content import Content
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
    """As many lines as the keys need, broken between keys only."""

    def __init__(self) -> None:
        super().__init__(markup=False)
        self._keys: tuple[Key, ...] = ()

    def put(self, keys: Sequence[Key]) -> None:
        """Show these keys."""
        if tuple(keys) != self._keys:
            self._keys = tuple(keys)
            self.on_resize()

    def on_resize(self) -> None:
        lines = _lines((key.content() for key in self._keys), self.size.width)
        self.update(Content("\n").join(lines))


def _lines(keys: Iterable[Content], width: int) -> Iterator[Content]:
    line = Content()
    for key in keys:
        longer = line + Content.blank(_GAP if line else 0) + key
        if line and longer.cell_length > width:
            yield line
            line = key
        else:
            line = longer
    yield line
