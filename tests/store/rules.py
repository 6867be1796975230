"""The rules of the queue once more, in the plainest form: what any store must do at any step.

Moments are milliseconds since 1970, as in :func:`Lobby.now`: Python compares two moments of one
time zone by what the clocks show, which is wrong in the hour that comes twice.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

from msgspec import structs

from shared.config import Priority
from shared.errors import RefusedError
from shared.model import (
    AT_COUNTER,
    NOBODY,
    OPEN,
    Appointment,
    Call,
    CallId,
    CounterId,
    Desk,
    Errand,
    ErrandId,
    Estimate,
    Outcome,
    Place,
    Post,
    Queue,
    Sample,
    Session,
    State,
    Stop,
    TicketId,
    Undone,
    UnitId,
    Verb,
    Visit,
)
from shared.store import UNDO_WITHIN
from tests.conftest import HandClock

SERIES = "K"
"""Of every ticket here."""

HOUR = 3_600_000

OUT_OF_TURN = {Verb.PARK, Verb.BACK, Verb.PUT_OFF, Verb.HEAD_START}
"""After these, what comes is not what was told of the wait."""

Patience = Mapping[UnitId, timedelta] | None


@dataclass(frozen=True)
class Slip:
    """A ticket."""

    id: TicketId
    day: date
    number: int
    token: str
    issued_at: int
    appointed_at: int | None


@dataclass
class Matter:
    """An errand: what can be seen of it, and what its place follows from."""

    id: ErrandId
    slip: Slip
    unit: UnitId
    since: int
    rank_at: int
    state: State = State.WAITING
    priority: Priority | None = None
    counter: CounterId | None = None
    calls: int = 0
    called_at: int = 0
    origin: UnitId | None = None
    reason: str | None = None
    goal: ErrandId | None = None
    """The errand that it goes back to once it is served."""
    put_off: int = 0
    told: Estimate | None = None


@dataclass(eq=False)
class Step:
    """What one verb did."""

    verb: Verb
    counter: CounterId | None
    at: int
    before: dict[ErrandId, Matter | None] = field(default_factory=dict)
    """What each errand that it touched was before; None: it was not."""
    measured: list[tuple[UnitId, int, int]] = field(default_factory=list)
    """Times at a counter that ended with it: at which unit, since when, how long."""
    undone: bool = False

    def calls(self, errand: ErrandId) -> bool:
        """Tell whether it called the errand, and it was not a mistake."""
        before = self.before.get(errand)
        is_call = self.verb == Verb.CALL and before is not None and before.state not in AT_COUNTER
        return is_call and not self.undone


@dataclass
class OwnTime:
    """The queues' own time when a place was last given by it, and what the clock said then."""

    day: date
    """Of the last ticket."""
    at: int
    queued_at: int


@dataclass
class Promise:
    """An appointment, and whether its visitor has checked in."""

    appointment: Appointment
    used: bool = False
    cancelled: bool = False

    def holds(self, appointment: Appointment) -> bool:
        """Tell whether it is for this unit and time."""
        mine = self.appointment
        return not self.cancelled and (mine.unit, milliseconds(mine.at)) == (
            appointment.unit,
            milliseconds(appointment.at),
        )


def milliseconds(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)


def length(duration: timedelta) -> int:
    return duration // timedelta(milliseconds=1)


class Lobby:
    """Everything that is so at a moment. Its verbs and views are those of the store."""

    def __init__(self, clock: HandClock) -> None:
        self.clock = clock
        self.slips: list[Slip] = []
        self.matters: list[Matter] = []
        self.steps: list[Step] = []
        self.made: list[Call] = []
        self.scores: dict[str, int] = {}
        """What residents have said of their visits, by the tickets' tokens."""
        self.promises: dict[tuple[str, date], Promise] = {}
        self.own_time: OwnTime | None = None
        self.sessions: dict[CounterId, Session] = {}
        """Of the counters that a console has open."""
        self.closed: set[CounterId] = set()
        """Counters that a console has closed, and that have called nobody since."""

    @property
    def now(self) -> int:
        return milliseconds(self.clock.now())

    def turn_day(self) -> None:
        """End what is not over from an earlier service day."""
        with self._step(Verb.EXPIRE) as step:
            for matter in self.matters:
                if matter.state in OPEN and matter.slip.day < self.clock.day():
                    self._change(step, matter, state=State.EXPIRED)

    # Steps

    @contextmanager
    def _step(self, verb: Verb, counter: CounterId | None = None) -> Iterator[Step]:
        step = Step(verb, counter, self.now)
        yield step
        if step.before:
            self.steps.append(step)

    def _change(self, step: Step, matter: Matter, **changes: object) -> None:
        step.before.setdefault(matter.id, replace(matter))
        was = matter.state
        if "state" in changes:
            matter.since = step.at
        for name, value in changes.items():
            setattr(matter, name, value)
        if was in AT_COUNTER and matter.state not in AT_COUNTER and step.verb != Verb.EXPIRE:
            time = max(step.at - matter.called_at, 0)
            step.measured.append((matter.unit, matter.called_at, time))

    def _begin(self, step: Step, matter: Matter, unit: UnitId, goal: ErrandId | None) -> Matter:
        """Begin another errand of a ticket, in the same place in time."""
        new = Matter(
            ErrandId(len(self.matters) + 1),
            matter.slip,
            unit,
            since=step.at,
            rank_at=matter.rank_at,
            priority=matter.priority,
            origin=matter.unit,
            goal=goal,
        )
        step.before[new.id] = None
        self.matters.append(new)
        return new

    def _serve(self, step: Step, matter: Matter) -> None:
        """End an errand; one that shall go back to another unit does so, unless it is there."""
        self._change(step, matter, state=State.SERVED)
        goal = self._goal(matter)
        while goal and self._wants(matter.slip, goal.unit):
            goal = self._goal(goal)
        if goal:
            self._begin(step, matter, goal.unit, goal.goal)

    def _goal(self, matter: Matter) -> Matter | None:
        return self.matters[matter.goal - 1] if matter.goal else None

    def _tell(
        self,
        matter: Matter,
        counter: CounterId,
        *,
        repeated: bool = False,
        withdrawn: bool = False,
    ) -> Call:
        call = Call(
            id=CallId(len(self.made) + 1),
            at=self._moment(self.now),
            errand=matter.id,
            series=SERIES,
            number=matter.slip.number,
            unit=matter.unit,
            counter=counter,
            repeated=repeated,
            withdrawn=withdrawn,
        )
        self.made.append(call)
        return call

    # What is so

    def at(self, counter: CounterId) -> Matter | None:
        here = [each for each in self.matters if each.counter == counter]
        return next((each for each in here if each.state in AT_COUNTER), None)

    def _held(self, slip: Slip) -> CounterId | None:
        """Return which counter has the ticket."""
        mates = [each for each in self.matters if each.slip == slip]
        return next((each.counter for each in mates if each.state in AT_COUNTER), None)

    def _wants(self, slip: Slip, unit: UnitId) -> bool:
        """Tell whether the ticket has an errand at the unit that is not over."""
        return any(
            each.slip == slip and each.unit == unit and each.state in OPEN for each in self.matters
        )

    def _chosen(self, errand: ErrandId, *states: State) -> Matter:
        matter = self.matters[errand - 1]
        if matter.state not in states:
            raise RefusedError("It is in another state")
        return matter

    def _here(self, counter: CounterId, errand: ErrandId | None, *states: str) -> Matter:
        here = self.at(counter)
        if here is None or errand not in {None, here.id} or here.state not in states:
            raise RefusedError("Nobody is there, or somebody else, or it is in another state")
        return here

    def _meant(self, counter: CounterId, errand: ErrandId | None) -> Matter:
        """Return who is at the counter, or a chosen one that no other counter has."""
        if errand is None:
            return self._here(counter, None, *AT_COUNTER)
        matter = self._chosen(errand, State.WAITING, State.PARKED, State.CALLED, State.SERVING)
        if matter.state in AT_COUNTER and matter.counter != counter:
            raise RefusedError("Another counter has it")
        return matter

    def _waits_for(self, errand: ErrandId) -> list[Matter]:
        """Return all that the chosen errand's ticket waits for."""
        chosen = self._chosen(errand, State.WAITING, State.PARKED)
        return [
            each
            for each in self.matters
            if each.slip == chosen.slip and each.state in {State.WAITING, State.PARKED}
        ]

    def _waiting(self, unit: UnitId) -> list[Matter]:
        return [each for each in self.matters if (each.unit, each.state) == (unit, State.WAITING)]

    def _queued_at(self) -> int:
        """Return since when a ticket would wait that is given now.

        By the clock, but not before the last place that was given by it, while somebody is here or
        has come today: from there, time goes on at half the pace until the clock has caught up.
        """
        own = self.own_time
        here = any(each.state in OPEN for each in self.matters)
        if own is None or not (here or own.day == self.clock.day()):
            return self.now
        return max(self.now, own.queued_at + max(self.now - own.at, 0) // 2)

    def _go_by(self, queued_at: int) -> None:
        """Another place was given by the queues' own time."""
        assert self.own_time
        self.own_time = OwnTime(self.own_time.day, self.now, queued_at)

    # Tickets

    def issue(
        self,
        units: Sequence[UnitId],
        token: str,
        *,
        priority: Priority | None = None,
        appointed_at: int | None = None,
        estimates: Mapping[UnitId, Estimate] | None = None,
    ) -> tuple[int, tuple[Place, ...]]:
        """Give the ticket of this token; return its number and its places."""
        today = self.clock.day()
        numbers = [slip.number for slip in self.slips if slip.day >= today]
        queued_at = self._queued_at()
        slip = Slip(
            TicketId(len(self.slips) + 1),
            today,
            max(numbers, default=0) + 1,
            token,
            self.now,
            appointed_at,
        )
        rank_at = queued_at - (length(priority.head_start) if priority else 0)
        if appointed_at is not None:
            rank_at = appointed_at
        places = tuple(
            Place(
                unit=unit,
                ahead=sum(each.rank_at <= rank_at for each in self._waiting(unit)),
            )
            for unit in units
        )
        self.slips.append(slip)
        self.own_time = OwnTime(today, self.now, queued_at)
        with self._step(Verb.ISSUE) as step:
            for unit in units:
                matter = Matter(
                    ErrandId(len(self.matters) + 1),
                    slip,
                    unit,
                    self.now,
                    rank_at,
                    priority=priority,
                    told=(estimates or {}).get(unit),
                )
                step.before[matter.id] = None
                self.matters.append(matter)
        return slip.number, places

    def import_appointment(self, appointment: Appointment, *, cancelled: bool) -> str:
        """Add, move or cancel an appointment; return which of these was done."""
        key = appointment.code, self.clock.day_of(appointment.at)
        known = self.promises.get(key)
        if known and known.used:
            return "unchanged"
        there = known is not None and not known.cancelled
        if not there if cancelled else known and known.holds(appointment):
            return "unchanged"
        self.promises[key] = Promise(appointment, cancelled=cancelled)
        return "cancelled" if cancelled else "moved" if there else "added"

    def expects(self, appointment: Appointment) -> bool:
        """Tell whether a visitor with this appointment may check in."""
        promise = self.promises.get((appointment.code, self.clock.day()))
        return promise is not None and not promise.used and promise.holds(appointment)

    def check_in(self, appointment: Appointment, token: str) -> tuple[int, tuple[Place, ...]]:
        self.promises[appointment.code, self.clock.day()].used = True
        return self.issue([appointment.unit], token, appointed_at=milliseconds(appointment.at))

    # Verbs of a counter

    def call_next(
        self,
        counter: CounterId,
        units: Sequence[UnitId],
        *,
        patience: Patience = None,
        errand: ErrandId | None = None,
    ) -> Call | None:
        here = self.at(counter)
        if errand is not None and errand != (here.id if here else NOBODY):
            raise RefusedError("Somebody else is there, or somebody, or nobody")
        if line := self._line(counter, units, patience):
            return self._call(counter, line[0])
        if here:
            with self._step(Verb.FINISH, counter) as step:
                self._serve(step, here)
        return None

    def call(self, counter: CounterId, errand: ErrandId) -> Call:
        matter = self._chosen(errand, State.WAITING, State.PARKED)
        if self._held(matter.slip) not in {None, counter}:
            raise RefusedError("Another counter has it")
        return self._call(counter, matter)

    def _call(self, counter: CounterId, matter: Matter) -> Call:
        with self._step(Verb.CALL, counter) as step:
            if here := self.at(counter):
                self._serve(step, here)
            self._change(
                step,
                matter,
                state=State.CALLED,
                counter=counter,
                calls=matter.calls + 1,
                called_at=step.at,
            )
        self.closed.discard(counter)
        if counter in self.sessions:
            self._rest(counter, None)
        return self._tell(matter, counter)

    def recall(self, counter: CounterId, *, errand: ErrandId | None = None) -> Call:
        here = self._here(counter, errand, State.CALLED)
        with self._step(Verb.RECALL, counter) as step:
            self._change(step, here, state=State.CALLED, calls=here.calls + 1)
        return self._tell(here, counter, repeated=True)

    def start(self, counter: CounterId, *, errand: ErrandId | None = None) -> Errand:
        here = self._here(counter, errand, State.CALLED)
        with self._step(Verb.START, counter) as step:
            self._change(step, here, state=State.SERVING)
        return self._errand(here)

    def finish(self, counter: CounterId, *, errand: ErrandId | None = None) -> Errand:
        here = self._here(counter, errand, *AT_COUNTER)
        with self._step(Verb.FINISH, counter) as step:
            self._serve(step, here)
        return self._errand(here)

    def no_show(self, counter: CounterId, *, errand: ErrandId | None = None) -> Errand:
        here = self._here(counter, errand, State.CALLED)
        with self._step(Verb.NO_SHOW, counter) as step:
            self._change(step, here, state=State.NO_SHOW)
        return self._errand(here)

    def back(self, counter: CounterId, *, errand: ErrandId | None = None) -> Errand:
        here = self._here(counter, errand, State.CALLED)
        now = self._queued_at()
        due = [each.rank_at for each in self._waiting(here.unit) if each.rank_at <= now]
        with self._step(Verb.BACK, counter) as step:
            rank_at = max([now, *(each + 1 for each in due)])
            self._change(step, here, state=State.WAITING, rank_at=rank_at, priority=None)
        self._go_by(now)
        self._tell(here, counter, withdrawn=True)
        return self._errand(here)

    def park(self, counter: CounterId, *, errand: ErrandId | None = None) -> Errand:
        matter = self._meant(counter, errand)
        if matter.state == State.PARKED:
            raise RefusedError("It is parked")
        with self._step(Verb.PARK, counter) as step:
            self._change(step, matter, state=State.PARKED)
        return self._errand(matter)

    def resume(self, counter: CounterId, errand: ErrandId) -> Errand:
        matter = self._chosen(errand, State.PARKED)
        with self._step(Verb.RESUME, counter) as step:
            self._change(step, matter, state=State.WAITING)
        return self._errand(matter)

    def transfer(
        self,
        counter: CounterId,
        to: UnitId,
        *,
        errand: ErrandId | None = None,
        reason: str | None = None,
        comes_back: bool = False,
    ) -> Errand:
        old = self._meant(counter, errand)
        if self._wants(old.slip, to):
            raise RefusedError("It is in that queue already")
        goal = old if comes_back else self._goal(old)
        if goal and goal.unit == to:
            goal = self._goal(goal)  # it has gone back to there by this
        with self._step(Verb.TRANSFER, counter) as step:
            self._change(step, old, state=State.TRANSFERRED)
            new = self._begin(step, old, to, goal.id if goal else None)
        new.reason = reason
        return self._errand(new)

    def leave(self, errand: ErrandId, *, counter: CounterId | None = None) -> Errand:
        mates = self._waits_for(errand)
        if self._held(mates[0].slip):
            raise RefusedError("A counter has it")
        with self._step(Verb.LEAVE, counter) as step:
            for mate in mates:
                self._change(step, mate, state=State.LEFT)
        return self._errand(self.matters[errand - 1])

    def head_start(
        self, errand: ErrandId, priority: Priority | None, *, counter: CounterId | None = None
    ) -> Errand:
        with self._step(Verb.HEAD_START, counter) as step:
            for mate in self._waits_for(errand):
                old = length(mate.priority.head_start) if mate.priority else 0
                new = length(priority.head_start) if priority else 0
                rank_at = mate.rank_at + old - new
                self._change(step, mate, priority=priority, rank_at=rank_at)
        return self._errand(self.matters[errand - 1])

    def undo(self, counter: CounterId) -> Undone:
        last = self.last(counter)
        if last is None or last.verb == Verb.UNDO:
            raise RefusedError("There is nothing to undo")
        if abs(self.now - last.at) > length(UNDO_WITHIN):
            raise RefusedError("It is too late, or nobody can tell")
        if any(self.matters[id_ - 1].slip.day < self.clock.day() for id_ in last.before):
            raise RefusedError("It is of an earlier day")
        after = self.steps[self.steps.index(last) + 1 :]
        if any(each.before.keys() & last.before.keys() for each in after):
            raise RefusedError("Something has come after it")
        undone = [
            replace(
                last.before.get(each.id, each) or replace(each, state=State.UNDONE, since=self.now)
            )
            for each in self.matters
        ]
        if not sound(undone):
            raise RefusedError("Something has come after it, to the same ticket")
        about = self._about(last)
        with self._step(Verb.UNDO, counter) as step:
            step.before = {id_: replace(self.matters[id_ - 1]) for id_ in last.before}
        if about.state == State.CALLED and undone[about.id - 1].state not in AT_COUNTER:
            self._tell(about, counter, withdrawn=True)
        if last.verb == Verb.BACK:
            self._tell(about, counter)
        self.matters = undone
        last.undone = True
        last.measured.clear()
        return Undone(verb=last.verb, errand=self._errand(undone[about.id - 1]))

    def last(self, counter: CounterId) -> Step | None:
        """Return the last step of a counter."""
        return next((step for step in reversed(self.steps) if step.counter == counter), None)

    def _about(self, step: Step) -> Matter:
        """Return whom a step was about: who was called, else who was there before."""
        touched = [self.matters[id_ - 1] for id_ in sorted(step.before)]
        called = [each for each in touched if each.state == State.CALLED]
        return (called or [each for each in touched if step.before[each.id]])[0]

    # Verbs of a resident

    def put_off(self, token: str, *, by: timedelta, times: int) -> Visit:
        slip = self._slip(token)
        matters = [
            each
            for each in self.matters
            if each.slip == slip and each.state in {State.WAITING, State.CALLED}
        ]
        moved = [each for each in matters if each.put_off < times]
        if not moved:
            raise RefusedError("It neither waits nor is called, or this was done before")
        now = self._queued_at()
        with self._step(Verb.PUT_OFF) as step:
            for matter in moved:
                rank_at = self._later(matter, length(by))
                self._change(step, matter, rank_at=rank_at, put_off=matter.put_off + 1)
                if matter.state == State.CALLED:
                    self._change(step, matter, state=State.WAITING)
                    assert matter.counter
                    self._tell(matter, matter.counter, withdrawn=True)
        self._go_by(now)
        return self._visit(slip)

    def _later(self, matter: Matter, by: int) -> int:
        """Return a place that is later in the queue, and behind the next one who is due."""
        behind = [
            each.rank_at
            for each in self._waiting(matter.unit)
            if (each.rank_at, each.id) > (matter.rank_at, matter.id)
            and each.rank_at <= self._queued_at()
        ]
        if behind:
            return max(matter.rank_at + by, min(behind) + 1)
        return max(matter.rank_at, self._queued_at()) + by

    def give_up(self, token: str) -> Visit:
        slip = self._slip(token)
        waiting = [
            each
            for each in self.matters
            if each.slip == slip and each.state in {State.WAITING, State.PARKED}
        ]
        if not waiting or self._held(slip):
            raise RefusedError("A counter has it, or it is over")
        with self._step(Verb.LEAVE) as step:
            for matter in waiting:
                self._change(step, matter, state=State.LEFT)
        return self._visit(slip)

    def rate(self, token: str, score: int) -> Visit:
        slip = self._slip(token)
        if token in self.scores or not self._visit(slip).is_over:
            raise RefusedError("It is not over yet, or was rated before")
        self.scores[token] = score
        return self._visit(slip)

    def _slip(self, token: str) -> Slip:
        """Return today's ticket of a token."""
        for slip in self.slips:
            if slip.token == token and slip.day >= self.clock.day():
                return slip
        raise RefusedError("It is not one of today")

    # Counters

    def open_counter(self, session: Session) -> None:
        self.sessions[session.counter] = session
        self.closed.discard(session.counter)

    def pause_counter(self, session: Session, *, paused: bool) -> None:
        current = self._current(session)
        if paused == (current.break_since is not None):
            raise RefusedError("It has one already, or none")
        self._rest(session.counter, self.clock.now() if paused else None)

    def close_counter(self, session: Session) -> None:
        del self.sessions[self._current(session).counter]
        self.closed.add(session.counter)

    def _current(self, session: Session) -> Session:
        current = self.sessions.get(session.counter)
        if current is None or current.id != session.id:
            raise RefusedError("It is not open there any more")
        return current

    def _rest(self, counter: CounterId, since: datetime | None) -> None:
        self.sessions[counter] = structs.replace(self.sessions[counter], break_since=since)

    # Views

    def _moment(self, milliseconds: int) -> datetime:
        return datetime.fromtimestamp(milliseconds / 1000, self.clock.zone)

    def _errand(self, matter: Matter) -> Errand:
        appointed_at = matter.slip.appointed_at
        return Errand(
            id=matter.id,
            ticket=matter.slip.id,
            series=SERIES,
            number=matter.slip.number,
            unit=matter.unit,
            state=matter.state,
            since=self._moment(matter.since),
            issued_at=self._moment(matter.slip.issued_at),
            counter=matter.counter,
            calls=matter.calls,
            priority=matter.priority.id if matter.priority else None,
            appointed_at=None if appointed_at is None else self._moment(appointed_at),
            origin=matter.origin,
            reason=matter.reason,
            back_to=goal.unit if (goal := self._goal(matter)) else None,
            put_off=matter.put_off,
            also=tuple(
                each.unit
                for each in self.matters
                if each.slip == matter.slip and each.id != matter.id and each.state in OPEN
            ),
        )

    def _line(
        self, counter: CounterId, units: Sequence[UnitId], patience: Patience
    ) -> list[Matter]:
        """Return who could be called to the counter now, in its order."""

        def turn(matter: Matter) -> tuple[int, int, int]:
            place = 0 if patience is None else units.index(matter.unit)
            if patience and matter.rank_at <= self._queued_at() - length(patience[matter.unit]):
                place = -1
            return place, matter.rank_at, matter.id

        free = [
            each
            for each in self.matters
            if each.state == State.WAITING
            and each.unit in units
            and self._held(each.slip) in {None, counter}
        ]
        return sorted(free, key=turn)

    def desk(
        self, counter: CounterId, units: Sequence[UnitId], *, patience: Patience = None
    ) -> Desk:
        here = self.at(counter)
        parked = [
            each for each in self.matters if each.state == State.PARKED and each.unit in units
        ]
        return Desk(
            current=self._errand(here) if here else None,
            waiting=tuple(map(self._errand, self._line(counter, units, patience))),
            parked=tuple(
                map(self._errand, sorted(parked, key=lambda it: (it.since, it.rank_at, it.id)))
            ),
        )

    def find(self, number: int) -> tuple[Errand, ...]:
        today = self.clock.day()
        found = [slip for slip in self.slips if slip.day >= today and slip.number == number]
        return tuple(self._errand(each) for each in self.matters if each.slip in found[-1:])

    def in_hand(self) -> tuple[Errand, ...]:
        in_hand = {State.CALLED, State.SERVING, State.PARKED}
        return tuple(self._errand(each) for each in self.matters if each.state in in_hand)

    def appointments(self) -> tuple[Appointment, ...]:
        """Return today's that nobody has checked in for."""
        return tuple(
            sorted(
                (
                    promise.appointment
                    for (_, day), promise in self.promises.items()
                    if day == self.clock.day() and not promise.used and not promise.cancelled
                ),
                key=lambda each: (each.at.timestamp(), each.code),
            )
        )

    def outcomes(self, since: datetime) -> list[Outcome]:
        """Return what was told of waits, and what came where it came as the queue went."""
        return [
            Outcome(
                unit=matter.unit,
                estimate=matter.told,
                waited=timedelta(milliseconds=min(called) - matter.slip.issued_at),
            )
            for matter in self.matters
            if matter.told
            and matter.slip.day >= self.clock.day_of(since)
            and matter.slip.issued_at >= milliseconds(since)
            and len([each for each in self.matters if each.slip == matter.slip and each.told]) == 1
            and (steps := [step for step in self.steps if matter.id in step.before])
            and not any(step.verb in OUT_OF_TURN for step in steps)
            and (called := [step.at for step in steps if step.calls(matter.id)])
        ]

    def visits(self) -> dict[str, Visit]:
        """Return what has become of each ticket of today."""
        today = self.clock.day()
        return {slip.token: self._visit(slip) for slip in self.slips if slip.day >= today}

    def _visit(self, slip: Slip) -> Visit:
        appointed_at = slip.appointed_at
        return Visit(
            token=slip.token,
            series=SERIES,
            number=slip.number,
            language="fi",
            issued_at=self._moment(slip.issued_at),
            appointed_at=None if appointed_at is None else self._moment(appointed_at),
            stops=tuple(
                Stop(
                    unit=each.unit,
                    state=each.state,
                    since=self._moment(each.since),
                    counter=each.counter,
                    calls=each.calls,
                    ahead=self._ahead(each) if each.state == State.WAITING else None,
                    put_off=each.put_off,
                    told=each.told,
                )
                for each in self.matters
                if each.slip == slip and each.state not in {State.TRANSFERRED, State.UNDONE}
            ),
            score=self.scores.get(slip.token),
        )

    def _ahead(self, matter: Matter) -> int:
        place = matter.rank_at, matter.id
        return sum((each.rank_at, each.id) < place for each in self._waiting(matter.unit))

    def calls(self, units: Sequence[UnitId] | None) -> list[Call]:
        """Return the service day's calls, newest first, and those of a day that is yet to come."""
        return [
            call
            for call in reversed(self.made)
            if self.matters[call.errand - 1].slip.day >= self.clock.day()
            and (units is None or call.unit in units)
        ]

    def queues(self, priority: Priority | None = None) -> dict[UnitId, Queue]:
        queues = {}
        place = self._queued_at()
        sooner = place - (length(priority.head_start) if priority else 0)
        for unit in {each.unit for each in self.matters}:
            if line := self._waiting(unit):
                came = [max(each.slip.issued_at, each.slip.appointed_at or 0) for each in line]
                queues[unit] = Queue(
                    people=len(line),
                    due=sum(each.rank_at <= place for each in line),
                    ahead=sum(each.rank_at <= sooner for each in line),
                    first=self._moment(min(each.rank_at for each in line)),
                    longest_since=self._moment(min(came)),
                )
        return queues

    def posts(self, counters: Iterable[CounterId]) -> tuple[Post, ...]:
        """Return which of the counters serve: open or in use, and neither on a break nor closed."""
        return tuple(
            Post(counter=counter, unit=here.unit if (here := self.at(counter)) else None)
            for counter in sorted(counters)
            if counter not in self.closed
            and (
                self.sessions[counter].break_since is None
                if counter in self.sessions
                else self._is_in_use(counter)
            )
        )

    def _is_in_use(self, counter: CounterId) -> bool:
        last = self.last(counter)
        lately = last is not None and abs(self.now - last.at) < length(timedelta(minutes=30))
        return lately or self.at(counter) is not None

    def expected(self) -> dict[UnitId, int]:
        """Return for how many appointments the time has come, a quarter of an hour ago at most."""
        ages = [(each.unit, self.now - milliseconds(each.at)) for each in self.appointments()]
        due = [unit for unit, age in ages if 0 <= age <= length(timedelta(minutes=15))]
        return {unit: due.count(unit) for unit in due}

    def recent(self) -> dict[UnitId, Sample] | None:
        """Return what was measured in the last hours; None where it depends on how many those are.

        What was measured before the clock was set back may be in the future.
        """
        ages = [self.now - called_at for _, called_at, _ in self._measured()]
        if any(age < 0 or HOUR < age < 6 * HOUR for age in ages):
            return None
        return self._samples(lambda called_at: self.now - called_at <= HOUR)

    def usual(self) -> dict[UnitId, Sample] | None:
        """Return what was measured at this time of the week; None where it depends on how near.

        By the clocks on the wall, whatever daylight saving time has done since.
        """
        now = self.clock.now()
        times = [milliseconds(now - timedelta(weeks=week)) for week in range(1, 9)]

        def off(called_at: int) -> int:
            return min(abs(time - called_at) for time in times)

        if any(HOUR < off(called_at) < 2 * HOUR for _, called_at, _ in self._measured()):
            return None
        return self._samples(lambda called_at: off(called_at) <= HOUR)

    def _measured(self) -> list[tuple[UnitId, int, int]]:
        return [each for step in self.steps for each in step.measured]

    def _samples(self, counts: Callable[[int], bool]) -> dict[UnitId, Sample]:
        """Sum up the times at counters that began when it counts."""
        times: dict[UnitId, list[int]] = {}
        for unit, called_at, time in self._measured():
            if counts(called_at):
                times.setdefault(unit, []).append(time)
        return {
            unit: Sample(
                count=len(times),
                total=sum(times) / 1000,
                squares=sum(time * time for time in times) / 1e6,
            )
            for unit, times in times.items()
        }


def sound(matters: Sequence[Matter]) -> bool:
    """Tell whether a counter has one ticket at most, a ticket one counter, and a unit only once."""
    held = [each for each in matters if each.state in AT_COUNTER]
    once = (
        [each.counter for each in held],
        [each.slip for each in held],
        [(each.slip, each.unit) for each in matters if each.state in OPEN],
    )
    return all(len(set(several)) == len(several) for several in once)
