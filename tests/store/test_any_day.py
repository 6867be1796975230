"""Any day at all, in any order of steps, against the rules written down once more."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from contextlib import AsyncExitStack
from datetime import datetime, time, timedelta
from typing import TypeVar

import msgspec
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from shared.config import Config, Priority
from shared.errors import RefusedError
from shared.model import (
    NOBODY,
    OPEN,
    Appointment,
    Call,
    CallId,
    CounterId,
    Errand,
    ErrandId,
    Session,
    State,
    UnitId,
    Verb,
)
from shared.store import QueueStore, open_store
from tests.store.conftest import Fresh
from tests.store.lobby import (
    ALL,
    HEALTH,
    INFANT,
    LIBRARY,
    MOBILITY,
    ONE,
    SERVICE,
    TWO,
    LateClock,
    minutes,
)
from tests.store.rules import SERIES, Lobby, Patience

T = TypeVar("T")

FOUR = CounterId("4")

SERVES: dict[CounterId, Sequence[UnitId]] = {
    ONE: [SERVICE, LIBRARY],
    TWO: [LIBRARY],
    FOUR: [HEALTH, LIBRARY, SERVICE],
}

PATIENCE = {
    SERVICE: timedelta(minutes=20),
    LIBRARY: timedelta(minutes=10),
    HEALTH: timedelta(minutes=5),
}

MORNINGS = [
    "2026-11-24 09:50",
    "2026-11-24 23:58",
    "2026-03-29 02:50",  # the clocks go forward at three
    "2026-10-25 02:50",  # and back at four
    "2028-02-29 03:50",
]

STARTS = [time(0), time(3, 30)]

MOVES = [
    *(timedelta(seconds=seconds) for seconds in (1, 20, 50, 90, 120, 121, 400, 900, 2000)),
    timedelta(hours=-1),
    timedelta(days=1),
    timedelta(days=-1),
    timedelta(weeks=1),
]
"""How the clock moves between two steps, or is moved."""

counters = st.sampled_from(list(SERVES))
units = st.sampled_from(ALL)
several = st.lists(units, min_size=1, unique=True)
TOLD = minutes(5, 8, 12)

priorities = st.sampled_from([None, INFANT, MOBILITY])
patiences = st.sampled_from([None, PATIENCE])

picks = st.integers(0, 9)
"""Which counter or errand: those come first with which a verb can do something."""

guards = st.one_of(st.none(), st.just("who is there"), picks)
codes = st.sampled_from("ABC")


def somebody(*states: State) -> Callable[[AnyDay], bool]:
    """Tell whether there is an errand in one of these states, for a verb to be about.

    What is refused when there is none is in test_verbs.py; here it would only take up the steps.
    """
    return lambda day: any(matter.state in states for matter in day.lobby.matters)


class AnyDay(RuleBasedStateMachine):
    """Does everything twice, in the store and by the rules; what is seen must be the same."""

    def __init__(self, config: Config) -> None:
        super().__init__()
        self.config = config
        self.runner = asyncio.Runner()
        self.stack = AsyncExitStack()
        self.programs: list[QueueStore] = []
        self.sessions: list[Session] = []
        """All that there were, the newest first."""

    def run(self, work: Coroutine[object, object, T]) -> T:
        return self.runner.run(work)

    @initialize(
        morning=st.sampled_from(MORNINGS),
        day_starts=st.sampled_from(STARTS),
        crowd=st.lists(several, min_size=1, max_size=5),
    )
    def begin(self, morning: str, day_starts: time, crowd: list[list[UnitId]]) -> None:
        self.clock = LateClock(day_starts)
        self.clock.set(datetime.fromisoformat(morning))
        self.lobby = Lobby(self.clock)
        for _ in range(2):
            opened = open_store(self.config, self.clock)
            self.programs.append(self.run(self.stack.enter_async_context(opened)))
        for units in crowd:
            self.issue_one(units)

    def teardown(self) -> None:
        self.run(self.stack.aclose())
        self.runner.close()

    @property
    def store(self) -> QueueStore:
        """One program acts, the other one looks; then the other way round."""
        self.programs.reverse()
        return self.programs[0]

    def both(self, verb: str, *arguments: object, **named: object) -> None:
        """Do a verb in the store and by the rules: both do the same, or both refuse."""
        act = getattr(self.store, verb)(*arguments, **named)
        try:
            expected = getattr(self.lobby, verb)(*arguments, **named)
        except RefusedError:
            with pytest.raises(RefusedError):
                self.run(act)
        else:
            assert plain(self.run(act)) == plain(expected)

    def busy(self, pick: int) -> CounterId:
        """Pick a counter; those where somebody is come first."""
        counters = sorted(SERVES, key=lambda counter: self.lobby.at(counter) is None)
        return counters[pick % len(counters)]

    def errand(self, pick: int, *states: State) -> ErrandId:
        """Pick an errand; those that are in one of these states come first."""
        matters = sorted(self.lobby.matters, key=lambda matter: matter.state not in states)
        return matters[pick % len(matters)].id

    def guard(self, counter: CounterId, guard: int | str | None) -> ErrandId | None:
        """Pick the errand that a verb of a counter is meant for, if it is for one."""
        if isinstance(guard, int):
            return self.errand(guard, *OPEN) if self.lobby.matters else None
        here = self.lobby.at(counter)
        return here.id if guard and here else None

    # Time

    @rule(by=st.sampled_from(MOVES))
    def move_the_clock(self, by: timedelta) -> None:
        self.clock.advance(seconds=by.total_seconds())
        self.lobby.turn_day()
        for program in self.programs:
            # Every program that stays open looks once a second; none sleeps through a day.
            self.run(program.desk(ONE, ALL))

    # Tickets

    @rule(units=several, priority=priorities)
    def issue(self, units: list[UnitId], priority: Priority | None) -> None:
        self.issue_one(units, priority)

    def issue_one(self, units: list[UnitId], priority: Priority | None = None) -> None:
        told = dict.fromkeys(units, TOLD)
        act = self.store.issue(
            units, series=SERIES, language="fi", priority=priority, estimates=told
        )
        ticket = self.run(act)
        expected = self.lobby.issue(units, ticket.token, priority=priority, estimates=told)
        assert (ticket.number, ticket.places) == expected

    @rule(code=codes, unit=units, minutes=st.integers(-20, 60), cancelled=st.booleans())
    def import_appointment(self, code: str, unit: UnitId, minutes: int, *, cancelled: bool) -> None:
        # Counted by the clock, for the one on the wall may leave out an hour.
        now = self.clock.now().timestamp()
        at = datetime.fromtimestamp(now + 60 * minutes, self.clock.zone)
        appointment = Appointment(code=code, unit=unit, at=at)
        done = self.run(
            self.store.import_appointments(
                [] if cancelled else [appointment], [appointment] if cancelled else []
            )
        )
        expected = self.lobby.import_appointment(appointment, cancelled=cancelled)
        assert {name for name, number in done.items() if number} == {expected}

    @precondition(lambda self: self.lobby.promises)
    @rule(pick=picks)
    def check_in(self, pick: int) -> None:
        promises = list(self.lobby.promises.values())
        appointment = promises[pick % len(promises)].appointment
        act = self.store.check_in(appointment, series=SERIES, language="fi")
        if not self.lobby.expects(appointment):
            with pytest.raises(RefusedError):
                self.run(act)
            return
        ticket = self.run(act)
        expected = self.lobby.check_in(appointment, ticket.token)
        assert (ticket.number, ticket.places) == expected

    # Verbs of a counter

    @precondition(somebody(*OPEN))
    @rule(counter=counters, patience=patiences, guard=guards)
    def call_next(self, counter: CounterId, patience: Patience, guard: int | str | None) -> None:
        errand = self.guard(counter, guard)
        if guard == "who is there" and errand is None:
            errand = NOBODY
        self.both("call_next", counter, SERVES[counter], patience=patience, errand=errand)

    @precondition(somebody(State.CALLED, State.SERVING))
    @rule(verb=st.sampled_from(["recall", "start"]), pick=picks, guard=guards)
    def go_on(self, verb: str, pick: int, guard: int | str | None) -> None:
        counter = self.busy(pick)
        self.both(verb, counter, errand=self.guard(counter, guard))

    @precondition(somebody(State.CALLED, State.SERVING))
    @rule(verb=st.sampled_from(["finish", "no_show", "back"]), pick=picks, guard=guards)
    def end(self, verb: str, pick: int, guard: int | str | None) -> None:
        counter = self.busy(pick)
        self.both(verb, counter, errand=self.guard(counter, guard))

    @precondition(somebody(*OPEN))
    @rule(pick=picks, guard=guards)
    def park(self, pick: int, guard: int | str | None) -> None:
        counter = self.busy(pick)
        self.both("park", counter, errand=self.guard(counter, guard))

    @precondition(somebody(*OPEN))
    @rule(pick=picks, to=units, guard=guards, comes_back=st.booleans())
    def transfer(self, pick: int, to: UnitId, guard: int | str | None, *, comes_back: bool) -> None:
        counter = self.busy(pick)
        errand = self.guard(counter, guard)
        self.both("transfer", counter, to, errand=errand, reason="form", comes_back=comes_back)

    @precondition(somebody(State.WAITING))
    @rule(counter=counters, pick=picks, to=units, comes_back=st.booleans())
    def send(self, counter: CounterId, pick: int, to: UnitId, *, comes_back: bool) -> None:
        """Call somebody and send them on for a moment, or back again; most of all who is sent."""
        waiting = [each for each in self.lobby.matters if each.state is State.WAITING]
        errand = sorted(waiting, key=lambda each: each.goal is None)[pick % len(waiting)].id
        self.both("call", counter, errand)
        if comes_back:
            self.both("transfer", counter, to, errand=errand, comes_back=True)
        else:
            self.both("finish", counter, errand=errand)

    @precondition(somebody(State.WAITING, State.PARKED))
    @rule(counter=counters, pick=picks)
    def call(self, counter: CounterId, pick: int) -> None:
        self.both("call", counter, self.errand(pick, State.WAITING, State.PARKED))

    @precondition(somebody(State.PARKED))
    @rule(counter=counters, pick=picks)
    def resume(self, counter: CounterId, pick: int) -> None:
        self.both("resume", counter, self.errand(pick, State.PARKED))

    @precondition(somebody(State.WAITING, State.PARKED))
    @rule(pick=picks, counter=st.none() | counters)
    def leave(self, pick: int, counter: CounterId | None) -> None:
        self.both("leave", self.errand(pick, State.WAITING, State.PARKED), counter=counter)

    @precondition(somebody(State.WAITING, State.PARKED))
    @rule(pick=picks, counter=st.none() | counters, priority=priorities)
    def head_start(self, pick: int, counter: CounterId | None, priority: Priority | None) -> None:
        errand = self.errand(pick, State.WAITING, State.PARKED)
        self.both("head_start", errand, priority, counter=counter)

    @rule(pick=picks)
    def undo(self, pick: int) -> None:
        def nothing_to_undo(counter: CounterId) -> bool:
            last = self.lobby.last(counter)
            return last is None or last.verb is Verb.UNDO

        self.both("undo", sorted(SERVES, key=nothing_to_undo)[pick % len(SERVES)])

    # Verbs of a resident

    def token(self, pick: int) -> str:
        """Pick a ticket; those that are not over come first."""
        slips = {each.slip: None for each in self.lobby.matters if each.state in OPEN}
        slips |= dict.fromkeys(self.lobby.slips)
        return list(slips)[pick % len(slips)].token

    @precondition(somebody(State.WAITING, State.CALLED))
    @rule(pick=picks, minutes=st.sampled_from([1, 10]), times=st.integers(1, 2))
    def put_off(self, pick: int, minutes: int, times: int) -> None:
        self.both("put_off", self.token(pick), by=timedelta(minutes=minutes), times=times)

    @precondition(somebody(State.WAITING, State.PARKED))
    @rule(pick=picks)
    def give_up(self, pick: int) -> None:
        self.both("give_up", self.token(pick))

    @precondition(lambda self: self.lobby.slips)
    @rule(pick=picks, score=st.integers(1, 5))
    def rate(self, pick: int, score: int) -> None:
        over = {token for token, visit in self.lobby.visits().items() if visit.is_over}
        tokens = [slip.token for slip in self.lobby.slips]
        tokens.sort(key=lambda token: token not in over)
        self.both("rate", tokens[pick % len(tokens)], score)

    # Counters

    @rule(counter=counters)
    def open_counter(self, counter: CounterId) -> None:
        session = self.run(self.store.open_counter(counter))
        assert (session is None) == (counter in self.lobby.sessions)
        if session:
            assert (session.opened_at, session.break_since) == (self.clock.now(), None)
            self.sessions.insert(0, session)
            self.lobby.open_counter(session)

    @precondition(lambda self: self.sessions)
    @rule(pick=picks, paused=st.booleans())
    def pause_counter(self, pick: int, *, paused: bool) -> None:
        self.both("pause_counter", self.sessions[pick % len(self.sessions)], paused=paused)

    @precondition(lambda self: self.sessions)
    @rule(pick=picks)
    def close_counter(self, pick: int) -> None:
        self.both("close_counter", self.sessions[pick % len(self.sessions)])

    # Views

    @invariant()
    def all_is_as_the_rules_say(self) -> None:
        self.run(self.look(self.programs[1]))

    async def look(self, store: QueueStore) -> None:
        lobby = self.lobby
        for counter, units in SERVES.items():
            for patience in (None, PATIENCE):
                desk = await store.desk(counter, units, patience=patience)
                assert desk == lobby.desk(counter, units, patience=patience)
            assert await store.session(counter) == lobby.sessions.get(counter)
        assert await store.in_hand() == lobby.in_hand()

        for number in {slip.number for slip in lobby.slips if slip.day == self.clock.day()}:
            found = await store.find(SERIES, number)
            assert [plain(errand) for errand in found] == [
                plain(errand) for errand in lobby.find(number)
            ]

        for units_ in (None, [LIBRARY]):
            calls = await store.calls(units_, limit=1000)
            assert [plain(call) for call in calls] == [plain(call) for call in lobby.calls(units_)]
            ids = [call.id for call in calls]
            assert ids == sorted(set(ids), reverse=True)

        tokens = [slip.token for slip in lobby.slips]
        assert await store.visits(tokens) == lobby.visits()
        assert await store.appointments(self.clock.day()) == lobby.appointments()
        yesterday = self.clock.now() - timedelta(days=1)
        assert await store.outcomes(yesterday) == lobby.outcomes(yesterday)

        for priority in (None, INFANT):
            traffic = await store.traffic(priority=priority)
            assert traffic.queues == lobby.queues(priority)
        assert traffic.posts == lobby.posts(SERVES)
        assert traffic.expected == lobby.expected()
        assert lobby.recent() in (None, traffic.recent)
        assert lobby.usual() in (None, traffic.usual)


def plain(answer: object) -> object:
    """Leave out what a store may choose, and what is nobody's concern any more."""
    match answer:
        case Call():
            repeated = answer.repeated and not answer.withdrawn
            return msgspec.structs.replace(answer, id=CallId(0), repeated=repeated)
        case Errand(state=State.UNDONE):
            return msgspec.structs.replace(answer, also=())
    return answer


@pytest.mark.timeout(600)  # most of it only if there is a fault, to find the shortest way to it
def test_any_day_goes_by_the_rules(fresh: Fresh) -> None:
    class Day(AnyDay):
        def __init__(self) -> None:
            super().__init__(fresh())

    run_state_machine_as_test(
        Day,
        settings=settings(
            max_examples=130, stateful_step_count=50, deadline=None, report_multiple_bugs=False
        ),
    )
