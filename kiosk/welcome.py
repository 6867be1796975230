"""At rest: a question, the units, and a corner for those who do not come for one of them only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from textual import events
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical

from kiosk.doorcode import DoorCode
from kiosk.keycap import Back, Choice
from kiosk.tiles import Sight, Tiles
from shared.tui.bigtext import BigText
from shared.words import Words

_ACTIONS = {
    "several": "app.choose_several",
    "booked": "app.ask_code",
    "sooner": "app.ask_reason",
}

_ROOMY = 20
"""Rows from which there is one for the lobby's code."""


class Welcome(Vertical):
    """What the kiosk shows to whoever comes; the same tiles, where one chooses several units."""

    def __init__(self, tiles: int, keys: Mapping[str, str], *, url: str | None) -> None:
        """Show so many tiles; ``keys`` are those of "several", "booked" and "sooner".

        ``url`` is where the pages for phones are, if that is known.
        """
        super().__init__(id="welcome")
        self._question = BigText(classes="question")
        self._sooner = BigText(id="granted")
        self._others = {name: Choice(key, _ACTIONS[name], id=name) for name, key in keys.items()}
        self._take = Choice("enter", "app.take", id="take")
        self._back = Back()
        corner = Vertical(*self._others.values(), self._take, self._back, id="corner")
        corner.display = bool(keys)
        self.tiles = Tiles(tiles, corner)
        self._door = DoorCode(url)
        self._code: str | None = None

    def compose(self) -> ComposeResult:
        with Horizontal(id="asked"):
            yield self._question
            yield self._sooner
        yield self.tiles
        yield self._door

    def show(
        self,
        sights: Sequence[Sight],
        words: Words,
        *,
        several: int | None,
        sooner: str,
        code: str | None,
    ) -> None:
        """Show a page of units.

        ``several`` is how many are chosen already, where one chooses several; ``sooner`` is why
        one is called sooner, if one is; ``code`` is the lobby's, where one is shown.
        """
        for number, tile in enumerate(self.tiles.tiles):
            tile.show(sights[number] if number < len(sights) else None)
        self._question.text = (
            words.gettext("Touch a service, or press its number")
            if several is None
            else words.gettext("Choose all the services you need")
        )
        self._sooner.text = f"✓ {sooner}"
        self._sooner.display = bool(sooner)
        labels = {
            "several": words.gettext("I have several things to do"),
            "booked": words.gettext("I have an appointment"),
            "sooner": words.gettext("I cannot wait for long"),
        }
        for name, choice in self._others.items():
            choice.label(labels[name])
            choice.display = several is None
        self._take.label(words.gettext("Take the number"), large=True)
        self._take.display = several is not None
        self._take.visible = bool(several)  # its place is kept
        self._back.label(words.gettext("Back"))
        self._back.display = several is not None
        self._code = code
        if code is not None:
            self._door.show(code, words)
        self._make_room()

    def on_resize(self, event: events.Resize) -> None:
        self._make_room()

    def _make_room(self) -> None:
        has_door = self._code is not None and self.size.height >= _ROOMY
        self._door.display = has_door
        self.set_class(has_door, "-coded")
