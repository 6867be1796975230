"""What is said on the screen, and in which languages: one after the other, or all together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from rich.cells import cell_len

from shared.config import Names
from shared.words import Words


@dataclass(frozen=True)
class Phrase:
    """One thing in the languages that are spoken now."""

    texts: tuple[str, ...] = ("",)
    turn: int = 0
    sign: str = ""
    """Stands before the words."""

    @property
    def side_by_side(self) -> str:
        return self.sign + " · ".join(dict.fromkeys(self.texts))

    def within(self, width: int) -> str:
        """Return all texts side by side; in fewer than their cells, the one whose turn it is."""
        if cell_len(self.side_by_side) <= width:
            return self.side_by_side
        return self.sign + self.texts[self.turn % len(self.texts)]

    def after(self, sign: str) -> Phrase:
        """Return the phrase with a sign before it."""
        return replace(self, sign=f"{sign} ")


NOTHING = Phrase()


@dataclass(frozen=True)
class Speech:
    """The languages that are spoken now, and whose turn it is where there is room for one."""

    languages: Sequence[Words]
    turn: int = 0

    def say(self, message: str) -> Phrase:
        """Say a message of the catalogues."""
        return Phrase(tuple(words.gettext(message) for words in self.languages), self.turn)

    def name(self, names: Names) -> Phrase:
        """Say a name of the configuration."""
        return Phrase(tuple(names[words.language] for words in self.languages), self.turn)
