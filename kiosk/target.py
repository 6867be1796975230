"""What residents touch: each has a key that does the same, and arrows and Enter reach it."""

from __future__ import annotations

from collections.abc import Iterable

from textual.geometry import Region
from textual.widget import Widget


class Target(Widget):
    """Something to touch. Its key does the same, and so does Enter while it has the focus."""

    FOCUS_ON_CLICK = False  # a tap does what it does, and leaves no mark

    key = ""
    """The key's name, such as "f5"."""

    action = ""
    """What the app then does."""

    async def press(self) -> None:
        # Not by a message: of keys that come in a rush, each does its own before the next.
        await self.run_action(self.action)

    async def on_click(self) -> None:
        if self in self.screen.focus_chain:  # it may have gone since the tap
            await self.press()


def name_on(key: str) -> str:
    """Return what stands on a key."""
    return "Esc" if key == "escape" else key.capitalize()


def beside(
    here: Region, targets: Iterable[Target], *, right: int = 0, down: int = 0
) -> Target | None:
    """Return the nearest target to one side, if there is one: ``right`` or ``down`` is 1 or -1.

    What is straight ahead is nearer than what is not.
    """

    def away(target: Target) -> tuple[int, int, int]:
        """Tell how far it is on that side, how far off the line, and how much it is shifted."""
        there = target.region
        if right:
            (start, end), (near, far) = here.column_span, there.column_span
            (low, high), (first, last) = here.line_span, there.line_span
        else:
            (start, end), (near, far) = here.line_span, there.line_span
            (low, high), (first, last) = here.column_span, there.column_span
        ahead = near - end if right + down > 0 else start - far
        return ahead, max(first - high + 1, low - last + 1, 0), abs(first - low)

    def order(target: Target) -> tuple[int, int]:
        ahead, off, shift = away(target)
        return ahead + 4 * off, shift

    return min((each for each in targets if away(each)[0] >= 0), key=order, default=None)
