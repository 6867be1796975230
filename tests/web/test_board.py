"""The lobby's screen as a page."""

from __future__ import annotations

import re

import httpx

from shared.model import UnitId
from shared.store import QueueStore
from tests.conftest import HandClock
from tests.web.conftest import FIVE, FOUR, HEALTH, LIBRARY, TWO, Serve, give, opened, text


async def test_before_the_first_call_it_says_so(browser: httpx.AsyncClient) -> None:
    said = text(await browser.get("/board?lang=en"))
    assert "Nobody has been called today" in said
    assert "Called before" not in said


async def test_it_lists_calls_newest_first_and_who_waits(
    browser: httpx.AsyncClient, store: QueueStore, clock: HandClock
) -> None:
    for _ in range(4):
        await give(store)
    await give(store, HEALTH, series="A")
    await store.call_next(TWO, [LIBRARY])
    clock.advance(minutes=1)
    await store.call_next(FOUR, [HEALTH])
    clock.advance(minutes=1)
    await store.call_next(TWO, [LIBRARY])

    said = text(await browser.get("/board?lang=en"))

    assert "Last called K 002 Counter 2 Library · 10:44" in said
    assert re.search(r"Called before .*A 001 Room 4 10:43 K 001 Counter 2 10:42", said)
    assert "K Library 2 No counter is open" not in said
    assert re.search(r"K Library 2 ", said)
    assert "A Health centre 0" in said
    assert "As of 10:44" in said


async def test_a_call_that_was_taken_back_is_gone(
    browser: httpx.AsyncClient, store: QueueStore
) -> None:
    await give(store)
    await store.call_next(TWO, [LIBRARY])
    await store.back(TWO)

    assert "Nobody has been called today" in text(await browser.get("/board?lang=en"))


async def test_a_ticket_is_listed_once_where_it_was_called_last(
    browser: httpx.AsyncClient, store: QueueStore
) -> None:
    await give(store, LIBRARY, HEALTH)
    await store.call_next(TWO, [LIBRARY])
    await store.finish(TWO)
    await store.call_next(FIVE, [HEALTH])

    said = text(await browser.get("/board?lang=en"))

    assert said.count("K 001") == 1
    assert "K 001 Room 5 Health centre" in said


async def test_who_waits_for_a_unit_that_was_removed_is_counted_without_its_id(
    browser: httpx.AsyncClient, store: QueueStore
) -> None:
    assert "books" not in text(await browser.get("/board?lang=en"))
    await give(store, UnitId("books"), series="Z")

    assert "Another service 1 Closed for now" in text(await browser.get("/board?lang=en"))

    await store.call_next(TWO, [UnitId("books")])
    said = text(await browser.get("/board?lang=en"))
    assert "Last called Z 001 Counter 2 Another service" in said
    assert "Another service 1" not in said
    assert "books" not in said


async def test_it_hears_of_a_call_at_once_and_says_it_aloud(
    browser: httpx.AsyncClient, store: QueueStore
) -> None:
    await give(store)
    shown = await browser.get("/board?lang=sv")
    [seen] = re.findall(r'data-seen="(\w+)"', shown.text)

    async with opened(browser, f"/board/events?lang=sv&seen={seen}") as page:
        assert (await page.hear("beat")).data == "10.42"
        await store.call_next(TWO, [LIBRARY])
        update = (await page.hear(within=2)).update
        assert update["say"] == "K 001: Disk 2"
        assert update["title"].startswith("K 001: Disk 2")
        assert "Bibliotek" in update["parts"]["calls"]
        # Called once more, it is news although it says the same.
        await store.recall(TWO)
        assert (await page.hear(within=2)).update["turn"] != update["turn"]


async def test_each_hears_it_in_their_own_language(
    browser: httpx.AsyncClient, store: QueueStore
) -> None:
    await give(store)
    async with (
        opened(browser, "/board/events?lang=fi") as finnish,
        opened(browser, "/board/events", headers={"Accept-Language": "en"}) as english,
    ):
        await finnish.hear()
        await english.hear()
        await store.call_next(TWO, [LIBRARY])
        assert (await finnish.hear()).update["say"] == "K 001: Tiski 2"
        assert (await english.hear()).update["say"] == "K 001: Counter 2"


async def test_what_the_screens_tell_all_stands_on_it_too(serve: Serve) -> None:
    notice = {"fi": "Hissi ei toimi.", "sv": "Hissen är ur funktion.", "en": "No lift today."}
    browser = await serve(display={"notice": notice})
    assert "Hissen är ur funktion." in text(await browser.get("/board?lang=sv"))
