"""One press, one effect – but where a code is typed, the same letter may come twice."""

from __future__ import annotations

from collections.abc import Callable

from textual import events

from shared.tui.guard import Guard


class TypingGuard(Guard):
    """Admits what types a letter however soon it comes again."""

    def __init__(self, types: Callable[[events.Event], bool]) -> None:
        """Make the guard; ``types`` tells whether a press would type a letter where it is."""
        super().__init__()
        self._types = types
        self._tapping_letters = False

    def admits(self, event: events.Event) -> bool:
        admitted = super().admits(event)
        match event:
            case events.Key():
                return admitted or self._types(event)
            case events.MouseDown():
                types = self._types(event)
                # The second of two taps must not type what the first has brought under it.
                if types and self._tapping_letters:
                    self._tap_counts = admitted = True
                if admitted:
                    self._tapping_letters = types
                return admitted
            case _:
                return admitted
