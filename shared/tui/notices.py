"""What every screen says when something is not as it should be: old data, too little room."""

from __future__ import annotations

from dataclasses import dataclass

from textual import getters
from textual.app import ComposeResult
from textual.message import Message
from textual.screen import ModalScreen
from textual.widgets import Static


class OldData(Static):
    """A line across the screen while the store is out of reach; takes no room otherwise."""

    DEFAULT_CSS = """
    OldData {
        display: none;
        height: auto;
        padding: 0 2;
        background: $warning;
        color: $background;
        text-style: bold;
        text-align: center;
    }
    OldData.-told { display: block; }
    """

    def __init__(self) -> None:
        super().__init__(markup=False)

    def tell(self, message: str | None) -> None:
        """Show the message, or nothing any more."""
        self.set_class(message is not None, "-told")
        self.update(f"⚠ {message}" if message else "")


class TooSmall(ModalScreen[None], inherit_bindings=False):
    """Stands before everything while the terminal is smaller than the screen can be."""

    DEFAULT_CSS = """
    TooSmall {
        align: center middle;
        background: $background;
    }
    TooSmall > Static {
        width: 100%;
        height: auto;
        text-align: center;
        text-style: bold;
    }
    """

    @dataclass
    class Returned(Message):
        """What stood before this is gone; meanwhile there may be room enough."""

    _told = getters.query_one(Static)

    def __init__(self, message: str) -> None:
        super().__init__()
        self._message = message

    def compose(self) -> ComposeResult:
        yield Static(self._message, markup=False)

    def on_screen_resume(self) -> None:
        self.post_message(self.Returned())

    def tell(self, message: str) -> None:
        self._told.update(message)
