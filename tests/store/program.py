"""A program of its own that uses the store: ``program.py CONFIG VERB ...``, CONFIG being JSON.

It says "ready" and waits for a line before it begins, so that many can begin at one moment.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import timedelta
from random import Random

import msgspec

from shared.config import Config
from shared.errors import RefusedError
from shared.model import Call, CounterId, Desk, Errand, ErrandId, UnitId
from shared.store import QueueStore, open_store


async def open_all(config: Config, *urls: str) -> None:
    """Open one store after the other; say of each that it went well."""
    for url in urls:
        store = msgspec.structs.replace(config.store, url=url)
        async with open_store(msgspec.structs.replace(config, store=store), config.clock()):
            say(url)


async def issue(store: QueueStore, config: Config, times: str) -> None:
    """Give that many tickets, at one unit after the other; say each one's number."""
    for turn in range(int(times)):
        unit = config.units[turn % len(config.units)]
        ticket = await store.issue([unit.id], series=unit.series, language="fi")
        say(f"{ticket.day} {ticket.series} {ticket.number}")


async def call(store: QueueStore, config: Config, counter: str) -> None:
    """Call everybody; end when nobody waits and a line has told that nobody will come."""
    told = asyncio.create_task(asyncio.to_thread(sys.stdin.readline))
    units = [unit.id for unit in config.units]
    while True:
        no_more = told.done()
        if await store.call_next(CounterId(counter), units) is None:
            if no_more:
                break
            await asyncio.sleep(0.01)


async def obey(store: QueueStore, config: Config, counter: str) -> None:
    """Do at the counter what each line says: answer with the errand it was about, or why not."""
    here = CounterId(counter)
    first, second, third = (unit.id for unit in config.units[:3])

    tokens: dict[ErrandId, str] = {}
    """Of the tickets given here, by their first errands."""

    async def issue() -> ErrandId:
        ticket = await store.issue([first, second], series="K", language="fi")
        it = (await store.find("K", ticket.number))[0].id
        tokens[it] = ticket.token
        return it

    async def print_again() -> ErrandId | None:
        visit = await store.take_printout()
        return ErrandId(visit.number) if visit else None

    verbs: dict[str, Callable[..., Awaitable[object]]] = {
        "issue": issue,
        "call": lambda it: store.call(here, it),
        "park": lambda it: store.park(here, errand=it),
        "transfer": lambda it: store.transfer(here, third, errand=it),
        "leave": lambda it: store.leave(it, counter=here),
        "recall": lambda it: store.recall(here, errand=it),
        "no_show": lambda it: store.no_show(here, errand=it),
        "finish": lambda: store.finish(here),
        "undo": lambda: store.undo(here),
        "end": lambda: store.call_next(here, []),
        "put_off": lambda it: store.put_off(tokens[it], by=timedelta(minutes=5), times=1),
        "give_up": lambda it: store.give_up(tokens[it]),
        "ask_for_printout": store.ask_for_printout,
        "take_printout": print_again,
    }
    while line := await asyncio.to_thread(sys.stdin.readline):
        verb, *errands = line.split()
        try:
            match await verbs[verb](*(ErrandId(int(errand)) for errand in errands)):
                case Errand(id=it) | Call(errand=it) | int(it):
                    say(f"done {it}")
                case _:
                    say("done")
        except RefusedError as error:
            say(f"refused {error.message}")


async def jumble(store: QueueStore, config: Config, counter: str, times: str) -> None:
    """Do this and that with whoever is there; say how many steps were done, and not refused."""
    dice = Random(counter)
    here = CounterId(counter)
    units = [unit.id for unit in config.units[:3]]
    tokens = []
    done = 0
    for turn in range(int(times)):
        if turn % 5 == 0:
            wanted = dice.sample(units, dice.randint(1, 3))
            tokens.append((await store.issue(wanted, series="K", language="fi")).token)
        if turn % 7 == 0:
            await press(store, dice.choice(tokens), dice)
        desk = await store.desk(here, units)
        try:
            answer = await dice.choice(deeds(store, here, units, desk, dice))()
        except RefusedError:
            continue
        # Nobody is called; but who was at the counter has gone.
        done += answer is not None or desk.current is not None
    say(str(done))


async def press(store: QueueStore, token: str, dice: Random) -> None:
    """Do what a resident may do on the phone, if it can be done."""
    with suppress(RefusedError):
        if dice.random() < 0.7:
            await store.put_off(token, by=timedelta(seconds=dice.randint(1, 9)), times=9)
        else:
            await store.give_up(token)


def deeds(
    store: QueueStore, here: CounterId, units: list[UnitId], desk: Desk, dice: Random
) -> list[Callable[[], Awaitable[object]]]:
    """Return what could be done with who is there, and with one of those who are not."""
    current = desk.current.id if desk.current else None
    it = dice.choice([errand.id for errand in (*desk.waiting, *desk.parked)] or [ErrandId(1)])
    either = dice.choice([current, it])
    return [
        lambda: store.call_next(here, units),
        lambda: store.call(here, it),
        lambda: store.recall(here),
        lambda: store.start(here, errand=current),
        lambda: store.finish(here),
        lambda: store.back(here),
        lambda: store.park(here, errand=either),
        lambda: store.resume(here, it),
        lambda: store.transfer(here, dice.choice(units), errand=either, comes_back=True),
        lambda: store.head_start(it, None, counter=here),
        lambda: store.leave(it, counter=here),
        lambda: store.undo(here),
    ]


async def report(store: QueueStore, fault: str) -> None:
    """Have a printer with a fault, and stay."""
    await store.report_printer(fault)
    say("reported")
    await asyncio.to_thread(sys.stdin.readline)


async def hold(store: QueueStore, counter: str) -> None:
    """Open a counter and stay."""
    say("open" if await store.open_counter(CounterId(counter)) else "open elsewhere")
    await asyncio.to_thread(sys.stdin.readline)


def say(line: str) -> None:
    print(line, flush=True)


async def main(config: Config, verb: str, *arguments: str) -> None:
    say("ready")
    sys.stdin.readline()
    if verb == "open":
        await open_all(config, *arguments)
        return
    async with open_store(config, config.clock()) as store:
        match verb:
            case "issue":
                await issue(store, config, *arguments)
            case "call":
                await call(store, config, *arguments)
            case "obey":
                await obey(store, config, *arguments)
            case "jumble":
                await jumble(store, config, *arguments)
            case "hold":
                await hold(store, *arguments)
            case "report":
                await report(store, *arguments)
            case _:
                raise ValueError(verb)


if __name__ == "__main__":
    asyncio.run(main(msgspec.json.decode(sys.argv[1], type=Config), *sys.argv[2:]))
