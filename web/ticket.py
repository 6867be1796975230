"""The ticket's page: what the QR code opens."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from functools import partial

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from shared.errors import RefusedError
from shared.model import State
from shared.store import QueueStore
from shared.words import Words
from web.guard import Form, Origins, read_form
from web.limits import Allowance, address_of
from web.live import CrowdedError, Live
from web.site import Site
from web.slip import SlipWriter
from web.stream import EventStream, Update, events, last_seen
from web.views import TicketView, Views

REFRESH = 30
"""Seconds after which a page without its script is loaded anew."""

SCORES = ("1", "2", "3", "4", "5")


class TicketPages:
    """A ticket's page, what it hears, and what its buttons do."""

    def __init__(
        self, site: Site, store: QueueStore, views: Views, live: Live, origins: Origins
    ) -> None:
        self._site = site
        self._web = site.config.web
        self._store = store
        self._views = views
        self._live = live
        self._origins = origins
        self._writer = SlipWriter(site.config)
        # Nobody guesses 96 bits; but whoever tries is slowed down, all the same.
        self._guesses = Allowance(30, every=2)
        self._presses = Allowance(60, every=1)

    @property
    def routes(self) -> Sequence[Route]:
        return [
            Route("/t/{token}", self._show),
            Route("/t/{token}/events", self._events),
            Route("/t/{token}/leave", partial(self._press, self._leave), methods=["POST"]),
            Route("/t/{token}/more", partial(self._press, self._more), methods=["POST"]),
            Route("/t/{token}/rate", partial(self._press, self._rate), methods=["POST"]),
        ]

    async def _show(self, request: Request) -> Response:
        view = await self._find(request)
        spoken = self._site.words(request, view.visit.language)
        token = view.visit.token
        return self._site.live_page(
            request,
            "ticket.html",
            spoken,
            self._update(request, spoken, view),
            events=f"/t/{token}/events?lang={spoken.language}",
            refresh=None if view.visit.is_over else REFRESH,
        )

    async def _events(self, request: Request) -> Response:
        token, address = request.path_params["token"], address_of(request)
        await self._check_guesses(token, address)
        try:
            phone = self._live.follow_ticket(token, address)
        except CrowdedError as error:
            raise HTTPException(503, headers={"Retry-After": "60"}) from error
        spoken = self._site.words(request)

        def show(view: TicketView | None) -> Update | None:
            if view is None:
                self._guesses.spend(address)
                return None
            return self._update(request, spoken, view)

        return EventStream(
            events(phone, show, spoken, self._site.clock, last_seen(request)),
            partial(self._live.close_ticket, token, phone),
        )

    async def _find(self, request: Request) -> TicketView:
        """Return the ticket that the address names, whatever it may look like."""
        token, address = request.path_params["token"], address_of(request)
        await self._check_guesses(token, address)
        view = await self._views.ticket(token)
        if view is None:
            self._guesses.spend(address)
            raise HTTPException(404)
        return view

    async def _check_guesses(self, token: str, address: str) -> None:
        if self._guesses.allows(address) or self._live.knows(token):
            return
        # Whoever guesses is told to wait. Who has a ticket in the same network is not.
        if await self._views.ticket(token) is None:
            raise HTTPException(429, headers={"Retry-After": "60"})

    def _update(self, request: Request, spoken: Words, view: TicketView) -> Update:
        visit, slip = view.visit, self._writer.write(spoken, view)
        here = f"{request.scope['root_path']}/t/{visit.token}"
        # The language that was chosen is kept, if it is another than the ticket's own.
        query = "" if spoken.language == visit.language else f"?lang={spoken.language}"
        say = f"{slip.headline}: {slip.place}" if slip.place else f"{slip.headline}. {slip.text}"
        return Update(
            title=slip.title,
            say=say,
            turn=slip.turn,
            awaits=any(stop.state in {State.WAITING, State.PARKED} for stop in visit.stops),
            parts={
                "status": self._site.part("ticket_status.html", slip=slip, _=spoken.gettext),
                "actions": self._site.part(
                    "ticket_actions.html",
                    slip=slip,
                    address=lambda name: f"{here}/{name}{query}",
                    scores=SCORES,
                    front=f"{request.scope['root_path']}/?lang={spoken.language}",
                    _=spoken.gettext,
                ),
            },
        )

    async def _press(
        self, verb: Callable[[str, Form], Awaitable[object]], request: Request
    ) -> Response:
        """Do what a button says, then show the ticket; or why it cannot be done."""
        self._origins.check(request)
        if not self._presses.take(address_of(request)):
            raise HTTPException(429, headers={"Retry-After": "60"})
        view = await self._find(request)
        here = f"/t/{view.visit.token}"
        try:
            await verb(view.visit.token, await read_form(request))
        except RefusedError as error:
            spoken = self._site.words(request, view.visit.language)
            return self._site.notice(request, error, 409, spoken=spoken, back=here)
        return self._site.go(request, here)

    async def _leave(self, token: str, _: Form) -> None:
        await self._store.give_up(token)

    async def _more(self, token: str, _: Form) -> None:
        await self._store.put_off(
            token, by=timedelta(minutes=self._web.more_minutes), times=self._web.more_times
        )

    async def _rate(self, token: str, form: Form) -> None:
        [score, *_] = form.get("score", [""])
        if score not in SCORES:
            raise HTTPException(400)
        await self._store.rate(token, int(score))
