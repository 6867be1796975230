"""The service day, and clocks that are changed."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import date, datetime, time, timedelta

import pytest

from shared.errors import RefusedError
from shared.model import Appointment, State
from shared.store import QueueStore
from tests.conftest import HandClock
from tests.store.conftest import Another
from tests.store.lobby import (
    ALL,
    HEALTH,
    LIBRARY,
    ONE,
    SERVICE,
    TWO,
    LateClock,
    at,
    give,
    queue,
    visit,
)

STARTS = {"at midnight": time(0), "in the night": time(3, 30), "in the morning": time(4)}


@pytest.fixture(params=list(STARTS.values()), ids=list(STARTS))
def day_starts(request: pytest.FixtureRequest) -> time:
    """When the service day changes. Half past three is an hour that DST leaves out or repeats."""
    assert isinstance(request.param, time)
    return request.param


@pytest.fixture
def clock(day_starts: time) -> HandClock:
    return LateClock(day_starts)


def begin(clock: HandClock, day: date, day_starts: time) -> None:
    """Set the clock to the moment at which a service day begins."""
    clock.set(datetime.combine(day, day_starts, clock.zone))


DAYS = {
    "winter": date(2026, 11, 24),
    "summer": date(2026, 7, 1),
    "clocks go forward": date(2026, 3, 29),
    "after clocks went forward": date(2026, 3, 30),
    "clocks go back": date(2026, 10, 25),
    "after clocks went back": date(2026, 10, 26),
    "leap day": date(2028, 2, 29),
    "after leap day": date(2028, 3, 1),
    "new year": date(2027, 1, 1),
}


@pytest.mark.parametrize("day", DAYS.values(), ids=DAYS)
async def test_numbers_start_again_with_the_service_day(
    store: QueueStore, clock: HandClock, day_starts: time, day: date
) -> None:
    begin(clock, day, day_starts)
    clock.advance(seconds=-1)
    last = [await give(store), await give(store)]
    clock.advance(seconds=1)
    first = await give(store)
    before = day - timedelta(days=1)
    assert [(ticket.day, ticket.number) for ticket in last] == [(before, 1), (before, 2)]
    assert (first.day, first.number) == (day, 1)


@pytest.mark.parametrize("day", DAYS.values(), ids=DAYS)
async def test_a_day_has_one_run_of_numbers_however_long_it_is(
    store: QueueStore, clock: HandClock, day_starts: time, day: date
) -> None:
    begin(clock, day, day_starts)
    tickets = []
    while clock.day() == day:
        tickets.append(await give(store))
        clock.advance(hours=1)
    hours = len(tickets)
    assert hours in {23, 24, 25}
    assert [ticket.number for ticket in tickets] == list(range(1, hours + 1))
    assert {ticket.day for ticket in tickets} == {day}
    # The hour that comes twice puts nobody before those who came in it first.
    clock.advance(seconds=-1)
    assert await queue(store) == [ticket.label for ticket in tickets]
    moments = [ticket.issued_at.timestamp() for ticket in tickets]
    assert moments == [moments[0] + 3600 * hour for hour in range(hours)]


def test_the_days_of_daylight_saving_time_are_of_other_lengths() -> None:
    """What the test above must have met: else its days are not those of the clock changes."""
    lengths: dict[time, set[float]] = {}
    for starts in STARTS.values():
        clock = LateClock(starts)
        for day in DAYS.values():
            begin(clock, day, starts)
            begun = clock.now().timestamp()
            begin(clock, day + timedelta(days=1), starts)
            lengths.setdefault(starts, set()).add((clock.now().timestamp() - begun) / 3600)
    assert lengths[time(0)] == {23, 24, 25}


async def test_what_is_unfinished_expires_with_the_day_and_history_stays(
    store: QueueStore, another: Another, clock: HandClock
) -> None:
    for _ in range(4):
        await give(store)
    await store.call_next(ONE, [LIBRARY])
    await store.call_next(TWO, [LIBRARY])
    await store.start(TWO)
    await store.park(ONE, errand=(await store.find("K", 4))[0].id)
    history = await store.calls(None, limit=10)
    today = clock.now()
    clock.advance(days=1)
    other = await another()
    for program in (store, other):
        desk = await program.desk(ONE, ALL)
        assert (desk.current, desk.waiting, desk.parked) == (None, (), ())
        assert await at(program, TWO) is None
        assert (await program.traffic()).people(LIBRARY) == 0
        assert await program.calls(None, limit=10) == ()
        assert await program.find("K", 1) == ()
        assert await program.call_next(ONE, [LIBRARY]) is None
        with pytest.raises(RefusedError):
            await program.recall(ONE)
        with pytest.raises(RefusedError):
            await program.undo(ONE)
    clock.set(today)
    assert await store.calls(None, limit=10) == history
    states = [(await store.find("K", number))[0].state for number in range(1, 5)]
    assert states == [State.EXPIRED] * 4


async def test_a_break_and_an_open_counter_outlive_the_day(
    store: QueueStore, clock: HandClock
) -> None:
    session = await store.open_counter(ONE)
    assert session
    clock.advance(days=1)
    assert await store.session(ONE) == session


# Open past midnight


@pytest.mark.parametrize("day_starts", [time(4)], ids=["in the morning"])
async def test_a_centre_that_is_open_past_midnight_has_one_day_of_it(
    store: QueueStore, clock: HandClock
) -> None:
    clock.set(datetime.combine(date(2026, 11, 24), time(23, 50)))
    evening = [await give(store), await give(store)]
    await store.call_next(ONE, [LIBRARY])
    clock.advance(minutes=40)  # 00:30
    night = await give(store)
    assert {ticket.day for ticket in [*evening, night]} == {date(2026, 11, 24)}
    assert night.label == "K 003"
    assert await at(store, ONE) == ("K 001", State.CALLED)
    assert await queue(store) == ["K 002", "K 003"]
    assert [call.label for call in await store.calls(None, limit=10)] == ["K 001"]
    # An appointment after midnight is one of the evening's.
    ticket = await visit(store, clock, SERVICE, minutes=15)
    assert ticket.day == date(2026, 11, 24)
    clock.advance(hours=3, minutes=30)  # 04:00
    assert await queue(store) == []
    assert await at(store, ONE) is None
    assert (await give(store)).label == "K 001"


@pytest.mark.parametrize("day_starts", [time(4)], ids=["in the morning"])
async def test_an_appointment_after_midnight_is_of_the_day_before(
    store: QueueStore, clock: HandClock
) -> None:
    night = datetime.combine(date(2026, 11, 25), time(0, 30), clock.zone)
    appointment = Appointment(code="AB123", unit=LIBRARY, at=night)
    await store.import_appointments([appointment])
    assert await store.appointments(date(2026, 11, 24)) == (appointment,)
    assert await store.appointments(date(2026, 11, 25)) == ()
    assert await store.appointment("AB123") == appointment
    ticket = await store.check_in(appointment, series="K", language="fi")
    assert (ticket.day, ticket.appointed_at) == (date(2026, 11, 24), night)


# Clocks that are set back


async def test_a_clock_that_jumps_back_changes_nobodys_place(
    store: QueueStore, clock: HandClock
) -> None:
    for _ in range(3):
        await give(store)
        clock.advance(minutes=-20)
    called = [await store.call_next(ONE, [LIBRARY]) for _ in range(3)]
    assert [call and call.number for call in called] == [1, 2, 3]


@pytest.mark.parametrize("jump", [timedelta(hours=1), timedelta(days=1)], ids=["hour", "day"])
async def test_a_clock_that_jumps_back_gives_no_number_twice(
    store: QueueStore, another: Another, clock: HandClock, jump: timedelta
) -> None:
    tickets = []
    for step in (-jump, jump, -jump, jump):
        tickets += [await give(store), await give(await another())]
        clock.advance(seconds=step.total_seconds())
    tickets.append(await give(store))
    assert len({(ticket.day, ticket.series, ticket.number) for ticket in tickets}) == 9
    today = [ticket.number for ticket in tickets if ticket.day == clock.day()]
    assert today == list(range(1, len(today) + 1))
    # Nobody of today has lost the place in the queue.
    assert len(await queue(store)) == len(today)


async def test_what_happens_while_the_clock_is_an_hour_behind_is_in_order(
    store: QueueStore, clock: HandClock
) -> None:
    for _ in range(4):
        await give(store)
    first = await store.call_next(ONE, [LIBRARY])
    await store.start(ONE)
    clock.advance(hours=-1)
    second = await store.call_next(ONE, [LIBRARY])
    await store.no_show(ONE)
    third = await store.call_next(ONE, [LIBRARY])
    assert first
    assert second
    assert third
    assert await store.calls(None, limit=10) == (third, second, first)
    assert await store.calls(None, after=second.id, limit=10) == (third,)
    assert (await store.undo(ONE)).errand.label == "K 003"
    assert await queue(store) == ["K 003", "K 004"]


async def test_who_came_while_the_clock_was_a_day_ahead_is_still_served(
    store: QueueStore, another: Another, clock: HandClock
) -> None:
    other = await another()
    clock.advance(days=1)
    ahead = await give(store, LIBRARY)
    clock.advance(days=-1, minutes=1)
    now = await give(other, LIBRARY, series="A")
    for program in (store, other):
        assert await queue(program) == ["K 001", "A 001"]
    calls = [await store.call_next(ONE, [LIBRARY]), await other.call_next(TWO, [LIBRARY])]
    assert {call.label for call in calls if call} == {ahead.label, now.label}
    # And everybody in the lobby hears of it.
    for program in (store, other):
        assert await program.calls(None, limit=10) == tuple(reversed(calls))
    await other.start(TWO)
    await other.transfer(TWO, SERVICE)
    assert await queue(store, SERVICE) == ["A 001"]


@pytest.mark.parametrize("jump", [timedelta(hours=1), timedelta(days=1)], ids=["hour", "day"])
async def test_nobody_comes_before_those_who_wait_wherever_the_clock_is_set_to(
    store: QueueStore, another: Another, clock: HandClock, jump: timedelta
) -> None:
    other = await another()
    line: list[str] = []
    clock.advance(seconds=jump.total_seconds())  # it is wrong, and so are the first two tickets
    for step in (timedelta(), -jump, timedelta(minutes=1), -jump, timedelta(minutes=1)):
        clock.advance(seconds=step.total_seconds())
        for program in (store, other):
            line.append((await give(program, series="KAPEX"[len(line) // 2])).label)
        assert await queue(store) == line
    # Set right again, whoever is of a day that is over has gone; the others stand as they stood.
    clock.advance(seconds=jump.total_seconds())
    left = line[:6] if jump == timedelta(days=1) else line
    assert await queue(store) == left
    assert (await give(store, series="Y")).ahead == len(left)
    assert await queue(store) == [*left, "Y 001"]


@pytest.mark.parametrize(
    ("hours", "taken_back"),
    [(1, False), (24, False), (1, True)],
    ids=["hour, at a counter", "day, at a counter", "hour, served by mistake"],
)
async def test_nobody_comes_before_those_who_may_wait_again(
    store: QueueStore, clock: HandClock, hours: int, *, taken_back: bool
) -> None:
    await give(store)
    clock.advance(hours=-hours)
    await store.call_next(ONE, [LIBRARY])
    if taken_back:
        await store.finish(ONE)
    await give(store, series="A")
    if taken_back:
        await store.undo(ONE)
    await store.park(ONE)
    await store.resume(ONE, (await store.desk(ONE, ALL)).parked[0].id)
    assert await queue(store) == ["K 001", "A 001"]


async def test_when_all_have_gone_who_waited_in_a_clock_s_tomorrow_it_is_today_again(
    store: QueueStore, clock: HandClock
) -> None:
    clock.advance(days=1)
    await give(store)
    clock.advance(days=-1)
    await store.call_next(ONE, [LIBRARY])
    await store.finish(ONE)
    await give(store, series="A")
    booked = await visit(store, clock, minutes=10, series="P")
    clock.advance(minutes=5)
    await give(store, series="E")
    assert booked.ahead == 1
    assert await queue(store) == ["A 001", "E 001", "P 001"]


async def test_a_day_that_was_over_stays_so_when_the_clock_is_set_back(
    store: QueueStore, clock: HandClock
) -> None:
    await give(store)
    clock.advance(days=1)
    assert await queue(store) == []
    clock.advance(days=-1)
    # Whoever waited has gone; the day's numbers go on where they were.
    assert await queue(store) == []
    assert (await give(store)).number == 2


async def test_no_number_comes_twice_when_the_clock_was_a_day_ahead(
    store: QueueStore, clock: HandClock
) -> None:
    await give(store)
    clock.advance(days=1)
    await give(store)
    clock.advance(days=-1)
    assert (await give(store)).number == 2
    assert await queue(store) == ["K 001", "K 002"]
    [found] = await store.find("K", 1)
    assert found.state is State.WAITING


@pytest.mark.parametrize("back", [timedelta(hours=1), timedelta(days=1)])
async def test_waiting_counts_while_a_clock_that_was_set_back_catches_up(
    store: QueueStore, clock: HandClock, back: timedelta
) -> None:
    """A counter that goes by the order of its units starves none of them meanwhile."""
    patience = {LIBRARY: timedelta(minutes=5), HEALTH: timedelta(minutes=5)}
    await give(store)
    clock.advance(seconds=-back.total_seconds())
    await give(store, HEALTH, series="A")
    called = []
    for _ in range(8):
        clock.advance(minutes=3)
        await give(store)
        call = await store.call_next(ONE, [LIBRARY, HEALTH], patience=patience)
        assert call
        called.append(call.label)
    assert "A 001" in called


VERBS_THAT_END: dict[str, Callable[[QueueStore], Awaitable[object]]] = {
    "finish": lambda store: store.finish(ONE),
    "no-show": lambda store: store.no_show(ONE),
    "call next": lambda store: store.call_next(ONE, [LIBRARY]),
}


@pytest.mark.parametrize("end", VERBS_THAT_END)
async def test_who_was_done_before_midnight_is_not_brought_back_after_it(
    store: QueueStore, clock: HandClock, day_starts: time, end: str
) -> None:
    clock.set(datetime.combine(date(2026, 11, 25), day_starts))
    clock.advance(minutes=-2)
    await give(store)
    await store.call_next(ONE, [LIBRARY])
    clock.advance(seconds=90)
    await VERBS_THAT_END[end](store)
    clock.advance(minutes=1)
    with pytest.raises(RefusedError, match="service day"):
        await store.undo(ONE)
    assert await queue(store) == []
