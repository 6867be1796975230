"""A view that stays fresh, and says since when it is not."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing, asynccontextmanager
from pathlib import Path

import pytest

from shared import feed as feeds
from shared.config import Config
from shared.errors import RefusedError, StoreError
from shared.feed import Fresh, Stale, follow
from shared.model import UnitId
from shared.store import QueueStore, open_store
from tests.conftest import HandClock

LIBRARY = UnitId("library")

Waiting = Mapping[UnitId, int]
News = Fresh[Waiting] | Stale


@pytest.fixture
async def other(config: Config, clock: HandClock) -> AsyncGenerator[QueueStore, None]:
    """The store, as another program has it open."""
    async with open_store(config, clock) as opened:
        yield opened


@asynccontextmanager
async def followed(
    store: QueueStore, clock: HandClock
) -> AsyncGenerator[AsyncGenerator[News, None], None]:
    """Follow how many wait at the library."""

    async def people() -> Mapping[UnitId, int]:
        return {LIBRARY: (await store.traffic()).people(LIBRARY)}

    async with aclosing(follow(store, clock, people)) as feed:
        yield feed


async def after(feed: AsyncGenerator[News, None], kind: type[News]) -> News:
    """Return the next news of a kind; what comes before it is of the other one."""
    async with asyncio.timeout(10):
        async for news in feed:
            if isinstance(news, kind):
                return news
    raise AssertionError


async def give(store: QueueStore) -> None:
    await store.issue([LIBRARY], series="K", language="fi")


async def test_the_view_is_there_at_once(store: QueueStore, clock: HandClock) -> None:
    await give(store)
    async with followed(store, clock) as feed:
        assert await anext(feed) == Fresh({LIBRARY: 1})


async def test_the_view_follows_what_another_program_does(
    store: QueueStore, other: QueueStore, clock: HandClock
) -> None:
    async with followed(store, clock) as feed:
        assert await anext(feed) == Fresh({LIBRARY: 0})
        for people in (1, 2, 3):
            await give(other)
            async with asyncio.timeout(10):
                while await anext(feed) != Fresh({LIBRARY: people}):
                    pass


async def test_a_slow_reader_gets_the_newest_view_and_not_a_backlog(
    store: QueueStore, other: QueueStore, clock: HandClock
) -> None:
    async with followed(store, clock) as feed:
        await anext(feed)
        for _ in range(50):
            await give(other)
        assert await anext(feed) == Fresh({LIBRARY: 50})


async def test_a_store_that_is_gone_is_told_once_and_comes_back_by_itself(
    store: QueueStore,
    other: QueueStore,
    clock: HandClock,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(feeds, "RETRY", 0.05)
    file, away = tmp_path / "queue.db", tmp_path / "away.db"
    async with followed(store, clock) as feed:
        await anext(feed)
        for people in (1, 2):  # it may go away again
            gone = clock.now()
            file.rename(away)
            stale = await after(feed, Stale)
            assert isinstance(stale, Stale)
            assert stale.since == gone
            assert isinstance(stale.error, StoreError)
            assert stale.error.title == "The queue is out of reach"

            # It is not told again, however often it is tried: the next news are good.
            news = asyncio.ensure_future(anext(feed))
            done, _ = await asyncio.wait([news], timeout=0.5)
            assert not done
            clock.advance(minutes=5)
            away.rename(file)
            await give(other)
            async with asyncio.timeout(10):
                fresh = await news
                while fresh != Fresh({LIBRARY: people}):
                    assert isinstance(fresh, Fresh)
                    fresh = await anext(feed)


async def test_a_store_that_is_gone_from_the_start_is_told(
    store: QueueStore, clock: HandClock, tmp_path: Path
) -> None:
    (tmp_path / "queue.db").rename(tmp_path / "away.db")
    async with followed(store, clock) as feed:
        stale = await anext(feed)
        assert isinstance(stale, Stale)
        assert stale.since == clock.now()
        (tmp_path / "away.db").rename(tmp_path / "queue.db")
        assert await after(feed, Fresh) == Fresh({LIBRARY: 0})


async def test_a_new_service_day_is_a_fresh_view(store: QueueStore, clock: HandClock) -> None:
    await give(store)
    async with followed(store, clock) as feed:
        assert await anext(feed) == Fresh({LIBRARY: 1})
        clock.advance(days=1)
        async with asyncio.timeout(10):
            assert await anext(feed) == Fresh({LIBRARY: 0})


async def test_an_error_that_is_not_the_store_s_is_not_swallowed(
    store: QueueStore, clock: HandClock
) -> None:
    async def refuse() -> None:
        raise RefusedError("no")

    async with aclosing(follow(store, clock, refuse)) as feed:
        with pytest.raises(RefusedError):
            await anext(feed)
