"""The smallest Textual app that paints a picture: the floor of what a screen can do.

Its pictures are those that the real programs painted, taken off the terminal.
"""

from __future__ import annotations

import argparse
import json
import secrets
import sqlite3
from collections.abc import Sequence
from itertools import cycle
from pathlib import Path

from rich.segment import Segment
from rich.style import Style
from textual.app import App, ComposeResult
from textual.strip import Strip
from textual.widget import Widget

Run = tuple[str, str, str, bool]
"""Characters of one look: text, ink and paper as "#rrggbb", whether it is bold."""
Picture = Sequence[Sequence[Run]]

ADDRESS = "https://vuoro.example.org"
"""Where tickets lead to."""

_PRAGMAS = ("journal_mode = WAL", "synchronous = FULL")


class Canvas(Widget):
    """Shows the strips that it has."""

    strips: Sequence[Strip] = ()

    def render_line(self, y: int) -> Strip:
        return self.strips[y]


class Smallest(App[None]):
    """Shows the first picture, and the next at every key or ring of a bell."""

    def __init__(self, pictures: Sequence[Picture], queue: Path | None, bell: Path | None) -> None:
        super().__init__()
        self._pictures = cycle([list(map(_strip, picture)) for picture in pictures])
        self._canvas = Canvas()
        self._canvas.strips = next(self._pictures)
        self._queue = None
        if queue is not None:
            self._queue = _open(queue)
        self._bell = bell

    def compose(self) -> ComposeResult:
        yield self._canvas

    def on_mount(self) -> None:
        if self._bell is not None:
            self.run_worker(self._hear(self._bell))

    async def _hear(self, bell: Path) -> None:
        from asyncinotify import Inotify, Mask  # noqa: PLC0415 – only where a bell is heard

        with Inotify() as inotify:
            inotify.add_watch(bell, Mask.ATTRIB)
            async for _ in inotify:
                self._turn()

    def on_key(self) -> None:
        if self._queue is not None:
            self._give(self._queue)
        self._turn()

    def _give(self, queue: sqlite3.Connection) -> None:
        """Do what no ticket can do without: a commit."""
        queue.execute("INSERT INTO given (token) VALUES (?)", [secrets.token_urlsafe(12)])

    def _turn(self) -> None:
        self._canvas.strips = next(self._pictures)
        self._canvas.refresh()


def _strip(runs: Sequence[Run]) -> Strip:
    return Strip(
        [
            Segment(text, Style(color=ink, bgcolor=paper, bold=bold))
            for text, ink, paper, bold in runs
        ]
    )


def _open(queue: Path) -> sqlite3.Connection:
    """Open a file in which each commit is as durable as one of the queue's."""
    connection = sqlite3.connect(queue, isolation_level=None)
    for pragma in _PRAGMAS:
        connection.execute(f"PRAGMA {pragma}")
    connection.execute("CREATE TABLE IF NOT EXISTS given (token TEXT)")
    return connection


def main() -> None:
    """Show the pictures of a file."""
    parser = argparse.ArgumentParser()
    parser.add_argument("pictures", type=Path)
    parser.add_argument("--queue", type=Path, help="commit a row here at every key")
    parser.add_argument("--bell", type=Path, help="turn when this file is touched")
    arguments = parser.parse_args()
    pictures = json.loads(arguments.pictures.read_text(encoding="utf-8"))
    Smallest(pictures, arguments.queue, arguments.bell).run()


if __name__ == "__main__":
    main()
