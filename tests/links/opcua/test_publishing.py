"""Changes in order, keep-alives, revised intervals (R33), the end of a subscription."""

from __future__ import annotations

from dataclasses import replace

from controller.core.readings import Quality
from controller.ports import PointType
from drivers.opcua import OpcUaLink
from tests.links.peers.opcua import OPTIONS, POINTS, UNIT, OpcUaPeer, point
from tests.links.peers.opcua_process import ServerProcess
from tests.links.peers.subscription import Subscription
from tests.links.suite.base import asked, soon


async def test_r33_terms_are_the_ones_that_the_server_has_revised(link: OpcUaLink):
    unit = replace(UNIT, options={**OPTIONS, "publish_s": 0.01})
    await link.open(unit, soon())
    subscription = Subscription(link, unit, "dial")
    await subscription.next()
    terms = link.terms[unit.name]
    assert (terms.publish_s, terms.keepalive_s, terms.sampling_s) == (0.05, 0.5, (0.05,))
    await subscription.stop()


async def test_changes_between_two_publications_all_arrive_in_order(
    server: ServerProcess, peer: OpcUaPeer, link: OpcUaLink
):
    unit = replace(UNIT, options={**OPTIONS, "publish_s": 0.3})
    await link.open(unit, soon())
    subscription = Subscription(link, unit, "dial", "raised")
    assert (await subscription.next())["dial"].value == 0
    for value in range(1, 6):
        server.set("Dial", value)
    seen: list[object] = [0]
    while seen[-1] != 5:
        seen.append((await subscription.next())["dial"].value)
    assert seen[seen.count(0) - 1 :] == [0, 1, 2, 3, 4, 5]
    await subscription.stop()


async def test_keepalive_makes_what_has_not_changed_as_young_as_the_sampling(link: OpcUaLink):
    await link.open(UNIT, soon())
    subscription = Subscription(link, UNIT, "raised")
    first = (await subscription.next())["raised"]
    second = (await subscription.next())["raised"]
    now = soon(0)
    assert second.value is True
    assert first.taken < second.taken <= now - link.terms[UNIT.name].sampling_s[0]
    await subscription.stop()


async def test_point_that_the_server_will_not_watch_is_bad_and_stays_bad(link: OpcUaLink):
    unit = replace(UNIT, points={**POINTS, "nothing": point("nothing", "Nothing", PointType.I32)})
    await link.open(unit, soon())
    subscription = Subscription(link, unit, "dial", "nothing")
    for _ in range(2):
        assert (await subscription.next())["nothing"].quality is Quality.BAD
    await subscription.stop()


async def test_status_that_turns_bad_is_published(server: ServerProcess, link: OpcUaLink):
    await link.open(UNIT, soon())
    subscription = Subscription(link, UNIT, "level")
    assert (await subscription.next())["level"].quality is Quality.GOOD
    server.status("Level", "BadSensorFailure")
    while (await subscription.next())["level"].quality is Quality.GOOD:
        pass
    await subscription.stop()


async def test_cancelled_subscription_is_ended_at_the_server(server: ServerProcess, link: OpcUaLink):
    await link.open(UNIT, soon())
    subscription = Subscription(link, UNIT, "dial")
    await subscription.next()
    assert server.subscriptions() == 1
    await subscription.stop()
    await link.read(UNIT, asked(UNIT, ["dial"]), soon())
    await link.read(UNIT, asked(UNIT, ["dial"]), soon())
    assert server.subscriptions() == 0


async def test_secure_channel_is_renewed_for_one_who_only_listens(link: OpcUaLink):
    await link.open(UNIT, soon())
    session = link._session
    assert session is not None
    subscription = Subscription(link, UNIT, "dial")
    await subscription.next()
    session._renew_at = 0.0
    await subscription.next()
    await subscription.next()
    assert not session.renewal_due
    await subscription.stop()
