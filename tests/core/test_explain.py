"""The explanation is complete and names nothing that cannot be: every rule is let fire, and compared with what is explained."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

import pytest

from controller.core import kinds
from controller.core.beacon import Beacon
from controller.core.command import Authority, Order, Rule
from controller.core.device import Device, Ordered
from controller.core.explain import ACTIONS, Ground, explain
from controller.core.modes import Holds, Latch, Mode, Tag
from controller.core.mover import Fault, Mover
from controller.core.readings import Readings, good
from controller.core.refusals import judge
from controller.core.signal import Signal
from controller.core.spec import Action, BeaconSpec, ContactSpec, Kind, MoverSpec, SignalSpec, Spec
from tests.core.rig import BLOCKER, BOLLARD, BOOM, BOOM_WITHOUT_STOP, mover_spec

NOW = 100.0
FULL = mover_spec(
    inputs=dict.fromkeys(("raised0", "lowered0", "local", "estop", "obstruction"), 1.0),
    presence=("loop",),
    airlock_with="other",
    signals=("lamps",),
    warning="beacon",
    traffic="crossing",
    mains="supply",
    efo_lead_s=0.5,
    cycles_per_hour=2,
)
SPECS: dict[str, Spec] = {
    "loop": Spec(id="loop", kind=Kind.LOOP, inputs={"detect": 1.0}),
    "other": mover_spec(id="other"),
    "lamps": SignalSpec(
        id="lamps", kind=Kind.SIGNAL, inputs={"halt_lamp": 1.0, "go_lamp": 1.0}, follows="steel", go_state="lowered"
    ),
    "beacon": BeaconSpec(id="beacon", kind=Kind.BEACON, inputs={"lamp": 1.0}, warns=("steel",)),
    "crossing": Spec(id="crossing", kind=Kind.TRAFFIC_CONTROLLER, inputs={"flashing": 1.0, "dark": 1.0}),
    "supply": ContactSpec(id="supply", kind=Kind.CONTACT, inputs={"contact": 1.0}),
}
SERVICE = {Rule.JOURNAL, Rule.CRASHED, Rule.STOPPING, Rule.BUSY}
"""The rules of those who carry an order to the core and write it down."""
NO_MOTION = {Rule.EXCLUSIVE, Rule.PASSAGE, Rule.UNATTENDED}
"""The rules that refuse a change of mode, or a passage, only."""


def fresh(*on: str, spec: Spec) -> Readings:
    return {name: good(name in on, NOW) for name in spec.inputs}


@dataclass(frozen=True)
class Case:
    """A mover, its neighbours and an order, at one instant; at first nothing forbids it."""

    mover: Mover
    order: Order
    near: Mapping[str, Device] = field(default_factory=dict)

    def steel(self, **changes: object) -> Case:
        return replace(self, mover=replace(self.mover, **changes))  # type: ignore[arg-type]

    def reads(self, *on: str) -> Case:
        limit = "lowered0" if self.mover.state == "lowered" else "raised0"
        return self.steel(readings=fresh(limit, *on, spec=self.mover.spec))

    def asked(self, **changes: object) -> Case:
        return replace(self, order=replace(self.order, **changes))  # type: ignore[arg-type]

    def beside(self, name: str, **changes: object) -> Case:
        return replace(self, near={**self.near, name: replace(self.near[name], **changes)})  # type: ignore[arg-type]


def case(action: str) -> Case:
    secures = action in ("raise", "stop", "lockdown")
    state, limit = ("lowered", "lowered0") if secures else ("raised", "raised0")
    motion = Action("raise" if action == "lockdown" else action)
    authority = Authority.EMERGENCY if action == "lockdown" else Authority.OPERATOR
    order = Order(id="o", device="steel", action=motion, principal="op", expires=NOW + 5, authority=authority)
    near: dict[str, Device] = {
        "loop": Device(spec=SPECS["loop"], state="clear", readings=fresh(spec=SPECS["loop"])),
        "other": Mover(
            spec=_mover("other"),
            state="raised",
            readings=fresh("raised0", spec=SPECS["other"]),
            acked={"raise": False, "lower": False},
        ),
        "lamps": Signal(spec=_lamps(), state="halt", readings=fresh("halt_lamp", spec=SPECS["lamps"])),
        "beacon": Beacon(spec=_beacon(), state="lit", readings=fresh("lamp", spec=SPECS["beacon"])),
        "crossing": Device(spec=SPECS["crossing"], state="normal", readings=fresh(spec=SPECS["crossing"])),
        "supply": Device(spec=SPECS["supply"], state="normal", readings=fresh(spec=SPECS["supply"])),
    }
    return Case(Mover(spec=FULL, state=state, readings=fresh(limit, spec=FULL)), order, near)


def _mover(name: str) -> MoverSpec:
    found = SPECS[name]
    assert isinstance(found, MoverSpec)
    return found


def _lamps() -> SignalSpec:
    found = SPECS["lamps"]
    assert isinstance(found, SignalSpec)
    return found


def _beacon() -> BeaconSpec:
    found = SPECS["beacon"]
    assert isinstance(found, BeaconSpec)
    return found


ABOVE = Order(id="x", device="steel", action=Action.STOP, principal="x", expires=NOW, authority=Authority.EMERGENCY)
WRONGS: dict[str, Callable[[Case], Case]] = {
    "too late": lambda c: c.asked(expires=NOW),
    "seen otherwise": lambda c: c.asked(seen=7),
    "outranked": lambda c: c.steel(order=ABOVE),
    "unreachable": lambda c: c.steel(down=frozenset({"io"})),
    "blind": lambda c: c.steel(state="unknown", readings={}),
    "both limits": lambda c: c.steel(
        state="fault", fault=Fault.BOTH_LIMITS, readings=fresh("raised0", "lowered0", spec=FULL)
    ),
    "locked out": lambda c: c.steel(holds=Holds(tags=(Tag("t", "a", "w"),)), mode=Mode.MAINTENANCE),
    "local": lambda c: c.steel(mode=Mode.LOCAL),
    "key unknown": lambda c: c.steel(mode=Mode.UNKNOWN),
    "emergency latched": lambda c: c.steel(holds=Holds(efo=Latch("a", "operator", "e")), mode=Mode.EFO),
    "emergency latched, and one person": lambda c: c.asked(person=True).steel(
        holds=Holds(efo=Latch("a", "operator", "e")), mode=Mode.EFO
    ),
    "not known": lambda c: c.steel(holds=Holds(known=False), mode=Mode.UNKNOWN),
    "in test": lambda c: c.steel(holds=Holds(test="a"), mode=Mode.TEST),
    "emergency stop": lambda c: c.reads("estop"),
    "obstruction": lambda c: c.reads("obstruction"),
    "loop occupied": lambda c: c.beside("loop", state="occupied"),
    "loop just clear": lambda c: c.beside("loop", since=NOW - 0.5),
    "loop faulty": lambda c: c.beside("loop", state="fault"),
    "loop old": lambda c: c.beside("loop", readings={}),
    "other row open": lambda c: c.beside("other", state="lowered"),
    "crossing dark": lambda c: c.beside("crossing", state="dark"),
    "mains lost": lambda c: c.beside("supply", state="active"),
    "mains unknown": lambda c: c.beside("supply", readings={}),
    "worn": lambda c: c.steel(cycles=(NOW - 2, NOW - 1)),
    "given up": lambda c: c.steel(returns=3).asked(automatic=True),
}
"""What can be wrong, one at a time."""


def fired(action: str) -> set[tuple[str, str]]:
    found = set()
    for spoil in WRONGS.values():
        wrong = spoil(case(action))
        order, mover = wrong.order, wrong.mover
        if order.emergency:
            # An emergency latches before it is judged, which ends a test (R19).
            holds = mover.holds.latched(order)
            mover = replace(mover, holds=holds, mode=mover.mode if mover.mode is not Mode.TEST else Mode.EFO)
        found |= {(str(refusal.rule), refusal.device) for refusal in judge(mover, order, wrong.near, NOW)}
    return found


def told(grounds: tuple[Ground, ...], *, waits: bool | None = None) -> set[tuple[str, str]]:
    return {
        (ground.rule, ground.device)
        for ground in grounds
        if ground.rule not in SERVICE and (waits is None or ground.waits == waits)
    }


@pytest.mark.parametrize("action", ["raise", "lower", "stop", "lockdown"])
def test_nothing_forbids_what_nothing_is_wrong_with(action: str) -> None:
    right = case(action)
    assert judge(right.mover, right.order, right.near, NOW) == ()


@pytest.mark.parametrize("action", ["raise", "lower", "stop"])
def test_what_fires_is_what_is_explained(action: str) -> None:
    assert fired(action) == told(explain(FULL, SPECS)[action], waits=False)


def test_what_fires_in_an_emergency_is_what_is_explained_refused_or_waited_for() -> None:
    lead = (str(Rule.EFO), "steel")
    assert fired("lockdown") | {lead} == told(explain(FULL, SPECS)["lockdown"])
    passing = {(str(Rule.OBSTRUCTION), "steel"), (str(Rule.PRESENCE), "loop"), (str(Rule.DETECTOR), "loop"), lead}
    assert told(explain(FULL, SPECS)["lockdown"], waits=True) == passing


def test_every_rule_that_there_is_is_explained_of_something_that_moves() -> None:
    explained = {
        ground.rule
        for spec in (FULL, BOOM_WITHOUT_STOP)
        for grounds in explain(spec, SPECS).values()
        for ground in grounds
    }
    assert explained == {*Rule, "R13", "R14"} - NO_MOTION


def waiting(wrong: Case) -> str:
    after = kinds.step(wrong.mover, Ordered(wrong.order), wrong.near, NOW).device
    assert isinstance(after, Mover)
    return after.waiting


WAITS: dict[str, tuple[str, Callable[[Case], Case], str, str]] = {
    "signal": ("raise", lambda c: c.beside("lamps", state="go"), "R14", "lamps"),
    "signal unknown": ("raise", lambda c: c.beside("lamps", readings={}), "R14", "lamps"),
    "beacon": ("raise", lambda c: c.beside("beacon", state="dark"), "R15", "beacon"),
    "warned too short": ("raise", lambda c: c, "R13", "beacon"),
    "occupied": ("lockdown", lambda c: c.beside("loop", state="occupied"), "R09", "loop"),
    "faulty": ("lockdown", lambda c: c.beside("loop", state="fault"), "R29", "loop"),
    "obstructed": ("lockdown", lambda c: c.reads("obstruction"), "R10", "steel"),
}


@pytest.mark.parametrize(("action", "spoil", "rule", "device"), WAITS.values(), ids=WAITS)
def test_what_an_order_waits_for_is_explained(
    action: str, spoil: Callable[[Case], Case], rule: str, device: str
) -> None:
    assert rule in (why := waiting(spoil(case(action))))
    assert device in why
    assert (rule, device) in told(explain(FULL, SPECS)[action], waits=True)


def test_the_lead_of_an_emergency_is_explained() -> None:
    assert waiting(case("lockdown")) == "its lead time"
    (lead,) = [ground for ground in explain(FULL, SPECS)["lockdown"] if ground.rule == Rule.EFO]
    assert (lead.waits, "0.5 s" in lead.condition) == (True, True)


def test_all_that_is_waited_for_is_tried_here() -> None:
    explained = explain(FULL, SPECS)
    tried = {(rule, device) for _, _, rule, device in WAITS.values()} | {(str(Rule.EFO), "steel")}
    assert told(explained["raise"], waits=True) | told(explained["lockdown"], waits=True) == tried


def test_what_a_mover_has_not_is_not_explained() -> None:
    bare = replace(BOLLARD, inputs=dict.fromkeys(("raised0", "lowered0"), 1.0))
    rules = {ground.rule for grounds in explain(bare, {}).values() for ground in grounds}
    assert not rules & {"R09", "R10", "R13", "R14", "R15", "R18", "R29", "R31", "airlock", "kind"}


def test_an_emergency_that_ignores_its_loops_still_heeds_the_edge_of_the_steel() -> None:
    spec = replace(FULL, efo_ignores_presence=True, efo_lead_s=0.0)
    assert told(explain(spec, SPECS)["lockdown"], waits=True) == {(Rule.OBSTRUCTION, "steel")}


def test_an_airlock_with_what_is_no_mover_names_no_limits() -> None:
    (ground,) = [g for g in explain(replace(FULL, airlock_with="loop"), SPECS)["open"] if g.rule == Rule.AIRLOCK]
    assert ground.signals == ()


@pytest.mark.parametrize("spec", [BOLLARD, BOOM, BLOCKER], ids=lambda spec: str(spec.kind))
def test_to_secure_and_to_open_are_explained_as_the_motions_that_they_are(spec: MoverSpec) -> None:
    explained = explain(spec, {})
    assert tuple(explained) == ACTIONS
    assert explained["secure"] == explained[spec.secures]
    assert explained["open"] == explained[spec.opens]


def test_every_reading_named_is_an_input_of_the_device_named() -> None:
    specs = {**SPECS, "steel": FULL}
    for ground in (ground for grounds in explain(FULL, SPECS).values() for ground in grounds):
        assert set(ground.signals) <= set(specs[ground.device].inputs)
