"""An LD120 loop detector (manual, p. 10), laid out as the manual numbers it: 10001 is discrete input 0, 30001 input register 0.

What drives it are its loop's contacts: fault, detect, open and short circuit. Relays, status word and counter follow from them
and from what the wire writes. The manual's clock (40003-40009) stands still here.
"""

from __future__ import annotations

from simulators.image import Image
from simulators.profiles import Value
from simulators.servers.modbus_pdu import Code, Refused

CONTACTS = {0: "fault", 1: "detect", 4: "open_circuit", 5: "short_circuit"}
"""Discrete inputs 10001, 10002, 10005 and 10006; the status word 30002 has them as the bits of the same numbers."""
DISCRETES = 6
FIRST_RELAY, RELAYS = 8, 2
"""Coils 00009 and 00010; bits 8 and 9 of the status word."""
CLOCK, COUNTER, NODE = range(2, 9), 9, 13
"""Holding registers 40003-40009, 40010 and 40011, 40014."""
UNLISTED = 11, 12
"""40012 and 40013 are not in the table; a detector that refused them would refuse whoever reads across."""
MODULE_TYPE, VERSION = 34, 1
FAULT = "fault"


class Ld120Memory:
    """One detector. A write to what only the detector decides is refused."""

    def __init__(self, image: Image, address: int) -> None:
        self.image = image
        self.count = 0
        built_in: dict[str, Value] = {"module_type": MODULE_TYPE, "version": VERSION, "node_id": address}
        image.put(
            {
                name: value
                for name, value in built_in.items()
                if name not in image.given and name in image.profile.points
            }
        )
        image.watch(self._count)

    def before(self, function: int) -> None:
        """Nothing watches its traffic."""

    def reset(self) -> None:
        """Power up: relays off. The counter is kept."""
        self.image.write({f"relay{i}": False for i in range(RELAYS)})

    def close(self) -> None:
        """Nothing to end."""

    def read_bits(self, function: int, address: int, count: int) -> list[bool]:
        if function == 1:
            if not FIRST_RELAY <= address <= address + count <= FIRST_RELAY + RELAYS:
                raise Refused(Code.ILLEGAL_ADDRESS)
            return [self._on(f"relay{place - FIRST_RELAY}") for place in range(address, address + count)]
        if address + count > DISCRETES:
            raise Refused(Code.ILLEGAL_ADDRESS)
        return [place in CONTACTS and self._on(CONTACTS[place]) for place in range(address, address + count)]

    def read_words(self, function: int, address: int, count: int) -> list[int]:
        table = self._inputs() if function == 4 else self._holding()
        if not all(place in table for place in range(address, address + count)):
            raise Refused(Code.ILLEGAL_ADDRESS)
        return [table[place] for place in range(address, address + count)]

    def write_bits(self, address: int, values: list[bool]) -> None:
        first = address - FIRST_RELAY
        if not 0 <= first <= first + len(values) <= RELAYS:
            raise Refused(Code.ILLEGAL_ADDRESS)
        self.image.write({f"relay{first + i}": value for i, value in enumerate(values)})

    def write_words(self, address: int, values: list[int]) -> None:
        raise Refused(Code.ILLEGAL_ADDRESS)

    def _inputs(self) -> dict[int, int]:
        bits = CONTACTS | {FIRST_RELAY + i: f"relay{i}" for i in range(RELAYS)}
        version, kind = int(self.image.read("version")), int(self.image.read("module_type"))
        return {0: version << 8 | kind, 1: sum(1 << bit for bit, name in bits.items() if self._on(name))}

    def _holding(self) -> dict[int, int]:
        high, low = divmod(self.count, 2**16)
        others = dict.fromkeys((*CLOCK, *UNLISTED), 0)
        return {**others, COUNTER: high % 2**16, COUNTER + 1: low, NODE: int(self.image.read("node_id"))}

    def _on(self, name: str) -> bool:
        return bool(self.image.read(name))

    def _count(self, name: str, value: Value) -> None:
        if name == "detect" and value and not self._on(FAULT):
            self.count += 1
