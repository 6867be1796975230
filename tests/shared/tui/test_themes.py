"""Every pair of ink and paper can be read: WCAG 2.2, 1.4.3."""

from __future__ import annotations

from typing import get_args

import pytest
from textual.color import Color
from textual.theme import Theme

from shared.config import shape
from shared.tui.themes import THEMES

TEXT = 4.5

PAIRS = [
    *(
        (ink, paper)
        for ink in ("foreground", "quiet", "now")
        for paper in ("background", "surface")
    ),
    ("on-now", "now"),
    ("background", "warning"),
    ("error", "background"),
]


def colour(theme: Theme, name: str) -> Color:
    return Color.parse(theme.variables.get(name) or getattr(theme, name))


def luminance(colour: Color) -> float:
    """Return the relative luminance as WCAG 2.2 defines it."""
    linear = [
        value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4
        for value in colour.normalized
    ]
    return sum(share * value for share, value in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def contrast(theme: Theme, ink: str, paper: str) -> float:
    darker, lighter = sorted(luminance(colour(theme, name)) for name in (ink, paper))
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("theme", THEMES, ids=lambda theme: theme.name)
@pytest.mark.parametrize(("ink", "paper"), PAIRS)
def test_text_can_be_read(theme: Theme, ink: str, paper: str) -> None:
    assert contrast(theme, ink, paper) >= TEXT


@pytest.mark.parametrize("theme", THEMES, ids=lambda theme: theme.name)
@pytest.mark.parametrize("name", get_args(shape.Colour))
def test_every_colour_of_a_unit_bears_its_letter(theme: Theme, name: str) -> None:
    assert contrast(theme, "on-unit", f"unit-{name}") >= TEXT


@pytest.mark.parametrize("theme", THEMES, ids=lambda theme: theme.name)
def test_the_themes_know_the_colours_that_the_configuration_knows(theme: Theme) -> None:
    known = {name.removeprefix("unit-") for name in theme.variables if name.startswith("unit-")}
    assert known == set(get_args(shape.Colour))
