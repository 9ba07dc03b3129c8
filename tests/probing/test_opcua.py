"""What an OPC UA server shows: asyncua's, as a process of its own, and the simulated PLC."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from controller.probing import Findings, Fit, Unanswered, known_profiles, verdicts
from drivers.probing.opcua_tree import prefixes
from drivers.profile import OpcUaProfile
from tests.links.peers.mqtt_broker import free_port
from tests.links.peers.opcua_process import ServerProcess
from tests.probing.support import best, probed
from tests.simulators.support import served

PATIENCE_S = 5.0


@pytest.fixture(scope="module")
def server() -> Iterator[ServerProcess]:
    server = ServerProcess()
    yield server
    server.end()


async def look(server: ServerProcess, most: int = 500) -> Findings:
    return await probed(f"opc.tcp://127.0.0.1:{server.port}", patience_s=PATIENCE_S, most=most)


async def test_nodes_are_shown_with_type_access_and_value(server: ServerProcess):
    found = await look(server)
    rows = dict(found.things[0].rows)
    assert rows["  Test.Wedge"] == "ns=2;s=Test.Wedge"
    assert rows["    Raised"] == "ns=2;s=Test.Wedge.Raised Boolean r = True"
    assert rows["    Level"] == "ns=2;s=Test.Wedge.Level Float r = 1.5"
    assert rows["    Command"] == "ns=2;s=Test.Wedge.Command Int32 rw = 0"
    assert rows["  Server"] == "i=2253 (every server's own, not shown)"


async def test_the_server_says_who_it_is(server: ServerProcess):
    facts = (await look(server)).facts
    assert facts["application"] == "FreeOpcUa Python Server"
    assert facts["namespaces"].endswith("2 urn:rempart:test")


async def test_a_bad_status_is_shown_in_place_of_the_value(server: ServerProcess):
    server.status("Dial", "BadSensorFailure")
    try:
        assert dict((await look(server)).things[0].rows)["    Dial"].endswith("r BadSensorFailure")
    finally:
        server.set("Dial", 0)


async def test_no_more_nodes_are_looked_at_than_are_allowed(server: ServerProcess):
    found = await look(server, most=4)
    assert len(found.things[0].rows) == 1 + 4
    assert found.notes == ["only the first 4 nodes are shown; --most N shows more"]


async def test_the_prefix_of_a_profile_is_found_in_the_node_ids():
    async with served("ruhl-plc") as field:
        found = await probed(field.links["ruhl-plc"], patience_s=PATIENCE_S)
    verdict = best(found)
    assert (verdict.profile, verdict.fit, verdict.address) == ("plc-road-blocker", Fit.POSSIBLE, "Ruhl.Wedge")
    assert len(verdict.values) == 9
    assert verdict.expect == {"model": "SW-450"}


async def test_a_server_with_few_of_its_nodes_is_not_the_road_blocker(server: ServerProcess):
    judged = verdicts((await look(server)).things[0], known_profiles())
    assert {(one.fit, one.address) for one in judged} == {(Fit.NOT, "Test.Wedge")}
    assert judged[0].why == "only 3 of 9 points can be read"


def test_two_units_behind_one_server_have_two_prefixes():
    profile = next(
        one for one in known_profiles() if isinstance(one, OpcUaProfile) and one.profile == "plc-road-blocker"
    )
    nodes = dict.fromkeys(
        ["ns=2;s=A.Raised", "ns=2;s=A.Lowered", "ns=2;s=B.C.Raised", "ns=2;s=B.C.Lowered", "ns=2;s=X.Local", "i=85"]
    )
    assert prefixes(profile, nodes) == ["A", "B.C", "X"]


async def test_where_nobody_listens_it_says_what_to_do():
    with pytest.raises(Unanswered, match="connection refused"):
        await probed(f"opc.tcp://127.0.0.1:{free_port()}")


async def test_a_server_that_hangs_costs_its_patience(server: ServerProcess):
    server.freeze()
    try:
        with pytest.raises(Unanswered, match=r"connected, but no session within 0\.30 s"):
            await probed(f"opc.tcp://127.0.0.1:{server.port}", patience_s=0.3)
    finally:
        server.thaw()
