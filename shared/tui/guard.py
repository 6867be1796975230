"""One press, one effect: keys are held down, and screens are tapped twice."""

from __future__ import annotations

from textual import events
from textual.geometry import Offset

AGAIN = 0.75
"""Seconds within which the same key, or a tap at the same spot, is the same press.

A terminal does not tell a key that is held down from one that is struck again; X sends the first
repeat after up to 0.66 s.
"""

SPOT = 4
"""Cells between two taps at what is still the same spot."""

REPEATABLE = frozenset(
    {"up", "down", "left", "right", "pageup", "pagedown", "home", "end", "tab", "shift+tab"}
)
"""Keys that only move about: they may be held down."""


class Guard:
    """Decide for each event whether it is a press of its own.

    Every repeat of a held key puts off the moment from which the key counts anew.
    """

    def __init__(self) -> None:
        self._keys: dict[str, float] = {}
        self._tap: tuple[float, Offset] | None = None
        self._tap_counts = False

    def admits(self, event: events.Event) -> bool:
        match event:
            case events.Key(key=key):
                last = self._keys.get(key)
                self._keys[key] = event.time
                return key in REPEATABLE or last is None or event.time - last >= AGAIN
            case events.MouseDown():
                last_tap, self._tap = self._tap, (event.time, event.screen_offset)
                self._tap_counts = last_tap is None or not (
                    event.time - last_tap[0] < AGAIN
                    and event.screen_offset.get_distance_to(last_tap[1]) <= SPOT
                )
                return self._tap_counts
            case events.MouseUp():
                # Textual makes the click of it, from wherever the button last went down.
                return self._tap_counts
            case _:
                return True
