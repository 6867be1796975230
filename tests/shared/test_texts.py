"""Every text that a person may read stands in every language, and says the same things."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.pofile import read_po

from shared.texts import SOURCE, catalogue_file, known_languages, read_catalogue

ROOMS = ("kiosk", "display", "staff", "web", "shared")
HOUSE = Path(__file__).parents[2]
KEYWORDS = {"N_": None, **DEFAULT_KEYWORDS}
METHODS = [("**.py", "python"), ("**.html", "jinja2")]


def extract() -> Iterator[str | tuple[str, ...]]:
    for room in ROOMS:
        for _, _, message, _, _ in extract_from_dir(HOUSE / room, METHODS, keywords=KEYWORDS):
            yield message


def read(language: str) -> Catalog:
    with catalogue_file(language).open("rb") as file:
        return read_po(file, locale=language, abort_invalid=True)


def forms(said: Any) -> tuple[str, ...]:
    """Return the forms of a message: one, or one for each kind of number."""
    return tuple(said) if isinstance(said, (tuple, list)) else (said,)


def fields(text: str) -> set[str]:
    return set(re.findall(r"\{(\w+)", text))


translated = pytest.mark.parametrize("language", sorted(known_languages() - {SOURCE}))


def test_the_programs_speak_the_centres_languages() -> None:
    assert known_languages() >= {"fi", "sv", "en"}


@translated
def test_every_text_is_translated(language: str) -> None:
    catalogue = read(language)
    missing = [
        message
        for message in set(extract())
        if (found := catalogue.get(message)) is None or not all(forms(found.string)) or found.fuzzy
    ]
    assert missing == []


@translated
def test_no_translation_is_left_from_a_text_that_is_gone(language: str) -> None:
    wanted = set(extract())
    catalogue = read(language)
    assert [each.id for each in catalogue if each.id and each.id not in wanted] == []
    assert not catalogue.obsolete


@translated
def test_a_translation_fills_in_the_same_fields(language: str) -> None:
    for message in read(language):
        if not message.id:
            continue
        wanted = fields(forms(message.id)[-1])
        # "1 person" may say the number in words; anything else would be lost or raise.
        assert all(fields(form) <= wanted for form in forms(message.string)), message.id
        assert fields(forms(message.string)[-1]) == wanted, message.id


@translated
def test_the_programs_say_what_the_translators_wrote(language: str) -> None:
    said = dict(read_catalogue(language))
    header = said.pop("")
    assert "Language: " in header[0]
    assert said == {
        forms(message.id)[0]: forms(message.string) for message in read(language) if message.id
    }
