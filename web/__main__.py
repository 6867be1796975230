"""``vuoro-web``: the pages for phones."""

from __future__ import annotations

import argparse
import asyncio
import os

from shared import cli
from shared.config import Config
from shared.store import open_store
from web.server import WebServer, listen

_NICE = 5
"""The lobby comes first: kiosk and counters do not wait while thousands of phones are told."""


def main() -> None:
    """Run the command ``vuoro-web``."""
    parser = cli.parser("vuoro-web", "Show tickets and the board on phones, over the web.")
    parser.add_argument(
        "--host", default="127.0.0.1", help="the address to answer at (else %(default)s)"
    )
    parser.add_argument(
        "--port", type=_port, default=8080, help="the port; 0 takes any (else %(default)s)"
    )
    arguments = parser.parse_args()
    with cli.telling(json=False):
        asyncio.run(_serve(cli.config(arguments), arguments.host, arguments.port))


def _port(text: str) -> int:
    port = int(text)
    if port not in range(2**16):
        raise argparse.ArgumentTypeError(f"{port} is not from 0 to 65535")
    return port


async def _serve(config: Config, host: str, port: int) -> None:
    clock = config.clock()
    os.nice(_NICE)
    with listen(host, port) as listener:
        async with open_store(config, clock) as store:
            shown = f"[{host}]" if ":" in host else host
            cli.say(f"http://{shown}:{listener.getsockname()[1]}/")
            await WebServer(config, store, clock).answer(listener)


if __name__ == "__main__":
    main()
