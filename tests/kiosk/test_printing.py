"""A kiosk with a printer: what comes out, what the resident is told, what the staff get to know.

What can be wrong with a printer, and how it is found out, is the matter of test_paper_network.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import msgspec
import pytest

from kiosk.app import KioskApp
from kiosk.paper import printing
from shared.config import Config
from shared.config.shape import FilePrinter, NetworkPrinter
from shared.store import QueueStore
from shared.tui.notices import OldData
from shared.tui.qr import QRCode
from shared.words import words
from tests.conftest import HandClock, eventually
from tests.kiosk.pilot import (
    Kiosk,
    big,
    book,
    kiosk,
    rows,
    shows,
    strike,
    take,
    texts,
    tickets,
    until,
    view,
    with_web,
)
from tests.kiosk.printing import RECEIPT
from tests.kiosk.receipt_printer import NetworkPort, ReceiptPrinter
from tests.large_print import large
from tools.lobby import Lobby

NO_PAPER = "No paper ticket: please remember your number"


@pytest.fixture(autouse=True)
def _often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(printing, "TRIES", 0.2)


@pytest.fixture
async def port() -> AsyncIterator[NetworkPort]:
    async with NetworkPort(ReceiptPrinter()) as port:
        yield port


@pytest.fixture
def printer(port: NetworkPort) -> ReceiptPrinter:
    return port.printer


@pytest.fixture
def config(config: Config, port: NetworkPort) -> Config:
    at = NetworkPrinter(host="127.0.0.1", port=port.number)
    return msgspec.structs.replace(with_web(config), printer=at)


async def looked_at(port: NetworkPort) -> None:
    """Wait until the kiosk has come to the printer, and left again."""

    async def seen() -> bool:
        return port.connections > 0 and not port.is_talking

    await eventually(seen)


async def prints(printer: ReceiptPrinter, times: int = 1) -> None:
    """Wait until so many tickets have come out."""

    async def printed() -> bool:
        return len(printer.tickets) >= times

    await eventually(printed)
    assert len(printer.tickets) == times


async def staff_read(store: QueueStore, title: str | None) -> None:
    """Wait until this is what the staff's consoles tell of the printer."""

    async def told() -> bool:
        fault = await store.printer_fault()
        return (fault and fault.fault) == title

    await eventually(told)


def head(pilot: Kiosk) -> str:
    return big(pilot, "#greeting")


# What comes out


async def test_the_paper_says_what_the_screen_says(
    config: Config, store: QueueStore, clock: HandClock, port: NetworkPort, printer: ReceiptPrinter
) -> None:
    await take(store, 2)
    async with kiosk(config, store, clock) as pilot:
        await looked_at(port)
        await strike(pilot, "f3", "2")
        await shows(pilot, "ticket")
        await prints(printer)
        [paper] = printer.tickets
        assert paper.codes == [pilot.app.query_one(QRCode).data]
        for said in ("Library", "No counter is open", "2 people ahead of you"):
            assert said in paper.text
            assert said in texts(pilot)
        assert NO_PAPER not in texts(pilot)


async def test_the_number_is_saved_and_on_the_screen_before_it_is_on_paper(
    config: Config, store: QueueStore, clock: HandClock, port: NetworkPort, printer: ReceiptPrinter
) -> None:
    async with kiosk(config, store, clock) as pilot:
        await looked_at(port)
        seen: list[object] = []
        receive = printer.receive

        def look(data: bytes) -> None:
            if b"\x1b@" in data:  # a ticket begins
                seen.append((tickets(config), view(pilot), big(pilot, "#number")))
            receive(data)

        printer.receive = look  # type: ignore[method-assign]
        await pilot.press("2")
        await prints(printer)
        assert seen == [([("K", 1, "library", "fi")], "ticket", "K 001")]


async def test_one_ticket_for_several_units_is_one_paper(
    config: Config, store: QueueStore, clock: HandClock, printer: ReceiptPrinter
) -> None:
    async with kiosk(config, store, clock) as pilot:
        await strike(pilot, "f2", "f5", "2", "3", "enter")
        await prints(printer)
        assert "Bibliotek" in printer.tickets[0].text
        assert "Hälsostation" in printer.tickets[0].text


async def test_an_appointment_comes_with_its_time(
    config: Config, store: QueueStore, clock: HandClock, printer: ReceiptPrinter
) -> None:
    await book(store, clock, "health", AB1=18)
    async with kiosk(config, store, clock) as pilot:
        await strike(pilot, "f3", "f6")
        await strike(pilot, "a", "b", "1", "enter")
        await prints(printer)
        assert "Your appointment is at 11:00" in printer.tickets[0].text


# What can be wrong

FAULTS: dict[str, tuple[Callable[[NetworkPort], object], str]] = {
    "out of paper": (
        lambda port: setattr(port.printer, "paper", "out"),
        "The printer is out of paper",
    ),
    "unplugged": (lambda port: port.close(), "The printer cannot be reached"),
    "offline": (
        lambda port: setattr(port.printer, "is_offline", True),
        "The printer is offline",
    ),
    "hung": (lambda port: port.reads.clear(), "The printer does not answer"),
}


async def mend(port: NetworkPort) -> None:
    port.printer.mend()
    port.reads.set()
    if not port.is_open:
        await port.open()


@pytest.mark.parametrize(("happens", "title"), FAULTS.values(), ids=FAULTS)
async def test_without_paper_the_number_stays_everybody_is_told_and_it_comes_out_later(
    config: Config,
    store: QueueStore,
    clock: HandClock,
    port: NetworkPort,
    happens: Callable[[NetworkPort], object],
    title: str,
) -> None:
    async with kiosk(config, store, clock) as pilot:
        await looked_at(port)
        greeting = head(pilot)
        done = happens(port)
        if isinstance(done, Awaitable):
            await done
        await strike(pilot, "f3", "2")
        await shows(pilot, "ticket")
        began = time.monotonic()
        await until(pilot, lambda: NO_PAPER in texts(pilot))
        assert time.monotonic() - began < 3
        assert big(pilot, "#number") == "K 001"
        number, told = pilot.app.query_one("#number"), pilot.app.query_one("#next")
        assert number.region.bottom <= told.region.y
        assert head(pilot) == f"No paper tickets. {title}."
        await staff_read(store, title)
        assert port.printer.tickets == []

        await mend(port)
        await prints(port.printer)
        assert port.printer.tickets[0].codes == [pilot.app.query_one(QRCode).data]
        await until(pilot, lambda: NO_PAPER not in texts(pilot))
        assert head(pilot) == greeting
        await staff_read(store, None)


async def test_a_fault_stands_on_the_kiosk_before_anybody_comes_in_their_language(
    config: Config, store: QueueStore, clock: HandClock, printer: ReceiptPrinter
) -> None:
    printer.cover_open = True
    async with kiosk(config, store, clock) as pilot:
        await until(pilot, lambda: head(pilot) == "Ei vuorolappuja. Tulostimen kansi on auki.")
        await pilot.press("f2")
        assert head(pilot) == "Inga nummerlappar. Skrivarens lucka är öppen."
        await staff_read(store, "The printer's cover is open")


async def test_paper_that_runs_low_is_for_the_staff_to_know(
    config: Config, store: QueueStore, clock: HandClock, printer: ReceiptPrinter
) -> None:
    printer.paper = "low"
    async with kiosk(config, store, clock) as pilot:
        await staff_read(store, "The printer's paper is running out")
        await strike(pilot, "f3", "2")
        await prints(printer)
        assert "Welcome" in head(pilot)
        assert NO_PAPER not in texts(pilot)


async def test_the_next_one_is_not_told_what_the_one_before_was(
    config: Config, store: QueueStore, clock: HandClock, port: NetworkPort
) -> None:
    port.reads.clear()
    async with kiosk(config, store, clock) as pilot:
        await strike(pilot, "f3", "2")
        await until(pilot, lambda: NO_PAPER in texts(pilot))
        await mend(port)
        await prints(port.printer)
        await pilot.press("enter")
        await strike(pilot, "f3", "3")
        await shows(pilot, "ticket")
        assert NO_PAPER not in texts(pilot)
        await prints(port.printer, 2)
        assert NO_PAPER not in texts(pilot)


@pytest.mark.parametrize("of", ["network", "file"])
async def test_a_hung_printer_does_not_keep_the_next_one_waiting(
    config: Config,
    store: QueueStore,
    clock: HandClock,
    port: NetworkPort,
    tmp_path: Path,
    of: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("shared.tui.guard.AGAIN", 0)
    if of == "file":  # a pipe at whose other end nobody reads
        device = tmp_path / "lp0"
        os.mkfifo(device)
        config = msgspec.structs.replace(config, printer=FilePrinter(device=str(device)))
    port.reads.clear()
    async with kiosk(config, store, clock) as pilot:
        for number in range(1, 4):
            began = time.monotonic()
            await pilot.press("2")
            await shows(pilot, "ticket")
            assert big(pilot, "#number") == f"K {number:03}"
            await pilot.press("enter")
            assert view(pilot) == "welcome"
            assert time.monotonic() - began < 2.5  # less than a printer is waited for


# What the staff want


async def test_what_the_staff_want_once_more_comes_out(
    config: Config, store: QueueStore, clock: HandClock, port: NetworkPort, printer: ReceiptPrinter
) -> None:
    [first, _] = await take(store, 2)
    async with kiosk(config, store, clock) as pilot:
        await looked_at(port)
        await store.ask_for_printout()
        await prints(printer)
        [errand] = await store.find(first.series, first.number)
        await store.ask_for_printout(errand.id)
        await prints(printer, 2)
        tokens = [token for (token,) in rows(config, "SELECT token FROM ticket ORDER BY id DESC")]
        printed = [code for paper in printer.tickets for code in paper.codes]
        assert printed == [f"https://vuoro.example.org/t/{token}" for token in tokens]
        assert view(pilot) == "welcome"


async def test_what_was_wanted_before_the_kiosk_began_comes_out(
    config: Config, store: QueueStore, clock: HandClock, printer: ReceiptPrinter
) -> None:
    await take(store)
    await store.ask_for_printout()
    async with kiosk(config, store, clock):
        await prints(printer)


async def test_what_is_wanted_of_a_unit_that_is_gone_comes_out_without_its_id(
    config: Config, store: QueueStore, clock: HandClock, printer: ReceiptPrinter
) -> None:
    await take(store, unit="archive")
    await store.ask_for_printout()
    async with kiosk(config, store, clock):
        await prints(printer)
        assert words("fi").gettext("Another service") in printer.tickets[0].text
        assert "archive" not in printer.tickets[0].text


async def test_what_is_wanted_while_there_is_no_paper_waits_for_it(
    config: Config, store: QueueStore, clock: HandClock, port: NetworkPort, printer: ReceiptPrinter
) -> None:
    printer.paper = "out"
    async with kiosk(config, store, clock):
        await staff_read(store, "The printer is out of paper")
        await take(store)
        await store.ask_for_printout()
        clock.advance(minutes=10)
        await mend(port)
        await prints(printer)


async def test_what_was_wanted_as_the_paper_ran_out_comes_out_on_the_next_roll(
    config: Config, store: QueueStore, clock: HandClock, port: NetworkPort, printer: ReceiptPrinter
) -> None:
    await take(store)
    async with kiosk(config, store, clock):
        await looked_at(port)
        printer.paper = "out"  # which is found out by printing
        await store.ask_for_printout()
        await staff_read(store, "The printer is out of paper")
        clock.advance(minutes=10)
        await mend(port)
        await prints(printer)


async def test_a_kiosk_without_a_printer_leaves_it_to_others(
    config: Config, store: QueueStore, clock: HandClock
) -> None:
    await take(store)
    await store.ask_for_printout()
    async with kiosk(msgspec.structs.replace(config, printer=None), store, clock) as pilot:
        await pilot.press("2")
        await shows(pilot, "ticket")
    assert await store.take_printout() is not None


async def test_a_fault_that_came_while_the_store_was_away_is_told_when_it_is_back(
    config: Config, store: QueueStore, clock: HandClock, port: NetworkPort, tmp_path: Path
) -> None:
    path = Path(config.store.url.removeprefix("sqlite:"))
    away = tmp_path / "away"
    away.mkdir()
    async with kiosk(config, store, clock) as pilot:
        await looked_at(port)
        files = list(path.parent.glob("queue.db*"))
        for file in files:
            shutil.move(file, away)
        await until(pilot, lambda: pilot.app.query_one(OldData).display)
        await port.close()
        app = pilot.app
        assert isinstance(app, KioskApp)
        assert app.printing is not None
        printout = asyncio.create_task(app.printing.print(RECEIPT))
        await until(pilot, lambda: head(pilot).startswith("Ei vuorolappuja."))
        for file in files:
            shutil.move(away / file.name, file)
        await staff_read(store, "The printer cannot be reached")
        await printout


# As it is run


async def test_the_real_program_prints_tells_and_ends_whatever_the_printer_does(
    port: NetworkPort, printer: ReceiptPrinter, tmp_path: Path
) -> None:
    lobby = Lobby(tmp_path, {("web", "url"): "https://vuoro.example.org"})
    with lobby.file.open("a") as file:
        file.write(f'[printer]\ntype = "network"\nhost = "127.0.0.1"\nport = {port.number}\n')

    def play() -> None:
        with lobby.terminal("kiosk") as terminal:
            terminal.until("Servicepunkten")
            terminal.press("2")
            terminal.until(lambda: large(terminal, "K 001"))
            terminal.until(lambda: len(printer.tickets) == 1)
            terminal.press("enter")
            terminal.until("Servicepunkten")
            printer.paper = "out"
            terminal.press("f3", "3")
            terminal.until(lambda: large(terminal, "A 001"))
            terminal.until("No paper ticket")
            terminal.until(lambda: lobby.rows("SELECT fault FROM printer_fault"))
            port.reads.clear()
            assert terminal.terminate() == 0

    await asyncio.to_thread(play)
    [(token,)] = lobby.rows("SELECT token FROM ticket ORDER BY id LIMIT 1")
    assert printer.tickets[0].codes == [f"https://vuoro.example.org/t/{token}"]


async def test_one_ticket_for_a_script_is_not_on_paper(port: NetworkPort, tmp_path: Path) -> None:
    lobby = Lobby(tmp_path)
    with lobby.file.open("a") as file:
        file.write(f'[printer]\ntype = "network"\nhost = "127.0.0.1"\nport = {port.number}\n')
    answer = await asyncio.to_thread(lobby.run, "kiosk", "issue", "library")
    assert answer["ticket"] == "K 001"
    assert port.connections == 0
