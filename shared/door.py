"""The lobby's code: four digits that change, known to whoever can read a screen in the building.

A code is made from the store's secret and the time, as RFC 4226 and RFC 6238 make one-time
passwords: so all programs of a centre know it, and nothing is written anywhere.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from hashlib import sha256
from hmac import compare_digest, digest
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # a server that looks at codes needs no translations
    from shared.words import Words

STEP = timedelta(minutes=5)
"""How long a code is shown. It is good for as long again: time to sit down and type it."""

DIGITS = 4


def door_code(secret: bytes, at: datetime) -> str:
    """Return the code that is shown at an aware moment, such as ``"0417"``."""
    return _code(secret, _step(at)).decode()


def opens_door(secret: bytes, code: str, at: datetime) -> bool:
    """Tell whether a code is the one that is shown at a moment, or the one before."""
    step = _step(at)
    # Both are compared, so that the answer takes as long whichever it is.
    good = [compare_digest(_code(secret, each), code.encode()) for each in (step, step - 1)]
    return any(good)


def _step(at: datetime) -> int:
    return int(at.timestamp() // STEP.total_seconds())


def _code(secret: bytes, step: int) -> bytes:
    """Return a step's code: RFC 4226, 5.3, with SHA-256."""
    hashed = digest(secret, step.to_bytes(8, "big", signed=True), sha256)
    offset = hashed[-1] & 0x0F
    number = int.from_bytes(hashed[offset : offset + 4], "big") & 0x7FFF_FFFF
    return f"{number % 10**DIGITS:0{DIGITS}}".encode()


def purpose(words: Words, url: str | None) -> str:
    """Say what the code is for, and where the pages for phones are, if the configuration does."""
    if url is None:
        return words.gettext("Code for taking a number with your phone")
    return words.gettext(
        "Code for taking a number with your phone: {address}", address=_address(url)
    )


def purpose_in_short(words: Words, url: str | None) -> str:
    """Say the same in few words."""
    if url is None:
        return words.gettext("Code for phones")
    return words.gettext("Code for phones: {address}", address=_address(url))


def _address(url: str) -> str:
    """Return what there is to type."""
    return url.partition("://")[2].rstrip("/")
