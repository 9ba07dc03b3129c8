"""How often somebody may try a password: a few times at once, then slower and slower, never so slow that a person is kept out.

Attempts are counted by address and by name. A person who has logged in from an address before is *familiar* there, and counted
apart from both: strangers who guess at a name from a hundred addresses do not keep its owner out. The waits are short because a
password of twelve characters needs no long ones: at the longest wait an address has 1440 guesses a day.

An attempt counts as failed from its beginning, so that many at once are no way around; one that succeeds is taken back.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address, ip_network

FREE = 5
"""How many attempts cost no wait."""

ADDRESS_MAX_S, NAME_MAX_S, FAMILIAR_MAX_S = 60.0, 30.0, 15.0
"""The longest wait for one address, for one name from wherever, and for a person at a familiar address."""

FORGET_S = 900.0
"""After so long without an attempt all is forgotten."""

KEPT = 20_000
"""How many addresses and names are remembered; then those that have been silent for longest are forgotten."""


@dataclass(slots=True)
class _Count:
    failed: int = 0
    until: float = 0.0
    last: float = 0.0


Key = tuple[str, str]


class Throttle:
    """Counts attempts. Times are monotonic seconds, names as `controller.core.people.key` gives them."""

    def __init__(self) -> None:
        self._counts: OrderedDict[Key, _Count] = OrderedDict()

    def admit(self, name: str, address: str, now: float, *, familiar: bool) -> float:
        """Return 0 and count an attempt, or return how many seconds it comes too early and count nothing."""
        keys = _keys(name, address, familiar=familiar)
        wait = max((self._until(key, now) - now for key in keys), default=0.0)
        if wait > 0:
            return wait
        for key, most in keys.items():
            count = self._counts.setdefault(key, _Count())
            count.failed, count.last = count.failed + 1, now
            count.until = now + pause(count.failed, most)
            self._counts.move_to_end(key)
        while len(self._counts) > KEPT:
            self._counts.popitem(last=False)
        return 0.0

    def took_back(self, name: str, address: str, *, familiar: bool) -> None:
        """Forget one attempt: it was not looked at, or it succeeded.

        What others failed at before still counts: who has one password has no more guesses at another's for it.
        """
        for key in _keys(name, address, familiar=familiar):
            count = self._counts.get(key)
            if count is not None:
                count.failed, count.until = max(count.failed - 1, 0), count.last

    def succeeded(self, name: str, address: str, *, familiar: bool) -> None:
        """Take an attempt back, and forget what this person failed at before."""
        self.took_back(name, address, familiar=familiar)
        self._counts.pop((name, address), None)

    def _until(self, key: Key, now: float) -> float:
        count = self._counts.get(key)
        if count is None:
            return now
        if now - count.last >= FORGET_S:
            del self._counts[key]
            return now
        return count.until


def _keys(name: str, address: str, *, familiar: bool) -> dict[Key, float]:
    if familiar:
        return {(name, address): FAMILIAR_MAX_S}
    return {("", address): ADDRESS_MAX_S, (name, ""): NAME_MAX_S}


def pause(failed: int, most: float) -> float:
    """Return for how long the next attempt has to wait after `failed` ones: nothing, then 1, 2, 4 … s."""
    return 0.0 if failed < FREE else min(2.0 ** min(failed - FREE, 16), most)


def near(address: str) -> str:
    """Return what counts as one address: of IPv6 the network of 64 bits, of which one line has all addresses."""
    try:
        found = ip_address(address)
    except ValueError:
        return address
    if isinstance(found, IPv6Address):
        mapped = found.ipv4_mapped
        return str(mapped) if mapped is not None else str(ip_network((int(found) >> 64 << 64, 64)))
    return str(found)
