"""The counter's view: who is there now, who is next, who waits, and the keys that move them on."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Sequence
from datetime import datetime
from functools import partial
from typing import ClassVar

from textual import getters, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.message import Message

from shared.errors import N_, RefusedError
from shared.model import NOBODY, Desk, Errand, ErrandId, State
from staff.head import Head
from staff.keybar import Key
from staff.line import Line
from staff.notes import Notes
from staff.overview import Waiting
from staff.pause import PausePanel, Plan, plans
from staff.picks import Pick
from staff.question import Question
from staff.queue import Queue
from staff.queueview import QueueView
from staff.sheet import Sheet
from staff.station import Station
from staff.ticket import TicketPanel
from staff.times import minutes, span

_AT_COUNTER = {State.CALLED: N_("Called"), State.SERVING: N_("Being served")}


class CounterView(QueueView[Waiting]):
    """One counter, open here."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("n", "next"),
        Binding("r", "recall"),
        Binding("s", "start"),
        Binding("f", "finish"),
        Binding("x", "no_show"),
        Binding("k", "to_back"),
        Binding("b", "break"),
        Binding("w", "centre"),
    ]

    class CentreWanted(Message):
        """The whole centre is to be shown."""

    class Closing(Message):
        """The counter is to be closed."""

    _current = getters.query_one("#current", TicketPanel)
    _next = getters.query_one("#next", TicketPanel)
    _head = getters.query_one(Head)
    _count = getters.query_one("#count", Line)
    _pause = getters.query_one(PausePanel)

    def __init__(self, station: Station, waiting: Waiting) -> None:
        super().__init__(station)
        self._waiting = waiting
        self._break_since: datetime | None = None
        self._notes = Notes(station.config, station.words)

    def compose(self) -> ComposeResult:
        station = self.station
        words, units = station.words, station.units
        yield Head(station, units.names(station.counter.units))
        yield TicketPanel(units, max_rows=9, id="current")
        yield PausePanel(words)
        with Horizontal(id="heading"):
            yield Line(words.gettext("Next"), id="upcoming")
            yield Line(id="count")
        yield TicketPanel(units, max_rows=3, id="next")
        yield Queue(units, self._notes, words, lead=1)

    def on_mount(self) -> None:
        self.minute()

    # What is shown

    @property
    def _desk(self) -> Desk:
        return self._waiting.desk

    @property
    def current(self) -> Errand | None:
        return self._desk.current

    async def read(self) -> Waiting:
        return await self.station.waiting()

    def show(self, seen: Waiting) -> None:
        before, self._waiting = self.current, seen
        if before is not None:
            self._tell_of_put_off(before)
        since = self.station.session.break_since
        if since != self._break_since:
            self._break_since = since
            self.queue.put_away()
            self.set_class(since is not None, "-break")
            self._pause.show(since)
            if self.display:
                self.take_focus()
        self.minute()

    def take_focus(self) -> None:
        (self.queue if self._break_since is None else self._pause).focus()

    def minute(self) -> None:
        now, say = self.station.clock.now(), self.station.words
        current, waiting = self._desk.current, self._desk.waiting
        self._head.show()
        if current is not None:
            state = say.gettext(_AT_COUNTER[current.state])
            self._current.show(current, state, "\n".join(self._about(current, now)))
        else:
            hint = say.gettext("Press n to call the next one.") if waiting else ""
            self._current.show(None, say.gettext("Nobody is at the counter"), hint)
        self._show_next(now)
        self.queue.show(self._desk, now)
        count = self.station.count(self._waiting)
        self._count.tell(count)
        self._pause.tell(count or say.gettext("Nobody is waiting"))
        self.set_class(current is None, "-free")

    def _tell_of_put_off(self, before: Errand) -> None:
        """Say where whoever was at the counter has gone, if they asked for more time by phone."""
        for errand in self._desk.waiting:
            if errand.id == before.id and errand.put_off > before.put_off:
                say = self.station.words
                self.say(
                    say.gettext("{ticket} needs more time, and waits again.", ticket=errand.label)
                )

    def _show_next(self, now: datetime) -> None:
        say = self.station.words
        if not self._desk.waiting:
            self._next.show(None, say.gettext(self._nobody))
            return
        errand = self._desk.waiting[0]
        waited = span(say, minutes(errand.waits_since, now))
        self._next.show(errand, waited, " · ".join(self._notes.all(errand)))

    @property
    def _nobody(self) -> str:
        """Why nobody is called next: a message id."""
        return N_("Nobody can be called now") if self._waiting.away else N_("Nobody is waiting")

    def _about(self, errand: Errand, now: datetime) -> Iterator[str]:
        """Yield what there is to know of whoever is at the counter, a line each."""
        say = self.station.words
        lasted = span(say, minutes(errand.since, now))
        yield say.gettext("since {time} · {span}", time=say.time(errand.since), span=lasted)
        yield from self._notes.all(errand)
        if errand.state is State.CALLED:
            yield say.ngettext("Called once", "Called {n} times", errand.calls)
            if self._was_recalled_enough(errand):
                yield say.gettext("x ends it as a no-show")

    def _was_recalled_enough(self, errand: Errand) -> bool:
        return errand.calls > self.station.config.staff.recalls

    @on(Queue.Moved)
    def _mark_next(self) -> None:
        self._next.set_class(self.queue.cursor == 0 and self.queue.lead > 0, "-chosen")

    # What keys there are

    def keys_now(self) -> Sequence[Key]:
        say = self.station.words
        state = self.current and self.current.state
        is_called = state is State.CALLED
        on_break = self._break_since is not None
        return [
            Key("n", say.gettext("Next"), bool(state or self._desk.waiting)),
            Key("r", say.gettext("Recall"), is_called),
            Key("s", say.gettext("Start"), is_called),
            Key("f", say.gettext("Finish"), state is not None),
            Key("x", say.gettext("No-show"), is_called),
            Key("k", say.gettext("To back"), is_called),
            *self.queue_keys(),
            Key("b", say.gettext("Resume") if on_break else say.gettext("Break")),
            Key("w", say.gettext("Centre")),
        ]

    # Keys

    def _at_counter(self, verb: Callable[..., Awaitable[object]], message: str = "") -> None:
        """Take a step that is about whoever is shown at the counter."""
        errand = self.current
        if errand is None:
            nobody = RefusedError(
                N_("Nobody is at the counter"), hint=N_("Call the next one first.")
            )
            self.post_message(self.Refused(nobody))
        else:
            self.step(partial(self._verb, verb, errand, message))

    async def _verb(
        self, verb: Callable[..., Awaitable[object]], errand: Errand, message: str
    ) -> str:
        await verb(self.station.counter.id, errand=errand.id)
        return self.stepped(message, ticket=errand.label)

    def action_recall(self) -> None:
        self._at_counter(self.station.store.recall)

    def action_start(self) -> None:
        self._at_counter(self.station.store.start)

    def action_finish(self) -> None:
        errand, say = self.current, self.station.words
        if errand is None or errand.state is not State.CALLED:
            self._at_counter(self.station.store.finish)
        else:
            self._ask_to_end(
                errand,
                say.gettext("{ticket} has only been called: finish it?", ticket=errand.label),
                say.gettext("Finish"),
                self.station.store.finish,
            )

    def action_to_back(self) -> None:
        self._at_counter(self.station.store.back, N_("{ticket} waits again, behind the others."))

    def action_next(self) -> None:
        self.step(partial(self._call_next, self.current.id if self.current else NOBODY))

    async def _call_next(self, shown: ErrandId) -> str:
        station = self.station
        counter = station.counter
        call = await station.store.call_next(
            counter.id, counter.units, patience=station.config.patience(counter), errand=shown
        )
        if call or shown:
            self.stepped()
        if call is None:
            raise RefusedError(self._nobody, hint=N_("Call again when someone has taken a number."))
        return ""

    def action_no_show(self) -> None:
        errand = self.current
        if errand is None or not self._is_in_use(errand):
            self._at_counter(self.station.store.no_show)
        else:
            say = self.station.words
            self._ask_to_end(
                errand,
                say.gettext("End {ticket} as a no-show?", ticket=errand.label),
                say.gettext("End it"),
                self.station.store.no_show,
            )

    def _is_in_use(self, errand: Errand) -> bool:
        """Tell whether somebody who does not come may yet come, or is awaited elsewhere."""
        is_called = errand.state is State.CALLED
        return is_called and (bool(errand.also) or not self._was_recalled_enough(errand))

    def _ask_to_end(
        self, errand: Errand, asked: str, yes: str, verb: Callable[..., Awaitable[object]]
    ) -> None:
        """Ask before somebody is ended who has been called and may yet come."""
        say, units = self.station.words, self.station.units
        calls = say.ngettext("Called once", "Called {n} times", errand.calls)
        because = f"{calls}."
        if errand.also:
            others = say.gettext("It still waits: {units}.", units=units.names(errand.also))
            because = f"{because} {others}"
        question = Question(asked, because, no=say.gettext("Not yet"), yes=yes, words=say)

        def answered(ends: bool | None) -> None:  # noqa: FBT001 – an answer
            if ends:
                self.step(partial(self._verb, verb, errand, ""))

        self.app.push_screen(question, answered)

    def action_centre(self) -> None:
        self.post_message(self.CentreWanted())

    # Breaks

    def action_break(self) -> None:
        if self._break_since is not None:
            self.action_end_break()
            return
        say = self.station.words
        sheet = Sheet(self.station.name, plans(say), say)
        self.app.push_screen(sheet, self._planned)

    def _planned(self, pick: Pick[Plan] | None) -> None:
        match pick and pick.value:
            case Plan.BREAK:
                self.step(partial(self._pause_counter, paused=True))
            case Plan.CLOSE:
                self.post_message(self.Closing())
            case Plan.STAY | None:
                pass

    @on(PausePanel.Over)
    def action_end_break(self) -> None:
        self.step(partial(self._pause_counter, paused=False))

    async def _pause_counter(self, *, paused: bool) -> str:
        await self.station.store.pause_counter(self.station.session, paused=paused)
        return ""
