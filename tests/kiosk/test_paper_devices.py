"""Printers on cables, files and queues; and the process that has the printer, and must not stay."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
import tty
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest

from kiosk.paper import printing
from kiosk.paper.protocol import Fault
from shared.config.shape import CupsPrinter, FilePrinter, SerialPrinter, UsbPrinter
from tests.conftest import ROOT, HandClock, eventually
from tests.kiosk.printing import RECEIPT, kiosk, open_files, processes
from tests.kiosk.receipt_printer import NetworkPort, ReceiptPrinter


@pytest.fixture(autouse=True)
def _often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(printing, "TRIES", 0.2)


def paper(data: bytes) -> list[str]:
    """Return the codes on the tickets that these bytes print."""
    printer = ReceiptPrinter()
    printer.receive(data)
    return [code for ticket in printer.tickets for code in ticket.codes]


def executable(file: Path, script: str) -> None:
    file.write_text(f"#!/bin/sh\n{script}\n")
    file.chmod(0o755)


# A file


async def test_a_ticket_is_written_to_a_file(tmp_path: Path, clock: HandClock) -> None:
    file = tmp_path / "lp0"
    file.touch()
    async with kiosk(FilePrinter(device=str(file)), clock) as lobby:
        assert await lobby.print() is None
        assert paper(file.read_bytes()) == [RECEIPT.address]
        assert lobby.faults == []


async def test_a_printer_that_is_not_there_is_not_made_a_file(
    tmp_path: Path, clock: HandClock
) -> None:
    file = tmp_path / "lp0"
    async with kiosk(FilePrinter(device=str(file)), clock) as lobby:
        assert await lobby.fails() == Fault.NOT_FOUND
        assert lobby.printing.fault is not None
        assert str(file) in lobby.printing.fault.message
        assert not file.exists()
        file.touch()
        await lobby.knows(None)
        assert paper(file.read_bytes()) == [RECEIPT.address]


async def test_a_file_that_may_not_be_written_is_told(tmp_path: Path, clock: HandClock) -> None:
    file = tmp_path / "lp0"
    file.touch()
    file.chmod(0)
    if os.access(file, os.W_OK):  # root writes to anything, except for this
        file = Path("/sys/class/net/lo/address")
    async with kiosk(FilePrinter(device=str(file)), clock) as lobby:
        assert await lobby.fails() == Fault.FORBIDDEN


# A serial port


class SerialPort:
    """A printer at a serial port, made of a pseudo-terminal."""

    def __init__(self, printer: ReceiptPrinter) -> None:
        self._ours, self._theirs = os.openpty()
        tty.setraw(self._theirs)
        self.device = os.ttyname(self._theirs)
        self._printer = printer
        printer.say = lambda data: os.write(self._ours, data)
        asyncio.get_running_loop().add_reader(self._ours, self._read)

    def _read(self) -> None:
        self._printer.receive(os.read(self._ours, 1024))

    def close(self) -> None:
        asyncio.get_running_loop().remove_reader(self._ours)
        os.close(self._ours)
        os.close(self._theirs)


@pytest.fixture
async def port() -> AsyncIterator[tuple[ReceiptPrinter, SerialPort]]:
    printer = ReceiptPrinter(58)
    port = SerialPort(printer)
    yield printer, port
    port.close()


async def test_a_printer_at_a_serial_port_prints_and_tells_what_is_wrong(
    port: tuple[ReceiptPrinter, SerialPort], clock: HandClock
) -> None:
    printer, serial = port
    async with kiosk(SerialPrinter(device=serial.device, width_mm=58), clock) as lobby:
        assert await lobby.print() is None
        printer.paper = "out"
        assert await lobby.fails() == Fault.NO_PAPER
        printer.mend()
        await lobby.knows(None)
        printer.answers = False
        assert await lobby.fails() == Fault.SILENT
        printer.answers = True
        await lobby.knows(None)
    assert [each.codes for each in printer.tickets] == [[RECEIPT.address]] * 3


async def test_a_serial_port_that_is_not_there_is_told(tmp_path: Path, clock: HandClock) -> None:
    async with kiosk(SerialPrinter(device=str(tmp_path / "ttyUSB0")), clock) as lobby:
        assert await lobby.fails() == Fault.NOT_FOUND


# USB

USB = {"vendor": 0x04B8, "product": 0x0E15, "class": 7}


@pytest.fixture
def _bus(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the printer's process see a USB of the test's own."""
    folder = tmp_path / "usb"
    folder.mkdir()
    script = "from tests.kiosk.usb_bus import install\ninstall()\n"
    (folder / "sitecustomize.py").write_text(script)
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(folder), str(ROOT)]))


@pytest.mark.usefixtures("_bus")
@pytest.mark.parametrize(
    "config",
    [UsbPrinter(), UsbPrinter(vendor="04b8"), UsbPrinter(vendor="04b8", product="0E15")],
    ids=["any", "by its maker", "by its ids"],
)
async def test_a_printer_on_usb_is_found_and_prints(
    clock: HandClock, monkeypatch: pytest.MonkeyPatch, config: UsbPrinter
) -> None:
    printer = ReceiptPrinter()
    async with NetworkPort(printer) as port:
        monkeypatch.setenv("VUORO_TEST_USB", json.dumps({**USB, "port": port.number}))
        async with kiosk(config, clock) as lobby:
            assert await lobby.print() is None
            printer.cover_open = True
            assert await lobby.fails() == Fault.COVER_OPEN
            printer.mend()
            await lobby.knows(None)
            await port.close()  # the cable is pulled
            assert await lobby.fails() == Fault.NOT_FOUND
            await port.open()
            await lobby.knows(None)
    assert [each.codes for each in printer.tickets] == [[RECEIPT.address]] * 3


@pytest.mark.usefixtures("_bus")
@pytest.mark.parametrize(
    ("config", "plugged", "fault"),
    [
        (UsbPrinter(), None, Fault.NOT_FOUND),
        (UsbPrinter(), {**USB, "class": 8}, Fault.NOT_FOUND),
        (UsbPrinter(vendor="04b8", product="0202"), USB, Fault.NOT_FOUND),
        (UsbPrinter(), {**USB, "port": 0}, Fault.FORBIDDEN),
    ],
    ids=["nothing plugged in", "no printer", "another printer", "not permitted"],
)
async def test_what_is_wrong_with_usb_is_told(
    clock: HandClock,
    monkeypatch: pytest.MonkeyPatch,
    config: UsbPrinter,
    plugged: dict[str, int] | None,
    fault: Fault,
) -> None:
    monkeypatch.setenv("VUORO_TEST_USB", json.dumps(plugged))
    async with kiosk(config, clock) as lobby:
        assert await lobby.fails() == fault


@pytest.mark.usefixtures("_bus")
async def test_without_libusb_it_is_told_what_to_install(clock: HandClock) -> None:
    async with kiosk(UsbPrinter(), clock) as lobby:
        assert await lobby.fails() == Fault.NO_DRIVER
        assert lobby.printing.fault is not None
        assert lobby.printing.fault.message == "libusb-1.0"


# CUPS


@pytest.fixture
def cups(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder of commands that stand in for those of CUPS: a queue called "kiosk"."""
    folder = tmp_path / "bin"
    folder.mkdir()
    executable(
        folder / "lpstat",
        f"""
case "$1 $2" in
    "-p kiosk") cat {tmp_path}/state ;;
    "-p "*) echo "lpstat: Invalid destination name in list \\"$2\\"." >&2; exit 1 ;;
    "-e ") echo kiosk ;;
    "-v ") echo "device for kiosk: usb://EPSON/TM-T20III" ;;
esac""",
    )
    executable(
        folder / "lp", f'test "$*" = "-d kiosk -t python-escpos -o raw" && cat >> {tmp_path}/job'
    )
    (tmp_path / "state").write_text(
        "printer kiosk is idle.  enabled since Tue 24 Nov 2026 10:42:00\n"
    )
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")
    return folder


@pytest.mark.usefixtures("cups")
async def test_a_ticket_goes_to_a_print_queue(tmp_path: Path, clock: HandClock) -> None:
    async with kiosk(CupsPrinter(name="kiosk"), clock) as lobby:
        assert await lobby.print() is None
        assert paper((tmp_path / "job").read_bytes()) == [RECEIPT.address]


@pytest.mark.usefixtures("cups")
async def test_a_queue_that_was_stopped_is_told_and_given_nothing(
    tmp_path: Path, clock: HandClock
) -> None:
    running = (tmp_path / "state").read_text()
    (tmp_path / "state").write_text("printer kiosk disabled since Tue 24 Nov 2026 10:42:00 -\n")
    async with kiosk(CupsPrinter(name="kiosk"), clock) as lobby:
        assert await lobby.fails() == Fault.OFFLINE
        assert not (tmp_path / "job").exists()
        (tmp_path / "state").write_text(running)
        await lobby.knows(None)
        assert paper((tmp_path / "job").read_bytes()) == [RECEIPT.address]


async def test_a_queue_that_takes_nothing_is_told(cups: Path, clock: HandClock) -> None:
    executable(cups / "lp", "cat > /dev/null; exit 1")
    async with kiosk(CupsPrinter(name="kiosk"), clock) as lobby:
        assert await lobby.fails() == Fault.OFFLINE


@pytest.mark.usefixtures("cups")
async def test_an_unknown_queue_is_told(clock: HandClock) -> None:
    async with kiosk(CupsPrinter(name="other"), clock) as lobby:
        assert await lobby.fails() == Fault.NOT_FOUND
        assert lobby.printing.fault is not None
        assert "Invalid destination name" in lobby.printing.fault.message


async def test_where_cups_is_not_installed_it_is_told(
    tmp_path: Path, clock: HandClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    async with kiosk(CupsPrinter(name="kiosk"), clock) as lobby:
        assert await lobby.fails() == Fault.NO_DRIVER


# The process


async def found(mark: Path | str) -> list[int]:
    return processes(mark)


async def gone(mark: Path | str) -> bool:
    return not processes(mark)


@pytest.fixture
def pipe(tmp_path: Path) -> Path:
    """Return a printer that hangs: a pipe at whose other end nobody reads."""
    pipe = tmp_path / "lp0"
    os.mkfifo(pipe)
    return pipe


async def test_a_printer_that_blocks_its_process_is_told_and_the_process_killed(
    pipe: Path, clock: HandClock
) -> None:
    async with kiosk(FilePrinter(device=str(pipe)), clock) as lobby:
        [first] = await eventually(lambda: found(pipe))
        assert await lobby.fails() == Fault.SILENT

        async def killed() -> bool:
            return first not in processes(pipe)

        await eventually(killed)
    assert processes(pipe) == []


async def test_printing_goes_on_when_the_printer_blocks_no_longer(
    pipe: Path, clock: HandClock
) -> None:
    async with kiosk(FilePrinter(device=str(pipe)), clock) as lobby:
        assert await lobby.fails() == Fault.SILENT
        await lobby.knows(Fault.SILENT)  # the process that hung is gone
        data = await asyncio.to_thread(pipe.read_bytes)
        assert paper(data) == [RECEIPT.address]
        await lobby.knows(None)


async def test_the_kiosk_does_not_stand_still_while_a_printer_hangs(
    pipe: Path, clock: HandClock
) -> None:
    async with kiosk(FilePrinter(device=str(pipe)), clock) as lobby:
        asked = asyncio.create_task(lobby.fails())
        longest, before = 0.0, asyncio.get_running_loop().time()
        while not asked.done():
            await asyncio.sleep(0.005)
            now = asyncio.get_running_loop().time()
            longest, before = max(longest, now - before), now
        assert await asked == Fault.SILENT
        assert longest < 0.5


async def test_what_the_printers_process_has_started_is_killed_with_it(
    cups: Path, tmp_path: Path, clock: HandClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(printing, "TRIES", 60)
    hangs = f"tail -f {tmp_path}/state"
    executable(cups / "lp", hangs)
    async with kiosk(CupsPrinter(name="kiosk"), clock) as lobby:
        asked = asyncio.create_task(lobby.fails())
        await eventually(lambda: found(hangs))
        assert await asked == Fault.SILENT
        await eventually(lambda: gone(hangs))


async def test_a_process_that_died_is_started_anew_before_anybody_notices(
    tmp_path: Path, clock: HandClock
) -> None:
    file = tmp_path / "lp0"
    file.touch()
    async with kiosk(FilePrinter(device=str(file)), clock) as lobby:
        assert await lobby.print() is None
        [process] = processes(file)
        os.kill(process, signal.SIGKILL)
        # Waited for without the loop: the kiosk cannot have heard of it when it prints.
        with suppress(ChildProcessError):
            os.waitid(os.P_PID, process, os.WEXITED | os.WNOWAIT)  # noqa: ASYNC222
        file.write_bytes(b"")
        assert await lobby.print() is None
        assert paper(file.read_bytes()) == [RECEIPT.address]
        assert lobby.faults == []


DIES = """
import os, socket
from pathlib import Path

class Socket(socket.socket):
    def sendall(self, data):
        if len(data) > 1 and not Path({mark!r}).exists():
            Path({mark!r}).touch()
            super().sendall(data[: len(data) // 2])
            os._exit(1)
        super().sendall(data)

socket.socket = Socket
"""
"""A process that breaks off amid its first answer: lack of memory may end it at any moment."""


async def test_a_process_that_breaks_off_amid_an_answer_is_started_anew(
    tmp_path: Path, clock: HandClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    file, mark = tmp_path / "lp0", tmp_path / "died"
    file.touch()
    (tmp_path / "sitecustomize.py").write_text(DIES.format(mark=str(mark)))
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(tmp_path), str(ROOT)]))
    async with kiosk(FilePrinter(device=str(file)), clock) as lobby:

        async def is_well_again() -> bool:
            return lobby.faults == [Fault.FAILED, None]

        await eventually(is_well_again)
        assert await lobby.print() is None


async def test_when_the_kiosk_has_ended_its_files_are_gone(
    tmp_path: Path, clock: HandClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(temporary))
    monkeypatch.setenv("TMPDIR", str(temporary))
    file = tmp_path / "lp0"
    file.touch()
    async with kiosk(FilePrinter(device=str(file)), clock) as lobby:
        assert await lobby.print() is None
        assert list(temporary.iterdir())
    assert list(temporary.iterdir()) == []
    assert processes(file) == []


PROGRAM = """
import asyncio, signal, sys
from kiosk.paper.printing import Printing
from shared.config.shape import FilePrinter
from tests.conftest import HandClock
from tests.kiosk.printing import RECEIPT

async def main():
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, asyncio.current_task().cancel)
    printer = FilePrinter(device=sys.stdin.readline().strip())
    async with Printing(printer, HandClock(), on_fault=lambda _: None) as printing:
        await printing.print(RECEIPT)
        await asyncio.Event().wait()

asyncio.run(main())
"""


@asynccontextmanager
async def program(device: Path) -> AsyncIterator[Process]:
    """Run a kiosk of its own that prints a ticket."""
    started = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", PROGRAM), stdin=PIPE, stderr=DEVNULL, cwd=ROOT
    )
    assert started.stdin is not None
    started.stdin.write(f"{device}\n".encode())
    yield started
    await asyncio.wait_for(started.wait(), 3)


ENDS = pytest.mark.parametrize("end", [signal.SIGTERM, signal.SIGKILL])


@ENDS
async def test_however_the_kiosk_ends_its_printers_process_ends_too(
    tmp_path: Path, end: signal.Signals
) -> None:
    file = tmp_path / "lp0"
    file.touch()

    async def has_printed() -> int:
        return file.stat().st_size

    async with program(file) as lobby:
        await eventually(has_printed)
        assert processes(file)
        lobby.send_signal(end)
    await eventually(lambda: gone(file))


@ENDS
async def test_however_the_kiosk_ends_a_process_that_hangs_ends_too(
    pipe: Path, end: signal.Signals
) -> None:
    reader = os.open(pipe, os.O_RDWR | os.O_NONBLOCK)
    with suppress(BlockingIOError):
        while os.write(reader, bytes(4096)):
            pass  # until there is no room for a ticket

    async def hangs() -> bool:
        return any(str(pipe) in open_files(process) for process in processes(pipe))

    async with program(pipe) as lobby:
        await eventually(hangs)
        lobby.send_signal(end)
    await eventually(lambda: gone(pipe))
    os.close(reader)
