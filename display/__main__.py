"""``vuoro-display``: the lobby's screen, or what is on it for a script."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping, Sequence

from display.announcer import EVERY, latest
from shared import cli
from shared.config import Config
from shared.model import Call, UnitId
from shared.store import open_store
from shared.words import words


def main() -> None:
    """Run the command ``vuoro-display``."""
    parser = cli.parser("vuoro-display", "Show who is called, on a screen or once.")
    parser.add_argument(
        "--units", metavar="A,B", help="show these units only, by their ids (else all)"
    )
    parser.add_argument("--once", action="store_true", help="print the board and end")
    cli.add_json(parser)
    arguments = parser.parse_args()
    if arguments.json and not arguments.once:
        parser.error("--json goes with --once")
    with cli.telling(json=arguments.json):
        config = cli.config(arguments)
        units = _units(config, arguments.units)
        asyncio.run(
            _print(config, units, json=arguments.json) if arguments.once else _show(config, units)
        )


def _units(config: Config, named: str | None) -> list[UnitId]:
    """Return the ids of the units named in ``"a,b"``, else of all. Raises ConfigError."""
    if named is None:
        return [unit.id for unit in config.units]
    return list(dict.fromkeys(config.unit(name.strip()).id for name in named.split(",")))


async def _print(config: Config, units: Sequence[UnitId], *, json: bool) -> None:
    async with open_store(config, config.clock()) as store:
        calls = latest(await store.calls(units, limit=EVERY))
        waiting = await store.waiting(units)
    if json:
        cli.answer({"calls": [_call(call) for call in calls], "waiting": waiting})
    else:
        cli.say(*_lines(config, calls, waiting))


def _call(call: Call) -> dict[str, object]:
    return {
        "ticket": call.label,
        "series": call.series,
        "number": call.number,
        "unit": call.unit,
        "counter": call.counter,
        "call": call.id,
        "repeated": call.repeated,
        "at": call.at,
    }


def _lines(config: Config, calls: Sequence[Call], waiting: Mapping[UnitId, int]) -> Iterator[str]:
    """Write the board for a person, in the centre's first language."""
    spoken = words(config.centre.languages[0])
    names = {unit.id: unit.name[spoken.language] for unit in config.units}
    for call in calls:
        yield f"{spoken.time(call.at)}  {call.label} → {call.counter}  {names[call.unit]}"
    if not calls:
        yield spoken.gettext("Nobody has been called today")
    yield ""
    for unit, people in waiting.items():
        waiting_now = spoken.ngettext("{n} person is waiting", "{n} people are waiting", people)
        yield f"{names[unit]}: {waiting_now}"


async def _show(config: Config, units: Sequence[UnitId]) -> None:
    # A command that prints once does without the screens' libraries.
    from display.app import DisplayApp  # noqa: PLC0415

    cli.need_terminal()
    clock = config.clock()
    async with open_store(config, clock) as store:
        await DisplayApp(config, store, clock, units).serve()


if __name__ == "__main__":
    main()
