"""The choice of a counter: which there are, what they serve, and which are open elsewhere."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from textual import getters, on
from textual.app import ComposeResult
from textual.content import Content
from textual.message import Message

from shared.config import Config, Counter
from shared.model import CounterId, Session
from shared.store import QueueStore
from shared.tui.bigtext import BigText
from shared.words import Words
from staff.keybar import Key
from staff.line import Line
from staff.numbered import DIGITS, Chosen, Spread
from staff.units import Units
from staff.view import View

Sessions = Mapping[CounterId, Session | None]
"""Who has each counter open."""


@dataclass(frozen=True)
class CounterRow:
    """A counter, the digit that chooses it (or none), and who has it open."""

    counter: Counter
    digit: str
    session: Session | None


class CounterRows(Spread[CounterRow]):
    """The counters, a row each."""

    def __init__(self, units: Units, words: Words) -> None:
        super().__init__()
        self._units = units
        self._words = words

    def key(self, row: CounterRow) -> CounterId:
        return row.counter.id

    def digit(self, row: CounterRow) -> str:
        return row.digit

    def render_row(self, row: CounterRow, width: int) -> Content:
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


class Choice(View[Sessions]):
    """The first view of a console that was not told its counter."""

    @dataclass
    class Wanted(Message):
        """Somebody wants to open this counter."""

        counter: Counter

    _counters = getters.query_one(CounterRows)

    def __init__(self, config: Config, store: QueueStore, words: Words) -> None:
        super().__init__()
        self._config = config
        self._store = store
        self._words = words
        self._digits = _digits([counter.id for counter in config.counters])

    def compose(self) -> ComposeResult:
        words, config = self._words, self._config
        yield Line(config.centre.name[words.language], id="centre")
        yield BigText(words.gettext("Choose your counter"), max_rows=5, id="choose")
        yield CounterRows(Units(config.units, words.language), words)

    def on_mount(self) -> None:
        self.show({})

    async def read(self) -> Sessions:
        return {each.id: await self._store.session(each.id) for each in self._config.counters}

    def show(self, seen: Sessions) -> None:
        self._counters.put(
            [
                CounterRow(counter, self._digits[counter.id], seen.get(counter.id))
                for counter in self._config.counters
            ]
        )
        if self._counters.cursor is None:
            self._counters.cursor = 0

    @on(Chosen)
    def _chosen(self, message: Chosen[CounterRow]) -> None:
        self.post_message(self.Wanted(message.row.counter))

    def keys_now(self) -> Sequence[Key]:
        return [
            Key("↑ ↓", self._words.gettext("Move")),
            Key("Enter", self._words.gettext("Open")),
        ]


def _digits(counters: Iterable[CounterId]) -> dict[CounterId, str]:
    """Give each counter the digit that hangs above it; others, the digits that are left."""
    ids = list(counters)
    left = iter(sorted(set(DIGITS) - set(ids)))
    return {each: each if each in DIGITS else next(left, "") for each in ids}
