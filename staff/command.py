"""A command of ``vuoro-staff``: one step or one look, for a script or a push-button."""

from __future__ import annotations

import argparse
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import NamedTuple

import msgspec

from shared import cli
from shared.clock import Clock
from shared.config import Config, Counter
from shared.errors import ConfigError
from shared.model import Call, CounterId, Errand
from shared.store import QueueStore, open_store

_EVERY = 100_000
"""A limit above the calls that a day can have."""


class At(NamedTuple):
    """Where a command is given, and what else its line says."""

    config: Config
    store: QueueStore
    clock: Clock
    line: argparse.Namespace

    @property
    def counter(self) -> Counter:
        """The counter that the line names."""
        return self.config.counter(self.line.counter)


class Answer(NamedTuple):
    """What a command has to say: to a program, and to a person."""

    data: Mapping[str, object]
    lines: Iterable[str]


class Command(NamedTuple):
    """A name, what it does in words, and how."""

    name: str
    about: str
    do: Callable[[At], Awaitable[Answer]]
    describe: Callable[[argparse.ArgumentParser], None] | None = None
    """Say what else the command line may hold."""
    of_counter: bool = True
    of_lost_counter: bool = False
    """Whether it may be given at a counter that the configuration does not have any more."""
    of_freed_counter: bool = False
    """Whether it may be given there also when nobody is at that counter any more."""


async def run(command: Command, config: Config, line: argparse.Namespace) -> None:
    """Do it, and tell what came of it."""
    clock = config.clock()
    async with open_store(config, clock) as store:
        if line.counter is not None:
            config = await _with_counter(line.counter, config, store, command)
        answer = await command.do(At(config, store, clock, line))
    if line.json:
        cli.answer(answer.data)
    else:
        cli.say(*answer.lines)


async def _with_counter(wanted: str, config: Config, store: QueueStore, command: Command) -> Config:
    """Return a configuration that has the counter: also one that is gone, but not yet free.

    A command that takes back what freed it may be given where somebody was called to today. Raises
    ConfigError when there is no such counter, or the command does not help to free it.
    """
    try:
        config.counter(wanted)
    except ConfigError:
        counter = CounterId(wanted)
        current = (await store.desk(counter, ())).current
        if current is None and not (command.of_freed_counter and await _was_used(counter, store)):
            raise
        if current is not None and not command.of_lost_counter:
            raise ConfigError(
                "There is no such counter",
                "“{counter}” is not in the configuration any more, but {ticket} is still there.",
                "End that with finish, no-show, back, park or transfer --counter {counter}.",
                counter=counter,
                ticket=current.label,
            ) from None
        names = dict.fromkeys(config.centre.languages, wanted)
        lost = Counter(id=counter, name=names, units=())
        return msgspec.structs.replace(config, counters=(*config.counters, lost))
    return config


async def _was_used(counter: CounterId, store: QueueStore) -> bool:
    """Tell whether the counter has called somebody on this service day."""
    return any(call.counter == counter for call in await store.calls(None, limit=_EVERY))


def told(at: At, outcome: Call | Errand, done: str) -> Answer:
    """Tell what was done with a ticket; ``done`` is followed by the counter."""
    if isinstance(outcome, Call):
        data: dict[str, object] = {
            "ticket": outcome.label,
            "unit": outcome.unit,
            "call": outcome.id,
            "repeated": outcome.repeated,
            "at": outcome.at,
        }
    else:
        data = errand_data(outcome)
    counter = at.counter.id
    line = f"{outcome.label} ({outcome.unit}) {done} counter {counter}"
    return Answer({"counter": counter, **data}, [line])


def errand_data(errand: Errand) -> dict[str, object]:
    """Return what a program is told of an errand."""
    return {
        "ticket": errand.label,
        "unit": errand.unit,
        "state": errand.state,
        "since": errand.since,
        "priority": errand.priority,
        "appointed_at": errand.appointed_at,
        "origin": errand.origin,
        "reason": errand.reason,
        "back_to": errand.back_to,
        "put_off": errand.put_off,
        "also": errand.also,
    }
