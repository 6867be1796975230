"""A screen as a picture, drawn as terminals do: letters from a font, blocks and lines as shapes."""

from __future__ import annotations

from functools import lru_cache
from importlib import resources
from io import BytesIO

from PIL import Image, ImageDraw, ImageFont

from tools.screen import Cell, Colour

Box = tuple[float, float, float, float]
"""Left, top, right and bottom, as parts of a cell."""

_FONTS = resources.files("fontpkg_jetbrains_mono").joinpath("files")
_ADVANCE = 0.6
"""A letter's width as a part of the font's size."""
_BASELINE = 0.76
"""How far down in a cell letters stand."""

_SHADES = {"░": 0.25, "▒": 0.5, "▓": 0.75}
_BARS: dict[str, Box] = {
    **dict.fromkeys(_SHADES, (0.0, 0.0, 1.0, 1.0)),
    **{bar: (0, 1 - eighths / 8, 1, 1) for eighths, bar in enumerate("▁▂▃▄▅▆▇", 1)},
    **{bar: (0, 0, eighths / 8, 1) for eighths, bar in enumerate("▏▎▍▌▋▊▉", 1)},
    "▔": (0, 0, 1, 1 / 8),
    "▕": (7 / 8, 0, 1, 1),
}
_QUADRANTS = dict(zip("▘▝▀▖▌▞▛▗▚▐▜▄▙▟█", range(1, 16), strict=True))
"""Which quarters are filled: 1 and 2 are above, 4 and 8 below."""

_ARMS = ["lr", "ud", "rd", "ld", "ur", "lu", "urd", "lud", "lrd", "lur", "lurd", *"lurd"]
_LINES = {
    character: (arms, weight)
    for weight, characters in ((0.06, "─│┌┐└┘├┤┬┴┼╴╵╶╷"), (0.12, "━┃┏┓┗┛┣┫┳┻╋╸╹╺╻"))
    for character, arms in zip(characters, _ARMS, strict=True)
}
"""Which arms of a cross a line has – left, up, right, down – and half its weight."""


def draw(cells: list[list[Cell]], wide: int) -> Image.Image:
    """Draw rows of cells, each ``wide`` pixels wide and twice as high."""
    image = Image.new("RGB", (wide * len(cells[0]), 2 * wide * len(cells)))
    brush = ImageDraw.Draw(image)
    placed = [
        (cell, column * wide, row * 2 * wide)
        for row, line in enumerate(cells)
        for column, cell in enumerate(line)
    ]
    # All papers first: letters may reach into the next cell.
    for cell, left, top in placed:
        _fill(brush, (0, 0, 1, 1), left, top, wide, cell.paper)
    for cell, left, top in placed:
        boxes = _boxes(cell.character)
        ink = _mixed(cell) if cell.character in _SHADES else cell.ink
        for box in boxes:
            _fill(brush, box, left, top, wide, ink)
        if not boxes and cell.character.strip():
            font = _font(wide, bold=cell.bold, italic=cell.italic)
            where = (left, top + round(_BASELINE * 2 * wide))
            brush.text(where, cell.character, fill=ink, font=font, anchor="ls")
        if cell.underlined:
            _fill(brush, (0, 0.86, 1, 0.9), left, top, wide, ink)
        if cell.struck:
            _fill(brush, (0, 0.53, 1, 0.57), left, top, wide, ink)
    return image


def _fill(
    brush: ImageDraw.ImageDraw, box: Box, left: int, top: int, wide: int, colour: Colour
) -> None:
    x0, y0, x1, y1 = box
    brush.rectangle(
        (
            left + round(x0 * wide),
            top + round(y0 * 2 * wide),
            left + round(x1 * wide) - 1,
            top + round(y1 * 2 * wide) - 1,
        ),
        fill=colour,
    )


@lru_cache(maxsize=1024)
def _boxes(character: str) -> tuple[Box, ...]:
    """Return what a character is made of; nothing if it is a letter."""
    if character in _QUADRANTS:
        quarters = [(0, 0), (0.5, 0), (0, 0.5), (0.5, 0.5)]
        return tuple(
            (x, y, x + 0.5, y + 0.5)
            for bit, (x, y) in enumerate(quarters)
            if _QUADRANTS[character] & 1 << bit
        )
    if character in _LINES:
        arms, half = _LINES[character]
        # Half as much of the height as of the width: cells are twice as high as wide.
        reach = {
            "l": (0, 0.5 - half / 2, 0.5 + half, 0.5 + half / 2),
            "r": (0.5 - half, 0.5 - half / 2, 1, 0.5 + half / 2),
            "u": (0.5 - half, 0, 0.5 + half, 0.5 + half / 2),
            "d": (0.5 - half, 0.5 - half / 2, 0.5 + half, 1),
        }
        return tuple(reach[arm] for arm in arms)
    return (_BARS[character],) if character in _BARS else ()


def _mixed(cell: Cell) -> Colour:
    part = _SHADES[cell.character]
    red, green, blue = (
        round(paper + part * (ink - paper)) for ink, paper in zip(cell.ink, cell.paper, strict=True)
    )
    return red, green, blue


@lru_cache(maxsize=16)
def _font(wide: int, *, bold: bool, italic: bool) -> ImageFont.FreeTypeFont:
    name = "JetBrainsMono-Italic[wght].ttf" if italic else "JetBrainsMono[wght].ttf"
    font = ImageFont.truetype(BytesIO(_FONTS.joinpath(name).read_bytes()), wide / _ADVANCE)
    font.set_variation_by_axes([700 if bold else 400])
    return font
