"""What the views of the console have in common: each reads and shows something of its own."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from textual.containers import Vertical
from textual.message import Message

from shared.errors import QueueError
from staff.keybar import Key
from staff.rows import Rows
from staff.station import Station

Seen = TypeVar("Seen")


class View(Vertical, Generic[Seen]):
    """What stands between the head of the console and its keys."""

    @dataclass
    class Said(Message):
        """There is a calm line to show."""

        text: str

    @dataclass
    class Refused(Message):
        """The store has not done what a key asked for."""

        error: QueueError

    class KeysChanged(Message):
        """Other keys make sense now."""

    class Left(Message):
        """The view is done with; the one before it is wanted."""

    async def read(self) -> Seen:
        """Read from the store what this view shows."""
        raise NotImplementedError

    def show(self, seen: Seen) -> None:
        """Put it on the screen."""
        raise NotImplementedError

    def take_focus(self) -> None:
        """Let keys come here."""
        self.query_one(Rows).focus()

    def minute(self) -> None:
        """Put on the screen what changes with the clock."""

    def keys_now(self) -> Sequence[Key]:
        """Return the keys for the foot of the screen."""
        raise NotImplementedError

    def action_back(self) -> None:
        self.post_message(self.Left())

    def say(self, text: str) -> None:
        """Have a calm line shown, also when this view has been left meanwhile."""
        self.app.post_message(self.Said(text))


class StationView(View[Seen]):
    """A view of a counter that is open here: it has the store take steps."""

    def __init__(self, station: Station) -> None:
        super().__init__()
        self.station = station

    def step(self, doing: Callable[[], Awaitable[str]]) -> bool:
        """Have the store take a step, and say what ``doing`` returns, if anything.

        Returns whether it was begun: one step at a time.
        """
        if not self.is_attached:
            return False  # the counter was lost while a question stood
        station = self.station
        if station.busy:
            self.say(
                station.words.gettext("One moment: the queue has not answered the last key yet.")
            )
            return False
        station.busy = True
        # The app's own: what was begun is not cancelled when the view is left.
        self.app.run_worker(self._take(doing))
        return True

    async def _take(self, doing: Callable[[], Awaitable[str]]) -> None:
        try:
            text = await doing()
        except QueueError as error:
            # Straight to the app: a view that was left passes nothing on.
            self.app.post_message(self.Refused(error))
        else:
            if text:
                self.say(text)
            self.app.post_message(self.KeysChanged())
        finally:
            self.station.busy = False
