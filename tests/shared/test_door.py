"""The lobby's code: what it promises to whoever reads it, and to whoever does not."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from shared.door import STEP, door_code, opens_door

SECRET = b"s" * 32
NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


def test_a_code_is_four_digits_and_the_same_for_all_who_know_the_secret() -> None:
    codes = {door_code(SECRET, NOON + n * STEP) for n in range(2000)}
    assert all(len(code) == 4 and code.isdecimal() for code in codes)
    assert any(code.startswith("0") for code in codes)
    assert door_code(SECRET, NOON) == door_code(SECRET, NOON + STEP - timedelta(seconds=1))
    # Of 10,000 codes, 2,000 are 1,813 different ones where they come by chance.
    assert 1700 < len(codes) < 1900


def test_a_code_opens_for_two_steps_and_no_longer() -> None:
    code = door_code(SECRET, NOON)
    ends = NOON + 2 * STEP
    assert opens_door(SECRET, code, NOON)
    assert opens_door(SECRET, code, ends - timedelta(seconds=1))
    assert not opens_door(SECRET, code, ends)
    assert not opens_door(SECRET, code, NOON - timedelta(seconds=1))


@pytest.mark.parametrize("code", ["", "1", "12345", "abcd", "١٢٣٤", "\x00\x00\x00\x00", " " * 4])
def test_what_is_no_code_opens_nothing(code: str) -> None:
    assert not any(opens_door(SECRET, code, NOON + n * STEP) for n in range(100))


def test_another_centre_has_other_codes() -> None:
    steps = [NOON + n * STEP for n in range(100)]
    assert [door_code(SECRET, at) for at in steps] != [door_code(b"t" * 32, at) for at in steps]
