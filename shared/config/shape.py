"""What config.toml says: a frozen object for each of its sections."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import time, timedelta
from typing import Annotated, Literal, TypeVar
from zoneinfo import ZoneInfo

from msgspec import Meta, Struct

from shared.clock import Clock
from shared.config.ranges import CLOSED
from shared.errors import ConfigError
from shared.model import CounterId, UnitId

Names = dict[str, str]
"""One text in every language of the centre: language code → text."""

PATTERNS = {
    r"^[A-Za-z0-9][A-Za-z0-9_-]{0,19}\Z": "at most 20 of a-z, 0-9, - and _",
    r"^[A-Za-z0-9ÅÄÖåäö]{1,4}\Z": "one to four letters or digits",
    r"^[A-ZÅÄÖ]\Z": "one capital letter",
    r"^(0?[0-9]|1[01]):[0-5][0-9]\Z": "a time before noon, such as 04:00",
    r"^[A-Z]{2}(-\w[\w -]*)?\Z": "a country or a part of one, such as FI or FI-01",
    r"^[A-Za-z0-9_-]{1,63}(\.[A-Za-z0-9_-]{1,63})*\Z": "a name in the network or an IPv4 address",
    r"^/[^\x00-\x1f]+\Z": "a path from the root, such as /dev/usb/lp0",
    r"^[0-9A-Fa-f]{4}\Z": "four hexadecimal digits, as lsusb shows them",
    r"^[^\s/#-][^\s/#]*\Z": "the name of a print queue, as lpstat -e shows it",
}
"""What short texts look like, and how that is said in words."""

_NAME, _SIGN, _LETTER, _MORNING, _LAND, _HOST, _PATH, _USB_ID, _QUEUE = PATTERNS

Name = Annotated[str, Meta(pattern=_NAME)]
"""What a thing is called in the configuration, the store and on the command line."""

Series = Annotated[str, Meta(pattern=_LETTER)]
Theme = Literal["light", "dark", "contrast"]
Colour = Literal["blue", "green", "red", "violet", "teal", "orange", "pink", "brown", "grey"]
Minutes = Annotated[int, Meta(ge=1, le=600)]
Seconds = Annotated[float, Meta(ge=1, le=3600)]


class _Section(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    pass


class Centre(_Section, frozen=True):
    """The place as a whole."""

    name: Names
    languages: Annotated[tuple[str, ...], Meta(min_length=1)]
    time_zone: str
    day_starts: Annotated[str, Meta(pattern=_MORNING)] = "00:00"
    """When the service day changes, in the centre's time."""
    holidays: Annotated[str, Meta(pattern=_LAND)] | None = None
    """Whose public holidays are kept: a country's, "FI", or those of a part of it, "FI-01"."""


class Store(_Section, frozen=True):
    """The queue store: where it is, and how long to wait for others who use it."""

    url: str = "sqlite:var/queue.db"
    patience: Annotated[float, Meta(ge=0, le=600)] = 5


class Web(_Section, frozen=True):
    """Where residents' phones reach their tickets, if anywhere, and what they may do there."""

    url: str | None = None
    tickets: Literal["no", "here", "anywhere"] = "no"
    """Whether tickets are given to phones; "here": to those who can read the lobby's code."""
    more_minutes: Minutes = 5
    """How much later "I need more time" puts a ticket."""
    more_times: Annotated[int, Meta(ge=0, le=9)] = 2
    """How often it may do so."""


class _Printer(_Section, frozen=True, kw_only=True, tag_field="type"):
    """A receipt printer at the kiosk that speaks ESC/POS, of one of the types of python-escpos."""

    width_mm: Literal[58, 80] = 80
    """Of the paper."""
    profile: str = "default"
    """python-escpos's name of the model."""
    note: Names = {}
    """A line at the foot of the ticket, if there is something to tell."""


class _Answering(_Printer, frozen=True, kw_only=True):
    status: bool = True
    """Whether the printer tells what is wrong with it when it is asked."""


class NetworkPrinter(_Answering, frozen=True, tag="network"):
    """One that is reached by TCP."""

    host: Annotated[str, Meta(pattern=_HOST)]
    port: Annotated[int, Meta(ge=1, le=65535)] = 9100


class UsbPrinter(_Answering, frozen=True, tag="usb"):
    """One on USB that is driven through libusb: that of these ids, or the only one there is."""

    vendor: Annotated[str, Meta(pattern=_USB_ID)] | None = None
    product: Annotated[str, Meta(pattern=_USB_ID)] | None = None


class SerialPrinter(_Answering, frozen=True, tag="serial"):
    """One at a serial port."""

    device: Annotated[str, Meta(pattern=_PATH)]
    baud: Annotated[int, Meta(ge=19200)] = 38400
    """A ticket has up to 4 kB: at 9600 it would take longer than anyone waits."""


class FilePrinter(_Printer, frozen=True, tag="file"):
    """One that the operating system offers as a file, such as /dev/usb/lp0."""

    device: Annotated[str, Meta(pattern=_PATH)]


class CupsPrinter(_Printer, frozen=True, tag="cups"):
    """A print queue of CUPS."""

    name: Annotated[str, Meta(pattern=_QUEUE)]


AnsweringPrinter = NetworkPrinter | UsbPrinter | SerialPrinter
Printer = AnsweringPrinter | FilePrinter | CupsPrinter


class Kiosk(_Section, frozen=True):
    """The residents' screen."""

    welcome: Names
    ticket_seconds: Annotated[float, Meta(ge=3, le=3600)] = 20
    several: bool = True
    """Whether one ticket may be taken for several units."""
    appointments: bool = False
    """Whether visitors check in here for appointments."""
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
    recalls: Annotated[int, Meta(ge=0, le=9)] = 1
    """How often to recall somebody, before a no-show goes without asking."""
    theme: Theme = "light"


class Timetable(_Section, frozen=True):
    """When units are open: for each day its hours, as :mod:`shared.config.ranges` reads them.

    What goes on past midnight belongs to the day on which it began.
    """

    id: Name
    mon: str = CLOSED
    tue: str = CLOSED
    wed: str = CLOSED
    thu: str = CLOSED
    fri: str = CLOSED
    sat: str = CLOSED
    sun: str = CLOSED
    on_holidays: str = CLOSED
    """The hours of public holidays, or AS_USUAL."""
    exceptions: dict[str, str] = {}
    """The hours of single days, whatever else they are: "2026-12-24" → hours."""
    last_ticket_minutes: Annotated[int, Meta(ge=0, le=600)] = 0
    """How long before closing the last ticket is given."""

    @property
    def week(self) -> tuple[str, ...]:
        """The hours of the seven days, from Monday on."""
        return self.mon, self.tue, self.wed, self.thu, self.fri, self.sat, self.sun


AS_USUAL = "as usual"
"""On public holidays: the hours of the day of the week."""


class Priority(_Section, frozen=True):
    """A reason to be called sooner, as if one had come some minutes earlier."""

    id: Name
    name: Names
    minutes: Minutes
    at_kiosk: bool = False
    """Whether residents choose it themselves."""

    @property
    def head_start(self) -> timedelta:
        return timedelta(minutes=self.minutes)


class Reason(_Section, frozen=True):
    """Why a ticket is transferred, for the next colleague to know."""

    id: Name
    name: Names


class Unit(_Section, frozen=True):
    """A service that people come for."""

    id: Annotated[UnitId, Meta(pattern=_NAME)]
    series: Series
    name: Names
    operator: Name
    colour: Colour = "blue"
    hours: Name | None = None
    """Its timetable; without one it is always open."""
    target_minutes: Minutes = 20
    """No wait should be longer."""


class Counter(_Section, frozen=True):
    """Where people are called to: a desk or a room."""

    id: Annotated[CounterId, Meta(pattern=_SIGN)]
    """What hangs above the counter."""
    name: Names
    units: Annotated[tuple[UnitId, ...], Meta(min_length=1)]
    order: Literal["longest-wait", "listed"] = "longest-wait"


class Config(_Section, frozen=True):
    """The whole centre."""

    centre: Centre
    operators: dict[Name, Names]
    units: Annotated[tuple[Unit, ...], Meta(min_length=1)]
    counters: Annotated[tuple[Counter, ...], Meta(min_length=1)]
    kiosk: Kiosk
    timetables: tuple[Timetable, ...] = ()
    priorities: tuple[Priority, ...] = ()
    reasons: tuple[Reason, ...] = ()
    store: Store = Store()
    web: Web = Web()
    printer: Printer | None = None
    display: Display = Display()
    staff: Staff = Staff()

    def unit(self, unit: str) -> Unit:
        """Return the unit of this id. Raises ConfigError, naming those that there are."""
        return _find(unit, self.units, "There is no such unit")

    def counter(self, counter: str) -> Counter:
        """Return the counter of this id. Raises ConfigError, naming those that there are."""
        return _find(counter, self.counters, "There is no such counter")

    def priority(self, priority: str) -> Priority:
        """Return the class of this id. Raises ConfigError, naming those that there are."""
        return _find(priority, self.priorities, "There is no such class")

    def reason(self, reason: str) -> Reason:
        """Return the reason of this id. Raises ConfigError, naming those that there are."""
        return _find(reason, self.reasons, "There is no such reason")

    def patience(self, counter: Counter) -> dict[UnitId, timedelta] | None:
        """Return what the store needs to call by the counter's order; see ``call_next``."""
        if counter.order == "longest-wait":
            return None
        targets = {unit.id: timedelta(minutes=unit.target_minutes) for unit in self.units}
        return {unit: targets[unit] for unit in counter.units}

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
        hours, minutes = map(int, self.centre.day_starts.split(":"))
        return Clock(ZoneInfo(self.centre.time_zone), day_starts=time(hours, minutes))


_Identified = TypeVar("_Identified", Unit, Counter, Priority, Reason)


def _find(wanted: str, among: Iterable[_Identified], title: str) -> _Identified:
    known: dict[str, _Identified] = {each.id: each for each in among}
    if wanted not in known:
        raise ConfigError(
            title,
            "“{wanted}” is not known.",
            "Known: {known}.",
            wanted=wanted,
            known=", ".join(known) or "none",
        )
    return known[wanted]
