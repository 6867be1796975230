"""Server-sent events: how an open page hears what changes (HTML Living Standard, 9.2)."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from hashlib import blake2b
from typing import TypeVar, assert_never

import msgspec
from msgspec import Struct
from starlette.requests import Request
from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from shared.clock import Clock
from shared.feed import Fresh, Stale
from shared.words import Words
from web.live import Ended, Listener

View = TypeVar("View")

BEAT = 15.0
"""Seconds after which a page is told that all is as it was, so that it knows it still is."""

RETRY = b"retry: 2000\n\n"
"""Milliseconds after which a browser that has lost its connection tries anew."""


class Update(Struct, frozen=True, kw_only=True):
    """What a page shows now, in the parts that its script puts in place."""

    title: str
    say: str
    """What a screen reader says when it is another than before."""
    turn: str
    """Which call this is; "" when nobody is called. Another one than before is news."""
    awaits: bool
    """Whether a call may still come."""
    parts: Mapping[str, str]
    """Name of the part → its HTML."""

    @property
    def id(self) -> str:
        """The same for what looks the same."""
        return blake2b(msgspec.json.encode(self), digest_size=9).hexdigest()


def last_seen(request: Request) -> str:
    """Return the id of the update that the page shows already.

    A browser that comes back by itself says so in a header; the script, in the address.
    """
    return request.headers.get("last-event-id") or request.query_params.get("seen", "")


async def events(
    listener: Listener[View],
    show: Callable[[View], Update | None],
    words: Words,
    clock: Clock,
    seen: str,
) -> AsyncIterator[bytes]:
    """Write what a page is told, from what it has seen on; "gone" ends it: there is nothing more.

    Each update is followed by a "beat": the time at which all was so. It comes again and again
    while nothing changes, or "stale" in its place while the store is out of reach.
    """
    yield RETRY
    known = None
    while True:
        news = await listener.next(BEAT)
        known = news or known
        match known:
            case None:
                yield b":\n\n"  # a comment: the first look takes its time
            case Ended():
                return
            case Stale(since=since):
                message = words.gettext(
                    "The queue is out of reach since {time}. What you see may be old.",
                    time=words.time(since),
                )
                yield _event(message, name="stale")
            case Fresh(view):
                if news is not None:
                    update = show(view)
                    if update is None:
                        yield _event("-", name="gone")
                        return
                    if update.id != seen:
                        seen = update.id
                        yield _event(msgspec.json.encode(update).decode(), id=seen)
                yield _event(words.time(clock.now()), name="beat")
            case _:
                assert_never(known)


def _event(data: str, *, name: str = "", id: str = "") -> bytes:
    """Write one event. The data is one line, and not empty: else browsers pass the event over."""
    fields = {"id": id, "event": name, "data": data}
    return "".join(f"{key}: {value}\n" for key, value in fields.items() if value).encode() + b"\n"


class EventStream(StreamingResponse):
    """An answer that goes on for as long as the page is open."""

    media_type = "text/event-stream"

    def __init__(self, events: AsyncIterator[bytes], close: Callable[[], None]) -> None:
        """``close`` is called at the end in any case, even if nothing was ever sent."""
        # nginx would keep events back until it has a buffer full of them.
        super().__init__(events, headers={"X-Accel-Buffering": "no"})
        self._close = close

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._close()
