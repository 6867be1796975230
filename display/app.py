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
from display.earlier import Earlier
from display.now import Now
from display.sign import Sign
from display.speech import Speech
from display.waiting import Waiting
from shared.clock import Clock
from shared.config import Config
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
        units = self.config.units
        yield Waiting(
            [unit for unit in units if self._units is None or unit.id in self._units],
            [words(language) for language in self.config.centre.languages],
        )

    def on_mount(self) -> None:
        has_notice = bool(self.config.display.notice)
        self._notice.display = has_notice
        self._waiting.set_class(has_notice, "-below-notice")
        self._tell()
        if len(self.config.centre.languages) > 1:
            self.set_interval(self.config.display.turn_seconds, self._turn_language)

    async def read(self) -> Board:
        # Asks for what came after the last call that was taken in, not after the last that was
        # read: what is read twice counts once, and what is read in vain is read again.
        calls = await self.store.calls(self._units, after=self._announcer.last, limit=EVERY)
        return Board(calls, await self._reception.offers())

    def show(self, view: Board) -> None:
        self._announcer.take(view.calls, self.clock.now())
        self._offers = view.offers
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
        self._waiting.show(self._offers, self.words, self.clock.now())
        self._centre.say(speech.name(self.config.centre.name))
        if self.config.display.notice:
            self._notice.say(speech.name(self.config.display.notice))

    def minute(self) -> None:
        self._tell_time()
        self.look_again()

    def _tell_time(self) -> None:
        now = self.clock.now()
        self._clock.text = self.words.time(now)
        date = self.words.date(now)
        if date != self._date.content:
            self._date.update(date)
