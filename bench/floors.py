"""What the screens are measured in, and against: a centre at work, and the smallest Textual app."""

from __future__ import annotations

import asyncio
import json
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import groupby
from pathlib import Path
from tempfile import TemporaryDirectory

from bench import smallest
from bench.smallest import Picture
from shared.config import Config, load_config
from shared.model import CounterId
from shared.reception import Reception
from shared.store import QueueStore, open_store
from shared.words import Words, words
from tools.lobby import Lobby
from tools.screen import Cell, Colour
from tools.terminal import Terminal

COUNTER = CounterId("1")
"""Whose console is measured. It serves the service point and the library."""

CALLER = CounterId("2")
"""Another counter, which calls whoever comes. It serves the library alone."""

Shows = Callable[[Terminal], bool]
"""Tells whether something is on a terminal."""

_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

_SETTINGS = {
    ("web", "url"): smallest.ADDRESS,  # a ticket has a code that leads there
    ("display", "call_seconds"): 1,  # the shortest there is: no call waits for the one before
    ("display", "turn_seconds"): 3600,  # no language takes its turn in between
}


@contextmanager
def centre(*, people: int = 2) -> Iterator[Lobby]:
    """Set up the centre of config.toml in a folder of its own, open all day.

    So many people wait at each of its units, and all counters are open but COUNTER.
    """
    with TemporaryDirectory(prefix="vuoro-bench-") as folder:
        lobby = Lobby(Path(folder), _SETTINGS)
        _open_all_day(lobby)
        asyncio.run(_begin_day(lobby.config, people))
        yield lobby


def _open_all_day(lobby: Lobby) -> None:
    """Give every unit hours, which have to be looked up, but leave it open at any."""
    text = lobby.file.read_text(encoding="utf-8")
    text = re.sub(r"^series = ", 'hours = "always"\n\\g<0>', text, flags=re.MULTILINE)
    always = "".join(f'{day} = "0:00-24:00"\n' for day in (*_WEEKDAYS, "on_holidays"))
    lobby.file.write_text(f'{text}\n[[timetables]]\nid = "always"\n{always}', encoding="utf-8")
    lobby.config = load_config(lobby.file)


async def _begin_day(config: Config, people: int) -> None:
    async with open_store(config, config.clock()) as store:
        for counter in config.counters:
            if counter.id != COUNTER:
                await store.open_counter(counter.id)
        await fill(store, config, people)
        # Notes the public holidays, as on every day of a year but the first.
        await Reception(config, store, config.clock()).offers()


async def fill(store: QueueStore, config: Config, people: int) -> None:
    """Let so many people come for each unit."""
    for _ in range(people):
        for unit in config.units:
            await store.issue([unit.id], series=unit.series, language=config.centre.languages[0])


def shows(text: str) -> Shows:
    """Return what tells whether a text stands in a line of a terminal."""
    return lambda terminal: any(text in line for line in terminal.text)


def spoken(config: Config) -> Words:
    """Return the words that the screens begin with."""
    return words(config.centre.languages[0])


def floor(folder: Path, pictures: Sequence[Picture], *arguments: str | Path) -> Terminal:
    """Return the smallest Textual app with these pictures, to be started in a terminal."""
    file = folder / f"{len(list(folder.iterdir()))}.json"
    file.write_text(json.dumps(pictures), encoding="utf-8")
    # -P: the folder that it lies in has modules that are called like those of Python.
    return Terminal([sys.executable, "-P", smallest.__file__, file, *arguments])


def picture(terminal: Terminal) -> Picture:
    """Take what is on a terminal off it."""
    return [
        [
            ("".join(cell.character for cell in cells), _web(ink), _web(paper), bold)
            for (ink, paper, bold), cells in groupby(row, key=_look)
        ]
        for row in terminal.cells
    ]


def _look(cell: Cell) -> tuple[Colour, Colour, bool]:
    return cell.ink, cell.paper, cell.bold


def _web(colour: Colour) -> str:
    return f"#{bytes(colour).hex()}"
