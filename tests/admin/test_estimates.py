"""The account that is given of estimates: sums that can be checked by hand."""

from __future__ import annotations

from datetime import timedelta

import pytest

from admin.estimates import accounts
from shared.model import Estimate, Outcome, UnitId

LIBRARY, HEALTH, GONE = UnitId("library"), UnitId("health"), UnitId("gone")


def outcome(low: float, likely: float, high: float, waited: float, unit: UnitId) -> Outcome:
    """Return an outcome in minutes."""
    low_, likely_, high_, waited_ = (timedelta(minutes=n) for n in (low, likely, high, waited))
    estimate = Estimate(low=low_, likely=likely_, high=high_)
    return Outcome(unit=unit, estimate=estimate, waited=waited_)


def test_error_bias_and_range_are_counted_in_minutes() -> None:
    [account] = accounts(
        [
            outcome(5, 10, 20, waited=4, unit=LIBRARY),  # told 6 too long, below the range
            outcome(5, 10, 20, waited=20, unit=LIBRARY),  # told 10 too short, at the range's end
            outcome(0, 1, 3, waited=1.5, unit=LIBRARY),  # told 0.5 too short
            outcome(10, 15, 25, waited=25.5, unit=LIBRARY),  # told 10.5 too short, above it
        ],
        [LIBRARY],
    )
    assert (account.unit, account.tickets) == (LIBRARY, 4)
    assert account.error_minutes == pytest.approx((6 + 10 + 0.5 + 10.5) / 4)
    assert account.bias_minutes == pytest.approx((6 - 10 - 0.5 - 10.5) / 4)
    assert account.inside == pytest.approx(2 / 4)
    assert account.width_minutes == pytest.approx((15 + 15 + 3 + 15) / 4)


def test_units_come_in_the_configurations_order_then_those_that_it_has_no_longer() -> None:
    outcomes = [outcome(0, 1, 2, waited=1, unit=unit) for unit in (GONE, HEALTH, LIBRARY, HEALTH)]
    found = accounts(outcomes, [LIBRARY, UnitId("dental"), HEALTH])
    assert [(each.unit, each.tickets) for each in found] == [(LIBRARY, 1), (HEALTH, 2), (GONE, 1)]
