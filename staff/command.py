"""A command of ``vuoro-staff``: one step or one look, for a script or a push-button."""

from __future__ import annotations

import argparse
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import NamedTuple

from shared import cli
from shared.clock import Clock
from shared.config import Config, Counter
from shared.model import Call, Errand
from shared.store import QueueStore, open_store


class At(NamedTuple):
    """Where a command is given, and what else its line says."""

    config: Config
    store: QueueStore
    clock: Clock
    line: argparse.Namespace

    @property
    def counter(self) -> Counter:
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


async def run(command: Command, config: Config, line: argparse.Namespace) -> None:
    """Do it, and tell what came of it."""
    clock = config.clock()
    async with open_store(config, clock) as store:
        answer = await command.do(At(config, store, clock, line))
    if line.json:
        cli.answer(answer.data)
    else:
        cli.say(*answer.lines)


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
        "also": errand.also,
    }
