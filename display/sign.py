"""A sign: one phrase, as large as its room allows."""

from __future__ import annotations

from display.lettering import Matched, capital
from display.speech import NOTHING, Phrase


class Sign(Matched):
    """Says its phrase in as many of the languages as it has room for."""

    def __init__(self, *, lines: int = 1, id: str | None = None) -> None:
        super().__init__(lines=lines, id=id)
        self._phrase = NOTHING

    def say(self, phrase: Phrase) -> None:
        self._phrase = phrase
        self.on_resize()

    def on_resize(self) -> None:
        self.text = self._phrase.within(self.size.width)
        if len(self._phrase.texts) > 1:
            # Side by side, languages stand on one line: no break would fall between them.
            side_by_side = self.text == self._phrase.side_by_side
            self.max_rows = (capital(self.text, *self.size) // 2 or 1) if side_by_side else None
