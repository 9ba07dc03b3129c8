"""What a test can do with a site, on real processes."""

from __future__ import annotations

import httpx
import pytest

from simulators.testing import Mistake, NotSeen, OrderNotDone, OrderRefused, Site, SiteFailure


def test_what_an_order_did_is_seen_at_the_steel(site: Site):
    order = site.device("front-bollard").raise_()
    assert (order.life, site.device("front-bollard").state) == ("confirmed", "raised")
    assert site.world.steel("front-bollard") == (1.0,)
    assert site.world.steel("back-bollard") == (0.0,)


def test_a_zone_is_secured_and_opened_and_the_whole_site_too(site: Site):
    site.secure("back")
    assert site.world.secured("back-bollard")
    assert not site.world.secured("front-bollard")
    site.secure()
    assert site.world.secured("front-bollard")
    site.open()
    assert site.device("front-bollard").secured is False


def test_a_loop_that_is_occupied_refuses_and_names_the_rule(site: Site):
    site.occupy("front-loop")
    site.wait_for("front-loop", "occupied")
    refusals = site.device("front-bollard").refused("raise")
    assert (refusals.rule, refusals.device, refusals.rules) == ("R09", "front-loop", {"R09"})
    with pytest.raises(OrderRefused, match=r"raise front-bollard was refused by R09: front-loop: ") as caught:
        site.device("front-bollard").raise_()
    assert caught.value.refusals == refusals
    site.vacate("front-loop")
    site.device("front-bollard").wait_until_allowed("raise").raise_()
    assert not site.world.violations


def test_an_order_that_should_be_refused_and_is_not_fails_the_test(site: Site):
    with pytest.raises(SiteFailure, match=r"stop front-bollard was accepted .*should have been refused"):
        site.device("front-bollard").refused("stop")


def test_an_order_that_is_not_done_says_what_became_of_it(site: Site):
    with site.trouble("break-cable", "front-bollard.raised"), pytest.raises(OrderNotDone) as caught:
        site.device("front-bollard").raise_()
    assert caught.value.life == "failed"
    assert "raise front-bollard ended as failed: neither limit seen" in str(caught.value)
    assert "front-bollard shows fault" in str(caught.value)


def test_waiting_in_vain_says_state_alarms_and_journal(site: Site):
    site.move("front-bollard", 0.5)
    site.wait_for_alarm("front-bollard.left-position")
    with pytest.raises(NotSeen) as caught:
        site.wait_for("front-bollard", "raised", within_s=0.1)
    lines = str(caught.value).splitlines()
    assert lines[0] == "front-bollard raised: not within 0.1 s"
    assert lines[1].startswith("front-bollard shows ")
    assert any(line.startswith("  alarm: P1 front-bollard.left-position: ") for line in lines)
    assert any(line.startswith("  journal: ") and " front-bollard " in line for line in lines)
    assert not any("back-bollard" in line for line in lines)


def test_a_silent_unit_is_shown_offline_until_the_trouble_is_over(site: Site):
    with site.trouble("silence", "front-io"):
        site.device("front-bollard").wait_for("offline")
        assert "unreachable" in site.device("front-bollard").refused("raise").rules
    site.device("front-bollard").wait_for("lowered")


def test_a_lockdown_is_released_by_the_supervisor(site: Site):
    site.lockdown("front")
    assert site.device("front-bollard").mode == "efo"
    assert site.refused("release", "front").rule == "R06"
    site.release("front")
    site.wait_until(lambda: site.device("front-bollard").mode == "remote", "remote")


def test_a_vehicle_is_let_through_and_the_way_is_secured_behind_it(site: Site):
    site.device("front-bollard").raise_()
    passage = site.let_through("front-bollard", vehicle="AB-123-CD").wait_for("open")
    site.occupy("front-loop")
    passage.wait_for("occupied")
    site.vacate()
    passage.wait_for("done")
    assert site.world.secured("front-bollard")


def test_a_vehicle_drives_over_the_loop(site: Site):
    name = site.drive("front-lane", kmh=50)
    assert [vehicle["name"] for vehicle in site.world.vehicles] == [name]
    site.wait_for("front-loop", "occupied")


def test_a_key_switch_that_is_not_in_remote_refuses(site: Site):
    site.turn_key("front-bollard", local=True)
    site.wait_until(lambda: site.device("front-bollard").mode == "local", "local")
    assert "R18" in site.device("front-bollard").refused("raise").rules


@pytest.mark.parametrize(
    ("ask", "told"),
    [
        (lambda site: site.device("front-bolard"), "front-bolard"),
        (lambda site: site.order("raise", "nowhere"), "nowhere"),
        (lambda site: site.occupy("font-loop"), "there is no loop 'font-loop': expected one of front-loop, back-loop"),
        (lambda site: site.trouble("silense", "front"), "silense"),
        (lambda site: site.world.steel("front-loop"), "expected one of front-bollard, back-bollard"),
    ],
)  # fmt: skip
def test_a_name_that_is_not_there_is_a_mistake_of_the_test(site: Site, ask, told: str):
    with pytest.raises(Mistake, match=told):
        ask(site)


def test_the_program_under_test_finds_the_controller(site: Site):
    answer = httpx.get(f"{site.url}/api/v1/site", headers={"Authorization": f"Bearer {site.token}"}, trust_env=False)
    assert answer.json()["name"] == site.name == "gates"


def test_a_controller_that_was_killed_comes_back_on_its_port_and_journal(site: Site):
    site.device("front-bollard").raise_()
    url = site.url
    with site.without_controller(), pytest.raises(httpx.ConnectError):
        httpx.get(f"{url}/healthz", trust_env=False)
    assert site.url == url
    site.wait_for("front-bollard", "raised")
    assert [record for record in site.journal("front-bollard", "command") if record.body["life"] == "confirmed"]
