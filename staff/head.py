"""The first line of a counter's views: whose they are, the time, and what is wrong meanwhile."""

from __future__ import annotations

from textual import getters
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.content import Content

from shared.model import PrinterFault
from staff.line import Line
from staff.station import Station


class Head(Horizontal):
    """The counter and something of it; a fault of the kiosk's printer takes the latter's place."""

    _about = getters.query_one("#about", Line)
    _time = getters.query_one("#time", Line)

    def __init__(self, station: Station, about: str) -> None:
        super().__init__()
        self._station = station
        self._usually = about

    def compose(self) -> ComposeResult:
        yield Line(self._station.name, id="counter")
        yield Line(self._usually, id="about")
        yield Line(id="time")

    def show(self) -> None:
        """Show the time, and how the printer is."""
        station = self._station
        self._time.tell(station.words.time(station.clock.now()))
        self.on_resize()

    def on_resize(self) -> None:
        fault = self._station.printer_fault
        about = self._told(fault) if fault else Content(self._usually)
        if about != self._about.content:
            self._about.update(about)

    def _told(self, fault: PrinterFault) -> Content:
        """Say what is wrong with the printer; and since when, if there is room."""
        say = self._station.words
        since = say.gettext("since {time}", time=say.time(fault.since))
        short = f" ⚠ {say.gettext(fault.fault)} "
        whole = f"{short}· {since} "
        fits = Content(whole).cell_length <= self._about.content_size.width
        return Content.styled(whole if fits else short, "$background on $warning bold")
