"""Who waits."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import zip_longest
from typing import NamedTuple

from textual.content import Content
from textual.geometry import Size
from textual.widgets import Static

from shared.config import Unit
from shared.estimates import Unknown
from shared.hours import Closed
from shared.reception import Offer, unit_in_words, wait_in_words
from shared.words import Words

Entry = tuple[Content, Content, Content]
"""One unit's: what it is, how many wait, and a note."""

NOTHING = Content("")
AIR = Content("   ")
"""Between one column and the next."""

SHARE = 13
"""Of so many of the screen's lines, names and notes may take one; and one in any case."""


def is_served(offer: Offer) -> bool:
    """Tell whether anyone is called at the unit now: it has an open counter, and a reason to."""
    has_counter = offer.wait is not Unknown.NO_COUNTER
    return has_counter and (bool(offer.people) or not isinstance(offer.opening, Closed))


def table(entries: Sequence[Entry], rows: int) -> list[Content]:
    """Set the entries below each other, in columns of so many rows."""
    columns = [_column(entries[first : first + rows]) for first in range(0, len(entries), rows)]
    return [AIR.join(line) for line in zip_longest(*columns, fillvalue=NOTHING)]


def fewest_rows(tables: Sequence[Sequence[Entry]], width: int) -> int:
    """Return in how few rows each of the tables is no wider than this; too many if in none."""
    most = len(tables[0])
    for rows in range(1, most + 1):
        if all(_width(entries, rows) <= width for entries in tables):
            return rows
    return most + 1


def _width(entries: Sequence[Entry], rows: int) -> int:
    """Return how wide a table would be: reckoned, for it is set only when it is the right one."""
    columns = [_widths(entries[first : first + rows]) for first in range(0, len(entries), rows)]
    return AIR.cell_length * (len(columns) - 1) + sum(column.whole for column in columns)


class _Widths(NamedTuple):
    """How wide the parts of a column are, and all of it."""

    names: int
    numbers: int
    notes: int
    whole: int


def _widths(entries: Sequence[Entry]) -> _Widths:
    units = [entry for entry in entries if entry[1]]
    names, numbers, notes = (
        max((entry[part].cell_length for entry in units), default=0) for part in range(3)
    )
    together = names + numbers + bool(numbers) + notes + 2 * bool(notes)
    # What has no number is a title, and goes on over the numbers and the notes below it.
    titles = (name.cell_length for name, number, _ in entries if not number)
    return _Widths(names, numbers, notes, max((together, *titles)))


def _column(entries: Sequence[Entry]) -> list[Content]:
    """Let what stands below each other line up."""
    names, numbers, notes, whole = _widths(entries)
    lines = (
        Content.assemble(
            name.pad_right(names - name.cell_length),
            number.pad_left(numbers - number.cell_length + 1),
            "  " if notes else "",
            note,
        )
        if number
        else name
        for name, number, note in entries
    )
    return [line.pad_right(whole - line.cell_length) for line in lines]


class Waiting(Static):
    """How many people wait for each unit; a dash is where nobody is served now.

    Where there is room, units have their names, and say how long the wait is; else their letters.
    There is room where there is in every language: nothing moves when the language changes.
    """

    def __init__(self, units: Sequence[Unit], languages: Sequence[Words]) -> None:
        super().__init__(markup=False)
        self._units = {unit.id: unit for unit in units}
        self._languages = languages
        self._offers: Sequence[Offer] = ()
        self._spoken = languages[0]
        self._now: datetime
        self._set: dict[int, Content] = {}
        """What is shown now, in so many columns."""

    def show(self, offers: Sequence[Offer], spoken: Words, now: datetime) -> None:
        """Show what units have at this moment, also those that are not configured any more."""
        self._offers = offers
        self._spoken = spoken
        self._now = now
        before, self._set = self._set, {}
        width = self.size.width
        if self._in(width) != before.get(width):
            self.refresh(layout=True)

    # Asked for as it is laid out: it has its height in the first picture that is painted.

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        return self._in(width).plain.count("\n") + 1

    def render(self) -> Content:
        return self._in(self.size.width)

    def _in(self, width: int) -> Content:
        """Return what there is to say, set in so many columns."""
        if width not in self._set:
            self._set[width] = self._set_in(width) if self._offers else NOTHING
        return self._set[width]

    def _set_in(self, width: int) -> Content:
        room = max(1, self.screen.size.height // SHARE)
        limits = room, room, room, 1, 1  # what there is no room for is said in letters
        for limit, *tables in zip(limits, *map(self._forms, self._languages), strict=True):
            rows = fewest_rows(tables, width)
            if rows <= limit:
                break
        lines = table(tables[self._languages.index(self._spoken)], rows)
        return Content("\n").join(lines)

    def _forms(self, words: Words) -> Iterator[list[Entry]]:
        """Yield what could be said, from the most to the least."""
        title = Content(words.gettext("Waiting")), NOTHING, NOTHING
        dash = Content("– " + words.gettext("not open now")), NOTHING, NOTHING
        legend = [] if all(map(is_served, self._offers)) else [dash]
        notes = [wait_in_words(words, offer, self._now) for offer in self._offers]
        signs = [self._sign(offer) for offer in self._offers]
        names = [self._sign_and_name(offer, words) for offer in self._offers]
        named = [title, *map(_entry, self._offers, names)]
        lettered = [title, *map(_entry, self._offers, signs)]

        yield [title, *map(_entry, self._offers, names, notes)]
        yield [*named, *legend]
        yield named
        yield [*lettered, *legend]
        yield lettered

    def _sign(self, offer: Offer) -> Content:
        unit = self._units.get(offer.unit)
        if unit is None:
            return Content("?")
        return Content.styled(unit.series, f"bold $unit-{unit.colour}")

    def _sign_and_name(self, offer: Offer, words: Words) -> Content:
        name = unit_in_words(words, self._units.get(offer.unit))
        return self._sign(offer) + f" {name}"


def _entry(offer: Offer, name: Content, note: str = "") -> Entry:
    needs_dash = not is_served(offer) and not (offer.people and note)
    number = f"{offer.people or ''} –".lstrip() if needs_dash else f"{offer.people}"
    return name, Content(number), Content(note)
