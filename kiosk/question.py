"""A question with answers to choose from, nine at a time, each with its digit."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import TypeAlias

from textual.app import ComposeResult
from textual.containers import Grid, Horizontal, Vertical

from kiosk.keycap import Back, Choice
from kiosk.tiles import PER_PAGE
from shared.config import Priority, Unit
from shared.model import Appointment
from shared.tui.bigtext import BigText
from shared.words import Words

Answer: TypeAlias = Priority | Unit | Appointment


@dataclass(frozen=True)
class Asked:
    """A question, and what can be answered."""

    text: str
    """A message id."""
    answers: Sequence[Answer]
    before: Answer | None = None
    """What was answered before."""


class Answers(Grid):
    """A page of answers, in up to three rows and columns."""

    def __init__(self) -> None:
        self.choices = [Choice(str(n + 1), f"app.answer({n})") for n in range(PER_PAGE)]
        super().__init__(*self.choices)

    def have(self, places: int) -> None:
        """Make room for so many."""
        self.styles.grid_size_columns = max(math.ceil(places / 3), 1)
        for number, choice in enumerate(self.choices):
            choice.display = number < places


class Question(Vertical):
    """Asks one question at a time."""

    def __init__(self, words: Words) -> None:
        super().__init__(id="question")
        self._words = words
        self._asked = Asked("", ())
        self._first = 0
        self._text = BigText(classes="question")
        self._answers = Answers()
        self._back = Back()
        self._more = Choice("0", "app.show_more", id="further")

    def compose(self) -> ComposeResult:
        yield self._text
        yield self._answers
        with Horizontal(classes="ways"):
            yield self._back
            yield self._more

    def ask(self, asked: Asked) -> None:
        self._asked = asked
        self._answers.have(min(len(asked.answers), PER_PAGE))
        self._more.visible = len(asked.answers) > PER_PAGE
        self._show_page(0)

    def speak(self, words: Words) -> None:
        self._words = words
        self._back.label(words.gettext("Back"))
        self._more.label(words.gettext("More"))
        self._show_page(self._first)

    def _show_page(self, first: int) -> None:
        """Show the answers from this one on."""
        self._first = first
        self._text.text = self._words.gettext(self._asked.text)
        page = self._asked.answers[first : first + PER_PAGE]
        for choice, answer in zip_longest(self._answers.choices, page):
            choice.visible = answer is not None
            match answer:
                case Appointment(at=at):
                    choice.label(self._words.time(at), large=True)
                case Priority(name=name) | Unit(name=name):
                    choice.label(name[self._words.language], marked=answer == self._asked.before)

    def answer(self, place: int) -> Answer:
        """Return what stands in a place of the page."""
        return self._asked.answers[self._first + place]

    def turn_page(self) -> None:
        further = self._first + PER_PAGE
        self._show_page(further if further < len(self._asked.answers) else 0)
