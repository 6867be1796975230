"""What stands in the middle of the kiosk: the welcome, a ticket, or a notice."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Center, Horizontal, Vertical
from textual.widgets import Static

from kiosk.tiles import Tiles
from shared.config import Unit
from shared.errors import QueueError, StoreError
from shared.model import Ticket
from shared.tui.bigtext import BigText
from shared.tui.qr import QRCode
from shared.words import Words


class Welcome(Vertical):
    """At rest: a question, and the units."""

    def __init__(self, tiles: int) -> None:
        super().__init__(id="welcome")
        self.tiles = Tiles(tiles)
        self._question = BigText(id="question")

    def compose(self) -> ComposeResult:
        yield self._question
        yield self.tiles

    def speak(self, words: Words) -> None:
        self._question.text = words.gettext("Touch a service, or press its number")


class TicketView(Horizontal):
    """The ticket: the number as large as half of the screen allows, and the way to follow it."""

    def __init__(self, web: str | None) -> None:
        super().__init__(id="ticket")
        self._web = web
        self._yours = BigText(id="yours")
        self._number = BigText(id="number")
        self._unit = BigText(id="unit", lines=2, classes="coloured")
        self._ahead = BigText(id="ahead", lines=2)
        self._next = BigText(id="next", lines=2)
        self._issued = Static(id="issued", markup=False)
        self._code = QRCode()
        self._scan = Static(id="scan", markup=False)
        self._ticket: Ticket | None = None
        self._of: Unit | None = None

    def compose(self) -> ComposeResult:
        with Vertical(id="numbered"):
            yield self._yours
            yield self._number
            yield self._unit
            yield self._ahead
            yield self._next
            yield self._issued
        with Vertical(id="coded"):
            with Center():
                yield self._code
            yield self._scan

    def show(self, ticket: Ticket, unit: Unit, words: Words) -> None:
        if self._of is not None:
            self.remove_class(f"unit-{self._of.colour}")
        self.add_class(f"unit-{unit.colour}")
        self._ticket, self._of = ticket, unit
        self._number.text = ticket.label
        self._code.update(f"{self._web.rstrip('/')}/t/{ticket.token}" if self._web else None)
        self.set_class(self._web is None, "-uncoded")
        self.speak(words)

    def speak(self, words: Words) -> None:
        """Say it in another language."""
        if self._ticket is None or self._of is None:
            return
        ticket = self._ticket
        self._yours.text = words.gettext("Your number")
        self._unit.text = self._of.name[words.language]
        self._ahead.text = (
            words.ngettext("{n} person ahead of you", "{n} people ahead of you", ticket.ahead)
            if ticket.ahead
            else words.gettext("You are next")
        )
        self._next.text = words.gettext("Your number will come up on the screen in the lobby")
        self._issued.update(f"{words.date(ticket.issued_at)} {words.time(ticket.issued_at)}")
        self._scan.update(words.gettext("Follow your turn on your phone"))


class Notice(Vertical):
    """An error: what happened, and what to do."""

    def __init__(self) -> None:
        super().__init__(id="notice")
        self._title = BigText(id="title", lines=2)
        self._hint = BigText(id="hint", lines=2)
        self._message = Static(id="message", markup=False)
        self._error: QueueError | None = None

    def compose(self) -> ComposeResult:
        yield self._title
        yield self._hint
        yield self._message

    def show(self, error: QueueError, words: Words) -> None:
        self._error = error
        self.speak(words)

    def speak(self, words: Words) -> None:
        if self._error is None:
            return
        title, message, hint = self._error.told(words.gettext)
        if isinstance(self._error, StoreError):
            # What is wrong with the store is for the staff to read, not for a resident to mend.
            message = f"{title}: {message}"
            title = words.gettext("No number could be given")
            hint = words.gettext("Please ask the staff, or try again in a moment.")
        self._title.text = title
        self._hint.text = hint
        self._message.update(message)
