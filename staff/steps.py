"""The verbs of a counter as commands."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime

from shared import cli
from shared.errors import ConfigError, RefusedError
from shared.model import (
    AT_COUNTER,
    NOBODY,
    OPEN,
    Call,
    CounterId,
    Errand,
    ErrandId,
    Session,
    State,
)
from shared.store import QueueStore
from staff.command import Answer, At, Command, told
from staff.overview import serving
from staff.tickets import at_unit, find_errands, fitting, only

# Whoever is at the counter


async def _next(at: At) -> Answer:
    counter = at.counter
    had = (await at.store.desk(counter.id, ())).current
    call = await at.store.call_next(
        counter.id,
        counter.units,
        patience=at.config.patience(counter),
        errand=had.id if had else NOBODY,
    )
    if call is not None:
        return _called(at, call, had)
    error = RefusedError(
        "Nobody is waiting",
        "{ticket} is finished, and nobody else waits for counter {counter}."
        if had
        else "Nobody waits for counter {counter}.",
        "Call again when someone has taken a number.",
        ticket=had and had.label,
        counter=counter.id,
    )
    if had is None or not at.line.json:
        raise error
    # Told as every refusal is; but who was at the counter has gone, and a script may need to know.
    print(error, file=sys.stderr)
    answer = {"error": error.title, "message": error.message, "hint": error.hint}
    cli.answer({**answer, "finished": had.label})
    sys.exit(cli.REFUSED)


def _called(at: At, call: Call, had: Errand | None) -> Answer:
    """Tell who was called, and who was finished by that."""
    data, lines = told(at, call, "called to")
    if had is not None:
        lines = [*lines, f"{had.label} ({had.unit}) is finished"]
    return Answer({**data, "finished": had and had.label}, lines)


def _step(
    act: Callable[[QueueStore, CounterId], Awaitable[Call | Errand]], done: str
) -> Callable[[At], Awaitable[Answer]]:
    """Return how to run a verb that needs no more than the counter."""

    async def step(at: At) -> Answer:
        return told(at, await act(at.store, at.counter.id), done)

    return step


# A chosen ticket


def _ticket_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("ticket", nargs="+", metavar="TICKET", help="its number, such as K 017")
    parser.set_defaults(unit=None)


def _errand_options(parser: argparse.ArgumentParser) -> None:
    _ticket_options(parser)
    _unit_option(parser)


def _errand_or_current_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "ticket",
        nargs="*",
        metavar="TICKET",
        help="its number, such as K 017 (else whoever is at the counter)",
    )
    _unit_option(parser)


def _unit_option(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--unit", metavar="ID", help="which one of the ticket's errands is meant")


async def _meant(at: At, *states: str) -> Sequence[Errand]:
    """Find out which errands the command line can mean."""
    errands = await find_errands(at.store, " ".join(at.line.ticket))
    if at.line.unit is not None:
        errands = at_unit(errands, at.line.unit)
    return fitting(errands, states, at.counter)


async def _call(at: At) -> Answer:
    errand = only(await _meant(at, State.WAITING, State.PARKED))
    had = (await at.store.desk(at.counter.id, ())).current
    return _called(at, await at.store.call(at.counter.id, errand.id), had)


async def _park(at: At) -> Answer:
    errand = only(await _meant(at, State.WAITING, *AT_COUNTER)).id if at.line.ticket else None
    return told(at, await at.store.park(at.counter.id, errand=errand), "parked by")


async def _resume(at: At) -> Answer:
    errand = only(await _meant(at, State.PARKED))
    resumed = await at.store.resume(at.counter.id, errand.id)
    return told(at, resumed, "waits again, brought back by")


def _transfer_options(parser: argparse.ArgumentParser) -> None:
    _errand_or_current_options(parser)
    parser.add_argument("--to", required=True, metavar="UNIT", help="the unit that it goes on to")
    parser.add_argument("--reason", metavar="ID", help="why, for the colleague there to know")
    parser.add_argument(
        "--return", dest="comes_back", action="store_true", help="and back, once it is served there"
    )


async def _transfer(at: At) -> Answer:
    to = at.config.unit(at.line.to)
    reason = None if at.line.reason is None else at.config.reason(at.line.reason).id
    errand = only(await _meant(at, *OPEN)).id if at.line.ticket else None
    begun = await at.store.transfer(
        at.counter.id, to.id, errand=errand, reason=reason, comes_back=at.line.comes_back
    )
    then_back = ", then back," if begun.back_to else ""
    answer = told(at, begun, f"transferred from {begun.origin}{then_back} by")
    counters = serving(at.config, await at.store.traffic(), to.id)
    lines = [*answer.lines, *([] if counters else [f"No counter serves {to.id} now."])]
    return Answer({**answer.data, "counters": counters}, lines)


async def _leave(at: At) -> Answer:
    # All that the ticket waits for ends, whichever errand is named.
    errand, *_ = await _meant(at, State.WAITING, State.PARKED)
    left = await at.store.leave(errand.id, counter=at.counter.id)
    return told(at, left, "has left, taken off the queue by")


def _head_start_options(parser: argparse.ArgumentParser) -> None:
    _ticket_options(parser)
    which = parser.add_mutually_exclusive_group(required=True)
    which.add_argument("--class", dest="priority", metavar="ID", help="the class that it is in")
    which.add_argument("--none", action="store_true", help="take its head start back")


async def _head_start(at: At) -> Answer:
    priority = None if at.line.none else at.config.priority(at.line.priority)
    errand, *_ = await _meant(at, State.WAITING, State.PARKED)
    moved = await at.store.head_start(errand.id, priority, counter=at.counter.id)
    given = f"the head start “{moved.priority}”" if moved.priority else "no head start"
    return told(at, moved, f"has {given}, by")


async def _undo(at: At) -> Answer:
    undone = await at.store.undo(at.counter.id)
    errand = told(at, undone.errand, f"is {undone.errand.state} now: {undone.verb} undone by")
    return Answer({"undone": undone.verb, **errand.data}, errand.lines)


# Paper


def _printed_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "ticket",
        nargs="*",
        metavar="TICKET",
        help="its number, such as K 017 (else whoever is at the counter, else the newest of today)",
    )


async def _print(at: At) -> Answer:
    if at.config.printer is None:
        raise ConfigError(
            "There is no printer",
            "The configuration has no [printer].",
            "See config.toml for what to put there.",
        )
    ticket = await at.store.ask_for_printout(await _printed(at))
    fault = await at.store.printer_fault()
    data = {"ticket": ticket, "fault": fault and fault.fault, "since": fault and fault.since}
    if fault is None:
        return Answer(data, [f"{ticket} is printed again"])
    return Answer(data, [f"{ticket} goes to the printer. {fault.fault}, since {fault.since:%H:%M}"])


async def _printed(at: At) -> ErrandId | None:
    """Return an errand of the ticket that is meant; None: the newest ticket."""
    if at.line.ticket:
        errand, *_ = await find_errands(at.store, " ".join(at.line.ticket))
        return errand.id
    if at.line.counter is None:
        return None
    current = (await at.store.desk(at.counter.id, ())).current
    return current.id if current else None


# The counter


async def _session(at: At) -> Session:
    session = await at.store.session(at.counter.id)
    if session is None:
        raise RefusedError(
            "The counter is not open",
            "No console has counter {counter} open.",
            "Open it with vuoro-staff --counter {counter}; a button needs no open counter.",
            counter=at.counter.id,
        )
    return session


def _break_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--end", action="store_true", help="end the break")


async def _break(at: At) -> Answer:
    await at.store.pause_counter(await _session(at), paused=not at.line.end)
    since = (await _session(at)).break_since
    line = f"has had a break since {since:%H:%M}" if since else "is open"
    return _opened(at, since, is_open=True, line=line)


async def _close(at: At) -> Answer:
    session = await _session(at)
    current = (await at.store.desk(at.counter.id, ())).current
    if current is not None:
        raise RefusedError(
            "Somebody is at the counter",
            "{ticket} is still at counter {counter}.",
            "Finish or park it first.",
            ticket=current.label,
            counter=at.counter.id,
        )
    await at.store.close_counter(session)
    return _opened(at, None, is_open=False, line="is closed")


def _opened(at: At, break_since: datetime | None, *, is_open: bool, line: str) -> Answer:
    return Answer(
        {"counter": at.counter.id, "open": is_open, "break_since": break_since},
        [f"Counter {at.counter.id} {line}"],
    )


STEPS = (
    Command("next", "finish the ticket at the counter and call the next one", _next),
    Command(
        "call", "finish the ticket at the counter and call a chosen one", _call, _errand_options
    ),
    Command(
        "recall",
        "call the ticket that was called once more",
        _step(lambda store, counter: store.recall(counter), "called again to"),
    ),
    Command(
        "start",
        "the called person has come",
        _step(lambda store, counter: store.start(counter), "being served at"),
    ),
    Command(
        "finish",
        "the errand at the counter is done",
        _step(lambda store, counter: store.finish(counter), "finished at"),
        of_lost_counter=True,
    ),
    Command(
        "no-show",
        "the called person has not come",
        _step(lambda store, counter: store.no_show(counter), "did not come to"),
        of_lost_counter=True,
    ),
    Command(
        "back",
        "the called person has not come, and waits again, behind all whose time has come",
        _step(lambda store, counter: store.back(counter), "waits again at the back, sent by"),
        of_lost_counter=True,
    ),
    Command(
        "park",
        "put a ticket aside",
        _park,
        _errand_or_current_options,
        of_lost_counter=True,
    ),
    Command("resume", "let a parked ticket wait again, at its old place", _resume, _errand_options),
    Command(
        "transfer",
        "send a ticket on to another unit's queue",
        _transfer,
        _transfer_options,
        of_lost_counter=True,
    ),
    Command(
        "leave", "take a ticket that does not want to wait off its queues", _leave, _ticket_options
    ),
    Command(
        "head-start",
        "let a ticket be called sooner, by a class of the configuration",
        _head_start,
        _head_start_options,
    ),
    Command(
        "undo",
        "take back the counter's last step",
        _undo,
        of_lost_counter=True,
        of_freed_counter=True,
    ),
    Command(
        "print",
        "have a ticket printed again",
        _print,
        _printed_options,
        of_counter=False,
    ),
    Command("break", "give the counter a break, or end it", _break, _break_options),
    Command("close", "close the counter that a console has open", _close),
)
