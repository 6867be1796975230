"""The whole centre in one look: each unit's queue, and where it takes too long."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import ClassVar, NamedTuple

from textual import getters, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.message import Message

from shared.model import Errand, ErrandId, UnitId
from shared.tui.bigtext import BigText
from shared.words import Words
from staff.head import Head
from staff.keybar import Key
from staff.line import Line
from staff.numbered import Chosen, Spread, digit_of
from staff.overview import Centre, Standing, overview, read_centre
from staff.question import Question
from staff.queue import Entry
from staff.sign import sign
from staff.times import minutes, span
from staff.units import Units
from staff.view import StationView

_MINUTE = timedelta(minutes=1)


class _Columns(NamedTuple):
    """How wide the columns at the right are, in cells."""

    people: int
    gap: int
    wait: int
    counters: int


class Standings(Spread[Standing | Entry]):
    """The units, a row each, in columns; after them, who is at a counter that is no more."""

    def __init__(self, units: Units, words: Words) -> None:
        super().__init__()
        self._units = units
        self._words = words

    def key(self, row: Standing | Entry) -> UnitId | ErrandId:
        return row.unit if isinstance(row, Standing) else row.errand.id

    def digit(self, row: Standing | Entry) -> str:
        return digit_of(self.rows.index(row))

    def put(self, rows: Sequence[Standing | Entry]) -> None:
        before = self._columns()
        super().put(rows)
        if self._columns() != before:
            self.refresh()

    def titles(self) -> str:
        """Return what stands in the columns."""
        columns = self._columns()
        people, wait, counters = self._titles()
        wait_and_sign = columns.gap + 3 + columns.wait
        return f"{people:>{columns.people}}{wait:>{wait_and_sign}}{counters:>{columns.counters}} "

    def _titles(self) -> tuple[str, str, str]:
        say = self._words
        return say.gettext("Waiting"), say.gettext("Longest/target"), say.gettext("Open now")

    def _columns(self) -> _Columns:
        width = self.scrollable_content_region.width
        if width < 64:
            # Not wider than they must be: the names need the room.
            _, wait, title = self._titles()
            counters = max(len(text) for text in (title, *map(self._counters, self.rows)))
            return _Columns(
                people=7, gap=1, wait=max(10, len(wait) - 3), counters=2 + min(counters, 8)
            )
        if width < 100:
            return _Columns(people=8, gap=3, wait=13, counters=12)
        return _Columns(people=12, gap=4, wait=18, counters=20)

    def render_row(self, row: Standing | Entry, width: int) -> Content:
        left = Content.assemble(
            (f" {self.digit(row) or ' '} ", "$now bold"), self._whose(row), "  ", self._what(row)
        )
        right = self._numbers(row)
        # A name may go on into the next column, up to its number.
        room = max(width - right.cell_length - 1, 0)
        return left.truncate(room, ellipsis=True, pad=True) + " " + right

    def _whose(self, row: Standing | Entry) -> Content:
        if isinstance(row, Standing):
            return sign(self._units, row.unit, self._units.letter(row.unit))
        return sign(self._units, row.errand.unit, row.errand.series)

    def _what(self, row: Standing | Entry) -> Content:
        if isinstance(row, Standing):
            return Content(self._units.name(row.unit))
        where = self._words.gettext("at counter {counter}", counter=row.errand.counter)
        return Content.assemble((f"{row.errand.number:03}", "bold"), f"  {where}")

    def _numbers(self, row: Standing | Entry) -> Content:
        columns = self._columns()
        is_removed = isinstance(row, Entry) or row.target is None
        is_late = isinstance(row, Standing) and row.over_target
        people = row.people if isinstance(row, Standing) else ""
        room = columns.counters - 1
        counters = Content(self._counters(row)).truncate(room, ellipsis=True)
        return Content.assemble(
            (str(people or "–"), "bold" if people else "$quiet"),
            " " * columns.gap,
            (" ! ", "$background on $warning bold") if is_late else "   ",
            (f"{self._wait(row):>{columns.wait}}", "$warning bold" if is_late else ""),
            " " * (columns.counters - counters.cell_length),
            (counters.plain, "$warning bold" if is_removed else ""),
            " ",
        )

    def _counters(self, row: Standing | Entry) -> str:
        if isinstance(row, Entry) or row.target is None:
            return self._words.gettext("removed")
        return " ".join(row.counters) or "–"

    def _wait(self, row: Standing | Entry) -> str:
        """Write the longest wait and its target in minutes: to be compared at a glance."""
        if isinstance(row, Entry):
            return row.time
        if not row.people:
            return self._words.gettext("{n} parked", n=row.parked) if row.parked else ""
        times = [-(-each // _MINUTE) for each in (row.longest, row.target) if each is not None]
        return self._words.gettext("{n} min", n="/".join(map(str, times)))


class CentreView(StationView[Centre]):
    """Every unit; Enter on one opens its queue."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,w", "back")]

    @dataclass
    class UnitWanted(Message):
        """The queue of this unit is to be shown, with the cursor on this errand."""

        unit: UnitId
        errand: ErrandId | None = None

    _head = getters.query_one(Head)
    _titles = getters.query_one("#titles", Line)
    _standings = getters.query_one(Standings)

    def compose(self) -> ComposeResult:
        station = self.station
        words = station.words
        yield Head(station, station.config.centre.name[words.language])
        yield BigText(words.gettext("The whole centre"), max_rows=5, id="choose")
        yield Line(id="titles")
        yield Standings(station.units, words)

    def on_mount(self) -> None:
        self.minute()

    def on_resize(self) -> None:
        self._titles.tell(self._standings.titles())

    async def read(self) -> Centre:
        return await read_centre(self.station.config, self.station.store)

    def show(self, seen: Centre) -> None:
        self.station.centre = seen
        self.minute()

    def minute(self) -> None:
        station = self.station
        self._head.show()
        # As people count who look at a clock: by its turns.
        turn = station.clock.now().replace(second=0, microsecond=0)
        stranded = [
            Entry(errand, span(station.words, minutes(errand.since, turn)))
            for errand in station.centre.stranded
        ]
        self._standings.put([*overview(station.config, station.centre, turn), *stranded])
        self._titles.tell(self._standings.titles())
        if self._standings.cursor is None:
            self._standings.cursor = 0

    def keys_now(self) -> Sequence[Key]:
        say = self.station.words
        return [
            Key("↑ ↓", say.gettext("Move")),
            Key("Enter", say.gettext("Open")),
            Key("Esc", say.gettext("Back")),
        ]

    @on(Chosen)
    def _chosen(self, message: Chosen[Standing | Entry]) -> None:
        row = message.row
        if isinstance(row, Standing):
            self.post_message(self.UnitWanted(row.unit))
        else:
            self._ask_to_set_aside(row.errand)

    def _ask_to_set_aside(self, errand: Errand) -> None:
        """Ask before somebody is taken from a counter at which they may sit still."""
        say = self.station.words
        question = Question(
            say.gettext(
                "Take {ticket} from counter {counter}?",
                ticket=errand.label,
                counter=errand.counter,
            ),
            say.gettext("The counter is not in the configuration any more."),
            no=say.gettext("Not yet"),
            yes=say.gettext("Park"),
            words=say,
        )

        def answered(takes: bool | None) -> None:  # noqa: FBT001 – an answer
            if takes:
                self.step(partial(self._set_aside, errand))

        self.app.push_screen(question, answered)

    async def _set_aside(self, errand: Errand) -> str:
        """Park a ticket at the counter that is no more, and go where it can be moved on from."""
        station = self.station
        if errand.counter is not None:
            await station.store.park(errand.counter, errand=errand.id)
        self.app.post_message(self.UnitWanted(errand.unit, errand.id))
        return station.words.gettext("{ticket} is parked now.", ticket=errand.label)
