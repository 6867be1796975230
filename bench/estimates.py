"""How far off the waits are that residents are told, in a simulated lobby.

What was told of each wait is held against what came of it, and against what others would have
told the same resident:

- *formula*: (people before + 1) × mean time at a counter ÷ counters, with the true mean;
- *knowing*: what we would have told, had we known the true means;
- *head*: for how long the first in the queue has waited;
- *today*: the mean wait of those who were called today.

Nobody knows the true means: the better of the first two is the best possible.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from datetime import timedelta
from functools import partial
from itertools import groupby
from statistics import fmean

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from bench.lobby import Demand, Scenario, Told, centre, simulate
from shared.clock import elapsed
from shared.config import Config
from shared.estimates import estimates
from shared.model import CounterId, Estimate, Outcome, UnitId

WORST_RATIO = 1.2
"""How far off we may be at most, compared with the best possible."""

LEAST_INSIDE = 0.8
"""The part of the residents whose wait must be within the range that they were told."""

HISTORY = 4
"""Days before those that are measured: what is usual is learnt from them."""

QUICK, FULL = 7, 40
"""Days that are measured."""

GUESSES = ("ours", "knowing", "formula", "head", "today")

MINUTE = timedelta(minutes=1)

LIBRARY, HEALTH, POINT = UnitId("library"), UnitId("health"), UnitId("service-point")
ONE, TWO, THREE, FOUR = map(CounterId, "1234")
SHARED = {ONE: (POINT, LIBRARY), TWO: (LIBRARY,), THREE: (POINT, LIBRARY)}

SCENARIOS = (
    Scenario(
        name="1 counter",
        counters=dict.fromkeys((ONE,), (LIBRARY,)),
        demand={LIBRARY: Demand(per_hour=(8.7,), minutes=(6, 6))},
    ),
    Scenario(
        name="2 counters",
        counters=dict.fromkeys((ONE, TWO), (LIBRARY,)),
        demand={LIBRARY: Demand(per_hour=(17.5,), minutes=(6, 6))},
    ),
    Scenario(
        name="4 counters, one at lunch",
        counters=dict.fromkeys((ONE, TWO, THREE, FOUR), (LIBRARY,)),
        demand={LIBRARY: Demand(per_hour=(34,), minutes=(6, 6))},
        lunch={ONE: 2, TWO: 2.5, THREE: 3, FOUR: 3.5},
    ),
    Scenario(
        name="slower during the day",
        counters=dict.fromkeys((ONE, TWO), (LIBRARY,)),
        demand={LIBRARY: Demand(per_hour=(19, 18, 17, 15, 14), minutes=(4.5, 8))},
    ),
    Scenario(
        name="no day like the other",
        counters=dict.fromkeys((ONE, TWO), (LIBRARY,)),
        demand={LIBRARY: Demand(per_hour=(17,), minutes=(6, 6))},
        pace=0.2,
    ),
    Scenario(
        name="shared, longest wait",
        counters=SHARED,
        demand={
            POINT: Demand(per_hour=(8.5,), minutes=(8, 8)),
            LIBRARY: Demand(per_hour=(20,), minutes=(4, 4), sent_on=0.1),
        },
        sent_to=POINT,
    ),
    Scenario(
        name="shared, as listed",
        counters=SHARED,
        demand={
            POINT: Demand(per_hour=(8.5,), minutes=(8, 8)),
            LIBRARY: Demand(per_hour=(20,), minutes=(4, 4)),
        },
        listed=True,
    ),
    Scenario(
        name="appointments, head starts",
        counters=dict.fromkeys((ONE, TWO), (HEALTH,)),
        demand={HEALTH: Demand(per_hour=(11,), minutes=(10, 10), appointed=0.4, ahead=0.1)},
    ),
    Scenario(
        name="no-shows",
        counters=dict.fromkeys((ONE, TWO), (LIBRARY,)),
        demand={LIBRARY: Demand(per_hour=(19,), minutes=(6, 6), missing=0.1)},
    ),
    Scenario(
        name="morning rush",
        counters=dict.fromkeys((ONE, TWO, THREE), (LIBRARY,)),
        demand={LIBRARY: Demand(per_hour=(42, 34, 25, 25, 20), minutes=(6, 6))},
    ),
)


class Figures(Struct, frozen=True, kw_only=True):
    """How good the estimates were in a scenario; all times are in minutes."""

    scenario: str
    tickets: int
    waited: float
    """Mean of the waits."""
    errors: Mapping[str, float]
    """Mean absolute error of what each would have told."""
    bias: float
    """Mean of ours less the wait."""
    ratio: float
    """Our error, as a multiple of the best possible."""
    inside: float
    """The part of the waits within the range told."""
    width: float
    """Mean width of that range."""

    @property
    def holds(self) -> bool:
        return self.ratio <= WORST_RATIO and self.inside >= LEAST_INSIDE


def measure(scenario: Scenario, *, days: int, seed: int) -> Figures:
    """Play a scenario, and sum up the waits of which each would have told something."""
    config = centre(scenario)
    waits = simulate(scenario, history=HISTORY, days=days, seed=seed)
    days_waits = (list(each) for _, each in groupby(waits, lambda wait: wait[0].at.date()))
    rows = [
        (_guesses(told, config, today), outcome)
        for day in days_waits
        for told, outcome in day
        if (today := _called_before(told, day))
    ]
    errors = {
        name: fmean(abs(guesses[name] - outcome.waited / MINUTE) for guesses, outcome in rows)
        for name in GUESSES
    }
    return Figures(
        scenario=scenario.name,
        tickets=len(rows),
        waited=fmean(outcome.waited / MINUTE for _, outcome in rows),
        errors=errors,
        bias=fmean(guesses["ours"] - outcome.waited / MINUTE for guesses, outcome in rows),
        ratio=errors["ours"] / min(errors["knowing"], errors["formula"]),
        inside=fmean(
            outcome.estimate.low <= outcome.waited <= outcome.estimate.high for _, outcome in rows
        ),
        width=fmean((outcome.estimate.high - outcome.estimate.low) / MINUTE for _, outcome in rows),
    )


def _called_before(told: Told, waits: Iterable[tuple[Told, Outcome]]) -> list[timedelta]:
    """Return how long those waited who had been called to the unit when this one came."""
    return [
        outcome.waited
        for other, outcome in waits
        if other.unit == told.unit and outcome.waited <= elapsed(other.at, told.at)
    ]


def _guesses(told: Told, config: Config, today: Sequence[timedelta]) -> dict[str, float]:
    """Return what each would have told, in minutes."""
    traffic, unit = told.traffic, told.unit
    informed = replace(traffic, recent=told.truth, usual={})
    knowing = estimates(config, informed, told.at)[unit]
    assert isinstance(knowing, Estimate)  # noqa: S101 – if ours was one
    serving = {counter.id for counter in config.counters if unit in counter.units}
    posts = [post for post in traffic.posts if post.counter in serving]
    queue = traffic.queues.get(unit)
    before = traffic.ahead(unit) + traffic.expected.get(unit, 0)
    at_once = not before and any(post.unit is None for post in posts)
    mean = told.truth[unit].total / told.truth[unit].count / 60
    return {
        "ours": told.estimate.likely / MINUTE,
        "knowing": knowing.likely / MINUTE,
        "formula": 0 if at_once else (before + 1) * mean / len(posts),
        "head": elapsed(queue.longest_since, told.at) / MINUTE if queue else 0,
        "today": fmean(waited / MINUTE for waited in today),
    }


def main() -> int:
    """Play all scenarios, tell the figures, and whether all of them hold."""
    parser = argparse.ArgumentParser(
        prog="python -m bench.estimates", description="How far off told waits are."
    )
    fewer = f"{QUICK} days instead of {FULL}: so few that a mark may be missed by chance"
    parser.add_argument("--quick", action="store_true", help=fewer)
    parser.add_argument("--json", action="store_true", help="answer with one JSON object")
    parser.add_argument("--seed", type=int, default=3, metavar="N", help="play other days (else 3)")
    arguments = parser.parse_args()
    play = partial(measure, days=QUICK if arguments.quick else FULL, seed=arguments.seed)
    with ProcessPoolExecutor() as processes:
        figures = list(processes.map(play, SCENARIOS))
    if arguments.json:
        print(msgspec.json.encode({"seed": arguments.seed, "scenarios": figures}).decode())
    else:
        print("\n".join(table(figures)))
    return 0 if all(each.holds for each in figures) else 1


def table(figures: Sequence[Figures]) -> Iterator[str]:
    """Write a line for each scenario; a missed mark gets a ✗."""
    heads = (*GUESSES, "bias", "ratio", "inside", "width")
    yield f"{'Minutes':26}{'tickets':>8}{'wait':>7}" + "".join(f"{head:>9}" for head in heads)
    for each in figures:
        errors = "".join(f"{each.errors[name]:9.2f}" for name in GUESSES)
        near = " " if each.ratio <= WORST_RATIO else "✗"
        enough = " " if each.inside >= LEAST_INSIDE else "✗"
        yield (
            f"{each.scenario:26}{each.tickets:8}{each.waited:7.1f}{errors}{each.bias:+9.2f}"
            f"{each.ratio:8.2f}{near}{each.inside:8.0%}{enough}{each.width:9.1f}"
        )
    yield ""
    yield "ours, knowing … today: mean absolute errors. ratio: ours to the better of the next two."
    yield f"✗: a ratio above {WORST_RATIO}, or fewer than {LEAST_INSIDE:.0%} inside the range told."


if __name__ == "__main__":
    sys.exit(main())
