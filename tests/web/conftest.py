"""The pages on a port of their own, over the store and the clock of a test."""

from __future__ import annotations

import asyncio
import re
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from html import unescape
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest

from shared.clock import Clock
from shared.config import Config
from shared.model import CounterId, Ticket, UnitId
from shared.store import QueueStore
from tests.conftest import ROOT
from web.server import WebServer, listen

LIBRARY, HEALTH, DENTAL = UnitId("library"), UnitId("health"), UnitId("dental")
TWO, FOUR, FIVE, SIX = CounterId("2"), CounterId("4"), CounterId("5"), CounterId("6")


@asynccontextmanager
async def serving(config: Config, store: QueueStore, clock: Clock) -> AsyncIterator[str]:
    """Serve the pages; yield where."""
    with listen("127.0.0.1", 0) as listener:
        server = WebServer(config, store, clock)
        port = listener.getsockname()[1]
        answering = asyncio.create_task(server.answer(listener))
        try:
            yield f"http://127.0.0.1:{port}"
        finally:
            server.end()
            await answering


Serve = Callable[..., Any]


@pytest.fixture
async def serve(config: Config, store: QueueStore, clock: Clock) -> AsyncIterator[Serve]:
    """Serve the pages, with changes to the configuration; return a browser without a screen."""
    async with AsyncExitStack() as stack:

        async def begin(**sections: Mapping[str, object]) -> httpx.AsyncClient:
            changed = msgspec.structs.replace(
                config,
                **{
                    name: msgspec.structs.replace(getattr(config, name), **values)
                    for name, values in sections.items()
                },
            )
            address = await stack.enter_async_context(serving(changed, store, clock))
            return await stack.enter_async_context(
                httpx.AsyncClient(base_url=address, headers={"Origin": address}, timeout=10)
            )

        yield begin


@pytest.fixture
async def browser(serve: Serve) -> httpx.AsyncClient:
    """The pages as config.toml has them; asked in no language."""
    client: httpx.AsyncClient = await serve()
    return client


async def give(
    store: QueueStore, *units: UnitId, series: str = "K", language: str = "en"
) -> Ticket:
    return await store.issue(units or [LIBRARY], series=series, language=language)


def text(response: httpx.Response) -> str:
    """Return what a page says, without its tags."""
    body = re.sub(r"(?s)<head>.*?</head>", "", response.text)
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", body)).split())


class Event(msgspec.Struct):
    name: str
    id: str
    data: str

    @property
    def update(self) -> dict[str, Any]:
        found: dict[str, Any] = msgspec.json.decode(self.data)
        return found


async def read_events(response: httpx.Response) -> AsyncIterator[Event]:
    """Read an event stream as browsers do; comments and "retry" are passed over."""
    fields: dict[str, str] = {}
    async for line in response.aiter_lines():
        if line:
            name, _, value = line.partition(": ")
            fields[name] = value
            continue
        if "data" in fields:
            yield Event(fields.get("event", "message"), fields.get("id", ""), fields["data"])
        fields = {}


class Page:
    """An open page: hears what a browser's script would."""

    def __init__(self, response: httpx.Response) -> None:
        self.response = response
        self._events = read_events(response)

    async def next(self, within: float = 5) -> Event:
        """Return the next event, whatever it is."""
        async with asyncio.timeout(within):
            return await anext(self._events)

    async def hear(self, name: str = "message", within: float = 5) -> Event:
        """Return the next event of this name; fail when it does not come in time."""
        async with asyncio.timeout(within):
            async for event in self._events:
                if event.name == name:
                    return event
        raise AssertionError(f"the stream ended without {name}")

    async def end(self, within: float = 5) -> list[Event]:
        """Return all that comes until the stream ends."""
        async with asyncio.timeout(within):
            return [event async for event in self._events]


@asynccontextmanager
async def opened(
    client: httpx.AsyncClient, path: str, headers: dict[str, str] | None = None
) -> AsyncIterator[Page]:
    """Open an event stream."""
    async with client.stream("GET", path, headers=headers) as response:
        yield Page(response)


@contextmanager
def running(file: Path, *arguments: str) -> Iterator[int]:
    """Run the real program on a free port; yield which. It ends by SIGTERM, without an error."""
    argv = [sys.executable, "-m", "web", "--config", str(file), "--port", "0", *arguments]
    with subprocess.Popen(
        argv, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as program:
        assert program.stdout is not None
        assert program.stderr is not None
        try:
            address = program.stdout.readline().decode()
            assert address, program.stderr.read().decode()
            yield int(address.rstrip("/\n").rpartition(":")[2])
        finally:
            program.terminate()
            try:
                complaint = program.communicate(timeout=30)[1].decode()
            finally:
                program.kill()
        assert (program.returncode, complaint) == (0, "")
