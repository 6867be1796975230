"""How soon phones are told when thousands of them follow one queue, and what the kiosk feels."""

from __future__ import annotations

import asyncio
import json
import resource
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AsyncExitStack, contextmanager
from subprocess import PIPE, Popen
from types import TracebackType
from typing import Self

from bench import followers, loudspeaker
from bench.figures import Figure, Skipped, at_most, percentile, within
from bench.floors import CALLER, centre
from bench.talk import hear, say
from bench.visit import Kiosk
from shared.config import Config
from shared.model import UnitId
from shared.store import open_store
from tools.lobby import Lobby

LIBRARY = UnitId("library")

PAUSE = 0.6
"""Seconds from a call until somebody comes to the kiosk, and from there until the next call."""

_SPARE = 100
"""Files that a program opens besides its connections."""


def phones(count: int, calls: int, visits: int) -> Iterator[Figure | Skipped]:
    """Call the next while so many follow: all of them have another place in the queue."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < count + _SPARE:
        yield Skipped(what=f"{count} phones", why=f"a program may open {hard} files at most")
        return
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    # Others are called: whoever has been called is not told of later calls.
    with (
        centre(people=calls + visits) as lobby,
        lobby.terminal("kiosk") as terminal,
        _caller(lobby) as call,
    ):
        kiosk = Kiosk(terminal, lobby.config)
        paths = asyncio.run(_queue(lobby.config, count))
        _visits(kiosk, 1)  # which loads what the first ticket needs; it does not count
        alone = _visits(kiosk, visits)
        with _ours(lobby) as port, _Crowd(lobby, port, paths) as crowd:
            told = [crowd.time(call) for _ in range(calls)]
            followed = _visits(kiosk, visits, call)
        alone += _visits(kiosk, visits)
        with _loudspeaker() as (port, shout), _Crowd(lobby, port, paths) as crowd:
            heard = [crowd.time(shout) for _ in range(calls)]
    yield Figure(
        what=f"call → told to the last of {count} phones, p99",
        unit="ms",
        ours=1e3 * percentile(told, 99),
        floor=1e3 * percentile(heard, 99),
        mark=within(1_000),
    )
    yield Figure(
        what=f"key at the kiosk → ticket, p95, while {count} phones follow",
        unit="ms",
        ours=1e3 * percentile(followed, 95),
        floor=1e3 * percentile(alone, 95),
        mark=at_most(1.2),
    )


async def _queue(config: Config, count: int) -> Sequence[str]:
    """Let so many wait for the library; return where their tickets can be followed."""
    library = config.unit(LIBRARY)
    async with open_store(config, config.clock()) as store:
        tickets = [
            await store.issue([library.id], series=library.series, language="fi")
            for _ in range(count)
        ]
    return [f"/t/{ticket.token}/events" for ticket in tickets]


@contextmanager
def _caller(lobby: Lobby) -> Iterator[Callable[[], object]]:
    """Give what calls the next to the library."""
    config = lobby.config
    with asyncio.Runner() as runner:
        stack = AsyncExitStack()
        store = runner.run(stack.enter_async_context(open_store(config, config.clock())))
        try:
            yield lambda: runner.run(store.call_next(CALLER, [LIBRARY]))
        finally:
            runner.run(stack.aclose())


def _visits(kiosk: Kiosk, visits: int, call: Callable[[], object] | None = None) -> list[float]:
    """Take tickets, with a call before each; return the seconds that each took."""
    times = []
    for _ in range(visits):
        if call is not None:
            call()
        time.sleep(PAUSE)
        times.append(kiosk.take())
        kiosk.leave()
        time.sleep(PAUSE)
    return times


@contextmanager
def _ours(lobby: Lobby) -> Iterator[int]:
    """Serve the pages; give the port."""
    with Popen(lobby.argv("web", "--port", "0"), stdout=PIPE, text=True) as server:
        try:
            yield int(hear(server).rstrip("/").rpartition(":")[2])
        finally:
            server.terminate()


@contextmanager
def _loudspeaker() -> Iterator[tuple[int, Callable[[], object]]]:
    """Give the port of the smallest server, and what lets it speak."""
    argv = [sys.executable, "-P", loudspeaker.__file__]
    with Popen(argv, stdin=PIPE, stdout=PIPE, text=True) as server:
        try:
            yield int(hear(server)), lambda: say(server, followers.MARK)
        finally:
            server.terminate()


class _Crowd:
    """The phones, in a process of their own. Use as a context manager, which connects them all."""

    def __init__(self, lobby: Lobby, port: int, paths: Sequence[str]) -> None:
        file = lobby.file.with_name("paths.json")
        file.write_text(json.dumps(paths), encoding="utf-8")
        self._argv = [sys.executable, "-P", followers.__file__, str(port), str(file)]

    def __enter__(self) -> Self:
        self._process = Popen(self._argv, stdin=PIPE, stdout=PIPE, text=True)
        hear(self._process)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._process.kill()
        self._process.communicate()

    def time(self, speak: Callable[[], object]) -> float:
        """Let something be said; return the seconds until the last one has heard."""
        time.sleep(PAUSE)
        say(self._process, "")
        hear(self._process)
        begun = time.monotonic()
        speak()
        return float(hear(self._process)) - begun
