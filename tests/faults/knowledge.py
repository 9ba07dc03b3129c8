"""What an outside observer knows: what the wires delivered, what the world shows, who was asked for what.

Nothing here asks the controller. It reads raw frames and raw readings with its own few lines, so that a mistake of the
controller's logic cannot confirm itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from controller.core.command import Life
from controller.core.readings import Quality, Reading, Readings
from controller.core.spec import Action, Kind, MoverSpec, Spec
from controller.ledger import Command, Request
from controller.logbook import Asked as Passing
from controller.orders import LOCKDOWN, OPEN, SECURE
from controller.plant import Fitting
from simulators.plants.sensors import Loop
from tests.faults.entitlement import ACTS, Entitlement
from tests.faults.observed import Asked, LoopView
from tests.faults.trace import Witness
from tests.faults.wires import Frame

if TYPE_CHECKING:
    from tests.faults.bench import Bench

SETTLED_S = 1.2
"""What is first heard has been so for a while: nothing has happened yet on a bench that has settled."""
BEGINS_S = 7.0
"""How long a unit may take to be connected anew after a trouble: the longest wait between two attempts, and the opening."""
SECURING, OPENING = (SECURE, LOCKDOWN), (OPEN,)
CRASH_READS_S = 1.0
"""A disk that takes longer than this for one access may keep a new controller from reading what was held before it."""


class Knowledge(Witness):
    """Kept up to date by the trace; the invariants ask it."""

    def __init__(self, bench: Bench) -> None:
        self.bench = bench
        plant = bench.trace.plant
        assert plant is not None, "the controller was never started"
        self.fittings: dict[str, Fitting] = {fitting.spec.id: fitting for fitting in plant.fittings}
        self.movers: dict[str, MoverSpec] = {
            name: fitting.spec for name, fitting in self.fittings.items() if isinstance(fitting.spec, MoverSpec)
        }
        self.poll_s = {plan.unit.name: plan.poll_s for wire in plant.wires for plan in wire.plans}
        self.link_of = {plan.unit.name: wire.name for wire in plant.wires for plan in wire.plans}
        self.zones = {z: [m for m, spec in self.movers.items() if spec.zone == z] for z in plant.zones}
        self.zones[plant.name] = list(self.movers)
        self.asked_for: dict[str, list[Asked]] = {name: [] for name in self.movers}
        self.readings: dict[tuple[str, str], Reading] = {}
        self.loops = {name: LoopView() for name, f in self.fittings.items() if f.spec.kind is Kind.LOOP}
        self._occupied_since: dict[str, float] = {}
        self._local_since: dict[str, float] = {}
        self.disturbed_at: dict[str, float] = {}
        self.crashed_at = -1.0
        self.disk_ill_at = -1.0
        self.holds = Entitlement(list(self.movers))
        self.passages: dict[str, Passing] = {}
        self.owner: dict[str, Asked | None] = {}
        """Whose order moved each mover last, as the frames show it."""
        self.returning: set[str] = set()
        self.renewed: dict[str, float] = {}
        self._ids: dict[str, tuple[float, float]] = {}
        self._wires = {
            name: {signal: wire for wire, signals in fitting.inputs.items() for signal in signals}
            for name, fitting in self.fittings.items()
        }
        self._loops_on: dict[str, list[str]] = {}
        for name in self.loops:
            for unit in self.fittings[name].units:
                self._loops_on.setdefault(unit, []).append(name)

    # What people ask for.

    def asked(self, request: Request) -> None:
        now, (given, window) = self.bench.now, self._ids.get(request.id, (-1.0, -1.0))
        # An id that never reached the journal is not spent: the order may be given anew, with a time of its own.
        if self.bench.recorded(request.id) or (now < window and given > self.crashed_at):
            return
        self._ids[request.id] = now, now + request.expires_in_s
        for name, member in self.members(request):
            if request.action in ACTS:
                self.holds.asked(name, request)
            self._ask(name, member, request, now + request.expires_in_s)

    def _ask(self, mover: str, order: str, request: Request, expires: float) -> None:
        action = _action(request.action, self.movers[mover])
        if action is not None:
            emergency = request.action == LOCKDOWN
            asked = Asked(order, action, self.bench.now, expires, request.by, emergency, request.hold)
            self.asked_for[mover].append(asked)

    def members(self, request: Request) -> list[tuple[str, str]]:
        """Return each mover that a request is for, and the id of the order to it."""
        zone = self.zones.get(request.target)
        if zone is None:
            return [(request.target, request.id)] if request.target in self.movers else []
        return [(name, f"{request.id}:{name}") for name in zone]

    def answered(self, request: Request, command: Command | None) -> None:
        if request.action not in ACTS:
            return
        refused = command is not None and command.life is Life.REFUSED
        for name, member in self.members(request):
            one = None if command is None else self.bench.service.outcome(member)
            self.holds.answered(name, member, request, Life.REFUSED if refused else one)

    def passing(self, asked: Passing) -> None:
        self.passages.setdefault(asked.id, asked)

    def ordered(self, request: Request, expires: float) -> None:
        """A passage may order what it was asked for: each of its orders lives as any other."""
        passage = self.passages.get(request.passage)
        if passage is not None and request.target in self._passed(passage):
            opens = request.action == self.movers[request.target].opens
            before = [a for a in self.asked_for[request.target] if a.id.startswith(f"{passage.id}:")]
            # It opens once, and only what it has opened does it secure.
            if opens != bool(before) and request.automatic != opens:
                self._ask(request.target, request.id, request, expires)

    def _passed(self, passage: Passing) -> tuple[str, ...]:
        plant = self.bench.trace.plant
        assert plant is not None
        if passage.target in plant.routes:
            return plant.routes[passage.target].points
        other = self.movers[passage.target].airlock_with
        return (passage.target, other) if passage.direction else (passage.target,)

    def held(self, command: str) -> None:
        self.renewed[command] = self.bench.now

    def crashed(self) -> None:
        self.crashed_at = self.bench.now
        self.passages.clear()
        for name in self.movers:
            well = not self.bench.disk.full and self.bench.now - self.disk_ill_at > BEGINS_S
            self.holds.killed(name, self.bench.held_on_disk(name), disk_was_well=well)

    def began(self) -> None:
        if self.bench.disk.slow_s > CRASH_READS_S:
            for held in self.holds.of.values():
                held.doubted()

    # What the wires say.

    def heard(self, unit: str, readings: Readings) -> None:
        for point, reading in readings.items():
            held = self.readings.get((unit, point))
            if held is None or reading.taken >= held.taken:
                self.readings[unit, point] = reading
        for name in self._loops_on.get(unit, ()):
            self._look_at(name)

    def _look_at(self, name: str) -> None:
        view, spec, now = self.loops[name], self.fittings[name].spec, self.bench.now
        found = [self.reading(name, signal) for signal in spec.inputs]
        if None in found:
            return
        oldest = min(reading.taken for reading in found if reading is not None)
        values = {signal: reading.value for signal, reading in zip(spec.inputs, found, strict=True) if reading}
        state = "fault" if values.get("fault") else "occupied" if values["detect"] else "clear"
        gap = now >= view.taken + min(spec.inputs.values())
        if not view.state:
            view.state, view.since = state, now - SETTLED_S
        elif state != view.state or gap:
            view.state, view.since = state, now
        view.taken = oldest

    def reading(self, device: str, signal: str) -> Reading | None:
        """Return the youngest reading of a signal that was delivered."""
        return self.readings.get(self._wires[device][signal])

    def fresh(self, device: str, signal: str) -> bool:
        """Tell whether that reading is good, and younger than its maximum age."""
        reading, spec = self.reading(device, signal), self.fittings[device].spec
        good = reading is not None and reading.quality is Quality.GOOD
        return good and reading is not None and self.bench.now < reading.taken + spec.inputs[signal]

    def says(self, device: str, signal: str) -> bool | None:
        """Read a contact as delivered: None where nothing fresh is."""
        reading = self.reading(device, signal)
        return bool(reading.value) if reading is not None and self.fresh(device, signal) else None

    def met(self, mover: str) -> bool:
        """Tell whether the wire has said that something is in the way of a mover: a loop, or an edge of its own."""
        spec = self.movers[mover]
        edge = "obstruction" in spec.inputs and self.says(mover, "obstruction") is True
        return edge or any(self.loops[loop].state == "occupied" for loop in spec.presence)

    # What the world shows.

    def stepped(self, now: float) -> None:
        for name in self.loops:
            _since(self._occupied_since, name, self._occupied_visibly(name), now)
        for name, spec in self.movers.items():
            if "local" in spec.inputs:
                _since(self._local_since, name, self._local_visibly(name), now)
        if self.bench.disk.full or self.bench.disk.slow_s:
            self.disk_ill_at = now
        for unit, link in self.link_of.items():
            if self.bench.weather.disturbs(unit, link):
                self.disturbed_at[unit] = now

    def disturbed(self, device: str, within_s: float) -> bool:
        """Tell whether a wire of a device was troubled in the last seconds, or the controller has only just begun."""
        now = self.bench.now
        units = self.fittings[device].units
        return now - self.bench.service.began <= within_s + BEGINS_S or any(
            now - self.disturbed_at.get(unit, -1e9) <= within_s + BEGINS_S for unit in units
        )

    def occupied_s(self, loop: str) -> float:
        """Return for how long a vehicle has stood on a loop whose detector says so, or one that says that it cannot tell."""
        return self.bench.now - self._occupied_since.get(loop, self.bench.now) if self._occupied_visibly(loop) else 0.0

    def shown_occupied(self, loop: str) -> bool:
        """Tell whether the wire says that something is on a loop, or may be."""
        return self.loops[loop].state != "clear"

    def local_s(self, mover: str) -> float:
        """Return for how long the key switch at a mover has been in local, and its input has said so."""
        return self.bench.now - self._local_since.get(mover, self.bench.now) if self._local_visibly(mover) else 0.0

    def _occupied_visibly(self, loop: str) -> bool:
        plant = self.bench.plant(loop)
        return isinstance(plant, Loop) and (plant.occupied or plant.broken or plant.shorted) and self.honest(loop)

    def _local_visibly(self, mover: str) -> bool:
        return self.bench.mover(mover).key.local and self.honest(mover)

    def honest(self, device: str) -> bool:
        """Tell whether every input of a device shows on its unit what its equipment says."""
        images = self.bench.built.images
        return all(images[unit].read(p) == images[unit].true(p) for unit, p in self.fittings[device].inputs)

    def reaction_s(self, device: str) -> float:
        """Return how long the controller may take to see a change at a device: maximum age and one poll."""
        fitting = self.fittings[device]
        return max(fitting.spec.inputs.values()) + max(self.poll_s[unit] for unit, _ in fitting.inputs)

    # What a frame does.

    def starts(self, frame: Frame) -> Iterator[tuple[str, Action]]:
        """Yield the motion that a frame orders, if it does."""
        spec = self.movers.get(frame.device)
        if spec is None:
            return
        for signal, (_, unit, point) in self.fittings[frame.device].outputs.items():
            if unit != frame.unit or point.name not in frame.values:
                continue
            value = frame.values[point.name]
            if signal == "command":
                yield from (
                    (spec.id, Action(a)) for a, code in spec.drive.codes.items() if code == value and a != "stop"
                )
            elif value and signal in (Action.RAISE, Action.LOWER):
                yield spec.id, Action(signal)

    def output_on(self, mover: str, action: Action) -> bool:
        """Tell whether an output of a motion is on at the unit."""
        for signal, (_, unit, point) in self.fittings[mover].outputs.items():
            value = self.bench.built.images[unit].true(point.name)
            if signal == "command" and value == self.movers[mover].drive.codes[action]:
                return True
            if signal == action and value:
                return True
        return False

    def spec(self, device: str) -> Spec:
        """Return what is fixed about a device."""
        return self.fittings[device].spec


def _action(action: str, spec: MoverSpec) -> Action | None:
    if action in SECURING:
        return spec.secures
    if action in OPENING:
        return spec.opens
    return Action(action) if action in (Action.RAISE, Action.LOWER) else None


def _since(times: dict[str, float], name: str, lasts: bool, now: float) -> None:
    if lasts:
        times.setdefault(name, now)
    else:
        times.pop(name, None)
