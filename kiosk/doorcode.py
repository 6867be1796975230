"""The lobby's code, by which numbers are taken from phones."""

from __future__ import annotations

from rich.cells import cell_len
from textual import events
from textual.app import ComposeResult
from textual.containers import Horizontal

from shared.door import purpose, purpose_in_short
from shared.tui.bigtext import BigText
from shared.words import Words


class DoorCode(Horizontal):
    """The code, and what it is for: at length where there is room, else in short."""

    def __init__(self, url: str | None) -> None:
        """Make the line; ``url`` is where the pages for phones are, if that is known."""
        super().__init__(id="door")
        self._url = url
        self._digits = BigText(id="digits")
        self._purpose = BigText(id="purpose")
        self._words: Words | None = None

    def compose(self) -> ComposeResult:
        yield self._digits
        yield self._purpose

    def show(self, code: str, words: Words) -> None:
        self._digits.text = code
        self._words = words
        self._tell_purpose()

    def on_resize(self, event: events.Resize) -> None:
        self._tell_purpose()

    def _tell_purpose(self) -> None:
        if self._words is not None:
            told = purpose(self._words, self._url)
            if cell_len(told) > self._purpose.size.width:
                told = purpose_in_short(self._words, self._url)
            self._purpose.text = told
