"""A view that stays fresh: read again whenever something changed, and honest about its age."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar

from shared.clock import Clock
from shared.errors import StoreError
from shared.store import QueueStore

View = TypeVar("View")

RETRY = 1.0
"""Seconds between attempts while the store is out of reach."""


@dataclass(frozen=True)
class Fresh(Generic[View]):
    """The view as the store has it now."""

    view: View


@dataclass(frozen=True)
class Stale:
    """The store is out of reach since ``since``; what was shown last may be old."""

    since: datetime
    error: StoreError


async def follow(
    store: QueueStore, clock: Clock, read: Callable[[], Awaitable[View]]
) -> AsyncGenerator[Fresh[View] | Stale, None]:
    """Yield what ``read`` returns, at once and after every change, for ever.

    While the store is out of reach, yield Stale once and go on trying.
    """
    reachable = True
    while True:
        try:
            async with aclosing(store.changes()) as changes:
                async for _ in changes:
                    view = await read()
                    reachable = True
                    yield Fresh(view)
        except StoreError as error:
            if reachable:
                reachable = False
                yield Stale(clock.now(), error)
        await asyncio.sleep(RETRY)
