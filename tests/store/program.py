"""A program of its own that uses the store: ``program.py CONFIG VERB ...``, CONFIG being JSON.

It says "ready" and waits for a line before it begins, so that many can begin at one moment.
"""

from __future__ import annotations

import asyncio
import sys

import msgspec

from shared.config import Config
from shared.model import CounterId
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
            case "hold":
                await hold(store, *arguments)
            case _:
                raise ValueError(verb)


if __name__ == "__main__":
    asyncio.run(main(msgspec.json.decode(sys.argv[1], type=Config), *sys.argv[2:]))
