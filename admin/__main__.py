"""``vuoro-admin``: the chores around the queue, each a sub-command and a module of its own."""

from __future__ import annotations

import asyncio

from admin import appointments, estimates
from shared import cli


def main() -> None:
    """Run the command ``vuoro-admin``."""
    parser = cli.parser("vuoro-admin", "Look after the queue, and learn from it.")
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    appointments.describe(
        commands.add_parser("appointments", help="take appointments over from files, or list them")
    )
    estimates.describe(
        commands.add_parser("estimates", help="compare the waits that were told with what came")
    )
    arguments = parser.parse_args()
    with cli.telling(json=arguments.json):
        asyncio.run(arguments.run(cli.config(arguments), arguments))


if __name__ == "__main__":
    main()
