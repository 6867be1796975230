"""Where a ticket goes, and why: one digit for the unit, Enter or a digit for the reason."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from textual import getters, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container, Vertical
from textual.screen import ModalScreen

from shared.config import Config
from shared.model import Errand, UnitId
from shared.words import Words
from staff.keybar import Key, KeyBar
from staff.line import Line
from staff.numbered import NONE, Chosen, digit_of
from staff.picks import Pick, Picks
from staff.sheet import sheet_keys


@dataclass(frozen=True)
class Transfer:
    """Where a ticket is to go, why, and whether it comes back afterwards."""

    to: UnitId
    reason: str | None
    comes_back: bool


class TransferSheet(ModalScreen[Transfer | None], inherit_bindings=False):
    """Asks for the unit, then for the reason where the centre has any; ends with None if left."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)"),
        Binding("c", "comes_back"),
    ]
    AUTO_FOCUS = "#to"

    _asked = getters.query_one("#asked", Line)
    _keys = getters.query_one(KeyBar)

    def __init__(self, errand: Errand, config: Config, words: Words) -> None:
        super().__init__()
        self._errand = errand
        self._config = config
        self._words = words
        self._to: UnitId | None = None
        self._comes_back = False

    def compose(self) -> ComposeResult:
        say = self._words
        with Container(id="sheet"), Vertical(classes="page"):
            yield Line(say.gettext("Transfer {ticket} to …", ticket=self._errand.label), id="asked")
            yield Picks(self._targets(), id="to")
            yield Picks(self._reasons(), id="reason")
            yield KeyBar()

    def on_mount(self) -> None:
        self.query_one("#reason").display = False
        self._show_keys()

    def _targets(self) -> Iterator[Pick[UnitId]]:
        """Offer the units where the ticket has no errand; each keeps its digit all the same."""
        for at, unit in enumerate(self._config.units):
            if unit.id not in {self._errand.unit, *self._errand.also}:
                yield Pick(digit_of(at), unit.name[self._words.language], unit.id)

    def _reasons(self) -> Iterator[Pick[str | None]]:
        yield Pick(NONE, self._words.gettext("No reason"), None)
        for at, reason in enumerate(self._config.reasons):
            yield Pick(digit_of(at), reason.name[self._words.language], reason.id)

    def _show_keys(self) -> None:
        comes_back = self._words.gettext("Comes back afterwards")
        mark = "●" if self._comes_back else "○"
        self._keys.put([Key("c", f"{mark} {comes_back}"), *sheet_keys(self._words)])

    @on(Chosen, "#to")
    def _chosen(self, message: Chosen[Pick[UnitId]]) -> None:
        self._to = message.row.value
        if not self._config.reasons:
            self._end(None)
            return
        title = self._words.gettext(
            "{ticket} to {unit}: why?", ticket=self._errand.label, unit=message.row.text
        )
        self._asked.tell(title)
        self.query_one("#to").display = False
        reasons = self.query_one("#reason")
        reasons.display = True
        reasons.focus()

    @on(Chosen, "#reason")
    def _explained(self, message: Chosen[Pick[str | None]]) -> None:
        self._end(message.row.value)

    def _end(self, reason: str | None) -> None:
        if self._to is not None:
            self.dismiss(Transfer(self._to, reason, self._comes_back))

    def action_comes_back(self) -> None:
        self._comes_back = not self._comes_back
        self._show_keys()
