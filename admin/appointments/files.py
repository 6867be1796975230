"""Files of appointments: all that stands in them, and all that is wrong with them."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from datetime import date
from functools import partial
from pathlib import Path
from typing import TypeVar

from msgspec import Struct

from admin.appointments import ical, table
from admin.appointments.fields import Row, UnitNames, UnusableError, code, moment
from shared.clock import Clock
from shared.config import Config
from shared.hours import Closed, OpeningHours
from shared.model import Appointment

STANDARD_INPUT = "-"

A = TypeVar("A")
T = TypeVar("T")


class Place(Struct, frozen=True):
    """A file, or one of its lines."""

    file: str
    line: int | None = None

    def __str__(self) -> str:
        return self.file if self.line is None else f"{self.file}, line {self.line}"


class Files:
    """Reads files one after the other. What it finds may be used if there are no faults."""

    def __init__(self, config: Config, clock: Clock) -> None:
        self.appointments: list[Appointment] = []
        self.cancelled: list[Appointment] = []
        self.past = 0
        """How many were left out because their service day is over."""
        self.faults: list[tuple[Place, str]] = []
        self.closed: list[Place] = []
        """Where an appointment is at a time at which its unit is closed."""
        self._units = UnitNames(config.units)
        self._clock = clock
        self._hours = OpeningHours(config)
        self._today = clock.day()
        self._places: dict[tuple[str, date], Place] = {}

    def read(self, path: str) -> None:
        """Read a file, or standard input."""
        file = "standard input" if path == STANDARD_INPUT else _printable(path)
        text = self._understood(Place(file), _text, path)
        if text is None:
            return
        is_calendar = path.lower().endswith(".ics") or text.lstrip()[:6].upper() == "BEGIN:"
        for line, row in (ical if is_calendar else table).rows(text):
            if isinstance(row, UnusableError):
                self.faults.append((Place(file, line), str(row)))
            else:
                self._take(row, Place(file, line))

    def _take(self, row: Row, place: Place) -> None:
        plain = self._understood(place, code, row.code)
        unit = self._understood(place, self._units.named, row.units)
        at = self._understood(place, partial(moment, zone=self._clock.zone), row.time)
        if plain is None or unit is None or at is None:
            return
        day = self._clock.day_of(at)
        if day < self._today:
            self.past += 1
            return
        first = self._places.setdefault((plain, day), place)
        if first is not place:
            self.faults.append((place, f"the code stands in {first} already, for the same day"))
        among = self.cancelled if row.cancelled else self.appointments
        among.append(Appointment(code=plain, unit=unit, at=at))
        if not row.cancelled and isinstance(self._hours.at(unit, at), Closed):
            self.closed.append(place)

    def _understood(
        self, place: Place, read: Callable[[A], T], said: A | UnusableError
    ) -> T | None:
        try:
            if isinstance(said, UnusableError):
                raise said
            return read(said)
        except UnusableError as fault:
            self.faults.append((place, str(fault)))
            return None


def _printable(path: str) -> str:
    """Write a path that may hold bytes that are no text."""
    return os.fsencode(path).decode(errors="backslashreplace")


def _text(path: str) -> str:
    try:
        content = _standard_input() if path == STANDARD_INPUT else Path(path).read_bytes()
    except OSError as error:
        raise UnusableError(f"the file cannot be read: {error.strerror}") from error
    text = _decoded(content)
    if not text.strip():
        raise UnusableError("the file is empty")
    return text


def _standard_input() -> bytes:
    with os.fdopen(0, "rb", closefd=False) as file:
        return file.read()


def _decoded(content: bytes) -> str:
    for encoding in ("utf-8-sig", "windows-1252"):
        with suppress(UnicodeDecodeError):
            text = content.decode(encoding)
            if "\0" not in text:
                return text
    raise UnusableError("the file is no text, neither UTF-8 nor Windows-1252")
