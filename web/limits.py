"""What one address may do in a time: so that nobody's program stands in everyone's way."""

from __future__ import annotations

from collections.abc import Callable
from ipaddress import IPv6Address, ip_address
from time import monotonic

from starlette.requests import Request

REMEMBERED = 10_000
"""Addresses that are kept in mind; then the one that was seen least lately is forgotten."""


class Allowance:
    """So many at once, and one more every so many seconds, for each address: a token bucket.

    The phones of a whole lobby can come from one address. The figures must leave room for them.
    """

    def __init__(self, at_once: int, every: float, clock: Callable[[], float] = monotonic) -> None:
        self._every = every
        self._at_once = at_once
        self._clock = clock
        self._spent: dict[str, tuple[float, float]] = {}
        """Address → how much was spent, and when that was so."""

    def allows(self, address: str) -> bool:
        """Tell whether there is one left."""
        return self._now_spent(address) <= self._at_once - 1

    def spend(self, address: str) -> None:
        """Take one, whether it is left or not."""
        spent = min(self._now_spent(address) + 1, self._at_once)
        self._spent.pop(address, None)
        self._spent[address] = spent, self._clock()
        if len(self._spent) > REMEMBERED:
            del self._spent[next(iter(self._spent))]

    def take(self, address: str) -> bool:
        """Take one, if there is one left; tell whether there was."""
        if not self.allows(address):
            return False
        self.spend(address)
        return True

    def _now_spent(self, address: str) -> float:
        spent, since = self._spent.get(address, (0.0, 0.0))
        return max(0.0, spent - (self._clock() - since) / self._every)


def address_of(request: Request) -> str:
    """Return where a request comes from, as far as it can be told apart.

    Whoever has an IPv6 address has its whole /64, and can send from any address of it.
    """
    host = request.client.host if request.client else ""
    try:
        address = ip_address(host.partition("%")[0])
    except ValueError:
        return host
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped:
            return str(address.ipv4_mapped)
        return str(IPv6Address(int(address) >> 64 << 64))
    return str(address)
