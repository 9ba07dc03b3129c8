"""The conformance suite over a serial line, with a radar of each dialect on a pseudo-terminal as the peer."""

from __future__ import annotations

from drivers.dialects import DIALECTS
from tests.links.conformance import Conformance
from tests.links.peers import radar


class TestMph(Conformance):
    adapter = radar.RadarPeer


class TestDs4(Conformance):
    adapter = radar.Ds4Peer


class TestHikvisionByte(Conformance):
    adapter = radar.BytePeer


class TestHikvisionTwoBytes(Conformance):
    adapter = radar.TwoBytesPeer


class TestHikvisionText(Conformance):
    adapter = radar.TextPeer


class TestIcoms(Conformance):
    adapter = radar.IcomsPeer


class TestDecaturSi2(Conformance):
    adapter = radar.Si2Peer


class TestOnTarget(Conformance):
    adapter = radar.OnTargetPeer


def test_no_dialect_is_left_out():
    spoken = {case.adapter.dialect for case in Conformance.__subclasses__() if hasattr(case.adapter, "dialect")}
    assert spoken == set(DIALECTS)
