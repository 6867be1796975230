"""Big text: a few words as large as their space allows, drawn in half blocks.

Sizes are in pixels. A cell is one pixel wide and two high, which in a terminal is nearly square.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations, groupby, pairwise, product
from unicodedata import normalize

import fontpkg_open_sans
from PIL import Image, ImageDraw, ImageFont
from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.color import Color
from textual.content import Content
from textual.css.types import AlignHorizontal, AlignVertical
from textual.geometry import Size
from textual.reactive import reactive
from textual.strip import Strip
from textual.widget import Widget

LEGIBLE = 6
"""The least height of a capital, in pixels, at which figures and capitals can be told apart.
Small letters need one more: below, an i runs into its dot."""

LEVELS = 5
"""Shades between paper (0) and ink (LEVELS - 1): enough for smooth edges, few enough to be cheap
for the terminal."""

_FONT = fontpkg_open_sans.ROOT / "files" / "OpenSans[wdth,wght].ttf"
_WEIGHT, _WIDTH = 700, 75
"""Bold, for the distance; condensed, so that a number fills its space in height too."""
_CAPITAL = 0.714
"""Height of a capital as a part of the font's size."""
_OUTLINES = {
    "→": (
        ((8, 40), (70, 40), (45, 13), (72, 13), (115, 50), (72, 87), (45, 87), (70, 60), (8, 60)),
        125,
    ),
    "←": (
        ((115, 40), (53, 40), (78, 13), (51, 13), (8, 50), (51, 87), (78, 87), (53, 60), (115, 60)),
        125,
    ),
    "✓": (((2, 44), (18, 62), (38, 38), (86, 100), (104, 86), (42, 0)), 108),
}
"""What the font lacks: outline and advance in hundredths of a capital, y up from the baseline."""
_PITCH = 1.55
"""From one line's baseline to the next, in heights of a capital."""
_FINE = 4
"""Letters are drawn this many times too large and reduced, so that each can stand where its stems
fall on whole pixels: a few pixels wide, they would otherwise blur."""
_CONTRAST = 1.8
"""Steepens the edges that the reduction has softened, and drops the faintest of them."""

# Textual hands control characters on to the terminal, where they would do as they are told.
_CONTROLS = dict.fromkeys((*range(0x20), *range(0x7F, 0xA0)), " ")

Align = tuple[AlignHorizontal, AlignVertical]


@dataclass(frozen=True, slots=True)
class Raster:
    """Text drawn on a region of `columns` by `rows` cells.

    `ink` has a byte for each of the columns × 2·rows pixels, row by row, from 0 to LEVELS - 1.
    `capital` is the height of a capital in pixels.
    """

    columns: int
    rows: int
    capital: int
    ink: bytes


@dataclass(frozen=True, slots=True)
class _Glyph:
    """A letter's ink around the pen, and how far the pen goes on; in fine pixels, y down.

    Its ink is sharpest where the pen stands `phase` fine pixels beyond a whole pixel.
    """

    left: int
    top: int
    right: int
    bottom: int
    advance: float
    phase: int


@dataclass(frozen=True, slots=True)
class _Line:
    """Where the pen sets each letter, in fine pixels, and the ink's bounds in whole pixels.

    Both count from the start of the baseline, y down.
    """

    text: str
    pens: tuple[int, ...]
    left: int
    top: int
    right: int
    bottom: int


@lru_cache(maxsize=128)
def fit(
    text: str,
    columns: int,
    rows: int,
    *,
    lines: int = 1,
    max_rows: float | None = None,
    align: Align = ("left", "top"),
) -> Raster | None:
    """Draw the text as large as a region of columns × rows cells allows, on up to `lines` lines.

    Capitals are at most `max_rows` rows high. Their height decides where the text stands, so that
    texts of one size side by side share a baseline whether or not they have descenders.

    None if it would not be legible, or has characters that the font lacks.
    """
    text = normalize("NFC", text)
    width, height = columns, 2 * rows
    limit = height if max_rows is None else min(height, int(2 * max_rows))
    least = LEGIBLE + (text != text.upper())
    # Most texts have a row or two, and no letter has to be drawn to know that it is too large.
    if limit < least or not all(map(_has_glyph, set(text))):
        return None
    choices = [(_largest(broken, width, height, limit), broken) for broken in breaks(text, lines)]
    # Of those that are equally large, on the fewest lines; of these, the most even ones.
    capital, broken = max(
        choices,
        key=lambda choice: (choice[0], -len(choice[1]), -max(map(len, choice[1]))),
        default=(0, ()),
    )
    if capital < least:
        return None
    ink = _draw([_line(line, capital) for line in broken], capital, width, height, align)
    return Raster(columns, rows, capital, ink)


def breaks(text: str, lines: int) -> Iterator[tuple[str, ...]]:
    """Every way to break the text at spaces into 1 to `lines` lines, fewest lines first."""
    words = [word for word in text.split(" ") if word]  # a space that does not break stays
    for count in range(min(lines, len(words))):
        for cuts in combinations(range(1, len(words)), count):
            yield tuple(" ".join(words[a:b]) for a, b in pairwise((0, *cuts, len(words))))


def plain(text: str, width: int, lines: int) -> tuple[str, ...]:
    """Break a text for small letters: on as few of the lines as show all of it, or most of it."""

    def unfit(broken: tuple[str, ...]) -> tuple[int, int, int]:
        """Tell how much is lost, on how many lines, and how uneven they are."""
        widths = [cell_len(line) for line in broken]
        return sum(max(wide - width, 0) for wide in widths), len(broken), max(widths)

    # A terminal would not show control characters but obey them.
    text = text.translate(dict.fromkeys((*range(32), *range(127, 160)), " "))
    return min(breaks(text, lines), key=unfit, default=())


@lru_cache(maxsize=64)
def _font(capital: int) -> ImageFont.FreeTypeFont:
    # The basic layout is in every build of Pillow; the other may be missing and spaces differently.
    font = ImageFont.truetype(_FONT, capital / _CAPITAL, layout_engine=ImageFont.Layout.BASIC)
    font.set_variation_by_axes([_WEIGHT, _WIDTH])
    return font


@lru_cache(maxsize=1024)
def _has_glyph(character: str) -> bool:
    # Pillow does not tell; but a character without a glyph looks like one that can have none.
    glyph, missing = (bytes(_font(20).getmask(each)) for each in (character, "\uffff"))
    return character in {" ", *_OUTLINES} or (any(glyph) and glyph != missing)


def _set(draw: ImageDraw.ImageDraw, x: int, y: int, character: str, capital: int) -> None:
    """Draw a letter with its pen at x on the baseline y; all in fine pixels but for `capital`."""
    if character in _OUTLINES:
        outline, _ = _OUTLINES[character]
        scale = capital * _FINE / 100
        draw.polygon([(x + right * scale, y - up * scale) for right, up in outline], fill=255)
    else:
        draw.text((x, y), character, fill=255, font=_font(capital * _FINE), anchor="ls")


@lru_cache(maxsize=4096)
def _glyph(character: str, capital: int) -> _Glyph:
    if character in _OUTLINES:
        advance = _OUTLINES[character][1] * capital * _FINE / 100
    else:
        advance = _font(capital * _FINE).getlength(character)
    # As much room as accents, descenders and overhang can need.
    x, y = capital * _FINE, 2 * capital * _FINE
    image = Image.new("L", (math.ceil(advance) + 2 * x, 3 * capital * _FINE))
    _set(ImageDraw.Draw(image), x, y, character, capital)
    box = left, top, right, bottom = image.getbbox() or (x, y, x + 1, y + 1)
    profile = image.crop(box).resize((right - left, 1), Image.Resampling.BOX).tobytes()

    def sharpness(shift: int) -> int:
        """Tell how much of the ink shares pixels, if it starts `shift` into a pixel."""
        return sum(
            sum(profile[max(edge, 0) : edge + _FINE]) ** 2
            for edge in range(-shift, len(profile), _FINE)
        )

    shift = max(range(_FINE), key=sharpness)
    return _Glyph(left - x, top - y, right - x, bottom - y, advance, (shift - left + x) % _FINE)


@lru_cache(maxsize=1024)
def _line(text: str, capital: int) -> _Line:
    glyphs = [_glyph(character, capital) for character in text]
    pens = []
    pen: float = -glyphs[0].left
    for glyph in glyphs:
        # Half a pixel too tight reads evener than half a pixel too loose.
        pens.append(math.ceil((pen - glyph.phase) / _FINE - 0.5) * _FINE + glyph.phase)
        pen = pens[-1] + glyph.advance
    return _Line(
        text,
        tuple(pens),
        left=min(pen + glyph.left for pen, glyph in zip(pens, glyphs, strict=True)) // _FINE,
        top=min(-capital, min(glyph.top for glyph in glyphs) // _FINE),
        right=-(-max(pen + glyph.right for pen, glyph in zip(pens, glyphs, strict=True)) // _FINE),
        bottom=-(-max(glyph.bottom for glyph in glyphs) // _FINE),
    )


def _reach(lines: list[_Line], capital: int) -> tuple[int, int]:
    """How far the lines' ink reaches above and below the first baseline, in pixels."""
    pitch = round(_PITCH * capital)
    above = max(-line.top - number * pitch for number, line in enumerate(lines))
    below = max(line.bottom + number * pitch for number, line in enumerate(lines))
    return above, below


def _largest(broken: tuple[str, ...], width: int, height: int, limit: int) -> int:
    """Find the height of a capital, in pixels, at which the lines just fit; 0 if none does."""

    def extent(capital: int) -> tuple[int, int]:
        lines = [_line(line, capital) for line in broken]
        return max(line.right - line.left for line in lines), sum(_reach(lines, capital))

    # Both grow nearly as the capital does, so that one measurement leaves few to try.
    scale = 40
    wide, high = extent(scale)
    start = min(limit, math.ceil(scale * min(width / max(wide, 1), height / high)) + 1)
    for capital in range(start, LEGIBLE - 1, -1):
        wide, high = extent(capital)
        if wide <= width and high <= height:
            return capital
    return 0


def _draw(lines: list[_Line], capital: int, width: int, height: int, align: Align) -> bytes:
    horizontal, vertical = align
    pitch = round(_PITCH * capital)
    above, below = _reach(lines, capital)
    spare = height - capital - (len(lines) - 1) * pitch
    baseline = capital + {"top": 0, "middle": spare // 2, "bottom": spare}[vertical]
    baseline = max(above, min(baseline, height - below))

    image = Image.new("L", (width * _FINE, height * _FINE))
    draw = ImageDraw.Draw(image)
    for number, line in enumerate(lines):
        spare = width - (line.right - line.left)
        left = {"left": 0, "center": spare // 2, "right": spare}[horizontal]
        x, y = (left - line.left) * _FINE, (baseline + number * pitch) * _FINE
        for character, pen in zip(line.text, line.pens, strict=True):
            _set(draw, x + pen, y, character, capital)
    return image.reduce(_FINE).point(_SHADES).tobytes()


def _shade(coverage: int) -> int:
    steep = (coverage / 255 - 0.5) * _CONTRAST + 0.5
    return round(min(max(steep, 0), 1) * (LEVELS - 1))


_SHADES = [_shade(coverage) for coverage in range(256)]


@lru_cache(maxsize=64)
def paint(raster: Raster, style: Style) -> tuple[Strip, ...]:
    """Show the raster in shades between the style's two colours, a strip a row."""
    cells = _cells(style)
    return tuple(
        Strip(
            [
                Segment(character * len(list(run)), shades)
                for (character, shades), run in ((cells[pair], run) for pair, run in groupby(row))
            ],
            raster.columns,
        )
        for row in _rows(raster)
    )


@lru_cache(maxsize=64)
def stencil(raster: Raster, style: Style) -> tuple[Strip, ...]:
    """Show the raster by the shapes of its characters, in the style's colours if it has any."""
    style = Style(color=style.color, bgcolor=style.bgcolor)
    return tuple(
        Strip([Segment("".join(map(_SHAPES.__getitem__, row)), style)], raster.columns)
        for row in _rows(raster)
    )


def _rows(raster: Raster) -> Iterator[Iterator[tuple[int, int]]]:
    """Pair each cell's upper and lower shade, row by row."""
    ink, width = raster.ink, raster.columns
    for y in range(0, len(ink), 2 * width):
        yield zip(ink[y : y + width], ink[y + width : y + 2 * width], strict=True)


_PAIRS = list(product(range(LEVELS), repeat=2))
_SHAPES = {
    (upper, lower): " ▄▀█"[2 * (upper >= LEVELS // 2) + (lower >= LEVELS // 2)]
    for upper, lower in _PAIRS
}


@lru_cache(maxsize=64)
def _cells(style: Style) -> dict[tuple[int, int], tuple[str, Style]]:
    """Make the character and style for each pair of shades between the style's two colours."""
    paper, ink = map(Color.from_rich_color, (style.bgcolor, style.color))
    shades = [paper.blend(ink, level / (LEVELS - 1)).rich_color for level in range(LEVELS)]
    # A cell of one shade is a space: it has no seams, whatever the terminal's font does.
    return {
        (upper, lower): (" ", Style(bgcolor=shades[upper]))
        if upper == lower
        else ("▀", Style(color=shades[upper], bgcolor=shades[lower]))
        for upper, lower in _PAIRS
    }


class BigText(Widget):
    """One short text, as large as the widget; plain bold text where that would not be legible.

    Colours and `content-align` come from the stylesheet.
    """

    DEFAULT_CSS = """
    BigText {
        width: 1fr;
        height: 1fr;
        text-style: bold;
        text-wrap: nowrap;
        text-overflow: ellipsis;
    }
    """
    ALLOW_SELECT = False

    text: reactive[str] = reactive("")
    max_rows: reactive[float | None] = reactive[float | None](None)

    def __init__(
        self,
        text: str = "",
        *,
        lines: int = 1,
        max_rows: float | None = None,
        id: str | None = None,
        classes: str | None = None,
    ) -> None:
        """Show `text` on up to `lines` lines, its capitals at most `max_rows` rows high."""
        super().__init__(id=id, classes=classes)
        self.set_reactive(BigText.text, text)
        self.lines = lines
        self.set_reactive(BigText.max_rows, max_rows)

    def most_rows(self) -> float | None:
        """How high capitals may be; a subclass can decide as it is drawn, by its size."""
        return self.max_rows

    def render_line(self, y: int) -> Strip:
        """Row `y` of the big text, or of the plain one."""
        raster = fit(
            self.text,
            *self.size,
            lines=self.lines,
            max_rows=self.most_rows(),
            align=self.styles.content_align,
        )
        if raster is None:
            return super().render_line(y)
        style = self.visual_style.rich_style
        return (paint if self._has_shades(style) else stencil)(raster, style)[y]

    def _has_shades(self, style: Style) -> bool:
        """Whether the terminal can show what lies between the style's two colours."""
        return (
            not self.app.no_color
            and self.app.console.color_system in {"256", "truecolor"}
            and all(color is not None and color.triplet for color in (style.color, style.bgcolor))
        )

    def get_content_width(self, container: Size, viewport: Size) -> int:
        """Columns of the plain text, whatever size the widget has now."""
        return max(map(cell_len, plain(self.text, container.width, self.lines)), default=0)

    def render(self) -> Content:
        """Plain text, on as few lines as show all of it."""
        width, height = self.size
        return Content("\n".join(plain(self.text, width, min(self.lines, height))))
