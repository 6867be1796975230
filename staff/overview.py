"""The whole centre in one look: how every unit's queue stands against its target."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from msgspec import Struct

from shared.config import Config
from shared.model import CounterId, Traffic, UnitId


class Standing(Struct, frozen=True, kw_only=True):
    """How the queue of one unit stands."""

    unit: UnitId
    people: int
    longest: timedelta
    """The longest wait; none when nobody waits."""
    target: timedelta | None
    """No wait should be longer. None: the configuration does not have the unit any more."""
    counters: Sequence[CounterId]
    """Those that serve it now."""

    @property
    def over_target(self) -> bool:
        return self.target is not None and self.longest > self.target


def overview(config: Config, traffic: Traffic, now: datetime) -> list[Standing]:
    """Return every unit of the configuration, then those that only have people left."""
    targets = {unit.id: timedelta(minutes=unit.target_minutes) for unit in config.units}
    open_ = {post.counter for post in traffic.posts}
    return [
        Standing(
            unit=unit,
            people=traffic.people(unit),
            longest=(
                max(now - traffic.queues[unit].longest_since, timedelta())
                if unit in traffic.queues
                else timedelta()
            ),
            target=targets.get(unit),
            counters=[
                counter.id
                for counter in config.counters
                if unit in counter.units and counter.id in open_
            ],
        )
        for unit in dict.fromkeys((*targets, *traffic.queues))
    ]
