"""Tickets taken from a phone: where the configuration allows it, and by whom."""

from __future__ import annotations

import asyncio
import re
from datetime import datetime

import httpx

from shared.door import STEP, door_code
from shared.model import State
from shared.store import QueueStore
from tests.conftest import HandClock
from tests.web.conftest import LIBRARY, Serve, text


async def form(browser: httpx.AsyncClient, **query: str) -> str:
    """Open the front page; return what makes its form one of a kind."""
    shown = await browser.get("/", params=query)
    [once] = re.findall(r'name="once" value="([^"]+)"', shown.text)
    return str(once)


async def take(browser: httpx.AsyncClient, *units: str, **fields: str) -> httpx.Response:
    once = fields.pop("once", None) or await form(browser)
    return await browser.post("/", data={"once": once, "unit": list(units), **fields})


async def tickets(store: QueueStore) -> int:
    """Return how many tickets the library's series has given."""
    number = 0
    while await store.find("K", number + 1):
        number += 1
    return number


async def test_as_delivered_no_tickets_are_given_to_phones(
    browser: httpx.AsyncClient, store: QueueStore
) -> None:
    shown = await browser.get("/?lang=en")
    assert "Follow your turn on your phone Scan the code on your ticket." in text(shown)
    assert "<form" not in shown.text
    assert (await browser.post("/", data={"unit": "library", "once": "x"})).status_code == 405
    assert await tickets(store) == 0


async def test_a_ticket_is_taken_for_a_service_and_its_page_opens(
    serve: Serve, store: QueueStore
) -> None:
    browser = await serve(web={"tickets": "anywhere"})

    taken = await browser.post(
        "/?lang=en",
        data={"once": await form(browser), "unit": "library"},
        follow_redirects=True,
    )

    assert re.fullmatch(r"/t/[\w-]{16}", taken.url.path)
    assert "Your number K 001 Library" in text(taken)
    [errand] = await store.find("K", 1)
    assert (errand.unit, errand.state) == (LIBRARY, State.WAITING)


async def test_one_ticket_may_be_taken_for_several_services(
    serve: Serve, store: QueueStore
) -> None:
    browser = await serve(web={"tickets": "anywhere"})
    shown = await browser.get("/")
    assert shown.text.count('type="checkbox"') == 7

    await take(browser, "health", "library")

    # The number is of the first in the configuration's order, as it is on the page.
    assert [errand.unit for errand in await store.find("K", 1)] == ["library", "health"]


async def test_the_page_tells_who_waits_where_and_what_is_closed(
    serve: Serve, store: QueueStore, clock: HandClock
) -> None:
    browser = await serve(web={"tickets": "anywhere"})
    await store.issue([LIBRARY], series="K", language="fi")
    clock.set(datetime(2026, 11, 24, 20, 0))  # noqa: DTZ001 – the centre's own time

    shown = await browser.get("/?lang=en")

    said = text(shown)
    assert "Library 1 person is waiting" in said
    assert "Health centre Opens tomorrow at 08:00" in said
    assert re.search(r'value="health" disabled', shown.text)
    assert not re.search(r'value="library" disabled', shown.text)


async def test_a_closed_service_gives_no_ticket_and_says_when_it_does(
    serve: Serve, store: QueueStore, clock: HandClock
) -> None:
    browser = await serve(web={"tickets": "anywhere"})
    once = await form(browser)
    clock.set(datetime(2026, 11, 24, 20, 0))  # noqa: DTZ001

    refused = await browser.post("/?lang=en", data={"once": once, "unit": "health"})

    assert refused.status_code == 409
    assert "Closed at the moment Health centre opens on Wed 25/11 at 08:00." in text(refused)
    assert await store.find("A", 1) == ()

    clock.set(datetime(2026, 11, 25, 9, 0))  # noqa: DTZ001
    taken = await browser.post("/?lang=en", data={"once": once, "unit": "health"})
    assert taken.status_code == 303


async def test_without_a_service_there_is_no_ticket(serve: Serve, store: QueueStore) -> None:
    browser = await serve(web={"tickets": "anywhere"})
    for units in ([], ["libary"], ["", "../library"]):
        refused = await take(browser, *units)
        assert refused.status_code == 409, units
        assert "Palvelua ei ole valittu" in text(refused)
    assert await tickets(store) == 0


async def test_a_form_that_is_sent_twice_is_one_ticket(serve: Serve, store: QueueStore) -> None:
    browser = await serve(web={"tickets": "anywhere"})
    once = await form(browser)

    answers = await asyncio.gather(*(take(browser, "library", once=once) for _ in range(5)))
    later = await take(browser, "library", once=once)

    assert len({answer.headers["Location"] for answer in [*answers, later]}) == 1
    assert await tickets(store) == 1
    assert await form(browser) != once


async def test_here_only_who_reads_the_lobbys_code_gets_a_ticket(
    serve: Serve, store: QueueStore, clock: HandClock
) -> None:
    browser = await serve(web={"tickets": "here"})
    code = door_code(await store.door_secret(), clock.now())
    wrong = f"{(int(code) + 1) % 10000:04}"

    for attempt in (wrong, "", code[:3], code + "0", "abcd", "٠١٢٣"):
        refused = await take(browser, "library", code=attempt)
        assert refused.status_code == 409
        assert "Koodi ei ole oikein" in text(refused)
        # What was chosen is not to be chosen again.
        assert 'value="library" checked' in refused.text
    assert await tickets(store) == 0

    assert (await take(browser, "library", code=f" {code} ")).status_code == 303
    clock.advance(seconds=STEP.total_seconds())
    assert (await take(browser, "library", code=code)).status_code == 303
    clock.advance(seconds=STEP.total_seconds())
    assert (await take(browser, "library", code=code)).status_code == 409


async def test_anywhere_no_code_is_asked_for(serve: Serve) -> None:
    browser = await serve(web={"tickets": "anywhere"})
    assert 'name="code"' not in (await browser.get("/")).text
    browser = await serve(web={"tickets": "here"})
    assert 'name="code"' in (await browser.get("/")).text


async def test_one_address_guesses_codes_ten_times_and_then_must_wait(
    serve: Serve, store: QueueStore, clock: HandClock
) -> None:
    browser = await serve(web={"tickets": "here"})
    code = door_code(await store.door_secret(), clock.now())
    wrong = f"{(int(code) + 1) % 10000:04}"
    neighbour = {"X-Forwarded-For": "192.0.2.7"}

    statuses = [(await take(browser, "library", code=wrong)).status_code for _ in range(12)]

    assert statuses == [409] * 10 + [429] * 2
    assert (await take(browser, "library", code=code)).status_code == 429
    answer = await browser.post(
        "/", data={"once": "n", "unit": "library", "code": code}, headers=neighbour
    )
    assert answer.status_code == 303


async def test_one_address_takes_twenty_tickets_at_once_and_then_must_wait(
    serve: Serve, store: QueueStore
) -> None:
    browser = await serve(web={"tickets": "anywhere"})

    answers = [await take(browser, "library", once=f"form-{n}") for n in range(22)]

    assert [answer.status_code for answer in answers] == [303] * 20 + [429] * 2
    assert answers[-1].headers["Retry-After"]
    assert "Liian monta yritystä" in text(answers[-1])
    assert await tickets(store) == 20


async def test_the_browsers_language_is_spoken_and_is_the_tickets(
    serve: Serve, store: QueueStore
) -> None:
    browser = await serve(web={"tickets": "anywhere"})
    for header, language in {
        "": "fi",
        "de-DE,de;q=0.9": "fi",
        "sv-FI,sv;q=0.9,fi;q=0.5": "sv",
        "fi;q=0.3, en-GB;q=0.8": "en",
        "EN-us": "en",
        "*": "fi",
        "sv;q=0, en;q=0.1": "en",
        "sv;q=x,;,,en;;q=1;=": "fi",
    }.items():
        shown = await browser.get("/", headers={"Accept-Language": header})
        assert f'<html lang="{language}"' in shown.text, header

    taken = await browser.post(
        "/", data={"once": "1", "unit": "library"}, headers={"Accept-Language": "sv"}
    )
    token = taken.headers["Location"].rpartition("/")[2]
    assert (await store.visits([token]))[token].language == "sv"


async def test_a_form_says_which_one_it_is(serve: Serve, store: QueueStore) -> None:
    browser = await serve(web={"tickets": "anywhere"})
    assert (await browser.post("/", data={"unit": "library"})).status_code == 400
    assert await tickets(store) == 0


async def test_several_is_one_where_the_kiosk_gives_one(serve: Serve, store: QueueStore) -> None:
    browser = await serve(kiosk={"several": False}, web={"tickets": "anywhere"})
    assert 'type="radio"' in (await browser.get("/")).text
    await take(browser, "library", "health")
    assert [errand.unit for errand in await store.find("K", 1)] == ["library"]
