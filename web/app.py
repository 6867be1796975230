"""All pages put together: one application over one store."""

from __future__ import annotations

from msgspec import Struct
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp

from shared.clock import Clock
from shared.config import Config
from shared.errors import N_, QueueError, RefusedError, StoreError
from shared.reception import Reception
from shared.store import QueueStore
from web.assets import Assets
from web.board import BoardPage
from web.front import FrontPage
from web.guard import Guarded, Origins
from web.live import Live
from web.site import Site
from web.ticket import TicketPages
from web.views import Views

_TOLD: dict[int, QueueError] = {
    403: RefusedError(
        N_("This came from another page"),
        N_("Only our own pages can do this."),
        N_("Open the page of your ticket again."),
    ),
    404: RefusedError(
        N_("This ticket is not known"),
        N_("It is not one of today, or the address is not whole."),
        N_("Scan the code on the ticket again, or ask the staff."),
    ),
    429: RefusedError(
        N_("Too many at once"),
        N_("There were too many requests from your network."),
        N_("Please wait a few minutes, and try again."),
    ),
    500: QueueError(
        N_("This did not work"),
        N_("Something is wrong with this program, and not with your ticket."),
        N_("Please ask the staff, or try again in a moment."),
    ),
    # What the store says of itself names files, and is for those who run it.
    503: StoreError(
        N_("The queue is out of reach"),
        N_("Your number is kept, and will come up on the screen in the lobby."),
        N_("Please ask the staff, or try again in a moment."),
    ),
}
"""What is told where there is no page: by status."""

_NOT_UNDERSTOOD = RefusedError(
    N_("This did not work"),
    N_("The page has sent something that cannot be used."),
    N_("Go back, and try again."),
)


class Web(Struct, frozen=True):
    """The application, and what has to run beside it."""

    app: ASGIApp
    live: Live


def make_web(config: Config, store: QueueStore, clock: Clock) -> Web:
    """Put the pages of a centre together."""
    assets, origins = Assets(), Origins(config.web.url)
    site = Site(config, clock, assets)
    reception = Reception(config, store, clock)
    views = Views(config, store, clock, reception)
    live = Live(views, store, clock)

    def refused(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)  # noqa: S101 – for mypy: it is registered for these
        told = _TOLD.get(error.status_code, _NOT_UNDERSTOOD)
        return site.notice(request, told, error.status_code, headers=error.headers)

    def out_of_reach(request: Request, _: Exception) -> Response:
        return site.notice(request, _TOLD[503], 503, headers={"Retry-After": "5"})

    def broken(request: Request, _: Exception) -> Response:
        return site.notice(request, _TOLD[500], 500)

    def gone(_request: Request, _: Exception) -> Response:
        return Response(status_code=400)  # which nobody reads

    app = Starlette(
        routes=[
            *FrontPage(site, store, reception, origins).routes,
            *BoardPage(site, views, live).routes,
            *TicketPages(site, store, views, live, origins).routes,
            Route("/static/{name}", assets.serve),
        ],
        exception_handlers={
            HTTPException: refused,
            StoreError: out_of_reach,
            ClientDisconnect: gone,
            Exception: broken,
        },
    )
    # An address has one form. A redirect would name a host as the request does.
    app.router.redirect_slashes = False
    return Web(Guarded(app), live)
