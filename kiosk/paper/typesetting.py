"""A receipt set in ESC/POS: text on a code page, the number and the QR code as pictures.

Sizes are in dots, eight to a millimetre. Some printers have more of them on a line than others; a
ticket keeps to what all have.
"""

from __future__ import annotations

import textwrap

import fontpkg_open_sans
from escpos.printer import Dummy
from PIL import Image, ImageDraw, ImageFont
from qrcode.constants import ERROR_CORRECT_M
from qrcode.main import QRCode

from kiosk.paper.protocol import Receipt

COLUMNS = {58: 32, 80: 42}
"""Letters on a line, by the width of the paper in millimetres."""

LETTER = 12
"""Width of a letter."""

CAPITAL = 17
"""Height of a capital."""

CODE_PAGE = "CP1252"
"""For western languages; it has the dash of "10–20 min", which older code pages lack."""

NUMBER = 144
"""Height of the number's capitals: 18 mm."""

MODULE = 6
"""Width of a module of the QR code."""

COARSE = {"high_density_vertical": False, "high_density_horizontal": False}
"""Half of the resolution: what is large looks the same, and is sent in a quarter of the time."""

_FONT = fontpkg_open_sans.ROOT / "files" / "OpenSans[wdth,wght].ttf"
_BOLD = [700.0, 75.0]
"""Weight and width: what is condensed can be higher."""
_CAPITAL = 0.714
"""Height of a capital as a part of the font's size."""


def typeset(receipt: Receipt, *, width_mm: int, profile: str) -> bytes:
    """Return what makes the printer print and cut off a ticket."""
    sheet = _Sheet(COLUMNS[width_mm], profile)
    sheet.write(receipt.centre, bold=True)
    sheet.skip()
    sheet.write(receipt.heading)
    sheet.skip()
    sheet.draw_number(receipt.number)
    for queue in receipt.queues:
        sheet.skip()
        sheet.write(queue.unit, bold=True, size=2)
        sheet.write(queue.wait, bold=True)
        sheet.write(queue.ahead)
    sheet.skip()
    sheet.write(receipt.advice)
    if receipt.address:
        sheet.skip()
        sheet.draw_code(receipt.address)
        sheet.skip()
        sheet.write(receipt.invitation)
    if receipt.note:
        sheet.skip()
        sheet.write(receipt.note)
    sheet.skip()
    sheet.write(receipt.issued)
    return sheet.cut_off()


class _Sheet:
    """A piece of paper that is written on from the top, everything in the middle."""

    def __init__(self, columns: int, profile: str) -> None:
        self._columns = columns
        self._dots = columns * LETTER
        self._paper = Dummy(profile=profile)
        self._paper.hw("INIT")
        self._paper.set(align="center")
        self._has_code_page = CODE_PAGE in self._paper.profile.get_code_pages()
        if self._has_code_page:
            self._paper.charcode(CODE_PAGE)

    def write(self, text: str, *, bold: bool = False, size: int = 1) -> None:
        """Write a text, if there is one, on as many lines as it needs."""
        width = size if _longest_word(text) * size <= self._columns else 1
        self._paper.set(custom_size=True, width=width, height=size, bold=bold)
        for line in _broken(text, self._columns // width):
            if self._has_code_page and _encodes(line):
                self._paper.textln(line)
            else:
                # No "?" on a ticket: other scripts are drawn.
                self._paper.image(_drawn(line, CAPITAL * size, self._dots))

    def skip(self) -> None:
        self._paper.set(custom_size=True, width=1, height=1)
        self._paper.ln()

    def draw_number(self, number: str) -> None:
        self._paper.image(_drawn(number, NUMBER // 2, self._dots // 2), **COARSE)

    def draw_code(self, address: str) -> None:
        """Draw a QR code; what is around it must be empty, as wide as four modules."""
        code = QRCode(error_correction=ERROR_CORRECT_M, box_size=MODULE // 2, border=0)
        code.add_data(address)
        self._paper.image(code.make_image().get_image(), **COARSE)

    def cut_off(self) -> bytes:
        """Return all of it, ended by a cut that leaves the ticket hanging till it is taken."""
        self._paper.cut(feed=False)  # the printer itself knows how far the knife is
        return bytes(self._paper.output)


def _longest_word(text: str) -> int:
    return max(map(len, text.split()), default=1)


def _broken(text: str, columns: int) -> list[str]:
    """Break a text into as few lines as it needs, of much the same length."""
    fewest = textwrap.wrap(text, columns)
    for width in range(_longest_word(text), columns):
        if len(lines := textwrap.wrap(text, width)) == len(fewest):
            return lines
    return fewest


def _encodes(text: str) -> bool:
    try:
        text.encode(CODE_PAGE)
    except UnicodeEncodeError:
        return False
    return True


def _drawn(text: str, capital: int, width: int) -> Image.Image:
    """Draw a line, with capitals so high unless that is wider than it may be."""
    font = ImageFont.truetype(_FONT, capital / _CAPITAL, layout_engine=ImageFont.Layout.BASIC)
    font.set_variation_by_axes(_BOLD)
    left, top, right, bottom = map(round, font.getbbox(text))
    width -= width % 8  # a row is sent in whole bytes
    if right - left > width:
        return _drawn(text, capital * width // (right - left), width)
    # Printers know no picture without a dot; some characters have none.
    image = Image.new("1", (max(right - left, 1), max(bottom - top, 1)), 1)
    ImageDraw.Draw(image).text((-left, -top), text, font=font, fill=0)
    return image
