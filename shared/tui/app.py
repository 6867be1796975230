"""What every screen of Vuoro is: locked, fresh, honest about old data, and never too small."""

from __future__ import annotations

import asyncio
import codecs
import gc
import os
import signal
import sys
import threading
from collections.abc import AsyncGenerator, Iterator
from contextlib import aclosing, suppress
from dataclasses import dataclass
from functools import partial
from typing import ClassVar, Generic, TypeVar

from textual import events, getters, on, work
from textual.app import App
from textual.drivers import linux_driver
from textual.geometry import Size
from textual.message import Message
from textual.screen import Screen

from shared.clock import Clock
from shared.config import Config
from shared.errors import StoreError
from shared.feed import Fresh, Stale, follow
from shared.store import QueueStore
from shared.tui.guard import Guard
from shared.tui.notices import OldData, TooSmall
from shared.tui.themes import LIGHT, THEMES, UNIT_COLOURS
from shared.words import words

View = TypeVar("View")

FAREWELL = 3.0
"""Seconds that a screen has to end by itself once its terminal is gone."""

# A key of a keyboard that is not set to UTF-8 must not end a screen: what cannot be read is passed
# over. Textual has no setting for it.
linux_driver.getincrementaldecoder = lambda encoding: partial(  # type: ignore[attr-defined]
    codecs.getincrementaldecoder(encoding), errors="ignore"
)


@dataclass
class News(Message, Generic[View]):
    """The feed has a new view, or none any more."""

    news: Fresh[View] | Stale


class Shell(Screen[None]):
    """The screen that an app begins with."""

    def on_screen_resume(self, event: events.ScreenResume) -> None:
        # Every widget got its styles as it came; Textual would give them to all of them again.
        event.refresh_styles = False


class QueueApp(App[None], Generic[View], inherit_bindings=False):
    """A screen that follows a view of the store.

    A subclass says what it reads (:meth:`read`), how it shows it (:meth:`show`), and the least
    size it can be used at (``LEAST``). Nothing of Textual's own leads out of it: no keys, no
    palette, no selection.
    """

    CSS = UNIT_COLOURS
    ENABLE_COMMAND_PALETTE = False
    ALLOW_SELECT = False
    LEAST: ClassVar[Size]

    _old_data = getters.query_one(OldData)

    def __init__(self, config: Config, store: QueueStore, clock: Clock, *, theme: str) -> None:
        super().__init__()
        self.config = config
        self.store = store
        self.clock = clock
        self.words = words(config.centre.languages[0])
        self.stale: Stale | None = None
        self._guard = Guard()
        self._is_ready = False
        self._ends_when_ready = False
        self._has_begun = False
        for each in THEMES:
            self.register_theme(each)
        # As setting the theme would do, but for reading all sheets once more.
        self.set_reactive(QueueApp.theme, theme)
        dark = self.current_theme.dark
        looks = {f"-theme-{theme}": True, "-dark-mode": dark, "-light-mode": not dark}
        self.update_classes(looks, update=False)
        self.stylesheet.set_variables(self.get_css_variables())

    def get_theme_variable_defaults(self) -> dict[str, str]:
        return LIGHT.variables  # Textual asks for them once before a theme is set

    def get_default_screen(self) -> Screen[None]:
        # With the classes that Textual would give it once it is laid out, and style it anew.
        return Shell(classes=" ".join(self._breakpoints()))

    def _breakpoints(self) -> Iterator[str]:
        for here, breakpoints in (
            (self.size.width, self.HORIZONTAL_BREAKPOINTS),
            (self.size.height, self.VERTICAL_BREAKPOINTS),
        ):
            yield from [name for least, name in breakpoints or () if here >= least][-1:]

    async def read(self) -> View:
        """Read from the store what this screen shows."""
        raise NotImplementedError

    def show(self, view: View) -> None:
        """Put a fresh view on the screen."""
        raise NotImplementedError

    def minute(self) -> None:
        """Put on the screen what changes with the clock; called at every turn of the minute."""

    def pressed(self) -> None:
        """Notice that somebody is here: a key or a tap, whatever it will do."""

    async def serve(self) -> None:
        """Run until a signal ends it, or the app itself; leaves the terminal as it was.

        Raises SystemExit with an exit code of its own after a fault of the program.
        """
        loop = asyncio.get_running_loop()
        # Before Textual takes the terminal: from there on there is something to give back.
        loop.add_signal_handler(signal.SIGTERM, self._end)
        loop.add_signal_handler(signal.SIGHUP, self._hang_up)
        await self.run_async()
        if self.return_code:
            sys.exit(self.return_code)

    def _end(self) -> None:
        # An app that ends before it is all there trips over what is missing.
        if self._is_ready:
            # In its turn: no change of the screen that has begun is torn apart.
            self.call_later(self.exit)
        else:
            self._ends_when_ready = True

    def _hang_up(self) -> None:
        """The terminal is gone: what is still to be written to it goes nowhere, without error."""
        nowhere = os.open(os.devnull, os.O_WRONLY)
        for output in (1, 2):
            os.dup2(nowhere, output)
        os.close(nowhere)
        # Textual's way out can wait for its lost terminal for ever. Whatever was asked of the store
        # is on the disk or was not answered, and a console that has ended has its counter closed.
        last_resort = threading.Timer(FAREWELL, os._exit, (0,))
        last_resort.daemon = True
        last_resort.start()
        self._end()

    def on_ready(self) -> None:
        self._is_ready = True
        if self._ends_when_ready:
            self.exit()
        self.call_after_refresh(self.settle)

    def settle(self) -> None:
        """Make what is not seen at first: the first picture is painted, and need not wait for it.

        A program that has switched Python's search for garbage off for its start has it again, but
        not among what it has made until now, which stays as long as it runs.
        """
        if not gc.isenabled():
            gc.freeze()
            gc.enable()

    async def on_event(self, event: events.Event) -> None:
        # All input comes through here once, before any widget has seen it.
        if isinstance(event, events.InputEvent) and not event.is_forwarded:
            if not self._guard.admits(event):
                return
            if isinstance(event, (events.Key, events.MouseDown)):
                self.pressed()
        await super().on_event(event)

    @on(events.Load)
    async def _look(self) -> None:
        # Before there is a widget, so that what is seen first has data.
        feed = self._feed()
        self._begun_with = feed, await anext(feed)

    @on(events.Mount)
    def _begin(self) -> None:
        feed, first = self._begun_with
        self._take(News(first))
        self._has_begun = True
        self._follow(feed)
        self._each_minute()

    def _each_minute(self) -> None:
        self.minute()
        now = self.clock.now()
        left = 60 - now.second - now.microsecond / 1e6
        # A timer of no time at all would never go off.
        self.set_timer(max(left, 0.01), self._each_minute)

    def follow_anew(self) -> None:
        """Follow the view from the start: :meth:`read` reads something else now."""
        if self._has_begun:
            self._follow(self._feed())

    def _feed(self) -> AsyncGenerator[Fresh[View] | Stale, None]:
        return follow(self.store, self.clock, self.read)

    # A fault in here is a fault of the program: it ends it, and is not passed over.
    @work(exclusive=True, group="feed")
    async def _follow(self, feed: AsyncGenerator[Fresh[View] | Stale, None]) -> None:
        async with aclosing(feed):
            async for news in feed:
                self.post_message(News(news))

    @work(exclusive=True, group="look")
    async def look_again(self) -> None:
        """Read the view once more: for what changes by the clock alone."""
        with suppress(StoreError):  # of which the feed tells
            self.post_message(News(Fresh(await self.read())))

    @on(News)
    def _take(self, message: News[View]) -> None:
        if not self.is_running:
            return  # the last news of a screen that is being taken down
        match message.news:
            case Fresh(view):
                self.stale = None
                self.show(view)
            case Stale() as stale:
                self.stale = stale
        self.tell_age()

    def tell_age(self) -> None:
        """Say since when the data is old, in the language that the app speaks now."""
        message = None
        if self.stale is not None:
            message = self.words.gettext(
                "The queue is out of reach since {time}. What you see may be old.",
                time=self.words.time(self.stale.since),
            )
        self._old_data.tell(message)

    @on(events.Resize)
    def _resized(self, event: events.Resize) -> None:
        self._check_size(event.size)

    @on(TooSmall.Returned)
    def _too_small_returned(self) -> None:
        self._check_size(self.size)

    def _check_size(self, here: Size) -> None:
        least = self.LEAST
        message = self.words.gettext(
            "The window is too small: {needed} is needed, {here} is here.",
            needed=f"{least.width}×{least.height}",
            here=f"{here.width}×{here.height}",
        )
        shown = self.screen
        if here.width >= least.width and here.height >= least.height:
            if isinstance(shown, TooSmall):
                shown.dismiss()
        elif isinstance(shown, TooSmall):
            shown.tell(message)
        else:
            self.push_screen(TooSmall(message))
