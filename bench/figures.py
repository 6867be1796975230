"""What a measurement says: a figure of ours, the floor beside it, and the mark."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from math import ceil

from msgspec import Struct


class Mark(Struct, frozen=True):
    """What has to be reached: by the figure itself, or by its ratio to the floor."""

    bound: float
    least: bool = False
    """At least the bound, not at most."""
    absolute: bool = False
    """Of the figure itself."""

    def __str__(self) -> str:
        return f"{'≥' if self.least else '≤'} {self.bound:g}"


def at_most(bound: float) -> Mark:
    """Times the floor, at most."""
    return Mark(bound)


def at_least(bound: float) -> Mark:
    """Times the floor, at least."""
    return Mark(bound, least=True)


def within(bound: float) -> Mark:
    """At most this, whatever the floor."""
    return Mark(bound, absolute=True)


class Figure(Struct, frozen=True, kw_only=True):
    """One row: both values were measured in the same run, on the same machine."""

    what: str
    unit: str
    """Of both values: "ms", "/s", "MB", "%" …"""
    ours: float
    floor: float
    mark: Mark

    @property
    def ratio(self) -> float | None:
        """None where the floor is nothing at all."""
        return self.ours / self.floor if self.floor else None

    @property
    def holds(self) -> bool:
        value = self.ours if self.mark.absolute else self.ratio
        if value is None:
            return False
        return value >= self.mark.bound if self.mark.least else value <= self.mark.bound

    @property
    def to_reach(self) -> str:
        """The mark, in words."""
        return f"{self.mark} {self.unit if self.mark.absolute else '×'}"


class Skipped(Struct, frozen=True, kw_only=True):
    """A row that could not be measured."""

    what: str
    why: str
    holds: bool = False
    """Whether it may be missing: what it needs is not on every machine."""


Measure = Callable[[bool], Iterable[Figure | Skipped]]
"""Takes whether it shall be quick, and gives its rows."""


def percentile(values: Iterable[float], percent: float) -> float:
    """Return the value that so many per cent of all do not exceed: the nearest rank."""
    ordered = sorted(values)
    return ordered[max(0, ceil(len(ordered) * percent / 100) - 1)]


def table(rows: Sequence[Figure | Skipped]) -> Iterator[str]:
    """Write a line for each row; a missed mark gets a ✗."""
    width = max(len(row.what) for row in rows)
    yield f"{'':{width}}  {'ours':>12}  {'floor':>12}  {'ratio':>7}  to reach"
    for row in rows:
        if isinstance(row, Skipped):
            yield f"{row.what:{width}}  skipped: {row.why}{_sign(row)}"
            continue
        ours, floor = (f"{_short(value)} {row.unit}" for value in (row.ours, row.floor))
        ratio = "–" if row.ratio is None else f"{row.ratio:.2f}"
        told = f"{ours:>12}  {floor:>12}  {ratio:>7}  {row.to_reach}"
        yield f"{row.what:{width}}  {told}{_sign(row)}"


def _sign(row: Figure | Skipped) -> str:
    return "" if row.holds else "  ✗"


def _short(value: float) -> str:
    """Write three digits that count, and no exponent."""
    if value >= 100:
        return f"{value:,.0f}".replace(",", " ")
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def progress(text: str) -> None:
    """Say what is being done, where it takes long."""
    print(f"  {text}", file=sys.stderr, flush=True)
