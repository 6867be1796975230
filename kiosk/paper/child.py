"""The process that has the printer: ``python -m kiosk.paper.child SOCKET PRINTER``.

SOCKET is the number of an open file that leads to the kiosk, PRINTER is JSON. It says that it is
ready by an empty line. Then it reads a line of JSON for each thing to do – a receipt to print, or
null to look at the printer – and answers each with an outcome. It may be killed at any time, and
ends by itself when the kiosk does.
"""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable
from socket import socket

import msgspec

from kiosk.paper.protocol import Fault, Outcome, Receipt
from shared.config.shape import Printer

LASTS = 5
"""Seconds after which it ends: it may hang, and nobody be left who would kill it."""


def main() -> None:
    """Serve the printer for as long as the kiosk is there."""
    number, printer = sys.argv[1:]
    with socket(fileno=int(number)) as kiosk, kiosk.makefile("rb") as orders:
        serve = _printer(msgspec.json.decode(printer, type=Printer))
        kiosk.sendall(b"\n")
        for line in orders:
            signal.alarm(LASTS)
            outcome = serve(msgspec.json.decode(line, type=Receipt | None))
            signal.alarm(0)
            kiosk.sendall(msgspec.json.encode(outcome) + b"\n")


def _printer(printer: Printer) -> Callable[[Receipt | None], Outcome]:
    try:
        from kiosk.paper.device import device_of  # noqa: PLC0415 – what is missing can be told
    except ImportError as error:
        missing = Outcome(Fault.NO_DRIVER, str(error))
        return lambda _: missing
    device = device_of(printer)

    def serve(receipt: Receipt | None) -> Outcome:
        try:
            return device.serve(receipt)
        except ImportError as error:
            return Outcome(Fault.NO_DRIVER, str(error))
        except Exception as error:  # noqa: BLE001 – whatever drivers raise, the kiosk shall know
            return Outcome(Fault.FAILED, repr(error))

    return serve


if __name__ == "__main__":
    main()
