"""A Moxa ioLogik E1214 (E1200 user's manual, p. 91): relays that fall into safe mode when the host is not heard for a while."""

from __future__ import annotations

from time import monotonic

from simulators.image import Image
from simulators.servers.deadman import Deadman, Now
from simulators.servers.modbus_memory import ProfileMemory
from simulators.servers.modbus_pdu import Code, Refused

RELAYS = INPUTS = 6
COUNTING, CLEAR_COUNTER = 0x0100, 0x0110
SAFE, CLEAR_SAFE = 0x1010, 0x1020


class MoxaMemory(ProfileMemory):
    """Its points, its counters' switches, and safe mode. It has no registers at all (functions 1, 2, 4, 5, 15)."""

    def __init__(self, image: Image, host_lost_s: float | None = None, now: Now = monotonic) -> None:
        super().__init__(image)
        self._host_lost_s = host_lost_s
        self._now = now
        self._heard: float | None = None
        self._safe = [False] * RELAYS
        self._counting = [False] * INPUTS
        self._deadman = Deadman(self._due, self._expire, now)

    def before(self, function: int) -> None:
        self._heard = self._now()
        self._deadman.poke()

    def reset(self) -> None:
        self._heard = None
        self._safe = [False] * RELAYS
        self._counting = [False] * INPUTS
        self.close()
        super().reset()

    def close(self) -> None:
        self._deadman.close()

    def expire(self) -> None:
        """Go into safe mode now."""
        self._expire()

    def mend(self) -> None:
        """Leave safe mode, as after a start."""
        self._safe = [False] * RELAYS

    def read_bits(self, function: int, address: int, count: int) -> list[bool]:
        never = [False] * RELAYS
        blocks = {SAFE: self._safe, CLEAR_SAFE: never, COUNTING: self._counting, CLEAR_COUNTER: never}
        for start, bits in blocks.items():
            if function == 1 and start <= address and address + count <= start + len(bits):
                return bits[address - start :][:count]
        return super().read_bits(function, address, count)

    def read_words(self, function: int, address: int, count: int) -> list[int]:
        raise Refused(Code.ILLEGAL_FUNCTION if function == 3 else Code.ILLEGAL_ADDRESS)

    def write_words(self, address: int, values: list[int]) -> None:
        raise Refused(Code.ILLEGAL_FUNCTION)

    def write_bits(self, address: int, values: list[bool]) -> None:
        if _within(CLEAR_SAFE, RELAYS, address, values):
            for relay, value in enumerate(values, address - CLEAR_SAFE):
                self._safe[relay] = self._safe[relay] and not value
        elif _within(CLEAR_COUNTER, INPUTS, address, values):
            if not all(values):
                raise Refused(Code.ILLEGAL_VALUE)
        elif _within(COUNTING, INPUTS, address, values):
            first = address - COUNTING
            self._counting[first : first + len(values)] = values
        elif address < RELAYS and any(self._safe[address : address + len(values)]):
            raise Refused(Code.DEVICE_FAILURE)
        else:
            super().write_bits(address, values)

    def _due(self) -> float | None:
        if self._host_lost_s is None or self._heard is None:
            return None
        return self._heard + self._host_lost_s

    def _expire(self) -> None:
        self._heard = None
        self._safe = [True] * RELAYS
        super().reset()


def _within(start: int, size: int, address: int, values: list[bool]) -> bool:
    return start <= address and address + len(values) <= start + size
