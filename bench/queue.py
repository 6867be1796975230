"""How fast the queue is: the store's verbs and views, and the commands that use them.

Ours and the floor take turns, so that whatever else the machine does hits both alike.
"""

from __future__ import annotations

import asyncio
import os
import re
import sys
import time
from asyncio import create_subprocess_exec
from asyncio.subprocess import DEVNULL
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, contextmanager
from functools import partial
from pathlib import Path
from shutil import disk_usage
from statistics import median
from tempfile import TemporaryDirectory, gettempdir

from msgspec.structs import replace

from bench.crowd import KIOSKS, SIDES, crowd
from bench.figures import (
    Figure,
    Mark,
    Measure,
    Skipped,
    at_least,
    at_most,
    percentile,
    progress,
    within,
)
from bench.history import live_through
from bench.sides import COUNTER, begin_day, ours, plain
from shared.config import Config, load_config
from tools.lobby import ROOT

Deed = Callable[[], Awaitable[None]]
Times = Sequence[Sequence[float]]
"""Seconds of each time that something was done: ours, and the floor's."""

TURN = 20
"""How often one thing is done before it is the other's turn."""

SIZE = 700
"""Bytes that an errand of the past takes in the file, with its ticket and in the journal."""


def issue(*, turns: int) -> Iterator[Figure]:
    """Give one ticket after the other."""
    times = asyncio.run(_issue(turns))
    yield _rate("a ticket issued, durable, at one kiosk", times)
    yield _time("… its p99", partial(percentile, percent=99), times, at_most(2))


async def _issue(turns: int) -> Times:
    with _centres(2) as (store, file):
        await begin_day(store)
        await begin_day(file)
        async with ours(store) as one, plain(file) as other:
            return await _in_turns([one.issue, other.issue], turns)


def call(*, people: int, turns: int) -> Iterator[Figure]:
    """Call the next of many; for each who is called, another one comes."""
    times = asyncio.run(_call(people, turns))
    yield _rate(f"call next, {people} waiting in 7 queues", times)


async def _call(people: int, turns: int) -> Times:
    with _centres(2) as (store, file):
        await begin_day(store, people)
        await begin_day(file, people)
        async with ours(store) as one, plain(file) as other:
            return await _in_turns([one.call, other.call], turns, then=[one.issue, other.issue])


def kiosks(*, rounds: int, seconds: float) -> Iterator[Figure]:
    """Give tickets at many kiosks at once."""
    times: tuple[list[float], list[float]] = ([], [])
    with _centres(2) as centres:
        for config in centres:
            asyncio.run(begin_day(config))
        for number in range(rounds):
            progress(f"round {number + 1} of {rounds}")
            for config, side, taken in zip(centres, SIDES, times, strict=True):
                taken.extend(crowd(config, side, seconds))
    yield Figure(
        what=f"{KIOSKS} kiosks at once, all their tickets",
        unit="/s",
        ours=len(times[0]) / rounds / seconds,
        floor=len(times[1]) / rounds / seconds,
        mark=at_least(0.8),
    )
    yield _time("… p99.9 of a ticket", partial(percentile, percent=99.9), times, within(50))


def commands(*, rounds: int) -> Iterator[Figure]:
    """Run a command for one step, each time from cold."""
    issued, called, floor = asyncio.run(_commands(rounds))
    yield _time("vuoro-kiosk issue, cold", median, (issued, floor), at_most(2))
    yield _time("vuoro-staff next, cold", median, (called, floor), at_most(2))


async def _commands(rounds: int) -> Times:
    programs = Path(sys.executable).parent
    argvs = [
        [f"{programs}/vuoro-kiosk", "issue", "library"],
        [f"{programs}/vuoro-staff", "next", "--counter", COUNTER],
        [sys.executable, "-c", "import aiosqlite"],
    ]
    times: list[list[float]] = [[] for _ in argvs]
    with TemporaryDirectory(prefix="vuoro-bench-") as folder:
        file = _centre(Path(folder))
        config = load_config(file)
        await begin_day(config, people=rounds)
        env = {**os.environ, "VUORO_CONFIG": str(file)}
        async with ours(config):  # as a centre's screens have it open, all day
            for _ in range(rounds):
                for argv, taken in zip(argvs, times, strict=True):
                    begun = time.perf_counter()
                    process = await create_subprocess_exec(*argv, env=env, stdout=DEVNULL)
                    if await process.wait():
                        raise ChildProcessError(f"{argv[0]} has failed")
                    taken.append(time.perf_counter() - begun)
    return times


def history(*, errands: int, turns: int) -> Iterator[Figure | Skipped]:
    """Do what is done all day: after decades, and on the first day."""
    what = f"{errands:,} errands in the store".replace(",", " ")
    with _centres(2) as (old, new):
        if disk_usage(gettempdir()).free < 2 * SIZE * errands:
            need = f"{2 * SIZE * errands / 1e9:.0f} GB"
            yield Skipped(
                what=what, why=f"needs {need} in {gettempdir()}; TMPDIR names another place"
            )
            return
        live_through(old, errands)
        yield from asyncio.run(_compare(what, old, new, people=(40, 40), turns=turns))


def queue(*, people: int, turns: int) -> Iterator[Figure]:
    """Do what is done all day: while very many wait in one queue, and while ten do."""
    what = f"{people:,} waiting in one queue".replace(",", " ")
    with _centres(2) as centres:
        long, short = map(_with_one_queue, centres)
        yield from asyncio.run(_compare(what, long, short, people=(people, 10), turns=turns))


def _with_one_queue(config: Config) -> Config:
    unit = config.units[0]
    counters = [replace(counter, units=(unit.id,)) for counter in config.counters]
    return replace(config, units=(unit,), counters=tuple(counters))


async def _compare(
    what: str, one: Config, other: Config, *, people: tuple[int, int], turns: int
) -> Sequence[Figure]:
    """Set two stores beside each other, in which as many come as are called."""
    async with AsyncExitStack() as stack:
        days = []
        for config, waiting in zip((one, other), people, strict=True):
            await begin_day(config, waiting)
            days.append(await stack.enter_async_context(ours(config)))
        issues, calls = [day.issue for day in days], [day.call for day in days]
        times = {
            "issue": await _in_turns(issues, turns, then=calls),
            "call next": await _in_turns(calls, turns, then=issues),
            "board": await _in_turns([day.board for day in days], turns),
            "estimate": await _in_turns([day.estimate for day in days], turns),
        }
    return [_time(f"{what}: {name}", median, each, at_most(1.1)) for name, each in times.items()]


@contextmanager
def _centres(count: int) -> Iterator[Sequence[Config]]:
    """Set the centre of config.toml up, some times over."""
    with TemporaryDirectory(prefix="vuoro-bench-") as folder:
        yield [load_config(_centre(Path(folder, str(number)))) for number in range(count)]


def _centre(folder: Path) -> Path:
    """Write the centre's configuration, its library open day and night, into a folder."""
    folder.mkdir(exist_ok=True)
    text = (ROOT / "config.toml").read_text(encoding="utf-8")
    text = re.sub(r"^exceptions = .*\n", "", text, flags=re.MULTILINE)
    text = re.sub(r'"6:00-22:00"|"10:00-18:00"', '"0:00-24:00"', text)
    file = folder / "config.toml"
    file.write_text(text, encoding="utf-8")
    return file


async def _in_turns(deeds: Sequence[Deed], turns: int, then: Sequence[Deed] | None = None) -> Times:
    """Do each thing TURN times in each of its turns; return the seconds of each time.

    What is done ``then`` is not measured.
    """
    times: list[list[float]] = [[] for _ in deeds]
    for _ in range(turns):
        for deed, taken, after in zip(deeds, times, then or deeds, strict=True):
            for _ in range(TURN):
                begun = time.perf_counter()
                await deed()
                taken.append(time.perf_counter() - begun)
                if then:
                    await after()
    return times


def _rate(what: str, times: Times) -> Figure:
    """Set two rates beside each other, each the median of its turns: a stall counts once."""
    rates = [
        median(TURN / sum(each[begin : begin + TURN]) for begin in range(0, len(each), TURN))
        for each in times
    ]
    return Figure(what=what, unit="/s", ours=rates[0], floor=rates[1], mark=at_least(0.8))


def _time(what: str, of: Callable[[Iterable[float]], float], times: Times, mark: Mark) -> Figure:
    """Set two times beside each other."""
    one, other = (1e3 * of(each) for each in times)
    return Figure(what=what, unit="ms", ours=one, floor=other, mark=mark)


MEASURES: Mapping[str, Measure] = {
    "issue": lambda quick: issue(turns=100 if quick else 500),
    "call": lambda quick: call(people=500, turns=50 if quick else 250),
    "kiosks": lambda quick: kiosks(rounds=1 if quick else 3, seconds=4),
    "commands": lambda quick: commands(rounds=6 if quick else 25),
    "history": lambda quick: history(
        errands=500_000 if quick else 10**7, turns=10 if quick else 40
    ),
    "queue": lambda quick: queue(people=10_000, turns=10 if quick else 40),
}
