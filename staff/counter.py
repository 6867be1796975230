"""The counter's view: who is there now, who is next, who waits, and the keys that move them on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from textual import getters, on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.message import Message

from shared.clock import Clock
from shared.config import Config, Counter
from shared.errors import N_, QueueError
from shared.model import Desk, Errand, State
from shared.store import QueueStore
from shared.words import Words
from staff.keybar import Key
from staff.line import Line
from staff.queue import Queue, Waiting
from staff.ticket import TicketPanel
from staff.times import minutes, span
from staff.units import Units
from staff.verbs import Verb, do

_KEYS = {
    "n": (Verb.NEXT, N_("Next")),
    "r": (Verb.RECALL, N_("Recall")),
    "s": (Verb.START, N_("Start")),
    "f": (Verb.FINISH, N_("Finish")),
    "x": (Verb.NO_SHOW, N_("No-show")),
}

_AT_COUNTER = {State.CALLED: N_("Called"), State.SERVING: N_("Being served")}


class CounterView(Vertical):
    """One counter, open here."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(key, f"press('{verb}')") for key, (verb, _) in _KEYS.items()
    ]

    @dataclass
    class Said(Message):
        """There is a calm line to show."""

        text: str

    @dataclass
    class Done(Message):
        """The store has done what a key asked for."""

    @dataclass
    class Refused(Message):
        """The store has not done what a key asked for."""

        error: QueueError

    _current = getters.query_one("#current", TicketPanel)
    _next = getters.query_one("#next", TicketPanel)
    _queue = getters.query_one(Queue)
    _time = getters.query_one("#time", Line)
    _count = getters.query_one("#count", Line)

    def __init__(
        self,
        counter: Counter,
        desk: Desk,
        config: Config,
        store: QueueStore,
        clock: Clock,
        words: Words,
    ) -> None:
        super().__init__()
        self._counter = counter
        self._desk = desk
        self._store = store
        self._clock = clock
        self._words = words
        self._units = Units(config.units, words.language)
        self._asking = False

    def compose(self) -> ComposeResult:
        words = self._words
        units = " · ".join(self._units.name(unit) for unit in self._counter.units)
        with Horizontal(id="head"):
            yield Line(self._counter.name[words.language], id="counter")
            yield Line(units, id="units")
            yield Line(id="time")
        yield TicketPanel(self._units, max_rows=9, id="current")
        with Horizontal(id="heading"):
            yield Line(words.gettext("Next"), id="upcoming")
            yield Line(id="count")
        yield TicketPanel(self._units, max_rows=3, id="next")
        yield Queue(self._units, self._words)

    def on_mount(self) -> None:
        self.minute()

    # What is shown

    @property
    def current(self) -> Errand | None:
        return self._desk.current

    def show(self, desk: Desk) -> None:
        """Show who is at the counter and who waits."""
        self._desk = desk
        self.minute()

    def minute(self) -> None:
        """Show everything as of now."""
        now, say = self._clock.now(), self._words
        current, waiting = self._desk.current, self._desk.waiting
        self._time.tell(say.time(now))
        if current is not None:
            state = say.gettext(_AT_COUNTER[current.state])
            self._current.show(current, state, self._about(current, now))
        else:
            hint = say.gettext("Press n to call the next one.") if waiting else ""
            self._current.show(None, say.gettext("Nobody is at the counter"), hint)
        rows = [Waiting(errand, minutes(errand.since, now)) for errand in waiting]
        if rows:
            self._next.show(rows[0].errand, span(say, rows[0].minutes))
        else:
            self._next.show(None, say.gettext("Nobody is waiting"))
        self._queue.put(rows[1:])
        people = len({errand.label for errand in waiting})
        count = say.ngettext("{n} person is waiting", "{n} people are waiting", people)
        self._count.tell(count if people else "")

    def _about(self, errand: Errand, now: datetime) -> str:
        say = self._words
        lasted = span(say, minutes(errand.since, now))
        since = say.gettext("since {time} · {span}", time=say.time(errand.since), span=lasted)
        calls = say.ngettext("Called once", "Called {n} times", errand.calls)
        return f"{since}\n{calls}"

    def keys_now(self) -> Sequence[Key]:
        """Return the keys for the foot of the screen."""
        return [
            Key(key, self._words.gettext(word), self._makes_sense(verb))
            for key, (verb, word) in _KEYS.items()
        ]

    def _makes_sense(self, verb: Verb) -> bool:
        """Tell what to expect of a key. Whether it may be done is for the store to say."""
        state = self._desk.current and self._desk.current.state
        match verb:
            case Verb.NEXT:
                return bool(state or self._desk.waiting)
            case Verb.FINISH:
                return state is not None
            case _:
                return state is State.CALLED

    # Keys

    def action_press(self, name: str) -> None:
        if self._asking:
            text = self._words.gettext("One moment: the queue has not answered the last key yet.")
            self.post_message(self.Said(text))
            return
        self._asking = True
        self._do(Verb(name))

    @work
    async def _do(self, verb: Verb) -> None:
        try:
            await do(verb, self._store, self._counter)
        except QueueError as error:
            self.post_message(self.Refused(error))
        else:
            self.post_message(self.Done())

    @on(Done)
    @on(Refused)
    def _answered(self) -> None:
        self._asking = False
