"""What all kinds share: the register of kinds, the released outputs, a crash; and orders and readings as values."""

from __future__ import annotations

import ast
from dataclasses import FrozenInstanceError, replace
from itertools import product
from pathlib import Path
from typing import cast

import pytest

import controller.core
from controller.core import kinds
from controller.core.command import Life, Refusal, Rule, may_follow
from controller.core.device import NOTHING_READ, Device, soonest
from controller.core.mover import Mover
from controller.core.readings import Quality, Reading, bad, good, truth
from controller.core.spec import MOVERS, Action, Kind, Spec
from tests.core.rig import ALL, BLOCKER, BOLLARD, BOOM, UNITS, moving, ready
from tests.core.test_sensors import LOOP
from tests.core.test_signal import SIGNAL, following

CORE = sorted(Path(next(iter(controller.core.__path__))).glob("*.py"))


def test_every_kind_has_a_behaviour_and_signals() -> None:
    assert set(kinds.BEHAVIOURS) == set(kinds.SIGNALS) == set(Kind)


@pytest.mark.parametrize("kind", Kind)
def test_no_kind_names_a_signal_twice(kind: Kind) -> None:
    signals = kinds.SIGNALS[kind]
    names = (*signals.inputs, *signals.optional, *signals.outputs, *signals.optional_outputs)
    assert len(names) == len(set(names))
    assert set(signals.members) <= set(signals.inputs)


@pytest.mark.parametrize("kind", Kind)
def test_what_moves_has_two_limits_a_member_and_may_have_a_key_switch(kind: Kind) -> None:
    assert ("raised" in kinds.SIGNALS[kind].members) == (kind in MOVERS)
    assert ("local" in kinds.SIGNALS[kind].optional) == (kind in MOVERS)


@pytest.mark.parametrize(
    ("spec", "levels"),
    [
        (BOLLARD, {"raise": False, "lower": False}),
        (BOOM, {"raise": False, "lower": False, "stop": False}),
        (BLOCKER, {"command": 0}),
        (SIGNAL, {"halt": True, "go": False}),
        (LOOP, {}),
    ],
    ids=lambda value: getattr(value, "id", ""),
)
def test_at_rest_nothing_moves_and_nobody_passes(spec: object, levels: dict[str, object]) -> None:
    assert kinds.at_rest(spec) == levels  # type: ignore[arg-type]


# A crash.


@pytest.mark.parametrize("spec", ALL.values(), ids=ALL)
def test_a_mover_whose_logic_failed_is_known_by_nothing_but_that(spec: object) -> None:
    rig, _ = moving(spec)  # type: ignore[arg-type]
    before = rig.device
    after = cast(Mover, kinds.crashed(before, "its logic failed", rig.now))
    assert (after.state, after.why, after.order, after.fault) == ("unknown", "its logic failed", None, None)
    assert (dict(after.readings), dict(after.acked), after.writing) == ({}, {}, None)
    assert after.version > before.version


def test_a_mover_whose_logic_failed_remembers_which_units_are_down() -> None:
    rig = ready()
    rig.lose()
    assert kinds.crashed(rig.device, "its logic failed", rig.now).down == UNITS


def test_a_signal_whose_logic_failed_is_unknown() -> None:
    lamps = following("bottom")
    after = kinds.crashed(lamps.device, "its logic failed", lamps.rig.now)
    assert after.state == "unknown"
    assert [alarm.name for alarm in kinds.alarms(after)] == ["unknown"]


# Values.


def test_devices_are_frozen() -> None:
    rig = ready()
    with pytest.raises(FrozenInstanceError):
        rig.device.state = "raised"  # type: ignore[misc]


ENDS = {Life.REFUSED, Life.CONFIRMED, Life.FAILED, Life.EXPIRED, Life.SUPERSEDED, Life.UNKNOWN}


def test_ends_are_ends() -> None:
    assert {life for life in Life if life.ended} == ENDS


@pytest.mark.parametrize(("before", "after"), list(product(sorted(ENDS), Life)))
def test_nothing_follows_an_end(before: Life, after: Life) -> None:
    assert not may_follow(before, after)


def test_a_life_only_goes_forward() -> None:
    order = [Life.RECEIVED, Life.ACCEPTED, Life.ISSUED, Life.MOVING]
    for before, after in product(order, order):
        if may_follow(before, after):
            assert order.index(after) > order.index(before)


@pytest.mark.parametrize("before", [Life.RECEIVED, Life.ACCEPTED, Life.ISSUED, Life.MOVING])
def test_every_life_can_end_as_unknown(before: Life) -> None:
    assert may_follow(before, Life.UNKNOWN)


def test_what_moves_can_no_longer_expire() -> None:
    assert not may_follow(Life.MOVING, Life.EXPIRED)


def test_only_what_was_received_can_be_refused() -> None:
    assert [life for life in Life if may_follow(life, Life.REFUSED)] == [Life.RECEIVED]


def test_a_refusal_reads_as_rule_device_and_reading() -> None:
    assert str(Refusal(Rule.PRESENCE, "loop", "loop occupied")) == "R09 loop: loop occupied"


def test_a_mover_heeds_every_device_that_its_logic_looks_at() -> None:
    assert BOLLARD.heeds == ()
    spec = replace(
        BOLLARD, presence=("loop",), airlock_with="other", signals=("signal",), warning="beacon", traffic="crossing"
    )
    assert set(spec.heeds) == {"loop", "other", "signal", "beacon", "crossing"}


@pytest.mark.parametrize("secures", [Action.RAISE, Action.LOWER])
def test_to_secure_and_to_open_are_opposites(secures: Action) -> None:
    spec = next(spec for spec in ALL.values() if spec.secures is secures)
    assert {spec.secures, spec.opens} == {Action.RAISE, Action.LOWER}
    assert {spec.secured_state, spec.open_state} == {"raised", "lowered"}
    assert spec.secured_state == ("raised" if secures is Action.RAISE else "lowered")


@pytest.mark.parametrize(
    ("reading", "read"),
    [
        (None, None),
        (good(True, 10.0), True),
        (good(False, 10.0), False),
        (good(0, 10.0), False),
        (good(True, 9.0), None),
        (bad(10.0), None),
        (Reading(True, Quality.UNCERTAIN, 10.0), None),
        (Reading(True, Quality.BAD, 10.0), None),
    ],
    ids=str,
)
def test_a_contact_is_read_three_valued(reading: Reading | None, read: bool | None) -> None:
    assert truth(reading, now=10.0, max_age_s=1.0) is read


def test_a_reading_ages() -> None:
    assert good(1, 10.0).age(12.5) == 2.5


def test_soonest_is_the_earliest_that_is_set() -> None:
    assert soonest(None, 3.0, 2.0) == 2.0
    assert soonest(None) is None


# Habits of the core.


@pytest.mark.parametrize("path", CORE, ids=lambda path: path.name)
def test_no_file_of_the_core_is_longer_than_one_sitting(path: Path) -> None:
    assert len(path.read_text().splitlines()) < 300


@pytest.mark.parametrize("path", CORE, ids=lambda path: path.name)
def test_the_core_reads_no_clock_and_draws_no_lot(path: Path) -> None:
    forbidden = {"time", "datetime", "random", "asyncio", "logging", "os", "socket", "pathlib"}
    for node in ast.walk(ast.parse(path.read_text())):
        names = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [node.module or ""]
        assert not {name.split(".")[0] for name in names} & forbidden


def test_rule_6_a_device_that_went_blind_over_a_live_wire_is_an_alarm_and_one_that_is_just_back_is_none() -> None:
    loop = Device(spec=Spec(id="loop", kind=Kind.LOOP, inputs={"detect": 1.0}))
    assert kinds.alarms(loop) == ()
    blind = replace(loop, why="detect is stale", version=2)
    assert [alarm.name for alarm in kinds.alarms(blind)] == ["unknown"]
    assert kinds.alarms(replace(loop, why=NOTHING_READ, version=2)) == ()
