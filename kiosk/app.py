"""The kiosk: choose a unit, or several, or say that one has an appointment; get a number."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import ClassVar, assert_never

from msgspec import Struct
from textual import events, getters, on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.geometry import Size
from textual.message import Message
from textual.widgets import ContentSwitcher

from kiosk.countdown import Countdown
from kiosk.guard import TypingGuard
from kiosk.head import Head
from kiosk.keycap import KeyCap
from kiosk.keypad import Code, Letter
from kiosk.notice import Notice, Told, of_error
from kiosk.paper.errors import PrinterError
from kiosk.paper.printing import WANTED, Printing
from kiosk.paper.receipts import of_ticket, of_visit
from kiosk.question import Asked, Question
from kiosk.target import Target, beside
from kiosk.ticket import Given, TicketView
from kiosk.tiles import PER_PAGE, Sight
from kiosk.welcome import Welcome
from shared.clock import Clock, elapsed
from shared.config import Config, Priority, Unit
from shared.door import door_code
from shared.errors import N_, QueueError, StoreError
from shared.model import Appointment, plain_code
from shared.reception import Offer, Offers, Reception, wait_in_words
from shared.store import QueueStore
from shared.tui.app import QueueApp
from shared.tui.notices import OldData
from shared.words import Words, words

GLANCE = 8.0
"""Seconds for which it is explained that a unit is closed: long enough to read it."""

LATE = timedelta(minutes=30)
"""Whose appointment was longer ago than this is the last that one looks for."""


class Today(Struct, frozen=True):
    """What there is for residents now."""

    offers: Offers
    appointments: Sequence[Appointment]
    """Those that nobody has checked in for."""
    door_secret: bytes | None
    """What the lobby's code is made from, where one is shown."""


@dataclass
class Visit:
    """What somebody has chosen so far."""

    several: bool = False
    """Whether they choose several units."""
    units: list[Unit] = field(default_factory=list)
    sooner: Priority | None = None


@dataclass
class TicketGiven(Message):
    """A ticket is in the store."""

    given: Given


@dataclass
class NotGiven(Message):
    """No ticket could be given, and why."""

    error: QueueError
    back_to: str
    """The view in which one can try again."""


@dataclass
class NotPrinted(Message):
    """A ticket has not come out on paper."""

    given: Given


@dataclass
class PrinterChanged(Message):
    """Something else is wrong with the printer, or nothing is any more."""


class KioskApp(QueueApp[Today], inherit_bindings=False):
    """The residents' screen. Nothing on it leads out of it."""

    CSS_PATH = [
        "kiosk.tcss",
        "welcome.tcss",
        "keypad.tcss",
        "question.tcss",
        "ticket.tcss",
        "notice.tcss",
    ]
    LEAST = Size(60, 20)
    AUTO_FOCUS = ""  # at rest, nothing stands out
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (100, "-wide")]
    VERTICAL_BREAKPOINTS = [(0, "-low"), (36, "-high")]
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left", "move(-1, 0)"),
        Binding("right", "move(1, 0)"),
        Binding("up", "move(0, -1)"),
        Binding("down", "move(0, 1)"),
    ]

    printing: Printing | None = None
    """The printer, if there is one; who runs the app opens and closes it."""

    _head = getters.query_one(Head)
    _middle = getters.query_one(ContentSwitcher)
    _welcome = getters.query_one(Welcome)
    _code = getters.query_one(Code)
    _question = getters.query_one(Question)
    _ticket = getters.query_one(TicketView)
    _notice = getters.query_one(Notice)
    _countdown = getters.query_one(Countdown)
    _contrast = getters.query_one("#contrast", KeyCap)
    _more = getters.query_one("#more", KeyCap)
    _done = getters.query_one("#done", KeyCap)

    def __init__(self, config: Config, store: QueueStore, clock: Clock) -> None:
        super().__init__(config, store, clock, theme=config.kiosk.theme)
        self._guard = TypingGuard(self._types)
        self._reception = Reception(config, store, clock)
        self._today = Today({}, (), None)
        self._visit = Visit()
        self._giving = False
        self._fault_reported: str | None = None
        self._back_to = "welcome"
        self._seconds = config.kiosk.ticket_seconds
        self._page = 0
        self._pages = math.ceil(len(config.units) / PER_PAGE)
        self._keys: Mapping[str, str] = {}
        self._views: Sequence[Code | Question | TicketView | Notice] = ()

    def compose(self) -> ComposeResult:
        config = self.config
        languages = config.centre.languages
        # After the languages' keys, so many as there are; F9 is taken.
        spare = (f"f{n}" for n in range(5, 13) if n > len(languages) and n != 9)
        self._keys = {name: next(spare) for name in self._matters()}
        yield OldData()
        greetings = [config.kiosk.welcome[language] for language in languages]
        yield Head(" · ".join(dict.fromkeys(greetings)))
        with ContentSwitcher(initial="welcome"):
            yield Welcome(min(len(config.units), PER_PAGE), self._keys, url=config.web.url)
        yield Countdown()
        with Horizontal(id="foot"):
            for number, language in enumerate(languages, start=1):
                cap = KeyCap(f"f{number}", f"app.speak({language!r})", id=f"language-{language}")
                cap.label(words(language).own_name)
                yield cap
            yield KeyCap("f9", "app.contrast", id="contrast")
            yield KeyCap("0", "app.turn_page", id="more")
            yield KeyCap("enter", "app.finish", id="done")

    def _matters(self) -> list[str]:
        """Name what residents may come for, other than one of the units."""
        kiosk = self.config.kiosk
        matters = {
            "several": kiosk.several and len(self.config.units) > 1,
            "booked": kiosk.appointments,
            "sooner": bool(self._reasons()),
        }
        return [name for name, offered in matters.items() if offered]

    def _reasons(self) -> list[Priority]:
        return [each for each in self.config.priorities if each.at_kiosk]

    def on_mount(self) -> None:
        self._rest()

    def settle(self) -> None:
        super().settle()
        self._make_views()

    def _make_views(self) -> None:
        """Make the views that only a press leads to: the kiosk is there sooner without them."""
        if self._views or not self._middle.is_attached:
            return  # it may be ended before it was all there
        self._views = (
            Code(self._keys.get("booked", "")),
            Question(self.words),
            TicketView(self.config.web.url, len(self.config.units)),
            Notice(),
        )
        for view in self._views:
            view.display = False
            view.speak(self.words)
        self._middle.mount(*self._views)
        self._offer_times()

    async def read(self) -> Today:
        config = self.config
        return Today(
            await self._reception.offers(self._visit.sooner),
            await self.store.appointments(self.clock.day()) if config.kiosk.appointments else (),
            await self.store.door_secret() if config.web.tickets == "here" else None,
        )

    def show(self, view: Today) -> None:
        self._today = view
        self._show_welcome()
        self._offer_times()
        self._see_to_printer()

    # Keys and taps

    def on_resize(self, event: events.Resize) -> None:
        # A cell is twice as high as it is wide. (Another screen may stand before the kiosk's own.)
        self.default_screen.set_class(event.size.width < 1.4 * event.size.height, "-portrait")

    def pressed(self) -> None:
        self._make_views()
        # At rest, what a press leads to starts the bar. Painted before that, it would keep the
        # ticket waiting for the next of Textual's frames.
        if self._countdown.running:
            self._keep_awake()

    def _targets(self) -> list[Target]:
        """Return what can be touched now."""
        return [each for each in self.screen.focus_chain if isinstance(each, Target)]

    async def on_key(self, event: events.Key) -> None:
        if event.key == "enter" and isinstance(self.focused, Target):
            await self.focused.press()
            return
        for target in self._targets():
            if target.key == event.key.lower():
                await target.press()

    def action_move(self, right: int, down: int) -> None:
        targets = self._targets()
        if isinstance(self.focused, Target):
            to = beside(self.focused.region, targets, right=right, down=down)
        else:
            to = next(iter(targets), None)
        if to is not None:
            self.screen.set_focus(to)  # at once: the next key may be here already
        self._keep_awake()

    @on(events.DescendantFocus)
    @on(events.DescendantBlur)
    def _focus_has_moved(self) -> None:
        focused = self.default_screen.focused
        for choice in self.default_screen.query("#take, #enter"):
            choice.set_class(focused not in {None, choice}, "-passed")

    def _types(self, event: events.Event) -> bool:
        """Tell whether a press types a letter of a code."""
        match event:
            case events.Key(key=key):
                return any(
                    isinstance(each, Letter) and each.key == key.lower() for each in self._targets()
                )
            case events.MouseDown(x=x, y=y):
                return isinstance(self.screen.get_focusable_widget_at(x, y), Letter)
            case _:
                return False

    def action_speak(self, language: str) -> None:
        self.words = words(language)
        self._speak()
        self._keep_awake()

    def action_contrast(self) -> None:
        self.theme = self.config.kiosk.theme if self.theme == "contrast" else "contrast"
        self._keep_awake()

    def action_turn_page(self) -> None:
        self._page = (self._page + 1) % self._pages
        self.default_screen.set_focus(None)
        self._show_welcome()
        self._keep_awake()

    def action_go_back(self) -> None:
        if self._middle.current == "welcome":
            self._visit.several = False
            self._visit.units.clear()
        self._go(self._back_to)

    def action_finish(self) -> None:
        if self._middle.current == "notice":
            self.action_go_back()
        else:
            self._rest()

    # One unit, or several

    def action_choose(self, unit_id: str) -> None:
        unit, visit = self.config.unit(unit_id), self._visit
        offer = self._today.offers.get(unit.id)
        if unit in visit.units:
            visit.units.remove(unit)
        elif offer is not None and not offer.gives_tickets:
            self._tell(partial(_closed, unit, offer, self.clock.now()), seconds=GLANCE)
        elif visit.several:
            visit.units.append(unit)
        else:
            self._give([unit])
        self._show_welcome()

    def action_choose_several(self) -> None:
        self._visit.several = True
        self._go("welcome")

    def action_take(self) -> None:
        self._give(self._visit.units)

    def _give(self, units: Sequence[Unit]) -> None:
        if units and not self._giving:
            self._giving = True
            self._issue(tuple(units), self.words.language, self._visit.sooner)

    @work
    async def _issue(self, units: Sequence[Unit], language: str, sooner: Priority | None) -> None:
        try:
            ticket, offers = await self._reception.give(units, language=language, priority=sooner)
        except QueueError as error:
            self.post_message(NotGiven(error, "welcome"))
        else:
            self.post_message(TicketGiven(Given(ticket, units, offers)))

    # A reason to be called sooner

    def action_ask_reason(self) -> None:
        text = N_("Why do you need to be called sooner?")
        self._ask(Asked(text, self._reasons(), self._visit.sooner), back_to="welcome")

    # An appointment

    def action_ask_code(self) -> None:
        self._code.clear()
        self._go("code")

    def action_type(self, key: str) -> None:
        self._code.type(key)

    def action_enter_code(self) -> None:
        self._check_in(self._code.code)

    def action_ask_place(self) -> None:
        self._ask(
            Asked(N_("Which service is your appointment for?"), self._places()), back_to="code"
        )

    def _offer_times(self) -> None:
        if self._views:
            self._code.offer(times=bool(self._places()))

    def _places(self) -> list[Unit]:
        """Return the units that have appointments today."""
        booked = {each.unit for each in self._today.appointments}
        return [unit for unit in self.config.units if unit.id in booked]

    def _times(self, unit: Unit) -> list[Appointment]:
        """Return a unit's appointments, one for each time; those long over come last."""
        of_unit = [each for each in self._today.appointments if each.unit == unit.id]
        now = self.clock.now()
        # As numbers: Python compares two times of one zone by what the clocks show.
        times = {each.at.timestamp(): each for each in reversed(of_unit)}
        return sorted(
            times.values(), key=lambda each: (elapsed(each.at, now) > LATE, each.at.timestamp())
        )

    def action_show_more(self) -> None:
        self._question.turn_page()

    def action_answer(self, place: int) -> None:
        answer = self._question.answer(place)
        match answer:
            case Priority() as reason:
                self._visit.sooner = None if reason == self._visit.sooner else reason
                self.look_again()
                self._go("welcome")
            case Unit() as unit:
                text = N_("At what time is your appointment?")
                self._ask(Asked(text, self._times(unit)), back_to="code")
            case Appointment(code=code):
                self._check_in(code)
            case _:
                assert_never(answer)

    def _check_in(self, code: str) -> None:
        if not self._giving:
            self._giving = True
            self._look_up(code, self.words.language)

    @work
    async def _look_up(self, code: str, language: str) -> None:
        try:
            appointment = await self.store.appointment(plain_code(code))
            ticket = await self._reception.check_in(appointment, language=language)
        except QueueError as error:
            self.post_message(NotGiven(error, "code"))
        else:
            units = [self.config.unit(appointment.unit)]
            self.post_message(TicketGiven(Given(ticket, units, {})))

    # What comes of it

    @on(TicketGiven)
    def _show_ticket(self, message: TicketGiven) -> None:
        self._giving = False
        self._ticket.show(message.given, self.words)
        self._go("ticket")
        self.call_after_refresh(self._print_ticket, message.given)

    @on(NotGiven)
    def _tell_why(self, message: NotGiven) -> None:
        self._giving = False
        self._tell(partial(of_error, message.error), back_to=message.back_to)

    def _ask(self, asked: Asked, *, back_to: str) -> None:
        self._question.ask(asked)
        self._go("question", back_to=back_to)

    def _tell(self, told: Told, *, back_to: str = "welcome", seconds: float | None = None) -> None:
        self._notice.show(told, self.words)
        self._go("notice", back_to=back_to, seconds=seconds)

    def _go(self, view: str, *, back_to: str = "welcome", seconds: float | None = None) -> None:
        """Show a view for so many seconds, or as long as usual, unless somebody presses a key."""
        self._middle.current = view
        self._back_to = back_to
        usual = self.config.kiosk.ticket_seconds
        self._seconds = min(seconds or usual, usual)
        self.default_screen.set_focus(None)
        self._more.display = view == "welcome" and self._pages > 1
        self._done.display = view in {"ticket", "notice"}
        self._label_done()
        self._show_welcome()
        self._keep_awake()

    # Paper

    @work
    async def _print_ticket(self, given: Given) -> None:
        if self.printing is not None:
            receipt = of_ticket(self.config, given.ticket, given.offers)
            if await self.printing.print(receipt) is not None:
                self.post_message(NotPrinted(given))

    @on(NotPrinted)
    def _tell_no_paper(self, message: NotPrinted) -> None:
        self._ticket.lacks_paper(message.given, self.words)

    def tell_printer(self, _: PrinterError | None) -> None:
        """Take in that something else is wrong with the printer, or nothing is any more."""
        self.post_message(PrinterChanged())

    @on(PrinterChanged)
    def _show_printer(self) -> None:
        if not self.is_running:
            return  # it may be said while the screen is being taken down
        if self._views and self._blocked_by() is None:
            self._ticket.has_paper(self.words)
        self._show_head()
        self._see_to_printer()

    def _blocked_by(self) -> PrinterError | None:
        return self.printing.blocked_by if self.printing is not None else None

    @work
    async def _see_to_printer(self) -> None:
        """Tell the staff how the printer is, and print what they want once more."""
        printing = self.printing
        if printing is None:
            return
        with suppress(StoreError):  # of which the feed tells; once it is back, this is done again
            fault = printing.fault.title if printing.fault else None
            if fault != self._fault_reported:
                await self.store.report_printer(fault)
                self._fault_reported = fault
            while not printing.blocked_by and (visit := await self.store.take_printout()):
                await printing.print(of_visit(self.config, visit), within=WANTED)

    # Rest

    def _keep_awake(self) -> None:
        """Whoever is here has the whole time again."""
        self._countdown.start(self._seconds)

    @on(Countdown.Over)
    def _time_over(self) -> None:
        if self._giving:
            self._keep_awake()  # somebody still waits for an answer of the store
        elif self._middle.current == "notice":
            self._go(self._back_to)
        else:
            self._rest()

    def _rest(self) -> None:
        """Be as the next person should find it."""
        hurried = self._visit.sooner is not None
        self._visit = Visit()
        if hurried:
            self.look_again()
        self._page = 0
        self.theme = self.config.kiosk.theme
        self.words = words(self.config.centre.languages[0])
        self._go("welcome")
        self._countdown.stop()
        self._speak()

    # Words

    def _speak(self) -> None:
        """Say everything in the language chosen."""
        say = self.words
        for view in self._views:
            view.speak(say)
        self._contrast.label(say.gettext("Contrast"))
        self._more.label(say.gettext("More services"))
        self._label_done()
        self.tell_age()
        self._show_head()
        self._show_welcome()

    def _label_done(self) -> None:
        say, view = self.words, self._middle.current
        self._done.label(say.gettext("Done") if view == "ticket" else say.gettext("Back"))

    def minute(self) -> None:
        self._show_head()
        self._show_welcome()  # its code changes also while the store is out of reach
        self.look_again()

    def _show_head(self) -> None:
        self._head.show(self.clock.now(), self._blocked_by(), self.words)

    def _show_welcome(self) -> None:
        if self._middle.current != "welcome":
            return  # nobody sees it; it is shown anew when it comes back
        visit, language, secret = self._visit, self.words.language, self._today.door_secret
        units = self.config.units[self._page * PER_PAGE :][:PER_PAGE]
        self._welcome.show(
            [self._sight(unit) for unit in units],
            self.words,
            several=len(visit.units) if visit.several else None,
            sooner=visit.sooner.name[language] if visit.sooner else "",
            code=door_code(secret, self.clock.now()) if secret is not None else None,
        )

    def _sight(self, unit: Unit) -> Sight:
        say, visit, offer = self.words, self._visit, self._today.offers.get(unit.id)
        others = (each for each in self.config.centre.languages if each != say.language)
        is_open = offer is None or offer.gives_tickets
        return Sight(
            unit=unit,
            name=unit.name[say.language],
            others=tuple(unit.name[each] for each in others),
            wait=wait_in_words(say, offer, self.clock.now()) if offer else "",
            people=_people(say, offer.people) if offer and is_open and not visit.several else "",
            open=is_open,
            chosen=unit in visit.units if visit.several else None,
        )


def _people(words: Words, people: int) -> str:
    if not people:
        return words.gettext("No queue")
    return words.ngettext("{n} waiting", "{n} waiting", people)


def _closed(unit: Unit, offer: Offer, now: datetime, words: Words) -> tuple[str, str, str]:
    """Tell that a unit gives no tickets now, and when it will."""
    return (
        unit.name[words.language],
        wait_in_words(words, offer, now),
        words.gettext("Please come back then, or ask the staff."),
    )
