"""The ticket: the number as large as half of the screen allows, and the way to follow it."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct
from textual import events
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.widgets import ContentSwitcher

from shared.config import Unit
from shared.errors import N_
from shared.model import Ticket
from shared.reception import Offers, ahead_in_words, wait_in_words
from shared.tui.bigtext import BigText
from shared.tui.qr import QRCode
from shared.words import Words

_BESIDE, _ABOVE = 30, 20
"""Columns beside the code, or rows above it, that are left for what a ticket says."""

_NUMBER = 5
"""Rows that the number has at least."""

_LARGE = 6
"""Rows that large print needs."""

_SEVERAL = 6
"""Rows that each of several queues has at most."""

_WIDE = 50
"""Columns from which a queue has room on one row for its name, the wait, and who is before."""

_OTHERS = 4
"""Rows of what is neither the number nor a queue."""


class Given(Struct, frozen=True):
    """A ticket, the units that it is for, and what they offered as it was given."""

    ticket: Ticket
    units: Sequence[Unit]
    offers: Offers


class Queue(Vertical):
    """One of the queues that the ticket stands in."""

    def __init__(self) -> None:
        super().__init__()
        self._unit = BigText(lines=2, classes="unit coloured")
        self._wait = BigText(lines=2, classes="wait")
        self._ahead = BigText(classes="ahead")
        self._facts = Vertical(self._wait, self._ahead, classes="facts")
        self._of: Unit | None = None

    def compose(self) -> ComposeResult:
        yield self._unit
        yield self._facts

    def show(self, unit: Unit, wait: str, ahead: str, language: str) -> None:
        before, self._of = self._of, unit
        classes = {} if before is None else {f"unit-{before.colour}": False}
        classes |= {"-no-wait": not wait, "-no-ahead": not ahead, f"unit-{unit.colour}": True}
        # All at once: each change of classes styles what is in here anew.
        self.update_classes(classes)
        self._unit.text = unit.name[language]
        self._wait.text = wait
        self._ahead.text = ahead

    def have(self, rows: int, *, alone: bool) -> None:
        """Take so many rows. The two facts have equal parts of them, to be of one size.

        Of several, none is in large print: what is too long for it would stand out as small.
        """
        is_airy = rows > 2
        used = rows - is_airy
        if alone:
            name = used - 2 * max(used // 3, _LARGE if used > 2 * _LARGE else 0)
        else:
            name = used // 2 | 1  # odd: it has a middle
        for text in (self._unit, self._wait, self._ahead):
            text.max_rows = None if alone else 0
        self.styles.height = rows
        self._facts.styles.height = max(used - name, 1)
        self.update_classes({"-flat": rows == 1, "-airy": is_airy})

    def on_resize(self, event: events.Resize) -> None:
        self.set_class(event.size.width < _WIDE, "-narrow")


class Slip(Vertical):
    """What a ticket says."""

    def __init__(self, most: int) -> None:
        super().__init__()
        self._yours = BigText(id="yours")
        self._number = BigText(id="number")
        self._queues = [Queue() for _ in range(most)]
        self._next = BigText(id="next", lines=2)
        self._follow = BigText()
        self._shown: Sequence[Queue] = ()

    def compose(self) -> ComposeResult:
        yield self._yours
        yield self._number
        yield from self._queues
        yield self._next
        with Horizontal(id="follow"):
            yield self._follow
            yield BigText("→", id="arrow")

    def show(self, given: Given, words: Words, *, paperless: bool) -> None:
        ticket, several = given.ticket, len(given.units) > 1
        self._yours.text = words.gettext("Your number")
        self._number.text = ticket.label
        self._shown = self._queues[: len(given.units)]
        for queue, unit, place in zip(self._shown, given.units, ticket.places, strict=True):
            if ticket.appointed_at is None:
                wait = wait_in_words(words, given.offers[unit.id], ticket.issued_at)
                ahead = _ahead(words, place.ahead, short=several)
            else:
                wait = words.gettext(
                    "Your appointment is at {time}", time=words.time(ticket.appointed_at)
                )
                ahead = ""  # its place is by the appointed time: who comes later may be before it
            queue.show(unit, wait, ahead, words.language)
        for queue in self._queues:
            queue.display = queue in self._shown
        self._next.text = words.gettext(
            N_("No paper ticket: please remember your number")
            if paperless
            else N_("Your number will come up on the screen in the lobby")
        )
        self._next.set_class(paperless, "-paperless")
        self._follow.text = words.gettext("Follow your turn on your phone")
        self.set_class(several, "-several")
        self._share_rows()

    def on_resize(self, event: events.Resize) -> None:
        self._share_rows()

    def _share_rows(self) -> None:
        """Give one queue half of the rows, each of several a fifth; the number has its third."""
        free = self.size.height - _OTHERS
        if not self._shown or free <= 0:
            return
        count = len(self._shown)
        left = free - max(free // 3, _NUMBER)
        part = free // 2 if count == 1 else min(free // 5, _SEVERAL)
        rows = max(min(part, left // count), 1)
        for queue in self._shown:
            queue.have(rows, alone=count == 1)


def _ahead(words: Words, people: int, *, short: bool) -> str:
    if not short:
        return ahead_in_words(words, people)
    if not people:
        return words.gettext("Next in line")
    return words.ngettext("{n} ahead of you", "{n} ahead of you", people)


class TicketView(Horizontal):
    """A ticket, and the code that leads to it."""

    def __init__(self, web: str | None, most: int) -> None:
        """Make the view; ``most`` is the number of units that a ticket can be for."""
        super().__init__(id="ticket")
        self._web = web
        self._slip = Slip(most)
        self._code = QRCode()
        self._given: Given | None = None
        self._paperless = False

    def compose(self) -> ComposeResult:
        yield self._slip
        with Vertical(id="coded"):
            yield self._code

    def show(self, given: Given, words: Words) -> None:
        self._given, self._paperless = given, False
        self._code.update(f"{self._web.rstrip('/')}/t/{given.ticket.token}" if self._web else None)
        self._make_room()
        self.speak(words)

    def lacks_paper(self, given: Given, words: Words) -> None:
        """Tell that a ticket is not on paper, if it is still the one that is shown."""
        if given is self._given:
            self._paperless = True
            self.speak(words)

    def has_paper(self, words: Words) -> None:
        self._paperless = False
        self.speak(words)

    def speak(self, words: Words) -> None:
        """Say it in another language."""
        if self._given is not None:
            self._slip.show(self._given, words, paperless=self._paperless)

    def on_resize(self, event: events.Resize) -> None:
        self._make_room()

    def _make_room(self) -> None:
        """Put the code beside the rest, or beneath it; leave it out where it would be cut."""
        # Not its own size: it has none before it is shown, and the code is to be there at once.
        room = self.query_ancestor(ContentSwitcher).size
        width, rows = room.width - self.gutter.width, room.height - self.gutter.height
        wide = self._code.get_content_width(self.size, self.size)
        high = self._code.get_content_height(self.size, self.size, wide)
        beside = width >= wide + _BESIDE and rows >= high
        beneath = width >= wide and rows >= high + _ABOVE
        # A cell is twice as high as it is wide.
        tall = beneath and (width < 1.4 * rows or not beside)
        self.set_class(tall, "-tall")
        self.set_class(not self._web or not (beside or beneath), "-uncoded")
