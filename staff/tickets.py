"""Tickets as commands name them: read, looked up, and the errand found that is meant."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from shared.config import Counter
from shared.errors import ConfigError, RefusedError
from shared.model import AT_COUNTER, OPEN, Errand, label
from shared.store import QueueStore


def read_label(text: str) -> tuple[str, int]:
    """Read a ticket's series and number: "K 017", "K017" or "k17". Raises ConfigError."""
    found = re.fullmatch(r"\s*([A-ZÅÄÖ])[\s-]*0*([0-9]{1,6})\s*", text, re.IGNORECASE)
    if not found:
        raise ConfigError(
            "This is no ticket",
            "“{text}” is not a letter and a number.",
            "Write it like K 017 or K17.",
            text=text,
        )
    return found[1].upper(), int(found[2])


async def find_errands(store: QueueStore, ticket: str) -> Sequence[Errand]:
    """Return all errands of the ticket of this name: at least one.

    Raises ConfigError when the name cannot be read, RefusedError when nobody was given it.
    """
    series, number = read_label(ticket)
    errands = await store.find(series, number)
    if not errands:
        raise RefusedError(
            "There is no such ticket",
            "{ticket} has not been given today.",
            "Check the letter and the number.",
            ticket=label(series, number),
        )
    return errands


def at_unit(errands: Sequence[Errand], unit: str) -> Sequence[Errand]:
    """Return a ticket's errands at this unit. Raises RefusedError when it has none there."""
    there = [errand for errand in errands if errand.unit == unit]
    if not there:
        raise RefusedError(
            "The ticket has no errand there",
            "{ticket} was never in the queue of “{unit}”.",
            "It has, or had, errands at: {units}.",
            ticket=errands[0].label,
            unit=unit,
            units=_units(errands),
        )
    return there


def fitting(
    errands: Sequence[Errand], states: Collection[str], counter: Counter
) -> Sequence[Errand]:
    """Return which of a ticket's errands a verb at this counter can be about: at least one.

    The one at the counter, else those at its units, else any, in one of these states. Where none
    is, it is the newest of those that are not over, or of all: the store says why it cannot be.
    """
    fit = [
        errand
        for errand in errands
        if errand.state in states
        and (errand.state not in AT_COUNTER or errand.counter == counter.id)
    ]
    here = [errand for errand in fit if errand.state in AT_COUNTER]
    ours = [errand for errand in fit if errand.unit in counter.units]
    going_on = [errand for errand in errands if errand.state in OPEN]
    return here or ours or fit or going_on[-1:] or errands[-1:]


def only(errands: Sequence[Errand]) -> Errand:
    """Return the one errand that there is. Raises ConfigError when there are several."""
    if len(errands) > 1:
        raise ConfigError(
            "The ticket has several errands",
            "{ticket} has one at each of: {units}.",
            "Say with --unit which one is meant.",
            ticket=errands[0].label,
            units=_units(errands),
        )
    return errands[0]


def _units(errands: Sequence[Errand]) -> str:
    return ", ".join(dict.fromkeys(errand.unit for errand in errands))
