"""The nights on which the clocks are changed: what is told of time is as right as on others.

On 29 March the clocks in Helsinki go from 3:00 to 4:00, on 25 October from 4:00 to 3:00: both times
at 1:00 UTC.
"""

from __future__ import annotations

import argparse
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from shared.config import Config
from shared.model import Appointment, CounterId, UnitId
from shared.store import UNDO_WITHIN, QueueStore
from shared.words import words
from staff.command import At
from staff.looks import LOOKS
from staff.overview import overview, read_centre
from staff.station import Station
from tests.conftest import HandClock
from tests.kiosk.pilot import kiosk, texts

SPRING = datetime(2026, 3, 29, 1, tzinfo=UTC)
AUTUMN = datetime(2026, 10, 25, 1, tzinfo=UTC)
CHANGES = pytest.mark.parametrize("change", [SPRING, AUTUMN], ids=["spring", "autumn"])

LIBRARY, HEALTH = UnitId("library"), UnitId("health")
TWO = CounterId("2")
MINUTE = timedelta(minutes=1)


@CHANGES
async def test_the_longest_wait_of_a_unit(
    config: Config, store: QueueStore, clock: HandClock, change: datetime
) -> None:
    clock.set(change - 5 * MINUTE)
    await store.issue([LIBRARY], series="K", language="fi")
    clock.set(change + 4 * MINUTE)
    centre = await read_centre(config, store)
    [library] = [each for each in overview(config, centre, clock.now()) if each.unit == LIBRARY]
    assert library.longest == 9 * MINUTE
    assert not library.over_target


@CHANGES
async def test_the_seconds_that_a_command_tells_of_who_waits(
    config: Config, store: QueueStore, clock: HandClock, change: datetime
) -> None:
    clock.set(change - 5 * MINUTE)
    await store.issue([LIBRARY], series="K", language="fi")
    clock.set(change + 4 * MINUTE)
    [queue] = [look for look in LOOKS if look.name == "queue"]
    line = argparse.Namespace(counter=TWO, unit=None)
    said: Any = (await queue.do(At(config, store, clock, line))).data
    assert [each["seconds"] for each in said["waiting"]] == [9 * 60]


@CHANGES
async def test_how_long_a_step_can_be_undone(
    config: Config, store: QueueStore, clock: HandClock, change: datetime
) -> None:
    session = await store.open_counter(TWO)
    assert session
    station = Station(
        config.counter(TWO),
        session,
        config,
        store,
        clock,
        words("en"),
        await read_centre(config, store),
    )
    clock.set(change - MINUTE)
    station.stepped_at = clock.now()
    clock.set(change - MINUTE + UNDO_WITHIN)
    assert station.may_undo
    clock.advance(seconds=1)
    assert not station.may_undo


@CHANGES
async def test_for_how_long_somebody_with_an_appointment_is_expected(
    store: QueueStore, clock: HandClock, change: datetime
) -> None:
    clock.set(change - 30 * MINUTE)
    await store.import_appointments([Appointment(code="A1", unit=HEALTH, at=change - 5 * MINUTE)])
    people = {}
    for minutes in (-6, -4, 4, 9, 11, 50):
        clock.set(change + minutes * MINUTE)
        people[minutes] = (await store.traffic()).expected.get(HEALTH, 0)
    assert people == {-6: 0, -4: 1, 4: 1, 9: 1, 11: 0, 50: 0}


@pytest.mark.parametrize(
    ("change", "minutes", "shown"),
    [
        (SPRING, -35, ["02:30", "02:50", "04:20", "04:30"]),
        (SPRING, 25, ["04:20", "04:30", "02:30", "02:50"]),
        # From 3:00 to 4:00, the clocks show everything twice.
        (AUTUMN, -35, ["03:30", "03:50", "03:20", "03:30"]),
        (AUTUMN, 25, ["03:20", "03:30", "03:30", "03:50"]),
    ],
    ids=["before spring", "spring", "before autumn", "autumn"],
)
async def test_appointments_to_choose_from_are_in_order_and_none_is_left_out(
    config: Config,
    store: QueueStore,
    clock: HandClock,
    change: datetime,
    minutes: float,
    shown: list[str],
) -> None:
    clock.set(change + minutes * MINUTE)
    await store.import_appointments(
        [
            Appointment(code=f"CODE{number}", unit=HEALTH, at=change + at * MINUTE)
            for number, at in enumerate((30, 20, -10, -30))
        ]
    )
    async with kiosk(config, store, clock) as pilot:
        await pilot.press("f3", "f6")
        await pilot.click("#forgotten")
        await pilot.press("1")
        assert [text for text in texts(pilot).splitlines() if text[2:3] == ":"] == shown
