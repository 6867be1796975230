"""``vuoro-admin estimates``: what was told of waits, held against what came of them."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta
from statistics import fmean

from msgspec import Struct

from shared import cli
from shared.config import Config
from shared.model import Outcome, UnitId
from shared.store import open_store


class Account(Struct, frozen=True, kw_only=True):
    """How good the estimates of one unit were."""

    unit: UnitId
    tickets: int
    error_minutes: float
    """Mean distance of the likeliest wait from the real one, whichever was longer."""
    bias_minutes: float
    """Mean of the likeliest wait less the real one: above zero, too long a wait was told."""
    inside: float
    """Share of real waits that were within the range told, its ends included."""
    width_minutes: float
    """Mean width of the range told."""


def describe(parser: argparse.ArgumentParser) -> None:
    """Say what the command line may hold."""
    parser.add_argument(
        "--days", type=days, default=30, metavar="N", help="how far to look back (else 30)"
    )
    cli.add_verb_options(parser)
    parser.set_defaults(run=_run)


def days(text: str) -> int:
    """Read a number of days. Raises ValueError."""
    number = int(text)
    if not 1 <= number <= 9999:
        raise ValueError(text)
    return number


async def _run(config: Config, arguments: argparse.Namespace) -> None:
    clock = config.clock()
    async with open_store(config, clock) as store:
        outcomes = await store.outcomes(clock.now() - timedelta(days=arguments.days))
    found = accounts(outcomes, [unit.id for unit in config.units])
    if arguments.json:
        cli.answer({"days": arguments.days, "units": found})
    elif found:
        cli.say(*_table(config, found))
    else:
        cli.say("Nothing yet: no ticket with an estimate has been called in this time.")


def accounts(outcomes: Iterable[Outcome], order: Sequence[UnitId]) -> list[Account]:
    """Sum up outcomes by unit: first those of ``order``, then what was once a unit."""
    by_unit: dict[UnitId, list[Outcome]] = {unit: [] for unit in order}
    for outcome in outcomes:
        by_unit.setdefault(outcome.unit, []).append(outcome)
    return [_account(unit, those) for unit, those in by_unit.items() if those]


def _account(unit: UnitId, outcomes: Sequence[Outcome]) -> Account:
    over = [_minutes(each.estimate.likely - each.waited) for each in outcomes]
    return Account(
        unit=unit,
        tickets=len(outcomes),
        error_minutes=fmean(map(abs, over)),
        bias_minutes=fmean(over),
        inside=fmean(each.estimate.low <= each.waited <= each.estimate.high for each in outcomes),
        width_minutes=fmean(_minutes(each.estimate.high - each.estimate.low) for each in outcomes),
    )


def _minutes(time: timedelta) -> float:
    return time / timedelta(minutes=1)


def _table(config: Config, found: Sequence[Account]) -> Iterator[str]:
    """Write a line for each unit, under its name in the centre's first language."""
    known = {unit.id: unit.name[config.centre.languages[0]] for unit in config.units}
    names = [known.get(each.unit, each.unit) for each in found]
    width = max(map(len, names))
    yield f"{'Minutes':{width}}  Tickets   Error    Bias  Inside   Width"
    for name, each in zip(names, found, strict=True):
        yield (
            f"{name:{width}}  {each.tickets:7}  {each.error_minutes:6.1f}"
            f"  {each.bias_minutes:+6.1f}  {each.inside:6.0%}  {each.width_minutes:6.1f}"
        )
    yield ""
    yield "Error: how far the likeliest wait was off. Bias: above 0, too long a wait was told."
    yield "Inside: waits within the range told. Width: of that range."
