"""``vuoro-kiosk``: the residents' screen, or one ticket for a script."""

from __future__ import annotations

import argparse
import asyncio

from shared import cli
from shared.config import Config
from shared.store import open_store


def main() -> None:
    """Run the command ``vuoro-kiosk``."""
    parser = cli.parser("vuoro-kiosk", "Give out queue numbers, on a screen or one by one.")
    verbs = parser.add_subparsers(dest="verb", metavar="issue")
    issue = verbs.add_parser("issue", help="give one ticket, without a screen")
    issue.add_argument("unit", metavar="UNIT", help="the unit's id in the configuration")
    issue.add_argument("--language", help="the ticket's language (else the centre's first)")
    cli.add_verb_options(issue)
    arguments = parser.parse_args()
    with cli.telling(json=getattr(arguments, "json", False)):
        config = cli.config(arguments)
        asyncio.run(_issue(config, arguments) if arguments.verb else _show(config))


async def _issue(config: Config, arguments: argparse.Namespace) -> None:
    unit = config.unit(arguments.unit)
    language = config.language(arguments.language)
    async with open_store(config, config.clock()) as store:
        ticket = await store.issue([unit.id], series=unit.series, language=language)
    if arguments.json:
        cli.answer(
            {
                "ticket": ticket.label,
                "series": ticket.series,
                "number": ticket.number,
                "token": ticket.token,
                "unit": unit.id,
                "ahead": ticket.ahead,
                "issued_at": ticket.issued_at,
                "language": ticket.language,
            }
        )
    else:
        cli.say(ticket.label)


async def _show(config: Config) -> None:
    # A command that gives one ticket does without the screens' libraries.
    from kiosk.app import KioskApp  # noqa: PLC0415

    cli.need_terminal()
    clock = config.clock()
    async with open_store(config, clock) as store:
        await KioskApp(config, store, clock).serve()


if __name__ == "__main__":
    main()
