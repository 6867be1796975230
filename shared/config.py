"""config.toml, read once into frozen objects; what is wrong in it is said in a person's words."""

from __future__ import annotations

import difflib
import os
import re
import tomllib
import unicodedata
from collections import Counter as Tally
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar, get_args
from zoneinfo import ZoneInfo, available_timezones

import msgspec
from msgspec import Meta, Struct

from shared.clock import Clock
from shared.errors import ConfigError
from shared.model import CounterId, UnitId
from shared.texts import known_languages

Names = dict[str, str]
"""One text in every language of the centre: language code → text."""

_IN_WORDS = {
    r"^[A-Za-z0-9][A-Za-z0-9_-]{0,19}\Z": "at most 20 of a-z, 0-9, - and _",
    r"^[A-Za-z0-9ÅÄÖåäö]{1,4}\Z": "one to four letters or digits",
    r"^[A-ZÅÄÖ]\Z": "one capital letter",
}
_NAME, _SIGN, _LETTER = _IN_WORDS
_TYPES_IN_WORDS = {
    "str": "text",
    "int": "a number",
    "float": "a number",
    "bool": "true or false",
    "array": "a list",
    "object": "a table",
    "date": "a date",
    "time": "a time",
    "datetime": "a date and time",
}

Name = Annotated[str, Meta(pattern=_NAME)]
"""What a thing is called in the configuration, the store and on the command line."""

Series = Annotated[str, Meta(pattern=_LETTER)]
Theme = Literal["light", "dark", "contrast"]
Colour = Literal["blue", "green", "red", "violet", "teal", "orange", "pink", "brown", "grey"]
Seconds = Annotated[float, Meta(ge=1, le=3600)]


class _Section(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    pass


class Centre(_Section, frozen=True):
    name: Names
    languages: Annotated[tuple[str, ...], Meta(min_length=1)]
    time_zone: str


class Store(_Section, frozen=True):
    url: str = "sqlite:var/queue.db"
    patience: Annotated[float, Meta(ge=0, le=600)] = 5


class Web(_Section, frozen=True):
    url: str | None = None


class Kiosk(_Section, frozen=True):
    welcome: Names
    ticket_seconds: Annotated[float, Meta(ge=3, le=3600)] = 20
    theme: Theme = "light"


class Display(_Section, frozen=True):
    languages: Literal["turns", "together"] = "turns"
    turn_seconds: Seconds = 8
    call_seconds: Seconds = 6
    notice: Names = {}
    theme: Theme = "dark"


class Staff(_Section, frozen=True):
    language: str | None = None
    theme: Theme = "light"


class Unit(_Section, frozen=True):
    id: Annotated[UnitId, Meta(pattern=_NAME)]
    series: Series
    name: Names
    operator: Name
    colour: Colour = "blue"


class Counter(_Section, frozen=True):
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


def find_config(named: str | None) -> Path:
    """Return the configuration to use: the one named, else VUORO_CONFIG, else ./config.toml."""
    return Path(named or os.environ.get("VUORO_CONFIG") or "config.toml")


def load_config(path: Path) -> Config:
    """Read and check a configuration. Raises ConfigError, which names file, place and remedy."""
    try:
        tree = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise ConfigError(
            "There is no configuration",
            "{file} does not exist.",
            "Start where config.toml lies, or name one with --config or VUORO_CONFIG.",
            file=path.absolute(),
        ) from error
    except OSError as error:
        fault = f"cannot be read: {error.strerror}"
        raise _problem(path, "", fault, "Check the path and who may read it.") from error
    except UnicodeDecodeError as error:
        fault = f"is not UTF-8 text: byte {error.start} is wrong"
        raise _problem(path, "", fault, "Save the file as UTF-8.") from error
    except tomllib.TOMLDecodeError as error:
        raise _problem(path, "", f"is not TOML: {error}", "Mend that line.") from error
    try:
        config = msgspec.convert(tree, Config)
    except msgspec.ValidationError as error:
        raise _invalid(path, tree, str(error)) from error
    for where, what, remedy in _contradictions(config):
        raise _problem(path, where, what, remedy)
    return _with_whole_paths(config, path.absolute().parent)


def _with_whole_paths(config: Config, folder: Path) -> Config:
    """Paths in the file start from the file, not from where a program happens to run."""
    scheme, _, rest = config.store.url.partition(":")
    store = msgspec.structs.replace(config.store, url=f"{scheme}:{folder / rest}")
    return msgspec.structs.replace(config, store=store)


def _problem(path: Path, where: str, what: str, remedy: str) -> ConfigError:
    return ConfigError(
        "The configuration cannot be used",
        "{file}: {what}.",
        "{remedy}",
        file=path,
        what=f"{where} {what}".strip(),
        remedy=remedy,
    )


def _invalid(path: Path, tree: Mapping[str, Any], complaint: str) -> ConfigError:
    """Turn msgspec's complaint about the tree into one about the file."""
    what, _, trail = complaint.partition(" - at `")
    # "$.units[0].name[...]": names of keys, indices of lists; "..." stands for any key. Where a
    # key itself is wrong: "key` in `$.operators".
    steps = [name or index for name, index in re.findall(r"\.(\w+)|\[(\d+|\.\.\.)\]", trail)]
    where, section, hint = _place(tree, steps)
    known = [field.name for field in msgspec.structs.fields(section)]
    if unknown := re.fullmatch(r"Object contains unknown field `(.*)`", what):
        near = difflib.get_close_matches(unknown[1], known, n=1)
        remedy = f"Did you mean “{near[0]}”?" if near else f"Known here: {', '.join(known)}."
        return _problem(path, where, f"has the unknown key “{unknown[1]}”", remedy)
    if missing := re.fullmatch(r"Object missing required field `(.*)`", what):
        return _problem(path, where, f"lacks the key “{missing[1]}”", f"Add “{missing[1]}”.")
    if unlisted := re.fullmatch(r"Invalid enum value '(.*)'", what):
        remedy = f"Known: {', '.join(get_args(hint))}."
        return _problem(path, where, f"is “{unlisted[1]}”, which is not known", remedy)
    if trail.startswith("key"):
        where = f"a name in {where}"
    for pattern, in_words in _IN_WORDS.items():
        what = what.replace(f"`str` matching regex {pattern!r}", in_words)
    for kind, in_words in _TYPES_IN_WORDS.items():
        what = what.replace(f"`{kind}`", in_words)
    return _problem(path, where, f"is not right: {what[0].lower()}{what[1:]}", "Mend that value.")


def _place(tree: Mapping[str, Any], steps: Iterable[str]) -> tuple[str, type[Struct], Any]:
    """Return a place in the file in words, its section, and what is annotated there."""
    words: list[str] = []
    value: Any = tree
    section: type[Struct] = Config
    hint: Any = Config
    for step in steps:
        if step.isdigit():
            value = value[int(step)]
            words[-1] = f"[[{words[-1]}]]" if isinstance(value, dict) else words[-1]
            name = value.get("id") if isinstance(value, dict) else None
            words.append(f"no. {int(step) + 1}" + (f" ({name})" if name else ""))
        elif step != "...":
            value = value.get(step) if isinstance(value, dict) else None
            hint = next(f.type for f in msgspec.structs.fields(section) if f.name == step)
            section = next(_sections(hint), section)
            words.append(f"[{step}]" if not words and isinstance(value, dict) else step)
    return " ".join(words), section, hint


def _sections(hint: Any) -> Iterator[type[Struct]]:  # noqa: ANN401 – an annotation is any object
    """Find the sections that an annotation speaks of."""
    if isinstance(hint, type) and issubclass(hint, Struct):
        yield hint
    for part in get_args(hint):
        yield from _sections(part)


def _contradictions(config: Config) -> Iterator[tuple[str, str, str]]:
    """Find what each value alone does not show: yields place, fault and remedy."""
    known = known_languages()
    for language in config.centre.languages:
        if language not in known:
            yield (
                "[centre] languages",
                f"names “{language}”, which has no translations",
                f"Known: {', '.join(sorted(known))}.",
            )
    if config.staff.language not in {None, *config.centre.languages}:
        yield (
            "[staff] language",
            f"is “{config.staff.language}”, which is not among the centre's languages",
            f"Known: {', '.join(config.centre.languages)}.",
        )
    zone = config.centre.time_zone
    try:
        ZoneInfo(zone)
    except (KeyError, OSError, ValueError):  # not found; a folder of zones; no name at all
        near = difflib.get_close_matches(zone, available_timezones(), n=1)
        yield (
            "[centre] time_zone",
            f"is “{zone}”, which is no time zone",
            f"Did you mean “{near[0]}”?" if near else "Write it like Europe/Helsinki.",
        )
    if config.web.url is not None and not re.match(r"https?://[^/\s]+\S*\Z", config.web.url):
        yield (
            "[web] url",
            f"is “{config.web.url}”, which is no web address",
            "Write it like https://queue.example.org.",
        )
    if not re.match(r"sqlite:[^\x00-\x1f]+\Z", config.store.url):
        yield (
            "[store] url",
            f"is “{config.store.url}”, which names no store",
            "Write it like sqlite:var/queue.db.",
        )
    yield from _repeated("[centre] languages", config.centre.languages)
    yield from _repeated("[[units]] id", (unit.id for unit in config.units))
    yield from _repeated("[[units]] series", (unit.series for unit in config.units))
    yield from _repeated("[[counters]] id", (counter.id for counter in config.counters))
    for unit in config.units:
        if unit.operator not in config.operators:
            yield (
                f"[[units]] {unit.id} operator",
                f"is “{unit.operator}”, which is not among the [operators]",
                f"Known: {', '.join(config.operators)}.",
            )
    units = [unit.id for unit in config.units]
    for counter in config.counters:
        for name in counter.units:
            if name not in units:
                near = difflib.get_close_matches(name, units, n=1)
                yield (
                    f"[[counters]] {counter.id} units",
                    f"names “{name}”, which is not among the units",
                    f"Did you mean “{near[0]}”?" if near else f"Known: {', '.join(units)}.",
                )
        yield from _repeated(f"[[counters]] {counter.id} units", counter.units)
    served = {unit for counter in config.counters for unit in counter.units}
    for unit in config.units:
        if unit.id not in served:
            yield (
                f"[[units]] {unit.id}",
                "is served by no counter, so nobody could ever call its tickets",
                "Add it to the units of a counter.",
            )
    for place, names in _texts(config):
        for language in config.centre.languages:
            if not names.get(language, "").strip():
                yield place, f"has no text in “{language}”", f"Add {language} = “…”."
        for language, text in names.items():
            # A terminal would not show these but obey them.
            if any(unicodedata.category(character) == "Cc" for character in text):
                yield place, f"has a control character in “{language}”", "Take it out."


def _repeated(place: str, values: Iterable[str]) -> Iterator[tuple[str, str, str]]:
    for value, times in Tally(values).items():
        if times > 1:
            yield place, f"has “{value}” {times} times", "Give each its own."


def _texts(config: Config) -> Iterator[tuple[str, Names]]:
    yield "[centre] name", config.centre.name
    yield "[kiosk] welcome", config.kiosk.welcome
    if config.display.notice:
        yield "[display] notice", config.display.notice
    for operator, names in config.operators.items():
        yield f"[operators] {operator}", names
    for unit in config.units:
        yield f"[[units]] {unit.id} name", unit.name
    for counter in config.counters:
        yield f"[[counters]] {counter.id} name", counter.name
