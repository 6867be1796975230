"""What every language does for itself: its name, its numbers, its times and dates."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from babel import Locale

from shared.texts import known_languages
from shared.words import words

MOMENT = datetime(2026, 11, 24, 9, 5, tzinfo=ZoneInfo("Europe/Helsinki"))


@pytest.mark.parametrize("language", sorted(known_languages()))
def test_a_language_calls_itself_by_its_own_name(language: str) -> None:
    assert words(language).own_name.lower() == (Locale.parse(language).language_name or "").lower()


@pytest.mark.parametrize(
    ("language", "date", "time"),
    [("fi", "ti 24.11.", "9.05"), ("sv", "tis 24.11", "09.05"), ("en", "Tue 24/11", "09:05")],
)
def test_dates_and_times_are_written_as_the_language_writes_them(
    language: str, date: str, time: str
) -> None:
    assert words(language).date(MOMENT).replace(",", "") == date
    assert words(language).time(MOMENT) == time


@pytest.mark.parametrize(
    ("language", "text"),
    [("fi", "ti 24.11. 9.05 3"), ("sv", "tis 24.11 09.05 3"), ("en", "Tue 24/11 09:05 3")],
)
def test_times_and_dates_in_a_message_are_written_so_too(language: str, text: str) -> None:
    said = words(language).gettext("{date} {time} {n}", date=MOMENT.date(), time=MOMENT, n=3)
    assert said.replace(",", "") == text


def test_a_moment_is_written_in_its_own_zone() -> None:
    assert words("en").time(MOMENT.astimezone(ZoneInfo("UTC"))) == "07:05"


@pytest.mark.parametrize("language", sorted(known_languages()))
def test_values_are_shown_as_they_are(language: str) -> None:
    value = "{0} {n} [/b] %s \\ ä 🙂"
    assert words(language).gettext("{value}", value=value) == value
    assert words(language).gettext("a text { without values") == "a text { without values"


def test_one_and_many_are_told_apart() -> None:
    told = [words("en").ngettext("{n} person", "{n} people", n) for n in (0, 1, 2, 11)]
    assert told == ["0 people", "1 person", "2 people", "11 people"]
