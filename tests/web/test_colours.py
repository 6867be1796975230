"""The style sheet's colours: those of the other screens, and all of them to be read."""

from __future__ import annotations

import re
from itertools import product

import pytest
from textual.color import Color
from textual.theme import Theme

from shared.tui.themes import CONTRAST, DARK, LIGHT
from tests.conftest import ROOT

SHEET = (ROOT / "web" / "static" / "vuoro.css").read_text()
LOOKS = re.findall(r":root \{(.*?)\}", SHEET, re.DOTALL)
UNITS = [name for name in LIGHT.variables if name.startswith("unit-")]


def colours(look: str) -> dict[str, Color]:
    found = re.findall(r"--([\w-]+): (#\w+);", look)
    return {name: Color.parse(value) for name, value in found}


@pytest.mark.parametrize(("look", "theme"), list(zip(LOOKS, (LIGHT, DARK, CONTRAST), strict=True)))
def test_a_unit_has_the_same_colour_as_on_the_other_screens(look: str, theme: Theme) -> None:
    here = colours(look)
    there = {name: Color.parse(value) for name, value in theme.variables.items()}
    assert {name: here[name.removeprefix("unit-")] for name in UNITS} == {
        name: there[name] for name in UNITS
    }
    assert all(here[name] == there[name] for name in ("on-unit", "now", "on-now", "quiet"))
    assert here["ink"] == Color.parse(theme.foreground or "")
    assert here["ground"] == Color.parse(theme.background or "")
    assert here["surface"] == Color.parse(theme.surface or "")


SHARES = (0.2126, 0.7152, 0.0722)
"""What red, green and blue are of luminance."""


def contrast(one: Color, other: Color) -> float:
    """Return the contrast ratio of WCAG 2.2."""

    def luminance(colour: Color) -> float:
        linear = [
            c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in colour.normalized
        ]
        return sum(share * value for share, value in zip(SHARES, linear, strict=True))

    darker, lighter = sorted(map(luminance, (one, other)))
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("look", LOOKS)
def test_every_ink_is_readable_on_every_ground(look: str) -> None:
    here = colours(look)
    units = [here[name.removeprefix("unit-")] for name in UNITS]
    pairs = [
        *product(
            (here["ink"], here["quiet"], here["now"], here["error"]),
            (here["ground"], here["surface"]),
        ),
        *product([here["on-unit"]], units),
        (here["on-now"], here["now"]),
    ]
    assert [pair for pair in pairs if contrast(*pair) < 4.5] == []
    # What is drawn, and not written, needs 3:1 (WCAG 2.2, 1.4.11).
    assert contrast(here["edge"], here["surface"]) >= 3
    assert contrast(here["edge"], here["ground"]) >= 3


def test_every_colour_of_a_unit_has_its_rule() -> None:
    for name in UNITS:
        assert f".{name} {{ background: var(--{name.removeprefix('unit-')}); }}" in SHEET
