"""Follows the store once, for all pages that are open, and tells each what is new to it."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import Generic, TypeVar

from shared.clock import Clock
from shared.errors import StoreError
from shared.feed import RETRY, Fresh, Stale, follow
from shared.store import QueueStore
from web.views import BoardView, TicketView, Views

View = TypeVar("View")

_LOG = logging.getLogger(__name__)

PAUSE = 0.2
"""Seconds between two looks at the store, at least: however much goes on there, and however many
phones come at once, that is one look."""

LOOK_AGAIN = 60.0
"""Seconds after which to look although nothing has happened: waits change with the clock."""

MOST = 4000
"""Open pages, in all."""

MOST_OF_ONE = 2500
"""Open pages of one address: the phones of a whole lobby can have the same."""


class CrowdedError(Exception):
    """There are as many open pages as there may be."""


class Ended:
    """The program ends."""


ENDED = Ended()

News = Fresh[View] | Stale | Ended


class Listener(Generic[View]):
    """One open page. It holds the latest that the page was not told, and no more than that."""

    def __init__(self, address: str) -> None:
        self.address = address
        self._latest: News[View] | None = None
        self._is_new = asyncio.Event()

    def tell(self, news: News[View]) -> None:
        """Take in news, in place of what was not taken out yet; the end is the last."""
        if news != self._latest and self._latest is not ENDED:
            self._latest = news
            self._is_new.set()

    async def next(self, within: float) -> News[View] | None:
        """Return the latest as soon as it is new; None when nothing came in so many seconds."""
        try:
            async with asyncio.timeout(within):
                await self._is_new.wait()
        except TimeoutError:
            return None
        self._is_new.clear()
        return self._latest


Phone = Listener[TicketView | None]
"""A ticket's page: None when there is no such ticket today."""

Board = Listener[BoardView]


class Live:
    """Tells all open pages what changes, for as long as :meth:`run` runs."""

    def __init__(self, views: Views, store: QueueStore, clock: Clock) -> None:
        self._views = views
        self._store = store
        self._clock = clock
        self._phones: dict[str, set[Phone]] = {}
        self._boards: set[Board] = set()
        self._of: Counter[str] = Counter()
        self._due = asyncio.Event()
        self._stale: Stale | None = None
        self._seen: Mapping[str, TicketView] = {}
        self._has_ended = False

    def knows(self, token: str) -> bool:
        """Tell whether there is such a ticket, and somebody follows it."""
        return token in self._seen

    def follow_ticket(self, token: str, address: str) -> Phone:
        """Open a ticket's page. Raises CrowdedError."""
        phone = self._admit(Phone(address))
        self._phones.setdefault(token, set()).add(phone)
        return phone

    def follow_board(self, address: str) -> Board:
        """Open the board. Raises CrowdedError."""
        board = self._admit(Board(address))
        self._boards.add(board)
        return board

    def _admit(self, listener: Listener[View]) -> Listener[View]:
        if self._of.total() >= MOST or self._of[listener.address] >= MOST_OF_ONE:
            raise CrowdedError
        self._of[listener.address] += 1
        if self._has_ended:
            listener.tell(ENDED)
        self._due.set()
        return listener

    def close_ticket(self, token: str, phone: Phone) -> None:
        """Close a ticket's page."""
        self._phones[token].discard(phone)
        if not self._phones[token]:
            del self._phones[token]
        self._dismiss(phone.address)

    def close_board(self, board: Board) -> None:
        """Close the board."""
        self._boards.discard(board)
        self._dismiss(board.address)

    def _dismiss(self, address: str) -> None:
        self._of[address] -= 1
        if not self._of[address]:
            del self._of[address]

    def end(self) -> None:
        """Let all pages go: the program ends."""
        self._has_ended = True
        for listener in self._listeners():
            listener.tell(ENDED)

    def _listeners(self) -> Iterable[Phone | Board]:
        return [*self._boards, *(phone for phones in self._phones.values() for phone in phones)]

    async def run(self) -> None:
        """Follow the store, for ever."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._hear())
            tasks.create_task(self._keep_telling())

    async def _hear(self) -> None:
        async for _ in follow(self._store, self._clock, self._nothing):
            self._due.set()

    async def _nothing(self) -> None:
        """Read nothing yet: pages that have just been opened wait for the same look."""

    async def _keep_telling(self) -> None:
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(LOOK_AGAIN):
                    await self._due.wait()
            self._due.clear()
            try:
                await self._look()
            except StoreError as error:
                if self._stale is None:
                    _LOG.warning("%s", error)
                    self._stale = Stale(self._clock.now(), error)
                for listener in self._listeners():
                    listener.tell(self._stale)
                await asyncio.sleep(RETRY)
                self._due.set()
            else:
                await asyncio.sleep(PAUSE)

    async def _look(self) -> None:
        """Read what the open pages show, and tell them."""
        tokens, wants_board = list(self._phones), bool(self._boards)
        self._seen = await self._views.tickets(tokens) if tokens else {}
        board = await self._views.board() if wants_board else None
        self._stale = None
        # Whoever was not here when it was read is told by the next look.
        for token in tokens:
            for phone in self._phones.get(token, ()):
                phone.tell(Fresh(self._seen.get(token)))
        if board is not None:
            for each in self._boards:
                each.tell(Fresh(board))
