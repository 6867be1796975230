"""The reception: what a resident can have now, and the tickets that are given."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, assert_never

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

    async def offers(self, priority: Priority | None = None) -> Offers:
        """Return what each unit has now, for a ticket of a class or none.

        After those of the configuration come those that only have people left.
        """
        now = self._clock.now()
        traffic = await self._store.traffic(priority=priority)
        waits = estimates(self._config, traffic, now)
        units = [unit.id for unit in self._config.units]
        return {
            unit: Offer(
                unit=unit,
                people=traffic.people(unit),
                wait=waits.get(unit, Unknown.NO_COUNTER),
                opening=self._hours.at(unit, now) if unit in units else Closed(opens_at=None),
            )
            for unit in dict.fromkeys((*units, *traffic.queues))
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
                raise _closed(unit, opening)
        offers = await self.offers(priority)
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
        """Give the visitor of an appointment a ticket, whatever the opening hours say.

        Raises RefusedError when the configuration does not have its unit any more.
        """
        series = {unit.id: unit.series for unit in self._config.units}.get(appointment.unit)
        if series is None:
            raise RefusedError(
                N_("This appointment cannot be checked in here"),
                N_("The service that it is for is not at this centre any more."),
                N_("Please ask the staff."),
            )
        return await self._store.check_in(appointment, series=series, language=language)


def unit_in_words(words: Words, unit: Unit | None) -> str:
    """Name a unit for residents; None: the configuration does not have it any more."""
    return unit.name[words.language] if unit else words.gettext("Another service")


def wait_in_words(words: Words, offer: Offer, now: datetime) -> str:
    """Say how long the wait is, why nobody can tell, or when the unit gives tickets."""
    match offer.opening:
        case Open():
            return estimate_in_words(words, offer.wait)
        case Closing(opens_at=opens_at):
            if opens_at is not None and opens_at.date() == now.date():
                return words.gettext("Next tickets at {time}", time=words.time(opens_at))
            return words.gettext("No more tickets today")
        case Closed(opens_at=opens_at):
            return _opens_in_words(words, opens_at, now)
        case _:
            assert_never(offer.opening)


def estimate_in_words(words: Words, wait: Estimate | Unknown) -> str:
    """Say the range, in minutes; of very long waits, only that they are; or why it is not known."""
    match wait:
        case Estimate(minutes=(low, _)) if low >= 120:
            return words.gettext("Over {n} h", n=low // 60)
        case Estimate(minutes=(0, high)):
            return words.gettext("Less than {n} min", n=max(high, 1))
        case Estimate(minutes=(low, high)):
            return words.gettext("About {low}–{high} min", low=low, high=high)
        case Unknown.NO_COUNTER:
            return words.gettext("No counter is open")
        case Unknown.NOTHING_MEASURED:
            return words.gettext("Wait not known yet")
        case _:
            assert_never(wait)


def ahead_in_words(words: Words, people: int) -> str:
    """Say how many people come before somebody."""
    if not people:
        return words.gettext("You are next")
    return words.ngettext("{n} person ahead of you", "{n} people ahead of you", people)


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


def _closed(unit: Unit, opening: Closing | Closed) -> RefusedError:
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
        unit=unit.name,
        date=opens_at and opens_at.date(),
        time=opens_at,
    )
