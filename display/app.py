"""The lobby's screen: who is called, and where to."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from time import monotonic

from textual import getters
from textual.app import ComposeResult
from textual.containers import Container, Horizontal, Vertical
from textual.geometry import Size
from textual.reactive import reactive
from textual.timer import Timer
from textual.widgets import Static

from display.announcer import EVERY, Announcer
from display.code import Code
from display.earlier import Earlier
from display.now import Now
from display.sign import Sign
from display.speech import Speech
from display.waiting import Waiting
from shared.clock import Clock
from shared.config import Config
from shared.door import door_code
from shared.errors import N_
from shared.model import Call, UnitId
from shared.reception import Offers, Reception
from shared.store import QueueStore
from shared.tui.app import QueueApp
from shared.tui.bigtext import BigText
from shared.tui.notices import OldData
from shared.words import words


@dataclass(frozen=True)
class Board:
    """What is read from the store: calls after the last known one, and what units have now."""

    calls: tuple[Call, ...]
    offers: Offers
    door_secret: bytes | None
    """What the lobby's code is made from, where one is shown."""


class Hall(Container):
    """Holds current and earlier calls: side by side, or one above the other if that is larger.

    While there are none, all of it is a poster.
    """

    is_poster: reactive[bool] = reactive(default=True)

    def watch_is_poster(self) -> None:
        self.on_resize()

    def on_resize(self) -> None:
        if self.is_poster:
            self.set_classes("-poster")
        elif self.size.width < 1.75 * self.size.height:
            self.set_classes("-portrait")
        else:
            self.set_classes("-landscape")


class DisplayApp(QueueApp[Board]):
    """Shows the calls, of all units or of some, one after the other, and misses none."""

    CSS_PATH = "display.tcss"
    LEAST = Size(60, 18)
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (72, "-wide")]
    VERTICAL_BREAKPOINTS = [(0, "-low"), (32, "-medium"), (42, "-high"), (56, "-vast")]

    _hall = getters.query_one(Hall)
    _now = getters.query_one(Now)
    _earlier = getters.query_one(Earlier)
    _waiting = getters.query_one(Waiting)
    _centre = getters.query_one("#centre", Sign)
    _before = getters.query_one("#before", Sign)
    _notice = getters.query_one("#notice", Sign)
    _code = getters.query_one(Code)
    _clock = getters.query_one("#clock", BigText)
    _date = getters.query_one("#date", Static)

    def __init__(
        self,
        config: Config,
        store: QueueStore,
        clock: Clock,
        units: Collection[UnitId] | None = None,
    ) -> None:
        super().__init__(config, store, clock, theme=config.display.theme)
        # None is more than all that are configured: who waits for one that was taken out is called.
        self._units = units
        self._reception = Reception(config, store, clock)
        self._announcer = Announcer(config.display.call_seconds, clock.day_of)
        self._next: Timer | None = None
        self._offers: Offers = {}
        self._door_secret: bytes | None = None
        self._turn = 0

    def compose(self) -> ComposeResult:
        yield OldData()
        with Hall():
            yield Now(self.config)
            with Vertical(id="side"):
                with Container(id="head"):
                    with Horizontal(id="time"):
                        yield BigText(id="clock")
                        yield Static(markup=False, id="date")
                    yield Sign(id="centre", lines=2)
                yield Sign(id="before", lines=2)
                yield Earlier(self.config)
        yield Sign(id="notice", lines=2)
        yield Code(self.config.web.url)
        yield Waiting(
            self.config.units, [words(language) for language in self.config.centre.languages]
        )

    def on_mount(self) -> None:
        self._notice.display = bool(self.config.display.notice)
        self._code.display = self._has_code
        self._code.set_class(self._notice.display, "-below")
        self._waiting.set_class(self._notice.display or self._has_code, "-below")
        self.screen.set_class(self._has_code, "-coded")
        self._tell()
        if len(self.config.centre.languages) > 1:
            self.set_interval(self.config.display.turn_seconds, self._turn_language)

    @property
    def _has_code(self) -> bool:
        """Whether phones take numbers by a code that is read here."""
        return self.config.web.tickets == "here"

    async def read(self) -> Board:
        # Asks for what came after the last call that was taken in, not after the last that was
        # read: what is read twice counts once, and what is read in vain is read again.
        calls = await self.store.calls(self._units, after=self._announcer.last, limit=EVERY)
        secret = await self.store.door_secret() if self._has_code else None
        return Board(calls, await self._reception.offers(), secret)

    def show(self, view: Board) -> None:
        self._announcer.take(view.calls, self.clock.now())
        self._offers = view.offers
        self._door_secret = view.door_secret
        self._go_on()

    def _go_on(self) -> None:
        """Announce the next call if the current one has had its time."""
        if self._announcer.advance(monotonic()) is not None:
            self.bell()
            self._now.pulse()
        if self._next is not None:
            self._next.stop()
        if self._announcer.until is not None:
            # A timer of no time at all would never go off.
            self._next = self.set_timer(max(self._announcer.until - monotonic(), 0.01), self._go_on)
        self._tell()

    def _turn_language(self) -> None:
        languages = self.config.centre.languages
        self._turn = (self._turn + 1) % len(languages)
        self.words = words(languages[self._turn])
        self._tell_time()
        self.tell_age()
        self._tell()

    def _speech(self) -> Speech:
        if self.config.display.languages == "turns":
            return Speech([self.words])
        return Speech([words(each) for each in self.config.centre.languages], self._turn)

    def _tell(self) -> None:
        """Put what is known on the screen, in the languages that are spoken now."""
        speech = self._speech()
        announcer = self._announcer
        self._now.show(announcer.current, speech, announced=announcer.until is not None)
        self._earlier.show(announcer.earlier)
        self._before.visible = bool(announcer.earlier)
        self._hall.is_poster = announcer.current is None
        self._before.say(speech.say(N_("Called before")))
        self._waiting.show(
            [
                offer
                for offer in self._offers.values()
                if self._units is None or offer.unit in self._units
            ],
            self.words,
            self.clock.now(),
        )
        self._tell_code(speech)
        self._centre.say(speech.name(self.config.centre.name))
        if self.config.display.notice:
            self._notice.say(speech.name(self.config.display.notice))

    def _tell_code(self, speech: Speech) -> None:
        if self._door_secret is not None:
            self._code.show(door_code(self._door_secret, self.clock.now()), speech)

    def minute(self) -> None:
        self._tell_time()
        # The code changes also while the store is out of reach.
        self._tell_code(self._speech())
        self.look_again()

    def _tell_time(self) -> None:
        now = self.clock.now()
        self._clock.text = self.words.time(now)
        date = self.words.date(now)
        if date != self._date.content:
            self._date.update(date)
