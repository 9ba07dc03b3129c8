"""Whatever happens in whatever order: what a mover never does, and what it always does in the end.

`motion_machine` plays everybody but the core, `motion_world` and `motion_ledger` hold what is known without asking it, and
`motion_checks` says what has to be true.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from controller.core.command import Authority, Switch
from tests.core.motion_ledger import LOOPS
from tests.core.motion_machine import Anything
from tests.core.motion_walks import DOUBTS, ENDINGS, Walk
from tests.core.rig import ALL, BOLLARD, BOOM, BOOM_WITHOUT_STOP, MAX_AGE_S

pytestmark = pytest.mark.untraced

if TYPE_CHECKING:
    from controller.core.spec import MoverSpec


def _guarded(spec: MoverSpec, **changes: object) -> MoverSpec:
    inputs = {**spec.inputs, "estop": MAX_AGE_S, "obstruction": MAX_AGE_S}
    return replace(spec, inputs=inputs, presence=LOOPS, **changes)  # type: ignore[arg-type]


MACHINES = {
    **ALL,
    "bollard between loops": _guarded(BOLLARD),
    "boom over loops that is warned of": _guarded(BOOM, warning="beacon", signals=("signal",)),
    "boom without stop over loops": _guarded(BOOM_WITHOUT_STOP, warning="beacon"),
    "bollard on a crossing": replace(
        BOLLARD, signals=("signal",), warning="beacon", traffic="crossing", efo_lead_s=1.0
    ),
    "bollard whose emergency ignores presence": _guarded(
        BOLLARD, efo_ignores_presence=True, fastest_s=3.0, give_up=1, cycles_per_hour=2
    ),
    "row of an airlock": replace(_guarded(BOLLARD), presence=LOOPS[:1], airlock_with="other"),
}


@pytest.mark.parametrize("spec", MACHINES.values(), ids=MACHINES)
def test_whatever_happens(spec: MoverSpec) -> None:
    machine = type("Machine", (Anything,), {"spec": spec})
    # A loaded machine is no fault of the core's.
    health = [HealthCheck.too_slow]
    run_state_machine_as_test(
        machine, settings=settings(max_examples=20, stateful_step_count=40, suppress_health_check=health)
    )


def led(spec: MoverSpec) -> Walk:
    walk: Walk = type("Led", (Walk,), {"spec": spec})()
    walk.start("top")
    return walk


@pytest.mark.parametrize("spec", MACHINES.values(), ids=MACHINES)
def test_whatever_one_thing_forbids(spec: MoverSpec) -> None:
    walk = led(spec)
    for name, how, fired, opens in product(walk.forbidders, DOUBTS, (False, True), (False, True)):
        walk.forbid(name, how, fired=fired, opens=opens)
    walk.teardown()


@pytest.mark.parametrize("spec", MACHINES.values(), ids=MACHINES)
def test_whatever_becomes_of_a_motion(spec: MoverSpec) -> None:
    walk = led(spec)
    for how, fired in product(ENDINGS, (False, True)):
        walk.end(how, fired=fired)
    walk.be_late()
    walk.teardown()


@pytest.mark.parametrize("spec", MACHINES.values(), ids=MACHINES)
def test_whoever_takes_hold_of_it(spec: MoverSpec) -> None:
    walk, rank = led(spec), Authority.OPERATOR
    taken = (Switch.LOCK_OUT, Switch.TEST, Switch.RELEASE)
    undone = (("anna", "operator", 1), ("ben", "operator", 2), ("ben", "supervisor", 1))
    for how, moved, (then, role, times) in product(taken, (False, True), undone):
        walk.meddle(how, moved, spec.secures, times, "anna", then=then, role=role, authority=rank)
    walk.teardown()


@pytest.mark.parametrize("spec", MACHINES.values(), ids=MACHINES)
def test_whatever_it_runs_into(spec: MoverSpec) -> None:
    walk, either = led(spec), (False, True)
    for name, fired, acked, blind, again in product((LOOPS[0], "obstruction"), either, either, either, either):
        walk.run_into(name, fired, acked, blind, again)
    walk.teardown()
