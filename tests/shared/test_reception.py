"""The reception: what is offered, who gets a ticket, and what is told of the wait."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest
from msgspec.structs import replace

from shared.config import Config
from shared.errors import RefusedError
from shared.estimates import AT_ONCE, Unknown
from shared.hours import Closed, Closing, Open
from shared.model import Appointment, CounterId, Estimate, UnitId
from shared.reception import Offer, Reception, estimate_in_words, wait_in_words
from shared.store import QueueStore
from shared.words import words
from tests.conftest import HandClock

LIBRARY, POINT, HEALTH, SOCIAL = map(UnitId, ("library", "service-point", "health", "social"))
TWO = CounterId("2")
"""Serves the library alone."""
MINUTE = timedelta(minutes=1)


@pytest.fixture
def reception(config: Config, store: QueueStore, clock: HandClock) -> Reception:
    return Reception(config, store, clock)


async def give(
    reception: Reception, config: Config, *units: UnitId, priority: str | None = None
) -> str:
    """Give a ticket for some units, or for the library; return its number."""
    ticket, _ = await reception.give(
        [config.unit(unit) for unit in units or [LIBRARY]],
        language="fi",
        priority=config.priority(priority) if priority else None,
    )
    return ticket.label


async def serve(store: QueueStore, clock: HandClock, people: int, *, minutes: float = 4) -> None:
    """Let counter 2 serve so many, up to now; it stays open."""
    now = clock.now()
    clock.advance(minutes=-people * minutes)
    await store.open_counter(TWO)
    for _ in range(people):
        await store.issue([LIBRARY], series="K", language="fi")
        await store.call_next(TWO, [LIBRARY])
        clock.advance(minutes=minutes)
        await store.finish(TWO)
    clock.set(now)


async def line(store: QueueStore, unit: UnitId) -> list[str]:
    """Return who waits for a unit, next one first."""
    return [errand.label for errand in (await store.desk(CounterId("none"), [unit])).waiting]


# Offers


async def test_every_unit_is_offered_with_who_waits(reception: Reception, config: Config) -> None:
    await give(reception, config, LIBRARY, HEALTH)
    await give(reception, config)
    offers = await reception.offers()
    assert list(offers) == [unit.id for unit in config.units]
    assert offers[LIBRARY].people == 2
    assert offers[HEALTH].people == 1
    assert sum(offer.people for offer in offers.values()) == 3


async def test_a_unit_that_was_taken_out_is_closed_and_shown_while_somebody_waits_there(
    reception: Reception, store: QueueStore, config: Config
) -> None:
    gone = UnitId("gone")
    await store.issue([gone], series="X", language="fi")
    offers = await reception.offers()
    assert list(offers) == [*(unit.id for unit in config.units), gone]
    assert (offers[gone].people, offers[gone].gives_tickets) == (1, False)
    await store.call_next(TWO, [gone])
    assert gone not in await reception.offers()


async def test_the_wait_is_told_as_soon_as_it_is_known(
    reception: Reception, store: QueueStore, clock: HandClock, config: Config
) -> None:
    async def wait() -> Estimate | Unknown:
        return (await reception.offers())[LIBRARY].wait

    assert await wait() is Unknown.NO_COUNTER
    await store.open_counter(TWO)
    assert await wait() == AT_ONCE
    await give(reception, config)
    assert await wait() is Unknown.NOTHING_MEASURED
    await serve(store, clock, 5)
    assert isinstance(await wait(), Estimate)


@pytest.mark.parametrize(
    ("time", "opening"),
    [
        ("07:59", Closed),
        ("08:00", Open),
        ("15:29", Open),
        ("15:30", Closing),  # half an hour before it closes
        ("16:00", Closed),
    ],
)
async def test_tickets_are_given_by_the_units_hours(
    reception: Reception,
    store: QueueStore,
    clock: HandClock,
    config: Config,
    time: str,
    opening: type,
) -> None:
    clock.set(datetime.fromisoformat(f"2026-11-24 {time}"))
    offer = (await reception.offers())[HEALTH]
    assert type(offer.opening) is opening
    assert offer.gives_tickets is (opening is Open)
    if offer.gives_tickets:
        assert await give(reception, config, HEALTH) == "A 001"
    else:
        with pytest.raises(RefusedError):
            await give(reception, config, HEALTH)
        assert await line(store, HEALTH) == []


# Tickets


async def test_a_ticket_is_given_with_what_is_told_of_the_wait(
    reception: Reception, store: QueueStore, clock: HandClock, config: Config
) -> None:
    await serve(store, clock, 5)
    for _ in range(3):
        await give(reception, config)
    ticket, offers = await reception.give([config.unit(LIBRARY)], language="sv")
    assert (ticket.label, ticket.language, ticket.ahead) == ("K 009", "sv", 3)
    told = offers[LIBRARY].estimate
    assert told
    assert told.low <= 12 * MINUTE <= told.high
    [stop] = (await store.visits([ticket.token]))[ticket.token].stops
    assert stop.told
    assert stop.told.minutes == told.minutes


async def test_one_ticket_for_several_units_is_of_the_first_ones_series(
    reception: Reception, store: QueueStore, clock: HandClock, config: Config
) -> None:
    await serve(store, clock, 5)
    units = [config.unit(unit) for unit in (HEALTH, LIBRARY)]
    ticket, offers = await reception.give(units, language="fi")
    assert ticket.label == "A 001"
    assert ticket.units == (HEALTH, LIBRARY)
    stops = (await store.visits([ticket.token]))[ticket.token].stops
    assert [stop.unit for stop in stops] == [HEALTH, LIBRARY]
    # Each with what was told of it, if anything was.
    assert [stop.told and stop.told.minutes for stop in stops] == [None, (0, 2)]
    assert offers[HEALTH].wait is Unknown.NO_COUNTER


async def test_if_one_of_several_units_gives_no_tickets_none_is_given(
    reception: Reception, store: QueueStore, clock: HandClock, config: Config
) -> None:
    clock.set(datetime(2026, 11, 24, 12, 10, tzinfo=clock.zone))  # lunch at the social services
    with pytest.raises(RefusedError, match="Social services"):
        await give(reception, config, LIBRARY, SOCIAL)
    assert await line(store, LIBRARY) == []


async def test_who_waits_when_a_unit_closes_is_still_served(
    reception: Reception, store: QueueStore, clock: HandClock, config: Config
) -> None:
    clock.set(datetime(2026, 11, 24, 15, 20, tzinfo=clock.zone))
    number = await give(reception, config, HEALTH)
    clock.advance(hours=1)
    with pytest.raises(RefusedError):
        await give(reception, config, HEALTH)
    call = await store.call_next(CounterId("4"), [HEALTH])
    assert call
    assert call.label == number


@pytest.mark.parametrize(
    ("now", "told"),
    [
        (
            "2026-11-24 07:00",
            {
                "fi": "Terveysasema: avataan ti 24.11. klo 8.00.",
                "sv": "Hälsostation: öppnar tis 24.11 kl. 08.00.",
                "en": "Health centre opens on Tue 24/11 at 08:00.",
            },
        ),
        (
            "2026-11-24 15:40",
            {
                "fi": "Terveysasema: vuoronumeroita ei nyt enää anneta; "
                "seuraavan kerran ke 25.11. klo 8.00.",
                "sv": "Hälsostation: inga fler könummer just nu; nästa gång ons 25.11 kl. 08.00.",
                "en": "Health centre gives no more tickets now; "
                "it does so again on Wed 25/11 at 08:00.",
            },
        ),
    ],
)
async def test_a_refusal_says_in_any_language_when_tickets_are_given_again(
    reception: Reception, clock: HandClock, config: Config, now: str, told: dict[str, str]
) -> None:
    clock.set(datetime.fromisoformat(now))
    with pytest.raises(RefusedError) as refused:
        await give(reception, config, HEALTH)
    for language, message in told.items():
        said = refused.value.told(words(language).gettext)[1]
        assert said.replace(",", "") == message


# A head start


async def test_who_has_a_head_start_is_told_the_wait_of_the_place_that_it_gives(
    reception: Reception, store: QueueStore, clock: HandClock, config: Config
) -> None:
    await serve(store, clock, 10)
    began = clock.now()
    for _ in range(9):
        await give(reception, config)
        clock.advance(minutes=3)
    await store.call_next(TWO, [LIBRARY])
    infant = config.priority("infant")
    usual = (await reception.offers())[LIBRARY].estimate
    ticket, offers = await reception.give([config.unit(LIBRARY)], language="fi", priority=infant)
    told = offers[LIBRARY].estimate
    assert usual
    assert told
    # Eight wait, one every three minutes; a quarter of an hour passes five of them.
    assert (await store.traffic()).people(LIBRARY) == 9
    assert ticket.ahead == 4
    assert told.likely == pytest.approx(usual.likely * 5 / 9, rel=0.05)
    # It comes as it was told, and counts.
    while (await store.desk(TWO, [LIBRARY])).waiting:
        clock.advance(minutes=4)
        await store.call_next(TWO, [LIBRARY])
    outcomes = await store.outcomes(began)
    [of_infant] = [each for each in outcomes if each.waited == 5 * 4 * MINUTE]
    assert of_infant.estimate.minutes == told.minutes
    assert told.low <= of_infant.waited <= told.high


async def test_what_was_told_stays_although_the_staff_give_a_head_start_later(
    reception: Reception, store: QueueStore, clock: HandClock, config: Config
) -> None:
    await serve(store, clock, 5)
    for _ in range(5):
        await give(reception, config)
    ticket, offers = await reception.give([config.unit(LIBRARY)], language="fi")
    [errand] = await store.find("K", ticket.number)
    await store.head_start(errand.id, config.priority("urgent"))
    [stop] = (await store.visits([ticket.token]))[ticket.token].stops
    told = offers[LIBRARY].estimate
    assert told
    assert stop.ahead == 0
    assert stop.told
    assert stop.told.minutes == told.minutes


# Appointments


async def book(store: QueueStore, at: datetime, *, unit: UnitId = HEALTH) -> Appointment:
    appointment = Appointment(code="CODE1", unit=unit, at=at)
    await store.import_appointments([appointment])
    return await store.appointment("CODE1")


@pytest.mark.parametrize(
    ("minutes", "order"),
    [
        (30, ["A 001", "A 003", "A 002", "A 004"]),  # early: who comes meanwhile is before it
        (-10, ["A 002", "A 001", "A 003", "A 004"]),  # late: the time that was promised holds
    ],
)
async def test_the_place_is_by_the_appointed_time(
    reception: Reception,
    store: QueueStore,
    clock: HandClock,
    config: Config,
    minutes: float,
    order: Sequence[str],
) -> None:
    appointment = await book(store, clock.now() + minutes * MINUTE)
    await give(reception, config, HEALTH)
    ticket = await reception.check_in(appointment, language="sv")
    assert (ticket.label, ticket.language) == ("A 002", "sv")
    assert ticket.appointed_at == appointment.at
    for _ in range(2):
        clock.advance(minutes=20)
        await give(reception, config, HEALTH)
    assert await line(store, HEALTH) == order


async def test_an_appointment_is_checked_in_for_whatever_the_opening_hours_say(
    reception: Reception, store: QueueStore, clock: HandClock
) -> None:
    clock.set(datetime(2026, 11, 24, 7, 50, tzinfo=clock.zone))
    appointment = await book(store, clock.now() + 20 * MINUTE)
    assert (await reception.check_in(appointment, language="fi")).label == "A 001"


async def test_a_code_is_of_use_once_and_on_its_day(
    reception: Reception, store: QueueStore, clock: HandClock
) -> None:
    appointment = await book(store, clock.now() + 20 * MINUTE)
    clock.advance(days=-1)
    with pytest.raises(RefusedError, match="not for today"):
        await store.appointment(appointment.code)
    clock.advance(days=1)
    await reception.check_in(appointment, language="fi")
    with pytest.raises(RefusedError, match="has been used"):
        await reception.check_in(appointment, language="fi")
    assert len(await line(store, HEALTH)) == 1


@pytest.mark.parametrize(
    ("language", "hint"),
    [
        ("fi", "Kysy henkilökunnalta."),
        ("sv", "Fråga personalen."),
        ("en", "Please ask the staff."),
    ],
)
async def test_who_has_an_appointment_at_a_unit_that_was_taken_out_is_sent_to_the_staff(
    store: QueueStore, clock: HandClock, config: Config, language: str, hint: str
) -> None:
    appointment = await book(store, clock.now() + 20 * MINUTE)
    units = tuple(unit for unit in config.units if unit.id != HEALTH)
    reception = Reception(replace(config, units=units), store, clock)
    with pytest.raises(RefusedError) as refused:
        await reception.check_in(appointment, language=language)
    title, message, told = refused.value.told(words(language).gettext)
    assert told == hint
    assert title != message != ""
    assert await line(store, HEALTH) == []
    assert await store.appointment("CODE1") == appointment  # it is of use once the unit is back


# In words


def minutes(low: float, high: float) -> Estimate:
    return Estimate(low=low * MINUTE, likely=low * MINUTE, high=high * MINUTE)


@pytest.mark.parametrize(
    ("wait", "told"),
    [
        (AT_ONCE, ("Alle 2 min", "Under 2 min", "Less than 2 min")),
        (minutes(0, 6), ("Alle 6 min", "Under 6 min", "Less than 6 min")),
        (minutes(10, 20), ("Noin 10–20 min", "Cirka 10–20 min", "About 10–20 min")),
        (minutes(110, 200), ("Noin 110–200 min", "Cirka 110–200 min", "About 110–200 min")),
        (minutes(120, 200), ("Yli 2 t", "Över 2 h", "Over 2 h")),
        (minutes(470, 900), ("Yli 7 t", "Över 7 h", "Over 7 h")),
        (Unknown.NO_COUNTER, ("Ei avointa tiskiä", "Ingen öppen disk", "No counter is open")),
        (
            Unknown.NOTHING_MEASURED,
            ("Odotusaika ei tiedossa", "Väntetid ännu okänd", "Wait not known yet"),
        ),
    ],
)
def test_a_wait_in_three_languages(wait: Estimate | Unknown, told: Sequence[str]) -> None:
    said = [estimate_in_words(words(language), wait) for language in ("fi", "sv", "en")]
    assert said == list(told)
    # A tile on the smallest screen has no more room.
    assert max(map(len, said)) <= 22


NOW = HandClock().now()


def closed(days: int | None, hour: int = 9) -> Closed:
    """Closed from now on a Tuesday at 10:42 until so many days later."""
    if days is None:
        return Closed(opens_at=None)
    return Closed(opens_at=(NOW + timedelta(days=days)).replace(hour=hour, minute=0))


@pytest.mark.parametrize(
    ("opening", "told"),
    [
        (closed(0, 12), ("Avataan klo 12.00", "Öppnar kl. 12.00", "Opens at 12:00")),
        (
            closed(1),
            ("Avataan huomenna klo 9.00", "Öppnar i morgon kl. 09.00", "Opens tomorrow at 09:00"),
        ),
        (
            closed(2),
            (
                "Avataan torstaina klo 9.00",
                "Öppnar på torsdag kl. 09.00",
                "Opens on Thursday at 09:00",
            ),
        ),
        (
            closed(6),
            (
                "Avataan maanantaina klo 9.00",
                "Öppnar på måndag kl. 09.00",
                "Opens on Monday at 09:00",
            ),
        ),
        (closed(7), ("Avataan ti 1.12.", "Öppnar tis 1.12", "Opens on Tue 01/12")),
        (closed(None), ("Toistaiseksi suljettu", "Stängt tills vidare", "Closed for now")),
        (
            Closing(closes_at=NOW, opens_at=NOW.replace(hour=13, minute=0)),
            (
                "Seuraavat vuoronumerot klo 13.00",
                "Nästa könummer kl. 13.00",
                "Next tickets at 13:00",
            ),
        ),
        (
            Closing(closes_at=NOW, opens_at=NOW + timedelta(days=1)),
            ("Tänään ei enää vuoronumeroita", "Inga fler könummer i dag", "No more tickets today"),
        ),
        (
            Open(last_ticket_at=None, closes_at=None),
            ("Noin 10–20 min", "Cirka 10–20 min", "About 10–20 min"),
        ),
    ],
)
def test_when_a_unit_gives_tickets_in_three_languages(
    opening: Open | Closing | Closed, told: Sequence[str]
) -> None:
    offer = Offer(unit=LIBRARY, people=3, wait=minutes(10, 20), opening=opening)
    said = [wait_in_words(words(language), offer, NOW) for language in ("fi", "sv", "en")]
    assert said == list(told)
