"""The whole centre in one look: each unit's queue, and where it takes too long."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import ClassVar, NamedTuple

from textual import getters, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.content import Content
from textual.message import Message

from shared.model import Traffic, UnitId
from shared.tui.bigtext import BigText
from shared.words import Words
from staff.keybar import Key
from staff.line import Line
from staff.numbered import Chosen, Spread, digit_of
from staff.overview import Standing, overview
from staff.sign import sign
from staff.station import Station
from staff.units import Units
from staff.view import View

_MINUTE = timedelta(minutes=1)


class Standings(Spread[Standing]):
    """The units, a row each, in columns."""

    def __init__(self, units: Units, words: Words) -> None:
        super().__init__()
        self._units = units
        self._words = words

    def key(self, row: Standing) -> UnitId:
        return row.unit

    def digit(self, row: Standing) -> str:
        return digit_of(self.rows.index(row))

    def render_row(self, row: Standing, width: int) -> Content:
        say = self._words
        name = Content(self._units.name(row.unit))
        left = Content.assemble(
            (f" {self.digit(row) or ' '} ", "$now bold"),
            sign(self._units, row.unit, self._units.letter(row.unit)),
            "  ",
        )
        columns = _columns(width)
        counters = Content(" ".join(row.counters) or "–")
        if row.target is None:
            counters = Content.styled(say.gettext("removed"), "$warning bold")
        counters = counters.truncate(columns.counters - 1, ellipsis=True)
        right = Content.assemble(
            (f"{row.people or '–':>{columns.people}}", "bold" if row.people else "$quiet"),
            " " * columns.gap,
            (" ! ", "$background on $warning bold") if row.over_target else "   ",
            (f"{self._wait(row):>{columns.wait}}", "$warning bold" if row.over_target else ""),
            " " * (columns.counters - counters.cell_length),
            counters,
            " ",
        )
        room = max(width - left.cell_length - right.cell_length, 0)
        return left + name.truncate(room, ellipsis=True, pad=True) + right

    def _wait(self, row: Standing) -> str:
        """Write the longest wait and its target in minutes: to be compared at a glance."""
        if not row.people:
            return ""
        times = [-(-each // _MINUTE) for each in (row.longest, row.target) if each is not None]
        return self._words.gettext("{n} min", n="/".join(map(str, times)))


class Titles(Line):
    """What stands in the columns."""

    def __init__(self, words: Words) -> None:
        super().__init__(id="titles")
        self._words = words

    def on_resize(self) -> None:
        columns = _columns(self.size.width)
        people = self._words.gettext("Waiting")
        wait = self._words.gettext("Longest/target")
        counters = self._words.gettext("Open now")
        self.update(
            f"{people:>{columns.people}}"
            f"{wait:>{columns.gap + 3 + columns.wait}}"
            f"{counters:>{columns.counters}} "
        )


class _Columns(NamedTuple):
    """How wide the columns at the right are, in cells."""

    people: int
    gap: int
    wait: int
    counters: int


def _columns(width: int) -> _Columns:
    if width < 64:
        return _Columns(people=7, gap=2, wait=10, counters=10)
    if width < 100:
        return _Columns(people=8, gap=3, wait=13, counters=12)
    return _Columns(people=12, gap=4, wait=18, counters=20)


class CentreView(View[Traffic]):
    """Every unit; Enter on one opens its queue."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,w", "back")]

    @dataclass
    class UnitWanted(Message):
        """The queue of this unit is to be shown."""

        unit: UnitId

    _time = getters.query_one("#time", Line)
    _standings = getters.query_one(Standings)

    def __init__(self, station: Station) -> None:
        super().__init__()
        self._station = station
        self._traffic: Traffic | None = None

    def compose(self) -> ComposeResult:
        station = self._station
        words = station.words
        with Horizontal(id="head"):
            yield Line(station.config.centre.name[words.language], id="counter")
            yield Line(id="units")
            yield Line(id="time")
        yield BigText(words.gettext("The whole centre"), max_rows=5, id="choose")
        yield Titles(words)
        yield Standings(station.units, words)

    def on_mount(self) -> None:
        self.minute()

    async def read(self) -> Traffic:
        return await self._station.store.traffic()

    def show(self, seen: Traffic) -> None:
        self._traffic = seen
        self.minute()

    def minute(self) -> None:
        now = self._station.clock.now()
        self._time.tell(self._station.words.time(now))
        if self._traffic is not None:
            # As people count who look at a clock: by its turns.
            turn = now.replace(second=0, microsecond=0)
            self._standings.put(overview(self._station.config, self._traffic, turn))
            if self._standings.cursor is None:
                self._standings.cursor = 0

    def keys_now(self) -> Sequence[Key]:
        say = self._station.words
        return [
            Key("↑ ↓", say.gettext("Move")),
            Key("Enter", say.gettext("Open")),
            Key("Esc", say.gettext("Back")),
        ]

    @on(Chosen)
    def _chosen(self, message: Chosen[Standing]) -> None:
        self.post_message(self.UnitWanted(message.row.unit))
