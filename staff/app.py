"""The staff console: a counter is chosen, opened, kept open, and closed."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, ClassVar

from textual import events, getters, on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container
from textual.geometry import Size
from textual.message import Message

from shared.clock import Clock
from shared.config import Config, Counter
from shared.errors import QueueError, RefusedError, StoreError
from shared.model import PrinterFault, Session
from shared.store import QueueStore
from shared.tui.app import QueueApp
from shared.tui.notices import OldData
from shared.words import words
from staff.centre import CentreView
from staff.choice import Choice
from staff.counter import CounterView
from staff.help import Help
from staff.keybar import Key, KeyBar
from staff.notice import Notice
from staff.overview import Centre, Waiting, overview, read_centre, read_waiting
from staff.question import Question
from staff.station import Station
from staff.unit import UnitView
from staff.view import View


@dataclass(frozen=True)
class Look:
    """What was read for a view, and who had the counter open at that moment, if anyone."""

    of: View[Any] | None
    seen: object
    holder: Session | None
    printer_fault: PrinterFault | None


@dataclass
class Opened(Message):
    """The counter is open here; the view shows who is there."""

    counter: Counter
    session: Session
    waiting: Waiting
    centre: Centre


@dataclass
class NotOpened(Message):
    """The counter stays as it was: the store says no, or the person did."""

    error: QueueError | None


@dataclass
class Lost(Message):
    """The counter is no longer open here."""

    session: Session
    holder: Session | None


class StaffApp(QueueApp[Look], inherit_bindings=False):
    """A console for one counter at a time."""

    CSS_PATH = "staff.tcss"
    LEAST = Size(60, 16)
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (76, "-wide"), (110, "-broad")]
    VERTICAL_BREAKPOINTS = [(0, "-low"), (22, "-middling"), (36, "-high")]
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("question_mark", "help"),
        Binding("q,ctrl+q", "leave"),
    ]

    _place = getters.query_one("#place", Container)
    _notice = getters.query_one(Notice)
    _key_bar = getters.query_one(KeyBar)

    def __init__(
        self, config: Config, store: QueueStore, clock: Clock, counter: Counter | None
    ) -> None:
        super().__init__(config, store, clock, theme=config.staff.theme)
        self.words = words(config.language(config.staff.language))
        self._wanted = counter
        self._station: Station | None = None
        self._opening = False
        self._views: list[View[Any]] = []
        """The view that is shown is the last one; it leads back to those before it."""

    def compose(self) -> ComposeResult:
        yield OldData()
        with Container(id="middle"):
            yield Container(*self._views, id="place")
            yield Notice()
        with Container(id="foot"):
            yield KeyBar()

    async def on_load(self) -> None:
        # What is seen first has data; a counter that is open elsewhere has to be asked about.
        if self._wanted is None:
            self._views = [Choice(self.config, self.store, self.words)]
            return
        with suppress(QueueError):  # it is explained when it comes again
            opened = await self._read_and_open(self._wanted, self._open_free)
            if opened is not None:
                self._station = self._station_of(opened)
                self._views = [CounterView(self._station, opened.waiting)]

    def on_mount(self) -> None:
        if self._view is not None:
            self._go_on_with(self._view)
        elif self._wanted is not None:
            self._open(self._wanted)
        if self._station is not None:
            self._tell_lost(self._station.centre)

    # What is shown

    @property
    def _view(self) -> View[Any] | None:
        return self._views[-1] if self._views else None

    async def read(self) -> Look:
        view, station = self._view, self._station
        holder = await self.store.session(station.counter.id) if station else None
        fault = await self.store.printer_fault() if self.config.printer else None
        return Look(view, await view.read() if view else None, holder, fault)

    def show(self, view: Look) -> None:
        # What was read for the view before this one is passed over: its own is on the way.
        if view.of is None or view.of is not self._view:
            return
        station = self._station
        if station is not None:
            if view.holder is None or view.holder.id != station.session.id:
                self.post_message(Lost(station.session, view.holder))
                return
            station.session = view.holder
            station.printer_fault = view.printer_fault
        view.of.show(view.seen)
        self._show_keys()

    def minute(self) -> None:
        if self._view is not None:
            self._view.minute()
            self._show_keys()

    @on(View.KeysChanged)
    def _show_keys(self) -> None:
        if self._view is not None:
            say = self.words
            self._key_bar.put(
                [
                    *self._view.keys_now(),
                    Key("?", say.gettext("Help")),
                    Key("q", say.gettext("Leave")),
                ]
            )

    async def _put(self, view: View[Any], station: Station | None) -> None:
        """Let the view take the place of all before."""
        if not self._place.is_attached:
            return  # the console is being taken down
        self._views, self._station = [], None
        async with self._place.batch():
            await self._place.remove_children()
            await self._place.mount(view)
        self._views, self._station = [view], station
        self._go_on_with(view)

    async def _lay(self, view: View[Any]) -> None:
        """Lay the view upon the one that is shown, until it is left."""
        if not self._place.is_attached:
            return  # the console is being taken down
        before = self._views[-1]
        async with self._place.batch():
            before.display = False
            await self._place.mount(view)
        self._views.append(view)
        self._go_on_with(view)

    @on(View.Left)
    async def _lift(self) -> None:
        """Show the view before this one again."""
        if len(self._views) > 1:
            async with self._place.batch():
                await self._views.pop().remove()
                self._views[-1].display = True
            self._go_on_with(self._views[-1])

    def _go_on_with(self, view: View[Any]) -> None:
        view.take_focus()
        self._show_keys()
        self.follow_anew()

    async def _choose(self) -> None:
        await self._put(Choice(self.config, self.store, self.words), None)

    @on(CounterView.CentreWanted)
    async def _show_centre(self) -> None:
        if self._station is not None:
            await self._lay(CentreView(self._station))

    @on(CentreView.UnitWanted)
    async def _show_unit(self, message: CentreView.UnitWanted) -> None:
        # Whoever has left the centre meanwhile stays where they are.
        if self._station is not None and isinstance(self._view, CentreView):
            await self._lay(UnitView(self._station, message.unit, message.errand))

    @on(UnitView.Called)
    async def _go_to_counter(self) -> None:
        while len(self._views) > 1:
            await self._lift()

    # Opening

    @on(Choice.Wanted)
    def _chosen(self, message: Choice.Wanted) -> None:
        self._open(message.counter)

    def _open(self, counter: Counter) -> None:
        if not self._opening:
            self._opening = True
            self._do_open(counter)

    @work
    async def _do_open(self, counter: Counter) -> None:
        try:
            opened = await self._read_and_open(counter, self._try_open)
        except QueueError as error:
            self.post_message(NotOpened(error))
        else:
            self.post_message(opened or NotOpened(None))

    async def _read_and_open(
        self, counter: Counter, open_it: Callable[[Counter], Awaitable[Session | None]]
    ) -> Opened | None:
        # Read first: a counter that was opened is shown, whatever happens to the store next.
        waiting = await read_waiting(self.config, self.store, counter)
        centre = await read_centre(self.config, self.store)
        session = await open_it(counter)
        return Opened(counter, session, waiting, centre) if session else None

    async def _open_free(self, counter: Counter) -> Session | None:
        """Open the counter; None if it is open elsewhere."""
        return await self.store.open_counter(counter.id)

    async def _try_open(self, counter: Counter) -> Session | None:
        """Open the counter; None if it is open elsewhere and shall stay so."""
        session = await self._open_free(counter)
        while session is None:
            holder = await self.store.session(counter.id)
            if holder is not None and not await self.push_screen_wait(self._ask(counter, holder)):
                return None
            session = await self.store.open_counter(counter.id, take_over=holder is not None)
        return session

    def _ask(self, counter: Counter, holder: Session) -> Question:
        return Question(
            self.words.gettext(
                "{counter} has been open elsewhere since {time}.",
                counter=self._in_words(counter),
                time=self.words.time(holder.opened_at),
            ),
            self.words.gettext("If you take it over, it is closed there."),
            no=self.words.gettext("Leave it there"),
            yes=self.words.gettext("Take it over"),
            words=self.words,
        )

    @on(Opened)
    async def _opened(self, message: Opened) -> None:
        self._opening = False
        station = self._station_of(message)
        await self._put(CounterView(station, message.waiting), station)
        if self._station is not None:
            self._tell_lost(message.centre)

    def _station_of(self, opened: Opened) -> Station:
        return Station(
            opened.counter,
            opened.session,
            self.config,
            self.store,
            self.clock,
            self.words,
            opened.centre,
        )

    def _tell_lost(self, centre: Centre) -> None:
        lost = list(self._lost_people(centre))
        if lost:
            self._notice.tell(" ".join([*lost, self.words.gettext("Press w.")]), for_good=True)

    def _lost_people(self, centre: Centre) -> Iterator[str]:
        """Say who is left of what the configuration does not have any more."""
        standings = overview(self.config, centre, self.clock.now())
        units = [
            f"“{each.unit}” ({each.people + each.parked})"
            for each in standings
            if each.target is None
        ]
        if units:
            yield self.words.gettext(
                "People wait for {units}: not in the configuration any more.",
                units=", ".join(units),
            )
        for errand in centre.stranded:
            yield self.words.gettext(
                "{ticket} is at counter {counter}: not in the configuration any more.",
                ticket=errand.label,
                counter=errand.counter,
            )

    @on(NotOpened)
    async def _not_opened(self, message: NotOpened) -> None:
        self._opening = False
        if self._view is None:
            await self._choose()
        if message.error is not None:
            self._notice.explain(message.error, self.words)

    # Losing and leaving

    @on(Lost)
    async def _lost(self, message: Lost) -> None:
        station = self._station
        if station is None or message.session.id != station.session.id:
            return
        await self._choose()
        text = self.words.gettext("{counter} is no longer open here.", counter=station.name)
        if message.holder is not None:
            text = self.words.gettext(
                "{counter} was taken over by another console at {time}.",
                counter=station.name,
                time=self.words.time(message.holder.opened_at),
            )
        self._notice.tell(text, for_good=True)

    async def action_leave(self) -> None:
        await self._ask_if_busy(self._leave, self.words.gettext("Leave"))

    async def _leave(self) -> None:
        self.exit()

    @on(CounterView.Closing)
    async def _ask_to_close(self) -> None:
        await self._ask_if_busy(self._close, self.words.gettext("Close the counter"))

    async def _close(self) -> None:
        if self._station is not None:
            session = self._station.session
            await self._choose()
            self._close_counter(session)

    @work
    async def _close_counter(self, session: Session) -> None:
        try:
            with suppress(RefusedError):  # another console has taken or closed it meanwhile
                await self.store.close_counter(session)
        except StoreError as error:
            self._notice.explain(error, self.words)

    async def _ask_if_busy(self, go: Callable[[], Awaitable[None]], yes: str) -> None:
        """Go at once if nobody is at the counter, else ask."""
        view = self._views[0] if self._views else None
        current = view.current if isinstance(view, CounterView) else None
        if current is None:
            await go()
            return
        question = Question(
            self.words.gettext("{ticket} is still at the counter.", ticket=current.label),
            self.words.gettext("It stays there until the counter is opened again."),
            no=self.words.gettext("Stay"),
            yes=yes,
            words=self.words,
        )

        async def answered(is_yes: bool | None) -> None:  # noqa: FBT001 – an answer
            if is_yes:
                await go()

        self.push_screen(question, answered)

    @on(events.Unmount)
    async def _end_session(self) -> None:
        if self._station is not None:
            # If this cannot be written, the end of the process tells as much.
            with suppress(QueueError):
                await self.store.close_counter(self._station.session)

    # The rest

    @on(events.Key)
    def _go_on(self) -> None:
        if len(self.screen_stack) == 1:  # a key for a question has not been one for the line
            self._notice.clear()

    @on(View.Said)
    def _say(self, message: View.Said) -> None:
        self._notice.tell(message.text)

    @on(View.Refused)
    def _explain(self, message: View.Refused) -> None:
        self._notice.explain(message.error, self.words)

    def action_help(self) -> None:
        self.push_screen(Help(self.config, self.words))

    def _in_words(self, counter: Counter) -> str:
        return counter.name[self.words.language]
