"""The kiosk: choose a unit, get a number."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from textual import events, getters, on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.geometry import Size
from textual.message import Message
from textual.widgets import ContentSwitcher

from kiosk.countdown import Countdown
from kiosk.keycap import KeyCap
from kiosk.tiles import PER_PAGE, Tile
from kiosk.views import Notice, TicketView, Welcome
from shared.clock import Clock
from shared.config import Config, Unit
from shared.errors import QueueError
from shared.model import Ticket, UnitId
from shared.store import QueueStore
from shared.tui.app import QueueApp
from shared.tui.bigtext import BigText
from shared.tui.notices import OldData
from shared.words import words


@dataclass
class Given(Message):
    """A ticket is in the store."""

    ticket: Ticket
    unit: Unit


@dataclass
class NotGiven(Message):
    """No ticket could be given, and why."""

    error: QueueError


class KioskApp(QueueApp[Mapping[UnitId, int]], inherit_bindings=False):
    """The residents' screen. Nothing on it leads out of it."""

    CSS_PATH = "kiosk.tcss"
    LEAST = Size(60, 20)
    AUTO_FOCUS = ""  # at rest, no tile stands out
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (100, "-wide")]
    VERTICAL_BREAKPOINTS = [(0, "-low"), (36, "-high")]
    BINDINGS: ClassVar[list[BindingType]] = [
        *(Binding(str(digit), f"choose({digit})") for digit in range(1, PER_PAGE + 1)),
        Binding("0", "turn_page"),
        Binding("enter", "enter"),
        Binding("left", "move(-1, 0)"),
        Binding("right", "move(1, 0)"),
        Binding("up", "move(0, -1)"),
        Binding("down", "move(0, 1)"),
        *(Binding(f"f{number}", f"speak({number - 1})") for number in range(1, 9)),
        Binding("f9", "contrast"),
    ]

    _middle = getters.query_one(ContentSwitcher)
    _welcome = getters.query_one(Welcome)
    _ticket = getters.query_one(TicketView)
    _notice = getters.query_one(Notice)
    _countdown = getters.query_one(Countdown)
    _clock = getters.query_one("#clock", BigText)

    def __init__(self, config: Config, store: QueueStore, clock: Clock) -> None:
        super().__init__(config, store, clock, theme=config.kiosk.theme)
        self._waiting: Mapping[UnitId, int] = {}
        self._giving = False
        self._page = 0
        self._pages = math.ceil(len(config.units) / PER_PAGE)

    def compose(self) -> ComposeResult:
        config = self.config
        languages = config.centre.languages
        yield OldData()
        with Horizontal(id="head"):
            greetings = [config.kiosk.welcome[language] for language in languages]
            yield BigText(" · ".join(dict.fromkeys(greetings)), id="greeting")
            yield BigText(id="clock")
        with ContentSwitcher(initial="welcome"):
            yield Welcome(min(len(config.units), PER_PAGE))
            yield TicketView(config.web.url)
            yield Notice()
        yield Countdown()
        with Horizontal(id="foot"):
            for number, language in enumerate(languages):
                cap = KeyCap(f"F{number + 1}", f"app.speak({number})", id=f"language-{number}")
                cap.label(words(language).own_name)
                yield cap
            yield KeyCap("F9", "app.contrast", id="contrast")
            yield KeyCap("0", "app.turn_page", id="more")
            yield KeyCap("Enter", "app.enter", id="done")

    def on_mount(self) -> None:
        self._rest()

    async def read(self) -> Mapping[UnitId, int]:
        return await self.store.waiting([unit.id for unit in self.config.units])

    def show(self, view: Mapping[UnitId, int]) -> None:
        self._waiting = view
        self._show_tiles()

    # Input

    def on_resize(self, event: events.Resize) -> None:
        # A cell is twice as high as it is wide. (Another screen may stand before the kiosk's own.)
        self.default_screen.set_class(event.size.width < 1.4 * event.size.height, "-portrait")

    def pressed(self) -> None:
        self._keep_awake()

    def action_choose(self, digit: int) -> None:
        if self._middle.current == "welcome" and digit <= len(self._welcome.tiles.tiles):
            self._welcome.tiles.tiles[digit - 1].choose()

    def action_move(self, right: int, down: int) -> None:
        if self._middle.current == "welcome":
            self._welcome.tiles.move(right, down)

    def action_enter(self) -> None:
        if self._middle.current != "welcome":
            self._rest()
        elif isinstance(self.focused, Tile):
            self.focused.choose()

    def action_turn_page(self) -> None:
        if self._middle.current == "welcome":
            self._page = (self._page + 1) % self._pages
            self.default_screen.set_focus(None)
            self._show_tiles()

    def action_speak(self, number: int) -> None:
        languages = self.config.centre.languages
        if number < len(languages):
            self.words = words(languages[number])
            self._speak()

    def action_contrast(self) -> None:
        self.theme = self.config.kiosk.theme if self.theme == "contrast" else "contrast"

    # A ticket

    @on(Tile.Chosen)
    def _give(self, message: Tile.Chosen) -> None:
        if not self._giving and self._middle.current == "welcome":
            self._giving = True
            self._issue(message.unit)

    @work
    async def _issue(self, unit: Unit) -> None:
        try:
            ticket = await self.store.issue(
                [unit.id], series=unit.series, language=self.words.language
            )
        except QueueError as error:
            self.post_message(NotGiven(error))
        else:
            self.post_message(Given(ticket, unit))

    @on(Given)
    def _show_ticket(self, message: Given) -> None:
        self._ticket.show(message.ticket, message.unit, self.words)
        self._leave_welcome("ticket")

    @on(NotGiven)
    def _show_notice(self, message: NotGiven) -> None:
        self._notice.show(message.error, self.words)
        self._leave_welcome("notice")

    def _leave_welcome(self, view: str) -> None:
        self._giving = False
        self._middle.current = view
        self.default_screen.set_class(view != "welcome", "-answered")
        self._keep_awake()

    # Rest

    def _keep_awake(self) -> None:
        """Whoever is here has the whole time again."""
        self._countdown.start(self.config.kiosk.ticket_seconds)

    @on(Countdown.Over)
    def _time_over(self) -> None:
        if self._giving:
            self._keep_awake()  # somebody still waits for an answer of the store
        else:
            self._rest()

    def _rest(self) -> None:
        """Be as the next person should find it."""
        self._countdown.stop()
        self._page = 0
        self.default_screen.set_focus(None)
        self._middle.current = "welcome"
        self.default_screen.remove_class("-answered")
        self.theme = self.config.kiosk.theme
        self.words = words(self.config.centre.languages[0])
        self._speak()

    # Words

    def _speak(self) -> None:
        """Say everything in the language chosen."""
        say = self.words
        self._welcome.speak(say)
        self._ticket.speak(say)
        self._notice.speak(say)
        for cap, label in (
            ("#contrast", say.gettext("Contrast")),
            ("#more", say.gettext("More services")),
            ("#done", say.gettext("Done")),
        ):
            self.query_one(cap, KeyCap).label(label)
        self.query_one("#more").display = self._pages > 1
        self.tell_age()
        self.minute()
        self._show_tiles()

    def minute(self) -> None:
        now = self.clock.now()
        self._clock.text = f"{self.words.date(now)} {self.words.time(now)}"

    def _show_tiles(self) -> None:
        chosen = self.words.language
        languages = [chosen, *(each for each in self.config.centre.languages if each != chosen)]
        units = self.config.units[self._page * PER_PAGE :]
        for number, tile in enumerate(self._welcome.tiles.tiles):
            unit = units[number] if number < len(units) else None
            tile.show(unit, languages, self._people(unit) if unit else "")

    def _people(self, unit: Unit) -> str:
        if unit.id not in self._waiting:
            return ""
        people = self._waiting[unit.id]
        if not people:
            return self.words.gettext("Nobody is waiting")
        return self.words.ngettext("{n} person is waiting", "{n} people are waiting", people)
