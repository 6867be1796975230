"""The lobby's screen as a page: for who cannot read that one, or sits elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import partial

from msgspec import Struct
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from shared.config import Unit
from shared.model import Call
from shared.reception import Offer, unit_in_words, wait_in_words
from shared.words import Words
from web.limits import address_of
from web.live import CrowdedError, Live
from web.site import Site
from web.stream import EventStream, Update, events, last_seen
from web.views import BoardView, Views

EARLIER = 8
"""Calls that are listed after the current one."""

REFRESH = 15
"""Seconds after which a page without its script is loaded anew."""


class CallLine(Struct, frozen=True, kw_only=True):
    """One call, in words."""

    number: str
    colour: str
    place: str
    unit: str
    time: str


class QueueLine(Struct, frozen=True, kw_only=True):
    """One unit, in words."""

    letter: str
    colour: str
    unit: str
    waiting: str
    wait: str


class BoardPage:
    """The board, and what it hears."""

    def __init__(self, site: Site, views: Views, live: Live) -> None:
        config = site.config
        self._site = site
        self._views = views
        self._live = live
        self._notice = config.display.notice
        self._units = {unit.id: unit for unit in config.units}
        self._series = {unit.series: unit for unit in config.units}
        self._counters = {counter.id: counter.name for counter in config.counters}
        self._written: tuple[BoardView | None, dict[str, Update]] = None, {}

    @property
    def routes(self) -> Sequence[Route]:
        return [Route("/board", self._show), Route("/board/events", self._events)]

    async def _show(self, request: Request) -> Response:
        spoken = self._site.words(request)
        return self._site.live_page(
            request,
            "board.html",
            spoken,
            self._update(spoken, await self._views.board()),
            events=f"/board/events?lang={spoken.language}",
            notice=self._notice.get(spoken.language, ""),
            refresh=REFRESH,
        )

    async def _events(self, request: Request) -> Response:
        try:
            board = self._live.follow_board(address_of(request))
        except CrowdedError as error:
            raise HTTPException(503, headers={"Retry-After": "60"}) from error
        spoken = self._site.words(request)
        return EventStream(
            events(
                board, partial(self._update, spoken), spoken, self._site.clock, last_seen(request)
            ),
            partial(self._live.close_board, board),
        )

    def _update(self, spoken: Words, view: BoardView) -> Update:
        """Say what a view shows: once for all who read it in the same language."""
        if self._written[0] is not view:
            self._written = view, {}
        written = self._written[1]
        if spoken.language not in written:
            written[spoken.language] = self._write(spoken, view)
        return written[spoken.language]

    def _write(self, spoken: Words, view: BoardView) -> Update:
        calls = [self._call(spoken, call) for call in view.calls[: 1 + EARLIER]]
        title = spoken.gettext("The screen in the lobby")
        news = f"{calls[0].number}: {calls[0].place}" if calls else ""
        return Update(
            title=f"{news} · {title}" if news else title,
            say=news,
            turn=str(view.calls[0].id) if calls else "",
            awaits=True,
            parts={
                "calls": self._site.part("board_calls.html", calls=calls, _=spoken.gettext),
                "queues": self._site.part(
                    "board_queues.html", queues=self._queues(spoken, view), _=spoken.gettext
                ),
            },
        )

    def _call(self, spoken: Words, call: Call) -> CallLine:
        # Any of them may have been taken out of the configuration meanwhile.
        owner, unit = self._series.get(call.series), self._units.get(call.unit)
        counter = self._counters.get(call.counter)
        return CallLine(
            number=call.label,
            colour=owner.colour if owner else "grey",
            place=counter[spoken.language] if counter else call.counter,
            unit=unit_in_words(spoken, unit),
            time=spoken.time(call.at),
        )

    def _queues(self, spoken: Words, view: BoardView) -> list[QueueLine]:
        now = self._site.clock.now()
        return [
            self._queue(spoken, offer, self._units.get(offer.unit), now)
            for offer in view.offers.values()
        ]

    def _queue(self, spoken: Words, offer: Offer, unit: Unit | None, now: datetime) -> QueueLine:
        return QueueLine(
            letter=unit.series if unit else "",
            colour=unit.colour if unit else "grey",
            unit=unit_in_words(spoken, unit),
            waiting=str(offer.people),
            wait=wait_in_words(spoken, offer, now),
        )
