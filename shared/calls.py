"""Which calls hold: the lobby's list, whatever it is shown on."""

from __future__ import annotations

from collections.abc import Iterable
from operator import attrgetter

from shared.model import Call


def latest(calls: Iterable[Call]) -> tuple[Call, ...]:
    """Return the last call of each ticket that still holds, newest first."""
    by_errand = {call.errand: call for call in sorted(calls, key=attrgetter("id"))}
    holding = [call for call in by_errand.values() if not call.withdrawn]
    by_ticket = {call.label: call for call in sorted(holding, key=attrgetter("id"))}
    return tuple(sorted(by_ticket.values(), key=attrgetter("id"), reverse=True))
