"""Everything that can go wrong and that a person may read.

The words are gettext message ids, marked with :func:`N_`; they are put into the reader's
language only where they are shown.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime


def N_(message: str) -> str:  # noqa: N802 – gettext's own name for "translate this later"
    """Mark a message for the translation catalogues and leave it as it is."""
    return message


def english(message: str, **values: object) -> str:
    """Fill the ``{fields}`` of a message for logs and command lines."""
    return message.format_map({name: _written(value) for name, value in values.items()})


def _written(value: object) -> object:
    match value:
        case datetime():
            return f"{value:%H:%M}"
        case {"en": name}:
            return name
        case Mapping():
            return next(iter(value.values()))
        case _:
            return value


class QueueError(Exception):
    """Something a person should know: what happened, where, and what to do about it.

    ``title``, ``message`` and ``hint`` are message ids; ``values`` fill their ``{fields}``, a
    ``datetime`` as the time of day, a ``date`` as the day, names as the one in the language.
    ``str(error)`` is all of it in English, for logs and command lines.
    """

    def __init__(self, title: str, message: str = "", hint: str = "", **values: object) -> None:
        super().__init__(title, message, hint)
        self._ids = (title, message, hint)
        self._values = values

    @property
    def title(self) -> str:
        return self.told()[0]

    @property
    def message(self) -> str:
        return self.told()[1]

    @property
    def hint(self) -> str:
        return self.told()[2]

    def told(self, translate: Callable[..., str] = english) -> tuple[str, str, str]:
        """Return title, message and hint as ``translate`` writes a message and its values."""
        title, message, hint = (
            # gettext answers an empty id with the catalogue's header.
            translate(text, **self._values) if text else ""
            for text in self._ids
        )
        return title, message, hint

    def __str__(self) -> str:
        title, *rest = self.told()
        return f"{title}: {' '.join(filter(None, rest))}" if any(rest) else title


class ConfigError(QueueError):
    """The configuration or the command line cannot be used as it is."""


class RefusedError(QueueError):
    """The queue's rules do not allow this now; nothing has changed."""


class StoreError(QueueError):
    """The store cannot be reached or used; nothing has changed."""
