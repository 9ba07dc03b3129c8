"""`python -m tests.system.panel PORT_FILE`: a relay box with a drive and a loop, served by pymodbus; nothing of rempart is in it.

Coils 0 and 1 raise and lower the drive for as long as they are set; inputs 0 and 1 are its limit switches, 2 is the loop.
Coil 9 is the street's: whoever sets it stands a vehicle on the loop. No controller knows of it.
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from pymodbus.server import ModbusTcpServer
from pymodbus.simulator import DataType, SimData, SimDevice

UNIT = 1
READ_COILS, READ_INPUTS = 1, 2
TRAVEL_S, STEP_S = 1.0, 0.02
STREET = 9


async def serve(port_file: Path) -> None:
    """Serve until the process is ended; the port is in the file once it listens."""
    bits = [SimData(0, values=[False] * 16, datatype=DataType.BITS)]
    registers = [SimData(0, values=[0], datatype=DataType.REGISTERS)]
    device = SimDevice(
        UNIT, simdata=(bits, [SimData(0, values=[False] * 16, datatype=DataType.BITS)], registers, registers)
    )
    server = ModbusTcpServer([device], address=("127.0.0.1", 0))
    await server.serve_forever(background=True)
    assert isinstance(server.transport, asyncio.Server)
    height = 0.0
    await _show(server, height, occupied=False)
    half = port_file.with_suffix(".new")
    half.write_text(str(server.transport.sockets[0].getsockname()[1]))
    half.replace(port_file)
    while True:
        coils = await server.async_getValues(UNIT, READ_COILS, 0, 16)
        assert isinstance(coils, list)
        height = min(1.0, max(0.0, height + (coils[0] - coils[1]) * STEP_S / TRAVEL_S))
        await _show(server, height, occupied=bool(coils[STREET]))
        await asyncio.sleep(STEP_S)


async def _show(server: ModbusTcpServer, height: float, *, occupied: bool) -> None:
    await server.async_setValues(UNIT, READ_INPUTS, 0, [height == 1.0, height == 0.0, occupied])


if __name__ == "__main__":
    asyncio.run(serve(Path(sys.argv[1])))
