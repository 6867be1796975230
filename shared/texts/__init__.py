"""The translations: one gettext catalogue, ``<language>.po``, for every language but English.

A further language is one more file here; no code knows which there are.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path

SOURCE = "en"
"""The language of the message ids: it needs no catalogue."""

_FOLDER = Path(__file__).parent

_STRING = re.compile(r'^(?:(msg\S+) )?(".*")', re.MULTILINE)
"""A line of an entry: which part of it begins here, if one does, and its text or more of it."""


@cache
def known_languages() -> frozenset[str]:
    """Return the languages that the programs can speak."""
    return frozenset({SOURCE, *(file.stem for file in _FOLDER.glob("*.po"))})


def catalogue_file(language: str) -> Path:
    """Return the catalogue of a known language other than English."""
    return _FOLDER / f"{language}.po"


def read_catalogue(language: str) -> Mapping[str, tuple[str, ...]]:
    """Return each message of a known language other than English in the forms of its numbers.

    The header is the translation of ``""``. Screens wait for this as they start: Babel's own
    reader, which keeps all that translators want to know, takes twenty times as long.
    """
    catalogue = {}
    for entry in catalogue_file(language).read_text(encoding="utf-8").split("\n\n"):
        parts: dict[str, str] = {}
        part = ""
        for begun, text in _STRING.findall(entry):
            part = begun or part
            parts[part] = parts.get(part, "") + json.loads(text)
        forms = tuple(text for part, text in parts.items() if part.startswith("msgstr"))
        if forms and all(forms):
            catalogue[parts["msgid"]] = forms
    return catalogue
