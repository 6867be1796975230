"""The smallest server that tells many: the floor of what the pages for phones can do.

It prints its port. Whoever connects gets a first line, and then every line that it reads on stdin.
"""

from __future__ import annotations

import asyncio
import sys

from bench.followers import MARK


async def _serve() -> None:
    hearers: list[asyncio.StreamWriter] = []

    def welcome(_: asyncio.StreamReader, hearer: asyncio.StreamWriter) -> None:
        hearers.append(hearer)
        hearer.write(f"{MARK}\n".encode())

    server = await asyncio.start_server(welcome, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    async with server:
        while line := await asyncio.to_thread(sys.stdin.buffer.readline):
            for hearer in hearers:
                hearer.write(line)


if __name__ == "__main__":
    asyncio.run(_serve())
