"""A question that is answered with yes or no; no is the safe answer, and has the focus."""

from __future__ import annotations

from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container, Horizontal, Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Button, Static

from shared.errors import N_
from shared.words import Words

YES, NO = N_("y"), N_("n")
"""The keys, as the words for them begin; English ones are taken in every language."""


class Question(ModalScreen[bool], inherit_bindings=False):
    """Stands before the screen, which stays to be seen, until it is answered."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "answer(False)"),
        Binding("right,down,tab", "app.focus_next"),
        Binding("left,up,shift+tab", "app.focus_previous"),
    ]
    AUTO_FOCUS = "#no"

    def __init__(self, asked: str, because: str, *, no: str, yes: str, words: Words) -> None:
        super().__init__()
        self._asked = asked
        self._because = because
        self._no = no
        self._yes = yes
        self._words = words

    def compose(self) -> ComposeResult:
        with Container(id="sheet"), Vertical(classes="page"):
            yield Static(self._asked, markup=False, id="asked")
            yield Static(self._because, markup=False, id="because")
            with Horizontal(id="answers"):
                yield _answer(self._words.gettext(NO), self._no, "no")
                yield _answer(self._words.gettext(YES), self._yes, "yes")

    @on(Button.Pressed)
    def _pressed(self, event: Button.Pressed) -> None:
        self.action_answer(event.button.id == "yes")

    @on(events.Key)
    def _struck(self, event: events.Key) -> None:
        for answer, key in ((False, NO), (True, YES)):
            if event.key in {key, self._words.gettext(key)}:
                event.stop()
                self.action_answer(answer)

    def action_answer(self, answer: bool) -> None:  # noqa: FBT001 – an action's only argument
        self.dismiss(answer)


def _answer(key: str, text: str, name: str) -> Button:
    return Button(Content(f"{key}  {text}"), id=name, compact=True)
