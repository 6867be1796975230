"""What each key does, in whole sentences."""

from __future__ import annotations

from collections.abc import Iterator

from textual import on
from textual.app import ComposeResult
from textual.containers import Grid, Vertical
from textual.events import Click, Key
from textual.screen import ModalScreen
from textual.widgets import Static

from shared.tui.bigtext import BigText
from shared.words import Words


class Help(ModalScreen[None], inherit_bindings=False):
    """Covers the screen until any key is pressed."""

    def __init__(self, words: Words) -> None:
        super().__init__()
        self._words = words

    def compose(self) -> ComposeResult:
        say = self._words
        with Vertical(classes="page"):
            yield BigText(say.gettext("The keys"), max_rows=5, id="title")
            with Grid():
                for cap, text in self._keys():
                    yield Static(cap, markup=False, classes="cap")
                    yield Static(text, markup=False)
            yield Static(say.gettext("Any key closes this page."), markup=False, id="close")

    def _keys(self) -> Iterator[tuple[str, str]]:
        say = self._words
        yield "n", say.gettext("Call the next one; whoever is at the counter is finished.")
        yield "r", say.gettext("Call the same person once more.")
        yield "s", say.gettext("The person has come: the service begins.")
        yield "f", say.gettext("The service is over; call nobody yet.")
        yield "x", say.gettext("The person has not come: end the ticket.")
        yield "↑ ↓", say.gettext("Look through the queue.")
        yield "1–9", say.gettext("Choose from a list; so do ↑ ↓ and Enter.")
        yield "q", say.gettext("Leave the console and close the counter.")

    @on(Key)
    @on(Click)
    def _close(self, event: Key | Click) -> None:
        event.stop()
        self.dismiss()
