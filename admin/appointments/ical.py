"""Appointments in an iCalendar file (RFC 5545): one event each.

The code is ``X-VUORO-CODE``, else the ``UID`` up to its ``@``. The unit is what ``X-VUORO-UNIT``
names, else ``LOCATION`` or one of the ``CATEGORIES``. The time is ``DTSTART``.
``STATUS:CANCELLED`` cancels. Nothing else is kept.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import datetime
from typing import NamedTuple

from icalendar import Calendar, Event, InvalidCalendar
from icalendar.timezone import tzp

from admin.appointments.fields import Row, UnusableError
from shared.model import LONGEST_CODE, plain_code

_SERIES = ("RRULE", "RDATE", "RECURRENCE-ID")
_DAY = re.compile(r"DTSTART\b.*:\s*\d{8}\s*", re.IGNORECASE)


class _Component(NamedTuple):
    """What a calendar holds between a BEGIN and its END."""

    line: int
    name: str
    lines: Sequence[str]

    def calendar(self) -> Calendar:
        """Read it as a calendar that holds nothing else. Raises whatever the library lets out."""
        return Calendar.from_ical("\r\n".join(["BEGIN:VCALENDAR", *self.lines, "END:VCALENDAR"]))


class _AstrayError(UnusableError):
    """A line after which nobody can tell what belongs to what."""

    def __init__(self, line: int, what: str) -> None:
        super().__init__(what)
        self.line = line


def rows(text: str) -> Sequence[tuple[int, Row | UnusableError]]:
    """Read each event: the number of its first line, and its appointment or what is wrong."""
    try:
        components = list(_components(text))
    except _AstrayError as fault:
        return [(fault.line, fault)]
    tzp.use_default()  # forgets the time zones that another file has described
    with warnings.catch_warnings(action="ignore"):  # they would tell what stands in the file
        for component in components:
            if component.name == "VTIMEZONE":
                # A zone that makes no sense is not known then, and its events say so.
                with suppress(Exception):
                    component.calendar()
        return [(each.line, _read(each)) for each in components if each.name == "VEVENT"]


def _components(text: str) -> Iterator[_Component]:
    begun: list[tuple[int, str]] = []
    lines: list[str] = []
    for line, content in _unfolded(text):
        word, _, name = content.upper().replace(" ", "").partition(":")
        if word == "BEGIN":
            if name == "VEVENT" and len(begun) > 1:
                raise _AstrayError(begun[-1][0], "what begins here does not end")
            begun.append((line, name))
        if not begun or begun[0][1] != "VCALENDAR":
            raise _AstrayError(line, "a calendar must begin here, with BEGIN:VCALENDAR")
        if len(begun) > 1:
            lines.append(f"{word}:{name}" if word in {"BEGIN", "END"} else content)
        if word == "END":
            first, expected = begun.pop()
            if name != expected:
                raise _AstrayError(first, "what begins here does not end")
            if len(begun) == 1:
                yield _Component(first, name, lines)
                lines = []
    if begun:
        raise _AstrayError(begun[-1][0], "what begins here does not end: the file is cut off")


def _unfolded(text: str) -> Iterator[tuple[int, str]]:
    """Join what was folded: the number of its first line, and the whole of it."""
    folded: list[tuple[int, list[str]]] = []
    for number, line in enumerate(re.split(r"\r\n|\n|\r", text), 1):
        if folded and line[:1] in {" ", "\t"}:
            folded[-1][1].append(line[1:])
        elif line.strip():
            folded.append((number, [line]))
    return ((number, "".join(parts)) for number, parts in folded)


def _read(component: _Component) -> Row | UnusableError:
    try:
        [event] = component.calendar().events
        return Row(
            code=_code(event),
            units=_texts(event, "X-VUORO-UNIT") or (*_texts(event, "LOCATION"), *event.categories),
            time=_start(event, component.lines),
            cancelled="CANCELLED" in map(str.upper, _texts(event, "STATUS")),
        )
    except Exception:  # noqa: BLE001 – what is misshapen fails deep within the library, in many ways
        return UnusableError("the event is not written as iCalendar demands")


def _texts(event: Event, name: str) -> tuple[str, ...]:
    values = event.get(name, ())
    return tuple(map(str, values if isinstance(values, list | tuple) else [values]))


def _code(event: Event) -> str | UnusableError:
    for text in _texts(event, "X-VUORO-CODE"):
        return text
    uid = "".join(_texts(event, "UID")[:1]).partition("@")[0]
    if len(plain_code(uid)) > LONGEST_CODE:
        return UnusableError("the event has no X-VUORO-CODE, and its UID is too long for a code")
    return uid


def _start(event: Event, lines: Sequence[str]) -> datetime | UnusableError:
    if any(name in event for name in _SERIES):
        return UnusableError("the event repeats: each time must be an event of its own")
    # With a time zone beside it, the library would take a day for its midnight.
    if any(map(_DAY.fullmatch, lines)):
        return UnusableError("the event is all day: an appointment needs a time")
    try:
        start = event.DTSTART
    except InvalidCalendar:
        return UnusableError("the event's DTSTART is not one date and time")
    if not isinstance(start, datetime):
        return UnusableError("the event has no DTSTART")
    if start.tzinfo is None and "TZID" in event["DTSTART"].params:
        return UnusableError("the time zone of the event's DTSTART is not known")
    return start
