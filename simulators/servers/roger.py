"""A Roger B70/EDGE1 control unit, after the map that a home automation found by watching one.

Functions 03 and 06 only. Status block 0x157C-0x1581: 0x157F is 1 until it was read once after a command, 0x1580 has the position
counter (0 open to 15 closed) in its high byte and the state in its low one. 0x1711 tells the limits again. 0x1965 takes commands.
"""

from __future__ import annotations

from simulators.image import Image
from simulators.profiles import Value
from simulators.servers.modbus_pdu import Code, Refused

BLOCK = range(0x157C, 0x1582)
RECEIVED, STATE, LIMITS, COMMAND = 0x157F, 0x1580, range(0x1711, 0x1713), 0x1965
OPENING, STOPPED, CLOSING, OPEN, CLOSED = 1, 2, 3, 5, 6
CODES = {0x6801: 0, 0x6802: 1, 0x6804: 2, 0x6810: 1}
"""STOP, OPEN, CLOSE and PEDESTRIAN, as the codes of the plant: 0 stop, 1 raise, 2 lower. Nobody walks here."""
MOVING = {1: OPENING, 2: CLOSING}


class RogerMemory:
    """One control unit. It keeps a command until it stands at that end."""

    def __init__(self, image: Image) -> None:
        self.image = image
        self._received = False
        image.watch(self._arrived)

    def before(self, function: int) -> None:
        """Nothing watches its traffic."""

    def reset(self) -> None:
        """Power up: no command is kept."""
        self._received = False
        self.image.write({"command": 0})

    def close(self) -> None:
        """Nothing to end."""

    def read_bits(self, function: int, address: int, count: int) -> list[bool]:
        raise Refused(Code.ILLEGAL_FUNCTION)

    def read_words(self, function: int, address: int, count: int) -> list[int]:
        places = range(address, address + count)
        if function != 3:
            raise Refused(Code.ILLEGAL_FUNCTION)
        if not any(places[0] in block and places[-1] in block for block in (BLOCK, LIMITS)):
            raise Refused(Code.ILLEGAL_ADDRESS)
        words = [self._word(place) for place in places]
        if RECEIVED in places:
            self._received = False
        return words

    def write_bits(self, address: int, values: list[bool]) -> None:
        raise Refused(Code.ILLEGAL_FUNCTION)

    def write_words(self, address: int, values: list[int]) -> None:
        if address != COMMAND or len(values) != 1:
            raise Refused(Code.ILLEGAL_ADDRESS)
        if values[0] not in CODES:
            raise Refused(Code.ILLEGAL_VALUE)
        self._received = True
        self.image.write({"command": CODES[values[0]]})

    def _word(self, place: int) -> int:
        state = self._state()
        if place == RECEIVED:
            return int(self._received)
        if place == STATE:
            closed = {OPEN: 0x00, CLOSED: 0x0F}.get(state, 0x08)
            return closed << 8 | state
        if place == LIMITS[0]:
            return {OPEN: 0x004C, CLOSED: 0x008C}.get(state, 0x000C)
        return 0

    def _state(self) -> int:
        if self.image.read("raised"):
            return OPEN
        if self.image.read("lowered"):
            return CLOSED
        return MOVING.get(int(self.image.true("command")), STOPPED)

    def _arrived(self, name: str, value: Value) -> None:
        if value and name in ("raised", "lowered") and self.image.true("command") == (1 if name == "raised" else 2):
            self.image.put({"command": 0})
