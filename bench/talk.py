"""Lines to and from a process that takes part in a measurement."""

from __future__ import annotations

from subprocess import Popen
from threading import Timer

PATIENCE = 30.0
"""Seconds after which a process that says nothing is taken for stuck, and ended."""


def say(process: Popen[str], text: str) -> None:
    """Give a process a line."""
    if process.stdin:
        print(text, file=process.stdin, flush=True)


def hear(process: Popen[str]) -> str:
    """Return what a process says next. Raises EOFError if it has ended, or says nothing."""
    patience = Timer(PATIENCE, process.kill)
    patience.start()
    try:
        line = process.stdout.readline() if process.stdout else ""
    finally:
        patience.cancel()
    if not line:
        raise EOFError(f"{process.args!r} says nothing")
    return line.strip()
