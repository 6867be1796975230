"""How long one waits who stands somewhere in a queue, and not at its end."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise

import pytest

from shared.config import Config
from shared.estimates import Forecast, Unknown, estimates
from shared.model import CounterId, Estimate, Post, Queue, Sample, Traffic, UnitId
from tests.conftest import HandClock

LIBRARY, HEALTH = UnitId("library"), UnitId("health")
MINUTE = timedelta(minutes=1)


def lobby(
    clock: HandClock, people: int, *, due: int | None = None, expected: int = 0, busy: bool = True
) -> Traffic:
    """One counter that serves the library, four minutes each, and so many who wait."""
    now = clock.now()
    queue = Queue(
        people=people,
        due=people if due is None else due,
        ahead=people if due is None else due,
        first=now - 30 * MINUTE,
        longest_since=now - 30 * MINUTE,
    )
    return Traffic(
        queues={LIBRARY: queue} if people else {},
        posts=(Post(counter=CounterId("2"), unit=LIBRARY if busy else None),),
        recent={LIBRARY: Sample(count=20, total=20 * 240, squares=20 * 240**2)},
        usual={},
        expected={LIBRARY: expected} if expected else {},
    )


def likely(forecast: Forecast, ahead: int) -> float:
    """Return the likeliest wait, in minutes."""
    wait = forecast.wait(LIBRARY, ahead)
    assert isinstance(wait, Estimate)
    return wait.likely / MINUTE


@pytest.fixture
def forecast(config: Config, clock: HandClock) -> Forecast:
    return Forecast(config, lobby(clock, 10), clock.now())


def test_everyone_ahead_takes_as_long_as_people_take(forecast: Forecast) -> None:
    waits = [likely(forecast, ahead) for ahead in range(10)]
    steps = [later - sooner for sooner, later in pairwise(waits)]
    assert steps == pytest.approx([4] * 9)


def test_who_stands_at_the_end_waits_as_long_as_who_comes_now(
    forecast: Forecast, config: Config, clock: HandClock
) -> None:
    now = estimates(config, lobby(clock, 10), clock.now())[LIBRARY]
    assert forecast.wait(LIBRARY, 10) == now


def test_it_does_not_matter_who_is_asked_about_first(config: Config, clock: HandClock) -> None:
    def waits(order: list[int]) -> dict[int, object]:
        forecast = Forecast(config, lobby(clock, 10), clock.now())
        return {ahead: forecast.wait(LIBRARY, ahead) for ahead in order}

    assert waits([7, 0, 10, 3]) == waits([0, 3, 7, 10])


def test_the_first_is_called_at_once_where_a_counter_is_free(
    config: Config, clock: HandClock
) -> None:
    forecast = Forecast(config, lobby(clock, 3, busy=False), clock.now())
    assert likely(forecast, 0) == 0
    assert likely(forecast, 1) == pytest.approx(4)


def test_those_who_still_come_stand_among_those_who_are_here(
    config: Config, clock: HandClock
) -> None:
    alone = Forecast(config, lobby(clock, 10), clock.now())
    among = Forecast(config, lobby(clock, 10, expected=4), clock.now())
    assert likely(among, 0) == likely(alone, 0)
    assert likely(alone, 5) < likely(among, 5)
    assert likely(among, 10) == pytest.approx(likely(alone, 10) + 2 * 4)


def test_a_place_by_a_time_that_is_still_to_come_is_behind_those_who_are_due(
    config: Config, clock: HandClock
) -> None:
    forecast = Forecast(config, lobby(clock, 8, due=5), clock.now())
    assert likely(forecast, 5) == likely(Forecast(config, lobby(clock, 5), clock.now()), 5)
    assert likely(forecast, 7) == pytest.approx(likely(forecast, 5) + 8)


def test_in_a_very_long_queue_places_are_told_as_well(config: Config, clock: HandClock) -> None:
    forecast = Forecast(config, lobby(clock, 2000), clock.now())
    waits = [likely(forecast, ahead) for ahead in range(0, 2001, 100)]
    assert waits == sorted(waits)
    assert waits[10] == pytest.approx(4000, rel=0.05)


def test_nothing_is_told_without_a_counter_or_a_measure(config: Config, clock: HandClock) -> None:
    forecast = Forecast(config, lobby(clock, 3), clock.now())
    assert forecast.wait(HEALTH, 2) is Unknown.NO_COUNTER
    unmeasured = Traffic(
        queues=lobby(clock, 3).queues,
        posts=lobby(clock, 3).posts,
        recent={},
        usual={},
        expected={},
    )
    assert Forecast(config, unmeasured, clock.now()).wait(LIBRARY, 2) is Unknown.NOTHING_MEASURED
