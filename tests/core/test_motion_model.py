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

from tests.core.motion_ledger import LOOPS
from tests.core.motion_machine import DOUBTS, Anything
from tests.core.rig import ALL, BOLLARD, BOOM, BOOM_WITHOUT_STOP, MAX_AGE_S

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
        machine, settings=settings(max_examples=35, stateful_step_count=40, suppress_health_check=health)
    )


@pytest.mark.parametrize("spec", MACHINES.values(), ids=MACHINES)
def test_whatever_one_thing_forbids(spec: MoverSpec) -> None:
    machine = type("Machine", (Anything,), {"spec": spec})()
    machine.start("top")
    for name, how, fired, opens in product(machine.forbidders, DOUBTS, (False, True), (False, True)):
        machine.forbid(name, how, fired=fired, opens=opens)
        machine.never()
    machine.teardown()
