"""The printer itself, by python-escpos: asked how it is, given a ticket, asked again.

The questions and answers are those of Epson's ESC/POS command reference: DLE EOT and GS r.
"""

from __future__ import annotations

import errno
import os
import subprocess
import time
from abc import ABC, abstractmethod
from pathlib import Path
from typing import Any, assert_never

import usb.core
import usb.util
from escpos.escpos import Escpos
from escpos.exceptions import DeviceNotFoundError
from escpos.printer import LP, File, Network, Serial, Usb

from kiosk.paper.protocol import Fault, Outcome, Receipt, blocks
from kiosk.paper.typesetting import typeset
from shared.config.shape import (
    AnsweringPrinter,
    CupsPrinter,
    FilePrinter,
    NetworkPrinter,
    Printer,
    SerialPrinter,
    UsbPrinter,
)

CONNECTS = 1.0
"""Seconds in which a printer in the network is reached, or not at all."""

ANSWERS = 0.5
"""Seconds in which a printer answers, and takes what it is sent."""

LOOKS = 0.25
"""Seconds between two looks at a printer that prints."""

PRINTS = 2.0
"""Seconds after which a ticket is taken to be on its way, if nothing is wrong with the printer."""

_STATE, _CAUSE, _PAPER = b"\x10\x04\x01", b"\x10\x04\x02", b"\x10\x04\x04"
"""How are you, why are you offline, what about your paper: answered at once, whatever goes on."""

_STATUS = 0b1001_0011, 0b0001_0010
"""Which bits every answer to them has, and how they are set."""

_DONE = b"\x1dr\x01"
"""Answered when all before it is printed."""

_IS_DONE = 0b1001_0000, 0b0000_0000

_OFFLINE = 0b0000_1000  # of the state
_COVER_OPEN, _NO_MORE_PAPER, _ERROR = 0b0000_0100, 0b0010_0000, 0b0100_0000  # of the cause
_PAPER_LOW, _NO_PAPER = 0b0000_1100, 0b0110_0000  # of the paper

_PRINTER = 7
"""USB's class of printers."""

_FAULTS = {
    errno.EACCES: Fault.FORBIDDEN,
    errno.EPERM: Fault.FORBIDDEN,
    errno.EBUSY: Fault.FORBIDDEN,
    errno.ETIMEDOUT: Fault.SILENT,
    errno.ENOSPC: Fault.NO_PAPER,  # what Linux says of /dev/lp0 and /dev/usb/lp0
}


def device_of(printer: Printer) -> Device:
    """Return what drives a printer. The printer is not touched yet."""
    match printer:
        case NetworkPrinter():
            return _NetworkDevice(printer)
        case UsbPrinter():
            return _UsbDevice(printer)
        case SerialPrinter():
            return _SerialDevice(printer)
        case FilePrinter():
            return _FileDevice(printer)
        case CupsPrinter():
            return _CupsDevice(printer)
        case _:
            assert_never(printer)


class Device(ABC):
    """A printer."""

    def __init__(self, printer: Printer, place: str) -> None:
        """``place`` is where it is, for people to read."""
        self._width_mm, self._profile = printer.width_mm, printer.profile
        self._place = place

    def serve(self, receipt: Receipt | None) -> Outcome:
        """Print a receipt, if there is one and nothing is in the way, and tell how it went.

        It takes some 3 seconds at most, unless the operating system lets the printer block it.
        """
        until = time.monotonic() + PRINTS
        try:
            fault = self._look()
            if receipt is None or blocks(fault):
                return Outcome(fault)
            self._send(typeset(receipt, width_mm=self._width_mm, profile=self._profile))
            return self._watch(until)
        except OSError as error:
            self._close()
            return Outcome(self._fault(error), f"{self._place}: {error.strerror or error}")

    @abstractmethod
    def _look(self) -> Fault | None:
        """Return what is wrong with the printer. Raises OSError when it cannot be asked."""

    @abstractmethod
    def _send(self, data: bytes) -> None:
        """Let the printer print. Raises OSError when it does not take it."""

    def _watch(self, until: float) -> Outcome:
        """See whether it prints what it was sent."""
        return Outcome(printed=True)

    def _close(self) -> None:  # noqa: B027 – those that are opened for each ticket need none
        """Open it anew next time."""

    def _fault(self, error: OSError) -> Fault:
        code = errno.ETIMEDOUT if isinstance(error, TimeoutError) else error.errno
        return _FAULTS.get(code or 0, Fault.NOT_FOUND)


class _AnsweringDevice(Device):
    """A printer that may be asked how it is."""

    def __init__(self, printer: AnsweringPrinter, place: str, driver: Escpos) -> None:
        super().__init__(printer, place)
        self._answers = printer.status
        self._driver = driver
        self._is_open = False

    def _look(self) -> Fault | None:
        if not self._is_open:
            self._open()
            self._is_open = True
        if not self._answers:
            return None
        state, cause, paper = map(self._status, (_STATE, _CAUSE, _PAPER))
        if cause & _COVER_OPEN:  # which its paper sensor may take for want of paper
            return Fault.COVER_OPEN
        if paper & _NO_PAPER or cause & _NO_MORE_PAPER:
            return Fault.NO_PAPER
        if cause & _ERROR:
            return Fault.STOPPED
        if state & _OFFLINE:
            return Fault.OFFLINE
        return Fault.PAPER_LOW if paper & _PAPER_LOW else None

    def _status(self, question: bytes) -> int:
        self._send(question)
        answer = self._hear(_STATUS, ANSWERS)
        if answer is None:
            raise TimeoutError(errno.ETIMEDOUT, "no answer")
        return answer

    def _watch(self, until: float) -> Outcome:
        if not self._answers:
            return Outcome(printed=True)
        self._send(_DONE)
        while self._hear(_IS_DONE, LOOKS) is None:
            fault = self._look()
            if blocks(fault):
                return Outcome(fault)
            if time.monotonic() > until:  # it is slow, or does not know the question
                return Outcome(fault, printed=True)
        return Outcome(self._look(), printed=True)

    def _hear(self, bits: tuple[int, int], within: float) -> int | None:
        """Return the first byte that has these bits, or None if none has in so many seconds."""
        mask, wanted = bits
        until = time.monotonic() + within
        while (left := until - time.monotonic()) > 0:
            for byte in self._read(left):
                if byte & mask == wanted:
                    return byte
        return None

    def _open(self) -> None:
        _open(self._driver)

    @abstractmethod
    def _read(self, within: float) -> bytes:
        """Return what the printer has said, or nothing when so many seconds have gone by."""

    def _send(self, data: bytes) -> None:
        _write(self._driver, data)

    def _close(self) -> None:
        self._driver.close()
        self._is_open = False


class _NetworkDevice(_AnsweringDevice):
    """One in the network, which is opened for each ticket: it may not be this kiosk's alone."""

    def __init__(self, printer: NetworkPrinter) -> None:
        driver = Network(printer.host, port=printer.port, timeout=CONNECTS)
        super().__init__(printer, f"{printer.host}:{printer.port}", driver)

    def serve(self, receipt: Receipt | None) -> Outcome:
        try:
            return super().serve(receipt)
        finally:
            self._close()

    def _open(self) -> None:
        try:
            super()._open()
        except TimeoutError as error:
            raise ConnectionError(errno.ETIMEDOUT, os.strerror(errno.ETIMEDOUT)) from error

    def _send(self, data: bytes) -> None:
        self._driver.device.settimeout(ANSWERS)
        super()._send(data)

    def _read(self, within: float) -> bytes:
        self._driver.device.settimeout(within)
        try:
            said = bytes(self._driver.device.recv(16))
        except TimeoutError:
            return b""
        if not said:
            raise ConnectionResetError(errno.ECONNRESET, os.strerror(errno.ECONNRESET))
        return said

    def _fault(self, error: OSError) -> Fault:
        return Fault.SILENT if isinstance(error, TimeoutError) else Fault.UNREACHABLE


class _SerialDevice(_AnsweringDevice):
    """One at a serial port, which stays open: opening it may reset the printer."""

    def __init__(self, printer: SerialPrinter) -> None:
        super().__init__(printer, printer.device, Serial(printer.device, printer.baud))

    def _send(self, data: bytes) -> None:
        super()._send(data)
        self._driver.device.flush()  # what is not sent yet is not answered either

    def _read(self, within: float) -> bytes:
        self._driver.device.timeout = within
        return bytes(self._driver.device.read(1))


class _UsbDevice(_AnsweringDevice):
    """One on USB, which stays open: opening it resets the printer."""

    def __init__(self, printer: UsbPrinter) -> None:
        named = {"idVendor": printer.vendor, "idProduct": printer.product}
        place = " ".join(["USB", *filter(None, named.values())])
        super().__init__(printer, place, Usb(timeout=round(PRINTS * 1000)))
        self._wanted: dict[str, Any] = {
            name: int(digits, 16) for name, digits in named.items() if digits
        } or {"custom_match": _is_printer}

    def _open(self) -> None:
        try:
            found = usb.core.find(**self._wanted)
        except usb.core.NoBackendError as error:
            raise ImportError("libusb-1.0") from error
        if found is None:
            raise OSError(errno.ENODEV, os.strerror(errno.ENODEV))
        ends = _ends(found)
        self._driver.usb_args = {"bus": found.bus, "address": found.address}
        self._driver.out_ep = ends[usb.util.ENDPOINT_OUT]
        self._driver.in_ep = ends.get(usb.util.ENDPOINT_IN)
        self._answers = self._answers and usb.util.ENDPOINT_IN in ends
        super()._open()

    def _read(self, within: float) -> bytes:
        driver = self._driver
        try:
            return bytes(driver.device.read(driver.in_ep, 64, max(1, round(within * 1000))))
        except usb.core.USBTimeoutError:
            return b""


def _is_printer(device: Any) -> bool:  # noqa: ANN401 – pyusb brings no types
    return any(interface.bInterfaceClass == _PRINTER for each in device for interface in each)


def _ends(device: Any) -> dict[int, int]:  # noqa: ANN401
    """Return the addresses of a printer's ends by their direction: models differ in them."""
    interfaces = [interface for each in device for interface in each]
    printers = [each for each in interfaces if each.bInterfaceClass == _PRINTER]
    addresses = [end.bEndpointAddress for end in (printers or interfaces)[0]]
    return {usb.util.endpoint_direction(each): each for each in addresses}


class _FileDevice(Device):
    """One that is a file to the operating system."""

    def __init__(self, printer: FilePrinter) -> None:
        super().__init__(printer, printer.device)
        self._path = printer.device

    def _look(self) -> None:
        # To open it would make a file where no printer is, and may take until there is one.
        Path(self._path).stat()
        if not os.access(self._path, os.W_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))

    def _send(self, data: bytes) -> None:
        driver = File(self._path)
        _open(driver)
        _write(driver, data)
        driver.close()


class _CupsDevice(Device):
    """A print queue, which is asked how it is; what is wrong with the printer it does not know."""

    def __init__(self, printer: CupsPrinter) -> None:
        super().__init__(printer, printer.name)
        self._name = printer.name

    def _look(self) -> Fault | None:
        try:
            state = subprocess.run(  # noqa: S603 – its name is a name, says the configuration
                ["lpstat", "-p", self._name],  # noqa: S607 – wherever CUPS is
                env={**os.environ, "LC_ALL": "C"},
                capture_output=True,
                text=True,
                check=False,
            )
        except FileNotFoundError as error:
            raise ImportError("lp, lpstat (cups-client)") from error
        if state.returncode:
            raise OSError(errno.ENODEV, state.stderr.strip())
        return Fault.OFFLINE if " disabled since " in state.stdout else None

    def _send(self, data: bytes) -> None:
        driver = LP(self._name)
        _open(driver)
        lp = driver.device
        _write(driver, data)
        driver.close()
        if lp.returncode:
            raise OSError(errno.EIO, f"lp ended with {lp.returncode}")

    def _fault(self, error: OSError) -> Fault:
        return Fault.NOT_FOUND if error.errno == errno.ENODEV else Fault.OFFLINE


def _open(driver: Escpos) -> None:
    """Open a printer. Raises the OSError of which python-escpos makes a text."""
    try:
        driver.open()
    except DeviceNotFoundError as error:
        if isinstance(error.__context__, OSError):
            raise error.__context__ from None
        raise OSError(errno.ENODEV, str(error)) from error


def _write(driver: Escpos, data: bytes) -> None:
    driver._raw(data)  # noqa: SLF001 – its one way to send bytes; its documentation shows it
