"""Looks at a counter's queue and at the whole centre, as commands."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta

from shared.clock import elapsed
from shared.config import Counter
from shared.model import Errand, State
from staff.command import Answer, At, Command, errand_data
from staff.overview import Centre, Standing, Waiting, overview, read_centre, read_waiting
from staff.times import minutes


def _queue_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--unit", metavar="ID", help="the queue of this unit, whatever the counter's are"
    )


async def _queue(at: At) -> Answer:
    waiting = await _read(at)
    desk, now = waiting.desk, at.clock.now()
    centre = await read_centre(at.config, at.store)
    lost = [each for each in overview(at.config, centre, now) if each.target is None]
    for line in (*_lost_lines(lost), *_stranded_lines(centre)):
        print(line, file=sys.stderr)
    data = {
        "counter": at.counter.id,
        "current": desk.current and _waiter(desk.current, now),
        "waiting": [_waiter(errand, now) for errand in desk.waiting],
        "parked": [_waiter(errand, now) for errand in desk.parked],
        "people": waiting.people,
        "at_another_counter": waiting.away,
    }
    return Answer(data, _queue_lines(at.counter, waiting, now))


async def _read(at: At) -> Waiting:
    counter, unit = at.counter, at.line.unit
    if unit is None:
        return await read_waiting(at.config, at.store, counter)
    waiting = await read_waiting(at.config, at.store, counter, [unit])
    if not waiting.people and not waiting.desk.parked:
        # People may wait for one that the configuration does not have any more.
        at.config.unit(unit)
    return waiting


def _waiter(errand: Errand, now: datetime) -> dict[str, object]:
    seconds = max(int(elapsed(_since(errand), now).total_seconds()), 0)
    return {**errand_data(errand), "seconds": seconds}


def _queue_lines(counter: Counter, waiting: Waiting, now: datetime) -> Iterator[str]:
    desk, away = waiting.desk, waiting.away
    if at := desk.current:
        about = [f"{at.state} since {at.since:%H:%M}", *_notes(at)]
        yield f"Counter {counter.id}: {at.label} ({at.unit}), {', '.join(about)}"
    else:
        yield f"Counter {counter.id}: nobody"
    yield f"Waiting: {waiting.people}" + (f", {away} at another counter" if away else "")
    yield from _errand_table(desk.waiting, now)
    if desk.parked:
        yield f"Parked: {len(desk.parked)}"
        yield from _errand_table(desk.parked, now)


def _since(errand: Errand) -> datetime:
    return errand.since if errand.state is State.PARKED else errand.waits_since


def _errand_table(errands: Iterable[Errand], now: datetime) -> Iterator[str]:
    rows = [
        (
            errand.label,
            errand.unit,
            f"{minutes(_since(errand), now)} min",
            ", ".join(_notes(errand)),
        )
        for errand in errands
    ]
    for line in _table("<<><", rows):
        yield f"  {line}"


def _notes(errand: Errand) -> Iterator[str]:
    """Say what is special about an errand."""
    if errand.priority:
        yield f"head start: {errand.priority}"
    if errand.appointed_at:
        yield f"appointment at {errand.appointed_at:%H:%M}"
    if errand.origin:
        yield f"from {errand.origin}" + (f": {errand.reason}" if errand.reason else "")
    if errand.back_to:
        yield f"then back to {errand.back_to}"
    if errand.put_off:
        yield "asked for more time" + (f" {errand.put_off} times" if errand.put_off > 1 else "")
    if errand.also:
        yield f"also {' and '.join(errand.also)}"


async def _centre(at: At) -> Answer:
    centre = await read_centre(at.config, at.store)
    standings = overview(at.config, centre, at.clock.now())
    data = {
        "units": [_standing(standing) for standing in standings],
        "stranded": [{**errand_data(each), "counter": each.counter} for each in centre.stranded],
    }
    return Answer(data, [*_standing_lines(standings), *_stranded_lines(centre)])


def _standing(of: Standing) -> dict[str, object]:
    return {
        "unit": of.unit,
        "waiting": of.people,
        "parked": of.parked,
        "longest_seconds": int(of.longest.total_seconds()),
        "target_seconds": None if of.target is None else int(of.target.total_seconds()),
        "over_target": of.over_target,
        "counters": of.counters,
        "configured": of.target is not None,
    }


def _standing_lines(standings: Iterable[Standing]) -> Iterator[str]:
    yield from _table(
        "<>>><<",
        [
            ("unit", "waiting", "longest", "target", "counters", ""),
            *(
                (
                    of.unit,
                    str(of.people),
                    _minutes(of.longest) if of.people else "–",
                    _minutes(of.target) if of.target else "–",
                    " ".join(of.counters) or "none",
                    ", ".join(_remarks(of)),
                )
                for of in standings
            ),
        ],
    )


def _minutes(length: timedelta) -> str:
    return f"{length // timedelta(minutes=1)} min"


def _remarks(of: Standing) -> Iterator[str]:
    if of.over_target:
        yield "over target"
    if of.parked:
        yield f"{of.parked} parked"
    if of.target is None:
        yield "not in the configuration any more"


def _lost_lines(lost: Iterable[Standing]) -> Iterator[str]:
    for of in lost:
        how_many = f"{of.people} waiting" + (f", {of.parked} parked" if of.parked else "")
        yield f"unit {of.unit}: {how_many}; not in the configuration any more"


def _stranded_lines(centre: Centre) -> Iterator[str]:
    for each in centre.stranded:
        at = f"{each.label} ({each.unit}), {each.state} since {each.since:%H:%M}"
        yield f"counter {each.counter}: {at}; not in the configuration any more"


def _table(how: str, rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """Align the columns: "<" to the left, ">" to the right."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = zip(row, how, widths, strict=True)
        yield "  ".join(f"{cell:{side}{width}}" for cell, side, width in cells).rstrip()


LOOKS = (
    Command(
        "queue",
        "show who is at the counter, who waits and who is parked",
        _queue,
        _queue_options,
    ),
    Command("centre", "show every unit's queue", _centre, of_counter=False),
)
