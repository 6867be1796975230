"""How large big texts that belong together can be."""

from __future__ import annotations

import math

from shared.tui.bigtext import BigText, fit


def capital(text: str, columns: int, rows: int, *, lines: int = 1) -> int:
    """Return how high capitals can be, in half rows; 0 where big letters would not be legible."""
    raster = fit(text, columns, rows, lines=lines)
    return raster.capital if raster else 0


def set_one_size(*texts: BigText, lines: int = 1) -> None:
    """Let the larger texts give way to the smallest that can be large at all.

    They may break into so many ``lines``.
    """
    heights = (capital(each.text, *each.size, lines=lines) for each in texts)
    lowest = min(filter(None, heights), default=None)
    for each in texts:
        each.max_rows = lowest and math.ceil(lowest / 2)
