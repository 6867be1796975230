"""``vuoro-staff``: the console of a counter, or one step of it for a script or a push button."""

from __future__ import annotations

import argparse
import asyncio

from shared import cli
from shared.clock import Clock
from shared.config import Config, Counter
from shared.model import Call, Desk, Errand
from shared.store import open_store
from staff.times import minutes
from staff.verbs import Verb, do

_HELP = {
    Verb.NEXT: "finish the ticket at the counter and call the next one",
    Verb.RECALL: "call the ticket that was called once more",
    Verb.START: "the called person has come",
    Verb.FINISH: "the errand at the counter is done",
    Verb.NO_SHOW: "the called person has not come",
}
_DONE = {
    Verb.NEXT: "called to",
    Verb.RECALL: "called again to",
    Verb.START: "being served at",
    Verb.FINISH: "finished at",
    Verb.NO_SHOW: "did not come to",
}
_QUEUE = "queue"


def main() -> None:
    """Run the command ``vuoro-staff``."""
    parser = cli.parser(
        "vuoro-staff", "Call queue numbers to a counter, on a screen or one by one."
    )
    _add_counter(parser, default=None)
    verbs = parser.add_subparsers(dest="verb", metavar="VERB")
    for name, about in [
        *((verb.value, about) for verb, about in _HELP.items()),
        (_QUEUE, "show who is at the counter and who waits"),
    ]:
        verb = verbs.add_parser(name, help=f"{about}, without a screen")
        # Before the verb or after it: what is not given here leaves what was given there.
        _add_counter(verb, default=argparse.SUPPRESS)
        cli.add_verb_options(verb)
    arguments = parser.parse_args()
    if arguments.verb and arguments.counter is None:
        parser.error(f"{arguments.verb} needs --counter ID")
    with cli.telling(json=getattr(arguments, "json", False)):
        config = cli.config(arguments)
        counter = None if arguments.counter is None else config.counter(arguments.counter)
        if arguments.verb and counter:
            asyncio.run(_once(config, counter, arguments.verb, json=arguments.json))
        else:
            asyncio.run(_show(config, counter))


def _add_counter(parser: argparse.ArgumentParser, *, default: str | None) -> None:
    parser.add_argument(
        "--counter", metavar="ID", default=default, help="the counter's id in the configuration"
    )


async def _once(config: Config, counter: Counter, verb: str, *, json: bool) -> None:
    clock = config.clock()
    async with open_store(config, clock) as store:
        if verb == _QUEUE:
            desk = await store.desk(counter.id, counter.units)
            if json:
                cli.answer(_queue(counter, desk, clock))
            else:
                cli.say(*_queue_lines(counter, desk, clock))
        else:
            outcome = await do(Verb(verb), store, counter)
            if json:
                cli.answer(
                    _call(outcome) if isinstance(outcome, Call) else _errand(counter, outcome)
                )
            else:
                cli.say(
                    f"{outcome.label} ({outcome.unit}) {_DONE[Verb(verb)]} counter {counter.id}"
                )


def _call(call: Call) -> dict[str, object]:
    return {
        "ticket": call.label,
        "unit": call.unit,
        "counter": call.counter,
        "call": call.id,
        "repeated": call.repeated,
        "at": call.at,
    }


def _errand(counter: Counter, errand: Errand) -> dict[str, object]:
    return {
        "ticket": errand.label,
        "unit": errand.unit,
        "counter": counter.id,
        "state": errand.state,
        "since": errand.since,
    }


def _queue(counter: Counter, desk: Desk, clock: Clock) -> dict[str, object]:
    now = clock.now()
    return {
        "counter": counter.id,
        "current": desk.current and _errand(counter, desk.current),
        "waiting": [
            {
                "ticket": errand.label,
                "unit": errand.unit,
                "since": errand.since,
                "seconds": max(int((now - errand.since).total_seconds()), 0),
            }
            for errand in desk.waiting
        ],
    }


def _queue_lines(counter: Counter, desk: Desk, clock: Clock) -> list[str]:
    at = desk.current
    here = f"{at.label} ({at.unit}), {at.state} since {at.since:%H:%M}" if at else "nobody"
    now = clock.now()
    return [
        f"Counter {counter.id}: {here}",
        f"Waiting: {len(desk.waiting)}",
        *(
            f"  {errand.label} ({errand.unit}), {minutes(errand.since, now)} min"
            for errand in desk.waiting
        ),
    ]


async def _show(config: Config, counter: Counter | None) -> None:
    # A command for one step does without the screens' libraries.
    from staff.app import StaffApp  # noqa: PLC0415

    cli.need_terminal()
    clock = config.clock()
    async with open_store(config, clock) as store:
        await StaffApp(config, store, clock, counter).serve()


if __name__ == "__main__":
    main()
