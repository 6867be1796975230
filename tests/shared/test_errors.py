"""An error that a person reads: in the person's language, with its values as they are."""

from __future__ import annotations

import pytest

from shared.errors import ConfigError, QueueError, RefusedError, StoreError


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
    assert error.told(lambda text: finnish[text]) == ("Poissa: queue.db", "", "")


@pytest.mark.parametrize("kind", [ConfigError, RefusedError, StoreError])
def test_every_error_is_a_queue_error(kind: type[QueueError]) -> None:
    with pytest.raises(QueueError, match="No"):
        raise kind("No")
