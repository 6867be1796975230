"""What can be wrong in config.toml: where, what, and the remedy."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter as Tally
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta
from itertools import pairwise
from typing import Any, NamedTuple, get_args
from zoneinfo import ZoneInfo, available_timezones

import msgspec
from msgspec import Struct

from shared.config.ranges import DAY, read_ranges
from shared.config.shape import AS_USUAL, PATTERNS, Config, Names, Timetable
from shared.holidays import UnknownPlaceError, public_holidays
from shared.texts import known_languages

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

_NIGHT = timedelta(hours=6)
"""When a night ends. What is open past midnight and longer may be hours written the wrong way
round: "17:00-9:00"."""


class Fault(NamedTuple):
    """One thing that is wrong, in words that follow the file's name."""

    place: str
    what: str
    remedy: str


def misshapen(tree: Mapping[str, Any], complaint: str) -> Fault:
    """Turn msgspec's complaint about the tree into one about the file."""
    what, _, trail = complaint.partition(" - at `")
    # "$.units[0].name[...]": names of keys, indices of lists; "..." stands for any key. Where a
    # key itself is wrong: "key` in `$.operators".
    steps = [name or index for name, index in re.findall(r"\.(\w+)|\[(\d+|\.\.\.)\]", trail)]
    where, section, hint = _place(tree, steps)
    known = [field.name for field in msgspec.structs.fields(section)]
    if unknown := re.fullmatch(r"Object contains unknown field `(.*)`", what):
        remedy = _did_you_mean(unknown[1], known, f"Known here: {', '.join(known)}.")
        return Fault(where, f"has the unknown key “{unknown[1]}”", remedy)
    if missing := re.fullmatch(r"Object missing required field `(.*)`", what):
        return Fault(where, f"lacks the key “{missing[1]}”", f"Add “{missing[1]}”.")
    if unlisted := re.fullmatch(r"Invalid (?:enum )?value '?(.*?)'?", what):
        types = [each.__struct_config__.tag for each in _sections(hint)]
        remedy = f"Known: {', '.join(map(str, types or get_args(hint)))}."
        return Fault(where, f"is “{unlisted[1]}”, which is not known", remedy)
    if trail.startswith("key"):
        where = f"a name in {where}"
    for pattern, in_words in PATTERNS.items():
        what = what.replace(f"`str` matching regex {pattern!r}", in_words)
    for kind, in_words in _TYPES_IN_WORDS.items():
        what = what.replace(f"`{kind}`", in_words)
    return Fault(where, f"is not right: {what[0].lower()}{what[1:]}", "Mend that value.")


def _did_you_mean(wanted: str, known: Iterable[str], otherwise: str) -> str:
    """Return the remedy for a name that is not known."""
    import difflib  # noqa: PLC0415 – only where something is wrong

    near = difflib.get_close_matches(wanted, known, n=1)
    return f"Did you mean “{near[0]}”?" if near else otherwise


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
            # What tells the type of a section is no field of it.
            hints = {field.name: field.type for field in msgspec.structs.fields(section)}
            hint = hints.get(step, hint)
            section = _section(hint, value) or section
            words.append(f"[{step}]" if not words and isinstance(value, dict) else step)
    return " ".join(words), section, hint


def _sections(hint: Any) -> Iterator[type[Struct]]:  # noqa: ANN401 – an annotation is any object
    """Find the sections that an annotation speaks of."""
    if isinstance(hint, type) and issubclass(hint, Struct):
        yield hint
    for part in get_args(hint):
        yield from _sections(part)


def _section(hint: Any, value: Any) -> type[Struct] | None:  # noqa: ANN401
    """Return the section that stands there: of several, the one of the value's type."""
    known = list(_sections(hint))
    wanted = value.get("type") if isinstance(value, dict) else None
    of_type = (each for each in known if each.__struct_config__.tag == wanted)
    return next(of_type, known[0] if known else None)


def contradictions(config: Config) -> Iterator[Fault]:
    """Find what no value shows by itself."""
    yield from _centre(config)
    yield from _addresses(config)
    yield from _operators(config)
    yield from _counters(config)
    yield from _timetables(config)
    yield from _printer(config)
    yield from _repeated("[[priorities]] id", (priority.id for priority in config.priorities))
    yield from _repeated("[[reasons]] id", (reason.id for reason in config.reasons))
    yield from _languages(config)


def _centre(config: Config) -> Iterator[Fault]:
    known = known_languages()
    languages = config.centre.languages
    for language in languages:
        if language not in known:
            yield Fault(
                "[centre] languages",
                f"names “{language}”, which has no translations",
                f"Known: {', '.join(sorted(known))}.",
            )
    yield from _repeated("[centre] languages", languages)
    if config.staff.language not in {None, *languages}:
        yield Fault(
            "[staff] language",
            f"is “{config.staff.language}”, which is not among the centre's languages",
            f"Known: {', '.join(languages)}.",
        )
    zone = config.centre.time_zone
    try:
        ZoneInfo(zone)
    except (KeyError, OSError, ValueError):  # not found; a folder of zones; no name at all
        yield Fault(
            "[centre] time_zone",
            f"is “{zone}”, which is no time zone",
            _did_you_mean(zone, available_timezones(), "Write it like Europe/Helsinki."),
        )


def unknown_holidays(config: Config) -> Iterator[Fault]:
    """Find out whether the holidays are known, of a configuration that is right otherwise."""
    try:
        public_holidays(config)
    except UnknownPlaceError as error:
        what = f"is “{config.centre.holidays}”, whose public holidays are not known"
        yield Fault("[centre] holidays", what, str(error))


def _addresses(config: Config) -> Iterator[Fault]:
    web, store = config.web.url, config.store.url
    if web is not None and not re.match(r"https?://[^/\s]+\S*\Z", web):
        yield Fault(
            "[web] url",
            f"is “{web}”, which is no web address",
            "Write it like https://queue.example.org.",
        )
    if not re.match(r"sqlite:[^\x00-\x1f]+\Z", store):
        yield Fault(
            "[store] url",
            f"is “{store}”, which names no store",
            "Write it like sqlite:var/queue.db.",
        )


def _operators(config: Config) -> Iterator[Fault]:
    for unit in config.units:
        if unit.operator not in config.operators:
            yield Fault(
                f"[[units]] {unit.id} operator",
                f"is “{unit.operator}”, which is not among the [operators]",
                f"Known: {', '.join(config.operators)}.",
            )


def _counters(config: Config) -> Iterator[Fault]:
    yield from _repeated("[[units]] id", (unit.id for unit in config.units))
    yield from _repeated("[[units]] series", (unit.series for unit in config.units))
    yield from _repeated("[[counters]] id", (counter.id for counter in config.counters))
    units = [unit.id for unit in config.units]
    for counter in config.counters:
        place = f"[[counters]] {counter.id} units"
        for name in counter.units:
            if name not in units:
                yield Fault(
                    place,
                    f"names “{name}”, which is not among the units",
                    _did_you_mean(name, units, f"Known: {', '.join(units)}."),
                )
        yield from _repeated(place, counter.units)
    served = {unit for counter in config.counters for unit in counter.units}
    for unit in config.units:
        if unit.id not in served:
            yield Fault(
                f"[[units]] {unit.id}",
                "is served by no counter, so nobody could ever call its tickets",
                "Add it to the units of a counter.",
            )


def _timetables(config: Config) -> Iterator[Fault]:
    known = [timetable.id for timetable in config.timetables]
    yield from _repeated("[[timetables]] id", known)
    for unit in config.units:
        if unit.hours is not None and unit.hours not in known:
            yield Fault(
                f"[[units]] {unit.id} hours",
                f"is “{unit.hours}”, which is not among the timetables",
                _did_you_mean(unit.hours, known, f"Known: {', '.join(known) or 'none at all'}."),
            )
    for timetable in config.timetables:
        place = f"[[timetables]] {timetable.id}"
        for day, text in _days(timetable):
            yield from _hours(f"{place} {day}", text, timetable.last_ticket_minutes)
        for day in timetable.exceptions:
            if not _is_date(day):
                what = f"has “{day}”, which is no date"
                yield Fault(f"{place} exceptions", what, "Write it like 2026-12-24.")


def _printer(config: Config) -> Iterator[Fault]:
    if config.printer is None or config.printer.profile == "default":
        return
    known = _profiles()
    if config.printer.profile not in known:
        yield Fault(
            "[printer] profile",
            f"is “{config.printer.profile}”, which python-escpos does not know",
            _did_you_mean(config.printer.profile, known, f"Known: {', '.join(known)}."),
        )


def _profiles() -> list[str]:
    """Return python-escpos's names of printers, without loading what prints."""
    from importlib import resources  # noqa: PLC0415 – slow, and only for who has such a printer

    file = resources.files("escpos").joinpath("capabilities.json")
    return list(msgspec.json.decode(file.read_bytes())["profiles"])


def _days(timetable: Timetable) -> Iterator[tuple[str, str]]:
    """Return all hours of a timetable, each with its name."""
    yield from zip(("mon", "tue", "wed", "thu", "fri", "sat", "sun"), timetable.week, strict=True)
    if timetable.on_holidays != AS_USUAL:
        yield "on_holidays", timetable.on_holidays
    for day, text in timetable.exceptions.items():
        yield f"exceptions {day}", text


def _hours(place: str, text: str, last_ticket: int) -> Iterator[Fault]:
    try:
        ranges = read_ranges(text)
    except ValueError:
        yield Fault(
            place,
            f"is “{text}”, which cannot be read as hours",
            "Write it like 9:00-12:00, 13:00-16:00, or closed.",
        )
        return
    if any(each.closes > DAY + _NIGHT for each in ranges):
        yield Fault(
            place,
            f"is “{text}”, which ends before it begins",
            "Write the earlier time first. Only what closes by 6:00 may go on past midnight; what "
            "closes later goes on in the hours of the next day, from 0:00.",
        )
    if any(later.opens < earlier.closes for earlier, later in pairwise(sorted(ranges))):
        yield Fault(
            place,
            f"is “{text}”, where one range begins before another has ended",
            "Let them follow one another.",
        )
    if any(each.closes - each.opens <= timedelta(minutes=last_ticket) for each in ranges):
        yield Fault(
            place,
            f"is “{text}”, too short for a last ticket {last_ticket} minutes before closing",
            "Make last_ticket_minutes smaller.",
        )


def _is_date(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def _languages(config: Config) -> Iterator[Fault]:
    for place, names in _texts(config):
        for language in config.centre.languages:
            if not names.get(language, "").strip():
                yield Fault(place, f"has no text in “{language}”", f"Add {language} = “…”.")
        for language, text in names.items():
            # A terminal would not show these but obey them.
            if any(unicodedata.category(character) == "Cc" for character in text):
                yield Fault(place, f"has a control character in “{language}”", "Take it out.")


def _repeated(place: str, values: Iterable[str]) -> Iterator[Fault]:
    for value, times in Tally(values).items():
        if times > 1:
            yield Fault(place, f"has “{value}” {times} times", "Give each its own.")


def _texts(config: Config) -> Iterator[tuple[str, Names]]:
    yield "[centre] name", config.centre.name
    yield "[kiosk] welcome", config.kiosk.welcome
    if config.display.notice:
        yield "[display] notice", config.display.notice
    if config.printer and config.printer.note:
        yield "[printer] note", config.printer.note
    for operator, names in config.operators.items():
        yield f"[operators] {operator}", names
    for unit in config.units:
        yield f"[[units]] {unit.id} name", unit.name
    for counter in config.counters:
        yield f"[[counters]] {counter.id} name", counter.name
    for priority in config.priorities:
        yield f"[[priorities]] {priority.id} name", priority.name
    for reason in config.reasons:
        yield f"[[reasons]] {reason.id} name", reason.name
