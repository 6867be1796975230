"""What the programs say, in one language, and how that language writes times and dates."""

from __future__ import annotations

import gettext
from datetime import datetime
from functools import cache
from io import BytesIO

from babel import Locale, dates
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from shared.texts import SOURCE, catalogue_file

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
        self._catalogue = _catalogue(language)

    @property
    def own_name(self) -> str:
        """What the language calls itself, such as ``"Suomi"``."""
        name = self._locale.get_language_name() or self.language
        return name[0].upper() + name[1:]

    def gettext(self, message: str, **values: object) -> str:
        """Translate, then fill the ``{fields}`` if there are values."""
        text = self._catalogue.gettext(message)
        return text.format_map(values) if values else text

    def ngettext(self, one: str, many: str, n: int) -> str:
        """Translate by number; ``{n}`` in the message is the number."""
        return self._catalogue.ngettext(one, many, n).format(n=n)

    def time(self, moment: datetime) -> str:
        """Write hours and minutes, in the moment's own zone."""
        return dates.format_skeleton("Hm", moment, moment.tzinfo, locale=self._locale)

    def date(self, moment: datetime) -> str:
        """Write weekday, day and month, such as ``"ti 24.11."``."""
        return dates.format_skeleton("MEd", moment, moment.tzinfo, locale=self._locale)


def _catalogue(language: str) -> gettext.NullTranslations:
    if language == SOURCE:
        return gettext.NullTranslations()
    with catalogue_file(language).open("rb") as file:
        catalogue = read_po(file, locale=language)
    compiled = BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)
