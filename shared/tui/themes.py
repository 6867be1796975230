"""The three looks: light for bright lobbies, dark for dim ones, contrast for whoever needs it.

Each unit has one colour, always shown with its letter. ``$unit-<colour>`` is the fill and
``$on-unit`` the ink on it; ``$now`` and ``$on-now`` are the one accent, for what happens now.
Every pair of ink and fill has a contrast of at least 4.5:1 (WCAG 2.2, 1.4.3).
"""

from __future__ import annotations

from textual.theme import Theme

LIGHT = Theme(
    name="light",
    dark=False,
    primary="#0047B3",
    accent="#0047B3",
    warning="#8A4B00",
    error="#B3261E",
    success="#1E7B34",
    foreground="#14202B",
    background="#E9EEF2",
    surface="#FFFFFF",
    panel="#D5DEE6",
    variables={
        "quiet": "#4A5866",
        "now": "#0047B3",
        "on-now": "#FFFFFF",
        "on-unit": "#FFFFFF",
        "unit-blue": "#0047B3",
        "unit-green": "#1E7B34",
        "unit-red": "#B3261E",
        "unit-violet": "#6D3FB0",
        "unit-teal": "#00707A",
        "unit-orange": "#AD4E05",
        "unit-pink": "#AF276C",
        "unit-brown": "#7A5230",
        "unit-grey": "#55606B",
    },
)

DARK = Theme(
    name="dark",
    dark=True,
    primary="#8FBCFF",
    accent="#FFD24A",
    warning="#FFB84D",
    error="#FF9A8F",
    success="#7FD195",
    foreground="#F2F5F7",
    background="#0F1820",
    surface="#182530",
    panel="#243543",
    variables={
        "quiet": "#A9B8C4",
        "now": "#FFD24A",
        "on-now": "#0F1820",
        "on-unit": "#0F1820",
        "unit-blue": "#8FBCFF",
        "unit-green": "#7FD195",
        "unit-red": "#FF9A8F",
        "unit-violet": "#C4A5FF",
        "unit-teal": "#5FD1D6",
        "unit-orange": "#FFB066",
        "unit-pink": "#FF9CCB",
        "unit-brown": "#DDB892",
        "unit-grey": "#B8C2CC",
    },
)

# Black and white, with yellow for what happens now. Units keep their letters, not their colours.
CONTRAST = Theme(
    name="contrast",
    dark=True,
    primary="#FFFFFF",
    accent="#FFFF00",
    warning="#FFFF00",
    error="#FFFF00",
    success="#FFFFFF",
    foreground="#FFFFFF",
    background="#000000",
    surface="#000000",
    panel="#000000",
    variables={
        "quiet": "#FFFFFF",
        "now": "#FFFF00",
        "on-now": "#000000",
        "on-unit": "#000000",
        **{name: "#FFFFFF" for name in LIGHT.variables if name.startswith("unit-")},
    },
)

THEMES = (LIGHT, DARK, CONTRAST)

UNIT_COLOURS = "\n".join(
    f".{name}.coloured, .{name} .coloured {{ background: ${name}; color: $on-unit; }}"
    for name in LIGHT.variables
    if name.startswith("unit-")
)
"""A rule for each colour: what is ``coloured``, in or on a widget of class ``unit-<colour>``."""
