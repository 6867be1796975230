"""The reception: what a resident can have now, and the tickets that are given."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from msgspec import Struct

from shared.clock import Clock
from shared.config import Config, Priority, Unit
from shared.errors import N_, RefusedError
from shared.estimates import Unknown, estimates
from shared.hours import Closed, Closing, Open, OpeningHours
from shared.model import Appointment, Estimate, Ticket, UnitId
from shared.store import QueueStore

if TYPE_CHECKING:  # a command that gives one ticket needs no translations
    from shared.words import Words

_OPENS_ON = (
    N_("Opens on Monday at {time}"),
    N_("Opens on Tuesday at {time}"),
    N_("Opens on Wednesday at {time}"),
    N_("Opens on Thursday at {time}"),
    N_("Opens on Friday at {time}"),
    N_("Opens on Saturday at {time}"),
    N_("Opens on Sunday at {time}"),
)


class Offer(Struct, frozen=True, kw_only=True):
    """What one unit has for a resident who comes now."""

    unit: UnitId
    people: int
    """Who wait there."""
    wait: Estimate | Unknown
    """How long the wait would be, or why nobody can tell."""
    opening: Open | Closing | Closed

    @property
    def gives_tickets(self) -> bool:
        return isinstance(self.opening, Open)

    @property
    def estimate(self) -> Estimate | None:
        return self.wait if isinstance(self.wait, Estimate) else None


Offers = Mapping[UnitId, Offer]


class Reception:
    """Gives tickets by the centre's hours, and tells how long the wait would be."""

    def __init__(self, config: Config, store: QueueStore, clock: Clock) -> None:
        self._config = config
        self._store = store
        self._clock = clock
        self._hours = OpeningHours(config)

    async def offers(self) -> Offers:
        """Return what each unit of the configuration has now."""
        now = self._clock.now()
        traffic = await self._store.traffic()
        waits = estimates(self._config, traffic, now)
        return {
            unit.id: Offer(
                unit=unit.id,
                people=traffic.people(unit.id),
                wait=waits.get(unit.id, Unknown.NO_COUNTER),
                opening=self._hours.at(unit.id, now),
            )
            for unit in self._config.units
        }

    async def give(
        self, units: Sequence[Unit], *, language: str, priority: Priority | None = None
    ) -> tuple[Ticket, Offers]:
        """Give a ticket for one or several units, and return what was told of the waits.

        The number is of the first unit's series. Raises RefusedError when a unit gives no tickets.
        """
        now = self._clock.now()
        for unit in units:
            opening = self._hours.at(unit.id, now)
            if not isinstance(opening, Open):
                raise _closed(unit, opening, language)
        offers = await self.offers()
        ticket = await self._store.issue(
            [unit.id for unit in units],
            series=units[0].series,
            language=language,
            estimates={
                unit.id: estimate for unit in units if (estimate := offers[unit.id].estimate)
            },
            priority=priority,
        )
        return ticket, offers

    async def check_in(self, appointment: Appointment, *, language: str) -> Ticket:
        """Give the visitor of an appointment a ticket, whatever the opening hours say."""
        unit = self._config.unit(appointment.unit)
        return await self._store.check_in(appointment, series=unit.series, language=language)


def wait_in_words(words: Words, offer: Offer, now: datetime) -> str:
    """Say how long the wait is, or why it is not known; "" when nothing is known of it."""
    match offer.opening, offer.wait:
        case Closed(opens_at=opens_at), _:
            return _opens_in_words(words, opens_at, now)
        case Closing(opens_at=opens_at), _:
            if opens_at is not None and opens_at.date() == now.date():
                return words.gettext("Next tickets at {time}", time=words.time(opens_at))
            return words.gettext("No more tickets today")
        case Open(), Estimate() as estimate:
            return estimate_in_words(words, estimate)
        case Open(), Unknown.NO_COUNTER:
            return words.gettext("No counter is open")
        case _:
            return ""


def estimate_in_words(words: Words, estimate: Estimate) -> str:
    """Say the range, in minutes; of very long waits, only that they are."""
    low, high = (length // timedelta(minutes=1) for length in (estimate.low, estimate.high))
    if low >= 120:
        return words.gettext("Over {n} h", n=low // 60)
    if low == 0:
        return words.gettext("Less than {n} min", n=max(high, 1))
    return words.gettext("About {low}–{high} min", low=low, high=high)


def _opens_in_words(words: Words, opens_at: datetime | None, now: datetime) -> str:
    if opens_at is None:
        return words.gettext("Closed for now")
    time = words.time(opens_at)
    days = (opens_at.date() - now.date()).days
    if days == 0:
        return words.gettext("Opens at {time}", time=time)
    if days == 1:
        return words.gettext("Opens tomorrow at {time}", time=time)
    if days < 7:
        return words.gettext(_OPENS_ON[opens_at.weekday()], time=time)
    return words.gettext("Opens on {date}", date=words.date(opens_at))


def _closed(unit: Unit, opening: Closing | Closed, language: str) -> RefusedError:
    opens_at = opening.opens_at
    if opens_at is None:
        message = N_("{unit} gives no tickets.")
    elif isinstance(opening, Closing):
        message = N_("{unit} gives no more tickets now; it does so again on {date} at {time}.")
    else:
        message = N_("{unit} opens on {date} at {time}.")
    return RefusedError(
        N_("Closed at the moment"),
        message,
        N_("Please come back then, or ask the staff."),
        unit=unit.name[language],
        date=opens_at and f"{opens_at.day}.{opens_at.month}.",
        time=opens_at and f"{opens_at:%H:%M}",
    )
