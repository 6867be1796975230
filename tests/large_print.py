"""Reading large print off a terminal.

It has no characters. It is compared, pixel by pixel, with how the programs' own lettering draws a
text: in every size, at every place, whatever the colours.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from itertools import pairwise

from shared.tui.bigtext import fit
from tools.terminal import Terminal

Edges = list[bytes]
"""A byte for each pixel but a row's last: whether the next one has another colour."""


def large(terminal: Terminal, text: str) -> list[int]:
    """Return in which sizes – heights of a capital – a text stands on the screen, largest last."""
    screen = _seen(terminal)
    drawn = _drawn(text, terminal.columns, terminal.rows)
    return sorted(size for size in drawn if _stands_in(drawn[size], screen))


def _edges(rows: Iterable[Iterable[object]]) -> Edges:
    return [bytes(left != right for left, right in pairwise(row)) for row in rows]


def _seen(terminal: Terminal) -> Edges:
    return _edges(
        [cell.ink if cell.character in inked else cell.paper for cell in row]
        for row in terminal.cells
        for inked in ({"▀", "█"}, {"▄", "█"})
    )


@cache
def _drawn(text: str, columns: int, rows: int) -> dict[int, Edges]:
    """Draw the text in every size that this much room allows, cut out along the ink.

    The keys are the heights of a capital.
    """
    drawn = {}
    narrowed = (fit(text, width, rows) for width in range(1, columns + 1))
    lowered = (fit(text, columns, rows, max_rows=height) for height in range(1, rows + 1))
    for raster in (*narrowed, *lowered):
        if raster is None or raster.capital in drawn:
            continue
        wide = raster.columns
        ink = [raster.ink[start : start + wide] for start in range(0, len(raster.ink), wide)]
        ink = ink[next(y for y, row in enumerate(ink) if any(row)) :]
        while not any(ink[-1]):
            ink.pop()
        left = min(len(row) - len(row.lstrip(b"\0")) for row in ink)
        right = max(len(row.rstrip(b"\0")) for row in ink)
        drawn[raster.capital] = _edges(row[left:right] for row in ink)
    return drawn


def _stands_in(drawn: Edges, screen: Edges) -> bool:
    most = max(range(len(drawn)), key=lambda y: sum(drawn[y]))
    wide = len(drawn[0])
    for y in range(len(screen) - len(drawn) + 1):
        x = -1
        while (x := screen[y + most].find(drawn[most], x + 1)) >= 0:
            if all(screen[y + number][x : x + wide] == row for number, row in enumerate(drawn)):
                return True
    return False
