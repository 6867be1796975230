"""``vuoro-display``: the lobby's screen, or what is on it for a script."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Collection, Iterator, Sequence
from datetime import datetime

from display.announcer import EVERY
from shared import cli
from shared.calls import latest
from shared.config import Config
from shared.door import door_code, purpose
from shared.estimates import Unknown
from shared.hours import Closed
from shared.model import Call, UnitId
from shared.reception import Offer, Reception, unit_in_words, wait_in_words
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


def _units(config: Config, named: str | None) -> list[UnitId] | None:
    """Return the ids of the units named in ``"a,b"``; None: all. Raises ConfigError."""
    if named is None:
        return None
    return list(dict.fromkeys(config.unit(name.strip()).id for name in named.split(",")))


async def _print(config: Config, units: Collection[UnitId] | None, *, json: bool) -> None:
    clock = config.clock()
    async with open_store(config, clock) as store:
        calls = latest(await store.calls(units, limit=EVERY))
        all_offers = await Reception(config, store, clock).offers()
        secret = await store.door_secret()
    offers = [offer for offer in all_offers.values() if units is None or offer.unit in units]
    code = door_code(secret, clock.now()) if config.web.tickets == "here" else None
    if json:
        cli.answer(_board(calls, offers, code))
    else:
        cli.say(*_lines(config, calls, offers, code, clock.now()))


def _board(calls: Sequence[Call], offers: Sequence[Offer], code: str | None) -> dict[str, object]:
    return {
        "calls": [_call(call) for call in calls],
        "waiting": {offer.unit: offer.people for offer in offers},
        "estimate_minutes": {
            offer.unit: offer.estimate and offer.estimate.minutes for offer in offers
        },
        "no_counter": [offer.unit for offer in offers if offer.wait is Unknown.NO_COUNTER],
        "closed": {
            offer.unit: offer.opening.opens_at
            for offer in offers
            if isinstance(offer.opening, Closed)
        },
        "door_code": code,
    }


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


def _lines(
    config: Config,
    calls: Sequence[Call],
    offers: Sequence[Offer],
    code: str | None,
    now: datetime,
) -> Iterator[str]:
    """Write the board for a person, in the centre's first language."""
    spoken = words(config.centre.languages[0])
    units = {unit.id: unit for unit in config.units}

    def name(unit: UnitId) -> str:
        return unit_in_words(spoken, units.get(unit))

    for call in calls:
        yield f"{spoken.time(call.at)}  {call.label} → {call.counter}  {name(call.unit)}"
    if not calls:
        yield spoken.gettext("Nobody has been called today")
    yield ""
    for offer in offers:
        people = offer.people
        waiting = spoken.ngettext("{n} person is waiting", "{n} people are waiting", people)
        wait = wait_in_words(spoken, offer, now)
        yield " – ".join(filter(None, [f"{name(offer.unit)}: {waiting}", wait]))
    if code is not None:
        yield ""
        yield f"{code}  {purpose(spoken, config.web.url)}"


async def _show(config: Config, units: Collection[UnitId] | None) -> None:
    gc.disable()  # a screen makes no garbage as it starts; it switches this on again itself
    # A command that prints once does without the screens' libraries.
    from display.app import DisplayApp  # noqa: PLC0415

    cli.need_terminal()
    clock = config.clock()
    async with open_store(config, clock) as store:
        await DisplayApp(config, store, clock, units).serve()


if __name__ == "__main__":
    main()
