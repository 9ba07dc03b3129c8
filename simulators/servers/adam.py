"""Advantech ADAM modules: one table of bits, inputs from 0 and outputs from 16, and on some a few registers from 210 on.

Written from the ADAM-4150 point file (.xif: DI_0-DI_6 at 0-6, DO_0-DO_7 at 16-23, all by function 01; module name 0x4150 at
210), the ADAM-4056SO's table (manualsdir.com 33278, p. 425: 00017-00031, 40211-40216) and the Nodel recipe for the ADAM-6050 (12
inputs, 6 outputs) and ADAM-6060 (6 inputs, 6 relays). What they do not tell is refused here, so that nobody comes to rely on
it: function 02, and the bits between the two blocks.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from simulators.image import Image
from simulators.servers.modbus_pdu import Code, Refused

FIRST_OUTPUT = 16
FIRST_REGISTER = 210


@dataclass(frozen=True, slots=True)
class Module:
    """How many inputs and outputs a module has, which alarms follow its outputs, and what its registers tell."""

    inputs: int
    outputs: int
    alarms: int = 0
    registers: Sequence[str] = ()


MODULES: Mapping[str, Module] = {
    "adam-4150": Module(7, 8, registers=("model",)),
    "adam-4056so": Module(0, 12, 3, ("name0", "name1", "version0", "version1", "safety_enable", "safety_flag")),
    "adam-6050": Module(12, 6),
    "adam-6060": Module(6, 6),
}


class AdamMemory:
    """The bits of a module, whose points are called di0… and do0…"""

    def __init__(self, image: Image) -> None:
        self.image = image
        self._module = MODULES[image.profile.name]
        inputs = {i: f"di{i}" for i in range(self._module.inputs)}
        self._outputs = {FIRST_OUTPUT + i: f"do{i}" for i in range(self._module.outputs)}
        alarms = {FIRST_OUTPUT + self._module.outputs + i: f"over_current{i}" for i in range(self._module.alarms)}
        self._bits = inputs | self._outputs | alarms
        self._registers = dict(enumerate(self._module.registers, FIRST_REGISTER))

    def before(self, function: int) -> None:
        """Nothing watches its traffic."""

    def reset(self) -> None:
        """Power up: every output is off."""
        self.image.write(dict.fromkeys(self._outputs.values(), False))

    def close(self) -> None:
        """Nothing to end."""

    def read_bits(self, function: int, address: int, count: int) -> list[bool]:
        if function != 1:
            raise Refused(Code.ILLEGAL_FUNCTION)
        return [bool(self.image.read(name)) for name in _named(self._bits, address, count)]

    def read_words(self, function: int, address: int, count: int) -> list[int]:
        if not self._registers or function != 3:
            raise Refused(Code.ILLEGAL_FUNCTION)
        return [int(self.image.read(name)) for name in _named(self._registers, address, count)]

    def write_bits(self, address: int, values: list[bool]) -> None:
        self.image.write(dict(zip(_named(self._outputs, address, len(values)), values, strict=True)))

    def write_words(self, address: int, values: list[int]) -> None:
        raise Refused(Code.ILLEGAL_FUNCTION)


def _named(names: Mapping[int, str], address: int, count: int) -> list[str]:
    if not all(place in names for place in range(address, address + count)):
        raise Refused(Code.ILLEGAL_ADDRESS)
    return [names[place] for place in range(address, address + count)]
