"""What the pages show, read from the store."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from hmac import compare_digest

from msgspec import Struct
from msgspec.structs import replace

from shared.calls import latest
from shared.clock import Clock
from shared.config import Config
from shared.estimates import Forecast, Unknown
from shared.model import Call, Estimate, Stop, Visit
from shared.reception import Offers, Reception
from shared.store import QueueStore

CALLS = 100
"""How many of the last calls to look through for those that the board lists."""


class TicketView(Struct, frozen=True, kw_only=True):
    """A ticket, and how long it still waits at each of its stops, where it does."""

    visit: Visit
    waits: tuple[Estimate | Unknown | None, ...]


class BoardView(Struct, frozen=True, kw_only=True):
    """The lobby: the last call of each ticket, newest first, and what units have now."""

    calls: tuple[Call, ...]
    offers: Offers


class Views:
    """Reads what the pages show."""

    def __init__(
        self, config: Config, store: QueueStore, clock: Clock, reception: Reception
    ) -> None:
        self._config = config
        self._store = store
        self._clock = clock
        self._reception = reception

    async def ticket(self, token: str) -> TicketView | None:
        """Return the ticket of this token; None when there is no such one today."""
        for known, view in (await self.tickets([token])).items():
            # It is not the store's index that decides, but what takes as long wherever they differ.
            if compare_digest(known.encode(), token.encode()):
                return view
        return None

    async def tickets(self, tokens: Collection[str]) -> Mapping[str, TicketView]:
        """Return the tickets of these tokens, as far as they are of today."""
        visits = await self._store.visits(tokens)
        if not any(stop.ahead is not None for visit in visits.values() for stop in visit.stops):
            return {
                token: TicketView(visit=visit, waits=(None,) * len(visit.stops))
                for token, visit in visits.items()
            }
        traffic = await self._store.traffic()
        forecast = Forecast(self._config, traffic, self._clock.now())
        return {
            token: TicketView(
                visit=visit, waits=tuple(_wait(forecast, stop) for stop in visit.stops)
            )
            for token, visit in visits.items()
        }

    async def board(self) -> BoardView:
        """Return what the lobby's screen shows."""
        calls = await self._store.calls(None, limit=CALLS)
        return BoardView(calls=latest(calls), offers=await self._reception.offers())


def _wait(forecast: Forecast, stop: Stop) -> Estimate | Unknown | None:
    if stop.ahead is None:
        return None
    wait = forecast.wait(stop.unit, stop.ahead)
    # Only the range is told. What is likeliest changes all the time, and with it no page.
    return replace(wait, likely=wait.low) if isinstance(wait, Estimate) else wait
