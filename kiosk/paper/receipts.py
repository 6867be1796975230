"""The receipts of tickets: what stands on paper, in the words of the resident."""

from __future__ import annotations

from collections.abc import Sequence

from kiosk.paper.protocol import QueueLine, Receipt
from shared.config import Config
from shared.model import Ticket, UnitId, Visit
from shared.reception import (
    Offers,
    ahead_in_words,
    estimate_in_words,
    unit_in_words,
    wait_in_words,
)
from shared.words import words


def of_ticket(config: Config, ticket: Ticket, offers: Offers) -> Receipt:
    """Make the receipt of a ticket that was just given, with what was told of the waits."""
    say = words(ticket.language)
    waits = {
        unit: wait_in_words(say, offer, ticket.issued_at)
        for unit in ticket.units
        if (offer := offers.get(unit))
    }
    return _receipt(
        config,
        ticket,
        [
            _queue(config, ticket, place.unit, waits.get(place.unit, ""), place.ahead)
            for place in ticket.places
        ],
    )


def of_visit(config: Config, visit: Visit) -> Receipt:
    """Make the receipt of a ticket that is printed once more.

    Its queues are those in which it still waits, or all that it stood in. Who is ahead is told as
    it is now, the wait as it was told when the ticket was given.
    """
    say = words(visit.language)
    waiting = [stop for stop in visit.stops if stop.ahead is not None]
    return _receipt(
        config,
        visit,
        [
            _queue(
                config,
                visit,
                stop.unit,
                estimate_in_words(say, stop.told) if waiting and stop.told else "",
                stop.ahead,
            )
            for stop in waiting or visit.stops
        ],
    )


def _queue(
    config: Config, ticket: Ticket | Visit, unit: UnitId, wait: str, ahead: int | None
) -> QueueLine:
    say = words(ticket.language)
    name = unit_in_words(say, {each.id: each for each in config.units}.get(unit))
    if ticket.appointed_at is not None:
        # Its place is by the appointed time: who comes later may be before it.
        time = say.time(ticket.appointed_at)
        return QueueLine(unit=name, wait=say.gettext("Your appointment is at {time}", time=time))
    return QueueLine(
        unit=name, wait=wait, ahead="" if ahead is None else ahead_in_words(say, ahead)
    )


def _receipt(config: Config, ticket: Ticket | Visit, queues: Sequence[QueueLine]) -> Receipt:
    say, web = words(ticket.language), config.web.url
    return Receipt(
        centre=config.centre.name[ticket.language],
        heading=say.gettext("Your number"),
        number=ticket.label,
        queues=queues,
        advice=say.gettext("Your number will come up on the screen in the lobby"),
        address=f"{web.rstrip('/')}/t/{ticket.token}" if web else "",
        invitation=say.gettext("Follow your turn on your phone") if web else "",
        note=config.printer.note.get(ticket.language, "") if config.printer else "",
        issued=f"{say.date(ticket.issued_at)} {say.time(ticket.issued_at)}",
    )
