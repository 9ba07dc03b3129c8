"""Status codes, variant types, node ids, the secure channel."""

from __future__ import annotations

from dataclasses import replace

import pytest
from asyncua.ua.status_codes import StatusCodes

from controller.core.readings import Quality
from controller.ports import Mute, PointType, Refusing, Stranger, Unreachable
from drivers.addresses import Node
from drivers.opcua import OpcUaLink
from tests.links.peers.opcua import POINTS, UNIT, OpcUaPeer, point
from tests.links.peers.opcua_process import ServerProcess
from tests.links.suite.base import asked, soon


async def test_many_points_are_read_in_one_request(peer: OpcUaPeer, link: OpcUaLink):
    await link.open(UNIT, soon())
    seen = peer.requests
    assert len(await link.read(UNIT, tuple(POINTS.values()), soon())) == len(POINTS)
    assert peer.requests == seen + 1


@pytest.mark.parametrize(
    ("status", "quality"),
    [("BadSensorFailure", Quality.BAD), ("UncertainLastUsableValue", Quality.UNCERTAIN)],
)
async def test_status_of_a_value_is_its_quality(
    server: ServerProcess, peer: OpcUaPeer, link: OpcUaLink, status: str, quality: Quality
):
    await link.open(UNIT, soon())
    server.status("Level", status)
    readings = await link.read(UNIT, asked(UNIT, ["level", "dial"]), soon())
    assert readings["level"].quality is quality
    assert readings["dial"].quality is Quality.GOOD


async def test_value_of_another_type_is_bad(link: OpcUaLink):
    unit = replace(UNIT, points={**POINTS, "text": point("text", "Level", PointType.TEXT)})
    await link.open(unit, soon())
    assert (await link.read(unit, asked(unit, ["text"]), soon()))["text"].quality is Quality.BAD


async def test_node_that_the_server_has_not_is_bad_and_the_others_good(link: OpcUaLink):
    unit = replace(UNIT, points={**POINTS, "nothing": point("nothing", "Nothing", PointType.I32)})
    await link.open(unit, soon())
    readings = await link.read(unit, asked(unit, ["nothing", "raised"]), soon())
    assert [readings[name].quality for name in ("nothing", "raised")] == [Quality.BAD, Quality.GOOD]


async def test_server_without_the_identity_node_is_a_stranger(link: OpcUaLink):
    unit = replace(UNIT, points={**POINTS, "type": point("type", "Type", PointType.TEXT)}, identity={"type": "SW"})
    with pytest.raises(Stranger, match=r"type .*BadNodeIdUnknown.* expected 'SW'"):
        await link.open(unit, soon())


async def test_stranger_in_one_unit_leaves_another_of_the_server_open(peer: OpcUaPeer, link: OpcUaLink):
    await link.open(UNIT, soon())
    with pytest.raises(Stranger):
        await link.open(replace(peer.stranger, name="other"), soon())
    assert (await link.read(UNIT, asked(UNIT, ["dial"]), soon()))["dial"].value == 0
    with pytest.raises(Unreachable, match="not connected"):
        await link.read(replace(peer.stranger, name="other"), asked(UNIT, ["dial"]), soon())
    assert peer.connected == 1


async def test_node_id_that_is_none_is_refused_and_shows_what_is_one(link: OpcUaLink):
    wrong = replace(POINTS["dial"], address=Node("Wedge.Up"))
    with pytest.raises(Refusing, match=r"'Wedge.Up' is not a node id; expected e\.g\. ns=2"):
        await link.open(replace(UNIT, points={"dial": wrong}, identity={}), soon())


@pytest.mark.parametrize(
    ("order", "because"),
    [
        (point("command", "Command", PointType.I32, writable=True, variant="Int64"), "BadTypeMismatch"),
        (replace(POINTS["dial"], writable=True), "BadUserAccessDenied|BadNotWritable"),
    ],
    ids=["wrong type", "read-only variable"],
)
async def test_write_that_the_server_refuses_is_refusing(link: OpcUaLink, order, because: str):
    await link.open(UNIT, soon())
    with pytest.raises(Refusing, match=because):
        await link.write(UNIT, [(order, 1)], soon())
    assert (await link.read(UNIT, asked(UNIT, ["dial"]), soon()))["dial"].value == 0


@pytest.mark.parametrize(
    ("name", "value", "because"),
    [("command", 2**31, "2147483648 is no i32"), ("command", "up", "'up' is no i32"), ("dial", 1, "not writable")],
)
async def test_value_that_does_not_fit_is_refused_before_it_is_sent(
    peer: OpcUaPeer, link: OpcUaLink, name: str, value: int | str, because: str
):
    await link.open(UNIT, soon())
    seen = peer.requests
    with pytest.raises(Refusing, match=because):
        await link.write(UNIT, [(POINTS["watchdog"], 1), (POINTS[name], value)], soon())
    assert peer.requests == seen


async def test_after_a_refused_write_nothing_more_of_the_order_is_sent(peer: OpcUaPeer, link: OpcUaLink):
    await link.open(UNIT, soon())
    refused = replace(POINTS["dial"], writable=True)
    with pytest.raises(Refusing):
        await link.write(UNIT, [(refused, 1), (POINTS["command"], 1)], soon())
    assert [name for name, _ in peer.written] == ["dial"]


async def test_an_order_that_fails_halfway_says_how_much_of_it_was_written(peer: OpcUaPeer, link: OpcUaLink):
    await link.open(UNIT, soon())
    refused = replace(POINTS["dial"], writable=True)
    with pytest.raises(Refusing, match="1 of 2 requests were acknowledged before") as told:
        await link.write(UNIT, [(POINTS["command"], 1), (refused, 1)], soon())
    assert told.value.part
    assert [name for name, _ in peer.written] == ["command", "dial"]


async def test_write_answered_by_lost_contact_to_the_plant_is_mute(monkeypatch, link: OpcUaLink):
    """A server that gave up on the device behind it cannot say what became of the order."""
    await link.open(UNIT, soon())
    monkeypatch.setattr("drivers.opcua_errors.OUTCOME_UNKNOWN", frozenset({StatusCodes.BadTypeMismatch}))
    order = point("command", "Command", PointType.I32, writable=True, variant="Int64")
    with pytest.raises(Mute, match="the server gave up: BadTypeMismatch"):
        await link.write(UNIT, [(order, 1)], soon())


async def test_secure_channel_is_renewed_before_it_ends(link: OpcUaLink):
    await link.open(UNIT, soon())
    session = link._session
    assert session is not None
    assert not session.renewal_due
    session._renew_at = 0.0
    assert (await link.read(UNIT, asked(UNIT, ["dial"]), soon()))["dial"].value == 0
    assert not session.renewal_due
    assert (await link.read(UNIT, asked(UNIT, ["dial"]), soon()))["dial"].value == 0


async def test_after_closing_every_unit_must_be_opened_anew(peer: OpcUaPeer, link: OpcUaLink):
    other = replace(UNIT, name="other")
    await link.open(UNIT, soon())
    await link.open(other, soon())
    await link.close()
    await link.open(UNIT, soon())
    with pytest.raises(Unreachable, match="not connected"):
        await link.read(other, asked(other, ["dial"]), soon())
