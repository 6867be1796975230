"""The staff console: a counter is chosen, opened, kept open, and closed."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import ClassVar

from textual import events, getters, on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container
from textual.geometry import Size
from textual.message import Message

from shared.clock import Clock
from shared.config import Config, Counter
from shared.errors import QueueError, StoreError
from shared.model import CounterId, Desk, Session
from shared.store import QueueStore
from shared.tui.app import QueueApp
from shared.tui.notices import OldData
from shared.words import words
from staff.choice import Choice, Offers
from staff.counter import CounterView
from staff.help import Help
from staff.keybar import Key, KeyBar
from staff.notice import Notice
from staff.question import Question
from staff.rows import Rows

Sessions = Mapping[CounterId, Session | None]
"""Who has each counter open: what is to be seen before one is chosen."""


@dataclass(frozen=True)
class AtCounter:
    """What is to be seen at a counter that was opened as ``session``."""

    session: Session
    holder: Session | None
    """Who has the counter open now: somebody else, once it was taken over."""
    desk: Desk


@dataclass
class Opened(Message):
    """The counter is open here."""

    counter: Counter
    session: Session
    desk: Desk


@dataclass
class NotOpened(Message):
    """The counter stays as it was: the store says no, or the person did."""

    error: QueueError | None


@dataclass
class Lost(Message):
    """The counter is no longer open here."""

    session: Session
    holder: Session | None


class StaffApp(QueueApp[Sessions | AtCounter], inherit_bindings=False):
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
        self._session: Session | None = None
        self._opening = False
        self._view: Choice | CounterView | None = None

    def compose(self) -> ComposeResult:
        yield OldData()
        with Container(id="middle"):
            yield Container(id="place")
            yield Notice()
        with Container(id="foot"):
            yield KeyBar()

    async def on_mount(self) -> None:
        if self._wanted is not None:
            self._open(self._wanted)
        else:
            await self._choose()

    # What is shown

    async def read(self) -> Sessions | AtCounter:
        session = self._session
        if session is None:
            counters = self.config.counters
            return {each.id: await self.store.session(each.id) for each in counters}
        counter = self.config.counter(session.counter)
        return AtCounter(
            session,
            await self.store.session(counter.id),
            await self.store.desk(counter.id, counter.units),
        )

    def show(self, view: Sessions | AtCounter) -> None:
        # What was read for the view before this one is passed over: its own is on the way.
        match view, self._view:
            case AtCounter(session, holder, desk), CounterView() as counter:
                if session != self._session:
                    return
                if session == holder:
                    counter.show(desk)
                    self._show_keys()
                else:
                    self.post_message(Lost(session, holder))
            case Mapping() as sessions, Choice() as choice:
                choice.show(sessions)

    def minute(self) -> None:
        if isinstance(self._view, CounterView):
            self._view.minute()

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

    async def _put(self, view: Choice | CounterView, session: Session | None) -> None:
        """Let the view take the place of the one before."""
        self._view, self._session = None, session
        async with self._place.batch():
            await self._place.remove_children()
            await self._place.mount(view)
        self._view = view
        view.query_one(Rows).focus()
        self._show_keys()
        self.follow_anew()

    async def _choose(self) -> None:
        await self._put(Choice(self.config, self.words), None)

    # Opening

    @on(Offers.Chosen)
    def _chosen(self, message: Offers.Chosen) -> None:
        self._open(message.counter)

    def _open(self, counter: Counter) -> None:
        if not self._opening:
            self._opening = True
            self._do_open(counter)

    @work
    async def _do_open(self, counter: Counter) -> None:
        try:
            # Read first: a counter that was opened is shown, whatever happens to the store next.
            desk = await self.store.desk(counter.id, counter.units)
            session = await self._try_open(counter)
        except QueueError as error:
            self.post_message(NotOpened(error))
        else:
            self.post_message(Opened(counter, session, desk) if session else NotOpened(None))

    async def _try_open(self, counter: Counter) -> Session | None:
        """Open the counter; None if it is open elsewhere and shall stay so."""
        session = await self.store.open_counter(counter.id)
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
        )

    @on(Opened)
    async def _opened(self, message: Opened) -> None:
        self._opening = False
        counter, desk = message.counter, message.desk
        view = CounterView(counter, desk, self.config, self.store, self.clock, self.words)
        await self._put(view, message.session)

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
        if message.session != self._session:
            return
        counter = self._in_words(self.config.counter(message.session.counter))
        await self._choose()
        text = self.words.gettext("{counter} is no longer open here.", counter=counter)
        if message.holder is not None:
            text = self.words.gettext(
                "{counter} was taken over by another console at {time}.",
                counter=counter,
                time=self.words.time(message.holder.opened_at),
            )
        self._notice.tell(text, for_good=True)

    def action_leave(self) -> None:
        at_counter = isinstance(self._view, CounterView) and self._view.current
        if not at_counter:
            self.exit()
            return
        question = Question(
            self.words.gettext("{ticket} is still at the counter.", ticket=at_counter.label),
            self.words.gettext("If you leave, it stays there until the counter is opened again."),
            no=self.words.gettext("Stay"),
            yes=self.words.gettext("Leave"),
        )
        self.push_screen(question, lambda leave: self.exit() if leave else None)

    @on(events.Unmount)
    async def _close(self) -> None:
        if self._session is not None:
            # If this cannot be written, the end of the process tells as much.
            with suppress(StoreError):
                await self.store.close_counter(self._session)

    # The rest

    @on(events.Key)
    def _go_on(self) -> None:
        if len(self.screen_stack) == 1:  # a key for a question has not been one for the line
            self._notice.clear()

    @on(CounterView.Said)
    def _say(self, message: CounterView.Said) -> None:
        self._notice.tell(message.text)

    @on(CounterView.Refused)
    def _explain(self, message: CounterView.Refused) -> None:
        self._notice.explain(message.error, self.words)

    def action_help(self) -> None:
        self.push_screen(Help(self.words))

    def _in_words(self, counter: Counter) -> str:
        return counter.name[self.words.language]
