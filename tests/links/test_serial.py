"""The conformance suite over a serial line, with a radar on a pseudo-terminal as the peer."""

from __future__ import annotations

from tests.links.conformance import Conformance
from tests.links.peers.radar import RadarPeer


class TestSerial(Conformance):
    adapter = RadarPeer
