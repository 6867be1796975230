"""A printer in the network, and all that can happen to it.

Whatever it is, the resident is told within three seconds: ``Kiosk.print`` holds that each time.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime

import msgspec
import pytest

from kiosk.paper import printing
from kiosk.paper.protocol import Fault, Receipt
from shared.config.shape import NetworkPrinter
from tests.conftest import HandClock, eventually
from tests.kiosk.printing import RECEIPT, Kiosk, kiosk
from tests.kiosk.receipt_printer import NetworkPort, ReceiptPrinter


@pytest.fixture(autouse=True)
def _often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(printing, "TRIES", 0.2)


@pytest.fixture
def printer() -> ReceiptPrinter:
    return ReceiptPrinter()


@pytest.fixture
async def port(printer: ReceiptPrinter) -> AsyncIterator[NetworkPort]:
    async with NetworkPort(printer) as port:
        yield port


@pytest.fixture
async def lobby(port: NetworkPort, clock: HandClock) -> AsyncIterator[Kiosk]:
    """Run a kiosk that has looked at its printer once."""
    config = NetworkPrinter(host="127.0.0.1", port=port.number)
    async with kiosk(config, clock) as made:
        await looked_at(port)
        yield made


async def looked_at(port: NetworkPort) -> None:
    """Wait until the kiosk has come to the printer, and left again."""
    before = port.connections

    async def seen() -> bool:
        return port.connections > before and not port.is_talking

    await eventually(seen)


async def prints(printer: ReceiptPrinter, times: int) -> None:
    """Wait until so many tickets have come out."""

    async def printed() -> bool:
        return len(printer.tickets) >= times

    await eventually(printed)
    assert len(printer.tickets) == times


def ticket(number: str) -> Receipt:
    return msgspec.structs.replace(RECEIPT, number=number, centre=number)


def numbers(printer: ReceiptPrinter) -> list[str]:
    return [paper.lines[0] for paper in printer.tickets]


# What can be wrong

Port = NetworkPort
FAULTS: dict[str, tuple[Callable[[Port], object], Fault]] = {
    "out of paper": (lambda port: setattr(port.printer, "paper", "out"), Fault.NO_PAPER),
    "cover open": (lambda port: setattr(port.printer, "cover_open", True), Fault.COVER_OPEN),
    "cover open and no paper": (
        lambda port: vars(port.printer).update(cover_open=True, paper="out"),
        Fault.COVER_OPEN,
    ),
    "jammed": (lambda port: setattr(port.printer, "has_error", True), Fault.STOPPED),
    "offline": (lambda port: setattr(port.printer, "is_offline", True), Fault.OFFLINE),
    "takes connections and does not read": (lambda port: port.reads.clear(), Fault.SILENT),
    "reads and does not answer": (
        lambda port: setattr(port.printer, "answers", False),
        Fault.SILENT,
    ),
    "takes connections and drops them": (
        lambda port: setattr(port, "breaks_after", 0),
        Fault.UNREACHABLE,
    ),
    "switched off": (lambda port: port.close(), Fault.UNREACHABLE),
}


async def mend(port: NetworkPort) -> None:
    port.printer.answers = True
    port.printer.mend()
    port.breaks_after = None
    port.reads.set()
    if not port.is_open:
        await port.open()


@pytest.mark.parametrize(("happens", "fault"), FAULTS.values(), ids=FAULTS)
async def test_a_fault_is_told_and_printing_goes_on_by_itself_when_it_is_mended(
    lobby: Kiosk, port: NetworkPort, happens: Callable[[Port], object], fault: Fault
) -> None:
    assert await lobby.print() is None
    done = happens(port)
    if isinstance(done, Awaitable):
        await done
    assert await lobby.fails() == fault
    assert lobby.faults == [fault]
    assert len(port.printer.tickets) == 1
    await mend(port)
    await lobby.knows(None)
    assert lobby.faults == [fault, None]
    await prints(port.printer, 2)
    assert await lobby.print() is None


async def test_paper_that_runs_low_is_told_and_prints_all_the_same(
    lobby: Kiosk, printer: ReceiptPrinter
) -> None:
    printer.paper = "low"
    assert await lobby.print() is None
    assert len(printer.tickets) == 1
    await lobby.knows(Fault.PAPER_LOW)
    printer.mend()
    assert await lobby.print() is None
    assert lobby.faults == [Fault.PAPER_LOW, None]


async def test_paper_that_ends_amid_a_ticket_is_told_and_the_ticket_printed_anew(
    lobby: Kiosk, printer: ReceiptPrinter
) -> None:
    printer.paper_left = 300
    assert await lobby.fails() == Fault.NO_PAPER
    assert "[picture]" in printer.torn
    assert printer.tickets == []
    printer.mend()
    # The printer itself ends what it has begun; but nobody can know that of all printers.
    await prints(printer, 2)
    assert printer.tickets[0].codes == printer.tickets[1].codes == [RECEIPT.address]


async def test_a_connection_that_is_lost_amid_a_ticket_is_told_and_the_ticket_printed_anew(
    lobby: Kiosk, port: NetworkPort
) -> None:
    port.breaks_after = 1500
    assert await lobby.fails() == Fault.UNREACHABLE
    port.breaks_after = None
    port.printer.switch_off()
    await prints(port.printer, 1)
    assert port.printer.tickets[0].codes == [RECEIPT.address]


async def test_a_printer_that_stops_reading_amid_a_ticket_is_told(
    lobby: Kiosk, port: NetworkPort
) -> None:
    port.stops_after = 1500
    assert await lobby.fails() == Fault.SILENT
    assert port.printer.tickets == []


@pytest.mark.parametrize("host", ["printer.invalid", "192.0.2.1"], ids=["no name", "no route"])
async def test_an_address_that_leads_nowhere_is_told(clock: HandClock, host: str) -> None:
    async with kiosk(NetworkPrinter(host=host), clock) as lobby:
        await lobby.knows(Fault.UNREACHABLE)
        assert await lobby.fails() == Fault.UNREACHABLE
        assert lobby.printing.fault is not None
        assert f"{host}:9100" in lobby.printing.fault.message


# Slow printers, and those that do not tell all


async def test_a_slow_printer_is_waited_for(lobby: Kiosk, printer: ReceiptPrinter) -> None:
    printer.seconds = 1
    assert await lobby.print() is None
    assert len(printer.tickets) == 1


async def test_a_printer_that_does_not_tell_when_it_is_done_prints(
    lobby: Kiosk, printer: ReceiptPrinter
) -> None:
    printer.tells_end = False
    assert await lobby.print() is None
    assert await lobby.print() is None
    assert len(printer.tickets) == 2
    printer.paper = "out"
    assert await lobby.fails() == Fault.NO_PAPER


async def test_a_printer_that_never_answers_prints_if_the_configuration_says_so(
    port: NetworkPort, clock: HandClock
) -> None:
    port.printer.answers = False
    config = NetworkPrinter(host="127.0.0.1", port=port.number, status=False)
    async with kiosk(config, clock) as lobby:
        assert await lobby.print() is None
        await prints(port.printer, 1)
        await port.close()
        assert await lobby.fails() == Fault.UNREACHABLE


# What is printed when the printer is back


async def test_who_came_last_has_their_ticket_first(lobby: Kiosk, printer: ReceiptPrinter) -> None:
    printer.cover_open = True
    for number in ("K 001", "K 002"):
        assert await lobby.fails(ticket(number)) == Fault.COVER_OPEN
    printer.mend()
    await prints(printer, 2)
    assert numbers(printer) == ["K 002", "K 001"]


@pytest.mark.parametrize(
    "began",
    [
        datetime(2026, 11, 24, 8, 42, tzinfo=UTC),
        # The clocks go forward, and back, a moment after the second ticket.
        datetime(2026, 3, 29, 0, 58, 25, tzinfo=UTC),
        datetime(2026, 10, 25, 0, 58, 25, tzinfo=UTC),
    ],
    ids=str,
)
async def test_a_ticket_is_not_printed_after_two_minutes(
    lobby: Kiosk, printer: ReceiptPrinter, clock: HandClock, began: datetime
) -> None:
    clock.set(began)
    printer.paper = "out"
    await lobby.fails(ticket("K 001"))
    clock.advance(seconds=90)
    await lobby.fails(ticket("K 002"))
    clock.advance(seconds=31)
    printer.mend()
    await lobby.knows(None)
    assert await lobby.print(ticket("K 003")) is None
    assert sorted(numbers(printer)) == ["K 002", "K 003"]


async def test_tickets_asked_for_at_once_are_all_printed(
    lobby: Kiosk, printer: ReceiptPrinter
) -> None:
    asked = [ticket(f"K {number:03}") for number in range(5)]
    assert await asyncio.gather(*map(lobby.print, asked)) == [None] * 5
    assert sorted(numbers(printer)) == [each.number for each in asked]


async def test_of_tickets_asked_for_at_once_each_is_told_in_time(
    lobby: Kiosk, port: NetworkPort
) -> None:
    port.reads.clear()
    assert await asyncio.gather(*(lobby.fails(ticket(f"K {n:03}")) for n in range(4))) == (
        [Fault.SILENT] * 4
    )


async def test_who_waits_behind_slow_tickets_is_told_in_time_and_has_paper_later(
    lobby: Kiosk, printer: ReceiptPrinter
) -> None:
    printer.seconds = 1.2
    asked = [ticket(f"K {number:03}") for number in range(4)]
    told = await asyncio.gather(*map(lobby.print, asked))
    assert told.count(None) < 4
    await prints(printer, 4)


async def test_a_ticket_is_printed_although_nobody_waits_for_it_any_more(
    lobby: Kiosk, printer: ReceiptPrinter
) -> None:
    asked = asyncio.create_task(lobby.print())
    await asyncio.sleep(0)
    asked.cancel()
    await prints(printer, 1)


# What is known when nobody prints


async def test_a_fault_at_the_start_is_known_before_anybody_comes(
    port: NetworkPort, clock: HandClock
) -> None:
    port.printer.paper = "out"
    config = NetworkPrinter(host="127.0.0.1", port=port.number)
    async with kiosk(config, clock) as lobby:
        await lobby.knows(Fault.NO_PAPER)
        port.printer.mend()
        await lobby.knows(None)
    assert port.printer.tickets == []


async def test_a_fault_that_comes_while_nobody_does_is_found(
    port: NetworkPort, clock: HandClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(printing, "LOOKS", 0.2)
    config = NetworkPrinter(host="127.0.0.1", port=port.number)
    async with kiosk(config, clock) as lobby:
        await looked_at(port)
        port.printer.cover_open = True
        await lobby.knows(Fault.COVER_OPEN)


async def test_a_printer_that_is_well_is_left_alone(lobby: Kiosk, port: NetworkPort) -> None:
    assert await lobby.print() is None
    assert port.connections == 2
    await asyncio.sleep(0.5)  # the looks at one that is not well are less than that apart
    assert port.connections == 2
