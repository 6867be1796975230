"""A receipt printer that speaks ESC/POS, in software: what it prints can be read and looked at.

It knows the commands that tickets need, by Epson's reference, and no others: on paper, a byte that
is not understood would be rubbish.
"""

from __future__ import annotations

import asyncio
import re
from asyncio import StreamReader, StreamWriter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cache
from importlib import resources
from typing import Self

import zxingcpp
from PIL import Image, ImageDraw, ImageFont, ImageOps

DOTS = {58: 384, 80: 576}
"""What a line has, by the width of the paper in millimetres."""

_CODE_PAGES = {0: "cp437", 2: "cp850", 16: "cp1252", 19: "cp858"}
"""By their numbers in ESC t."""

_WIDTH, _HEIGHT, _LINE = 12, 24, 30
"""A letter's width and height, and a line's height, in dots."""

_FONT = resources.files("fontpkg_jetbrains_mono").joinpath("files", "JetBrainsMono[wght].ttf")


@dataclass
class Ticket:
    """What came out, up to the cut."""

    lines: list[str]
    """The text, line by line; of each picture, "[picture]"."""
    pictures: list[Image.Image]
    picture: Image.Image
    """Of all of it."""

    @property
    def text(self) -> str:
        return "\n".join(self.lines)

    @property
    def codes(self) -> list[str]:
        """What its QR codes say, by a scanner that sees no inverted ones."""
        return [code.text for code in zxingcpp.read_barcodes(self.picture, try_invert=False)]


@dataclass
class Style:
    """How what comes next is printed."""

    code_page: str = "cp437"
    align: int = 0
    width: int = 1
    height: int = 1
    bold: bool = False


@dataclass
class ReceiptPrinter:
    """The printer. What is wrong with it is set from outside, and mended by :meth:`mend`."""

    width_mm: int = 80
    dots: int = 0
    """On a line; without it, as many as most printers of the width have."""
    seconds: float = 0
    """How long it takes to print a ticket."""
    answers: bool = True
    """Whether it tells its state when it is asked."""
    tells_end: bool = True
    """Whether it knows GS r, and so can tell that it has printed all before."""
    cover_open: bool = False
    paper: str = "good"
    """Or "low", or "out"."""
    paper_left: int | None = None
    """Dots of paper after which it is out."""
    has_error: bool = False
    is_offline: bool = False
    tickets: list[Ticket] = field(default_factory=list)
    say: Callable[[bytes], object] = lambda _: None
    """Where its answers go."""

    def __post_init__(self) -> None:
        self.dots = self.dots or DOTS[self.width_mm]
        self._received = b""
        self._is_busy = False
        self._commands: dict[bytes, tuple[int, Callable[[bytes], None]]] = {
            b"\x10\x04": (3, self._tell_status),
            b"\x1b@": (2, self._initialize),
            b"\x1ba": (3, self._align),
            b"\x1bt": (3, self._select_code_page),
            b"\x1bE": (3, self._embolden),
            b"\x1d!": (3, self._resize),
            b"\x1dr": (3, self._tell_end),
            b"\x1dv": (8, self._draw),
            b"\x1dV": (4, self._cut),
        }
        self._tear_off()

    def _tear_off(self) -> None:
        self._style = Style()
        self._line: list[tuple[str, Style]] = []
        self._lines: list[str] = []
        self._pictures: list[Image.Image] = []
        self._bands: list[Image.Image] = []

    @property
    def torn(self) -> str:
        """What is printed and not cut off."""
        return "\n".join(self._lines)

    def mend(self) -> None:
        """Let all be well again; what it has received is printed now."""
        self.cover_open = self.has_error = self.is_offline = False
        self.paper, self.paper_left = "good", None
        self._go_on()

    def switch_off(self) -> None:
        """Forget what is not printed."""
        self._received = b""
        self._tear_off()

    def receive(self, data: bytes) -> None:
        if self._stands_still:
            # Real-time commands are answered all the same.
            for question in re.finditer(rb"\x10\x04([\x01\x02\x04])", data):
                self._tell_status(question[1])
            data = re.sub(rb"\x10\x04[\x01\x02\x04]", b"", data)
        self._received += data
        self._go_on()

    @property
    def _stands_still(self) -> bool:
        out = self.paper == "out"
        return self._is_busy or self.cover_open or out or self.has_error or self.is_offline

    def _go_on(self) -> None:
        while self._received and not self._stands_still:
            taken = self._command(self._received)
            if taken == 0:
                break
            self._received = self._received[taken:]

    def _command(self, data: bytes) -> int:
        """Do what comes first, and return of how many bytes it was; 0 if more are needed."""
        if data[0] not in b"\x10\x1b\x1d":
            self._letter(data[:1])
            return 1
        if len(data) < 2:
            return 0
        size, obey = self._commands[data[:2]]
        if obey == self._draw and len(data) >= size:
            columns, rows = (int.from_bytes(data[at : at + 2], "little") for at in (4, 6))
            size += columns * rows
        if len(data) < size:
            return 0
        obey(data[2:size])
        return size

    def _letter(self, byte: bytes) -> None:
        if byte == b"\n":
            self._feed()
        else:
            assert byte >= b" ", f"not understood: {byte!r}"
            self._line.append((byte.decode(self._style.code_page), replace(self._style)))

    def _initialize(self, _: bytes) -> None:
        self._style = Style()

    def _select_code_page(self, n: bytes) -> None:
        self._style.code_page = _CODE_PAGES[n[0]]

    def _align(self, n: bytes) -> None:
        self._style.align = n[0]

    def _embolden(self, n: bytes) -> None:
        self._style.bold = bool(n[0] & 1)

    def _resize(self, n: bytes) -> None:
        self._style.width, self._style.height = (n[0] >> 4) + 1, (n[0] & 7) + 1

    def _tell_end(self, n: bytes) -> None:
        assert n == b"\x01"
        if self.tells_end and self.answers:
            self.say(bytes([0b0011 * (self.paper == "low")]))

    def _tell_status(self, n: bytes) -> None:
        if not self.answers:
            return
        stands = self.cover_open or self.paper == "out" or self.has_error or self.is_offline
        status = {
            1: 0b0000_1000 * stands,
            2: 0b0000_0100 * self.cover_open
            | 0b0010_0000 * (self.paper == "out")
            | 0b0100_0000 * self.has_error,
            4: 0b0000_1100 * (self.paper != "good") | 0b0110_0000 * (self.paper == "out"),
        }
        self.say(bytes([0b0001_0010 | status[n[0]]]))

    def _draw(self, arguments: bytes) -> None:
        """Print a raster image: 0 m xL xH yL yH, and a bit for each dot."""
        assert not self._line, "a picture amid a line is not printed"
        zero, m, columns = arguments[0], arguments[1], int.from_bytes(arguments[2:4], "little")
        assert zero == ord("0")
        rows = int.from_bytes(arguments[4:6], "little")
        assert columns
        assert rows
        image = Image.frombytes("1", (8 * columns, rows), arguments[6:]).convert("L")
        wide, high = 1 + (m & 1), 1 + (m >> 1 & 1)
        size = image.width * wide, image.height * high
        image = ImageOps.invert(image).resize(size, Image.Resampling.NEAREST)
        self._lines.append("[picture]")
        self._pictures.append(image)
        self._print(image, image.height)

    def _feed(self) -> None:
        """Print the line."""
        self._lines.append("".join(letter for letter, _ in self._line).rstrip())
        width = sum(_WIDTH * style.width for _, style in self._line)
        height = max([_LINE, *(_HEIGHT * style.height for _, style in self._line)])
        image = Image.new("L", (width, height), 255)
        x = 0
        for letter, style in self._line:
            size = _WIDTH * style.width, _HEIGHT * style.height
            cell = _letter(letter, bold=style.bold).resize(size, Image.Resampling.NEAREST)
            image.paste(cell, (x, height - cell.height))
            x += cell.width
        self._line.clear()
        self._print(image, height)

    def _print(self, image: Image.Image, height: int) -> None:
        dots = self.dots
        assert image.width <= dots, "wider than the paper"
        band = Image.new("L", (dots, height), 255)
        band.paste(
            image, ((0, (dots - image.width) // 2, dots - image.width)[self._style.align], 0)
        )
        self._bands.append(band)
        if self.paper_left is not None:
            self.paper_left -= height
            if self.paper_left < 0:
                self.paper = "out"

    def _cut(self, how: bytes) -> None:
        assert how == b"B\x00"
        assert not self._line
        picture = Image.new("L", (self.dots, sum(band.height for band in self._bands)))
        y = 0
        for band in self._bands:
            picture.paste(band, (0, y))
            y += band.height
        self.tickets.append(Ticket(self._lines, self._pictures, picture))
        self._tear_off()
        if self.seconds:
            self._is_busy = True
            asyncio.get_running_loop().call_later(self.seconds, self._finish)

    def _finish(self) -> None:
        self._is_busy = False
        self._go_on()


@cache
def _letter(letter: str, *, bold: bool) -> Image.Image:
    with resources.as_file(_FONT) as file:
        font = ImageFont.truetype(file, _WIDTH / 0.6)
    font.set_variation_by_axes([800.0 if bold else 400.0])
    image = Image.new("L", (_WIDTH, _HEIGHT), 255)
    ImageDraw.Draw(image).text((0, 20), letter, font=font, fill=0, anchor="ls")
    return image.point(lambda value: 255 * (value > 127))


class NetworkPort:
    """A printer's port 9100, on loopback."""

    def __init__(self, printer: ReceiptPrinter) -> None:
        self.printer = printer
        self.number = 0
        self.connections = 0
        self.reads = asyncio.Event()
        """Cleared, it takes connections and does not read from them."""
        self.reads.set()
        self.breaks_after: int | None = None
        """Bytes of a connection after which it is lost."""
        self.stops_after: int | None = None
        """Bytes of a connection after which no more are read."""
        self._server: asyncio.Server | None = None
        self._talks: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        await self.open()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    @property
    def is_open(self) -> bool:
        return self._server is not None and self._server.is_serving()

    @property
    def is_talking(self) -> bool:
        return bool(self._talks)

    async def open(self) -> None:
        """Be there, at the same number as before."""
        self._server = await asyncio.start_server(self._talk, "127.0.0.1", self.number)
        self.number = self._server.sockets[0].getsockname()[1]

    async def close(self) -> None:
        """Refuse connections, and lose those that there are."""
        if self._server is not None:
            self._server.close()
        for talk in self._talks:
            talk.cancel()
        await asyncio.gather(*self._talks, return_exceptions=True)

    async def _talk(self, reader: StreamReader, writer: StreamWriter) -> None:
        talk = asyncio.current_task()
        assert talk is not None
        self._talks.add(talk)
        talk.add_done_callback(self._talks.discard)
        self.connections += 1
        self.printer.say = writer.write
        received = 0
        try:
            while True:
                await self.reads.wait()
                data = await reader.read(512)
                received += len(data)
                if not data or (self.breaks_after is not None and received > self.breaks_after):
                    break
                if self.stops_after is not None and received > self.stops_after:
                    self.reads.clear()
                else:
                    self.printer.receive(data)
        except (ConnectionError, asyncio.CancelledError):
            pass  # in Python 3.11, streams log a talk that was cancelled as an error
        finally:
            writer.transport.abort()
