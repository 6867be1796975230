"""``vuoro-kiosk``: the residents' screen, or one ticket for a script."""

from __future__ import annotations

import argparse
import asyncio
import gc

from shared import cli
from shared.config import Config
from shared.model import Ticket, plain_code
from shared.reception import Offers, Reception
from shared.store import open_store


def main() -> None:
    """Run the command ``vuoro-kiosk``."""
    parser = cli.parser("vuoro-kiosk", "Give out queue numbers, on a screen or one by one.")
    verbs = parser.add_subparsers(dest="verb", metavar="issue | check-in")

    issue = verbs.add_parser("issue", help="give one ticket, without screen or paper")
    issue.add_argument("units", metavar="UNIT", nargs="+", help="a unit's id in the configuration")
    issue.add_argument("--priority", metavar="ID", help="a reason to be called sooner")
    issue.set_defaults(run=_issue)

    check_in = verbs.add_parser("check-in", help="give the ticket of an appointment")
    check_in.add_argument("code", metavar="CODE", help="the appointment's code")
    check_in.set_defaults(run=_check_in)

    for verb in (issue, check_in):
        verb.add_argument("--language", help="the ticket's language (else the centre's first)")
        cli.add_verb_options(verb)
    parser.set_defaults(run=_show, json=False)

    arguments = parser.parse_args()
    with cli.telling(json=arguments.json):
        asyncio.run(arguments.run(cli.config(arguments), arguments))


async def _issue(config: Config, arguments: argparse.Namespace) -> None:
    units = [config.unit(unit) for unit in dict.fromkeys(arguments.units)]
    priority = config.priority(arguments.priority) if arguments.priority else None
    language = config.language(arguments.language)
    clock = config.clock()
    async with open_store(config, clock) as store:
        ticket, offers = await Reception(config, store, clock).give(
            units, language=language, priority=priority
        )
    _tell(ticket, offers, json=arguments.json)


async def _check_in(config: Config, arguments: argparse.Namespace) -> None:
    language = config.language(arguments.language)
    clock = config.clock()
    async with open_store(config, clock) as store:
        appointment = await store.appointment(plain_code(arguments.code))
        ticket = await Reception(config, store, clock).check_in(appointment, language=language)
    _tell(ticket, {}, json=arguments.json)


def _tell(ticket: Ticket, offers: Offers, *, json: bool) -> None:
    if not json:
        cli.say(ticket.label)
        return
    told = {unit: offer.estimate.minutes for unit, offer in offers.items() if offer.estimate}
    cli.answer(
        {
            "ticket": ticket.label,
            "series": ticket.series,
            "number": ticket.number,
            "token": ticket.token,
            "unit": ticket.units[0],
            "ahead": ticket.ahead,
            "issued_at": ticket.issued_at,
            "appointed_at": ticket.appointed_at,
            "language": ticket.language,
            "units": [
                {
                    "unit": place.unit,
                    "ahead": place.ahead,
                    "estimate_minutes": told.get(place.unit),
                }
                for place in ticket.places
            ],
        }
    )


async def _show(config: Config, _: argparse.Namespace) -> None:
    gc.disable()  # a screen makes no garbage as it starts; it switches this on again itself
    # A command that gives one ticket does without the screens' libraries.
    from kiosk.app import KioskApp  # noqa: PLC0415
    from kiosk.paper.printing import Printing  # noqa: PLC0415

    cli.need_terminal()
    clock = config.clock()
    async with open_store(config, clock) as store:
        app = KioskApp(config, store, clock)
        if config.printer is None:
            await app.serve()
        else:
            async with Printing(config.printer, clock, on_fault=app.tell_printer) as app.printing:
                await app.serve()


if __name__ == "__main__":
    main()
