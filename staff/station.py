"""A counter that is open here: what its views share."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from shared.clock import Clock
from shared.config import Config, Counter
from shared.model import Desk, Session, UnitId
from shared.store import UNDO_WITHIN, QueueStore
from shared.words import Words
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
        now = self.clock.now()
        return self.stepped_at is not None and now - self.stepped_at <= UNDO_WITHIN

    async def end_break(self) -> None:
        """Let the break be over, if there is one."""
        if self.session.break_since is not None:
            await self.store.pause_counter(self.session, paused=False)

    async def desk(self, *units: UnitId) -> Desk:
        """Read who is at the counter, and the queue of these units or of all of its own."""
        counter, config = self.counter, self.config
        if units:
            return await self.store.desk(counter.id, units)
        return await self.store.desk(counter.id, counter.units, patience=config.patience(counter))
