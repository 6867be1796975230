"""Breaks and closing: what the console shows, and what the others can know."""

from __future__ import annotations

import pytest

from shared.config import Config
from shared.model import CounterId, State
from shared.store import QueueStore
from staff.queue import Queue
from tests.conftest import HandClock, eventually
from tests.staff.conftest import OpenConsole, give

THREE = CounterId("3")


async def on_break(store: QueueStore) -> bool:
    session = await store.session(THREE)
    return session is not None and session.break_since is not None


async def serves(store: QueueStore) -> bool:
    """Tell whether estimates count on the counter."""
    return THREE in {post.counter for post in (await store.traffic()).posts}


@pytest.mark.parametrize("keys", [["1"], ["enter"]])
@pytest.mark.parametrize("end", ["b", "enter"])
async def test_a_break_is_seen_by_everyone_and_ended_by_a_key(
    console: OpenConsole,
    store: QueueStore,
    config: Config,
    clock: HandClock,
    keys: list[str],
    end: str,
) -> None:
    await give(store, config, "library", "library")
    async with console() as at:
        await at.shows("2 people are waiting", "b Break")
        assert await serves(store)
        await at.press("b")
        await at.shows("Counter 3", "1    Have a break", "2    Close the counter", "3    Stay")
        await at.press(*keys)
        await at.shows("On break since 10:42", "2 people are waiting", "b Resume")
        await at.hides("Next\n", "Nobody is at the counter")
        assert not await serves(store)
        clock.advance(minutes=10)
        await give(store, config, "library")
        await at.shows("On break since 10:42", "3 people are waiting")
        await at.press(end)
        await at.shows("Nobody is at the counter", "b Break")
        await at.hides("On break")
        assert await serves(store)
        await at.press("down")  # the keys are the queue's again
        assert at.app.query_one(Queue).errand is not None


@pytest.mark.parametrize("keys", [["3"], ["escape"], ["down", "down", "enter"]])
async def test_staying_changes_nothing(
    console: OpenConsole, store: QueueStore, keys: list[str]
) -> None:
    async with console() as at:
        await at.shows("Nobody is waiting")
        await at.press("b", *keys)
        await at.shows("Nobody is at the counter", "b Break")
        assert not await on_break(store)


async def test_calling_the_next_one_ends_the_break(
    console: OpenConsole, store: QueueStore, config: Config
) -> None:
    await give(store, config, "library")
    async with console() as at:
        await at.press("b", "1")
        await at.shows("On break since 10:42", "n calls the next one at once.")
        await at.press("n")
        await at.shows("Called once")
        await at.hides("On break")
        assert not await on_break(store)


async def test_whoever_is_at_the_counter_is_served_on_during_the_break(
    console: OpenConsole, store: QueueStore, config: Config
) -> None:
    await give(store, config, "library", "library")
    async with console() as at:
        await at.press("n")
        await at.shows("Called")
        await at.press("b", "1")
        await at.shows("On break since 10:42", "K 001", "Called")
        await at.press("s")
        await at.shows("Being served")
        await at.press("f")
        await at.shows("On break since 10:42", "1 person is waiting")
        await at.hides("Being served", "K 001")
        assert [each.state for each in await store.find("K", 1)] == [State.SERVED]


async def test_a_break_that_began_elsewhere_is_shown(
    console: OpenConsole, store: QueueStore
) -> None:
    async with console() as at:
        await at.shows("Nobody is waiting")
        session = await store.session(THREE)
        assert session is not None
        await store.pause_counter(session, paused=True)
        await at.shows("On break since 10:42")
        await store.pause_counter(session, paused=False)
        await at.hides("On break")


async def test_closing_a_free_counter_leads_back_to_the_choice(
    console: OpenConsole, store: QueueStore
) -> None:
    async with console() as at:
        await at.shows("Nobody is waiting")
        await at.press("b", "2")
        await at.shows("Choose your counter")

        async def closed() -> bool:
            return await store.session(THREE) is None

        await eventually(closed)
        assert "no longer open here" not in at.text
        await at.press("3")
        await at.shows("Counter 3", "Nobody is at the counter")


async def test_closing_with_a_ticket_at_the_counter_asks(
    console: OpenConsole, store: QueueStore, config: Config
) -> None:
    await give(store, config, "library")
    async with console() as at:
        await at.press("n")
        await at.shows("Called")
        await at.press("b", "2")
        await at.shows(
            "K 001 is still at the counter.", "n  Stay", "y  Close the counter", "It stays there"
        )
        await at.press("enter")
        await at.shows("Called once")
        await at.press("b", "2", "y")
        await at.shows("Choose your counter")
        await at.hides("since 10:42")
    assert [each.state for each in await store.find("K", 1)] == [State.CALLED]
