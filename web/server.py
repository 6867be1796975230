"""The web server: uvicorn, with patience for slow people and none for slow programs."""

from __future__ import annotations

import asyncio
import os
import resource
import signal
import socket
from collections.abc import Generator
from contextlib import contextmanager
from urllib.parse import urlsplit

import h11
import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from shared.clock import Clock
from shared.config import Config
from shared.errors import ConfigError
from shared.store import QueueStore
from web.app import make_web
from web.guard import LONGEST_ADDRESS, LONGEST_HEAD
from web.live import MOST

REQUEST_WITHIN = 10.0
"""Seconds in which a request must be here as a whole, from when the connection is there for it."""

ANSWER_TAKEN_WITHIN = 30_000
"""Milliseconds for which a network or a browser may take nothing of what was sent to it."""

CONNECTIONS = MOST + 1000
"""More than pages that are open: somebody must still be able to open one."""

BACKLOG = 2048
"""Connections that may wait to be taken: after a break, all phones come at once."""

HERE = "127.0.0.1, ::1, ::ffff:127.0.0.1"
"""This machine: whose word is taken for where a request comes from, unless others are named."""

FAREWELL = 1
"""Seconds that are left to answers under way when the program ends."""


def listen(host: str, port: int) -> socket.socket:
    """Take a port, on which callers wait to be answered; 0 takes any. Raises ConfigError."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        # With its protocol said: asyncio turns the delay of small packets off for TCP only.
        listener = socket.socket(family, kind, protocol)
        try:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if hasattr(socket, "TCP_USER_TIMEOUT"):  # each connection inherits it
                listener.setsockopt(
                    socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, ANSWER_TAKEN_WITHIN
                )
            listener.bind(address)
            listener.listen(BACKLOG)
        except OSError:
            listener.close()
            raise
    except OSError as error:
        raise ConfigError(
            "The web server cannot start",
            "{host}, port {port}: {reason}.",
            "Does it run already? Name another --port, or another --host.",
            host=host,
            port=port,
            reason=error.strerror,
        ) from error
    return listener


class _Connection(H11Protocol):
    """One that is closed when a request is not here in time, however it trickles in."""

    _deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._expect()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self.conn.their_state in {h11.IDLE, h11.SEND_BODY}:
            self._expect()
        else:
            self._expect_nothing()

    def connection_lost(self, exc: Exception | None) -> None:
        self._expect_nothing()
        super().connection_lost(exc)

    def _expect(self) -> None:
        if self._deadline is None:
            self._deadline = self.loop.call_later(REQUEST_WITHIN, self.transport.close)

    def _expect_nothing(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None


class WebServer(uvicorn.Server):
    """The pages of a centre on a port."""

    def __init__(self, config: Config, store: QueueStore, clock: Clock) -> None:
        web = make_web(config, store, clock)
        self._live = web.live
        super().__init__(
            uvicorn.Config(
                web.app,
                http=_Connection,
                ws="none",
                lifespan="off",
                # An address is a ticket's key: it stands in no log.
                access_log=False,
                log_config=None,
                log_level="error",
                server_header=False,
                forwarded_allow_ips=os.environ.get("FORWARDED_ALLOW_IPS", HERE),
                # Where a proxy shows the pages below a path of its site.
                root_path=urlsplit(config.web.url or "").path.rstrip("/"),
                limit_concurrency=CONNECTIONS,
                h11_max_incomplete_event_size=LONGEST_ADDRESS + LONGEST_HEAD,
                timeout_graceful_shutdown=FAREWELL,
            )
        )

    async def answer(self, listener: socket.socket) -> None:
        """Answer on a port, and follow the store, until it shall end."""
        _allow_many_files()
        async with asyncio.TaskGroup() as tasks:
            live = tasks.create_task(self._live.run())
            await self.serve(sockets=[listener])
            live.cancel()

    def end(self) -> None:
        """Let all pages go, and end."""
        self.should_exit = True
        self._live.end()

    @contextmanager
    def capture_signals(self) -> Generator[None]:
        # uvicorn would pass a signal on when it has ended, and so end with an error.
        loop = asyncio.get_running_loop()
        for each in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(each, self.end)
        try:
            yield
        finally:
            for each in (signal.SIGTERM, signal.SIGINT):
                loop.remove_signal_handler(each)


def _allow_many_files() -> None:
    """Let as many connections be open as are meant to: often only 1024 are, by default."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != resource.RLIM_INFINITY and soft < hard:
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
