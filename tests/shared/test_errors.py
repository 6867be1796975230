"""An error that a person reads: in the person's language, with its values as they are."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from shared.errors import ConfigError, QueueError, RefusedError, StoreError
from shared.words import words


def test_an_error_is_told_whole_and_in_parts() -> None:
    error = StoreError("It is gone", "{file} is missing.", "Look for {file}.", file="queue.db")
    assert error.title == "It is gone"
    assert error.message == "queue.db is missing."
    assert error.hint == "Look for queue.db."
    assert str(error) == "It is gone: queue.db is missing. Look for queue.db."


def test_values_are_shown_as_they_are() -> None:
    value = "{0} {file} [/b] %s \\ {"
    assert str(QueueError("{file}", file=value)) == value


def test_parts_that_are_not_there_leave_no_gap() -> None:
    assert str(QueueError("No")) == "No"
    assert str(QueueError("No", hint="Wait.")) == "No: Wait."


def test_an_error_is_told_in_the_reader_s_language() -> None:
    finnish = {"Gone: {file}": "Poissa: {file}", "": "Content-Type: text/plain"}
    error = StoreError("Gone: {file}", file="queue.db")
    assert error.told(lambda text, **values: finnish[text].format_map(values)) == (
        "Poissa: queue.db",
        "",
        "",
    )


@pytest.mark.parametrize(
    ("language", "told"),
    [("fi", "ti 24.11. klo 9.05"), ("sv", "tis 24.11 klo 09.05"), ("en", "Tue 24/11 klo 09:05")],
)
def test_times_and_days_are_written_as_the_reader_s_language_writes_them(
    language: str, told: str
) -> None:
    moment = datetime(2026, 11, 24, 9, 5, tzinfo=ZoneInfo("Europe/Helsinki"))
    error = QueueError("{date} klo {time}", date=moment.date(), time=moment)
    title, *_ = error.told(words(language).gettext)
    assert title.replace(",", "") == told
    assert str(error) == "2026-11-24 klo 09:05"  # for logs and command lines


def test_names_are_told_in_the_reader_s_language() -> None:
    error = QueueError("{unit}", unit={"fi": "Kirjasto", "sv": "Bibliotek", "en": "Library"})
    assert [error.told(words(each).gettext)[0] for each in ("fi", "sv", "en")] == [
        "Kirjasto",
        "Bibliotek",
        "Library",
    ]
    assert str(error) == "Library"
    # A centre need not have English names.
    assert str(QueueError("{unit}", unit={"sv": "Bibliotek", "fi": "Kirjasto"})) == "Bibliotek"


@pytest.mark.parametrize("kind", [ConfigError, RefusedError, StoreError])
def test_every_error_is_a_queue_error(kind: type[QueueError]) -> None:
    with pytest.raises(QueueError, match="No"):
        raise kind("No")
