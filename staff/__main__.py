"""``vuoro-staff``: the console of a counter, or one step of it for a script or a push button."""

from __future__ import annotations

import argparse
import asyncio
import gc

from shared import cli
from shared.config import Config
from shared.store import open_store
from staff.command import run
from staff.looks import LOOKS
from staff.steps import STEPS

_COMMANDS = {command.name: command for command in (*STEPS, *LOOKS)}


def main() -> None:
    """Run the command ``vuoro-staff``."""
    parser = cli.parser(
        "vuoro-staff", "Call queue numbers to a counter, on a screen or one by one."
    )
    _add_counter(parser, default=None)
    verbs = parser.add_subparsers(dest="verb", metavar="VERB")
    for command in _COMMANDS.values():
        verb = verbs.add_parser(command.name, help=f"{command.about}, without a screen")
        # Before the verb or after it: what is not given here leaves what was given there.
        _add_counter(verb, default=argparse.SUPPRESS)
        if command.describe:
            command.describe(verb)
        cli.add_verb_options(verb)
    arguments = parser.parse_args()
    chosen = _COMMANDS.get(arguments.verb)
    if chosen and chosen.of_counter and arguments.counter is None:
        parser.error(f"{chosen.name} needs --counter ID")
    with cli.telling(json=getattr(arguments, "json", False)):
        config = cli.config(arguments)
        asyncio.run(run(chosen, config, arguments) if chosen else _show(config, arguments.counter))


def _add_counter(parser: argparse.ArgumentParser, *, default: str | None) -> None:
    parser.add_argument(
        "--counter", metavar="ID", default=default, help="the counter's id in the configuration"
    )


async def _show(config: Config, wanted: str | None) -> None:
    gc.disable()  # a screen makes no garbage as it starts; it switches this on again itself
    # A command for one step does without the screens' libraries.
    from staff.app import StaffApp  # noqa: PLC0415

    counter = None if wanted is None else config.counter(wanted)
    cli.need_terminal()
    clock = config.clock()
    async with open_store(config, clock) as store:
        await StaffApp(config, store, clock, counter).serve()


if __name__ == "__main__":
    main()
