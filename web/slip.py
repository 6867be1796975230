"""What a ticket's page says, in words."""

from __future__ import annotations

from typing import assert_never

from msgspec import Struct

from shared.config import Config, Unit
from shared.errors import N_
from shared.estimates import Unknown
from shared.model import Estimate, State, Stop, Visit
from shared.reception import ahead_in_words, estimate_in_words, unit_in_words
from shared.words import Words
from web.views import TicketView

Wait = Estimate | Unknown | None

WEIGHT = (
    State.CALLED,
    State.SERVING,
    State.WAITING,
    State.PARKED,
    State.SERVED,
    State.NO_SHOW,
    State.LEFT,
)
"""Of several errands, the first of these is what matters."""


class Line(Struct, frozen=True, kw_only=True):
    """One errand."""

    letter: str
    colour: str
    unit: str
    standing: str
    """Where it stands."""
    wait: str


class Slip(Struct, frozen=True, kw_only=True):
    """One number, one sentence, and what can be done."""

    number: str
    colour: str
    unit: str
    """What the number is for; "" where the lines say so."""
    title: str
    headline: str
    place: str
    """Where one is called to."""
    text: str
    lines: tuple[Line, ...]
    turn: str
    """Which call this is; "" when nobody is called."""
    more: str
    """What "I need more time" would do; "" when it cannot be asked for."""
    asked: str
    """How often it was asked for; "" before the first time."""
    can_leave: bool
    can_return: bool
    """Whether another ticket may be taken from here, in place of this one."""
    can_rate: bool
    has_rated: bool


class SlipWriter:
    """Writes what a ticket's page says, by the centre's configuration."""

    def __init__(self, config: Config) -> None:
        self._web = config.web
        self._units = {unit.id: unit for unit in config.units}
        self._series = {unit.series: unit for unit in config.units}
        self._counters = {counter.id: counter.name for counter in config.counters}

    def write(self, words: Words, view: TicketView) -> Slip:
        """Say it in one language."""
        visit = view.visit
        main = _main(visit)
        owner = self._series.get(visit.series)
        alone = len(visit.stops) == 1 and owner is not None and main.unit == owner.id
        headline, place, text = self._sentence(words, view, main)
        called = main.state is State.CALLED
        return Slip(
            number=visit.label,
            colour=owner.colour if owner else "grey",
            unit=_name(owner, words) if owner and alone else "",
            title=f"{headline}: {place}" if called else f"{visit.label} · {headline}",
            headline=headline,
            place=place,
            text=text,
            lines=()
            if alone
            else tuple(
                self._line(words, visit, stop, wait)
                for stop, wait in zip(visit.stops, view.waits, strict=True)
            ),
            # Of the call, and when: one that was taken back and made anew is another.
            turn=f"{main.calls}-{main.since.timestamp():.3f}" if called else "",
            more=self._more(words, visit),
            asked=self._asked(words, visit),
            can_leave=not visit.is_over and not _has(visit, State.CALLED, State.SERVING),
            can_return=visit.is_over
            and not _has(visit, State.SERVED)
            and self._web.tickets != "no",
            can_rate=visit.is_over and visit.score is None and _has(visit, State.SERVED),
            has_rated=visit.score is not None,
        )

    def _sentence(self, words: Words, view: TicketView, main: Stop) -> tuple[str, str, str]:
        """Return headline, place and text."""
        say, place, text = words.gettext, "", ""
        match main.state:
            case State.CALLED:
                headline, place = say(N_("Your turn")), self._place(words, main)
                text = say(N_("Please go there now."))
            case State.SERVING:
                headline, place = say(N_("You are being served")), self._place(words, main)
            case State.WAITING:
                headline, text = self._waiting(words, view, main)
            case State.PARKED:
                headline = say(N_("Please wait a moment"))
                text = say(N_("The staff have put your matter aside and will call you again."))
            case State.SERVED:
                headline = say(N_("Thank you for your visit"))
            case State.NO_SHOW:
                headline = say(N_("Nobody came when you were called"))
                text = say(
                    N_("That was at {time}: {place}. Please ask the staff."),
                    time=words.time(main.since),
                    place=self._place(words, main),
                )
            case State.LEFT:
                headline = say(N_("You have left the queue"))
                text = say(N_("If you change your mind, please take a new number."))
            case State.EXPIRED | State.TRANSFERRED | State.UNDONE:
                headline = say(N_("This ticket is over"))
                text = say(N_("Please take a new number, or ask the staff."))
            case _:
                assert_never(main.state)
        return headline, place, text

    def _waiting(self, words: Words, view: TicketView, main: Stop) -> tuple[str, str]:
        """Return headline and text of who waits."""
        visit = view.visit
        if visit.appointed_at is not None and self._is_booked(visit, main):
            time = words.time(visit.appointed_at)
            return words.gettext("Your appointment is at {time}", time=time), ""
        queues = sum(stop.state is State.WAITING for stop in visit.stops)
        if queues > 1:
            headline = words.ngettext("You stand in {n} queue", "You stand in {n} queues", queues)
            return headline, words.gettext("You are called wherever it is your turn first.")
        wait = view.waits[visit.stops.index(main)]
        return ahead_in_words(words, main.ahead or 0), _wait(words, wait)

    def _line(self, words: Words, visit: Visit, stop: Stop, wait: Wait) -> Line:
        unit = self._units.get(stop.unit)
        several = len(visit.stops) > 1
        return Line(
            letter=unit.series if unit else "",
            colour=unit.colour if unit else "grey",
            unit=unit_in_words(words, unit),
            standing=self._standing(words, visit, stop) if several else "",
            wait=_wait(words, wait) if several and not self._is_booked(visit, stop) else "",
        )

    def _is_booked(self, visit: Visit, stop: Stop) -> bool:
        """Tell whether its place is by an appointment: who comes later may still be before it."""
        owner = self._series.get(visit.series)
        return visit.appointed_at is not None and owner is not None and stop.unit == owner.id

    def _standing(self, words: Words, visit: Visit, stop: Stop) -> str:
        say = words.gettext
        match stop.state:
            case State.CALLED | State.SERVING:
                standing = self._place(words, stop)
            case State.WAITING:
                standing = "" if self._is_booked(visit, stop) else _ahead_in_short(words, stop)
            case State.PARKED:
                standing = say(N_("Put aside"))
            case State.SERVED:
                standing = say(N_("Done"))
            case State.NO_SHOW:
                standing = say(N_("Missed"))
            case State.LEFT:
                standing = say(N_("Left"))
            case State.EXPIRED | State.TRANSFERRED | State.UNDONE:
                standing = ""
            case _:
                assert_never(stop.state)
        return standing

    def _place(self, words: Words, stop: Stop) -> str:
        name = self._counters.get(stop.counter) if stop.counter else None
        return name[words.language] if name else stop.counter or ""

    def _more(self, words: Words, visit: Visit) -> str:
        asked = [stop.put_off for stop in _movable(visit)]
        if not asked or min(asked) >= self._web.more_times:
            return ""
        minutes = self._web.more_minutes
        return words.ngettext(
            "Your place moves back by {n} minute. If nobody else waits, you may still be called.",
            "Your place moves back by {n} minutes. If nobody else waits, you may still be called.",
            minutes,
        )

    def _asked(self, words: Words, visit: Visit) -> str:
        asked = max((stop.put_off for stop in _movable(visit)), default=0)
        if not asked:
            return ""
        return words.gettext(
            N_("You have asked for more time: {n} of {times} times."),
            n=asked,
            times=self._web.more_times,
        )


def _main(visit: Visit) -> Stop:
    """Return the errand that matters most now."""

    def weight(stop: Stop) -> int:
        return WEIGHT.index(stop.state) if stop.state in WEIGHT else len(WEIGHT)

    return min(visit.stops, key=weight)


def _movable(visit: Visit) -> list[Stop]:
    """Return the errands that more time can be asked for."""
    return [stop for stop in visit.stops if stop.state in {State.WAITING, State.CALLED}]


def _has(visit: Visit, *states: State) -> bool:
    return any(stop.state in states for stop in visit.stops)


def _name(unit: Unit, words: Words) -> str:
    return unit.name[words.language]


def _ahead_in_short(words: Words, stop: Stop) -> str:
    if not stop.ahead:
        return words.gettext("You are next")
    return words.ngettext("{n} ahead of you", "{n} ahead of you", stop.ahead)


def _wait(words: Words, wait: Wait) -> str:
    return "" if wait is None else estimate_in_words(words, wait)
