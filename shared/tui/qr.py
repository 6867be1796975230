"""A QR code in half blocks: a module is one column wide and half a row high."""

from __future__ import annotations

from itertools import groupby

from rich.segment import Segment
from rich.style import Style
from textual.geometry import Size
from textual.strip import Strip
from textual.widget import Widget

QUIET = 4
"""Modules of white around the symbol, without which a phone does not find it."""

MASK = 4
"""One of eight ways to break up what is even in a symbol. Readers take any. To find the best one
makes somebody wait for the ticket six times as long; this one comes nearest to it for our addresses
(ISO/IEC 18004, 7.8, on average)."""

# White is what gets drawn: where colours are stripped, the shapes alone make a proper code on a
# dark terminal. A cell of one colour has it both before and behind, and so no seams.
_CELLS = {
    (False, False): ("█", Style.parse("#ffffff on #ffffff")),
    (False, True): ("▀", Style.parse("#ffffff on #000000")),
    (True, False): ("▄", Style.parse("#ffffff on #000000")),
    (True, True): (" ", Style.parse("#000000 on #000000")),
}


def encode(data: str) -> list[list[bool]]:
    """Make the smallest symbol for the data, with as much error correction as it has room for.

    True is a dark module; the quiet zone is included.
    """
    # Here, because a kiosk is there before it can give tickets.
    from qrcode import constants  # noqa: PLC0415
    from qrcode.main import QRCode as Encoder  # noqa: PLC0415

    # Nothing smudges a screen: that the code fits counts for more.
    levels = (
        constants.ERROR_CORRECT_H,
        constants.ERROR_CORRECT_Q,
        constants.ERROR_CORRECT_M,
        constants.ERROR_CORRECT_L,
    )
    codes = [Encoder(error_correction=level, border=QUIET, mask_pattern=MASK) for level in levels]
    for code in codes:
        code.add_data(data)
    code = min(codes, key=lambda code: code.best_fit())
    code.make()
    return code.get_matrix()


def paint(modules: list[list[bool]]) -> list[Strip]:
    """Show the modules black on white, whatever the theme, a strip for two rows of them."""
    width = len(modules[0])
    # The number of rows is odd; the last cell's lower half is white like the quiet zone above it.
    lower_rows = [*modules[1::2], [False] * width]
    return [
        Strip(
            [
                Segment(character * len(list(run)), style)
                for (character, style), run in groupby(
                    _CELLS[pair] for pair in zip(upper, lower, strict=True)
                )
            ],
            width,
        )
        for upper, lower in zip(modules[::2], lower_rows, strict=True)
    ]


class QRCode(Widget):
    """The QR code of some text, as large as it has to be; nothing while there is no text."""

    DEFAULT_CSS = """
    QRCode {
        width: auto;
        height: auto;
    }
    """
    ALLOW_SELECT = False

    def __init__(
        self, data: str | None = None, *, id: str | None = None, classes: str | None = None
    ) -> None:
        """Show `data`."""
        super().__init__(id=id, classes=classes)
        self.data: str | None = None
        self._strips: list[Strip] = []
        self.update(data)

    def on_mount(self) -> None:
        encode("")  # so that the first ticket does not wait until the encoder is loaded

    def update(self, data: str | None) -> None:
        """Show other data, or nothing."""
        if data == self.data:
            return
        self.data = data
        self._strips = [] if data is None else paint(encode(data))
        self.refresh(layout=True)

    def get_content_width(self, container: Size, viewport: Size) -> int:
        """Columns: one a module, with the quiet zone."""
        return self._strips[0].cell_length if self._strips else 0

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """Rows: one for two modules, with the quiet zone."""
        return len(self._strips)

    def render_line(self, y: int) -> Strip:
        """Row `y` of the code."""
        if y < len(self._strips):
            return self._strips[y]
        return Strip.blank(self.size.width, self.visual_style.rich_style)
