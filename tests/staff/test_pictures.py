"""What the console looks like, in the centre's languages and at several sizes."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from textual.pilot import Pilot

from shared.config import Config, load_config
from shared.config.shape import NetworkPrinter, Printer, Theme
from shared.model import Appointment, CounterId, UnitId
from shared.store import QueueStore, open_store
from shared.store.sqlite import SqliteStore
from staff.app import Look, StaffApp
from tests.conftest import ROOT, HandClock, eventually
from tests.staff.conftest import Console, Keyboard, give, give_one, speaking

SnapCompare = Callable[..., bool]
Take = Callable[..., bool]
TWO, THREE = CounterId("2"), CounterId("3")


class Picture(StaffApp):
    """A console that opens its store itself: the picture's taker runs it in a loop of its own."""

    CSS_PATH = str(ROOT / "staff" / "staff.tcss")

    def __init__(self, config: Config, clock: HandClock, counter: str | None) -> None:
        path = Path(config.store.url.removeprefix("sqlite:"))
        self._own_store = SqliteStore(path, clock, config.store.patience)
        self._shown: Look | None = None
        super().__init__(
            config, self._own_store, clock, config.counter(counter) if counter else None
        )

    def show(self, view: Look) -> None:
        super().show(view)
        self._shown = view

    async def is_settled(self) -> bool:
        """Tell whether the store has answered, and everything that it holds is shown."""
        is_busy = self._station is not None and self._station.busy
        return not is_busy and self._shown == await self.read()

    async def run_async(self, **how: Any) -> Any:
        async with self._own_store:
            return await super().run_async(**how)


LOOKS = [
    ("fi", (60, 16)),
    ("sv", (60, 16)),
    ("en", (60, 16)),
    ("sv", (80, 24)),
    ("fi", (160, 45)),
]
"""Where room is short, it is the longest words that count; so the least size is seen in all
languages."""


@pytest.fixture(
    params=LOOKS, ids=[f"{language}-{width}x{height}" for language, (width, height) in LOOKS]
)
def take(
    request: pytest.FixtureRequest, snap_compare: SnapCompare, config: Config, clock: HandClock
) -> Take:
    """Take pictures in one of the centre's languages and at one of several sizes."""
    language, size = request.param

    def taken(counter: str | None, *keys: str, printer: Printer | None = None) -> bool:
        told = msgspec.structs.replace(speaking(language, config), printer=printer)
        return picture(snap_compare, Picture(told, clock, counter), size, keys)

    return taken


def picture(
    snap_compare: SnapCompare, app: Picture, size: tuple[int, int], keys: Sequence[str]
) -> bool:
    """Compare the picture of a console that has had these keys pressed."""

    async def before(pilot: Pilot[None]) -> None:
        at = Console(app, pilot, Keyboard())
        await at.until(lambda: bool(at.text.strip()))
        for key in ("", *keys):
            if key:
                await at.press(key)
            await eventually(app.is_settled)

    return snap_compare(app, terminal_size=size, run_before=before)


@pytest.fixture(scope="session")
def morning(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A queue's file: a morning has passed, and all that can be said of tickets is to be seen."""
    file = tmp_path_factory.mktemp("morning") / "queue.db"
    asyncio.run(_spend_morning(load_config(ROOT / "config.toml"), HandClock(), file))
    return file


async def _spend_morning(config: Config, clock: HandClock, file: Path) -> None:
    async with SqliteStore(file, clock, config.store.patience) as store:
        clock.set(datetime(2026, 11, 24, 9, 35))  # noqa: DTZ001 – the centre's own time
        await store.open_counter(TWO)
        for unit in ("library", "service-point", "social", "library", "home-care") * 3:
            last = await give_one(store, config, unit)
            clock.advance(minutes=4)
        await give_one(store, config, "library", "health")
        social = (await store.desk(THREE, [UnitId("social")])).waiting
        await store.head_start(social[-1].id, config.priorities[0])
        await store.put_off(last.token, by=timedelta(minutes=5), times=2)
        await transfer(store, config, "dental", "library")
        at = datetime(2026, 11, 24, 10, 35, tzinfo=clock.zone)
        booked = Appointment(code="AB1", unit=UnitId("social"), at=at)
        await store.import_appointments([booked])
        await store.check_in(booked, series="E", language="fi")
        clock.set(datetime(2026, 11, 24, 10, 38))  # noqa: DTZ001
        units = config.counter("3").units
        await store.call_next(THREE, units)
        await store.park(THREE)
        clock.set(datetime(2026, 11, 24, 10, 40))  # noqa: DTZ001
        await store.call_next(THREE, units)
        await store.recall(THREE)


@pytest.fixture
def filled(config: Config, morning: Path) -> None:
    """Let the morning have passed here."""
    shutil.copy(morning, config.store.url.removeprefix("sqlite:"))


async def transfer(store: QueueStore, config: Config, unit: str, to: str) -> None:
    """Let somebody come to one unit and be sent on to another, to come back."""
    await give(store, config, unit)
    await store.call_next(TWO, [UnitId(unit)])
    reason = config.reasons[0].id
    await store.transfer(TWO, UnitId(to), reason=reason, comes_back=True)


@pytest.mark.usefixtures("filled")
def test_the_choice(take: Take) -> None:
    assert take(None, "down")


@pytest.mark.usefixtures("filled")
def test_someone_at_the_counter(take: Take) -> None:
    assert take("3")


@pytest.mark.usefixtures("filled")
def test_a_chosen_ticket(take: Take) -> None:
    assert take("3", "end", "up")


@pytest.mark.usefixtures("filled")
def test_a_transfer(take: Take) -> None:
    assert take("3", "t", "c")


@pytest.mark.usefixtures("filled")
def test_a_question(take: Take) -> None:
    assert take("3", "down", "l")


@pytest.mark.usefixtures("filled")
def test_a_break(take: Take) -> None:
    assert take("3", "f", "y", "b", "1")


@pytest.mark.usefixtures("filled")
def test_the_whole_centre(take: Take) -> None:
    assert take("3", "w", "down")


@pytest.mark.usefixtures("filled")
def test_a_units_queue(take: Take) -> None:
    assert take("3", "w", "2")


def test_nobody(take: Take) -> None:
    assert take("3")


def test_the_help(take: Take) -> None:
    assert take("3", "question_mark")


@pytest.mark.usefixtures("filled")
def test_a_fault_of_the_printer(take: Take, config: Config, clock: HandClock) -> None:
    in_store(config, clock, lambda store: store.report_printer("The printer is out of paper"))
    assert take("3", "a", printer=NetworkPrinter(host="127.0.0.1"))


@pytest.mark.usefixtures("filled")
def test_what_the_configuration_has_lost(take: Take, config: Config, clock: HandClock) -> None:
    async def lose(store: QueueStore) -> None:
        old, gone = UnitId("old-unit"), CounterId("9")
        await store.issue([old], series="O", language="fi")
        await store.park(gone, errand=(await store.find("O", 1))[0].id)
        await store.call_next(gone, [UnitId("library")])

    in_store(config, clock, lose)
    assert take("3", "w", "end")


@pytest.mark.parametrize("theme", ["dark", "contrast"])
@pytest.mark.parametrize("keys", [["down", "down"], ["w"]], ids=["counter", "centre"])
@pytest.mark.usefixtures("filled")
def test_themes(
    snap_compare: SnapCompare, config: Config, clock: HandClock, theme: Theme, keys: list[str]
) -> None:
    themed = msgspec.structs.replace(
        config, staff=msgspec.structs.replace(config.staff, theme=theme)
    )
    assert picture(snap_compare, Picture(themed, clock, "3"), (120, 36), keys)


def in_store(config: Config, clock: HandClock, do: Callable[[QueueStore], Awaitable[None]]) -> None:
    """Do something in the store, before its console is begun."""

    async def done() -> None:
        async with open_store(config, clock) as store:
            await do(store)

    asyncio.run(done())
