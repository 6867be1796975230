"""Each call has the screen for itself, in order; none is lost, none is told twice."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from display.announcer import FRESH, Announcer, latest
from shared.model import Call, CallId, CounterId, ErrandId, UnitId

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
SECONDS = 6.0


def call(number: int, *, errand: int | None = None, at: datetime = NOON) -> Call:
    """Return the journal's call ``number``; a recall if it is not its errand's first."""
    errand = number if errand is None else errand
    return Call(
        id=CallId(number),
        at=at,
        errand=ErrandId(errand),
        series="K",
        number=errand,
        unit=UnitId("library"),
        counter=CounterId("3"),
        repeated=errand != number,
    )


def opened(*before: Call) -> Announcer:
    """Return an announcer that has seen what was there long before it came."""
    announcer = Announcer(SECONDS)
    announcer.take(before, NOON + 2 * FRESH)
    assert announcer.advance(0) is None
    return announcer


def ids(calls: Iterable[Call]) -> list[int]:
    return [each.id for each in calls]


def test_what_was_called_just_before_the_start_is_announced() -> None:
    announcer = Announcer(SECONDS)
    old = NOON - FRESH - timedelta(seconds=1)
    announcer.take([call(1, at=old), call(2), call(3)], NOON)

    assert announcer.advance(0) == call(2)
    assert ids(announcer.earlier) == [1]
    assert announcer.advance(SECONDS) == call(3)


def test_what_was_called_long_before_the_start_is_there_and_not_announced() -> None:
    announcer = opened(call(1), call(2), call(3))

    assert announcer.current == call(3)
    assert announcer.until is None
    assert ids(announcer.earlier) == [2, 1]


def test_the_first_call_of_a_quiet_day_is_announced() -> None:
    announcer = opened()
    assert announcer.current is None

    announcer.take([call(1)], NOON)

    assert announcer.advance(10) == call(1)
    assert announcer.until == 10 + SECONDS


def test_two_calls_at_once_are_shown_one_after_the_other() -> None:
    announcer = opened()
    announcer.take([call(2), call(1)], NOON)

    assert announcer.advance(0) == call(1)
    assert announcer.advance(SECONDS - 0.1) is None
    assert announcer.current == call(1)
    assert announcer.earlier == ()
    assert announcer.advance(SECONDS) == call(2)
    assert ids(announcer.earlier) == [1]


def test_a_call_stays_current_after_its_time_until_the_next() -> None:
    announcer = opened()
    announcer.take([call(1)], NOON)
    announcer.advance(0)

    assert announcer.advance(SECONDS) is None

    assert announcer.until is None
    assert announcer.current == call(1)


def test_a_recalled_ticket_is_announced_again_and_moves_up() -> None:
    announcer = opened(call(1), call(2), call(3))
    announcer.take([call(4, errand=1)], NOON)

    assert announcer.advance(0) == call(4, errand=1)
    assert ids(announcer.earlier) == [3, 2]

    announcer.take([call(5)], NOON)
    announcer.advance(SECONDS)
    assert ids(announcer.earlier) == [4, 3, 2]


def test_a_call_handed_in_twice_counts_once() -> None:
    announcer = opened(call(1))
    announcer.take([call(2)], NOON)
    announcer.take([call(2), call(1)], NOON)

    assert announcer.advance(0) == call(2)
    assert announcer.advance(SECONDS) is None
    assert announcer.last == 2


def test_after_an_outage_fresh_calls_are_announced_and_old_ones_listed() -> None:
    announcer = opened(call(1))
    back = NOON + timedelta(minutes=10)
    just = back - FRESH

    announcer.take(
        [call(2, at=NOON), call(3, at=just - timedelta(seconds=1)), call(4, at=just)], back
    )

    assert announcer.advance(0) == call(4, at=just)
    assert ids(announcer.earlier) == [3, 2, 1]
    assert announcer.advance(SECONDS) is None


def test_after_a_long_outage_the_newest_call_is_current_and_calm() -> None:
    announcer = opened(call(1))

    announcer.take([call(2), call(3)], NOON + timedelta(hours=1))

    assert announcer.advance(0) is None
    assert announcer.until is None
    assert announcer.current == call(3)
    assert ids(announcer.earlier) == [2, 1]


def test_an_announcement_is_not_cut_short_by_old_calls() -> None:
    announcer = opened()
    announcer.take([call(1)], NOON)
    announcer.advance(0)

    announcer.take([call(2)], NOON + timedelta(hours=1))

    assert announcer.advance(1) is None
    assert announcer.current == call(1)
    assert announcer.advance(SECONDS) is None
    assert announcer.current == call(2)


def test_calls_that_wait_when_older_news_is_old_are_old_too() -> None:
    announcer = opened()
    announcer.take([call(1), call(2)], NOON)
    announcer.advance(0)

    announcer.take([call(3)], NOON + timedelta(hours=1))

    assert announcer.advance(SECONDS) is None
    assert announcer.current == call(3)
    assert ids(announcer.earlier) == [2, 1]


def test_a_new_service_day_starts_empty() -> None:
    announcer = opened(call(1))
    announcer.take([call(2)], NOON)
    announcer.advance(0)
    tomorrow = NOON + timedelta(days=1)

    announcer.take([], tomorrow)

    assert announcer.current is None
    assert announcer.earlier == ()
    assert announcer.until is None
    announcer.take([call(3, at=tomorrow)], tomorrow)
    assert announcer.advance(0) == call(3, at=tomorrow)


def test_of_each_errand_the_latest_call_counts() -> None:
    assert ids(latest([call(1), call(3, errand=1), call(2)])) == [3, 2]


@st.composite
def arrivals(draw: st.DrawFn) -> list[tuple[float, list[Call]]]:
    """Draw a day's calls, some of them recalls, in batches that arrive after so many seconds."""
    sizes = draw(st.lists(st.integers(0, 4), max_size=12))
    number = 0
    batches = []
    for size in sizes:
        batch = []
        for _ in range(size):
            number += 1
            batch.append(call(number, errand=draw(st.integers(1, number))))
        batches.append((draw(st.floats(0, 20)), draw(st.permutations(batch))))
    return batches


@given(arrivals(), st.lists(st.floats(0.3, 9), min_size=1, max_size=20))
@settings(deadline=None)
def test_each_call_is_current_once_in_order_and_for_its_time(
    batches: list[tuple[float, list[Call]]], ticks: list[float]
) -> None:
    """However calls arrive, and whenever the screen happens to look."""
    announcer = opened()
    shown: list[tuple[float, Call]] = []
    now = 0.0

    def look() -> None:
        if (begun := announcer.advance(now)) is not None:
            shown.append((now, begun))
        if shown:
            assert announcer.current == shown[-1][1]
            assert announcer.current not in announcer.earlier
        told = [each for _, each in shown[:-1]]
        errands = {each.errand: each.id for each in told}
        if shown:
            errands.pop(shown[-1][1].errand, None)
        assert ids(announcer.earlier) == sorted(errands.values(), reverse=True)

    for after, batch in batches:
        now += after
        announcer.take(batch, NOON)
        look()
    everything = sorted((each for _, batch in batches for each in batch), key=lambda c: c.id)
    patience = iter(ticks * 1000)
    while announcer.until is not None:
        now += next(patience)
        look()

    assert [each for _, each in shown] == everything
    assert all(later >= sooner + SECONDS for (sooner, _), (later, _) in pairwise(shown))
