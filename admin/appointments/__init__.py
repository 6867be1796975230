"""``vuoro-admin appointments``: take over the times that others have promised, or list them."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from typing import NoReturn

from admin.appointments.fields import day
from admin.appointments.files import Files, Place
from shared import cli
from shared.config import Config
from shared.store import open_store


def describe(parser: argparse.ArgumentParser) -> None:
    """Say what the command line may hold."""
    verbs = parser.add_subparsers(metavar="VERB", required=True)
    take = verbs.add_parser(
        "import",
        help="take over appointments from CSV or iCalendar files: of all of them, or of none",
    )
    take.add_argument("files", metavar="FILE", nargs="+", help="a file; - is standard input")
    take.set_defaults(run=_import)
    listing = verbs.add_parser("list", help="list a day's appointments that nobody came for yet")
    listing.add_argument(
        "--day", metavar="DATE", type=day, help="the day, such as 2026-11-24 (else today)"
    )
    listing.set_defaults(run=_list)
    for verb in (take, listing):
        cli.add_verb_options(verb)


async def _import(config: Config, arguments: argparse.Namespace) -> None:
    clock = config.clock()
    files = Files(config, clock)
    for path in arguments.files:
        files.read(path)
    if files.faults:
        _refuse(files.faults, json=arguments.json)
    async with open_store(config, clock) as store:
        done = await store.import_appointments(files.appointments, files.cancelled)
    closed = [(place, "the unit is closed then; imported all the same") for place in files.closed]
    for place, warning in closed:
        print(f"{place}: {warning}", file=sys.stderr)
    if arguments.json:
        warnings = [{"file": at.file, "line": at.line, "warning": what} for at, what in closed]
        cli.answer({**done, "past": files.past, "warnings": warnings})
    else:
        cli.say(
            ", ".join(f"{number} {what}" for what, number in done.items())
            + (f"; {files.past} left out, of days that are over" if files.past else "")
        )


def _refuse(faults: Sequence[tuple[Place, str]], *, json: bool) -> NoReturn:
    title = "Nothing was imported"
    message = f"{len(faults)} {'fault was' if len(faults) == 1 else 'faults were'} found."
    hint = "Mend what is named, and import again."
    for place, fault in faults:
        print(f"{place}: {fault}", file=sys.stderr)
    print(f"{title}: {message} {hint}", file=sys.stderr)
    if json:
        named = [{"file": at.file, "line": at.line, "fault": fault} for at, fault in faults]
        cli.answer({"error": title, "message": message, "hint": hint, "faults": named})
    sys.exit(cli.UNUSABLE)


async def _list(config: Config, arguments: argparse.Namespace) -> None:
    clock = config.clock()
    on = arguments.day or clock.day()
    async with open_store(config, clock) as store:
        appointments = await store.appointments(on)
    if arguments.json:
        cli.answer({"day": on, "appointments": appointments})
    elif appointments:
        cli.say(*(f"{each.at:%H:%M}  {each.code:20}  {each.unit}" for each in appointments))
    else:
        cli.say(f"No appointments are open on {on}.")
