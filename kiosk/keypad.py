"""The code of an appointment, entered on a keyboard or on keys on the screen."""

from __future__ import annotations

from string import ascii_lowercase

from textual import events
from textual.app import ComposeResult
from textual.containers import Grid, Horizontal, Vertical

from kiosk.keycap import ROOMY, Back, Choice
from kiosk.target import Target
from shared.model import LONGEST_CODE
from shared.tui.bigtext import BigText
from shared.words import Words

WIDE = 8
"""Columns from which there is room for every letter in large print."""


class Letter(BigText, Target, can_focus=True):
    """A key of the keypad: a letter, a digit, or the one that takes the last away."""

    def __init__(self, key: str, sign: str, *, id: str | None = None) -> None:
        super().__init__(sign, max_rows=0, id=id)
        self.key = key
        self.action = f"app.type({key!r})"

    def on_resize(self, event: events.Resize) -> None:
        self.max_rows = 3 if event.size.width >= WIDE and event.size.height >= ROOMY else 0


class Keypad(Grid):
    """Digits and letters in the order that everybody knows."""

    def compose(self) -> ComposeResult:
        for digit in "1234567890":
            yield Letter(digit, digit)
        yield Letter("backspace", "←", id="erase")
        for letter in ascii_lowercase:
            yield Letter(letter, letter.upper())


class Code(Vertical):
    """Asks for the code of an appointment."""

    def __init__(self, forgotten: str) -> None:
        """Make the view; ``forgotten`` is the key for those who do not know their code."""
        super().__init__(id="code")
        self._question = BigText(classes="question")
        self._entered = BigText(id="entered")
        self._keypad = Keypad()
        self._back = Back()
        self._forgotten = Choice(forgotten, "app.ask_place", id="forgotten")
        self._enter = Choice("enter", "app.enter_code", id="enter")
        self.code = ""

    def compose(self) -> ComposeResult:
        yield self._question
        yield self._entered
        yield self._keypad
        with Horizontal(classes="ways"):
            yield self._back
            yield self._forgotten
            yield self._enter

    def clear(self) -> None:
        self._write("")

    def type(self, key: str) -> None:
        """Add a letter, or take the last one away."""
        code = self.code[:-1] if key == "backspace" else self.code + key.upper()
        self._write(code[:LONGEST_CODE])

    def offer(self, *, times: bool) -> None:
        """Offer to choose by the time instead, or do not."""
        self._forgotten.visible = times

    def speak(self, words: Words) -> None:
        self._question.text = words.gettext("Enter the code of your appointment")
        self._back.label(words.gettext("Back"))
        self._forgotten.label(words.gettext("I do not have the code"))
        self._enter.label(words.gettext("Check in"))

    def _write(self, code: str) -> None:
        self.code = code
        self._entered.text = code
        self._enter.visible = bool(code)
