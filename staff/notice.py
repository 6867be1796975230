"""One calm line above the keys: why nothing happened, or what did elsewhere."""

from __future__ import annotations

from textual import getters
from textual.app import ComposeResult
from textual.containers import Container
from textual.timer import Timer
from textual.widgets import Static

from shared.errors import QueueError, RefusedError
from shared.words import Words

SECONDS = 8.0
"""How long a line stays, if no key takes it away before."""


class Notice(Container):
    """Takes no room while there is nothing to say, and moves nothing when there is."""

    _text = getters.query_one(Static)

    def __init__(self) -> None:
        super().__init__()
        self.display = False
        self._end: Timer | None = None

    def compose(self) -> ComposeResult:
        yield Static(markup=False, classes="page")

    def tell(self, text: str, *, for_good: bool = False) -> None:
        """Show the text for a while, or until a key is pressed."""
        self.clear()
        self._text.update(text)
        self.display = True
        if not for_good:
            self._end = self.set_timer(SECONDS, self.clear)

    def explain(self, error: QueueError, words: Words) -> None:
        """Say what went wrong – of the queue's own refusals, who or what it is – and what to do."""
        title, message, hint = error.told(words.gettext)
        is_about_someone = isinstance(error, RefusedError) and message
        self.tell(f"{message} {hint}" if is_about_someone else f"{title}. {hint}")

    def clear(self) -> None:
        if self._end is not None:
            self._end.stop()
            self._end = None
        self.display = False
