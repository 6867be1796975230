"""The choice of a counter: which there are, what they serve, and which are open elsewhere."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual import getters
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message

from shared.config import Config, Counter
from shared.model import CounterId, Session
from shared.tui.bigtext import BigText
from shared.words import Words
from staff.keybar import Key
from staff.line import Line
from staff.rows import Rows
from staff.units import Units

_DIGITS = tuple("123456789")


@dataclass(frozen=True)
class Offer:
    """A counter, the digit that chooses it (or none), and who has it open."""

    counter: Counter
    digit: str
    session: Session | None


class Offers(Rows[Offer]):
    """The counters, a row each."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "choose"),
        *(Binding(digit, f"choose('{digit}')") for digit in _DIGITS),
    ]

    @dataclass
    class Chosen(Message):
        """Somebody wants to open this counter."""

        counter: Counter

    def __init__(self, units: Units, words: Words) -> None:
        super().__init__()
        self._units = units
        self._words = words

    def on_resize(self) -> None:
        room = self.size.height // max(len(self.rows), 1)
        self.pitch = min(max(room, 1), 3)

    def key(self, row: Offer) -> CounterId:
        return row.counter.id

    def render_row(self, row: Offer, width: int) -> Content:
        language = self._words.language
        names = [Content(each.counter.name[language]) for each in self.rows]
        widest = min(max(name.cell_length for name in names), width // 3)
        name = Content.styled(row.counter.name[language], "bold")
        left = Content.assemble(
            (f" {row.digit or ' '}", "$now bold"),
            "  ",
            name.truncate(widest, ellipsis=True, pad=True),
            "   ",
        )
        state = Content()
        if row.session is not None:
            since = self._words.time(row.session.opened_at)
            text = self._words.gettext("open since {time}", time=since)
            state = Content.assemble("  ", (text, "$now bold"), " ")
        units = Content(" · ".join(self._units.name(unit) for unit in row.counter.units))
        room = max(width - left.cell_length - state.cell_length, 0)
        return left + units.truncate(room, ellipsis=True, pad=True) + state

    def action_choose(self, digit: str | None = None) -> None:
        for at, row in enumerate(self.rows):
            if at == self.cursor if digit is None else row.digit == digit:
                self.cursor = at
                self.post_message(self.Chosen(row.counter))


class Choice(Vertical):
    """The first view of a console that was not told its counter."""

    _offers = getters.query_one(Offers)

    def __init__(self, config: Config, words: Words) -> None:
        super().__init__()
        self._config = config
        self._words = words
        self._digits = _digits([counter.id for counter in config.counters])

    def compose(self) -> ComposeResult:
        words, config = self._words, self._config
        yield Line(config.centre.name[words.language], id="centre")
        yield BigText(words.gettext("Choose your counter"), max_rows=5, id="choose")
        yield Offers(Units(config.units, words.language), words)

    def on_mount(self) -> None:
        self.show({})

    def show(self, sessions: Mapping[CounterId, Session | None]) -> None:
        """Show the counters, and since when they are open."""
        self._offers.put(
            [
                Offer(counter, self._digits[counter.id], sessions.get(counter.id))
                for counter in self._config.counters
            ]
        )
        if self._offers.cursor is None:
            self._offers.cursor = 0

    def keys_now(self) -> Sequence[Key]:
        """Return the keys for the foot of the screen."""
        return [
            Key("↑ ↓", self._words.gettext("Move")),
            Key("Enter", self._words.gettext("Open")),
        ]


def _digits(counters: Iterable[CounterId]) -> dict[CounterId, str]:
    """Give each counter the digit that hangs above it; others, the digits that are left."""
    ids = list(counters)
    left = iter(sorted(set(_DIGITS) - set(ids)))
    return {each: each if each in _DIGITS else next(left, "") for each in ids}
