"""R28 Radar reading discarded 1 s after its last packet (8 s in self-test); bad frame (no STX/ETX, bit 7 clear) rejected."""

from __future__ import annotations

import pytest

from drivers import mph
from drivers.serial_frames import ANY, Decoder, Form
from tests.faults.bench import bench

pytestmark = pytest.mark.simulated

GOOD = bytes([0x02, 0xF4, 0x32, 0x63, 0x4B, 0x01, 0x03])
"""The example of the manufacturer's page."""


async def test_r28_a_radar_that_falls_silent_is_known_to_show_nothing_within_a_second():
    async with bench("nice-promenade") as b:
        assert b.device("albert-radar").state == "quiet"
        b.weather.begin("silence", "albert-radar")
        silent = b.now
        await b.met(lambda: b.device("albert-radar").state in ("unknown", "offline"), 3, "it still showed something")
        assert b.now - silent < 1.5


def test_r28_a_frame_without_stx_or_etx_or_with_bit_7_of_its_status_clear_is_rejected():
    assert len(Decoder(mph.MPH).feed(GOOD, 0.0)) == 1
    for place, byte in ((0, 0x03), (1, 0x74), (6, 0x02)):
        bad = bytearray(GOOD)
        bad[place] = byte
        assert Decoder(mph.MPH).feed(bytes(bad), 0.0) == []


def broken(patch: pytest.MonkeyPatch) -> None:
    (form,) = mph.MPH
    patch.setattr(mph, "MPH", (Form((ANY,) * len(GOOD), form.read),))
