"""What can forbid each action of a mover, or hold it up, and the readings that it hangs on: the rules in words, before they fire.

Three-valued throughout: a condition forbids while it holds and while it is unknown. What fires, and when, is decided in
`refusals.py`, `modes.py`, `ordering.py` and, for the last three rules, by the service; a test lets every rule fire and compares.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from controller.core.command import Rule
from controller.core.ordering import AFTER_POWER_S
from controller.core.refusals import CLEAR_S
from controller.core.replacing import replace
from controller.core.said import said
from controller.core.spec import Action, MoverSpec, Spec

ACTIONS = ("raise", "lower", "secure", "open", "stop", "lockdown")

UNKNOWN_FORBIDS = said(
    "Unknown forbids: a condition stands while it holds and while it cannot be told. A reading that is older than the seconds "
    "behind it tells nothing."
)


@dataclass(frozen=True, slots=True)
class Ground:
    """One reason not to move: its rule, the device that gives it, the condition, and the inputs of that device behind it.

    An action `waits` on some of them, within its order's time; any other refuses it, or ends its wait.
    """

    rule: str
    device: str
    condition: str
    signals: tuple[str, ...] = ()
    waits: bool = False


def explain(spec: MoverSpec, specs: Mapping[str, Spec]) -> dict[str, tuple[Ground, ...]]:
    """Return by action all that can forbid it or hold it up; `specs` are those of the devices that the mover heeds, by id."""
    secures = tuple(_securing(spec, specs))
    opens = tuple(_opening(spec, specs))
    raises, lowers = (secures, opens) if spec.secures is Action.RAISE else (opens, secures)
    return {
        "raise": raises,
        "lower": lowers,
        "secure": secures,
        "open": opens,
        "stop": tuple(_stopping(spec)),
        "lockdown": tuple(_emergency(spec, specs)),
    }


def _securing(spec: MoverSpec, specs: Mapping[str, Spec]) -> Iterator[Ground]:
    yield from _any_motion(spec)
    yield from _ordinary(spec, specs)
    yield from _in_the_way(spec, specs)
    done = said("an automatic order, after {times} returns in a row", times=spec.give_up)
    yield Ground(Rule.GIVEN_UP, spec.id, done)
    yield from _service(spec, journal=True)
    yield from _warning(spec, specs)


def _opening(spec: MoverSpec, specs: Mapping[str, Spec]) -> Iterator[Ground]:
    yield from _any_motion(spec)
    yield from _ordinary(spec, specs)
    if spec.airlock_with:
        other = specs[spec.airlock_with]
        limits = (*other.tops, *other.bottoms) if isinstance(other, MoverSpec) else ()
        yield Ground(Rule.AIRLOCK, spec.airlock_with, said("the other row is not confirmed secured"), limits)
    alone = said("an emergency is latched, and no second person has asked for it within the minute")
    yield Ground(Rule.TWO_PERSONS, spec.id, alone)
    yield Ground(Rule.CYCLES, spec.id, said("{most} cycles within the last hour", most=spec.cycles_per_hour))
    yield from _service(spec, journal=True)


def _stopping(spec: MoverSpec) -> Iterator[Ground]:
    yield Ground(Rule.EXPIRED, spec.id, said("the order's time is over"))
    yield _unreachable(spec)
    if not spec.stoppable:
        yield Ground(Rule.KIND, spec.id, said("always: its drive has no input to stop it"))
    yield from _service(spec, journal=False)


def _emergency(spec: MoverSpec, specs: Mapping[str, Spec]) -> Iterator[Ground]:
    """It is latched whatever else becomes of it, and outranks every other order."""
    yield from _any_motion(spec)
    yield from _service(spec, journal=False)
    loops = () if spec.efo_ignores_presence else spec.presence
    yield from _in_the_way(replace(spec, presence=loops), specs, waits=True)
    if spec.efo_lead_s:
        lead = said("the lead of {seconds:g} s for the signals is not over", seconds=spec.efo_lead_s)
        yield Ground(Rule.EFO, spec.id, lead, waits=True)


def _any_motion(spec: MoverSpec) -> Iterator[Ground]:
    limits = (*spec.tops, *spec.bottoms)
    yield Ground(Rule.EXPIRED, spec.id, said("the order's time is over"))
    yield _unreachable(spec)
    yield Ground(Rule.FRESH, spec.id, said("its limit switches do not show where it is"), limits)
    yield Ground(Rule.FAULT, spec.id, said("both limit switches of a member are active"), limits)
    yield Ground(Rule.LOCKED_OUT, spec.id, said("it is locked out for maintenance"))
    if "local" in spec.inputs:
        yield Ground(Rule.MODE, spec.id, said("the key switch is in local"), ("local",))
    if "estop" in spec.inputs:
        yield Ground(Rule.MODE, spec.id, said("the emergency stop is pressed"), ("estop",))


def _ordinary(spec: MoverSpec, specs: Mapping[str, Spec]) -> Iterator[Ground]:
    """Return what forbids every motion but an emergency."""
    yield Ground(Rule.EFO, spec.id, said("an emergency is latched and has not been reset"))
    yield Ground(Rule.TEST, spec.id, said("somebody else holds it in test"))
    yield Ground(Rule.HOLDS, spec.id, said("what was held over it before the controller started is not known yet"))
    yield Ground(Rule.AUTHORITY, spec.id, said("an order of more authority is under way"))
    yield Ground(Rule.SEEN, spec.id, said("it has changed since the version that the order names"))
    if spec.mains:
        yield Ground(Rule.MAINS, spec.mains, said("the mains of its drive are lost"), tuple(specs[spec.mains].inputs))
    if spec.traffic:
        shows = said("the traffic controller is dark, flashing or in failure")
        yield Ground(Rule.TRAFFIC, spec.traffic, shows, tuple(specs[spec.traffic].inputs))


def _in_the_way(spec: MoverSpec, specs: Mapping[str, Spec], *, waits: bool = False) -> Iterator[Ground]:
    if "obstruction" in spec.inputs:
        yield Ground(Rule.OBSTRUCTION, spec.id, said("it meets an obstruction"), ("obstruction",), waits)
    for name in spec.presence:
        inputs = tuple(specs[name].inputs)
        taken = said("the loop is occupied, or clear for less than {seconds:g} s", seconds=CLEAR_S)
        yield Ground(Rule.PRESENCE, name, taken, inputs, waits)
        yield Ground(Rule.DETECTOR, name, said("the loop is in fault, which counts as occupied"), inputs, waits)


def _warning(spec: MoverSpec, specs: Mapping[str, Spec]) -> Iterator[Ground]:
    for name in spec.signals:
        yield Ground("R14", name, said("the signal is not proven to show halt"), tuple(specs[name].inputs), waits=True)
    if spec.warning:
        inputs = tuple(specs[spec.warning].inputs)
        yield Ground(Rule.WARNING, spec.warning, said("the beacon is not proven lit"), inputs, waits=True)
        short = said(
            "it has been lit for this order for less than {seconds:g} s "
            "(an automatic one after power came back: {longer:g} s)",
            seconds=spec.warning_s,
            longer=max(spec.warning_s, AFTER_POWER_S),
        )
        yield Ground("R13", spec.warning, short, inputs, waits=True)


def _unreachable(spec: MoverSpec) -> Ground:
    return Ground(Rule.UNREACHABLE, spec.id, said("a unit that it is wired to does not answer"))


def _service(spec: MoverSpec, *, journal: bool) -> Iterator[Ground]:
    if journal:
        yield Ground(Rule.JOURNAL, spec.id, said("the journal cannot be written"))
    yield Ground(Rule.CRASHED, spec.id, said("its logic has failed"))
    yield Ground(Rule.STOPPING, spec.id, said("the controller is stopping"))
    if journal:
        yield Ground(Rule.BUSY, spec.id, said("more orders wait for their decision than any person gives"))
