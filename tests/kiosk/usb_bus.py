"""A USB without a wire: what stands in for libusb in a process that calls :func:`install`.

What is on the bus is JSON in VUORO_TEST_USB: a printer's ids, its interface's class, and the port
on loopback where it really is; null is an empty bus. Without that, libusb is not there.
"""

from __future__ import annotations

import errno
import json
import os
import socket
from array import array
from collections.abc import Iterator
from types import SimpleNamespace

import usb.backend.libusb0
import usb.backend.libusb1
import usb.backend.openusb
from usb.backend import IBackend
from usb.core import USBError, USBTimeoutError

OUT, IN = 0x03, 0x84
"""The printer's ends: not those that python-escpos takes for granted."""

Printer = dict[str, int]


def install() -> None:
    """Be the one bus of this process."""
    for backend in (usb.backend.libusb0, usb.backend.libusb1, usb.backend.openusb):
        backend.get_backend = lambda: None
    if plugged := os.environ.get("VUORO_TEST_USB"):
        bus = Bus(json.loads(plugged))
        usb.backend.libusb1.get_backend = lambda: bus


class Bus(IBackend):  # type: ignore[misc]
    """One bus; a printer's cable is a connection."""

    def __init__(self, printer: Printer | None) -> None:
        self._printer = printer

    def enumerate_devices(self) -> Iterator[Printer]:
        return iter([self._printer] if self._printer else [])

    def get_device_descriptor(self, printer: Printer) -> SimpleNamespace:
        ids = {"idVendor": printer["vendor"], "idProduct": printer["product"]}
        return _descriptor(1, bNumConfigurations=1, bDeviceClass=0, bus=1, address=7, **ids)

    def get_configuration_descriptor(self, printer: Printer, number: int) -> SimpleNamespace:
        if number:
            raise IndexError(number)
        return _descriptor(2, bNumInterfaces=1, bConfigurationValue=1)

    def get_interface_descriptor(
        self, printer: Printer, number: int, alternate: int, configuration: int
    ) -> SimpleNamespace:
        if number or alternate:
            raise IndexError(number)
        return _descriptor(
            4,
            bInterfaceNumber=0,
            bAlternateSetting=0,
            bNumEndpoints=2,
            bInterfaceClass=printer["class"],
        )

    def get_endpoint_descriptor(self, printer: Printer, number: int, *_: int) -> SimpleNamespace:
        return _descriptor(5, bEndpointAddress=(OUT, IN)[number], bmAttributes=2)

    def open_device(self, printer: Printer) -> socket.socket:
        if printer["port"] == 0:
            raise USBError("Access denied", None, errno.EACCES)
        try:
            return socket.create_connection(("127.0.0.1", printer["port"]))
        except OSError as error:
            raise USBError("No such device", None, errno.ENODEV) from error

    def close_device(self, cable: socket.socket) -> None:
        cable.close()

    def get_configuration(self, cable: socket.socket) -> int:
        return 1

    def set_configuration(self, cable: socket.socket, value: int) -> None: ...

    def claim_interface(self, cable: socket.socket, interface: int) -> None: ...

    def release_interface(self, cable: socket.socket, interface: int) -> None: ...

    def reset_device(self, cable: socket.socket) -> None: ...

    def bulk_write(
        self, cable: socket.socket, end: int, interface: int, data: array[int], timeout: int
    ) -> int:
        assert end == OUT
        try:
            return cable.send(data)
        except OSError as error:
            raise USBError("No such device", None, errno.ENODEV) from error

    def bulk_read(
        self, cable: socket.socket, end: int, interface: int, into: array[int], timeout: int
    ) -> int:
        assert end == IN
        cable.settimeout(timeout / 1000)
        try:
            said = cable.recv(len(into))
        except TimeoutError as error:
            raise USBTimeoutError("Operation timed out", None, errno.ETIMEDOUT) from error
        if not said:
            raise USBError("No such device", None, errno.ENODEV)
        into[: len(said)] = array("B", said)
        return len(said)


def _descriptor(kind: int, **fields: int) -> SimpleNamespace:
    names = "bLength bcdUSB bcdDevice iManufacturer iProduct iSerialNumber bMaxPacketSize0"
    names += " bDeviceSubClass bDeviceProtocol port_number speed wTotalLength iConfiguration"
    names += " bMaxPower bInterfaceSubClass bInterfaceProtocol iInterface wMaxPacketSize bInterval"
    names += " bRefresh bSynchAddress bmAttributes"
    values = dict.fromkeys(names.split(), 0) | {"bDescriptorType": kind} | fields
    return SimpleNamespace(**values, port_numbers=(1,), extra_descriptors=[])
