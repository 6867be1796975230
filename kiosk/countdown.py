"""The bar that runs down: how long what is on the screen stays there."""

from __future__ import annotations

from rich.segment import Segment
from textual.message import Message
from textual.reactive import reactive
from textual.strip import Strip
from textual.timer import Timer
from textual.widget import Widget


class Countdown(Widget):
    """A bar that shrinks to nothing in a given time; warns by sight and sound before it ends."""

    COMPONENT_CLASSES = {"countdown--left", "countdown--ending", "countdown--gone"}
    DEFAULT_CSS = """
    Countdown {
        height: 1;
        .countdown--left { color: $quiet; }
        .countdown--ending { color: $now; text-style: bold; }
        .countdown--gone { color: $panel; }
    }
    """

    STEPS = 80
    ENDING = STEPS // 4

    class Over(Message):
        """The time is over."""

    left: reactive[int] = reactive(0)
    """Steps left, of STEPS. 0 is at rest: nothing is shown."""

    _timer: Timer | None = None

    def start(self, seconds: float) -> None:
        """Run down from the full length, also if it is running already."""
        self.stop()
        self.left = self.STEPS
        self._timer = self.set_interval(seconds / self.STEPS, self._step)

    def stop(self) -> None:
        if self._timer is not None:
            self._timer.stop()
            self._timer = None
        self.left = 0

    @property
    def running(self) -> bool:
        return self._timer is not None

    def _step(self) -> None:
        self.left -= 1
        if self.left == self.ENDING:
            self.app.bell()
        if self.left <= 0:
            self.stop()
            self.post_message(self.Over())

    def render_line(self, y: int) -> Strip:
        width = self.size.width
        if not self.left:
            return Strip.blank(width, self.rich_style)
        long = round(width * self.left / self.STEPS)
        name = "countdown--ending" if self.left <= self.ENDING else "countdown--left"
        character = "━"
        return Strip(
            [
                Segment(character * long, self.get_component_rich_style(name)),
                Segment(
                    character * (width - long), self.get_component_rich_style("countdown--gone")
                ),
            ],
            width,
        )
