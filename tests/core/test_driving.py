"""How soon outputs have to be as the state wants them: before everything, before orders, or in turn (rule 9)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from controller.core.command import Life
from controller.core.device import DriveTo
from controller.core.driving import driven
from controller.core.mover import Mover
from controller.core.outputs import RETRY_S
from controller.core.spec import MoverSpec
from tests.core.rig import ALL, BLOCKER, BOLLARD, BOOM, Rig, moving, ready, seen

NOW = 100.0

STOPPABLE = {name: spec for name, spec in ALL.items() if spec.stoppable and spec.drive.type != "pulsed"}
each = pytest.mark.parametrize("spec", STOPPABLE.values(), ids=STOPPABLE)


def arrived(spec: MoverSpec) -> Rig:
    """Bring a mover that rests lowered to its upper limit."""
    rig, order = moving(spec)
    rig.sample("top")
    assert rig.last(order).life is Life.CONFIRMED
    return rig


def how_soon(drive: DriveTo) -> tuple[bool, bool]:
    return drive.urgent, drive.at_rest


URGENT, AT_REST, IN_TURN = (True, False), (False, True), (False, False)


@pytest.mark.parametrize(("spec", "on"), [(BOLLARD, {"raise": False}), (BLOCKER, {"command": 0})], ids=["held", "code"])
def test_rule_9_what_has_brought_steel_to_its_limit_lets_an_emergency_go_first(
    spec: MoverSpec, on: dict[str, object]
) -> None:
    rig = arrived(spec)
    assert rig.device.state == "raised"
    assert rig.levels == on
    assert how_soon(rig.drives[-1]) == AT_REST


@each
def test_rule_9_steel_that_is_stopped_on_its_way_waits_for_nothing(spec: MoverSpec) -> None:
    rig, _ = moving(spec)
    rig.sample("both")
    assert rig.device.state == "fault"
    assert how_soon(rig.drives[-1]) == URGENT


def test_rule_9_an_order_comes_in_its_turn_and_an_emergency_before_everything() -> None:
    rig = ready(BOLLARD, "bottom")
    rig.order("raise")
    assert how_soon(rig.drives[-1]) == IN_TURN
    fired = ready(BOLLARD, "bottom")
    fired.fire()
    assert how_soon(fired.drives[-1]) == URGENT


@pytest.mark.parametrize(
    ("spec", "acked"),
    [
        (BOLLARD, {"raise": True, "lower": True}),
        (BOLLARD, {"lower": True, "raise": False}),
        (BOLLARD, {"raise": True}),
        (BLOCKER, {"command": 2}),
        (BOOM, {"raise": True, "lower": False, "stop": True}),
    ],
    ids=["both on", "what leads away", "one in doubt", "the other code", "a stop that is given"],
)
def test_rule_9_at_a_limit_whatever_else_may_be_on_is_switched_off_before_everything(
    spec: MoverSpec, acked: dict[str, object]
) -> None:
    raised = Mover(spec=spec, state="raised", readings=seen(spec, "top", NOW), acked=acked)  # type: ignore[arg-type]
    _, drives = driven(raised, NOW)
    (drive,) = drives
    assert isinstance(drive, DriveTo)
    assert how_soon(drive) == URGENT


def test_rule_9_a_release_that_failed_is_in_doubt_and_waits_for_nothing_any_more() -> None:
    rig = arrived(BOLLARD)
    rig.fail(Life.UNKNOWN)
    rig.run(RETRY_S + 0.1)
    assert rig.device.state == "raised"
    assert how_soon(rig.drives[-1]) == URGENT


def test_what_is_as_it_should_be_is_not_asked_for() -> None:
    resting = Mover(spec=BOLLARD, state="raised", acked={"raise": False, "lower": False})
    assert driven(resting, NOW) == (resting, [])
    lacking = replace(resting, acked={}, retry_at=NOW + 0.1)
    assert driven(lacking, NOW) == (lacking, [])
    assert driven(replace(lacking, down=frozenset({"io"})), NOW + 1.0)[1] == []
