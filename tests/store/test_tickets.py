"""Numbers, and what a ticket says of itself."""

from __future__ import annotations

from datetime import date, timedelta

from shared.model import Place, label
from shared.store import QueueStore
from tests.conftest import HandClock
from tests.store.lobby import ALL, HEALTH, INFANT, LIBRARY, ONE, SERVICE, errand_of, give, queue


async def test_numbers_run_per_series_and_from_one(store: QueueStore) -> None:
    labels = [(await give(store, series=series)).label for series in "KKAKA"]
    assert labels == ["K 001", "K 002", "A 001", "K 003", "A 002"]


def test_a_number_has_three_digits_or_more() -> None:
    assert [label("K", number) for number in (1, 17, 999, 1000)] == [
        "K 001",
        "K 017",
        "K 999",
        "K 1000",
    ]


async def test_a_ticket_tells_all_of_itself(store: QueueStore, clock: HandClock) -> None:
    ticket = await store.issue([LIBRARY, HEALTH], series="Ä", language="sv")
    assert ticket.day == date(2026, 11, 24)
    assert (ticket.series, ticket.number, ticket.label) == ("Ä", 1, "Ä 001")
    assert ticket.language == "sv"
    assert ticket.issued_at == clock.now()
    assert ticket.issued_at.utcoffset() == timedelta(hours=2)
    assert ticket.appointed_at is None
    assert ticket.places == (Place(unit=LIBRARY, ahead=0), Place(unit=HEALTH, ahead=0))
    assert ticket.units == (LIBRARY, HEALTH)
    assert ticket.ahead == 0


async def test_tokens_are_long_and_never_the_same(store: QueueStore) -> None:
    tokens = {(await give(store)).token for _ in range(50)}
    assert len(tokens) == 50
    assert min(map(len, tokens)) >= 12


async def test_a_ticket_knows_how_many_are_ahead(store: QueueStore) -> None:
    assert [(await give(store)).ahead for _ in range(3)] == [0, 1, 2]
    assert (await give(store, HEALTH)).ahead == 0
    await store.call_next(ONE, [LIBRARY])
    assert (await give(store, LIBRARY)).ahead == 2


async def test_a_ticket_knows_it_of_each_of_its_queues(store: QueueStore) -> None:
    for _ in range(3):
        await give(store, HEALTH)
    await give(store, LIBRARY)
    ticket = await give(store, SERVICE, HEALTH, LIBRARY)
    assert ticket.places == (
        Place(unit=SERVICE, ahead=0),
        Place(unit=HEALTH, ahead=3),
        Place(unit=LIBRARY, ahead=1),
    )
    assert ticket.ahead == 3


async def test_who_has_a_head_start_has_only_those_ahead_who_are(
    store: QueueStore, clock: HandClock
) -> None:
    for _ in range(3):
        await give(store)
        clock.advance(minutes=10)
    ticket = await give(store, priority=INFANT)
    assert ticket.ahead == 2
    assert await queue(store) == ["K 001", "K 002", "K 004", "K 003"]
    assert (await errand_of(store, ticket)).priority == "infant"


async def test_a_ticket_with_several_units_stands_in_several_queues(store: QueueStore) -> None:
    ticket = await give(store, LIBRARY, HEALTH)
    assert await queue(store, LIBRARY) == ["K 001"]
    assert await queue(store, HEALTH) == ["K 001"]
    assert await queue(store, SERVICE) == []
    traffic = await store.traffic()
    assert [traffic.people(unit) for unit in ALL] == [1, 0, 1]
    library, health = await store.find("K", 1)
    assert (library.ticket, library.unit, library.also) == (ticket.id, LIBRARY, (HEALTH,))
    assert (health.ticket, health.unit, health.also) == (ticket.id, HEALTH, (LIBRARY,))


async def test_a_unit_asked_for_twice_is_one_errand(store: QueueStore) -> None:
    ticket = await give(store, LIBRARY, HEALTH, LIBRARY)
    assert ticket.units == (LIBRARY, HEALTH)
    assert await queue(store, LIBRARY) == ["K 001"]


async def test_a_ticket_is_found_by_its_number_on_its_day(
    store: QueueStore, clock: HandClock
) -> None:
    ticket = await give(store, LIBRARY, HEALTH)
    await give(store, SERVICE)
    await store.call_next(ONE, [HEALTH])
    await store.finish(ONE)
    found = await store.find("K", 1)
    assert [(errand.unit, errand.ticket) for errand in found] == [
        (LIBRARY, ticket.id),
        (HEALTH, ticket.id),
    ]
    assert await store.find("K", 3) == ()
    assert await store.find("A", 1) == ()
    clock.advance(days=1)
    assert await store.find("K", 1) == ()
    await give(store, SERVICE)
    assert [errand.unit for errand in await store.find("K", 1)] == [SERVICE]
