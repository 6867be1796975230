"""Appointments in a CSV file: the columns ``code``, ``unit``, ``time`` and perhaps ``date``.

They come in any order, divided by commas or, as Finnish spreadsheets do it, by semicolons. Other
columns are passed over.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence

from admin.appointments.fields import Row, UnusableError

_NEEDED = ("code", "unit", "time")
_KNOWN = (*_NEEDED, "date")


def rows(text: str) -> Iterator[tuple[int, Row | UnusableError]]:
    """Read each line that holds something: its number, and its appointment or what is wrong."""
    columns: Sequence[str] | None = None
    for line, cells in _lines(text):
        try:
            if isinstance(cells, UnusableError):
                raise cells
            if columns is None:
                columns = _columns(cells)
            else:
                yield line, _row(columns, cells)
        except UnusableError as fault:
            yield line, fault
        if columns is None:
            return  # What the fields of the others mean is not known.


def _lines(text: str) -> Iterator[tuple[int, Sequence[str] | UnusableError]]:
    head = text.lstrip().partition("\n")[0]
    reader = csv.reader(
        io.StringIO(text, newline=""),
        delimiter=max(",;", key=head.count),
        skipinitialspace=True,
        strict=True,  # else a quotation mark left open would swallow the lines after it
    )
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error:
            yield line, UnusableError("a quotation mark is left open, or stands within a field")
        else:
            if any(map(str.strip, cells)):
                yield line, cells


def _columns(cells: Sequence[str]) -> Sequence[str]:
    columns = [cell.strip().casefold() for cell in cells]
    if missing := [name for name in _NEEDED if name not in columns]:
        raise UnusableError(
            "the first line must name the columns code, unit and time: "
            f"{' and '.join(missing)} {'is' if len(missing) == 1 else 'are'} missing"
        )
    if repeated := [name for name in _KNOWN if columns.count(name) > 1]:
        raise UnusableError(f"the column {repeated[0]} comes more than once")
    return columns


def _row(columns: Sequence[str], cells: Sequence[str]) -> Row:
    if any(map(str.strip, cells[len(columns) :])):
        raise UnusableError(
            "there are more fields than columns: "
            "a field that holds the delimiter must stand in quotation marks"
        )
    said = dict(zip(columns, cells, strict=False))
    code, unit, time, date = (said.get(name, "") for name in _KNOWN)
    return Row(code, (unit,), f"{date} {time}")
