"""What the programs say, in one language, and how that language writes times and dates."""

from __future__ import annotations

import gettext
import re
from collections.abc import Callable, Mapping
from datetime import date, datetime
from functools import cache

from babel import Locale, dates

from shared.texts import SOURCE, read_catalogue

_AS_WRITTEN_IN = {"en": "en_GB", "sv": "sv_FI"}
"""Where a language has more ways than one to write a date: the day first, and as in Finland."""


@cache
def words(language: str) -> Words:
    """Return the words of a known language."""
    return Words(language)


class Words:
    """One language: its messages, and how it writes names, times and dates."""

    def __init__(self, language: str) -> None:
        self.language = language
        self._locale = Locale.parse(_AS_WRITTEN_IN.get(language, language))
        self._catalogue = {} if language == SOURCE else read_catalogue(language)
        self._form = _form_of_number(self._catalogue)

    @property
    def own_name(self) -> str:
        """What the language calls itself, such as ``"Suomi"``: each catalogue puts in its own name.

        Babel would know it, but load all that it knows of each language that is offered.
        """
        return self.gettext("English")

    def gettext(self, message: str, **values: object) -> str:
        """Translate, then fill the ``{fields}`` if there are values.

        A ``datetime`` is written as the time of day, a ``date`` as the day, names as the one in
        this language.
        """
        [text] = self._catalogue.get(message, (message,))
        if not values:
            return text
        return text.format_map({name: self._written(value) for name, value in values.items()})

    def ngettext(self, one: str, many: str, n: int) -> str:
        """Translate by number; ``{n}`` in the message is the number."""
        return self._catalogue.get(one, (one, many))[self._form(n)].format(n=n)

    def _written(self, value: object) -> object:
        match value:
            case datetime():
                return self.time(value)
            case date():
                return self.date(value)
            case Mapping():
                return value[self.language]
            case _:
                return value

    def time(self, moment: datetime) -> str:
        """Write hours and minutes, in the moment's own zone."""
        return dates.format_skeleton("Hm", moment, moment.tzinfo, locale=self._locale)

    def date(self, day: date) -> str:
        """Write weekday, day and month, such as ``"ti 24.11."``; a moment's, in its own zone."""
        return dates.format_skeleton("MEd", day, locale=self._locale)


def _form_of_number(catalogue: Mapping[str, tuple[str, ...]]) -> Callable[[int], int]:
    """Return what tells which of a message's forms is for a number, as the header has it."""
    header = "".join(catalogue.get("", ()))
    plural = re.search(r"plural=([^;]+);", header)
    return gettext.c2py(plural[1] if plural else "n != 1")
