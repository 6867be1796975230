"""Along the top: a greeting, or why there is no paper; and the time."""

from __future__ import annotations

from datetime import datetime

from textual.app import ComposeResult
from textual.containers import Horizontal

from kiosk.paper.errors import PrinterError
from shared.tui.bigtext import BigText
from shared.words import Words


class Head(Horizontal):
    """What stands above every view."""

    def __init__(self, greeting: str) -> None:
        super().__init__(id="head")
        self._greeting = greeting
        self._text = BigText(greeting, id="greeting")
        self._clock = BigText(id="clock")

    def compose(self) -> ComposeResult:
        yield self._text
        yield self._clock

    def show(self, now: datetime, error: PrinterError | None, words: Words) -> None:
        """Show the time, and what keeps the printer from printing, if anything does."""
        self._clock.text = f"{words.date(now)} {words.time(now)}"
        self._text.text = self._greeting
        if error is not None:
            title, *_ = error.told(words.gettext)
            self._text.text = words.gettext("No paper tickets. {fault}.", fault=title)
        self.set_class(error is not None, "-fault")
