"""What each key does, in whole sentences."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from textual import getters, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Grid, Vertical, VerticalScroll
from textual.events import Click, Key
from textual.screen import ModalScreen
from textual.widgets import Static

from shared.config import Config
from shared.tui.bigtext import BigText
from shared.words import Words


class Help(ModalScreen[None], inherit_bindings=False):
    """Covers the screen until a key is pressed; the arrows show what has no room."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "scroll(-1)", priority=True),
        Binding("down", "scroll(1)", priority=True),
    ]

    _keys = getters.query_one(VerticalScroll)

    def __init__(self, config: Config, words: Words) -> None:
        super().__init__()
        self._config = config
        self._words = words

    def compose(self) -> ComposeResult:
        with Vertical(classes="page"):
            yield BigText(self._words.gettext("The keys"), max_rows=5, id="title")
            with VerticalScroll(can_focus=False):
                for group in self._groups():
                    with Grid():
                        for cap, text in group:
                            yield Static(cap, markup=False, classes="cap")
                            yield Static(text, markup=False)
            yield Static(markup=False, id="close")

    def _groups(self) -> Iterator[list[tuple[str, str]]]:
        say = self._words
        yield [
            ("n", say.gettext("Call the next one; whoever is at the counter is finished unasked.")),
            ("r", say.gettext("Call the same person once more.")),
            ("s", say.gettext("The person has come: the service begins.")),
            ("f", say.gettext("The service is over; call nobody yet. Asks if it has not begun.")),
            (
                "x",
                say.gettext("The person has not come: end the ticket. Asks if it is early."),
            ),
            ("k", say.gettext("The person has not come: to the back of the queue.")),
        ]
        yield [
            ("↑ ↓", say.gettext("Choose a ticket in the queue; Esc lets it go.")),
            ("t", say.gettext("Send it to another unit; it keeps its place.")),
            ("p", say.gettext("Put it aside, or bring it back into the queue.")),
            (
                "Enter",
                say.gettext("Call the chosen ticket; whoever is at the counter is finished."),
            ),
            ("h", say.gettext("Give the chosen one a head start, or take it back.")),
            ("l", say.gettext("The chosen person gives up: end the ticket.")),
            ("u", say.gettext("Take back the last step, within two minutes.")),
        ]
        printing = ("a", say.gettext("Print the chosen ticket again, or this one, or the newest."))
        yield [
            *([printing] if self._config.printer else []),
            ("b", say.gettext("Have a break, or close the counter.")),
            ("w", say.gettext("See the whole centre, and call from any queue.")),
            ("1–9", say.gettext("Choose from a list; so do ↑ ↓ and Enter.")),
            ("q", say.gettext("Leave the console and close the counter.")),
        ]

    def on_mount(self) -> None:
        self.watch(self._keys, "show_vertical_scrollbar", self._tell_how_to_close)

    def _tell_how_to_close(self, is_cut: bool) -> None:  # noqa: FBT001 – a watcher's argument
        say = self._words
        self.query_one("#close", Static).update(
            say.gettext("↑ ↓ show the rest; any other key closes this page.")
            if is_cut
            else say.gettext("Any key closes this page.")
        )

    @on(Key)
    @on(Click)
    def _close(self, event: Key | Click) -> None:
        event.stop()
        self.dismiss()

    def action_scroll(self, down: int) -> None:
        self._keys.scroll_relative(y=down, animate=False, immediate=True)
