"""The store's tests: an engine, handles on it as other programs have them, and real programs."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack, ExitStack
from itertools import count
from pathlib import Path

import msgspec
import pytest

from shared.config import Config
from shared.store import QueueStore, open_store
from tests.conftest import HandClock


@pytest.fixture(params=["sqlite:{folder}/queue.db"], ids=["sqlite"])
def engine(request: pytest.FixtureRequest) -> str:
    """The URLs of each engine in turn: a further engine is one more here."""
    return str(request.param)


def stored_in(config: Config, url: str) -> Config:
    return msgspec.structs.replace(config, store=msgspec.structs.replace(config.store, url=url))


@pytest.fixture
def config(engine: str, config: Config, tmp_path: Path) -> Config:
    """The centre, with an empty queue."""
    return stored_in(config, engine.format(folder=tmp_path))


Fresh = Callable[[], Config]
"""Gives the centre, each time with another empty queue."""


@pytest.fixture
def fresh(engine: str, config: Config, tmp_path: Path) -> Fresh:
    folders = (tmp_path / str(number) for number in count())
    return lambda: stored_in(config, engine.format(folder=next(folders)))


Another = Callable[[], Awaitable[QueueStore]]
"""Opens the store once more, as a further program does."""


@pytest.fixture
async def another(config: Config, clock: HandClock) -> AsyncIterator[Another]:
    async with AsyncExitStack() as stack:
        yield lambda: stack.enter_async_context(open_store(config, clock))


@pytest.fixture
async def store(another: Another) -> QueueStore:
    return await another()


class Program:
    """program.py at work: a process of its own, spoken to in lines."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        assert process.stdin
        assert process.stdout
        self.process = process
        self._stdin = process.stdin
        self._stdout = process.stdout

    def hear(self) -> str:
        """Return the next line that it says, "" when it has ended."""
        return self._stdout.readline().rstrip("\n")

    def hear_out(self) -> list[str]:
        """Return what it says until it ends."""
        return self._stdout.read().splitlines()

    def say(self, line: str) -> None:
        self._stdin.write(f"{line}\n")
        self._stdin.flush()

    def ask(self, line: str) -> str:
        self.say(line)
        return self.hear()

    def go_on(self) -> None:
        """It waits for a line: when it is ready, and when there is no more to come."""
        self.say("")

    def end(self) -> int:
        """There are no more lines to come; return how it has ended."""
        self._stdin.close()
        return self.process.wait()

    def kill(self) -> None:
        """End it as a power cut would."""
        self.process.kill()


Start = Callable[..., Program]


@pytest.fixture
def start(config: Config) -> Iterator[Start]:
    """Start program.py with a verb and its arguments."""
    file = Path(__file__).with_name("program.py")
    with ExitStack() as stack:

        def started(*arguments: object, config: Config = config) -> Program:
            process = stack.enter_context(
                subprocess.Popen(
                    [sys.executable, file, msgspec.json.encode(config), *map(str, arguments)],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    text=True,
                )
            )
            stack.callback(process.kill)
            return Program(process)

        yield started
