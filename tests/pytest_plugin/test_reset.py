"""What one test leaves behind, the next does not find."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from simulators.testing import Site
from simulators.testing.reset import Resetter


def first(site: Site) -> dict[str, tuple[str, str]]:
    return {one["id"]: (one["state"], one["mode"]) for one in site.api.get("devices")}


FIRST = {
    "front-bollard": ("lowered", "remote"),
    "front-loop": ("clear", "remote"),
    "back-bollard": ("lowered", "remote"),
    "back-loop": ("clear", "remote"),
}


def parked(site: Site) -> None:
    site.occupy("front-loop")
    site.wait_for("front-loop", "occupied")


def driven(site: Site) -> None:
    site.drive("front-lane", kmh=10)


def traffic(site: Site) -> None:
    site.traffic(True)


def broken(site: Site) -> None:
    site.trouble("loop-open", "front-loop")
    site.wait_for("front-loop", "fault")
    site.wait_until(site.alarms, "its alarm")


def silenced(site: Site) -> None:
    site.trouble("silence", "front-io")
    site.wait_for("front-bollard", "offline")


@pytest.mark.parametrize("spoil", [parked, driven, traffic, broken, silenced], ids=lambda spoil: spoil.__name__)
def test_what_happens_on_the_street_is_taken_back_without_a_start(running: Resetter, spoil: Callable[[Site], object]):
    site = running.tidied()
    before = site.url
    spoil(site)
    running.tidied()
    assert site.url == before
    assert first(site) == FIRST
    assert not site.world.vehicles
    assert not site.alarms()
    assert not site.device("front-bollard").forbids("raise").all


def under_way(site: Site) -> None:
    site.device("front-bollard").order("raise")


def locked_down(site: Site) -> None:
    site.lockdown("front")


def moved_by_hand(site: Site) -> None:
    site.move("front-bollard", 0.5)
    site.wait_for_alarm("front-bollard.left-position")


def pushed_at_the_last_moment(site: Site) -> None:
    site.move("front-bollard", 0.5)
    site.wait_until(lambda: site.world.steel("front-bollard")[0] > 0, "steel off its end")


def without_a_controller(site: Site) -> None:
    site._stage.end_controller(kill=True)


@pytest.mark.parametrize(
    "spoil",
    [under_way, locked_down, moved_by_hand, pushed_at_the_last_moment, without_a_controller],
    ids=lambda spoil: spoil.__name__,
)
def test_a_site_that_only_an_order_would_bring_back_is_started_anew(running: Resetter, spoil: Callable[[Site], object]):
    site = running.tidied()
    journal = site.state_folder
    spoil(site)
    running.tidied()
    assert site.state_folder != journal
    assert (journal / "journal.db").exists()
    assert first(site) == FIRST
    assert site.world.steel("front-bollard") == (0.0,)
    assert not site.alarms()


def test_a_fresh_site_has_a_journal_of_its_own(running: Resetter):
    site = running.tidied()
    site.device("front-bollard").order("stop")
    assert site.journal(kind="command")
    assert not running.fresh().journal(kind="command")


def test_violations_are_those_of_this_test(running: Resetter):
    site = running.tidied()
    lorry = site.drive("front-lane", kmh=90, length_m=30)

    def over_the_bollard() -> bool:
        return any(one["name"] == lorry and one["front_m"] > 42 for one in site.world.vehicles)

    site.wait_until(over_the_bollard, "the lorry over the bollard")
    site.move("front-bollard", 1)
    site.wait_until(lambda: site.world.violations, "a strike")
    assert site.world.violations[0]["kind"] == "strike"
    site.tidy()
    assert not site.world.violations
    assert site.world.seen["violations"]
