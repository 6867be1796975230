"""What can be done to the tickets of a queue from a counter, whichever queue it is."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import ClassVar

from textual import getters, on
from textual.binding import Binding, BindingType
from textual.message import Message

from shared.config import Priority
from shared.errors import N_, QueueError
from shared.model import Errand, State, Verb
from staff.keybar import Key
from staff.numbered import NONE, digit_of
from staff.picks import Pick
from staff.question import Question
from staff.queue import Queue
from staff.sheet import Sheet
from staff.station import Station
from staff.transfer import Transfer, TransferSheet
from staff.view import Seen, View

_UNDONE = {
    Verb.CALL: N_("Undone: {ticket} was called"),
    Verb.RECALL: N_("Undone: {ticket} was called again"),
    Verb.START: N_("Undone: the service of {ticket} began"),
    Verb.FINISH: N_("Undone: {ticket} was finished"),
    Verb.NO_SHOW: N_("Undone: {ticket} was ended as a no-show"),
    Verb.BACK: N_("Undone: {ticket} went to the back of the queue"),
    Verb.PARK: N_("Undone: {ticket} was parked"),
    Verb.RESUME: N_("Undone: {ticket} was brought back"),
    Verb.TRANSFER: N_("Undone: {ticket} was transferred"),
    Verb.LEAVE: N_("Undone: {ticket} gave up waiting"),
    Verb.HEAD_START: N_("Undone: the head start of {ticket} was changed"),
}
"""What a counter can take back, in words."""


class QueueView(View[Seen]):
    """A view with a queue, one of whose tickets may be chosen by the cursor."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("t", "transfer"),
        Binding("p", "park"),
        Binding("enter", "call"),
        Binding("h", "head_start"),
        Binding("l", "give_up"),
        Binding("u", "undo"),
    ]

    @dataclass
    class Done(Message):
        """The store has done what a key asked for; there may be a word to say of it."""

        text: str

    queue = getters.query_one(Queue)

    def __init__(self, station: Station) -> None:
        super().__init__()
        self.station = station

    @property
    def current(self) -> Errand | None:
        """Whoever this view shows at the counter: some keys are about them if no one is chosen."""
        return None

    # What keys there are

    def queue_keys(self) -> Iterator[Key]:
        """Yield the keys for the tickets of the queue."""
        say = self.station.words
        chosen = self.queue.errand
        meant = chosen or self.current
        is_parked = meant is not None and meant.state is State.PARKED
        yield Key("t", say.gettext("Transfer"), meant is not None)
        yield Key(
            "p", say.gettext("Bring back") if is_parked else say.gettext("Park"), meant is not None
        )
        yield Key("Enter", say.gettext("Call"), chosen is not None)
        if self.station.config.priorities:
            yield Key("h", say.gettext("Head start"), chosen is not None)
        yield Key("l", say.gettext("Gave up"), chosen is not None)
        yield Key("u", say.gettext("Undo"), self.station.may_undo)

    @on(Queue.Moved)
    def _moved(self) -> None:
        self.post_message(self.KeysChanged())

    @on(Queue.Lost)
    def _lost(self, message: Queue.Lost) -> None:
        self._tell_of_loss(message.errand)

    # Whom a key is about

    def _meant(self, otherwise: Errand | None = None) -> Errand | None:
        """Return the chosen errand, or else the other; None, having said why, if there is none.

        Whoever chose a ticket that has gone meanwhile does not mean another one.
        """
        lost = self.queue.lost
        if lost is not None:
            self.queue.put_away()
            self._tell_of_loss(lost)
            return None
        errand = self.queue.errand or otherwise
        if errand is None:
            self.say(self.station.words.gettext("Choose a ticket in the queue first, with ↑ ↓."))
        return errand

    def _tell_of_loss(self, errand: Errand) -> None:
        text = self.station.words.gettext(
            "{ticket} is not in this queue any more.", ticket=errand.label
        )
        self.say(text)

    def say(self, text: str) -> None:
        self.post_message(self.Said(text))

    # Steps

    def step(self, doing: Callable[[], Awaitable[str]], about: Errand | None = None) -> None:
        """Have the store take a step, and say what ``doing`` returns, if anything.

        A ticket that it is ``about`` is chosen no longer.
        """
        if not self.is_attached:
            return  # the counter was lost while a question stood
        station = self.station
        if station.busy:
            self.say(
                station.words.gettext("One moment: the queue has not answered the last key yet.")
            )
            return
        station.busy = True
        if about is not None:
            self.queue.put_away()
        # The app's own: what was begun is not cancelled when the view is left.
        self.app.run_worker(self._take(doing))

    async def _take(self, doing: Callable[[], Awaitable[str]]) -> None:
        try:
            text = await doing()
        except QueueError as error:
            self.post_message(self.Refused(error))
        else:
            self.post_message(self.Done(text))
        finally:
            self.station.busy = False

    @on(Done)
    def _done(self, message: Done) -> None:
        if message.text:
            self.say(message.text)
        self.post_message(self.KeysChanged())

    def action_call(self) -> None:
        errand = self._meant()
        if errand is not None:
            self.step(partial(self.call, errand), errand)

    async def call(self, errand: Errand) -> str:
        await self.station.end_break()
        await self.station.store.call(self.station.counter.id, errand.id)
        return self.stepped()

    def action_park(self) -> None:
        errand = self._meant(self.current)
        if errand is not None:
            self.step(partial(self._park, errand), errand)

    async def _park(self, errand: Errand) -> str:
        station = self.station
        if errand.state is State.PARKED:
            await station.store.resume(station.counter.id, errand.id)
        else:
            await station.store.park(station.counter.id, errand=errand.id)
        return self.stepped()

    def action_transfer(self) -> None:
        errand = self._meant(self.current)
        if errand is not None:
            sheet = TransferSheet(errand, self.station.config, self.station.words)
            self.app.push_screen(sheet, partial(self._transfer_chosen, errand))

    def _transfer_chosen(self, errand: Errand, transfer: Transfer | None) -> None:
        if transfer is not None:
            self.step(partial(self._transfer, errand, transfer), errand)

    async def _transfer(self, errand: Errand, transfer: Transfer) -> str:
        station = self.station
        await station.store.transfer(
            station.counter.id,
            transfer.to,
            errand=errand.id,
            reason=transfer.reason,
            comes_back=transfer.comes_back,
        )
        unit = station.units.name(transfer.to)
        return self.stepped(N_("{ticket} waits for {unit} now."), ticket=errand.label, unit=unit)

    def action_head_start(self) -> None:
        station = self.station
        errand = self._meant() if station.config.priorities else None
        if errand is not None:
            title = station.words.gettext("Head start of {ticket}", ticket=errand.label)
            sheet = Sheet(title, self._priorities(errand), station.words)
            self.app.push_screen(sheet, partial(self._class_chosen, errand))

    def _priorities(self, errand: Errand) -> Iterator[Pick[Priority | None]]:
        say = self.station.words
        yield Pick(NONE, say.gettext("No head start"), None, present=errand.priority is None)
        for place, each in enumerate(self.station.config.priorities):
            yield Pick(
                digit_of(place),
                each.name[say.language],
                each,
                note=say.gettext("{n} min", n=each.minutes),
                present=errand.priority == each.id,
            )

    def _class_chosen(self, errand: Errand, pick: Pick[Priority | None] | None) -> None:
        if pick is not None and not pick.present:
            self.step(partial(self._head_start, errand, pick.value), errand)

    async def _head_start(self, errand: Errand, priority: Priority | None) -> str:
        station = self.station
        await station.store.head_start(errand.id, priority, counter=station.counter.id)
        return self.stepped()

    def action_give_up(self) -> None:
        errand = self._meant()
        if errand is None:
            return
        say, units = self.station.words, self.station.units
        question = Question(
            say.gettext("{ticket} does not want to wait any longer?", ticket=errand.label),
            say.gettext(
                "All that it waits for ends: {units}.",
                units=units.names((errand.unit, *errand.also)),
            ),
            no=say.gettext("Keep it"),
            yes=say.gettext("End it"),
            words=say,
        )
        self.app.push_screen(question, partial(self._given_up, errand))

    def _given_up(self, errand: Errand, ends: bool | None) -> None:  # noqa: FBT001 – an answer
        if ends:
            self.step(partial(self._give_up, errand), errand)

    async def _give_up(self, errand: Errand) -> str:
        await self.station.store.leave(errand.id, counter=self.station.counter.id)
        return self.stepped(N_("{ticket} has given up its place."), ticket=errand.label)

    def action_undo(self) -> None:
        self.step(self._undo)

    async def _undo(self) -> str:
        station = self.station
        undone = await station.store.undo(station.counter.id)
        station.stepped_at = None
        return station.words.gettext(_UNDONE[undone.verb], ticket=undone.errand.label)

    def stepped(self, message: str = "", **values: object) -> str:
        """Note that there is a step to undo; return the message in the staff's words."""
        self.station.stepped_at = self.station.clock.now()
        return self.station.words.gettext(message, **values) if message else ""
