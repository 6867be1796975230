"""Big text: as large as fits, legible or plain, and never in the way of the text itself."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from textual.app import App, ComposeResult
from textual.css.types import AlignHorizontal, AlignVertical
from textual.pilot import Pilot
from textual.strip import Strip

from shared.tui.bigtext import LEVELS, BigText, Raster, breaks, fit, paint

Colour = tuple[int, int, int]
Picture = Callable[[Iterable[Strip]], Image.Image]

INK, PAPER = (16, 36, 63), (247, 245, 240)
SIZES = [(1, 1), (3, 2), (40, 14), (78, 9), (80, 24), (120, 40), (160, 50)]
TEXTS = ["K 017", "3", "A 112", "Terveysasema", "Äitiys- ja lastenneuvola", "Kirjasto"]


class Sign(App[None]):
    """Nothing but one big text."""

    CSS = """
    Screen { background: #f7f5f0; color: #10243f; }
    """

    def __init__(self, sign: BigText) -> None:
        super().__init__()
        self.sign = sign

    def compose(self) -> ComposeResult:
        yield self.sign


@pytest.fixture(autouse=True)
def true_colour(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setattr("textual.constants.COLOR_SYSTEM", "truecolor")


@asynccontextmanager
async def shown(sign: BigText, size: tuple[int, int]) -> AsyncIterator[Pilot[None]]:
    async with Sign(sign).run_test(size=size) as pilot:
        yield pilot


def strips(sign: BigText) -> list[Strip]:
    return sign.render_lines(sign.outer_size.region)


def plain(sign: BigText) -> list[str]:
    return [strip.text for strip in strips(sign)]


def mask(raster: Raster) -> Image.Image:
    return Image.frombytes("L", (raster.columns, 2 * raster.rows), raster.ink)


def box(raster: Raster | None) -> tuple[int, int, int, int]:
    """The ink's left, top, right and bottom, in pixels."""
    assert raster
    bounds = mask(raster).getbbox()
    assert bounds
    return bounds


# --- the drawing, without a terminal ---


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("size", SIZES)
def test_it_is_as_large_as_the_region_allows(text: str, size: tuple[int, int]) -> None:
    columns, rows = size
    raster = fit(text, columns, rows, lines=2)
    if raster is None:
        return
    assert len(raster.ink) == columns * 2 * rows
    assert max(raster.ink) == LEVELS - 1
    left, top, right, bottom = box(raster)
    fills = max((right - left) / columns, (bottom - top) / (2 * rows))
    assert fills > 0.85


def test_a_number_fills_a_lobby_screen() -> None:
    raster = fit("K 017", 120, 40)
    assert raster
    assert raster.capital >= 34


@pytest.mark.parametrize("text", [*"ABCDEFGHIJKLMNOPQRSTUVWXYZÅÄÖabcdefghijklmnopqrstuvwxyzåäö"])
def test_every_letter_of_the_languages_has_ink(text: str) -> None:
    box(fit(text, 40, 14))


@pytest.mark.parametrize("text", [*"0123456789é–·→õšžŋđŧЖщ"])
def test_figures_signs_and_neighbours_letters_have_ink(text: str) -> None:
    box(fit(text, 40, 14))


@pytest.mark.parametrize(
    "alike", [("a", "ä", "å"), ("O", "Ö", "0"), ("A", "Ä", "Å"), ("1", "I", "l")]
)
def test_letters_are_told_apart_at_the_smallest_size(alike: tuple[str, ...]) -> None:
    drawn = [fit(f"a{letter}", 40, 10, max_rows=4) for letter in alike]
    assert all(drawn)
    assert len({raster.ink for raster in drawn if raster}) == len(alike)


def test_figures_are_legible_three_rows_high_and_not_two() -> None:
    assert fit("K 017", 40, 4, max_rows=3)
    assert fit("K 017", 40, 4, max_rows=2) is None


def test_small_letters_need_a_pixel_more() -> None:
    assert fit("Kirjasto", 80, 8, max_rows=3) is None
    assert fit("Kirjasto", 80, 8, max_rows=4)


def test_accents_may_come_decomposed() -> None:
    assert fit("A\u0308itiys", 80, 10) == fit("Äitiys", 80, 10)


@pytest.mark.parametrize("text", ["🙂", "K 🙂", "مكتبة", "図書館", "\u200b", "\x1b[31m", "\x00"])
def test_what_the_font_lacks_is_left_to_plain_text(text: str) -> None:
    assert fit(text, 80, 24) is None


@pytest.mark.parametrize("text", ["", " ", "\n\t"])
def test_nothing_is_not_drawn(text: str) -> None:
    assert fit(text, 80, 24) is None


def test_a_cap_makes_texts_of_any_length_one_size() -> None:
    rasters = [fit(text, 80, 12, max_rows=4) for text in ("3", "Kirjasto", "Terveysasema")]
    assert [raster and raster.capital for raster in rasters] == [8, 8, 8]


def test_texts_of_one_size_share_a_baseline() -> None:
    def foot(text: str) -> int:
        raster = fit(text, 80, 12, max_rows=4, align=("left", "middle"))
        assert raster
        bounds = mask(raster).crop((0, 0, 5, 24)).getbbox()
        assert bounds
        return bounds[3]

    assert foot("Terveysasema") == foot("Kirjasto") == foot("Hammashoito") == 16


def test_words_are_broken_where_that_makes_them_largest() -> None:
    one, two = (fit("Äitiys- ja lastenneuvola", 76, 12, lines=lines) for lines in (1, 2))
    assert one is None
    assert two
    assert two.capital >= 7


@pytest.mark.parametrize(
    ("text", "even"),
    [("Ei avointa tiskiä", "Ei avointa\ntiskiä"), ("Take a number", "Take a\nnumber")],
)
def test_of_breaks_that_are_equally_large_the_most_even_is_taken(text: str, even: str) -> None:
    raster = fit(text, 60, 12, lines=2)
    assert raster is not None
    first, second = even.split("\n")
    # Its ink is as wide as the wider of the two lines would be alone, at this size.
    alone = [fit(line, 60, 12, max_rows=raster.capital / 2) for line in (first, second)]
    assert width(raster) == max(width(line) for line in alone if line)


def width(raster: Raster) -> int:
    """Return in which column the ink ends."""
    columns = range(raster.columns)
    return max(column for column in columns if any(raster.ink[column :: raster.columns]))


def test_breaks_are_at_spaces_and_fewest_come_first() -> None:
    assert list(breaks("a b  c", 2)) == [("a b c",), ("a", "b c"), ("a b", "c")]
    assert list(breaks("a", 3)) == [("a",)]
    assert list(breaks("", 2)) == []


@pytest.mark.parametrize(
    ("horizontal", "expected"), [("left", (0, 0)), ("center", (1, 1)), ("right", (2, 2))]
)
def test_it_stands_where_it_is_told_to(
    horizontal: AlignHorizontal, expected: tuple[int, int]
) -> None:
    vertical: AlignVertical
    for vertical, place in (("top", 0), ("middle", 1), ("bottom", 2)):
        left, top, right, bottom = box(fit("H", 60, 20, max_rows=5, align=(horizontal, vertical)))
        assert abs(left - (60 - (right - left)) * expected[0] / 2) <= 1
        assert abs(top - (40 - (bottom - top)) * place / 2) <= 1


@given(text=st.text(max_size=80), columns=st.integers(0, 160), rows=st.integers(0, 50))
@settings(deadline=None)
def test_no_text_hurts_it(text: str, columns: int, rows: int) -> None:
    raster = fit(text, columns, rows, lines=3)
    assert raster is None or len(raster.ink) == columns * 2 * rows


# --- the widget, in an app ---


@pytest.mark.parametrize("size", SIZES[::2])
@pytest.mark.parametrize(
    "text", [*TEXTS, "", "🙂 [b]", "[/b]", "[red]x", "\\[", "x" * 80, "\x1b[2J", "a\nb"]
)
async def test_it_never_leaves_its_region(text: str, size: tuple[int, int]) -> None:
    sign = BigText(text, lines=2)
    async with shown(sign, size):
        assert [strip.cell_length for strip in strips(sign)] == [size[0]] * size[1]
        assert "\x1b" not in "".join(plain(sign))


def colours(raster: Raster | None, ink: Colour, paper: Colour) -> bytes:
    """The colour of every pixel, as mixed from the two."""
    assert raster
    parts = [level / (LEVELS - 1) for level in range(LEVELS)]
    mixed = [
        bytes(int(p + (i - p) * part) for i, p in zip(ink, paper, strict=True)) for part in parts
    ]
    return b"".join(mixed[level] for level in raster.ink)


async def test_what_is_on_screen_is_the_drawing(picture: Picture) -> None:
    sign = BigText("K 017")
    async with shown(sign, (80, 24)):
        image = picture(strips(sign))
        assert image.tobytes() == colours(fit("K 017", 80, 24), INK, PAPER)


async def test_it_follows_the_stylesheet(picture: Picture) -> None:
    sign = BigText("3")
    sign.styles.content_align = ("right", "bottom")
    sign.styles.color, sign.styles.background = "white", "black"
    sign.styles.padding = 1
    async with shown(sign, (80, 24)):
        image = picture(strips(sign)).crop((1, 2, 79, 46))
        raster = fit("3", 78, 22, align=("right", "bottom"))
        assert image.tobytes() == colours(raster, (255, 255, 255), (0, 0, 0))


async def test_another_text_is_shown_and_the_same_not_drawn_again() -> None:
    sign = BigText("K 017")
    async with shown(sign, (80, 24)) as pilot:
        before = strips(sign)
        sign.text = "K 018"
        await pilot.pause()
        assert strips(sign) != before
        drawn, painted = fit.cache_info().misses, paint.cache_info().misses
        sign.refresh()
        await pilot.pause()
        strips(sign)
        assert (fit.cache_info().misses, paint.cache_info().misses) == (drawn, painted)


async def test_it_follows_its_size_and_its_cap() -> None:
    sign = BigText("K 017")
    async with shown(sign, (80, 24)) as pilot:
        await pilot.resize_terminal(40, 14)
        assert [strip.cell_length for strip in strips(sign)] == [40] * 14
        sign.max_rows = 0
        await pilot.pause()
        assert plain(sign)[0].rstrip() == "K 017"


# --- too small to be big ---


async def test_plain_text_is_bold_and_cut_with_an_ellipsis() -> None:
    sign = BigText("Terveysasema")
    async with shown(sign, (8, 1)):
        assert plain(sign) == ["Terveys…"]
        segment = next(iter(strips(sign)[0]))
        assert segment.style
        assert segment.style.bold


async def test_plain_text_stands_where_big_text_would() -> None:
    sign = BigText("3")
    sign.styles.content_align = ("right", "bottom")
    async with shown(sign, (5, 2)):
        assert plain(sign) == ["     ", "    3"]


async def test_plain_text_takes_a_second_line_only_if_it_has_to() -> None:
    sign = BigText("Äitiys- ja lastenneuvola", lines=2)
    async with shown(sign, (30, 3)) as pilot:
        assert [line.rstrip() for line in plain(sign)] == ["Äitiys- ja lastenneuvola", "", ""]
        await pilot.resize_terminal(14, 3)
        assert [line.rstrip() for line in plain(sign)] == ["Äitiys- ja", "lastenneuvola", ""]
        await pilot.resize_terminal(14, 1)
        assert plain(sign) == ["Äitiys- ja la…"]


@pytest.mark.parametrize("text", ["[/b]", "[bold]K[/bold]", "$x [@click=app.quit]", "\\[b]"])
async def test_markup_is_text(text: str) -> None:
    sign = BigText(text)
    async with shown(sign, (40, 2)):
        assert plain(sign)[0].rstrip() == text


async def test_a_character_without_glyph_is_shown_as_text() -> None:
    sign = BigText("K 🙂")
    async with shown(sign, (80, 24)):
        assert plain(sign)[0].rstrip() == "K 🙂"


# --- few colours, or none ---


@pytest.fixture(params=["standard", "none"])
def few_colours(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if request.param == "none":
        monkeypatch.setenv("NO_COLOR", "1")
    else:
        monkeypatch.setattr("textual.constants.COLOR_SYSTEM", request.param)


@pytest.mark.usefixtures("few_colours")
async def test_shapes_alone_carry_it_where_colours_are_few(picture: Picture) -> None:
    sign = BigText("K 017")
    async with shown(sign, (80, 24)):
        assert set("".join(plain(sign))) == set(" ▀▄█")
        assert len({segment.style for strip in strips(sign) for segment in strip}) == 1
        raster = fit("K 017", 80, 24)
        assert raster
        thresholded = bytes(shade >= LEVELS // 2 for shade in raster.ink)
        seen = picture(strips(sign)).convert("L").point(lambda value: value < 128)
        assert seen.tobytes() == thresholded
