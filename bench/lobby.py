"""A simulated lobby on the real store: residents come at random, staff call, serve and rest.

The event loop is simpy's, and the store's clock shows its time, in seconds since 1970. All days
are the same day of the week, so that there is something usual to each hour.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Generator, Mapping, Sequence
from contextlib import AsyncExitStack
from datetime import UTC, date, datetime, time, timedelta
from math import inf, log, sqrt
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal

import simpy
from msgspec import Struct
from msgspec.structs import replace

from shared.clock import Clock
from shared.config import Config, Counter, Priority, load_config
from shared.estimates import estimates
from shared.model import Appointment, Call, CounterId, Estimate, Outcome, Sample, Traffic, UnitId
from shared.store import QueueStore, open_store

ROOT = Path(__file__).parents[1]

FIRST_DAY = date(2026, 1, 13)
OPENS = time(9)
HOURS = 7
"""For how long tickets are given; whoever waits then is still served."""

VARIATION = 0.7
"""Standard deviation of the time at a counter, as a part of its mean."""

WALK = 30
"""Seconds from a call until the service starts."""

NO_SHOW = 120
"""Seconds that staff wait for somebody who does not come."""

BREAK = 1800
"""Seconds of a lunch break."""

INFANT = Priority(id="infant", name={}, minutes=15)

Process = Generator[simpy.Event, Any, None]


class Demand(Struct, frozen=True, kw_only=True):
    """Who comes to a unit."""

    per_hour: tuple[float, ...]
    """People in each hour from opening on; the last number holds until closing."""
    minutes: tuple[float, float]
    """Mean time at the counter, at opening and at closing."""
    appointed: float = 0
    """The part of the people who have an appointment,"""
    ahead: float = 0
    """of the others, who have a head start,"""
    missing: float = 0
    """of all, who do not come when they are called,"""
    sent_on: float = 0
    """and who are transferred."""


class Scenario(Struct, frozen=True, kw_only=True):
    """A lobby, and what its days are like."""

    name: str
    counters: Mapping[CounterId, tuple[UnitId, ...]]
    demand: Mapping[UnitId, Demand]
    listed: bool = False
    """Whether counters prefer their units in the order in which they have them."""
    lunch: Mapping[CounterId, float] = {}
    """When counters have a break: so many hours after opening."""
    sent_to: UnitId | None = None
    pace: float = 0.1
    """How much days differ: standard deviation of their means, as a part of the mean."""


class Told(Struct, frozen=True, kw_only=True):
    """What a resident was told of the wait, and what could be known then."""

    at: datetime
    unit: UnitId
    estimate: Estimate
    traffic: Traffic
    truth: Mapping[UnitId, Sample]
    """What endless measuring would give for the times at a counter that begin now."""


class Lobby:
    """A scenario at work."""

    def __init__(
        self,
        scenario: Scenario,
        config: Config,
        store: QueueStore,
        clock: Clock,
        env: simpy.Environment,
        runner: asyncio.Runner,
        seed: int,
    ) -> None:
        self.told: list[Told] = []
        self._scenario = scenario
        self._config = config
        self._store = store
        self._clock = clock
        self._env = env
        self._do = runner.run
        self._chance = random.Random(f"{scenario.name} {seed}")  # noqa: S311 – the same each time
        self._newcomer = env.event()
        self._opened = 0.0
        self._closed = False
        self._pace = 1.0

    def days(self, number: int) -> Process:
        """Let days go by, a week apart."""
        env = self._env
        for week in range(number):
            day = FIRST_DAY + timedelta(weeks=week)
            self._opened = datetime.combine(day, OPENS, self._clock.zone).timestamp()
            yield env.timeout(self._opened - env.now)
            self._closed = False
            self._pace = self._vary(1, self._scenario.pace)
            staff = [env.process(self._staff(counter)) for counter in self._config.counters]
            yield env.all_of([env.process(self._people(unit)) for unit in self._scenario.demand])
            self._closed = True
            self._call_staff()
            yield env.all_of(staff)

    # Residents

    def _people(self, unit: UnitId) -> Process:
        """People come until the doors close."""
        env, demand = self._env, self._scenario.demand[unit]
        visits = [env.process(self._visit(each)) for each in self._appointments(unit)]
        for hour in range(HOURS):
            rate = demand.per_hour[min(hour, len(demand.per_hour) - 1)] * (1 - demand.appointed)
            ends = self._opened + 3600 * (hour + 1)
            while (comes := env.now + self._chance.expovariate(rate / 3600)) < ends:
                yield env.timeout(comes - env.now)
                self._take_a_ticket(unit)
            # Who would have come later comes at the next hour's rate: the past does not matter.
            yield env.timeout(ends - env.now)
        yield env.all_of(visits)

    def _take_a_ticket(self, unit: UnitId) -> None:
        hurries = self._chance.random() < self._scenario.demand[unit].ahead
        priority = INFANT if hurries else None
        now, traffic = self._clock.now(), self._do(self._store.traffic(priority=priority))
        estimate = estimates(self._config, traffic, now)[unit]
        told: dict[UnitId, Estimate] = {}
        if isinstance(estimate, Estimate):
            told[unit] = estimate
            self.told.append(
                Told(at=now, unit=unit, estimate=estimate, traffic=traffic, truth=self._truth())
            )
        self._do(
            self._store.issue(
                [unit],
                series=self._config.unit(unit).series,
                language="fi",
                estimates=told,
                priority=priority,
            )
        )
        self._call_staff()

    def _appointments(self, unit: UnitId) -> Sequence[Appointment]:
        """Make the day's appointments, at even distances."""
        demand = self._scenario.demand[unit]
        number = round(HOURS * demand.per_hour[0] * demand.appointed)
        made = [
            Appointment(
                code=f"V{i}",
                unit=unit,
                at=self._clock.now() + timedelta(hours=HOURS) * (i + 1) / number,
            )
            for i in range(number)
        ]
        self._do(self._store.import_appointments(made))
        return made

    def _visit(self, appointment: Appointment) -> Process:
        """Most come early for an appointment, some late, some never."""
        luck = self._chance.random()
        if luck < 0.1:
            return
        minutes = self._chance.uniform(-15, 0) if luck < 0.85 else self._chance.uniform(0, 10)
        comes = appointment.at.timestamp() + 60 * minutes
        yield self._env.timeout(max(0, comes - self._env.now))
        series = self._config.unit(appointment.unit).series
        self._do(self._store.check_in(appointment, series=series, language="fi"))
        self._call_staff()

    # Staff

    def _staff(self, counter: Counter) -> Process:
        """Call the next one as soon as one is free, until nobody is left."""
        env, store = self._env, self._store
        lunch = self._opened + 3600 * self._scenario.lunch.get(counter.id, inf)
        session = self._do(store.open_counter(counter.id))
        assert session  # noqa: S101 – nobody else opens it
        while True:
            if env.now >= lunch:
                self._do(store.pause_counter(session, paused=True))
                yield env.timeout(BREAK)
                self._do(store.pause_counter(session, paused=False))
                lunch = inf
            patience = self._config.patience(counter)
            call = self._do(store.call_next(counter.id, counter.units, patience=patience))
            if call:
                yield from self._serve(call)
            elif self._closed:
                break
            else:
                hunger = [env.timeout(lunch - env.now)] if lunch < inf else []
                yield env.any_of([self._newcomer, *hunger])
        self._do(store.close_counter(session))

    def _serve(self, call: Call) -> Process:
        env, store, chance = self._env, self._store, self._chance
        demand = self._scenario.demand[call.unit]
        if chance.random() < demand.missing:
            yield env.timeout(NO_SHOW)
            self._do(store.no_show(call.counter))
            return
        seconds = self._vary(self._mean(call.unit), VARIATION)
        yield env.timeout(min(WALK, seconds))
        self._do(store.start(call.counter))
        yield env.timeout(max(0, seconds - WALK))
        if self._scenario.sent_to and chance.random() < demand.sent_on:
            self._do(store.transfer(call.counter, self._scenario.sent_to))
            self._call_staff()
        else:
            self._do(store.finish(call.counter))

    def _call_staff(self) -> None:
        """Whoever is idle looks whether there is something to do."""
        self._newcomer.succeed()
        self._newcomer = self._env.event()

    # Times

    def _mean(self, unit: UnitId) -> float:
        """Return the mean time at a counter now, of those who come; in seconds."""
        first, last = self._scenario.demand[unit].minutes
        gone = min(1, (self._env.now - self._opened) / 3600 / HOURS)
        return 60 * self._pace * (first + gone * (last - first))

    def _truth(self) -> Mapping[UnitId, Sample]:
        truth = {}
        for unit, demand in self._scenario.demand.items():
            people, mean, missing = 10**6, self._mean(unit), demand.missing
            squares = mean**2 * (1 + VARIATION**2)
            truth[unit] = Sample(
                count=people,
                total=people * (mean + missing * (NO_SHOW - mean)),
                squares=people * (squares + missing * (NO_SHOW**2 - squares)),
            )
        return truth

    def _vary(self, mean: float, variation: float) -> float:
        """Draw from a log-normal distribution, which times of service are close to."""
        square = log(1 + variation**2)
        return self._chance.lognormvariate(log(mean) - square / 2, sqrt(square))


def centre(scenario: Scenario) -> Config:
    """Return the real centre's configuration, with the scenario's counters."""
    real = load_config(ROOT / "config.toml")
    order: Literal["listed", "longest-wait"] = "listed" if scenario.listed else "longest-wait"
    counters = (
        Counter(id=counter, name={}, units=units, order=order)
        for counter, units in scenario.counters.items()
    )
    return replace(real, counters=tuple(counters))


def simulate(
    scenario: Scenario, *, history: int, days: int, seed: int
) -> list[tuple[Told, Outcome]]:
    """Return what was told on the days that follow those of history, and what came of each."""
    env = simpy.Environment()
    config = centre(scenario)
    clock = Clock(config.clock().zone, lambda: datetime.fromtimestamp(env.now, UTC))
    since = datetime.combine(FIRST_DAY + timedelta(weeks=history), OPENS, clock.zone)
    with TemporaryDirectory() as folder, asyncio.Runner() as runner:
        config = replace(config, store=replace(config.store, url=f"sqlite:{folder}/queue.db"))
        stack = AsyncExitStack()
        store = runner.run(stack.enter_async_context(open_store(config, clock)))
        try:
            lobby = Lobby(scenario, config, store, clock, env, runner, seed)
            env.run(env.process(lobby.days(history + days)))
            outcomes = runner.run(store.outcomes(since))
        finally:
            runner.run(stack.aclose())
    return list(zip((told for told in lobby.told if told.at >= since), outcomes, strict=True))
