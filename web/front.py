"""The front page: take a ticket from the phone, where the configuration allows it."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Sequence

from msgspec import Struct
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from shared.config import Unit
from shared.door import DIGITS, opens_door
from shared.errors import N_, QueueError, RefusedError
from shared.model import UnitId
from shared.reception import Offers, Reception, wait_in_words
from shared.store import QueueStore
from shared.words import Words
from web.guard import Form, Origins, read_form
from web.limits import Allowance, address_of
from web.site import Site

REMEMBERED = 1000
"""Forms whose tickets are kept in mind, in case they are sent twice."""


class Choice(Struct, frozen=True, kw_only=True):
    """A unit that one can take a ticket for, or cannot now."""

    id: UnitId
    letter: str
    colour: str
    name: str
    waiting: str
    wait: str
    is_open: bool
    is_chosen: bool


class FrontPage:
    """What there is, and tickets for it."""

    def __init__(
        self, site: Site, store: QueueStore, reception: Reception, origins: Origins
    ) -> None:
        self._site = site
        self._config = site.config
        self._store = store
        self._reception = reception
        self._origins = origins
        self._given: dict[str, asyncio.Task[str]] = {}
        self._tickets = Allowance(20, every=6)
        # With two codes that are good out of 10,000, one address would try for days.
        self._wrong_codes = Allowance(10, every=30)

    @property
    def routes(self) -> Sequence[Route]:
        methods = ["GET"] if self._config.web.tickets == "no" else ["GET", "POST"]
        return [Route("/", self._answer, methods=methods)]

    async def _answer(self, request: Request) -> Response:
        if request.method == "POST":
            return await self._take(request)
        return await self._page(request, self._site.words(request))

    async def _page(
        self,
        request: Request,
        spoken: Words,
        *,
        error: RefusedError | None = None,
        form: Form | None = None,
        status: int = 200,
    ) -> Response:
        """Show the form; after an error, with what was chosen, and what is wrong."""
        form = form or {}
        chosen = form.get("unit", ())
        web = self._config.web
        gives = web.tickets != "no"
        title = spoken.gettext(
            N_("Take a number") if gives else N_("Follow your turn on your phone")
        )
        return self._site.page(
            request,
            "front.html",
            spoken,
            {
                "title": title,
                "error": error and error.told(spoken.gettext),
                "choices": self._choices(spoken, await self._reception.offers(), chosen),
                "gives": gives,
                "several": self._config.kiosk.several and len(self._config.units) > 1,
                "digits": DIGITS if web.tickets == "here" else 0,
                "once": form.get("once", [secrets.token_urlsafe(12)])[0],
                "action": self._site.address(request, "/"),
            },
            status=status,
        )

    def _choices(self, spoken: Words, offers: Offers, chosen: Sequence[str]) -> list[Choice]:
        now = self._site.clock.now()
        return [
            Choice(
                id=unit.id,
                letter=unit.series,
                colour=unit.colour,
                name=unit.name[spoken.language],
                waiting=_waiting(spoken, offers[unit.id].people),
                wait=wait_in_words(spoken, offers[unit.id], now),
                is_open=offers[unit.id].gives_tickets,
                is_chosen=unit.id in chosen,
            )
            for unit in self._config.units
        ]

    async def _take(self, request: Request) -> Response:
        self._origins.check(request)
        form = await read_form(request)
        [once, *_] = form.get("once", [""])
        if not once:
            raise HTTPException(400)
        spoken = self._site.words(request)
        try:
            if once not in self._given:
                units = self._chosen(form)
                await self._check_door(form, address_of(request))
                if not self._tickets.take(address_of(request)):
                    raise HTTPException(429, headers={"Retry-After": "60"})
                self._begin(once, units, spoken.language)
            # A form that is sent twice – a second tap, an answer that was lost – is one ticket.
            token = await asyncio.shield(self._given[once])
        except RefusedError as error:
            return await self._page(request, spoken, error=error, form=form, status=409)
        return self._site.go(request, f"/t/{token}")

    def _begin(self, once: str, units: Sequence[Unit], language: str) -> None:
        self._given[once] = asyncio.create_task(self._give(once, units, language))
        if len(self._given) > REMEMBERED:
            del self._given[next(iter(self._given))]

    async def _give(self, once: str, units: Sequence[Unit], language: str) -> str:
        try:
            ticket, _ = await self._reception.give(units, language=language)
        except QueueError:
            self._given.pop(once, None)  # the form may be sent again
            raise
        return ticket.token

    def _chosen(self, form: Form) -> Sequence[Unit]:
        wanted = form.get("unit", ())
        units = [unit for unit in self._config.units if unit.id in wanted]
        if not units:
            raise RefusedError(
                N_("No service is chosen"), N_("Please choose what you have come for.")
            )
        return units if self._config.kiosk.several else units[:1]

    async def _check_door(self, form: Form, address: str) -> None:
        """Refuse whoever is not in the building, if only those get tickets who are."""
        if self._config.web.tickets != "here":
            return
        if not self._wrong_codes.allows(address):
            raise HTTPException(429, headers={"Retry-After": "300"})
        code = "".join(form.get("code", [])).strip()
        if not opens_door(await self._store.door_secret(), code, self._site.clock.now()):
            self._wrong_codes.spend(address)
            raise RefusedError(
                N_("The code is not right"),
                N_("It changes every few minutes. Please read it once more."),
            )


def _waiting(spoken: Words, people: int) -> str:
    if not people:
        return spoken.gettext("Nobody is waiting")
    return spoken.ngettext("{n} person is waiting", "{n} people are waiting", people)
