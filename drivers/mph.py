"""MPH radars: seven bytes, one frame every 250 ms, target or none; no checksum. 1200 8N1; speeds 4-255, less means none.

    STX  status  patrol  target  lock  alt  ETX

Status: bit 7 always set, 0 low voltage, 1 radio interference, 2 front antenna, 3 rear antenna (none: standby, both:
self-test), 4 moving mode, 5 alternative target present, 6 opposite direction.
Source: MPH Industries, radar protocol.

The DS4 (its manual, p. 4) frames alike, but has no antenna bits: byte 4 speed of the approaching target, byte 6 range / 10 ft;
status bit 0 low voltage, bits 5 and 6 always zero.
"""

from __future__ import annotations

from drivers.serial_frames import ANY, Form, Frame

STX, ETX = frozenset({0x02}), frozenset({0x03})
STATUS = frozenset(range(0x80, 0x100))
DS4_STATUS = frozenset(status for status in STATUS if not status & 0x60)
SLOWEST = 4
# A radar in self-test may be silent for this long (R28).
SELF_TEST_S = 8.0
SPEEDS = frozenset({"target", "patrol", "lock", "alt"})


def _speed(byte: int) -> int:
    return byte if byte >= SLOWEST else 0


def _read(raw: bytes) -> Frame:
    status, patrol, target, lock, alt = raw[1:6]
    bits = [bool(status >> number & 1) for number in range(7)]
    antennas = bits[2] + bits[3]
    return Frame(
        {
            "target": _speed(target),
            "patrol": _speed(patrol),
            "lock": _speed(lock),
            "alt": _speed(alt),
            "low_voltage": bits[0],
            "rfi": bits[1],
            "standby": antennas == 0,
            "self_test": antennas == 2,
            "moving": bits[4],
            "alternative": bits[5],
            "opposite": bits[6],
        },
        # Self-test and standby show speeds that no vehicle has; interference and low voltage make them up.
        doubtful=frozenset() if antennas == 1 and not bits[0] and not bits[1] else SPEEDS,
        silence_s=SELF_TEST_S if antennas == 2 else 0.0,
    )


def _read_ds4(raw: bytes) -> Frame:
    low_voltage = bool(raw[1] & 1)
    told = {"target": _speed(raw[3]), "range": _speed(raw[5]), "low_voltage": low_voltage}
    return Frame(told, doubtful=frozenset({"target", "range"}) if low_voltage else frozenset())


MPH = (Form((STX, STATUS, ANY, ANY, ANY, ANY, ETX), _read),)
DS4 = (Form((STX, DS4_STATUS, ANY, ANY, ANY, ANY, ETX), _read_ds4),)
