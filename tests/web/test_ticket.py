"""The ticket's page, in every state that a visit can be in."""

from __future__ import annotations

from datetime import timedelta

import httpx

from shared.config import Config
from shared.model import Appointment, CounterId, State, Ticket, UnitId
from shared.store import QueueStore
from tests.conftest import HandClock
from tests.web.conftest import (
    DENTAL,
    FOUR,
    HEALTH,
    LIBRARY,
    SIX,
    TWO,
    Serve,
    give,
    opened,
    text,
)


async def page(browser: httpx.AsyncClient, ticket: Ticket, **query: str) -> str:
    response = await browser.get(f"/t/{ticket.token}", params=query)
    assert response.status_code == 200
    return text(response)


async def press(
    browser: httpx.AsyncClient, ticket: Ticket, button: str, **form: str
) -> httpx.Response:
    return await browser.post(f"/t/{ticket.token}/{button}", data=form, follow_redirects=True)


async def measure(store: QueueStore, clock: HandClock) -> None:
    """Let the library serve some people, four minutes each; counter 2 is busy with the last."""
    await store.open_counter(TWO)
    for _ in range(6):
        await give(store)
        await store.call_next(TWO, [LIBRARY])
        clock.advance(minutes=4)


async def test_who_waits_sees_number_unit_people_ahead_and_estimate(
    browser: httpx.AsyncClient, store: QueueStore, clock: HandClock
) -> None:
    await measure(store, clock)
    others = [await give(store) for _ in range(3)]
    ticket = await give(store)

    said = await page(browser, ticket)

    assert "Your number K 010 Library 3 people ahead of you About 8–20 min" in said
    assert "You are next Less than 6 min" in await page(browser, others[0])


async def test_the_estimate_of_the_last_one_is_what_the_kiosk_would_tell_the_next(
    browser: httpx.AsyncClient, store: QueueStore, clock: HandClock, config: Config
) -> None:
    from shared.reception import Reception, estimate_in_words
    from shared.words import words

    await measure(store, clock)
    for _ in range(4):
        await give(store)
    offers = await Reception(config, store, clock).offers()
    told = offers[LIBRARY].estimate
    assert told is not None

    ticket = await give(store)

    assert estimate_in_words(words("en"), told) in await page(browser, ticket)


async def test_while_no_counter_is_open_the_page_says_so(
    browser: httpx.AsyncClient, store: QueueStore
) -> None:
    assert "You are next No counter is open" in await page(browser, await give(store))


async def test_who_is_called_sees_where_to(browser: httpx.AsyncClient, store: QueueStore) -> None:
    ticket = await give(store)
    await store.call_next(TWO, [LIBRARY])

    said = await page(browser, ticket)

    assert "Your turn Counter 2 K 001 Library Please go there now." in said
    assert "ahead of you" not in said


async def test_who_is_served_sees_that(browser: httpx.AsyncClient, store: QueueStore) -> None:
    ticket = await give(store)
    await store.call_next(TWO, [LIBRARY])
    await store.start(TWO)

    said = await page(browser, ticket)

    assert "You are being served Counter 2" in said
    assert "Leave the queue" not in said


async def test_who_is_put_aside_is_told_to_wait(
    browser: httpx.AsyncClient, store: QueueStore
) -> None:
    ticket = await give(store)
    await store.call_next(TWO, [LIBRARY])
    await store.park(TWO)

    assert "Please wait a moment The staff have put your matter aside" in await page(
        browser, ticket
    )


async def test_who_was_passed_on_sees_where_they_wait_now(
    browser: httpx.AsyncClient, store: QueueStore, clock: HandClock
) -> None:
    ticket = await give(store)
    clock.advance(minutes=1)
    await give(store, HEALTH, series="A")
    await store.call_next(TWO, [LIBRARY])
    await store.transfer(TWO, HEALTH)

    said = await page(browser, ticket)

    assert "Your number K 001 You are next" in said
    assert "A Health centre" in said
    assert "Library" not in said


async def test_a_ticket_of_several_units_says_of_each_where_it_stands(
    browser: httpx.AsyncClient, store: QueueStore
) -> None:
    await give(store)
    ticket = await give(store, LIBRARY, HEALTH, DENTAL)

    said = await page(browser, ticket)

    assert "You stand in 3 queues You are called wherever it is your turn first." in said
    assert "Library 1 ahead of you · No counter is open" in said
    assert "Health centre You are next" in said

    await store.call_next(FOUR, [HEALTH])
    said = await page(browser, ticket)
    assert "Your turn Room 4" in said
    assert "Library 1 ahead of you" in said
    assert "Health centre Room 4" in said

    await store.finish(FOUR)
    await store.call_next(SIX, [DENTAL])
    await store.no_show(SIX)
    said = await page(browser, ticket)
    assert "Health centre Done" in said
    assert "Dental clinic Missed" in said
    assert "1 person ahead of you" in said


async def test_an_appointment_is_told_by_its_time(
    browser: httpx.AsyncClient, store: QueueStore, clock: HandClock
) -> None:
    at = clock.now().replace(hour=11, minute=15)
    appointment = Appointment(code="AB123", unit=HEALTH, at=at)
    await store.import_appointments([appointment])
    ticket = await store.check_in(appointment, series="A", language="en")

    said = await page(browser, ticket)

    assert "Your appointment is at 11:15" in said
    assert "ahead of you" not in said

    await store.call_next(FOUR, [HEALTH])
    await store.transfer(FOUR, DENTAL)
    assert "You are next" in await page(browser, ticket)


async def test_who_has_been_served_is_thanked_and_asked_once(
    browser: httpx.AsyncClient, store: QueueStore
) -> None:
    ticket = await give(store)
    await store.call_next(TWO, [LIBRARY])
    await store.finish(TWO)
    said = await page(browser, ticket)
    assert "Thank you for your visit" in said
    assert "How did it go? 1 2 3 4 5 badly well" in said

    answer = await press(browser, ticket, "rate", score="4")

    assert answer.status_code == 200
    assert "Thank you for your answer." in text(answer)
    assert "How did it go?" not in text(answer)
    assert (await store.visits([ticket.token]))[ticket.token].score == 4

    again = await press(browser, ticket, "rate", score="1")
    assert again.status_code == 409
    assert (await store.visits([ticket.token]))[ticket.token].score == 4


async def test_a_score_is_one_of_five(browser: httpx.AsyncClient, store: QueueStore) -> None:
    ticket = await give(store)
    await store.call_next(TWO, [LIBRARY])
    await store.finish(TWO)

    for score in ("0", "6", "-1", "4.0", "vier", "", "١"):
        assert (await press(browser, ticket, "rate", score=score)).status_code == 400, score
    assert (await store.visits([ticket.token]))[ticket.token].score is None


async def test_who_did_not_come_is_told_when_and_where_they_were_called(
    browser: httpx.AsyncClient, store: QueueStore
) -> None:
    ticket = await give(store)
    await store.call_next(TWO, [LIBRARY])
    await store.no_show(TWO)

    said = await page(browser, ticket)

    assert "Nobody came when you were called" in said
    assert "That was at 10:42: Counter 2." in said
    assert "How did it go?" not in said


async def test_leaving_asks_first_and_then_ends_all_that_the_ticket_waits_for(
    browser: httpx.AsyncClient, store: QueueStore
) -> None:
    ticket = await give(store, LIBRARY, HEALTH)
    shown = await browser.get(f"/t/{ticket.token}")
    # What is inside is seen only by who has asked for it.
    assert "<details>\n<summary>Leave the queue</summary>" in shown.text
    assert "You lose your place. Do you want to leave the queue?" in text(shown)

    answer = await press(browser, ticket, "leave")

    assert "You have left the queue" in text(answer)
    visit = (await store.visits([ticket.token]))[ticket.token]
    assert [stop.state for stop in visit.stops] == [State.LEFT, State.LEFT]


async def test_nobody_leaves_while_a_counter_has_them(
    browser: httpx.AsyncClient, store: QueueStore
) -> None:
    ticket = await give(store)
    await store.call_next(TWO, [LIBRARY])
    assert "Leave the queue" not in await page(browser, ticket)

    answer = await press(browser, ticket, "leave")  # by a page from before the call

    assert answer.status_code == 409
    assert "This cannot be done now K 001 has been called to a counter." in text(answer)
    assert f'href="/t/{ticket.token}"' in answer.text
    assert "Your turn" in await page(browser, ticket)


async def test_more_time_moves_back_by_what_the_configuration_says_and_so_often(
    serve: Serve, store: QueueStore, clock: HandClock
) -> None:
    browser = await serve(web={"more_minutes": 7, "more_times": 2})
    ticket = await give(store)
    for _ in range(2):
        clock.advance(minutes=3)
        await give(store)
    assert "Your place moves back by 7 minutes." in await page(browser, ticket)

    first = await press(browser, ticket, "more")
    assert "2 people ahead of you" in text(first)
    assert "You have asked for more time: 1 of 2 times." in text(first)
    second = await press(browser, ticket, "more")
    assert "I need more time" not in text(second)
    assert "You have asked for more time: 2 of 2 times." in text(second)
    third = await press(browser, ticket, "more")
    assert third.status_code == 409
    [stop] = (await store.visits([ticket.token]))[ticket.token].stops
    assert stop.put_off == 2


async def test_who_is_called_too_soon_may_ask_for_more_time(
    browser: httpx.AsyncClient, store: QueueStore
) -> None:
    ticket = await give(store)
    await give(store)
    await store.call_next(TWO, [LIBRARY])

    answer = await press(browser, ticket, "more")

    assert "1 person ahead of you" in text(answer)


async def test_without_more_time_in_the_configuration_there_is_no_button(
    serve: Serve, store: QueueStore
) -> None:
    browser = await serve(web={"more_times": 0})
    ticket = await give(store)
    assert "I need more time" not in await page(browser, ticket)
    assert (await press(browser, ticket, "more")).status_code == 409


async def test_a_page_speaks_the_tickets_language_and_any_other_of_the_centre(
    browser: httpx.AsyncClient, store: QueueStore
) -> None:
    ticket = await give(store, language="sv")
    swedish = await browser.get(f"/t/{ticket.token}", headers={"Accept-Language": "fi"})
    assert '<html lang="sv"' in swedish.text
    assert "Ditt könummer K 001 Bibliotek" in text(swedish)
    assert "Lämna kön" in text(swedish)

    assert "Vuoronumerosi K 001 Kirjasto" in await page(browser, ticket, lang="fi")
    assert "Your number K 001 Library" in await page(browser, ticket, lang="en")
    for unknown in ("et", "", "../fi", "fi\r\nX: y"):
        assert "Ditt könummer" in await page(browser, ticket, lang=unknown)
    assert not browser.cookies


async def test_a_chosen_language_is_kept_from_button_to_page(
    browser: httpx.AsyncClient, store: QueueStore
) -> None:
    ticket = await give(store, language="sv")
    shown = await browser.get(f"/t/{ticket.token}?lang=fi")
    assert f'action="/t/{ticket.token}/leave?lang=fi"' in shown.text

    left = await browser.post(f"/t/{ticket.token}/leave?lang=fi")

    assert left.status_code == 303
    assert left.headers["Location"] == f"/t/{ticket.token}?lang=fi"


async def test_a_ticket_in_a_language_that_the_centre_has_no_longer_is_shown_all_the_same(
    browser: httpx.AsyncClient, store: QueueStore
) -> None:
    ticket = await give(store, language="et")
    assert "Your number" in await page(browser, ticket, lang="en")
    assert "Vuoronumerosi" in await page(browser, ticket)


async def test_what_was_taken_out_of_the_configuration_is_not_shown_by_its_id(
    browser: httpx.AsyncClient, store: QueueStore
) -> None:
    ticket = await give(store, UnitId("books"), series="Z")
    said = await page(browser, ticket)
    assert "Your number Z 001" in said
    assert "Another service" in said
    assert "books" not in said
    await store.call_next(CounterId("99"), [UnitId("books")])
    assert "Your turn 99" in await page(browser, ticket)


async def test_nothing_of_a_page_is_markup_but_its_own(serve: Serve, store: QueueStore) -> None:
    browser = await serve()
    ticket = await give(store)
    await store.call_next(CounterId("<img src=x>"), [LIBRARY])
    shown = await browser.get(f"/t/{ticket.token}")
    assert "<img" not in shown.text
    assert "&lt;img" in shown.text


async def test_nothing_but_number_unit_and_place_is_ever_in_a_page(
    browser: httpx.AsyncClient, store: QueueStore, clock: HandClock, config: Config
) -> None:
    other = await give(store, HEALTH, series="A")
    appointment = Appointment(code="AB123", unit=LIBRARY, at=clock.now())
    await store.import_appointments([appointment])
    ticket = await store.check_in(appointment, series="K", language="en")
    await store.call_next(TWO, [LIBRARY])
    await store.transfer(TWO, HEALTH, reason="expert")
    [*_, errand] = await store.find("K", 1)
    await store.head_start(errand.id, config.priority("infant"))
    await store.call(FOUR, errand.id)
    await store.back(FOUR)
    await store.call_next(FOUR, [HEALTH])

    ours = (await browser.get(f"/t/{ticket.token}?lang=en")).text
    board = (await browser.get("/board?lang=en")).text
    async with (
        opened(browser, f"/t/{ticket.token}/events?lang=en") as page,
        opened(browser, "/board/events?lang=en") as lobby,
    ):
        ours += (await page.hear()).data
        board += (await lobby.hear()).data

    assert "K 001" in ours
    assert "A 001" in board
    for each in (ours, board):
        for secret in ("AB123", "expert", "An expert is needed", "infant", "With an infant"):
            assert secret not in each
        assert other.token not in each
    assert other.label not in ours
    assert ticket.token not in board


async def test_yesterdays_ticket_gets_the_same_kind_answer_as_one_that_never_was(
    browser: httpx.AsyncClient, store: QueueStore, clock: HandClock
) -> None:
    old = await give(store)
    clock.advance(days=1)
    expected = await browser.get("/t/AAAAAAAAAAAAAAAA")
    assert expected.status_code == 404
    assert "This ticket is not known" not in expected.text  # it speaks Finnish first
    assert "Vuoronumeroa ei löydy" in text(expected)

    for token in (old.token, "x", "AAAA%00AAAA", "%F0%9F%98%80", "a" * 900, "-", "%27%20OR%201"):
        answer = await browser.get(f"/t/{token}")
        assert (answer.status_code, answer.content) == (404, expected.content)
        posted = await browser.post(f"/t/{token}/leave")
        assert (posted.status_code, posted.content) == (404, expected.content)


async def test_a_token_is_told_from_what_only_begins_like_it(
    browser: httpx.AsyncClient, store: QueueStore
) -> None:
    token = (await give(store)).token
    for wrong in (token[:-1], token + "A", token.swapcase(), f"{token}%00", f"%20{token}"):
        assert (await browser.get(f"/t/{wrong}")).status_code == 404


async def test_a_ticket_after_its_visit_leads_to_the_next_where_phones_may_take_one(
    serve: Serve, store: QueueStore
) -> None:
    browser = await serve(web={"tickets": "anywhere"})
    ticket = await give(store)
    await store.give_up(ticket.token)
    shown = await browser.get(f"/t/{ticket.token}")
    assert '<a class="main" href="/?lang=en">Take a number</a>' in shown.text

    ticket = await give(store)
    await store.call_next(TWO, [LIBRARY])
    await store.finish(TWO)
    assert "Take a number" not in await page(browser, ticket)


async def test_below_a_path_of_another_site_all_addresses_begin_with_it(
    serve: Serve, store: QueueStore
) -> None:
    browser = await serve(web={"url": "https://www.example.org/queue/"})
    ticket = await give(store)
    shown = await browser.get(f"/t/{ticket.token}")
    assert f'action="/queue/t/{ticket.token}/leave"' in shown.text
    assert 'href="/queue/static/vuoro.' in shown.text
    assert f'data-events="/queue/t/{ticket.token}/events?lang=en"' in shown.text
    left = await browser.post(
        f"/t/{ticket.token}/leave", headers={"Origin": "https://www.example.org"}
    )
    assert left.headers["Location"] == f"/queue/t/{ticket.token}"


async def test_the_wait_that_is_told_shrinks_as_people_before_one_are_called(
    browser: httpx.AsyncClient, store: QueueStore, clock: HandClock
) -> None:
    await measure(store, clock)
    for _ in range(5):
        await give(store)
    ticket = await give(store)
    seen = []
    for _ in range(5):
        seen.append((await page(browser, ticket)).partition("ahead of you ")[2][:14])
        await store.call_next(TWO, [LIBRARY])
        clock.advance(seconds=timedelta(minutes=4).total_seconds())
    assert len(set(seen)) == 5
