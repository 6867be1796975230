"""Sheets at the foot of the screen: one of a few things is picked, or none."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar, Generic

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container, Vertical
from textual.screen import ModalScreen

from shared.words import Words
from staff.keybar import Key, KeyBar
from staff.line import Line
from staff.numbered import Chosen
from staff.picks import Pick, Picks, Value


class Sheet(ModalScreen[Pick[Value] | None], Generic[Value], inherit_bindings=False):
    """Stands before the screen, which stays to be seen; ends with the pick, or None."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss(None)")]

    def __init__(self, asked: str, picks: Iterable[Pick[Value]], words: Words) -> None:
        super().__init__()
        self._asked = asked
        self._picks = tuple(picks)
        self._words = words

    def compose(self) -> ComposeResult:
        with Container(id="sheet"), Vertical(classes="page"):
            yield Line(self._asked, id="asked")
            yield Picks(self._picks)
            yield KeyBar()

    def on_mount(self) -> None:
        self.query_one(KeyBar).put(list(sheet_keys(self._words)))

    @on(Chosen)
    def _chosen(self, message: Chosen[Pick[Value]]) -> None:
        self.dismiss(message.row)


def sheet_keys(words: Words) -> Iterable[Key]:
    """Return the keys of every sheet."""
    yield Key("↑ ↓", words.gettext("Move"))
    yield Key("Enter", words.gettext("Choose"))
    yield Key("Esc", words.gettext("Cancel"))
