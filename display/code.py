"""The lobby's code, by which tickets are taken from phones."""

from __future__ import annotations

from rich.cells import cell_len
from textual.app import ComposeResult
from textual.containers import Horizontal

from display.sign import Sign
from display.speech import NOTHING, Phrase, Speech
from shared.door import purpose, purpose_in_short
from shared.tui.bigtext import BigText


class Meaning(Sign):
    """What the code is for: at length where there is room, else in short."""

    def __init__(self) -> None:
        super().__init__(lines=3)
        self._long = self._short = NOTHING

    def tell(self, long: Phrase, short: Phrase) -> None:
        self._long, self._short = long, short
        self.on_resize()

    def on_resize(self) -> None:
        width, height = self.size
        has_room = height > 1 or cell_len(self._long.within(width)) <= width
        self._phrase = self._long if has_room else self._short
        super().on_resize()


class Code(Horizontal):
    """The code, and what it is for."""

    def __init__(self, url: str | None) -> None:
        """``url`` is where the pages for phones are, if that is known."""
        super().__init__()
        self._url = url
        self._digits = BigText(id="digits")
        self._meaning = Meaning()

    def compose(self) -> ComposeResult:
        yield self._digits
        yield self._meaning

    def show(self, code: str, speech: Speech) -> None:
        self._digits.text = code
        self._meaning.tell(
            *(
                Phrase(tuple(say(words, self._url) for words in speech.languages), speech.turn)
                for say in (purpose, purpose_in_short)
            )
        )
