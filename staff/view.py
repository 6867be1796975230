"""What the views of the console have in common: each reads and shows something of its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from textual.containers import Vertical
from textual.message import Message

from shared.errors import QueueError
from staff.keybar import Key
from staff.rows import Rows

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
