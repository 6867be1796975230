"""How it is told what is wrong with a printer."""

from __future__ import annotations

from kiosk.paper.protocol import Fault
from shared.errors import N_, QueueError


class PrinterError(QueueError):
    """Something is wrong with the printer."""

    def __init__(self, fault: Fault, detail: str = "") -> None:
        title, hint = _TOLD[fault]
        super().__init__(title, "{detail}" if detail else "", hint, detail=detail)
        self.fault = fault


_TOLD = {
    Fault.PAPER_LOW: (
        N_("The printer's paper is running out"),
        N_("Have a new roll at hand."),
    ),
    Fault.NO_PAPER: (
        N_("The printer is out of paper"),
        N_("Put in a new roll."),
    ),
    Fault.COVER_OPEN: (
        N_("The printer's cover is open"),
        N_("Close it."),
    ),
    Fault.STOPPED: (
        N_("The printer has stopped"),
        N_("Look for jammed paper; then switch the printer off and on."),
    ),
    Fault.OFFLINE: (
        N_("The printer is offline"),
        N_("Look at the printer's lights, and at its print queue if it has one."),
    ),
    Fault.UNREACHABLE: (
        N_("The printer cannot be reached"),
        N_("Check that it is switched on, its cable, and its address in the configuration."),
    ),
    Fault.SILENT: (
        N_("The printer does not answer"),
        N_("Switch it off and on."),
    ),
    Fault.NOT_FOUND: (
        N_("The printer is not connected"),
        N_("Check that it is switched on, its cable, and what the configuration calls it."),
    ),
    Fault.FORBIDDEN: (
        N_("The printer may not be used"),
        N_("Allow it to the kiosk's user, and let no other program use it."),
    ),
    Fault.NO_DRIVER: (
        N_("The printer's driver is missing"),
        N_("Install what is named here, and start the kiosk anew."),
    ),
    Fault.FAILED: (
        N_("Printing has failed"),
        N_("Switch the printer off and on. If that does not help, start the kiosk anew."),
    ),
}
