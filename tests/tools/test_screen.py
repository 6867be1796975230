"""The terminal that the programs are tried in shows what xterm shows, and nothing else."""

from __future__ import annotations

import pytest

from tools.raster import draw
from tools.screen import ALTERNATE_SCREEN, INK, PAPER, SYNCHRONIZED, Screen

RED, BLUE = (200, 0, 0), (0, 0, 200)


@pytest.fixture
def screen() -> Screen:
    return Screen(20, 3)


@pytest.mark.parametrize(
    "sequence",
    [
        "\x1b[>25u",
        "\x1b[<u",
        "\x1b[=1;1u",
        "\x1b[?2026$p",
        "\x1b[>4;2m",
        "\x1b[4:3m",
        "\x1b[58:2::1:2:3m",
        "\x1b[2 q",
        "\x1b]22;default\x07",
        "\x1b]52;c;aGVp\x1b\\",
        "\x1bP+q544e\x1b\\",
        "\x1b_Gi=1;AAAA\x1b\\",
    ],
)
def test_no_sequence_leaves_anything_on_the_screen(screen: Screen, sequence: str) -> None:
    screen.take(f"a{sequence}b".encode())
    assert screen.display[0].rstrip() == "ab"
    assert screen.buffer[0][1].bg == "default"

    # Nor does one that comes in pieces.
    for byte in f"\r\nc{sequence}d".encode():
        screen.take(bytes([byte]))
    assert screen.display[1].rstrip() == "cd"


@pytest.mark.parametrize(
    "colour", ["38;2;200;0;0", "38:2:200:0:0", "38:2::200:0:0", "1;38;2;200;0;0"]
)
def test_colours_may_be_written_in_each_way(screen: Screen, colour: str) -> None:
    screen.take(f"\x1b[{colour}mx\x1b[7my".encode())
    x, y = screen.cells()[0][:2]
    assert (x.ink, x.paper) == (RED, PAPER)
    assert (y.ink, y.paper) == (PAPER, RED)


def test_it_says_that_it_can_wait_for_a_whole_frame(screen: Screen) -> None:
    assert screen.take(b"\x1b[?2026$p") == "\x1b[?2026;2$y"
    assert screen.take(b"\x1b[?2048$p") == "\x1b[?2048;0$y"
    screen.take(b"\x1b[?2026h")
    assert SYNCHRONIZED in screen.private_modes()


def test_the_alternate_screen_leaves_the_first_as_it_was(screen: Screen) -> None:
    screen.take(b"before\x1b[?1049h")
    assert ALTERNATE_SCREEN in screen.private_modes()
    assert not "".join(screen.display).strip()
    screen.take(b"\x1b[2;2Hinside\x1b[?1049lafter")
    assert [line.rstrip() for line in screen.display] == ["beforeafter", "", ""]


def test_characters_without_width_stop_nothing(screen: Screen) -> None:
    screen.take("⚠\ufe0f a👩\u200d💻b".encode())
    assert screen.display[0].rstrip() == "⚠ a👩💻b"


def test_a_bell_is_heard(screen: Screen) -> None:
    screen.take(b"\x07x\x07")
    assert screen.bells == 2
    assert screen.display[0].rstrip() == "x"


@pytest.mark.parametrize(
    ("character", "corners"),
    [
        ("▀", (RED, RED, BLUE, BLUE)),
        ("▄", (BLUE, BLUE, RED, RED)),
        ("▐", (BLUE, RED, BLUE, RED)),
        ("▚", (RED, BLUE, BLUE, RED)),
        ("█", (RED, RED, RED, RED)),
        (" ", (BLUE, BLUE, BLUE, BLUE)),
        ("━", (BLUE, BLUE, BLUE, BLUE)),
    ],
)
def test_blocks_fill_their_part_of_the_cell(
    screen: Screen, character: str, corners: tuple[object, ...]
) -> None:
    screen.take(f"\x1b[38;2;200;0;0;48;2;0;0;200m{character}".encode())
    picture = draw(screen.cells(), 10)
    assert picture.size == (200, 60)
    places = [(0, 0), (9, 0), (0, 19), (9, 19)]
    assert tuple(picture.getpixel(place) for place in places) == corners
    # A line goes through the middle, from edge to edge.
    if character == "━":
        assert [picture.getpixel((x, 10)) for x in (0, 9)] == [RED, RED]


def test_letters_are_drawn_in_their_colours(screen: Screen) -> None:
    screen.take(b"H")
    colours = draw(screen.cells()[:1], 20).crop((0, 0, 20, 40)).getcolors()
    assert colours is not None
    assert {INK, PAPER} <= {colour for _, colour in colours}
