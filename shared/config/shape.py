"""What config.toml says: a frozen object for each of its sections."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Literal, TypeVar
from zoneinfo import ZoneInfo

from msgspec import Meta, Struct

from shared.clock import Clock
from shared.errors import ConfigError
from shared.model import CounterId, UnitId

Names = dict[str, str]
"""One text in every language of the centre: language code → text."""

PATTERNS = {
    r"^[A-Za-z0-9][A-Za-z0-9_-]{0,19}\Z": "at most 20 of a-z, 0-9, - and _",
    r"^[A-Za-z0-9ÅÄÖåäö]{1,4}\Z": "one to four letters or digits",
    r"^[A-ZÅÄÖ]\Z": "one capital letter",
}
"""What short names look like, and how that is said in words."""

_NAME, _SIGN, _LETTER = PATTERNS

Name = Annotated[str, Meta(pattern=_NAME)]
"""What a thing is called in the configuration, the store and on the command line."""

Series = Annotated[str, Meta(pattern=_LETTER)]
Theme = Literal["light", "dark", "contrast"]
Colour = Literal["blue", "green", "red", "violet", "teal", "orange", "pink", "brown", "grey"]
Seconds = Annotated[float, Meta(ge=1, le=3600)]


class _Section(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    pass


class Centre(_Section, frozen=True):
    """The place as a whole."""

    name: Names
    languages: Annotated[tuple[str, ...], Meta(min_length=1)]
    time_zone: str


class Store(_Section, frozen=True):
    """The queue store: where it is, and how long to wait for others who use it."""

    url: str = "sqlite:var/queue.db"
    patience: Annotated[float, Meta(ge=0, le=600)] = 5


class Web(_Section, frozen=True):
    """Where residents' phones reach their tickets, if anywhere."""

    url: str | None = None


class Kiosk(_Section, frozen=True):
    """The residents' screen."""

    welcome: Names
    ticket_seconds: Annotated[float, Meta(ge=3, le=3600)] = 20
    theme: Theme = "light"


class Display(_Section, frozen=True):
    """The screen in the lobby."""

    languages: Literal["turns", "together"] = "turns"
    turn_seconds: Seconds = 8
    call_seconds: Seconds = 6
    notice: Names = {}
    theme: Theme = "dark"


class Staff(_Section, frozen=True):
    """The consoles at the counters."""

    language: str | None = None
    theme: Theme = "light"


class Unit(_Section, frozen=True):
    """A service that people come for."""

    id: Annotated[UnitId, Meta(pattern=_NAME)]
    series: Series
    name: Names
    operator: Name
    colour: Colour = "blue"


class Counter(_Section, frozen=True):
    """Where people are called to: a desk or a room."""

    id: Annotated[CounterId, Meta(pattern=_SIGN)]
    """What hangs above the counter."""
    name: Names
    units: Annotated[tuple[UnitId, ...], Meta(min_length=1)]


class Config(_Section, frozen=True):
    """The whole centre."""

    centre: Centre
    operators: dict[Name, Names]
    units: Annotated[tuple[Unit, ...], Meta(min_length=1)]
    counters: Annotated[tuple[Counter, ...], Meta(min_length=1)]
    kiosk: Kiosk
    store: Store = Store()
    web: Web = Web()
    display: Display = Display()
    staff: Staff = Staff()

    def unit(self, unit: str) -> Unit:
        """Return the unit of this id. Raises ConfigError, naming those that there are."""
        return _find(unit, self.units, "There is no such unit")

    def counter(self, counter: str) -> Counter:
        """Return the counter of this id. Raises ConfigError, naming those that there are."""
        return _find(counter, self.counters, "There is no such counter")

    def language(self, language: str | None) -> str:
        """Return this language, or the centre's first. Raises ConfigError, naming the others."""
        if language not in {None, *self.centre.languages}:
            raise ConfigError(
                "There is no such language",
                "“{wanted}” is not known.",
                "Known: {known}.",
                wanted=language,
                known=", ".join(self.centre.languages),
            )
        return language or self.centre.languages[0]

    def clock(self) -> Clock:
        return Clock(ZoneInfo(self.centre.time_zone))


_Identified = TypeVar("_Identified", Unit, Counter)


def _find(wanted: str, among: Iterable[_Identified], title: str) -> _Identified:
    known: dict[str, _Identified] = {each.id: each for each in among}
    if wanted not in known:
        raise ConfigError(
            title,
            "“{wanted}” is not known.",
            "Known: {known}.",
            wanted=wanted,
            known=", ".join(known),
        )
    return known[wanted]
