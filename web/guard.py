"""What every request must be like, and what every answer tells the browser to keep to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from urllib.parse import parse_qs, urlsplit

from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

LONGEST_ADDRESS = 1024
"""Bytes. Ours have some sixty."""

LONGEST_HEAD = 8192
"""Bytes of the headers of a request, together."""

LARGEST_FORM = 4096
"""Bytes: a form with every unit ticked has some hundred."""

MOST_FIELDS = 100

HEADERS = {
    # Nothing but the page's own files and its own server: no other site, no script in the page.
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
        "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Frame-Options": "DENY",  # for browsers that do not know frame-ancestors
    "X-Content-Type-Options": "nosniff",
    # The address of a page is the key to a ticket, and goes to nobody: not even to this server,
    # whose logs others may read. Plain no-referrer would take the origin off forms as well.
    "Referrer-Policy": "no-referrer, strict-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Robots-Tag": "noindex",
    "Cache-Control": "no-store",
}


class Guarded:
    """An application that gets no endless request, and all of whose answers have the HEADERS."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        app = self._app
        if len(scope["raw_path"]) + len(scope["query_string"]) > LONGEST_ADDRESS:
            app = Response(status_code=414)
        elif sum(len(name) + len(value) for name, value in scope["headers"]) > LONGEST_HEAD:
            app = Response(status_code=431)
        await app(scope, receive, send_guarded)


class Origins:
    """Which pages may send forms here: our own."""

    def __init__(self, url: str | None) -> None:
        """``url`` is where phones reach us, if the configuration says so."""
        address = urlsplit(url or "")
        self._public = f"{address.scheme}://{address.netloc}".lower() if url else None

    def check(self, request: Request) -> None:
        """Refuse a request that another site's page may have sent.

        Browsers say so by themselves (Fetch Metadata); older ones name the page's origin.
        """
        site = request.headers.get("sec-fetch-site")
        if site is not None:
            if site not in {"same-origin", "none"}:
                raise HTTPException(403)
            return
        own = f"{request.url.scheme}://{request.headers.get('host', '')}".lower()
        if request.headers.get("origin", "").lower() not in {own, self._public}:
            raise HTTPException(403)


Form = Mapping[str, Sequence[str]]
"""The fields of a form that was sent."""


async def read_form(request: Request) -> Form:
    """Return the fields of a form, as browsers send it; refuse what is none, or too large."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind not in {"application/x-www-form-urlencoded", ""}:
        raise HTTPException(415)
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > LARGEST_FORM:
            raise HTTPException(413, headers={"Connection": "close"})
    try:
        return parse_qs(body.decode("ascii"), max_num_fields=MOST_FIELDS)
    except ValueError as error:
        raise HTTPException(400) from error
