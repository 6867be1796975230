"""A counter that is open here: what its views share."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from shared.clock import Clock, elapsed
from shared.config import Config, Counter
from shared.model import PrinterFault, Session, UnitId
from shared.store import UNDO_WITHIN, QueueStore
from shared.words import Words
from staff.overview import Centre, Waiting, read_waiting
from staff.units import Units


@dataclass
class Station:
    """One counter, opened as ``session``, in the words of its staff."""

    counter: Counter
    session: Session
    """As the store had it last."""
    config: Config
    store: QueueStore
    clock: Clock
    words: Words
    centre: Centre
    """As it was when it was looked at last."""
    printer_fault: PrinterFault | None = None
    """What is wrong with the kiosk's printer, if something is."""
    busy: bool = False
    """Whether the store has not answered the last key yet."""
    stepped_at: datetime | None = None
    """When the last step was taken here, if it was not undone."""

    @property
    def units(self) -> Units:
        return Units(self.config.units, self.words.language)

    @property
    def name(self) -> str:
        return self.counter.name[self.words.language]

    @property
    def may_undo(self) -> bool:
        """Whether there is a step that is young enough to be undone."""
        now, at = self.clock.now(), self.stepped_at
        return at is not None and elapsed(at, now) <= UNDO_WITHIN

    async def waiting(self, *units: UnitId) -> Waiting:
        """Read who is at the counter, and who waits for these units or for all of its own."""
        return await read_waiting(self.config, self.store, self.counter, units)

    def count(self, waiting: Waiting) -> str:
        """Say how many people wait; nothing when nobody does."""
        say, people, away = self.words, waiting.people, waiting.away
        if not people:
            return ""
        count = say.ngettext("{n} person is waiting", "{n} people are waiting", people)
        elsewhere = say.gettext("{n} at another counter", n=away)
        return f"{count} · {elsewhere}" if away else count
