"""The explanation of what can forbid a motion, to the word: whoever reads it before ordering has nothing else (rule 10)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from controller.core.explain import explain
from controller.core.spec import Action, MoverSpec
from tests.core.rig import BOOM_WITHOUT_STOP
from tests.core.test_explain import FULL, SPECS

ANY_MOTION = """\
expired steel: the order's time is over []
unreachable steel: a unit that it is wired to does not answer []
fresh-data steel: its limit switches do not show where it is [raised0 lowered0]
fault steel: both limit switches of a member are active [raised0 lowered0]
lock-out steel: it is locked out for maintenance []
R18 steel: the key switch is in local [local]
R18 steel: the emergency stop is pressed [estop]
"""
ORDINARY = """\
R06 steel: an emergency is latched and has not been reset []
test steel: somebody else holds it in test []
holds steel: what was held over it before the controller started is not known yet []
authority steel: an order of more authority is under way []
changed-since-seen steel: it has changed since the version that the order names []
mains supply: the mains of its drive are lost [contact]
R31 crossing: the traffic controller is dark, flashing or in failure [flashing dark]
"""
JOURNAL = """\
journal steel: the journal cannot be written []
"""
BUSY = """\
busy steel: more orders wait for their decision than any person gives []
"""
SERVICE = """\
crashed steel: its logic has failed []
stopping steel: the controller is stopping []
"""
SECURE = f"""\
{ANY_MOTION}{ORDINARY}\
R10 steel: it meets an obstruction [obstruction]
R09 loop: the loop is occupied, or clear for less than 1 s [detect]
R29 loop: the loop is in fault, which counts as occupied [detect]
R11 steel: an automatic order, after 3 returns in a row []
{JOURNAL}{SERVICE}{BUSY}\
R14 lamps: the signal is not proven to show halt [halt_lamp go_lamp] waits
R15 beacon: the beacon is not proven lit [lamp] waits
R13 beacon: it has been lit for this order for less than 1 s (an automatic one after power came back: 5 s) [lamp] waits
"""
OPEN = f"""\
{ANY_MOTION}{ORDINARY}\
airlock other: the other row is not confirmed secured [raised0 lowered0]
two-persons steel: an emergency is latched, and no second person has asked for it within the minute []
R04 steel: 2 cycles within the last hour []
{JOURNAL}{SERVICE}{BUSY}\
"""
STOP = f"""\
expired steel: the order's time is over []
unreachable steel: a unit that it is wired to does not answer []
{SERVICE}\
"""
LOCKDOWN = f"""\
{ANY_MOTION}{SERVICE}\
R10 steel: it meets an obstruction [obstruction] waits
R09 loop: the loop is occupied, or clear for less than 1 s [detect] waits
R29 loop: the loop is in fault, which counts as occupied [detect] waits
R06 steel: the lead of 0.5 s for the signals is not over [] waits
"""


def told(spec: MoverSpec, action: str) -> str:
    grounds = explain(spec, SPECS)[action]
    return "".join(
        f"{ground.rule} {ground.device}: {ground.condition} [{' '.join(ground.signals)}]{' waits' * ground.waits}\n"
        for ground in grounds
    )


@pytest.mark.parametrize(
    ("action", "text"),
    [("raise", SECURE), ("lower", OPEN), ("secure", SECURE), ("open", OPEN), ("stop", STOP), ("lockdown", LOCKDOWN)],
)
def test_rule_10_everything_that_can_forbid_an_action_is_explained(action: str, text: str) -> None:
    assert told(FULL, action) == text


def test_what_blocks_the_way_by_lowering_is_explained_the_other_way_round() -> None:
    boom = replace(FULL, secures=Action.LOWER)
    assert (told(boom, "raise"), told(boom, "lower")) == (OPEN, SECURE)


def test_a_longer_warning_is_not_shortened_after_power_came_back() -> None:
    last = "R13 beacon: it has been lit for this order for less than 8 s (an automatic one after power came back: 8 s)"
    assert told(replace(FULL, warning_s=8.0), "secure").splitlines()[-1] == f"{last} [lamp] waits"


def test_r09_an_emergency_that_ignores_presence_is_explained_without_the_loops() -> None:
    assert "loop" not in told(replace(FULL, efo_ignores_presence=True), "lockdown")


def test_a_drive_without_a_stop_input_is_explained() -> None:
    assert "kind steel: always: its drive has no input to stop it []\n" in told(BOOM_WITHOUT_STOP, "stop")


def test_a_mover_that_heeds_nothing_is_explained_by_itself() -> None:
    plain = replace(BOOM_WITHOUT_STOP, cycles_per_hour=2)
    unknown = {
        line.split()[1] for action in ("secure", "open", "lockdown") for line in told(plain, action).splitlines()
    }
    assert unknown == {"steel:"}
