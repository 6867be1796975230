"""What tests of printing share: a receipt, a kiosk that prints, and a look at its processes."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from kiosk.paper.errors import PrinterError
from kiosk.paper.printing import Printing
from kiosk.paper.protocol import Fault, QueueLine, Receipt
from shared.config.shape import Printer
from tests.conftest import HandClock, eventually

RECEIPT = Receipt(
    centre="Kalajärven palvelutori",
    heading="Vuoronumerosi",
    number="K 017",
    queues=[QueueLine(unit="Kirjasto", wait="Noin 10–20 min", ahead="Olet seuraava")],
    advice="Numerosi näkyy aulan näytöllä",
    address="https://vuoro.example.org/t/8Qx2mV4nR7",
    invitation="Seuraa vuoroasi puhelimella",
    note="",
    issued="ti 24.11. 10.42",
)


class Kiosk:
    """What a kiosk gets to know of its printer."""

    def __init__(self, printer: Printer, clock: HandClock) -> None:
        self.faults: list[Fault | None] = []
        """All that was wrong, one after the other."""
        self.printing = Printing(printer, clock, on_fault=self._take)

    def _take(self, error: PrinterError | None) -> None:
        assert error is self.printing.fault
        self.faults.append(error.fault if error else None)

    async def print(self, receipt: Receipt = RECEIPT) -> PrinterError | None:
        """Print, and see to it that it is told within three seconds how it went."""
        began = time.monotonic()
        error = await self.printing.print(receipt)
        assert time.monotonic() - began < 3
        return error

    async def fails(self, receipt: Receipt = RECEIPT) -> Fault:
        """Print, and return why that was not possible."""
        error = await self.print(receipt)
        assert error is not None
        assert error.title
        assert error.hint
        return error.fault

    async def knows(self, fault: Fault | None) -> None:
        """Wait until this is what is wrong."""

        async def known() -> bool:
            now = self.printing.fault
            return (now and now.fault) == fault

        await eventually(known)


@asynccontextmanager
async def kiosk(printer: Printer, clock: HandClock) -> AsyncIterator[Kiosk]:
    """Run a kiosk whose printer's process is ready."""
    made = Kiosk(printer, clock)
    async with made.printing:
        yield made


def processes(mark: Path | str) -> list[int]:
    """Return the ids of the processes that have this in their command line."""
    return [
        int(folder.name)
        for folder in Path("/proc").glob("[0-9]*")
        if str(mark) in _read(folder / "cmdline").replace("\0", " ")
    ]


def open_files(process: int) -> list[str]:
    """Return the paths of the files that a process has open."""
    with suppress(FileNotFoundError):  # it may end just now
        return [str(link.readlink()) for link in Path(f"/proc/{process}/fd").iterdir()]
    return []


def _read(file: Path) -> str:
    """Return what a file of a process says: nothing, once it has ended."""
    try:
        return file.read_bytes().decode(errors="replace")
    except (FileNotFoundError, ProcessLookupError):
        return ""
