"""What is told of a wait before anybody has waited."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.config import Config, Counter, load_config
from shared.estimates import AT_ONCE, USUAL, Unknown, estimates
from shared.model import CounterId, Estimate, Post, Queue, Sample, Traffic, UnitId
from tests.conftest import ROOT, HandClock

LIBRARY, POINT = UnitId("library"), UnitId("service-point")
CENTRE = load_config(ROOT / "config.toml")
NOW = HandClock().now()

SIX = 6.0
"""Minutes that everybody is at a counter, on average, where a test says nothing else."""


def sample(minutes: float = SIX, *, count: int = 10**6, variation: float = 1) -> Sample:
    """So many services of this mean, whose standard deviation is so much of it."""
    total = count * minutes * 60
    return Sample(count=count, total=total, squares=total * minutes * 60 * (1 + variation**2))


QUICK = {LIBRARY: sample(2), POINT: sample(2)}


def queue(
    people: int, *, minutes: float = 30, due: int | None = None, ahead: int | None = None
) -> Queue:
    """A queue whose first one came so many minutes ago; unless said, all of it is due and ahead."""
    first = NOW - timedelta(minutes=minutes)
    due = people if due is None else due
    ahead = due if ahead is None else ahead
    return Queue(people=people, due=due, ahead=ahead, first=first, longest_since=first)


class Lobby:
    """The real centre with other counters, "1", "2" …, each busy with its first unit."""

    def __init__(
        self,
        *units: tuple[UnitId, ...],
        order: Literal["longest-wait", "listed"] = "longest-wait",
    ) -> None:
        counters = tuple(
            Counter(id=CounterId(str(number)), name={}, units=each, order=order)
            for number, each in enumerate(units, start=1)
        )
        self.config: Config = msgspec.structs.replace(CENTRE, counters=counters)
        self.traffic = Traffic(
            queues={},
            posts=tuple(Post(counter=each.id, unit=each.units[0]) for each in counters),
            recent={LIBRARY: sample(), POINT: sample()},
            usual={},
            expected={},
        )

    def told(self, unit: UnitId = LIBRARY, **changes: Any) -> Estimate | Unknown:
        traffic = msgspec.structs.replace(self.traffic, **changes)
        return estimates(self.config, traffic, NOW)[unit]

    def likely(self, unit: UnitId = LIBRARY, **changes: Any) -> float:
        """Return the likeliest wait, in minutes."""
        told = self.told(unit, **changes)
        assert isinstance(told, Estimate)
        return told.likely / timedelta(minutes=1)

    def free(self, *counters: str) -> tuple[Post, ...]:
        """Return the posts, with these counters free."""
        return tuple(
            Post(counter=post.counter, unit=None) if post.counter in counters else post
            for post in self.traffic.posts
        )


@pytest.fixture
def one() -> Lobby:
    """One counter, for the library."""
    return Lobby((LIBRARY,))


@pytest.fixture
def shared() -> Lobby:
    """One counter, for two units."""
    return Lobby((POINT, LIBRARY))


@pytest.mark.parametrize("people", [0, 1, 7, 30])
@pytest.mark.parametrize("counters", [1, 2, 4])
def test_with_one_unit_the_wait_is_that_of_the_queue_length_formula(
    counters: int, people: int
) -> None:
    lobby = Lobby(*[(LIBRARY,)] * counters)

    likely = lobby.likely(queues={LIBRARY: queue(people)})

    assert likely == pytest.approx((people + 1) * SIX / counters, rel=1e-4)


def test_who_is_at_the_counter_is_on_average_half_done_if_all_take_equally_long(
    one: Lobby,
) -> None:
    likely = one.likely(queues={LIBRARY: queue(3)}, recent={LIBRARY: sample(variation=0)})

    assert likely == pytest.approx((3 + 1 / 2) * SIX, rel=1e-4)


def test_nobody_waits_and_a_counter_is_free_so_one_is_called_at_once() -> None:
    lobby = Lobby((LIBRARY,), (LIBRARY,))

    assert lobby.told(posts=lobby.free("2")) == AT_ONCE
    assert timedelta(0) <= AT_ONCE.likely <= AT_ONCE.high <= timedelta(minutes=2)


def test_one_is_called_at_once_also_when_nothing_was_measured_yet(one: Lobby) -> None:
    assert one.told(posts=one.free("1"), recent={}) == AT_ONCE


def test_a_free_counter_takes_first_who_is_here_already() -> None:
    lobby = Lobby((LIBRARY,), (LIBRARY,), (LIBRARY,))
    one_here = {LIBRARY: queue(1)}

    assert lobby.told(posts=lobby.free("2", "3"), queues=one_here) == AT_ONCE
    assert lobby.likely(posts=lobby.free("3"), queues=one_here) == pytest.approx(SIX / 2, rel=1e-4)


def test_a_free_counter_that_others_wait_for_is_not_free_for_a_new_ticket(shared: Lobby) -> None:
    likely = shared.likely(LIBRARY, posts=shared.free("1"), queues={POINT: queue(2)})

    assert likely == pytest.approx(2 * SIX, rel=1e-4)


def test_a_unit_without_an_open_counter_has_no_estimate(one: Lobby) -> None:
    assert one.told(POINT) is Unknown.NO_COUNTER
    assert one.told(LIBRARY, posts=()) is Unknown.NO_COUNTER


def test_a_counter_that_closes_or_has_a_break_makes_the_wait_longer() -> None:
    lobby = Lobby((LIBRARY,), (LIBRARY,))
    queues = {LIBRARY: queue(6)}

    before = lobby.likely(queues=queues)
    after = lobby.likely(queues=queues, posts=lobby.traffic.posts[:1])

    assert after == pytest.approx(2 * before, rel=1e-4)


def test_counters_for_other_units_do_not_make_the_wait_shorter() -> None:
    alone, beside = Lobby((LIBRARY,)), Lobby((LIBRARY,), (POINT,), (POINT,))
    queues = {LIBRARY: queue(6), POINT: queue(9)}

    assert beside.likely(LIBRARY, queues=queues) == alone.likely(LIBRARY, queues=queues)


def test_a_counter_that_the_configuration_does_not_know_is_not_counted(one: Lobby) -> None:
    unknown = Post(counter=CounterId("99"), unit=None)

    assert one.told(posts=(*one.traffic.posts, unknown)) == one.told()


def test_too_little_was_measured_to_tell_anything(one: Lobby) -> None:
    assert one.told(recent={}) is Unknown.NOTHING_MEASURED
    assert one.told(recent={LIBRARY: sample(count=2)}) is Unknown.NOTHING_MEASURED
    assert isinstance(one.told(recent={LIBRARY: sample(count=3)}), Estimate)
    assert isinstance(one.told(recent={}, usual={LIBRARY: sample(count=3)}), Estimate)


def test_people_of_a_unit_that_was_not_measured_are_taken_to_be_like_ones_own(
    shared: Lobby,
) -> None:
    queues = {POINT: queue(5)}

    known = shared.likely(LIBRARY, queues=queues)
    unknown = shared.likely(LIBRARY, queues=queues, recent={LIBRARY: sample()})

    assert unknown == known


def test_at_a_shared_counter_those_of_the_other_unit_come_before(shared: Lobby) -> None:
    recent = {LIBRARY: sample(4), POINT: sample(10)}
    queues = {LIBRARY: queue(3), POINT: queue(2)}

    likely = shared.likely(LIBRARY, queues=queues, recent=recent)

    # the one at the counter and two more at ten minutes, three at four
    assert likely == pytest.approx(3 * 10 + 3 * 4, rel=1e-4)


def test_two_counters_share_what_one_of_them_may_also_do() -> None:
    lobby = Lobby((LIBRARY,), (LIBRARY, POINT))
    queues = {LIBRARY: queue(4), POINT: queue(4)}

    # "2" takes from both queues, by turns; "1" takes the rest of the library's.
    assert 4 * SIX / 2 < lobby.likely(LIBRARY, queues=queues) < 9 * SIX / 2
    assert 4 * SIX < lobby.likely(POINT, queues=queues) < 8 * SIX


def test_a_listed_order_lets_the_preferred_unit_go_first() -> None:
    lobby = Lobby((POINT, LIBRARY), order="listed")
    queues = {LIBRARY: queue(1, minutes=2), POINT: queue(1, minutes=1)}

    assert lobby.likely(POINT, queues=queues, recent=QUICK) == pytest.approx(2 * 2, rel=1e-4)
    assert lobby.likely(LIBRARY, queues=queues, recent=QUICK) == pytest.approx(3 * 2, rel=1e-4)


def test_by_longest_wait_no_unit_goes_first(shared: Lobby) -> None:
    queues = {LIBRARY: queue(1, minutes=2), POINT: queue(1, minutes=1)}

    assert shared.likely(POINT, queues=queues, recent=QUICK) == pytest.approx(3 * 2, rel=1e-4)
    assert shared.likely(LIBRARY, queues=queues, recent=QUICK) == pytest.approx(3 * 2, rel=1e-4)


def test_who_has_waited_longer_than_the_target_goes_before_the_preferred_unit() -> None:
    lobby = Lobby((POINT, LIBRARY), order="listed")
    target = lobby.config.unit(LIBRARY).target_minutes
    point = queue(1, minutes=1)
    overdue, patient = (
        lobby.likely(POINT, queues={LIBRARY: queue(1, minutes=minutes), POINT: point}, recent=QUICK)
        for minutes in (target, target - 5)
    )

    assert overdue == pytest.approx(3 * 2, rel=1e-4)
    assert patient == pytest.approx(2 * 2, rel=1e-4)


def test_who_has_come_early_for_a_later_appointment_does_not_come_before(one: Lobby) -> None:
    likely = one.likely(queues={LIBRARY: queue(5, due=2)})

    assert likely == one.likely(queues={LIBRARY: queue(2)})


def test_a_ticket_with_a_head_start_is_told_the_wait_of_its_place(one: Lobby) -> None:
    likely = one.likely(queues={LIBRARY: queue(10, ahead=3)})

    assert likely == pytest.approx((3 + 1) * SIX, rel=1e-4)
    assert one.told(queues={LIBRARY: queue(10, ahead=0)}, posts=one.free("1")) == AT_ONCE


def test_of_those_at_a_shared_counter_a_head_start_passes_as_many(shared: Lobby) -> None:
    # The head start of a ticket that is before half of its own queue is before half of the other.
    queues = {LIBRARY: queue(10, ahead=5), POINT: queue(10)}

    assert shared.likely(LIBRARY, queues=queues) == pytest.approx((5 + 5 + 1) * SIX, rel=0.1)


def test_where_units_are_listed_a_head_start_passes_nobody_of_the_preferred_one() -> None:
    lobby = Lobby((POINT, LIBRARY), order="listed")
    queues = {LIBRARY: queue(2, minutes=1, ahead=0), POINT: queue(3, minutes=1)}

    assert lobby.likely(LIBRARY, queues=queues, recent=QUICK) == pytest.approx(4 * 2, rel=1e-4)


def test_every_other_appointment_that_is_due_is_expected_to_come_before(one: Lobby) -> None:
    queues = {LIBRARY: queue(2)}

    more = one.likely(queues=queues, expected={LIBRARY: 4}) - one.likely(queues=queues)

    assert more == pytest.approx(2 * SIX, rel=1e-4)


def test_who_is_not_here_keeps_nobody_from_a_free_counter(one: Lobby) -> None:
    assert one.told(posts=one.free("1"), expected={LIBRARY: 4}) == AT_ONCE


def test_the_usual_counts_until_enough_was_measured_today(one: Lobby) -> None:
    usual = {LIBRARY: sample(4)}
    told = [
        per_person(one, usual=usual, recent={LIBRARY: sample(8, count=count)})
        for count in (0, USUAL, 1000)
    ]

    assert told == pytest.approx([4, 6, 8], rel=0.01)


def test_what_was_seldom_measured_before_weighs_little(one: Lobby) -> None:
    recent = {LIBRARY: sample(8, count=10)}
    seldom, often = (
        per_person(one, usual={LIBRARY: sample(4, count=count)}, recent=recent)
        for count in (3, 300)
    )

    assert often < 6.1
    assert seldom > 7


def per_person(one: Lobby, **changes: Any) -> float:
    """Return by how much each one before makes the wait longer, in minutes."""
    ten, none = (one.likely(queues={LIBRARY: queue(people)}, **changes) for people in (10, 0))
    return (ten - none) / 10


def width(told: Estimate | Unknown) -> timedelta:
    assert isinstance(told, Estimate)
    return told.high - told.low


def test_the_less_is_known_the_wider_is_the_range(one: Lobby) -> None:
    queues = {LIBRARY: queue(6)}
    little, much = (one.told(queues=queues, recent={LIBRARY: sample(count=n)}) for n in (3, 3000))

    assert width(little) > width(much)


def test_the_more_services_vary_the_wider_is_the_range(one: Lobby) -> None:
    queues = {LIBRARY: queue(6)}
    much, little = (
        one.told(queues=queues, recent={LIBRARY: sample(variation=v)}) for v in (1.5, 0.3)
    )

    assert width(much) > width(little)


def test_two_counters_make_the_range_narrower_than_one() -> None:
    queues = {LIBRARY: queue(6)}

    assert width(Lobby((LIBRARY,), (LIBRARY,)).told(queues=queues)) < width(
        Lobby((LIBRARY,)).told(queues=queues)
    )


units = st.sampled_from([(LIBRARY,), (POINT,), (LIBRARY, POINT), (POINT, LIBRARY)])


@given(
    counters=st.lists(units, min_size=1, max_size=5),
    order=st.sampled_from(["listed", "longest-wait"]),
    free=st.sets(st.sampled_from("12345")),
    people=st.tuples(st.integers(0, 300), st.integers(0, 300)),
    since=st.floats(0, 300),
    minutes=st.tuples(st.floats(0, 90), st.floats(0, 90)),
    count=st.integers(3, 500),
    variation=st.floats(0, 5),
)
def test_a_range_is_told_in_round_minutes_and_holds_what_is_likely(
    counters: list[tuple[UnitId, ...]],
    order: Literal["longest-wait", "listed"],
    free: set[str],
    people: tuple[int, int],
    since: float,
    minutes: tuple[float, float],
    count: int,
    variation: float,
) -> None:
    lobby = Lobby(*counters, order=order)
    told = [
        lobby.told(
            unit,
            posts=lobby.free(*free),
            queues={
                each: queue(number, minutes=since)
                for each, number in zip((LIBRARY, POINT), people, strict=True)
                if number
            },
            recent={
                each: sample(mean, count=count, variation=variation)
                for each, mean in zip((LIBRARY, POINT), minutes, strict=True)
            },
        )
        for unit in (LIBRARY, POINT)
    ]

    for each in told:
        if isinstance(each, Estimate):
            assert timedelta(0) <= each.low <= each.likely <= each.high
            assert each.low < each.high
            for end in (each.low, each.high):
                assert end % timedelta(minutes=step(end)) == timedelta(0)
        else:
            assert each is Unknown.NO_COUNTER


def step(end: timedelta) -> int:
    if end <= timedelta(minutes=10):
        return 2
    return 5 if end <= timedelta(minutes=60) else 10


@given(
    counters=st.lists(units, min_size=1, max_size=5),
    others=st.integers(0, 40),
    people=st.integers(0, 40),
)
def test_one_more_before_never_makes_the_wait_shorter(
    counters: list[tuple[UnitId, ...]], others: int, people: int
) -> None:
    lobby = Lobby((LIBRARY,), *counters)
    fewer, more = (
        lobby.likely(LIBRARY, queues={LIBRARY: queue(n), POINT: queue(others)})
        for n in (people, people + 1)
    )

    assert fewer <= more + 1e-6


@pytest.mark.parametrize("people", [51, 100, 333, 10_000])
def test_a_queue_out_of_the_door_is_estimated_as_well(people: int) -> None:
    lobby = Lobby((LIBRARY,), (LIBRARY,), (LIBRARY,))

    likely = lobby.likely(queues={LIBRARY: queue(people)})

    assert likely == pytest.approx((people + 1) * SIX / 3, rel=0.04)


def test_the_cost_does_not_grow_with_the_queue() -> None:
    def cost(people: int) -> float:
        lobby = Lobby((LIBRARY, POINT), (LIBRARY,), (POINT,))
        queues = {LIBRARY: queue(people), POINT: queue(people)}
        begun = time.process_time()
        lobby.told(queues=queues)
        return time.process_time() - begun

    assert min(cost(1_000_000) for _ in range(5)) < 3 * min(cost(100) for _ in range(5))


# On 29 March the clocks in Helsinki go from 3:00 to 4:00, on 25 October from 4:00 to 3:00: both
# times at 1:00 UTC.
@pytest.mark.parametrize("month_day", [(3, 29), (10, 25)])
@pytest.mark.parametrize("longest", [4, 12])
def test_who_came_before_the_clocks_changed_has_waited_as_long_as_they_have(
    month_day: tuple[int, int], longest: float
) -> None:
    lobby = Lobby((POINT, LIBRARY), order="listed")

    def told(now: datetime) -> Estimate | Unknown:
        now = now.astimezone(HandClock().zone)
        first = {
            unit: (now.astimezone(UTC) - timedelta(minutes=minutes)).astimezone(now.tzinfo)
            for unit, minutes in ((LIBRARY, longest), (POINT, 2))
        }
        queues = {
            unit: Queue(people=2, due=2, ahead=2, first=at, longest_since=at)
            for unit, at in first.items()
        }
        traffic = msgspec.structs.replace(lobby.traffic, queues=queues, recent=QUICK)
        return estimates(lobby.config, traffic, now)[POINT]

    change = datetime(2026, *month_day, 1, tzinfo=UTC)
    assert told(change + timedelta(minutes=1)) == told(change + timedelta(days=1))


def test_the_clock_may_have_been_set_back(one: Lobby) -> None:
    later = NOW + timedelta(hours=1)
    came = Queue(people=2, due=2, ahead=2, first=later, longest_since=later)

    assert one.likely(queues={LIBRARY: came}) == pytest.approx(3 * SIX, rel=1e-4)
