"""The queue store: one port, and the engine that a store URL names."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Collection, Mapping
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from shared.clock import Clock
    from shared.config import Config
    from shared.model import Call, CallId, CounterId, Desk, Errand, Session, Ticket, UnitId


class QueueStore(Protocol):
    """The verbs and views of the queue.

    A verb is done as a whole or not at all, also when several programs call it at once or its
    caller is cancelled. It raises :class:`~shared.errors.RefusedError` when the queue's rules
    do not allow it, :class:`~shared.errors.StoreError` when the store cannot be used.
    """

    async def issue(self, units: Collection[UnitId], *, series: str, language: str) -> Ticket:
        """Give the next number of ``series``, with an errand at each of ``units``, in order."""
        ...

    async def call_next(self, counter: CounterId, units: Collection[UnitId]) -> Call | None:
        """End what the counter has and call the first who waits for any of ``units``.

        Returns None when nobody waits; what the counter had has ended all the same.
        """
        ...

    async def recall(self, counter: CounterId) -> Call:
        """Call the ticket that was called to the counter once more."""
        ...

    async def start(self, counter: CounterId) -> Errand:
        """The called person has come to the counter."""
        ...

    async def finish(self, counter: CounterId) -> Errand:
        """The errand at the counter is done."""
        ...

    async def no_show(self, counter: CounterId) -> Errand:
        """The called person has not come."""
        ...

    async def desk(self, counter: CounterId, units: Collection[UnitId]) -> Desk:
        """Who is at the counter, and who waits for any of ``units`` and could be called now.

        A ticket that is at another counter is left out until it is free.
        """
        ...

    async def calls(
        self, units: Collection[UnitId], *, after: CallId | None = None, limit: int
    ) -> tuple[Call, ...]:
        """Return the service day's calls for ``units``, newest first, at most ``limit``.

        With ``after``, only those that came after this one.
        """
        ...

    async def waiting(self, units: Collection[UnitId]) -> Mapping[UnitId, int]:
        """Return how many people wait for each of ``units``."""
        ...

    async def open_counter(self, counter: CounterId, *, take_over: bool = False) -> Session | None:
        """Open the counter for the caller.

        Returns None when it is open elsewhere and ``take_over`` is false.
        """
        ...

    async def close_counter(self, session: Session) -> None:
        """Close the counter, if this session still has it."""
        ...

    async def session(self, counter: CounterId) -> Session | None:
        """Return who has the counter open, if anyone."""
        ...

    def changes(self) -> AsyncGenerator[None, None]:
        """Yield at once, then each time that anything may have changed; bursts count once."""
        ...


def open_store(config: Config, clock: Clock) -> AbstractAsyncContextManager[QueueStore]:
    """Return the store that the configuration names, ready for ``async with``."""
    # Only the engine that is used is imported.
    from shared.store.sqlite import SqliteStore  # noqa: PLC0415

    path = Path(config.store.url.removeprefix("sqlite:"))
    return SqliteStore(path, clock, config.store.patience)
