"""What can be done to the tickets of a queue from a counter, whichever queue it is."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from functools import partial
from typing import ClassVar

from textual import getters, on
from textual.binding import Binding, BindingType

from shared.config import Priority
from shared.errors import N_
from shared.model import Errand, State, Verb
from staff.keybar import Key
from staff.numbered import NONE, digit_of
from staff.overview import serving
from staff.picks import Pick
from staff.question import Question
from staff.queue import Queue
from staff.sheet import Sheet
from staff.transfer import Transfer, TransferSheet
from staff.view import Seen, StationView

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


class QueueView(StationView[Seen]):
    """A view with a queue, one of whose tickets may be chosen by the cursor."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("t", "transfer"),
        Binding("p", "park"),
        Binding("enter", "call"),
        Binding("h", "head_start"),
        Binding("l", "give_up"),
        Binding("u", "undo"),
        Binding("a", "print_again"),
    ]

    queue = getters.query_one(Queue)

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
        if self.station.config.printer:
            yield Key("a", say.gettext("Print again"))

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
        if self._has_lost():
            return None
        errand = self.queue.errand or otherwise
        if errand is None:
            self.say(self.station.words.gettext("Choose a ticket in the queue first, with ↑ ↓."))
        return errand

    def _has_lost(self) -> bool:
        """Tell whether the chosen ticket has gone meanwhile, and say so if it has."""
        lost = self.queue.lost
        if lost is None:
            return False
        self.queue.put_away()
        self._tell_of_loss(lost)
        return True

    def _tell_of_loss(self, errand: Errand) -> None:
        text = self.station.words.gettext(
            "{ticket} is not in this queue any more.", ticket=errand.label
        )
        self.say(text)

    # Steps

    def _step_of_chosen(self, doing: Callable[[], Awaitable[str]]) -> None:
        """Have the store take a step; the ticket that it is about is chosen no longer."""
        if self.step(doing):
            self.queue.put_away()

    def action_call(self) -> None:
        errand = self._meant()
        if errand is not None:
            self._step_of_chosen(partial(self.call, errand))

    async def call(self, errand: Errand) -> str:
        await self.station.store.call(self.station.counter.id, errand.id)
        return self.stepped()

    def action_park(self) -> None:
        errand = self._meant(self.current)
        if errand is not None:
            self._step_of_chosen(partial(self._park, errand))

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
            self._step_of_chosen(partial(self._transfer, errand, transfer))

    async def _transfer(self, errand: Errand, transfer: Transfer) -> str:
        station = self.station
        await station.store.transfer(
            station.counter.id,
            transfer.to,
            errand=errand.id,
            reason=transfer.reason,
            comes_back=transfer.comes_back,
        )
        is_served = serving(station.config, await station.store.traffic(), transfer.to)
        return self.stepped(
            N_("{ticket} waits for {unit} now.")
            if is_served
            else N_("{ticket} waits for {unit} now, where no counter is open."),
            ticket=errand.label,
            unit=station.units.name(transfer.to),
        )

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
            self._step_of_chosen(partial(self._head_start, errand, pick.value))

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
            self._step_of_chosen(partial(self._give_up, errand))

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

    def action_print_again(self) -> None:
        if self.station.config.printer and not self._has_lost():
            self.step(partial(self._print_again, self.queue.errand or self.current))

    async def _print_again(self, errand: Errand | None) -> str:
        """Have the ticket printed once more; where there is none, the newest of the day."""
        store, say = self.station.store, self.station.words
        ticket = await store.ask_for_printout(errand.id if errand else None)
        fault = self.station.printer_fault
        if fault is None:
            return say.gettext("{ticket} is printed again.", ticket=ticket)
        # It may be less than it sounds, such as paper that is running out.
        return say.gettext(
            "{ticket} goes to the printer. {fault}.", ticket=ticket, fault=say.gettext(fault.fault)
        )

    def stepped(self, message: str = "", **values: object) -> str:
        """Note that there is a step to undo; return the message in the staff's words."""
        self.station.stepped_at = self.station.clock.now()
        return self.station.words.gettext(message, **values) if message else ""
