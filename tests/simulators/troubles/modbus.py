"""Proofs that are seen over Modbus: of wires, of units, and of equipment whose contacts hang on them."""

from __future__ import annotations

import asyncio

from simulators.run import Running
from tests.simulators.support import endpoint
from tests.simulators.troubles import looks
from tests.simulators.troubles.looks import all_of, answer, ask, heard, on_the_bus, over_tcp, rtu, write
from tests.simulators.troubles.proof import Proof

ALBERT, BUS = "albert", "gambetta-bus"
# Bollards lowered (inputs 1, 3, 5), mains there (14).
inputs = over_tcp(ALBERT, "02 00 00 00 10")
AT_REST = answer("02 02 2a 40")
gambetta = on_the_bus(1, "02 00 00 00 08")
loop = on_the_bus(11, "02 00 00 00 06")
massena = over_tcp("massena-relays", "02 00 00 00 06")


def says(bits: str) -> str:
    return answer(f"02 02 {bits}")


def loop_says(bits: str) -> str:
    return rtu(11, f"02 01 {bits}").hex()


def at_gambetta(bits: str) -> str:
    return rtu(1, f"02 01 {bits}").hex()


async def late(running: Running) -> bool:
    clock = asyncio.get_running_loop()
    reader, writer = await asyncio.open_connection(*endpoint(running, ALBERT))
    try:
        began = clock.time()
        writer.write(looks.frame("02 00 00 00 10"))
        await reader.readexactly(11)
        return clock.time() - began >= 0.1
    finally:
        writer.transport.abort()


async def pieces(running: Running) -> bool:
    reader, writer = await asyncio.open_connection(*endpoint(running, ALBERT))
    try:
        writer.write(looks.frame("02 00 00 00 10"))
        came: list[bytes] = []
        while sum(map(len, came)) < 11:
            came.append(await reader.read(64))
        return len(came) > 3
    finally:
        writer.transport.abort()


async def carried_out(running: Running) -> tuple[str, bool]:
    image = running.built.images["albert-io"]
    image.write({"do5": False})
    came = await over_tcp(ALBERT, "05 00 05 ff 00")(running)
    return came, bool(image.true("do5"))


async def read_back(running: Running) -> tuple[str, str]:
    running.built.images["albert-io"].put({"do5": False})
    echo = await over_tcp(ALBERT, "05 00 05 ff 00")(running)
    return echo, await over_tcp(ALBERT, "01 02 05 00 01")(running)


async def lit(running: Running) -> tuple[bool, str]:
    """See whether the lamp of output 2 is lit, and what is read of the output."""
    readback = await over_tcp(ALBERT, "01 02 02 00 01")(running)
    return running.built.field.world.lamps["albert-signal"]["halt"], readback


async def switched(running: Running) -> tuple[bool, str]:
    """See whether output 2 lights its lamp when it is ordered on, and what is read of it then."""
    await over_tcp(ALBERT, "05 00 02 ff 00")(running)
    running.built.field.settle()
    seen = await lit(running)
    await over_tcp(ALBERT, "05 00 02 00 00")(running)
    running.built.field.settle()
    return seen


async def standing_and_new(running: Running) -> tuple[bool, str]:
    """See whether the connection that stands is answered, and what a new one gets."""
    reader, writer = STANDING[-1]
    writer.write(looks.frame("02 00 00 00 10"))
    came, _ = await heard(reader)
    return came.hex().startswith(AT_REST), await inputs(running)


STANDING: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = []


async def stand(running: Running) -> None:
    STANDING.append(await asyncio.open_connection(*endpoint(running, ALBERT)))


def hang_up() -> None:
    """Close the connections that stand."""
    while STANDING:
        _, writer = STANDING.pop()
        writer.transport.abort()


async def with_output(running: Running) -> tuple[str, bool]:
    return await inputs(running), bool(running.built.images["albert-io"].true("do5"))


ON_THE_WIRE = {
    "drop": Proof(ALBERT, inputs, AT_REST, "refused"),
    "silence": Proof(ALBERT, inputs, AT_REST, ""),
    "delay": Proof(ALBERT, late, False, True, {"seconds": 0.15}),
    "jitter": Proof("albert-io", late, False, True, {"seconds": 1}),
    "cut": Proof(ALBERT, inputs, AT_REST, AT_REST[:10] + " closed"),
    "exception": Proof(ALBERT, inputs, AT_REST, answer("82 04"), {"code": 4}),
    "busy": Proof(ALBERT, inputs, AT_REST, answer("82 06"), {"share": 1}),
    "gateway": Proof(ALBERT, inputs, AT_REST, answer("82 0b"), {"seconds": 0.01}),
    "wrong-unit": Proof(ALBERT, inputs, AT_REST, answer("02 02 2a 40", unit=0)),
    "wrong-function": Proof(ALBERT, inputs, AT_REST, answer("01 02 2a 40")),
    "function-zero": Proof(ALBERT, inputs, AT_REST, answer("00 02 2a 40")),
    "short-answer": Proof(ALBERT, inputs, AT_REST, answer("02 01 2a")),
    "one-way": Proof(ALBERT, carried_out, (answer("05 00 05 ff 00"), True), ("", True)),
    "lossy": Proof(ALBERT, inputs, AT_REST, "", {"share": 1}),
    "duplicate": Proof(ALBERT, inputs, AT_REST, AT_REST * 2),
    "trickle": Proof(ALBERT, pieces, False, True, {"seconds": 0.01}),
    "old-transaction": Proof(ALBERT, inputs, AT_REST, looks.frame("02 02 2a 40", transaction=6).hex()),
    "bad-length": Proof(ALBERT, inputs, AT_REST, AT_REST.replace("00000005", "00000009")),
    "garble": Proof(BUS, loop, loop_says("00"), rtu(11, "02 01 00").hex().replace("0b020100", "0b020101")),
    "noise": Proof(BUS, loop, loop_says("00"), "ff0055ff00" + loop_says("00"), {"count": 5}),
    "echo": Proof(BUS, loop, loop_says("00"), rtu(11, "02 00 00 00 06").hex() + loop_says("00")),
    "reset": Proof(ALBERT, inputs, AT_REST, " closed"),
    "half-open": Proof(ALBERT, standing_and_new, (True, AT_REST), (False, AT_REST), ready=stand),
    "refuse": Proof(ALBERT, standing_and_new, (True, AT_REST), (True, "refused"), ready=stand),
}

LIT, DARK = (True, answer("01 01 01")), (False, answer("01 01 01"))
OUTPUT_ON = write("albert-io", do5=True)
LAMP_ON = write("albert-io", do2=True)
IN_A_UNIT = {
    "reboot": Proof(ALBERT, with_output, (AT_REST, True), ("refused", False), {"for_s": 60}, (AT_REST, False), OUTPUT_ON),
    "warm-restart": Proof(ALBERT, with_output, (AT_REST, True), ("refused", True), {"for_s": 60}, ready=OUTPUT_ON),
    "freeze": Proof("albert-io.di14", inputs, AT_REST, says("2a 00"), {"value": False}),
    "watchdog-expires": Proof("massena-io", over_tcp("massena-relays", "01 10 10 00 06"), answer("01 01 00"), answer("01 01 3f"),
                              ready=over_tcp("massena-relays", "0f 10 20 00 06 01 3f")),
    "another-module": Proof("albert-io", over_tcp(ALBERT, "03 20 11 00 01"), answer("03 02 02 ee"), answer("03 02 02 ed")),
    "echo-lies": Proof("albert-io.do5", read_back, (answer("05 00 05 ff 00"), answer("01 01 01")),
                       (answer("05 00 05 ff 00"), answer("01 01 00"))),
    "welded": Proof("albert-io.do2", lit, (False, answer("01 01 00")), (True, answer("01 01 00"))),
    "relay-dead": Proof("albert-io.do2", lit, LIT, DARK, ready=LAMP_ON),
    "dead-output": Proof("albert-io.do2", switched, (True, answer("01 01 01")), (False, answer("01 01 01"))),
    "output-supply": Proof("albert-io", lit, LIT, DARK, ready=LAMP_ON),
    "input-supply": Proof("albert-io", inputs, AT_REST, says("00 00")),
    "swap-inputs": Proof("albert-io.di14", inputs, AT_REST, says("2a 80"), {"with": "di15"}),
}  # fmt: skip

AT_THE_EQUIPMENT = {
    "stick": Proof("albert-bollards.lowered.1", inputs, AT_REST, says("22 40"), {"value": False}),
    "break-cable": Proof("albert-bollards.lowered", inputs, AT_REST, says("00 40")),
    "chatter": Proof("albert-mains.contact", all_of(inputs, 6), [AT_REST], [says("2a 00"), AT_REST], {"every_s": 0.2}),
    "cable-torn": Proof("albert-bollards", inputs, AT_REST, says("00 40")),
    "both-limits": Proof("albert-bollards", inputs, AT_REST, says("3f 40")),
    "limit-early": Proof("albert-bollards", inputs, says("00 40"), says("15 40"), {"by": 0.2},
                         ready=ask(do="move", plant="albert-bollards", to=0.9)),
    "limit-late": Proof("albert-bollards", inputs, AT_REST, says("00 40"), {"end": "lowered", "seconds": 600}),
    "key-left": Proof("albert-bollards", inputs, AT_REST, says("6a 40")),
    "obstruct": Proof("albert-bollards", gambetta, at_gambetta("05"), at_gambetta("85")),
    "estop": Proof("albert-bollards", over_tcp("massena-relays", "02 00 00 00 06", 2), answer("02 01 00", 2),
                   answer("02 01 20", 2)),
    "lamp-out": Proof("albert-signal", inputs, says("2a 48"), AT_REST, {"lamp": "halt"}, ready=LAMP_ON),
    "lamp-flickers": Proof("albert-signal", all_of(inputs, 6), [says("2a 48")], [AT_REST, says("2a 48")], {"every_s": 0.6},
                           ready=LAMP_ON),
    "aspects-shorted": Proof("albert-signal", inputs, says("2a 48"), says("2a 58"), ready=LAMP_ON),
    "controller-fails": Proof("crossing", inputs, AT_REST, says("2a 60")),
    "loop-open": Proof("gambetta-loop-outer", loop, loop_says("00"), loop_says("11")),
    "loop-short": Proof("gambetta-loop-outer", loop, loop_says("00"), loop_says("21")),
    "loop-stuck": Proof("gambetta-loop-outer", loop, loop_says("00"), loop_says("02")),
    "loop-deaf": Proof("gambetta-loop-outer", loop, loop_says("02"), loop_says("00"),
                       ready=ask(do="occupy", loop="gambetta-loop-outer")),
    "loop-detuned": Proof("gambetta-loop-outer", loop, loop_says("02"), loop_says("00"), {"seconds": 1},
                          ready=ask(do="occupy", loop="gambetta-loop-outer")),
    "loop-crosstalk": Proof("gambetta-loop-outer", loop, loop_says("00"), loop_says("02"), {"with": "gambetta-loop-inner"},
                            ready=ask(do="occupy", loop="gambetta-loop-inner")),
    "phantom": Proof("gambetta-loop-outer", all_of(loop, 8), [loop_says("00")], [loop_says("00"), loop_says("02")],
                     {"every_s": 1}),
    "door-open": Proof("gambetta-cabinet", gambetta, at_gambetta("05"), at_gambetta("25")),
    "mains-loss": Proof("albert", inputs, AT_REST, says("2a 00")),
    "brown-out": Proof("albert", all_of(inputs, 6), [AT_REST], [says("2a 00"), AT_REST], {"every_s": 0.2, "dip_s": 0.2}),
    "battery-low": Proof("massena", massena, answer("02 01 32"), answer("02 01 12")),
    "parked": Proof("albert-loop-entry", inputs, AT_REST, says("aa 40")),
}  # fmt: skip

STILL, FRONT = "02{}0101010103", "84"
RADAR = {
    "standby": Proof("albert-radar", looks.radar, STILL.format(FRONT), STILL.format("80")),
    "self-test": Proof("albert-radar", looks.radar, STILL.format(FRONT), STILL.format("8c")),
    "interference": Proof("albert-radar", looks.radar, STILL.format(FRONT), STILL.format("86")),
    "low-voltage": Proof("albert-radar", looks.radar, STILL.format(FRONT), STILL.format("85")),
    "radar-stuck": Proof("albert-radar", looks.radar, STILL.format(FRONT), "02840132010103", {"kmh": 50}),
}
FIELD_PROOFS = {**ON_THE_WIRE, **IN_A_UNIT, **AT_THE_EQUIPMENT, **RADAR}
