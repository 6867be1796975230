"""The whole centre in one look: how every unit's queue stands against its target."""

from __future__ import annotations

from collections import Counter as Tally
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from msgspec import Struct

from shared.clock import elapsed
from shared.config import Config, Counter
from shared.model import AT_COUNTER, CounterId, Desk, Errand, State, Traffic, UnitId
from shared.store import QueueStore


class Centre(Struct, frozen=True, kw_only=True):
    """The whole centre, as the store has it."""

    traffic: Traffic
    parked: Mapping[UnitId, int]
    """How many are parked, for each unit where any are."""
    stranded: Sequence[Errand]
    """Who is at a counter that neither the configuration nor a console has any more."""


class Standing(Struct, frozen=True, kw_only=True):
    """How the queue of one unit stands."""

    unit: UnitId
    people: int
    parked: int
    """Who was put aside; they are not among the people."""
    longest: timedelta
    """The longest wait; none when nobody waits."""
    target: timedelta | None
    """No wait should be longer. None: the configuration does not have the unit any more."""
    counters: Sequence[CounterId]
    """Those that serve it now."""

    @property
    def over_target(self) -> bool:
        return self.target is not None and self.longest > self.target


class Waiting(Struct, frozen=True, kw_only=True):
    """Who waits for one counter, or for units as it can call them."""

    desk: Desk
    away: int
    """People who wait too, but are at another counter: they cannot be called until then."""

    @property
    def people(self) -> int:
        """All who wait, as the centre and the lobby count them; who has several errands, once."""
        return len({errand.ticket for errand in self.desk.waiting}) + self.away


async def read_waiting(
    config: Config, store: QueueStore, counter: Counter, units: Sequence[UnitId] = ()
) -> Waiting:
    """Read who waits for a counter in its order, or for these units."""
    patience = None if units else config.patience(counter)
    units = units or counter.units
    desk = await store.desk(counter.id, units, patience=patience)
    in_hand = await store.in_hand()
    parked = {(each.ticket, each.unit) for each in in_hand if each.state is State.PARKED}
    away = {
        each.ticket
        for each in in_hand
        if each.state in AT_COUNTER and each.counter != counter.id
        if any(unit in units and (each.ticket, unit) not in parked for unit in each.also)
    }
    return Waiting(desk=desk, away=len(away))


async def read_centre(config: Config, store: QueueStore) -> Centre:
    """Read what an overview is made from."""
    traffic, in_hand = await store.traffic(), await store.in_hand()
    known = {counter.id for counter in config.counters}
    return Centre(
        traffic=traffic,
        parked=Tally(errand.unit for errand in in_hand if errand.state is State.PARKED),
        stranded=[
            errand
            for errand in in_hand
            if errand.state in AT_COUNTER
            and errand.counter is not None
            and errand.counter not in known
            and await store.session(errand.counter) is None
        ],
    )


def serving(config: Config, traffic: Traffic, unit: UnitId) -> list[CounterId]:
    """Return the counters that serve a unit now."""
    open_ = {post.counter for post in traffic.posts}
    return [each.id for each in config.counters if unit in each.units and each.id in open_]


def overview(config: Config, centre: Centre, now: datetime) -> list[Standing]:
    """Return every unit of the configuration, then those that only have people left."""
    targets = {unit.id: timedelta(minutes=unit.target_minutes) for unit in config.units}
    traffic, parked = centre.traffic, centre.parked
    return [
        Standing(
            unit=unit,
            people=traffic.people(unit),
            parked=parked.get(unit, 0),
            longest=(
                max(elapsed(traffic.queues[unit].longest_since, now), timedelta())
                if unit in traffic.queues
                else timedelta()
            ),
            target=targets.get(unit),
            counters=serving(config, traffic, unit),
        )
        for unit in dict.fromkeys((*targets, *traffic.queues, *parked))
    ]
