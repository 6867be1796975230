"""The lobby's screen: real app, real store; what people read after the staff have done things."""

from __future__ import annotations

import re
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from datetime import time as time_of_day
from itertools import combinations
from pathlib import Path
from typing import Any, Literal

import msgspec
import pytest
from textual.pilot import Pilot
from textual.types import AnimationLevel
from textual.widget import Widget
from textual.widgets import Static

from display.app import DisplayApp
from display.code import Code
from display.earlier import Earlier
from display.now import BEAT, Now
from display.speech import Speech
from display.waiting import Waiting
from shared.clock import Clock
from shared.config import Config, Priority
from shared.door import door_code
from shared.errors import StoreError
from shared.model import Call, CounterId, Traffic, UnitId
from shared.store import QueueStore, open_store
from shared.tui.bigtext import BigText
from shared.tui.notices import OldData, TooSmall
from shared.words import words
from tests.conftest import HandClock, eventually

LIBRARY, HEALTH, MATERNITY = UnitId("library"), UnitId("health"), UnitId("maternity")
TWO, FOUR, FIVE = CounterId("2"), CounterId("4"), CounterId("5")

SIZES = [(60, 18), (80, 24), (120, 35), (160, 45), (240, 67), (67, 110), (60, 80), (240, 20)]

LONG = timedelta(minutes=5)
"""Long enough ago for a call not to be announced any more."""

CALL_SECONDS = 2.0
"""Short, for a test waits for every one; but two calls at once share it, and must be seen."""


def configured(config: Config, **display: Any) -> Config:
    return msgspec.structs.replace(
        config, display=msgspec.structs.replace(config.display, **display)
    )


@pytest.fixture
def config(config: Config, tmp_path: Path) -> Config:
    """The real centre in Finnish, with little patience: a test waits for every second."""
    folder = tmp_path / "var"
    moved = msgspec.structs.replace(config.store, url=f"sqlite:{folder / 'queue.db'}")
    config = msgspec.structs.replace(config, store=moved)
    return configured(config, call_seconds=CALL_SECONDS, turn_seconds=3600)


@asynccontextmanager
async def display(
    config: Config,
    clock: Clock,
    *units: UnitId,
    size: tuple[int, int] = (80, 24),
    after: timedelta = timedelta(0),
) -> AsyncIterator[Pilot[None]]:
    """Run the app on a store of its own, as another process would, some time after what was."""
    if isinstance(clock, HandClock):
        clock.advance(seconds=after.total_seconds())
    async with open_store(config, clock) as store:
        app = DisplayApp(config, store, clock, units or None)
        async with app.run_test(size=size) as pilot:
            await until(pilot, lambda: texts(pilot, Waiting))
            yield pilot


async def until(pilot: Pilot[None], condition: Callable[[], object]) -> None:
    async def met() -> bool:
        await pilot.pause()
        return bool(condition())

    await eventually(met)


def said(widget: Widget) -> str:
    return widget.text if isinstance(widget, BigText) else str(widget.render())


def seen(widget: Widget) -> bool:
    """Whether people can see the widget: some text of its own, and neither it nor what holds it
    hidden."""
    return (
        isinstance(widget, (BigText, Static))
        and widget.visible
        and all(
            isinstance(each, Widget) and each.display
            for each in widget.ancestors_with_self
            if isinstance(each, Widget)
        )
        and bool(said(widget).strip())
    )


def texts(pilot: Pilot[None], part: type[Widget]) -> list[str]:
    """What is to be read in a part of the screen, top to bottom, left to right."""
    within = pilot.app.query_one(part)
    return [said(widget) for widget in (within, *within.walk_children(Widget)) if seen(widget)]


def current(pilot: Pilot[None]) -> str:
    number, counter = (said(pilot.app.query_one(each)) for each in ("#number", "#counter"))
    return f"{number} {counter}" if seen(pilot.app.query_one("#number")) else ""


def title(pilot: Pilot[None]) -> str:
    return said(pilot.app.query_one("#title"))


def earlier(pilot: Pilot[None]) -> list[str]:
    found = texts(pilot, Earlier)
    return [" ".join(pair) for pair in zip(found[::2], found[1::2], strict=True)]


def is_news(pilot: Pilot[None]) -> bool:
    return pilot.app.query_one(Now).has_class("-new")


def waiting(pilot: Pilot[None]) -> str:
    return " ".join(texts(pilot, Waiting))


async def issue(store: QueueStore, unit: UnitId = LIBRARY, times: int = 1) -> None:
    series = {LIBRARY: "K", HEALTH: "A", MATERNITY: "B"}[unit]
    for _ in range(times):
        await store.issue([unit], series=series, language="fi")


async def called(store: QueueStore, counter: CounterId = TWO, unit: UnitId = LIBRARY) -> Call:
    """Somebody comes and is called at once."""
    await issue(store, unit)
    call = await store.call_next(counter, [unit])
    assert call
    return call


@pytest.fixture
def bells(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The moments at which the bell rang."""
    rung: list[float] = []
    monkeypatch.setattr(DisplayApp, "bell", lambda _: rung.append(time.monotonic()))
    return rung


# Calls


async def test_a_call_is_announced_with_a_bell_and_grows_calm(
    config: Config, store: QueueStore, clock: HandClock, bells: list[float]
) -> None:
    async with display(config, clock) as pilot:
        assert bells == []
        await called(store, FOUR, HEALTH)

        await until(pilot, lambda: current(pilot) == "A 001 → 4")
        assert is_news(pilot)
        assert title(pilot) == "» " + words("fi").gettext("Now calling")
        assert {"Huone 4", "A", "Terveysasema"} <= set(texts(pilot, Now))
        assert len(bells) == 1

        await until(pilot, lambda: not is_news(pilot))
        assert time.monotonic() - bells[0] >= CALL_SECONDS
        assert current(pilot) == "A 001 → 4"
        assert title(pilot) == words("fi").gettext("Last called")
        assert len(bells) == 1


@pytest.mark.parametrize("animations", ["full", "none"])
async def test_news_pulses_unless_animations_are_off(
    config: Config, store: QueueStore, clock: HandClock, animations: AnimationLevel
) -> None:
    assert 1 / (2 * BEAT) < 3  # never near what can harm
    async with display(configured(config, call_seconds=2), clock) as pilot:
        pilot.app.animation_level = animations
        now = pilot.app.query_one(Now)
        await called(store)
        await until(pilot, lambda: is_news(pilot))
        shades = set()

        def calm() -> bool:
            shades.add(now.styles.background)
            return not is_news(pilot)

        await until(pilot, calm)
        steady = 2  # as news, and calm
        assert len(shades) == steady + (animations == "full")


async def test_a_recall_is_announced_as_one(
    config: Config, store: QueueStore, clock: HandClock, bells: list[float]
) -> None:
    await called(store)
    await called(store, FOUR, HEALTH)
    async with display(config, clock, after=LONG) as pilot:
        assert (current(pilot), earlier(pilot)) == ("A 001 → 4", ["K 001 → 2"])

        await store.recall(TWO)

        await until(pilot, lambda: current(pilot) == "K 001 → 2")
        assert is_news(pilot)
        assert title(pilot) == "» " + words("fi").gettext("Called again")
        assert earlier(pilot) == ["A 001 → 4"]
        assert len(bells) == 1


async def test_two_calls_at_once_are_shown_one_by_one(
    config: Config, store: QueueStore, clock: HandClock, bells: list[float]
) -> None:
    async with display(config, clock) as pilot:
        await issue(store)
        await issue(store, HEALTH)
        await store.call_next(TWO, [LIBRARY])
        await store.call_next(FOUR, [HEALTH])

        await until(pilot, lambda: current(pilot) == "K 001 → 2")
        assert earlier(pilot) == []
        await until(pilot, lambda: current(pilot) == "A 001 → 4")
        assert is_news(pilot)
        assert earlier(pilot) == ["K 001 → 2"]
        assert bells[1] - bells[0] >= CALL_SECONDS / 2
        await until(pilot, lambda: not is_news(pilot))
        assert time.monotonic() - bells[1] >= CALL_SECONDS
        assert len(bells) == 2


async def test_of_many_calls_at_once_each_is_shown_and_heard_and_soon(
    config: Config,
    store: QueueStore,
    clock: HandClock,
    bells: list[float],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    news: list[str] = []
    in_full = Now.show

    def show(now: Now, call: Call | None, speech: Speech, *, announced: bool) -> None:
        in_full(now, call, speech, announced=announced)
        if call and announced and call.label not in news[-1:]:
            news.append(call.label)

    monkeypatch.setattr(Now, "show", show)
    async with display(configured(config, call_seconds=1), clock) as pilot:
        for _ in range(10):
            await called(store)
        await until(pilot, lambda: len(bells) == 10)
        await until(pilot, lambda: not is_news(pilot))
        assert news == [f"K {number:03}" for number in range(1, 11)]
        assert bells[-1] - bells[0] < 9 * 2 / 3  # one by one, it would be nine


async def test_an_undone_call_is_taken_off_the_screen_at_once(
    config: Config, store: QueueStore, clock: HandClock, bells: list[float]
) -> None:
    await called(store, FOUR, HEALTH)
    async with display(configured(config, call_seconds=3600), clock, after=LONG) as pilot:
        await called(store)
        await until(pilot, lambda: current(pilot) == "K 001 → 2")

        await store.undo(TWO)

        await until(pilot, lambda: current(pilot) == "A 001 → 4")
        assert not is_news(pilot)
        assert earlier(pilot) == []
        assert len(bells) == 1

        # Called anew, it is news again.
        await store.call_next(FIVE, [LIBRARY])
        await until(pilot, lambda: current(pilot) == "K 001 → 5" and is_news(pilot))
        assert len(bells) == 2


async def test_the_only_call_is_undone_and_the_poster_is_back(
    config: Config, store: QueueStore, clock: HandClock
) -> None:
    async with display(config, clock) as pilot:
        await called(store)
        await until(pilot, lambda: current(pilot) == "K 001 → 2")
        await store.undo(TWO)
        await until(pilot, lambda: not current(pilot))
        assert words("fi").gettext("Take a number") in texts(pilot, Now)


async def test_who_is_sent_to_the_back_leaves_the_list_until_called_again(
    config: Config, store: QueueStore, clock: HandClock
) -> None:
    await called(store)
    await called(store, FOUR, HEALTH)
    async with display(config, clock, after=LONG) as pilot:
        assert earlier(pilot) == ["K 001 → 2"]
        await store.back(TWO)
        await until(pilot, lambda: not earlier(pilot))
        await store.call_next(TWO, [LIBRARY])
        await until(pilot, lambda: current(pilot) == "K 001 → 2" and is_news(pilot))
        assert title(pilot) == "» " + words("fi").gettext("Now calling")


@pytest.mark.parametrize("step", ["start", "finish", "no_show"])
async def test_what_was_undone_after_the_call_does_not_call_again(
    config: Config, store: QueueStore, clock: HandClock, bells: list[float], step: str
) -> None:
    async with display(config, clock) as pilot:
        await called(store)
        await until(pilot, lambda: current(pilot) == "K 001 → 2")
        await until(pilot, lambda: not is_news(pilot))
        await getattr(store, step)(TWO)
        await store.undo(TWO)
        # What comes after it is seen, so it has been seen, too.
        await called(store, FOUR, HEALTH)
        await until(pilot, lambda: current(pilot) == "A 001 → 4")
        assert earlier(pilot) == ["K 001 → 2"]
        assert len(bells) == 2


async def test_one_ticket_at_several_units_stands_where_it_was_called_last(
    config: Config, store: QueueStore, clock: HandClock
) -> None:
    await store.issue([LIBRARY, HEALTH], series="K", language="fi")
    await store.call_next(TWO, [LIBRARY])
    async with display(config, clock, after=LONG) as pilot:
        assert current(pilot) == "K 001 → 2"
        await store.finish(TWO)
        await store.call_next(FOUR, [HEALTH])
        await until(pilot, lambda: current(pilot) == "K 001 → 4")
        assert "Terveysasema" in texts(pilot, Now)
        assert earlier(pilot) == []


async def test_after_a_restart_the_last_calls_are_there_and_calm(
    config: Config, store: QueueStore, clock: HandClock, bells: list[float]
) -> None:
    for _ in range(3):
        await called(store)
    await store.recall(TWO)
    clock.advance(minutes=5)
    async with display(config, clock) as pilot:
        await until(pilot, lambda: current(pilot) == "K 003 → 2")
        assert earlier(pilot) == ["K 002 → 2", "K 001 → 2"]
        assert not is_news(pilot)
        assert bells == []

        await called(store)
        await until(pilot, lambda: current(pilot) == "K 004 → 2")
        assert is_news(pilot)


async def test_after_a_restart_what_was_just_called_is_announced(
    config: Config, store: QueueStore, clock: HandClock, bells: list[float]
) -> None:
    for _ in range(2):
        await called(store)
    async with display(config, clock) as pilot:
        await until(pilot, lambda: current(pilot) == "K 001 → 2" and is_news(pilot))
        await until(pilot, lambda: current(pilot) == "K 002 → 2" and is_news(pilot))
        assert len(bells) == 2


async def test_units_narrow_the_screen_to_a_corridor(
    config: Config, store: QueueStore, clock: HandClock, bells: list[float]
) -> None:
    async with display(config, clock, HEALTH, MATERNITY) as pilot:
        await issue(store, LIBRARY, 2)
        await called(store)
        await called(store, FOUR, HEALTH)

        await until(pilot, lambda: current(pilot) == "A 001 → 4")
        assert earlier(pilot) == []
        assert "Kirjasto" not in waiting(pilot)
        assert len(bells) == 1


async def test_a_new_service_day_starts_with_the_poster(
    config: Config, store: QueueStore, clock: HandClock
) -> None:
    await called(store)
    async with display(config, clock) as pilot:
        assert current(pilot)
        clock.advance(days=1)
        await until(pilot, lambda: not current(pilot))
        assert words("fi").gettext("Take a number") in texts(pilot, Now)


async def test_a_centre_open_past_midnight_keeps_its_calls_until_its_own_hour(
    config: Config, clock: HandClock
) -> None:
    late = Clock(clock.zone, clock.now, day_starts=time_of_day(4))
    clock.set(datetime(2026, 11, 24, 23, 59, tzinfo=clock.zone))
    async with open_store(config, late) as store, display(config, late) as pilot:
        await called(store)
        await until(pilot, lambda: current(pilot) == "K 001 → 2")
        clock.advance(minutes=2)
        await called(store, FOUR, HEALTH)
        await until(pilot, lambda: current(pilot) == "A 001 → 4")
        assert earlier(pilot) == ["K 001 → 2"]
        clock.advance(hours=4)
        await until(pilot, lambda: not current(pilot))


async def test_a_clock_that_is_set_back_stops_no_call(
    config: Config, store: QueueStore, clock: HandClock
) -> None:
    async with display(config, clock) as pilot:
        await called(store)
        await until(pilot, lambda: current(pilot) == "K 001 → 2")
        for back in ({"hours": -1}, {"days": -1}):
            clock.advance(**back)
            await called(store, FOUR, HEALTH)
            await until(pilot, lambda: is_news(pilot) and current(pilot).endswith("→ 4"))
            await until(pilot, lambda: not is_news(pilot))
        assert earlier(pilot)[-1] == "K 001 → 2"


async def test_a_counter_that_is_no_longer_configured_does_no_harm(
    config: Config, store: QueueStore, clock: HandClock
) -> None:
    await called(store, CounterId("99"))
    async with display(config, clock) as pilot:
        assert current(pilot) == "K 001 → 99"


async def test_who_waits_for_a_unit_that_was_taken_out_is_shown_when_called(
    config: Config, store: QueueStore, clock: HandClock, bells: list[float]
) -> None:
    await called(store, FOUR, HEALTH)
    await issue(store)
    without = tuple(unit for unit in config.units if unit.id != LIBRARY)
    async with display(msgspec.structs.replace(config, units=without), clock) as pilot:
        await store.call_next(TWO, [LIBRARY])
        await until(pilot, lambda: current(pilot) == "K 001 → 2")
        assert texts(pilot, Now)[1:] == ["K 001", "→ 2", "Tiski 2"]
        await called(store, FOUR, HEALTH)
        await until(pilot, lambda: earlier(pilot) == ["K 001 → 2", "A 001 → 4"])
        assert "Terveysasema" in texts(pilot, Now)
        assert len(bells) == 3


# Who waits


async def test_people_waiting_are_counted_live(
    config: Config, store: QueueStore, clock: HandClock
) -> None:
    await store.open_counter(TWO)
    async with display(config, clock) as pilot:
        assert "K 0 " in waiting(pilot)
        await issue(store, LIBRARY, 3)
        await until(pilot, lambda: "K 3 " in waiting(pilot))
        await store.call_next(TWO, [LIBRARY])
        await until(pilot, lambda: "K 2 " in waiting(pilot))


async def test_a_dash_is_where_nobody_is_served_and_it_is_told_what_it_means(
    config: Config, store: QueueStore, clock: HandClock
) -> None:
    two, five = await store.open_counter(TWO), await store.open_counter(FIVE)
    assert two
    assert five
    await issue(store, LIBRARY, 2)
    meaning = words("fi").gettext("not open now")
    async with display(config, clock) as pilot:
        everyone = "Odottaa   P –   K 2   A 0   B 0   C –   D –   E –   – "
        await until(pilot, lambda: waiting(pilot) == everyone + meaning)

        # A break, a closed counter: whoever waits still sees how many wait.
        await store.pause_counter(two, paused=True)
        await until(pilot, lambda: "K 2 –" in waiting(pilot))
        await store.close_counter(five)
        await until(pilot, lambda: "A –" in waiting(pilot))
        await store.pause_counter(two, paused=False)
        await until(pilot, lambda: "K 2   A –" in waiting(pilot))
        for counter in config.counters:
            await store.open_counter(counter.id)
        await until(pilot, lambda: "–" not in waiting(pilot))
        assert meaning not in waiting(pilot)


async def test_a_unit_that_closes_gets_its_dash_at_that_minute(
    config: Config, store: QueueStore, clock: HandClock
) -> None:
    await store.open_counter(FIVE)
    clock.set(datetime(2026, 11, 24, 11, 29, 59, tzinfo=clock.zone))
    async with display(config, clock, HEALTH, MATERNITY) as pilot:
        assert "B Äitiys- ja lastenneuvola 0" in waiting(pilot)
        clock.set(datetime(2026, 11, 24, 11, 30, tzinfo=clock.zone))
        await until(pilot, lambda: "B Äitiys- ja lastenneuvola –" in waiting(pilot))
        assert "A Terveysasema 0" in waiting(pilot)


async def test_a_closed_unit_keeps_its_number_while_people_are_served(
    config: Config, store: QueueStore, clock: HandClock
) -> None:
    await store.open_counter(FIVE)
    await issue(store, MATERNITY)
    clock.set(datetime(2026, 11, 24, 11, 45, tzinfo=clock.zone))
    async with display(config, clock, HEALTH, MATERNITY) as pilot:
        assert "B Äitiys- ja lastenneuvola 1" in waiting(pilot)
        await store.call_next(FIVE, [MATERNITY])
        await until(pilot, lambda: "B Äitiys- ja lastenneuvola –" in waiting(pilot))


async def test_the_more_room_there_is_the_more_is_said_of_who_waits(
    config: Config, store: QueueStore, clock: HandClock
) -> None:
    for counter in config.counters:
        await store.open_counter(counter.id)
    at_once = words("fi").gettext("Less than {n} min", n=2)
    async with display(config, clock) as pilot:

        async def said_at(columns: int, rows: int) -> list[str]:
            await pilot.resize_terminal(columns, rows)
            await until(pilot, lambda: pilot.app.screen.size == (columns, rows))
            await pilot.pause()
            return waiting(pilot).splitlines()

        letters = ["Odottaa   P 0   K 0   A 0   B 0   C 0   D 0   E 0"]
        assert await said_at(80, 24) == letters
        names = await said_at(120, 35)
        assert len(names) == 2
        assert "C Hammashoitola            0   E Sosiaalipalvelut 0" in names[1]
        notes = await said_at(160, 45)
        assert len(notes) == 3
        assert f"K Kirjasto     0  {at_once}   C Hammashoitola" in notes[2]
        column = await said_at(67, 110)
        assert [line.split()[0] for line in column] == ["Odottaa", *"PKABCDE"]
        assert len({line.index(at_once) for line in column[1:]}) == 1
        assert await said_at(80, 24) == letters


async def test_who_waits_takes_the_same_room_in_every_language(
    config: Config, store: QueueStore, clock: HandClock
) -> None:
    for counter in config.counters:
        await store.open_counter(counter.id)
    quick = configured(config, turn_seconds=1)
    # In Finnish alone there would be room for more than in English, here as there.
    async with display(quick, clock, size=(105, 35)) as pilot:
        foot = pilot.app.query_one(Waiting)
        for columns, rows in [(105, 35), (150, 45)]:
            await pilot.resize_terminal(columns, rows)
            regions = set()
            for language in ("sv", "en", "fi"):
                title = words(language).gettext("Waiting")
                await until(pilot, lambda title=title: waiting(pilot).startswith(title))  # type: ignore[misc]
                await pilot.pause()
                regions.add(foot.region)
            assert len(regions) == 1, columns


async def test_a_unit_where_nobody_is_served_says_why_where_there_is_room(
    config: Config, store: QueueStore, clock: HandClock
) -> None:
    clock.set(datetime(2026, 11, 24, 15, 10, tzinfo=clock.zone))
    await store.open_counter(FIVE)
    async with display(config, clock, size=(240, 67)) as pilot:
        no_counter = words("fi").gettext("No counter is open")
        tomorrow = words("fi").gettext("Opens tomorrow at {time}", time="9.00")
        assert f"P Palvelupiste –  {no_counter}" in waiting(pilot)
        assert f"E Sosiaalipalvelut –  {tomorrow}" in waiting(pilot)


# Bad days


async def test_while_the_store_is_gone_it_says_since_when_and_loses_nothing(
    config: Config, store: QueueStore, clock: HandClock, bells: list[float]
) -> None:
    folder = Path(config.store.url.removeprefix("sqlite:")).parent
    elsewhere = folder.with_name("elsewhere")
    await called(store)
    async with display(config, clock, after=LONG) as pilot:
        folder.rename(elsewhere)
        clock.advance(minutes=5)
        old_data = pilot.app.query_one(OldData)
        await until(pilot, lambda: old_data.display)
        assert "10.52" in said(old_data)
        assert current(pilot) == "K 001 → 2"

        # Others go on with it where it is now: one call before the last two minutes, two within.
        moved = msgspec.structs.replace(config.store, url=f"sqlite:{elsewhere / 'queue.db'}")
        async with open_store(msgspec.structs.replace(config, store=moved), clock) as other:
            await called(other)
            clock.advance(minutes=3)
            await called(other)
            await called(other, FOUR, HEALTH)
        elsewhere.rename(folder)

        await until(pilot, lambda: current(pilot) == "K 003 → 2")
        assert not old_data.display
        assert is_news(pilot)
        assert earlier(pilot) == ["K 002 → 2", "K 001 → 2"]
        await until(pilot, lambda: current(pilot) == "A 001 → 4")
        await until(pilot, lambda: not is_news(pilot))
        assert len(bells) == 2


async def test_a_read_that_fails_halfway_loses_and_doubles_no_call(
    config: Config,
    store: QueueStore,
    clock: HandClock,
    bells: list[float],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with display(config, clock) as pilot:
        assert isinstance(pilot.app, DisplayApp)
        own = pilot.app.store
        in_full = own.traffic
        failures = iter([True, True])

        async def halfway(priority: Priority | None = None) -> Traffic:
            if next(failures, False):
                raise StoreError("The queue is busy")
            return await in_full(priority=priority)

        monkeypatch.setattr(own, "traffic", halfway)
        await called(store)
        await until(pilot, lambda: pilot.app.query_one(OldData).display)
        await until(pilot, lambda: current(pilot) == "K 001 → 2")
        await until(pilot, lambda: not is_news(pilot))
        assert len(bells) == 1


async def test_a_terminal_too_small_says_what_is_needed_and_recovers(
    config: Config, store: QueueStore, clock: HandClock
) -> None:
    async with display(config, clock, size=(59, 18)) as pilot:
        await until(pilot, lambda: isinstance(pilot.app.screen, TooSmall))
        assert "60×18" in said(pilot.app.screen.query_one(Static))
        await called(store)

        await pilot.resize_terminal(60, 18)
        await until(pilot, lambda: not isinstance(pilot.app.screen, TooSmall))
        await until(pilot, lambda: current(pilot) == "K 001 → 2")


async def test_no_key_and_no_tap_does_anything(
    config: Config, store: QueueStore, clock: HandClock
) -> None:
    await called(store)
    async with display(config, clock, after=LONG) as pilot:
        before = pilot.app.export_screenshot()
        for key in ("q", "escape", "enter", "tab", "ctrl+c", "ctrl+q", "ctrl+p", "ctrl+z", "f1"):
            await pilot.press(key)
        await pilot.click(Now)
        await pilot.double_click(Earlier)
        await pilot.pause()
        assert pilot.app.is_running
        assert pilot.app.export_screenshot() == before


# Languages


async def test_languages_take_turns(config: Config, store: QueueStore, clock: HandClock) -> None:
    await called(store, FOUR, HEALTH)
    quick = configured(config, turn_seconds=1)
    async with display(quick, clock, after=LONG) as pilot:
        names = ("Terveysasema", "Hälsostation", "Health centre", "Terveysasema")
        for name, language in zip(names, ("fi", "sv", "en", "fi"), strict=True):
            await until(pilot, lambda name=name: name in texts(pilot, Now))  # type: ignore[misc]
            assert title(pilot) == words(language).gettext("Last called")
            assert config.centre.name[language] in said(pilot.app.query_one("#centre"))


async def test_languages_stand_together_where_there_is_room(
    config: Config, store: QueueStore, clock: HandClock
) -> None:
    await called(store, FOUR, HEALTH)
    async with display(
        configured(config, languages="together"), clock, after=LONG, size=(160, 45)
    ) as pilot:
        assert "Huone 4 · Rum 4 · Room 4" in texts(pilot, Now)
        last = [words(each).gettext("Last called") for each in config.centre.languages]
        assert title(pilot) == " · ".join(dict.fromkeys(last))


async def test_where_they_have_no_room_together_they_take_turns(
    config: Config, store: QueueStore, clock: HandClock
) -> None:
    await called(store, FIVE, MATERNITY)
    quick = configured(config, languages="together", turn_seconds=1)
    async with display(quick, clock, size=(60, 18)) as pilot:
        for name in config.unit("maternity").name.values():
            await until(pilot, lambda name=name: name in texts(pilot, Now))  # type: ignore[misc]


# Layout


def faults(pilot: Pilot[None]) -> list[str]:
    """What is wrong with how the visible texts lie: outside of something, or upon each other."""
    leaves = [widget for widget in pilot.app.screen.walk_children(Widget) if seen(widget)]
    outside = [
        f"{widget} is not within {holder}"
        for widget in leaves
        for holder in widget.ancestors
        if isinstance(holder, Widget) and not holder.region.contains_region(widget.region)
    ]
    empty = [f"{widget} has no room" for widget in leaves if not widget.size.area]
    overlapping = [
        f"{one} lies upon {other}"
        for one, other in combinations(leaves, 2)
        if one.region.overlaps(other.region)
    ]
    return outside + empty + overlapping


@pytest.mark.parametrize("calls", [0, 1, 12])
@pytest.mark.parametrize("languages", ["turns", "together"])
async def test_nothing_overlaps_at_any_size(
    config: Config, store: QueueStore, clock: HandClock, calls: int, languages: str
) -> None:
    for number in range(calls):
        await called(store, *((TWO, LIBRARY) if number % 2 else (FIVE, MATERNITY)))
    notice = dict.fromkeys(config.centre.languages, "Huone 4 on tänään suljettu.")
    config = configured(here(config), languages=languages, notice=notice)
    async with display(config, clock, after=LONG) as pilot:
        for size in SIZES:
            await pilot.resize_terminal(*size)
            await until(pilot, lambda size=size: pilot.app.screen.size == size)  # type: ignore[misc]
            await pilot.pause()
            assert faults(pilot) == [], size
            screen, now = pilot.app.screen, pilot.app.query_one(Now)
            assert now.region.area > screen.region.area / 2, size
            assert bool(current(pilot)) == bool(calls), size
            assert len(earlier(pilot)) >= min(calls - 1, 3), size


async def test_it_follows_a_resize(config: Config, store: QueueStore, clock: HandClock) -> None:
    for _ in range(3):
        await called(store)
    async with display(config, clock, after=LONG, size=(80, 24)) as pilot:
        now, past = pilot.app.query_one(Now), pilot.app.query_one(Earlier)
        assert past.region.x > now.region.x
        await pilot.resize_terminal(67, 110)
        await until(pilot, lambda: past.region.y > now.region.bottom - 1)
        assert current(pilot) == "K 003 → 2"
        await pilot.resize_terminal(160, 45)
        await until(pilot, lambda: past.region.x > now.region.x)
        letters = past.query(".number").first(BigText)
        await until(pilot, lambda: (letters.max_rows or 0) >= 3)


async def test_number_and_counter_are_of_one_size(
    config: Config, store: QueueStore, clock: HandClock
) -> None:
    await called(store)
    async with display(config, clock) as pilot:
        number, counter = (pilot.app.query_one(each, BigText) for each in ("#number", "#counter"))
        for size in SIZES:
            await pilot.resize_terminal(*size)
            await until(pilot, lambda size=size: pilot.app.screen.size == size)  # type: ignore[misc]
            await pilot.pause()
            rows = number.most_rows()
            assert rows, size
            assert rows == counter.most_rows(), size
            assert rows >= 3, size


async def test_names_that_are_odd_or_long_are_shown_as_they_are(
    config: Config, store: QueueStore, clock: HandClock
) -> None:
    odd = {"fi": "[/b] 🚼 [red]", "sv": "[link=x]", "en": "\\["}
    long = dict.fromkeys(("fi", "sv", "en"), "Pitkä nimi " * 7 + "ja loppu")
    units = tuple(
        msgspec.structs.replace(unit, name={"library": odd, "health": long}.get(unit.id, unit.name))
        for unit in config.units
    )
    counters = tuple(
        msgspec.structs.replace(counter, name=long if counter.id == FOUR else odd)
        for counter in config.counters
    )
    centre = msgspec.structs.replace(config.centre, name=long)
    strange = msgspec.structs.replace(config, units=units, counters=counters, centre=centre)
    strange = configured(strange, notice=odd)

    await called(store)
    async with display(strange, clock) as pilot:
        assert texts(pilot, Now).count("[/b] 🚼 [red]") == 2
        await called(store, FOUR, HEALTH)
        await until(pilot, lambda: current(pilot) == "A 001 → 4")
        unit = pilot.app.query_one("#unit")
        lines = [unit.render_line(y).text for y in range(unit.size.height)]
        assert "…" in "".join(lines)
        assert all(len(line) <= unit.size.width for line in lines)
    async with display(strange, clock, LIBRARY, MATERNITY) as pilot:
        assert "K [/b] 🚼 [red] " in waiting(pilot)


async def test_the_clock_goes_with_the_minute(config: Config, clock: HandClock) -> None:
    clock.set(clock.now() + timedelta(seconds=59.5))
    async with display(config, clock) as pilot:
        assert said(pilot.app.query_one("#clock")) == "10.42"
        clock.advance(seconds=1)
        await until(pilot, lambda: said(pilot.app.query_one("#clock")) == "10.43")


def here(config: Config, url: str | None = "https://vuoro.example.org/") -> Config:
    """The centre, with tickets for the phones of those who are in the building."""
    return msgspec.structs.replace(
        config, web=msgspec.structs.replace(config.web, tickets="here", url=url)
    )


async def test_the_lobbys_code_is_shown_and_changes_every_five_minutes(
    config: Config, store: QueueStore, clock: HandClock
) -> None:
    secret = await store.door_secret()
    clock.set(clock.now().replace(minute=44, second=59, microsecond=500_000))
    first = door_code(secret, clock.now())
    async with display(here(config), clock) as pilot:
        meaning = "Koodi vuoronumeron ottamiseen puhelimella: vuoro.example.org"
        assert texts(pilot, Code) == [first, meaning]

        clock.advance(seconds=1)
        await until(pilot, lambda: texts(pilot, Code)[0] == door_code(secret, clock.now()))
        assert texts(pilot, Code)[0] != first


async def test_the_code_changes_while_the_store_is_out_of_reach(
    config: Config, store: QueueStore, clock: HandClock, tmp_path: Path
) -> None:
    secret = await store.door_secret()
    async with display(here(config), clock) as pilot:
        assert isinstance(pilot.app, DisplayApp)
        (tmp_path / "var").rename(tmp_path / "away")
        await until(pilot, lambda: pilot.app.query_one(OldData).display)
        clock.advance(minutes=5)
        pilot.app.minute()
        assert texts(pilot, Code)[0] == door_code(secret, clock.now())
        (tmp_path / "away").rename(tmp_path / "var")


@pytest.mark.parametrize("tickets", ["no", "anywhere"])
async def test_there_is_no_code_where_phones_need_none(
    config: Config, clock: HandClock, tickets: Literal["no", "anywhere"]
) -> None:
    web = msgspec.structs.replace(config.web, tickets=tickets)
    async with display(msgspec.structs.replace(config, web=web), clock) as pilot:
        assert texts(pilot, Code) == []


async def test_without_an_address_the_code_is_shown_alone(config: Config, clock: HandClock) -> None:
    async with display(here(config, url=None), clock) as pilot:
        assert texts(pilot, Code)[1:] == ["Koodi vuoronumeron ottamiseen puhelimella"]


async def test_where_there_is_little_room_the_code_is_explained_in_short(
    config: Config, clock: HandClock
) -> None:
    async with display(here(config), clock, size=(60, 18)) as pilot:
        assert texts(pilot, Code)[1:] == ["Koodi puhelimelle: vuoro.example.org"]
        await pilot.resize_terminal(120, 35)
        await until(pilot, lambda: "vuoronumeron" in texts(pilot, Code)[1])


async def test_who_waits_for_a_unit_that_was_removed_is_counted_without_its_id(
    config: Config, store: QueueStore, clock: HandClock
) -> None:
    async with display(config, clock, size=(160, 45)) as pilot:
        await store.issue([UnitId("books")], series="Z", language="fi")
        await until(pilot, lambda: "Muu palvelu" in waiting(pilot))
        assert re.search(r"[?] Muu palvelu +1 +Toistaiseksi suljettu", waiting(pilot))
        await pilot.resize_terminal(60, 18)
        await until(pilot, lambda: re.search(r"[?] +1 –", waiting(pilot)) is not None)
        await pilot.resize_terminal(160, 45)

        await store.call_next(TWO, [UnitId("books")])
        await until(pilot, lambda: current(pilot) == "Z 001 → 2")
        assert "Muu palvelu" not in waiting(pilot)
    async with display(config, clock, LIBRARY) as pilot:
        await store.issue([UnitId("books")], series="Z", language="fi")
        await issue(store)
        await until(pilot, lambda: "K" in waiting(pilot) and "1" in waiting(pilot))
        assert "Muu palvelu" not in waiting(pilot)


async def test_no_widget_is_made_by_an_update(
    config: Config, store: QueueStore, clock: HandClock
) -> None:
    quick = configured(config, turn_seconds=1)
    async with display(quick, clock) as pilot:
        before = set(pilot.app.screen.walk_children(Widget))
        await issue(store, LIBRARY, 2)
        await called(store)
        await called(store, FOUR, HEALTH)
        await until(pilot, lambda: current(pilot) == "A 001 → 4")
        await until(pilot, lambda: "Hälsostation" in texts(pilot, Now))
        assert set(pilot.app.screen.walk_children(Widget)) == before
