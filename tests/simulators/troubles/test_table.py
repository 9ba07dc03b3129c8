"""The table of troubles: each row is acted out, each target and option that makes no sense is refused with what would."""

from __future__ import annotations

from typing import Any

import pytest

from simulators.errors import SimulationError
from simulators.ill import Ill
from simulators.mishaps import PLANT_KINDS, TABLE
from simulators.mishaps.gates import GATE_KINDS
from simulators.mishaps.kinds import Group, Kind, Target
from simulators.mishaps.serving import SERVER_KINDS
from simulators.mishaps.table import WIRES
from simulators.trouble import DOWN, Troubles
from tests.simulators.support import Stage

PLACES = {"modbus-tcp": "albert", "modbus-rtu": "gambetta-bus", "serial": "albert-radar-line", "opcua": "ruhl-plc",
          "mqtt": "promenade-broker"}  # fmt: skip
WRONG: dict[str, list[Any]] = {
    "number": ["much", True, float("nan"), 1e9],
    "integer": ["much", 1.5, True, -1],
    "text": [3],
    "any": [[]],
}


@pytest.fixture(scope="module")
def troubles() -> Troubles:
    """Those of the shipped field, its servers not started."""
    stage = Stage()
    return Troubles(stage.built, dict.fromkeys(stage.built.plan.links))  # type: ignore[arg-type]


def test_every_row_is_acted_out_and_nothing_is_that_has_no_row():
    assert {*GATE_KINDS, *SERVER_KINDS, *PLANT_KINDS, *DOWN} == set(TABLE)


def test_every_row_stands_under_its_name_in_one_group_after_the_other():
    assert [kind.name for kind in TABLE.values()] == list(TABLE)
    groups = [kind.group for kind in TABLE.values()]
    assert list(dict.fromkeys(groups)) == list(Group)
    assert groups == sorted(groups, key=list(Group).index)


@pytest.mark.parametrize("kind", TABLE)
async def test_a_target_that_is_not_there_is_refused_with_those_that_are(troubles: Troubles, kind: str):
    with pytest.raises(SimulationError, match=rf"^{kind}: .*'?nowhere'?.*(expected|known)"):
        troubles.check(kind, "nowhere", {})
    assert troubles.seen() == []


@pytest.mark.parametrize("kind", [kind for kind in TABLE.values() if kind.wires], ids=lambda kind: kind.name)
def test_a_wire_of_another_protocol_is_refused_with_its_own(troubles: Troubles, kind: Kind):
    plan = troubles._built.plan
    for wire in set(WIRES) - set(kind.wires):
        unit = next(name for name, entry in plan.units.items() if entry.link == PLACES[wire])
        point = next(iter(troubles._built.images[unit].profile.points))
        place = {Target.LINK: PLACES[wire], Target.POINT: f"{unit}.{point}", Target.OUTPUT: f"{unit}.{point}"}
        with pytest.raises(SimulationError, match=rf"^{kind.name}: link {PLACES[wire]} is {wire}: expected an? "):
            troubles.check(kind.name, place.get(kind.target, unit), {})


@pytest.mark.parametrize("kind", TABLE.values(), ids=lambda kind: kind.name)
def test_an_option_that_does_not_fit_is_refused_with_what_would(troubles: Troubles, kind: Kind):
    with pytest.raises(SimulationError, match=rf"^{kind.name}: there is no option 'colour': expected "):
        troubles.check(kind.name, "albert", {"colour": "red"})
    for name, option in kind.options.items():
        low, high = (option.above if option.least is None else option.least), option.most
        beyond = [] if low is None or high is None else [low - 1, high + 1]
        for value in [*WRONG[option.type], *beyond, *([] if option.above is None else [option.above])]:
            if value == -1 and low is not None and low <= -1:
                continue
            with pytest.raises(SimulationError, match=rf"^{kind.name}: {name} is .*: expected "):
                troubles.check(kind.name, "albert", {name: value})
        if option.default is not None:
            assert option.fits(option.default)


@pytest.mark.parametrize(
    ("kind", "target", "options", "expected"),
    [
        ("swap-inputs", "albert-io.di0", {}, "`with` is missing: expected with=INPUT"),
        ("swap-inputs", "albert-io.di0", {"with": "di0"}, "no other input 'di0'"),
        ("swap-inputs", "albert-io.do0", {"with": "di0"}, "has no input 'do0'"),
        ("loop-crosstalk", "ruhl-presence", {}, "`with` is missing: expected with=LOOP"),
        ("loop-crosstalk", "ruhl-presence", {"with": "ruhl-presence"}, "no other loop"),
        ("watchdog-expires", "gambetta-loop-outer", {}, "a ld120 does not watch its host"),
        ("another-module", "massena-io", {}, "a moxa-e1214 has no identity"),
        ("welded", "ruhl-wedge-plc.command", {}, "is no relay"),
        ("welded", "albert-io.di0", {}, "is an input: expected an output"),
        ("output-supply", "gambetta-loop-sterile-inner", {"x": 1}, "no option"),
        ("chatter", "albert-radar.speed", {}, "is no contact"),
        ("weak", "albert-bollards", {"member": 3}, "expected 0 to 2"),
        ("estop", "albert-bollards", {}, "no channel 'estop'"),
        ("battery-low", "albert", {}, "gives the supply albert no `battery`"),
        ("door-open", "albert-mains", {}, "expected mains-loss or battery-low albert"),
        ("reckless", "ruhl", {}, "has no signal"),
        ("half-open", "albert-io", {}, "expected a link, e.g. albert"),
        ("retained", "promenade-broker", {}, "no unit 'promenade-broker'"),
    ],
)
def test_what_it_cannot_befall_is_refused_with_what_it_can(
    troubles: Troubles, kind: str, target: str, options: dict[str, Any], expected: str
):
    with pytest.raises(SimulationError, match=expected):
        troubles.check(kind, target, options)


def test_of_several_wrongs_the_latest_shows_and_each_ends_by_itself():
    ill = Ill(0)
    first, second, third = ill.begin(1), ill.begin(2), ill.begin(1)
    assert ill.now == 1
    first()
    third()
    assert ill.now == 2
    second()
    assert ill.now == 0
