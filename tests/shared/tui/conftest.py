"""A terminal's eye: what half blocks look like."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import pytest
from PIL import Image
from rich.color import Color
from textual.strip import Strip

Picture = Callable[[Iterable[Strip]], Image.Image]

_UPPER_AND_LOWER = {" ": (False, False), "▀": (True, False), "▄": (False, True), "█": (True, True)}


@pytest.fixture
def picture() -> Picture:
    """Draw strips of half blocks as a terminal does, one pixel for each half of a cell.

    Cells without colours of their own are drawn light on dark.
    """

    def rgb(color: Color | None, *, foreground: bool) -> tuple[int, int, int]:
        if color is None or color.is_default:
            return (255, 255, 255) if foreground else (0, 0, 0)
        return color.get_truecolor()

    def draw(strips: Iterable[Strip]) -> Image.Image:
        rows = list(strips)
        image = Image.new("RGB", (rows[0].cell_length, 2 * len(rows)))
        for y, strip in enumerate(rows):
            x = 0
            for text, style, _ in strip:
                ink = rgb(style.color if style else None, foreground=True)
                paper = rgb(style.bgcolor if style else None, foreground=False)
                for character in text:
                    for half, is_ink in enumerate(_UPPER_AND_LOWER[character]):
                        image.putpixel((x, 2 * y + half), ink if is_ink else paper)
                    x += 1
        return image

    return draw
