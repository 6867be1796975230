"""What a terminal has on its screen: pyte, and what it lacks to be like xterm."""

from __future__ import annotations

import codecs
import re
from functools import lru_cache
from typing import NamedTuple

import pyte
from pyte.screens import Char, Cursor, StaticDefaultDict

Colour = tuple[int, int, int]
Line = StaticDefaultDict[int, Char]

INK: Colour = (0xD8, 0xDC, 0xE0)
PAPER: Colour = (0x10, 0x14, 0x18)
"""The colours where a program asks for none."""

CURSOR = 25
MOUSE = frozenset({9, 1000, 1002, 1003, 1005, 1006, 1015, 1016})
FOCUS = 1004
ALTERNATE_SCREEN = 1049
PASTE = 2004
SYNCHRONIZED = 2026

# pyte reads no sequences with a private mark other than "?", writes out what follows them, and
# does not know colons between numbers.
_SEQUENCE = re.compile(
    r"""
    \x1b (?:
        \[ (?P<mark>[<-?]?) (?P<numbers>[0-9:;]*) (?P<between>[ -/]*) (?P<final>[@-~])
      | [\]PX^_] [^\x07\x1b]* (?: \x07 | \x1b\\ )
    )
    """,
    re.VERBOSE,
)
_BEGUN = re.compile(
    r"\x1b (?: \[ [<-?]? [0-9:;]* [ -/]* | [\]PX^_] [^\x07\x1b]* \x1b? )? \Z", re.VERBOSE
)
_WITHOUT_WIDTH = re.compile("[\u200b-\u200f\u2060\ufe00-\ufe0f\ufeff]")

_NAMED = {
    "black": "000000",
    "red": "cd3131",
    "green": "0dbc79",
    "brown": "e5e510",
    "blue": "2472c8",
    "magenta": "bc3fbc",
    "cyan": "11a8cd",
    "white": "e5e5e5",
    "brightblack": "666666",
    "brightred": "f14c4c",
    "brightgreen": "23d18b",
    "brightbrown": "f5f543",
    "brightblue": "3b8eea",
    "brightmagenta": "d670d6",
    "bfightmagenta": "d670d6",  # so pyte calls it where it is a background
    "brightcyan": "29b8db",
    "brightwhite": "ffffff",
}


class Cell(NamedTuple):
    """One place on the screen, in the colours that it is seen in."""

    character: str
    """Empty for the right half of a wide character."""
    ink: Colour
    paper: Colour
    bold: bool
    italic: bool
    underlined: bool
    struck: bool


class Screen(pyte.Screen):
    """A screen that takes what programs write."""

    bells = 0
    keyboard_modes = 0

    def __init__(self, columns: int, rows: int) -> None:
        super().__init__(columns, rows)
        self._stream = pyte.Stream(self)
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._begun = ""
        self._under: tuple[dict[int, Line], Cursor] | None = None

    def take(self, data: bytes) -> str:
        """Show the data; return what the terminal answers to the questions in it."""
        text = self._begun + self._decoder.decode(data)
        begun = _BEGUN.search(text)
        self._begun = begun[0] if begun else ""
        answers: list[str] = []
        self._stream.feed(
            _SEQUENCE.sub(
                lambda sequence: self._read(sequence, answers),
                text[: len(text) - len(self._begun)],
            )
        )
        return "".join(answers)

    def _read(self, sequence: re.Match[str], answers: list[str]) -> str:
        """Return what pyte is to see of a sequence."""
        numbers = sequence["numbers"]
        match sequence["mark"], sequence["between"], sequence["final"]:
            case "", "", "m":
                return f"\x1b[{';'.join(map(_without_colons, numbers.split(';')))}m"
            case (("" | "?"), "", _):
                return sequence[0]
            case "?", "$", "p":
                # Does the terminal know this mode? 2: yes, it is off; 0: no.
                answers.append(f"\x1b[?{numbers};{2 * (numbers == str(SYNCHRONIZED))}$y")
            case ">", "", "u":
                self.keyboard_modes += 1
            case "<", "", "u":
                self.keyboard_modes -= int(numbers or 1)
        return ""

    def cells(self) -> list[list[Cell]]:
        """Return the rows, each a list of cells."""
        return [
            [_cell(self.buffer[row][column]) for column in range(self.columns)]
            for row in range(self.lines)
        ]

    def private_modes(self) -> frozenset[int]:
        """Return the private modes that are on."""
        return frozenset(mode >> 5 for mode in self.mode if mode % 32 == 0)

    # What pyte calls

    def bell(self, *_: object) -> None:
        self.bells += 1

    def draw(self, data: str) -> None:
        # pyte stops at a character that has no width, whatever comes after it.
        super().draw(_WITHOUT_WIDTH.sub("", data))

    def set_mode(self, *modes: int, **how: bool) -> None:
        super().set_mode(*modes, **how)
        if ALTERNATE_SCREEN in modes and self._under is None:
            self._under = self.buffer.copy(), self.cursor
            self.buffer.clear()
            self.cursor = Cursor(self.cursor.x, self.cursor.y, self.cursor.attrs)

    def reset_mode(self, *modes: int, **how: bool) -> None:
        super().reset_mode(*modes, **how)
        if ALTERNATE_SCREEN in modes and self._under is not None:
            lines, self.cursor = self._under
            self.buffer.clear()
            self.buffer.update(lines)
            self._under = None


def _without_colons(number: str) -> str:
    """Write a colour or an underline with colons as one without: 38:2::1:2:3 is 38;2;1;2;3."""
    match number.split(":"):
        case [_]:
            return number
        case [("38" | "48") as what, "2", *_, red, green, blue]:
            return f"{what};2;{red};{green};{blue}"
        case [("38" | "48") as what, "5", index]:
            return f"{what};5;{index}"
        case ["4", style]:
            return "24" if style == "0" else "4"
        case _:
            return "10"  # the usual font: nothing changes


@lru_cache(maxsize=4096)
def _cell(char: Char) -> Cell:
    ink, paper = _colour(char.fg, INK), _colour(char.bg, PAPER)
    if char.reverse:
        ink, paper = paper, ink
    return Cell(char.data, ink, paper, char.bold, char.italics, char.underscore, char.strikethrough)


def _colour(name: str, default: Colour) -> Colour:
    if name == "default":
        return default
    red, green, blue = bytes.fromhex(_NAMED.get(name, name))
    return red, green, blue
