"""Each call has the screen for itself, in order; none is lost, none is told twice."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, time, timedelta
from itertools import count
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from display.announcer import FRESH, SHARES, Announcer
from shared.calls import latest
from shared.clock import Clock
from shared.model import Call, CallId, CounterId, ErrandId, UnitId

HELSINKI = ZoneInfo("Europe/Helsinki")
NOON = datetime(2026, 11, 24, 12, tzinfo=HELSINKI)
TOO_OLD = timedelta(seconds=FRESH + 1)
SECONDS = 6.0


def call(
    number: int,
    *,
    errand: int | None = None,
    ticket: int | None = None,
    at: datetime = NOON,
    withdrawn: bool = False,
) -> Call:
    """Return the journal's row ``number``; a recall if it is not its errand's first.

    A ticket has one errand, of its own number, unless it is named.
    """
    errand = number if errand is None else errand
    return Call(
        id=CallId(number),
        at=at,
        errand=ErrandId(errand),
        series="K",
        number=errand if ticket is None else ticket,
        unit=UnitId("library"),
        counter=CounterId("3"),
        repeated=errand != number and not withdrawn,
        withdrawn=withdrawn,
    )


def new(day_starts: time = time(0)) -> Announcer:
    """Return an announcer that has seen nothing yet."""
    return Announcer(SECONDS, Clock(HELSINKI, day_starts=day_starts).day_of)


def opened(*before: Call) -> Announcer:
    """Return an announcer that has seen what was there long before it came."""
    announcer = new()
    announcer.take(before, NOON + 2 * TOO_OLD)
    assert announcer.advance(0) is None
    return announcer


def announced(announcer: Announcer) -> list[tuple[int, float]]:
    """Let time pass until all is announced: which calls, and from which second on."""
    found: list[tuple[int, float]] = []
    now = 0.0
    while True:
        if (begun := announcer.advance(now)) is not None:
            found.append((begun.id, now))
        if announcer.until is None:
            return found
        now = announcer.until


def ids(calls: Iterable[Call]) -> list[int]:
    return [each.id for each in calls]


def test_what_was_called_just_before_the_start_is_announced() -> None:
    announcer = new()
    announcer.take([call(1, at=NOON - TOO_OLD), call(2), call(3)], NOON)

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
    assert announcer.advance(SECONDS / 2 - 0.1) is None
    assert announcer.current == call(1)
    assert announcer.earlier == ()
    assert announcer.advance(SECONDS / 2) == call(2)
    assert ids(announcer.earlier) == [1]


def test_a_burst_of_ten_calls_is_through_in_half_a_minute_and_each_is_shown() -> None:
    announcer = opened()
    announcer.take([call(number) for number in range(1, 11)], NOON)

    shown = announced(announcer)

    least = SECONDS / SHARES
    assert least >= 2  # to look up, and read a number
    assert shown == [
        *((number, (number - 1) * least) for number in range(1, 10)),
        (10, 8 * least + SECONDS / 2),
    ]
    assert shown[-1][1] + SECONDS <= 30
    assert ids(announcer.earlier) == list(range(9, 0, -1))


def test_a_call_that_comes_late_shares_what_is_left() -> None:
    announcer = opened()
    announcer.take([call(1)], NOON)
    announcer.advance(0)

    announcer.take([call(2)], NOON)

    assert announcer.until == SECONDS / 2
    assert announcer.advance(SECONDS - 1) == call(2)
    assert announcer.until == SECONDS - 1 + SECONDS


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
    just = back - timedelta(seconds=FRESH)

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


# What is withdrawn


def test_a_withdrawn_call_leaves_the_list() -> None:
    announcer = opened(call(1), call(2), call(3))

    announcer.take([call(4, errand=2, withdrawn=True)], NOON)

    assert announcer.advance(0) is None
    assert announcer.current == call(3)
    assert ids(announcer.earlier) == [1]
    assert announcer.last == 4


def test_the_newest_call_is_withdrawn_and_the_one_before_stands_calmly_in_its_place() -> None:
    announcer = opened(call(1), call(2))

    announcer.take([call(3, errand=2, withdrawn=True)], NOON)

    assert announcer.advance(0) is None
    assert announcer.current == call(1)
    assert announcer.earlier == ()


def test_the_only_call_is_withdrawn_and_nothing_is_left() -> None:
    announcer = opened(call(1))

    announcer.take([call(2, errand=1, withdrawn=True)], NOON)

    assert announcer.advance(0) is None
    assert announcer.current is None
    assert announcer.earlier == ()


def test_what_is_announced_just_now_is_withdrawn_and_the_screen_goes_on_at_once() -> None:
    announcer = opened(call(1))
    announcer.take([call(2), call(3)], NOON)
    announcer.advance(0)

    announcer.take([call(4, errand=2, withdrawn=True)], NOON)

    assert announcer.advance(0.1) == call(3)
    assert announcer.until == 0.1 + SECONDS
    assert ids(announcer.earlier) == [1]


def test_what_waits_for_its_announcement_is_withdrawn_and_never_announced() -> None:
    announcer = opened()
    announcer.take([call(1), call(2), call(3, errand=2), call(4)], NOON)
    announcer.advance(0)

    announcer.take([call(5, errand=2, withdrawn=True)], NOON)

    assert [number for number, _ in announced(announcer)] == [4]
    assert ids(announcer.earlier) == [1]


def test_a_call_that_comes_together_with_its_withdrawal_is_never_announced() -> None:
    announcer = opened()
    announcer.take([call(2, errand=1, withdrawn=True), call(1)], NOON)

    assert announcer.advance(0) is None
    assert announcer.current is None


def test_who_was_withdrawn_and_is_called_anew_is_announced() -> None:
    announcer = opened(call(1))
    announcer.take([call(2, errand=1, withdrawn=True), call(3, errand=1)], NOON)

    assert announcer.advance(0) == call(3, errand=1)
    assert announcer.earlier == ()


def test_an_old_withdrawal_makes_what_waits_old_as_an_old_call_does() -> None:
    announcer = opened()
    rows = [call(1), call(2), call(3, errand=2, withdrawn=True)]

    announcer.take(rows, NOON + timedelta(hours=1))

    assert announcer.advance(0) is None
    assert announcer.current == call(1)


# One ticket, several errands


def test_a_ticket_stands_where_it_was_called_last_whichever_errand_it_was() -> None:
    announcer = opened(call(1), call(2), call(3, errand=3, ticket=1))

    assert announcer.current == call(3, ticket=1)
    assert ids(announcer.earlier) == [2]


def test_the_ticket_on_the_screen_is_not_among_the_earlier_ones() -> None:
    announcer = opened(call(1), call(2))
    announcer.take([call(3, ticket=1)], NOON)

    assert announcer.advance(0) == call(3, ticket=1)
    assert ids(announcer.earlier) == [2]


def test_the_ticket_on_the_screen_is_not_listed_beside_itself_after_an_old_recall() -> None:
    announcer = opened()
    announcer.take([call(1)], NOON)
    announcer.advance(0)

    announcer.take([call(2, errand=1)], NOON + timedelta(hours=1))

    assert announcer.current == call(1)
    assert announcer.earlier == ()


def test_when_a_tickets_call_is_withdrawn_its_call_for_another_errand_holds() -> None:
    announcer = opened(call(1), call(2, ticket=1))

    announcer.take([call(3, errand=2, ticket=1, withdrawn=True)], NOON)

    assert announcer.advance(0) is None
    assert announcer.current == call(1)


def test_of_each_ticket_the_latest_call_that_holds_counts() -> None:
    calls = [
        call(1),
        call(2),
        call(3, errand=1),
        call(4),
        call(5, errand=4, withdrawn=True),
        call(6, ticket=2),
    ]
    assert ids(latest(calls)) == ids(latest(reversed(calls))) == [6, 3]


# The service day, and clocks that are set


def test_a_new_service_day_starts_empty() -> None:
    announcer = opened(call(1))
    announcer.take([call(2), call(3)], NOON)
    announcer.advance(0)
    tomorrow = NOON + timedelta(days=1)

    announcer.take([], tomorrow)

    assert announcer.current is None
    assert announcer.earlier == ()
    assert announcer.until is None
    announcer.take([call(4, at=tomorrow)], tomorrow)
    assert announcer.advance(0) == call(4, at=tomorrow)


def test_what_was_read_before_the_day_changed_does_not_bring_yesterday_back() -> None:
    midnight = datetime(2026, 11, 25, tzinfo=HELSINKI)
    just_before, just_after = midnight - timedelta(seconds=1), midnight + timedelta(seconds=1)
    announcer = new()
    announcer.take([call(1, at=just_before)], just_before)

    announcer.take([call(1, at=just_before), call(2, at=just_before)], just_after)

    assert announcer.advance(0) is None
    assert announcer.current is None
    announcer.take([call(3, at=just_after)], just_after)
    assert announcer.advance(0) == call(3, at=just_after)


def test_a_centre_open_past_midnight_keeps_its_calls_until_its_own_hour() -> None:
    midnight = datetime(2026, 11, 25, tzinfo=HELSINKI)
    announcer = new(day_starts=time(4))
    announcer.take([call(1, at=midnight - timedelta(minutes=5))], midnight - timedelta(minutes=5))
    announcer.advance(0)

    announcer.take([call(2, at=midnight)], midnight)

    assert announcer.advance(SECONDS) == call(2, at=midnight)
    assert ids(announcer.earlier) == [1]
    announcer.take([], midnight + timedelta(hours=4))
    assert announcer.current is None


def test_what_was_called_just_before_the_clocks_go_forward_is_announced_after() -> None:
    before = datetime(2026, 3, 29, 2, 59, 50, tzinfo=HELSINKI)
    after = datetime(2026, 3, 29, 4, 0, 10, tzinfo=HELSINKI)  # twenty seconds later
    announcer = new()
    announcer.take([], before)

    announcer.take([call(1, at=before)], after)

    assert announcer.advance(0) == call(1, at=before)


def test_what_was_called_an_hour_before_the_clocks_went_back_is_old() -> None:
    before = datetime(2026, 10, 25, 3, 30, tzinfo=HELSINKI)
    announcer = new()
    announcer.take([], before)

    announcer.take([call(1, at=before)], before.replace(fold=1))

    assert announcer.advance(0) is None
    assert announcer.current == call(1, at=before)


BACK = pytest.mark.parametrize("back", [timedelta(hours=1), timedelta(days=1)], ids=str)


@BACK
def test_a_clock_that_is_set_back_loses_no_call_and_repeats_none(back: timedelta) -> None:
    announcer = opened(call(1))
    announcer.take([call(2)], NOON)
    announcer.advance(0)

    # Called before the clock was set, and after it.
    announcer.take([call(3), call(4, at=NOON - back)], NOON - back)

    assert [number for number, _ in announced(announcer)] == [3, 4]
    assert ids(announcer.earlier) == [3, 2, 1]


@BACK
def test_a_screen_that_starts_after_the_clock_was_set_back_plays_nothing_again(
    back: timedelta,
) -> None:
    announcer = new()

    announcer.take([call(1), call(2), call(3, at=NOON - back)], NOON - back)

    assert announcer.advance(0) == call(3, at=NOON - back)
    assert ids(announcer.earlier) == [2, 1]


def test_a_day_that_comes_a_second_time_starts_empty_once_it_is_over() -> None:
    announcer = opened(call(1))
    yesterday = NOON - timedelta(days=1)
    announcer.take([call(2, at=yesterday)], yesterday)

    announcer.take([], NOON)

    assert announcer.current is None


@st.composite
def arrivals(draw: st.DrawFn) -> list[tuple[float, list[Call]]]:
    """Draw a day's rows, recalls and withdrawals among them, in batches after so many seconds."""
    numbers = count(1)
    batches = []
    for size in draw(st.lists(st.integers(0, 4), max_size=12)):
        batch = []
        for number in [next(numbers) for _ in range(size)]:
            errand = draw(st.integers(1, number))
            withdrawn = errand != number and draw(st.booleans())
            batch.append(call(number, errand=errand, withdrawn=withdrawn))
        batches.append((draw(st.floats(0, 20)), draw(st.permutations(batch))))
    return batches


@given(arrivals(), st.lists(st.floats(0.3, 9), min_size=1, max_size=20))
@settings(deadline=None)
def test_each_call_is_announced_once_in_order_and_for_its_time_unless_withdrawn(
    batches: list[tuple[float, list[Call]]], ticks: list[float]
) -> None:
    """However rows arrive, and whenever the screen happens to look."""
    announcer = opened()
    known: list[Call] = []
    shown: list[tuple[float, Call]] = []
    now = 0.0

    def gone(each: Call) -> bool:
        return any(
            row.withdrawn and row.errand == each.errand and row.id > each.id for row in known
        )

    def look() -> None:
        before = announcer.until
        if (begun := announcer.advance(now)) is not None:
            if shown and before is not None and not gone(shown[-1][1]):
                assert now >= shown[-1][0] + SECONDS / SHARES
            shown.append((now, begun))
        elif announcer.until is None and before is not None:
            assert now >= shown[-1][0] + SECONDS
        standing = {each.errand: each for _, each in shown if not gone(each)}
        board = [announcer.current] if announcer.current else []
        board += announcer.earlier
        assert ids(board) == sorted((each.id for each in standing.values()), reverse=True)

    for after, batch in batches:
        now += after
        announcer.take(batch, NOON)
        known += batch
        look()
    patience = iter(ticks * 1000)
    while announcer.until is not None:
        now += next(patience)
        look()

    numbers = ids(each for _, each in shown)
    assert numbers == sorted(set(numbers))
    assert {each.id for each in known if not each.withdrawn and not gone(each)} <= set(numbers)
