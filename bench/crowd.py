"""Many kiosks at once. ``python -m bench.crowd CONFIG SIDE`` is one of them, CONFIG being JSON.

It says "ready" and waits for a line with the seconds for which to give tickets, as fast as it can;
it answers with the seconds of each, in JSON.
"""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, ExitStack

import msgspec

from bench.sides import Ours, Plain, ours, plain
from bench.talk import hear, say
from shared.config import Config

KIOSKS = 8

SIDES: Mapping[str, Callable[[Config], AbstractAsyncContextManager[Ours | Plain]]] = {
    "ours": ours,
    "plain": plain,
}


def crowd(config: Config, side: str, seconds: float) -> Sequence[float]:
    """Let all kiosks give tickets at one time; return the seconds of each ticket."""
    argv = [sys.executable, "-m", __name__, msgspec.json.encode(config).decode(), side]
    with ExitStack() as stack:
        kiosks = []
        for _ in range(KIOSKS):
            process = subprocess.Popen(
                argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
            )
            kiosks.append(stack.enter_context(process))
            stack.callback(process.kill)
        for kiosk in kiosks:
            if hear(kiosk) != "ready":
                raise ChildProcessError("a kiosk could not begin")
        for kiosk in kiosks:
            say(kiosk, str(seconds))
        answers = [hear(kiosk) for kiosk in kiosks]
    return [each for answer in answers for each in msgspec.json.decode(answer, type=list[float])]


async def main() -> None:
    """Be one of the kiosks."""
    _, config, side = sys.argv
    taken = []
    async with SIDES[side](msgspec.json.decode(config, type=Config)) as kiosk:
        print("ready", flush=True)
        seconds = float(sys.stdin.readline())
        until = time.monotonic() + seconds
        while (begun := time.monotonic()) < until:
            await kiosk.issue()
            taken.append(time.monotonic() - begun)
    print(msgspec.json.encode(taken).decode())


if __name__ == "__main__":
    asyncio.run(main())
