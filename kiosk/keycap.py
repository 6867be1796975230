"""Keys that can also be touched."""

from __future__ import annotations

from textual import events
from textual.app import ComposeResult
from textual.containers import Horizontal

from kiosk.target import Target, name_on
from shared.tui.bigtext import BigText

ROOMY = 4
"""Rows from which there is room for a large digit."""

NARROW = 34
"""Columns below which every one is needed for words."""


class KeyCap(BigText, Target, can_focus=True):
    """A key and what it does, in the bar at the foot."""

    def __init__(self, key: str, action: str, *, id: str | None = None) -> None:
        super().__init__(name_on(key), id=id)
        self.key = key
        self.action = action

    def label(self, text: str) -> None:
        self.text = f"{name_on(self.key)} {text}"


class Choice(Horizontal, Target, can_focus=True):
    """One of a few things to do or to answer: its key, and what it is."""

    def __init__(self, key: str, action: str, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.key = key
        self.action = action
        self._cap = BigText(name_on(key), classes="cap")
        self._label = BigText(lines=2, max_rows=0, classes="label")
        self._mark = BigText("✓", max_rows=3, classes="mark")
        self._mark.display = False

    def compose(self) -> ComposeResult:
        yield self._cap
        yield self._label
        yield self._mark

    def on_resize(self, event: events.Resize) -> None:
        is_digit = len(self.key) == 1
        self._cap.max_rows = 3 if is_digit and event.size.height >= ROOMY else 0
        self.set_class(event.size.width < NARROW, "-small")

    def label(self, text: str, *, marked: bool = False, large: bool = False) -> None:
        """Say what it is, in large print if there is room, and whether it is chosen already."""
        self._label.text = text
        self._label.max_rows = 3 if large else 0
        self._mark.display = marked


class Back(Choice):
    """The way back."""

    def __init__(self) -> None:
        super().__init__("escape", "app.go_back")
