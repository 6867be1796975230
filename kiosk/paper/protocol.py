"""What the kiosk and the process that has the printer say to each other."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

from msgspec import Struct


class QueueLine(Struct, frozen=True, kw_only=True):
    """One of the queues that the ticket stands in."""

    unit: str
    wait: str = ""
    ahead: str = ""


class Receipt(Struct, frozen=True, kw_only=True):
    """A ticket in the words of its resident; "" where there is nothing to say."""

    centre: str
    heading: str
    number: str
    queues: Sequence[QueueLine]
    advice: str
    """What comes next."""
    address: str
    """Where a phone follows the ticket: what the QR code says."""
    invitation: str
    """To scan the QR code."""
    note: str
    issued: str


class Fault(StrEnum):
    """What is wrong with a printer."""

    PAPER_LOW = "paper-low"
    """It still prints."""
    NO_PAPER = "no-paper"
    COVER_OPEN = "cover-open"
    STOPPED = "stopped"
    """It has an error: a paper jam, a cutter that is stuck, a head that is too hot."""
    OFFLINE = "offline"
    UNREACHABLE = "unreachable"
    SILENT = "silent"
    """It takes no data, or does not answer."""
    NOT_FOUND = "not-found"
    FORBIDDEN = "forbidden"
    NO_DRIVER = "no-driver"
    FAILED = "failed"
    """It is not the printer but what drives it."""


def blocks(fault: Fault | None) -> bool:
    """Tell whether nothing can be printed until this is mended."""
    return fault not in {None, Fault.PAPER_LOW}


class Outcome(Struct, frozen=True):
    """What came of a look at the printer, or of a ticket."""

    fault: Fault | None = None
    """What is wrong with the printer now."""
    detail: str = ""
    """More about the fault, if there is more to know, in English."""
    printed: bool = False
    """The ticket is on paper, or on its way."""
