"""When something was painted: programs are recorded in their terminals, and looked at afterwards.

A terminal drawn in Python would be slower than the programs. So while they work, what they write
is only taken, with the moment at which it was there. Then it is drawn piece by piece, to find the
first that shows what is on the screen in the end.
"""

from __future__ import annotations

import re
import select
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from itertools import takewhile
from typing import NamedTuple

from tools.screen import SYNCHRONIZED
from tools.terminal import Terminal

QUIET = 0.25
"""Seconds of silence after which a program has painted what it had to."""

_QUESTION = re.compile(rb"\x1b\[\?(\d+)\$p")
Look = Sequence[str]
"""The lines of a screen, but for those that do not count."""

_FRAME_ENDS = re.compile(rb"(?<=\x1b\[\?2026l)")


class Piece(NamedTuple):
    """What a program wrote at once, and the monotonic second at which it was there."""

    at: float
    data: bytes


def painted(
    terminals: Sequence[Terminal],
    shows: Callable[[Terminal], object],
    *,
    but_for: Collection[int] = (),
    quiet: float = QUIET,
    within: float = 30,
) -> list[float]:
    """Wait until each terminal shows what it should, and its program has no more to write.

    Return for each the moment from which on the characters on it were as they are now. Rows in
    ``but_for`` may change meanwhile: a clock, a bar that runs down. Raises TimeoutError.
    """
    deadline = time.monotonic() + within
    looks: dict[Terminal, list[tuple[float, Look]]] = {terminal: [] for terminal in terminals}
    while True:
        pieces: dict[Terminal, list[Piece]] = {terminal: [] for terminal in terminals}
        while found := _take(terminals, quiet):
            for terminal, piece in found:
                pieces[terminal].append(piece)
        for terminal in terminals:
            looks[terminal].extend(_draw(terminal, pieces[terminal], but_for))
        if all(looks.values()) and all(map(shows, terminals)):
            return [_since(looks[terminal]) for terminal in terminals]
        if time.monotonic() > deadline:
            texts = "\n".join(line for terminal in terminals for line in terminal.text)
            raise TimeoutError(f"not painted within {within} s; what there is:\n{texts}")


def record(terminals: Sequence[Terminal], seconds: float) -> Mapping[Terminal, bytes]:
    """Take what the programs write in so many seconds, and do not draw it."""
    written = dict.fromkeys(terminals, b"")
    end = time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0:
        for terminal, piece in _take(terminals, left):
            written[terminal] += piece.data
    return written


def frames(data: bytes) -> list[bytes]:
    """Take what a program wrote to pieces, each the whole of a frame."""
    return _FRAME_ENDS.split(data)


def _take(terminals: Sequence[Terminal], seconds: float) -> list[tuple[Terminal, Piece]]:
    """Take what is there, as soon as there is any; nothing after so many seconds of silence.

    Raises EOFError when a program has ended.
    """
    ready, _, _ = select.select(terminals, [], [], seconds)
    now = time.monotonic()
    found = []
    for terminal in ready:
        data = terminal.receive()
        if not data:
            raise EOFError("\n".join(["a program has ended that was to paint", *terminal.text]))
        # A program that is left without an answer would paint without whole frames.
        for mode in map(int, _QUESTION.findall(data)):
            terminal.press(f"\x1b[?{mode};{2 * (mode == SYNCHRONIZED)}$y")
        found.append((terminal, Piece(now, data)))
    return found


def _draw(
    terminal: Terminal, pieces: Sequence[Piece], but_for: Collection[int]
) -> Iterator[tuple[float, Look]]:
    """Yield what there was to see after each frame, or part of one if the program has none."""
    for piece in pieces:
        for part in frames(piece.data):
            terminal.show(part)
            if not terminal.halfway:
                yield (
                    piece.at,
                    [line for row, line in enumerate(terminal.text) if row not in but_for],
                )


def _since(looks: Sequence[tuple[float, Look]]) -> float:
    """Return the moment from which on all looks are like the last one."""
    same = takewhile(lambda look: look[1] == looks[-1][1], reversed(looks))
    return min(at for at, _ in same)
