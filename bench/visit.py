"""A visit at the kiosk, timed: from the key until the whole ticket is there."""

from __future__ import annotations

import time
from itertools import cycle

from bench.floors import Shows, shows, spoken
from bench.watch import painted
from shared.config import Config
from tools.terminal import Terminal

QUIET = 0.15
"""Seconds of silence after which a press has had its effect: fewer than between two steps of the
bar that runs down."""

AGAIN = 0.85
"""Seconds between two presses of a key: sooner, it would be one that is held down."""

CLOCK, BAR = 0, 22
"""Rows of the kiosk that change by themselves."""


class Kiosk:
    """A kiosk in a terminal; use it once a visit at most every AGAIN seconds."""

    def __init__(self, terminal: Terminal, config: Config) -> None:
        """Wait until it is there."""
        say = spoken(config)
        self.at_rest = shows(say.gettext("Touch a service, or press its number"))
        self.given = shows(say.gettext("Your number"))
        self.terminal = terminal
        self._digits = cycle(str(number + 1) for number in range(len(config.units)))
        painted([terminal], self.at_rest)

    def take(self) -> float:
        """Take a ticket at the next of the units; return the seconds that it took."""
        return press(self.terminal, next(self._digits), self.given)

    def leave(self) -> None:
        """Let the next visitor come."""
        press(self.terminal, "enter", self.at_rest)


def press(terminal: Terminal, key: str, then: Shows) -> float:
    """Press a key; return the seconds until all of what it leads to is painted."""
    begun = time.monotonic()
    terminal.press(key)
    [moment] = painted([terminal], then, but_for=(CLOCK, BAR), quiet=QUIET)
    return moment - begun
