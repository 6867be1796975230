"""How long a wait will be: the queues played forward, with the service times that were measured.

From now on each open counter takes the first in its order as soon as it is free, until one is
free for a ticket given now. With one unit, q people before it and s busy counters, that is the
queue-length formula, (q·m + r) / s: m is the mean time at a counter, and r what is left of a
service that is going on. For a ticket with a head start, only those before its place count.
Who comes later and goes before all the same, by a head start or a transfer, is not foreseen; the
range has room for some of that.

The numbers below were chosen with ``bench/estimates.py``, which tells how far off all this is.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from enum import Enum, auto
from heapq import heapify, heappop, heappush
from math import ceil, exp, floor, log, sqrt

from msgspec import Struct

from shared.clock import elapsed
from shared.config import Config, Counter
from shared.model import Estimate, Post, Sample, Traffic, UnitId

USUAL = 12
"""How many recent services all the usual ones count for at most.

The mean of n services errs by σ²/n, that of an hour on other days also by how much days differ,
τ². Weighed by their certainty, the usual ones are worth σ²/τ² recent ones, however many they are:
12, where times at a counter vary by 70 % and days by 20 %.
"""

FEWEST = 3
"""Services that must have been measured before anything is told."""

VARIATION = 0.7
"""How much times at a counter vary, as a part of their mean, as long as little was measured."""

COMING = 0.5
"""How many of those whose appointment is due, and who are not here, still come."""

REACH = 1.08
"""How far the range goes to either side, in standard deviations.

72 % of a normal distribution; of the waits it is more than 80 %, for ranges are rounded outward.
"""

HEADS = 50
"""People who are played one by one in a queue; in a longer one several are taken together."""

AT_ONCE = Estimate(low=timedelta(0), likely=timedelta(0), high=timedelta(minutes=2))


class Unknown(Enum):
    """Why nothing can be told of a wait."""

    NO_COUNTER = auto()
    """None that serves the unit is open."""
    NOTHING_MEASURED = auto()
    """Too few people were served so far."""


def estimates(config: Config, traffic: Traffic, now: datetime) -> dict[UnitId, Estimate | Unknown]:
    """Return for each unit how long a ticket given now would wait, as the traffic was asked for."""
    forecast = Forecast(config, traffic, now)
    return {unit.id: forecast.wait(unit.id, traffic.ahead(unit.id)) for unit in config.units}


class _Service(Struct, frozen=True):
    """What is known of the time at a counter: in seconds, and in seconds squared."""

    mean: float
    variance: float
    doubt: float
    """Variance of the mean, as a part of its square."""

    @property
    def rest(self) -> float:
        """Mean time left of a service that one comes upon: E[S²] / 2 E[S], by renewal theory."""
        return (self.mean + self.variance / self.mean) / 2


def _service(unit: UnitId, traffic: Traffic) -> _Service | None:
    nothing = Sample(count=0, total=0, squares=0)
    recent, usual = traffic.recent.get(unit, nothing), traffic.usual.get(unit, nothing)
    if recent.count + usual.count < FEWEST:
        return None
    weight = USUAL / (USUAL + usual.count)
    count = recent.count + weight * usual.count
    mean = max(1.0, (recent.total + weight * usual.total) / count)
    # A few services say little of how much they vary: some typical ones are put to them.
    squares = max(0.0, recent.squares + weight * usual.squares - count * mean**2)
    variance = (squares + FEWEST * (VARIATION * mean) ** 2) / (count + FEWEST)
    return _Service(mean, variance, variance / mean**2 / count)


class _Line(Struct, frozen=True):
    """Who comes before a ticket that is given now, in one unit's queue."""

    here: int
    people: float
    """Who are here, and who are likely to come."""
    first: float
    """Seconds from now to the ``rank_at`` of the first: 0 or less. The others follow evenly."""
    step: int
    """How many are taken together."""


def _line(unit: UnitId, traffic: Traffic, now: datetime) -> _Line:
    queue = traffic.queues.get(unit)
    here = queue.due if queue else 0
    people = here + COMING * traffic.expected.get(unit, 0)
    first = min(0.0, elapsed(now, queue.first).total_seconds()) if queue else 0.0
    return _Line(here, people, first, ceil(people / HEADS))


class _Counter(Struct, frozen=True):
    """A counter that is open."""

    units: Sequence[UnitId]
    patience: Sequence[float]
    """For each unit, the seconds of waiting after which the order of the units no longer holds."""
    busy_with: UnitId | None

    def choose(self, heads: Mapping[UnitId, float], at: float) -> UnitId | None:
        """Return whose first it takes in ``at`` seconds; ``heads`` are their ``rank_at``."""
        chosen, first = None, None
        for place, unit in enumerate(self.units):
            if unit in heads:
                overdue = at - heads[unit] >= self.patience[place]
                turn = (-1 if overdue else place, heads[unit])
                if first is None or turn < first:
                    chosen, first = unit, turn
        return chosen


def _counter(counter: Counter, post: Post, config: Config) -> _Counter:
    # Going by the longest wait is to have no patience at all.
    patience = config.patience(counter) or dict.fromkeys(counter.units, timedelta(0))
    return _Counter(
        counter.units, [patience[unit].total_seconds() for unit in counter.units], post.unit
    )


class _Course:
    """When those in one queue are called: played only as far as somebody asks, and once."""

    def __init__(self, play: Iterator[tuple[float, float]]) -> None:
        self._play = play
        self._taken: list[float] = []
        self._at: list[float] = []

    def after(self, people: float) -> float:
        """Return in how many seconds somebody is called who has so many before them."""
        while not self._taken or self._taken[-1] < people:
            taken, at = next(self._play)
            self._taken.append(taken)
            self._at.append(at)
        return self._at[bisect_left(self._taken, people)]


class Forecast:
    """How the queues go on from a moment, as far as one can tell."""

    def __init__(self, config: Config, traffic: Traffic, now: datetime) -> None:
        known = {counter.id: counter for counter in config.counters}
        self._counters = [
            _counter(known[post.counter], post, config)
            for post in traffic.posts
            if post.counter in known
        ]
        self._lines = {
            unit: _line(unit, traffic, now) for unit in {*traffic.queues, *traffic.expected}
        }
        self._services = {
            unit: service
            for unit in {*traffic.recent, *traffic.usual}
            if (service := _service(unit, traffic))
        }
        self._courses: dict[UnitId, _Course] = {}

    def wait(self, unit: UnitId, ahead: int) -> Estimate | Unknown:
        """Return how long a ticket waits that has ``ahead`` people before it in a unit's queue."""
        serving = [counter for counter in self._counters if unit in counter.units]
        if not serving:
            return Unknown.NO_COUNTER
        if any(counter.busy_with is None and not self._waits_for(counter) for counter in serving):
            return AT_ONCE
        if unit not in self._services:
            return Unknown.NOTHING_MEASURED
        if unit not in self._courses:
            self._courses[unit] = _Course(self._play(unit))
        wait = self._courses[unit].after(self._before(unit, ahead))
        if not wait:
            return AT_ONCE
        return _range(wait, self._variance(unit, serving, wait))

    def _waits_for(self, counter: _Counter) -> bool:
        return any(unit in self._lines and self._lines[unit].here for unit in counter.units)

    def _before(self, unit: UnitId, ahead: int) -> float:
        """Return how many come before a ticket: those ahead, and their share of who still come."""
        line = self._lines.get(unit)
        if line is None:
            return ahead
        if ahead < line.here:
            return line.people * ahead / line.here
        return line.people + ahead - line.here  # its place is by a time that is still to come

    def _play(self, unit: UnitId) -> Iterator[tuple[float, float]]:
        """Let the counters go on, for ever.

        Yield, whenever one takes the first of the unit's queue, how many were taken before, and
        in how many seconds that is. After those who are due come tickets given now.
        """
        own = self._services[unit]
        left = {each: line.people for each, line in self._lines.items()}
        heads = {each: line.first for each, line in self._lines.items() if line.people}
        heads.setdefault(unit, 0.0)
        free = list(self._becoming_free(unit))
        heapify(free)
        taken = 0.0
        while True:
            at, index = heappop(free)
            chosen = self._counters[index].choose(heads, at)
            if chosen is None:
                continue  # nobody is left for it
            if chosen == unit:
                yield taken, at
            together = 1.0
            if left.get(chosen):
                line = self._lines[chosen]
                together = min(left[chosen], line.step)
                left[chosen] -= together
                heads[chosen] = line.first * left[chosen] / line.people
                if not left[chosen] and chosen != unit:
                    del heads[chosen]
            if chosen == unit:
                taken += together
            heappush(free, (at + together * self._services.get(chosen, own).mean, index))

    def _becoming_free(self, unit: UnitId) -> Iterator[tuple[float, int]]:
        """Yield in how many seconds each counter is free.

        s counters that are busy, and that the same people wait for, become free one after the
        other, each s-th part of a service one; which is the first makes no difference.
        """
        own = self._services[unit]
        busy: dict[bool, list[tuple[int, _Service]]] = {True: [], False: []}
        for index, counter in enumerate(self._counters):
            if counter.busy_with is None:
                yield 0.0, index
            else:
                service = self._services.get(counter.busy_with, own)
                busy[unit in counter.units].append((index, service))
        for group in busy.values():
            for before, (index, service) in enumerate(group):
                yield (service.rest + before * service.mean) / len(group), index

    def _variance(self, unit: UnitId, serving: Sequence[_Counter], wait: float) -> float:
        """Return the variance of the wait: of the services in it, and of what is known of them.

        Services that fill a time t at s counters vary by t·σ²/m·s; what is left of the one that
        is going on is as good as exponential.
        """
        own = self._services[unit]
        before = [(1.0, own)] + [
            (self._lines[each].people, self._services.get(each, own))
            for counter in serving
            for each in counter.units
            if each in self._lines
        ]
        mean = sum(people * service.mean for people, service in before)
        variance = sum(people * service.variance for people, service in before)
        rest = min(wait, own.rest / len(serving))
        return rest**2 + (wait - rest) * variance / mean / len(serving) + own.doubt * wait**2


def _range(wait: float, variance: float) -> Estimate:
    """Return the middle of a log-normal distribution, rounded outward to what people say."""
    square = log(1 + variance / wait**2)
    middle = log(wait) - square / 2
    reach = REACH * sqrt(square)
    return Estimate(
        low=_rounded(exp(middle - reach), floor),
        likely=timedelta(seconds=wait),
        high=_rounded(max(wait, exp(middle + reach)), ceil),
    )


def _rounded(seconds: float, rounding: Callable[[float], int]) -> timedelta:
    """Round to 0, 2, 4, 6, 8, 10, 15, 20 … 60, 70 … minutes."""
    minutes = seconds / 60
    step = 2 if minutes < 10 else 5 if minutes < 60 else 10
    return timedelta(minutes=step * rounding(minutes / step))
