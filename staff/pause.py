"""A break: what can be planned, and what the console shows while it lasts."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from enum import Enum, auto
from typing import ClassVar

from textual import getters
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.message import Message

from shared.tui.bigtext import BigText
from shared.words import Words
from staff.line import Line
from staff.picks import Pick


class Plan(Enum):
    """What a counter may do instead of calling people."""

    BREAK = auto()
    CLOSE = auto()
    STAY = auto()


def plans(words: Words) -> Iterator[Pick[Plan]]:
    """Return the plans, to pick one from."""
    say = words
    yield Pick("1", say.gettext("Have a break"), Plan.BREAK)
    yield Pick("2", say.gettext("Close the counter"), Plan.CLOSE)
    yield Pick("3", say.gettext("Stay"), Plan.STAY)


class PausePanel(Vertical, can_focus=True):
    """Since when the break lasts, large; Enter ends it."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("enter", "over")]

    class Over(Message):
        """The break is to end."""

    _since = getters.query_one(BigText)
    _people = getters.query_one("#meanwhile", Line)

    def __init__(self, words: Words) -> None:
        super().__init__()
        self._words = words

    def compose(self) -> ComposeResult:
        say = self._words
        yield BigText(lines=2, max_rows=6)
        yield Line(id="meanwhile")
        yield Line(say.gettext("Enter ends the break; n calls the next one at once."), id="how")

    def show(self, since: datetime | None) -> None:
        """Show since when there is a break, if there is one; on two lines if they are larger."""
        say = self._words
        self._since.text = (
            say.gettext("On break since {time}", time=say.time(since)) if since else ""
        )

    def tell(self, people: str) -> None:
        """Say who waits meanwhile."""
        self._people.tell(people)

    def action_over(self) -> None:
        self.post_message(self.Over())
