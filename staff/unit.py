"""The queue of one unit, whoever serves it: its tickets can be moved on from this counter."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import getters
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.message import Message

from shared.model import Errand, ErrandId, UnitId
from staff.head import Head
from staff.keybar import Key
from staff.line import Line
from staff.notes import Notes
from staff.overview import Waiting
from staff.queue import Queue
from staff.queueview import QueueView
from staff.station import Station


class UnitView(QueueView[Waiting]):
    """A unit's queue as this counter can call it."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,w", "back", priority=True)]

    class Called(Message):
        """Somebody was called from here to the counter."""

    _head = getters.query_one(Head)
    _count = getters.query_one("#count", Line)

    def __init__(self, station: Station, unit: UnitId, errand: ErrandId | None = None) -> None:
        """Make the view; the cursor begins on this errand, or else on the first."""
        super().__init__(station)
        self._unit = unit
        self._errand = errand
        self._waiting: Waiting | None = None

    def compose(self) -> ComposeResult:
        station = self.station
        words, units = station.words, station.units
        yield Head(station, station.config.centre.name[words.language])
        with Horizontal(id="heading"):
            yield Line(units.name(self._unit), id="upcoming")
            yield Line(id="count")
        yield Queue(units, Notes(station.config, words), words, names=False)

    def on_mount(self) -> None:
        self.minute()

    async def read(self) -> Waiting:
        return await self.station.waiting(self._unit)

    def show(self, seen: Waiting) -> None:
        is_first, self._waiting = self._waiting is None, seen
        self.minute()
        if is_first:
            self.queue.cursor = 0 if self._errand is None else self.queue.find(self._errand)

    def minute(self) -> None:
        station = self.station
        self._head.show()
        if self._waiting is not None:
            self.queue.show(self._waiting.desk, station.clock.now())
            nobody = station.words.gettext("Nobody is waiting")
            self._count.tell(station.count(self._waiting) or nobody)

    def keys_now(self) -> Sequence[Key]:
        say = self.station.words
        return [*self.queue_keys(), Key("Esc", say.gettext("Back"))]

    async def call(self, errand: Errand) -> str:
        said = await super().call(errand)
        self.app.post_message(self.Called())
        return said
