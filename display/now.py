"""The current call."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Container, Vertical
from textual.timer import Timer

from display.lettering import Matched, match
from display.sign import Sign
from display.speech import NOTHING, Phrase, Speech
from shared.config import Config
from shared.errors import N_
from shared.model import Call
from shared.tui.bigtext import BigText

BEAT = 0.6
"""Seconds between two shades of a pulse: less than one pulse a second, far below 3 Hz."""

BEATS = 6
"""How often a new call's panel changes its shade before it stands still; even, to end as it was."""


class Now(Vertical):
    """The current call: number → counter as large as can be, and what both are called.

    Until there is one, it invites people to take a number.
    """

    def __init__(self, config: Config) -> None:
        # Where counters have short signs, there is room for their names beside them.
        signs = max(len(counter.id) for counter in config.counters)
        super().__init__(classes=f"-signs-{signs}")
        self._welcome = config.kiosk.welcome
        self._units = {unit.id: unit for unit in config.units}
        self._counters = {counter.id: counter.name for counter in config.counters}
        self._title = Sign(id="title", lines=2)
        self._number = Matched(id="number")
        self._counter = Matched(id="counter")
        self._place = Sign(id="place", lines=2)
        self._chip = BigText(id="chip", max_rows=3)
        self._unit = Sign(id="unit", lines=4)
        together = config.display.languages == "together"
        invitations = len(config.centre.languages) if together else 1
        self._invitations = [Sign(lines=2) for _ in range(invitations)]
        # Number and counter weigh the same; so do the languages of the invitation.
        match(self._number, self._counter)
        match(*self._invitations)
        self._pulse: Timer | None = None

    def compose(self) -> ComposeResult:
        yield self._title
        with Vertical(id="invitations"):
            yield from self._invitations
        with Container(id="call"):
            yield self._number
            with Container(id="to"):
                yield self._counter
                with Vertical(id="names"):
                    yield self._place
                    with Container(id="unit-line"):
                        yield self._chip
                        yield self._unit

    def show(self, call: Call | None, speech: Speech, *, announced: bool) -> None:
        """Show the call: as news while it is announced, calmly afterwards."""
        self.set_class(announced, "-new")
        if call is None:
            self._invite(speech)
            return
        self._title.say(self._news(call, speech) if announced else speech.say(N_("Last called")))
        self._number.text = call.label
        self._counter.text = f"→ {call.counter}"
        # Either may have been taken out of the configuration meanwhile.
        unit, name = self._units.get(call.unit), self._counters.get(call.counter)
        self._chip.visible = unit is not None
        self._chip.text = unit.series if unit else ""
        self._chip.set_classes(f"coloured unit-{unit.colour}" if unit else "")
        self._unit.say(speech.name(unit.name) if unit else NOTHING)
        self._place.say(speech.name(name) if name else NOTHING)

    def _news(self, call: Call, speech: Speech) -> Phrase:
        message = N_("Called again") if call.repeated else N_("Now calling")
        return speech.say(message).after("»")

    def _invite(self, speech: Speech) -> None:
        self._title.say(speech.name(self._welcome))
        invitation = speech.say(N_("Take a number"))
        for sign, text in zip(self._invitations, invitation.texts, strict=True):
            sign.say(Phrase((text,)))

    def pulse(self) -> None:
        """Draw the eye, gently, to what is new."""
        if self._pulse is not None:
            self._pulse.stop()
        self.remove_class("-beat")
        if self.app.animation_level != "none":
            self._pulse = self.set_interval(BEAT, self._beat, repeat=BEATS - 1)

    def _beat(self) -> None:
        self.toggle_class("-beat")
