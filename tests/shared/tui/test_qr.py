"""The QR code: what a phone reads off the screen, whatever the colours around it."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import pytest
import zxingcpp
from PIL import Image
from qrcode.constants import ERROR_CORRECT_L
from qrcode.main import QRCode as Encoder
from textual.app import App, ComposeResult
from textual.color import Color
from textual.filter import LineFilter, Monochrome, NoColor
from textual.strip import Strip

from shared.tui.qr import QUIET, QRCode, encode

Picture = Callable[[Iterable[Strip]], Image.Image]

URL = "https://jono.example.fi/t/8Qx2mV4nR7"


class Poster(App[None]):
    """Nothing but a QR code."""

    def __init__(self, code: QRCode, theme: str = "textual-light") -> None:
        super().__init__()
        self.code = code
        self.theme = theme

    def compose(self) -> ComposeResult:
        yield self.code


def strips(code: QRCode) -> list[Strip]:
    return [code.render_line(y) for y in range(code.size.height)]


def read(image: Image.Image) -> list[tuple[str, str]]:
    """Text and correction level of the dark-on-light codes found, from a few pixels a module."""
    found = zxingcpp.read_barcodes(
        image.resize((image.width * 6, image.height * 6), Image.Resampling.NEAREST),
        try_invert=False,
    )
    return [(barcode.text, barcode.ec_level) for barcode in found]


@pytest.mark.parametrize("theme", ["textual-light", "textual-dark", "ansi-dark"])
@pytest.mark.parametrize("colours", [None, Monochrome(), NoColor()])
async def test_a_phone_reads_it_off_the_screen(
    picture: Picture, theme: str, colours: LineFilter | None
) -> None:
    code = QRCode(URL)
    async with Poster(code, theme).run_test(size=(80, 24)):
        rows = strips(code)
        if colours:
            rows = [row.apply_filter(colours, Color(0, 0, 0)) for row in rows]
        assert [text for text, _ in read(picture(rows))] == [URL]


async def test_it_is_black_on_white_with_its_quiet_zone(picture: Picture) -> None:
    code = QRCode(URL)
    async with Poster(code, "textual-dark").run_test(size=(80, 24)):
        image = picture(strips(code)).convert("L")
        assert set(image.tobytes()) == {0, 255}
        dark = image.point(lambda value: 255 - value).getbbox()
        assert dark == (QUIET, QUIET, image.width - QUIET, image.width - QUIET)


async def test_it_takes_the_room_it_needs() -> None:
    code = QRCode(URL)
    async with Poster(code).run_test(size=(80, 24)):
        modules = len(encode(URL))
        assert code.size == (modules, (modules + 1) // 2)


async def test_it_shows_what_it_is_given_and_nothing_without(picture: Picture) -> None:
    code = QRCode()
    async with Poster(code).run_test(size=(80, 24)) as pilot:
        assert code.size == (0, 0)
        for data in (URL, "K 017", "å ä ö"):
            code.update(data)
            await pilot.pause()
            assert [text for text, _ in read(picture(strips(code)))] == [data]
        code.update(None)
        await pilot.pause()
        assert code.size == (0, 0)


async def test_room_to_spare_is_blank() -> None:
    code = QRCode("3")
    code.styles.width, code.styles.height = 40, 20
    async with Poster(code).run_test(size=(80, 24)):
        assert code.render_line(19).text.isspace()


@pytest.mark.parametrize("length", range(1, 120, 7))
def test_correction_is_as_strong_as_the_smallest_symbol_allows(length: int) -> None:
    low = Encoder(error_correction=ERROR_CORRECT_L, border=QUIET)
    low.add_data("x" * length)
    low.make()
    assert len(encode("x" * length)) == len(low.get_matrix())


async def test_spare_room_in_the_symbol_makes_it_stronger(picture: Picture) -> None:
    code = QRCode("x")
    async with Poster(code).run_test(size=(80, 24)):
        assert read(picture(strips(code))) == [("x", "H")]
