"""The translations: one gettext catalogue, ``<language>.po``, for every language but English.

A further language is one more file here; no code knows which there are.
"""

from __future__ import annotations

from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable

SOURCE = "en"
"""The language of the message ids: it needs no catalogue."""


@cache
def known_languages() -> frozenset[str]:
    """Return the languages that the programs can speak."""
    names = (file.name for file in resources.files(__name__).iterdir())
    return frozenset({SOURCE, *(name[:-3] for name in names if name.endswith(".po"))})


def catalogue_file(language: str) -> Traversable:
    """Return the catalogue of a known language other than English."""
    return resources.files(__name__).joinpath(f"{language}.po")
