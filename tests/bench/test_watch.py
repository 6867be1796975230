"""When something was painted is found, however a program writes it."""

from __future__ import annotations

import sys

import pytest

from bench.floors import shows
from bench.watch import painted, record
from tools.terminal import Terminal

PAUSE = 0.5
"""Seconds between two parts of what a program writes."""

QUIET = 0.8


def writes(*parts: str) -> Terminal:
    """Return a program that writes these parts, a PAUSE after each, and stays.

    Where a part says NOW, it writes the monotonic second.
    """
    script = (
        "import sys, time\n"
        "for part in sys.argv[1:]:\n"
        "    print(part.replace('NOW', f'{time.monotonic():.9f}'), end='', flush=True)\n"
        f"    time.sleep({PAUSE})\n"
        "time.sleep(60)\n"
    )
    return Terminal([sys.executable, "-c", script, *parts])


def second(terminal: Terminal, row: int = 0) -> float:
    """Return the second that a program has written at the end of a row."""
    return float(terminal.text[row].split()[-1])


def test_the_moment_is_that_of_the_last_change_not_of_what_was_written_again() -> None:
    with writes("\x1b[Hone", "\x1b[Htwo NOW", "\x1b[Htwo") as terminal:
        [moment] = painted([terminal], shows("two"), quiet=QUIET)
    assert second(terminal) <= moment < second(terminal) + PAUSE


def test_each_program_has_its_own_moment() -> None:
    with writes("\x1b[Htwo NOW") as early, writes("\x1b[Hone", "\x1b[Htwo NOW") as late:
        moments = painted([early, late], shows("two"), quiet=QUIET)
    for terminal, moment in zip((early, late), moments, strict=True):
        assert second(terminal) <= moment < second(terminal) + PAUSE


def test_half_a_frame_is_not_painted_yet() -> None:
    with writes("\x1b[?2026h\x1b[Hone", "\x1b[Hone NOW\x1b[?2026l", "\x1b[H") as terminal:
        [moment] = painted([terminal], shows("one"), quiet=QUIET)
    assert second(terminal) <= moment < second(terminal) + PAUSE


def test_rows_that_change_by_themselves_can_be_left_out() -> None:
    with writes("\x1b[Htwo NOW", "\x1b[2Htick", "\x1b[2Htack") as terminal:
        [moment] = painted([terminal], shows("tack"), but_for=(1,), quiet=QUIET)
    assert second(terminal) <= moment < second(terminal) + PAUSE


def test_what_is_not_painted_in_time_is_told_with_what_there_is_instead() -> None:
    with writes("one") as terminal, pytest.raises(TimeoutError, match="one"):
        painted([terminal], shows("two"), quiet=QUIET, within=0)


def test_a_program_that_has_ended_is_told() -> None:
    with Terminal([sys.executable, "-c", ""]) as terminal, pytest.raises(EOFError):
        painted([terminal], shows("anything"))


def test_a_program_is_answered_what_textual_asks_a_terminal() -> None:
    script = (
        "import os, time, tty\n"
        "tty.setraw(0)\n"
        "os.write(1, b'\\x1b[?2026$p')\n"
        "os.write(1, os.read(0, 20)[1:])\n"
        "time.sleep(60)\n"
    )
    with Terminal([sys.executable, "-c", script]) as terminal:
        painted([terminal], shows("[?2026;2$y"), quiet=QUIET)


def test_what_is_recorded_is_all_that_was_written() -> None:
    with writes("one", "two") as terminal:
        assert record([terminal], 3 * PAUSE + QUIET)[terminal] == b"onetwo"
