"""Phones that follow: thousands of connections in one process, which tells when all have heard.

It prints a line once all have heard something. For every line on stdin, it prints another when
it listens anew, and then the monotonic second at which the last one had heard something.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import time
from collections.abc import Sequence
from functools import partial
from pathlib import Path

MARK = "data: {"
"""Is in whatever a page of ours is told."""

_AT_ONCE = 100
"""Connections that are made together: a server has no room for all at its door."""


class _Crowd:
    """Who has not heard yet."""

    def __init__(self) -> None:
        self._phones: set[asyncio.Protocol] = set()
        self._deaf: set[asyncio.Protocol] = set()
        self._all_heard = asyncio.Event()

    def join(self, phone: asyncio.Protocol) -> None:
        self._phones.add(phone)
        self._deaf.add(phone)

    def hear(self, phone: asyncio.Protocol) -> None:
        self._deaf.discard(phone)
        if not self._deaf:
            self._all_heard.set()

    def listen(self) -> None:
        self._deaf = set(self._phones)
        self._all_heard.clear()

    async def all_heard(self) -> float:
        """Return when the last one had heard."""
        await self._all_heard.wait()
        return time.monotonic()


class _Phone(asyncio.Protocol):
    """One connection."""

    def __init__(self, crowd: _Crowd, path: str) -> None:
        self._crowd = crowd
        self._request = f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode()
        crowd.join(self)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        if isinstance(transport, asyncio.WriteTransport):
            transport.write(self._request)

    def data_received(self, data: bytes) -> None:
        if MARK.encode() in data:
            self._crowd.hear(self)


async def _follow(port: int, paths: Sequence[str]) -> None:
    loop, crowd = asyncio.get_running_loop(), _Crowd()
    for first in range(0, len(paths), _AT_ONCE):
        phones = (partial(_Phone, crowd, path) for path in paths[first : first + _AT_ONCE])
        await asyncio.gather(
            *(loop.create_connection(phone, "127.0.0.1", port) for phone in phones)
        )
    await crowd.all_heard()
    print("connected", flush=True)
    while await asyncio.to_thread(sys.stdin.readline):
        crowd.listen()
        print("listening", flush=True)
        print(await crowd.all_heard(), flush=True)


def main() -> None:
    """Follow the paths that a file lists, at a port of this machine."""
    parser = argparse.ArgumentParser()
    parser.add_argument("port", type=int)
    parser.add_argument("paths", type=Path)
    arguments = parser.parse_args()
    asyncio.run(_follow(arguments.port, json.loads(arguments.paths.read_text())))


if __name__ == "__main__":
    main()
