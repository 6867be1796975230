"""What could not be done, and what to do instead."""

from __future__ import annotations

from collections.abc import Callable

from textual.app import ComposeResult
from textual.containers import Vertical

from shared.errors import QueueError, StoreError
from shared.tui.bigtext import BigText
from shared.words import Words

Told = Callable[[Words], tuple[str, str, str]]
"""Says in a language what is the matter, more about it, and what to do."""


def of_error(error: QueueError, words: Words) -> tuple[str, str, str]:
    """Tell a resident of an error."""
    title, message, hint = error.told(words.gettext)
    if isinstance(error, StoreError):
        # What is wrong with the store is for the staff to read, not for a resident to mend.
        message = f"{title}: {message}"
        title = words.gettext("No number could be given")
        hint = words.gettext("Please ask the staff, or try again in a moment.")
    return title, message, hint


class Notice(Vertical):
    """A notice, in large print."""

    def __init__(self) -> None:
        super().__init__(id="notice")
        self._title = BigText(id="title", lines=2)
        self._message = BigText(id="message", lines=3)
        self._hint = BigText(id="hint", lines=2)
        self._told: Told | None = None

    def compose(self) -> ComposeResult:
        yield self._title
        yield self._message
        yield self._hint

    def show(self, told: Told, words: Words) -> None:
        self._told = told
        self.speak(words)

    def speak(self, words: Words) -> None:
        if self._told is not None:
            self._title.text, self._message.text, self._hint.text = self._told(words)
