"""How large big texts that belong together can be."""

from __future__ import annotations

import math
from collections.abc import Sequence

from shared.tui.bigtext import BigText, fit


def capital(text: str, columns: int, rows: int, *, lines: int = 1) -> int:
    """Return how high capitals can be, in half rows; 0 where big letters would not be legible."""
    raster = fit(text, columns, rows, lines=lines)
    return raster.capital if raster else 0


class Matched(BigText):
    """A text that gives way to others of its group: all are as large as the smallest of them.

    One that cannot be large at all does not count.
    """

    group: Sequence[Matched] = ()

    def watch_text(self) -> None:
        for each in self.group:
            each.refresh()

    def most_rows(self) -> float | None:
        if not self.group:
            return super().most_rows()
        heights = (capital(each.text, *each.size, lines=each.lines) for each in self.group)
        lowest = min(filter(None, heights), default=None)
        return lowest and math.ceil(lowest / 2)


def match(*texts: Matched) -> None:
    """Let these be of one size."""
    for each in texts:
        each.group = texts
