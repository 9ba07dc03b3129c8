"""What hangs on what: which output switches what, which input tells of what, and which rows share a piece of road.

An output that two commands are wired to switches both. An input that two devices read tells of one of them only, and nobody can
say of which: unless both ask for the same thing, which one contact can tell several devices (a key switch, a fault relay),
nothing that is read there is a proof.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from controller.board import heeds
from controller.core.spec import Action, Kind, MoverSpec, SignalSpec, Spec
from controller.proof.world import opposite

Terminal = tuple[str, str]
"""A unit and one of its points."""

Command = tuple[str, str]
"""A device and a command: a motion of steel, an aspect of a signal."""

SHARED = frozenset({"local", "fault", "estop"})
"""What one contact may tell several devices."""

APART = frozenset({Kind.BEACON, Kind.TRAFFIC_CONTROLLER, Kind.CONTACT})
"""What is looked at only for whether an order may begin yet, or go on."""


@dataclass(frozen=True)
class Wiring:
    """The devices by id, and the terminals of their outputs and inputs by (device, signal)."""

    specs: Mapping[str, Spec]
    outputs: Mapping[Command, Terminal]
    inputs: Mapping[Command, Terminal]

    def switched(self) -> dict[Command, tuple[Command, ...]]:
        """Return for each command all commands that its output switches: itself, unless the wiring is wrong."""
        at = {command: place for spec in self.specs.values() for command, place in self._places(spec)}
        return {one: tuple(other for other, place in at.items() if place == at[one]) for one in at}

    def _places(self, spec: Spec) -> Iterator[tuple[Command, object]]:
        if isinstance(spec, MoverSpec) and spec.drive.type == "setpoint":
            terminal = self.outputs[spec.id, "command"]
            yield from (((spec.id, a), (terminal, spec.drive.codes[a])) for a in (Action.RAISE, Action.LOWER))
            return
        for name in spec.outputs:
            if opposite(spec, name):
                yield (spec.id, name), (self.outputs[spec.id, name], True)

    def doubtful(self) -> dict[str, str]:
        """Return the devices whose readings prove nothing, and why."""
        readers: dict[Terminal, list[Command]] = {}
        for command, terminal in self.inputs.items():
            readers.setdefault(terminal, []).append(command)
        found: dict[str, str] = {}
        for terminal, commands in readers.items():
            told = {signal for _, signal in commands}
            if len(commands) > 1 and not (len(told) == 1 and told <= SHARED):
                names = " and of ".join(f"{device}.{signal}" for device, signal in commands)
                why = f"`{'.'.join(terminal)}` is read as a sign of {names}: it can tell of one only"
                found |= {device: why for device, signal in commands if signal not in SHARED}
        return found

    def rows(self) -> dict[str, tuple[str, ...]]:
        """Return for each mover those that must never be open together with it.

        They are the other row of a declared airlock, and every mover that looks at the same presence loop: it stands at the
        same piece of road, and a vehicle there must not find a way through both.
        """
        movers = [spec for spec in self.specs.values() if isinstance(spec, MoverSpec)]
        return {one.id: tuple(o.id for o in movers if o is not one and self._together(one, o)) for one in movers}

    def _together(self, one: MoverSpec, other: MoverSpec) -> bool:
        declared = one.airlock_with == other.id or other.airlock_with == one.id
        return declared or bool(set(one.presence) & set(other.presence))

    def components(self) -> list[tuple[str, ...]]:
        """Return the groups of devices that have to do with each other and command something, in the order of the site.

        What is `APART` is in none: it may show anything.
        """
        group = {name: {name} for name, spec in self.specs.items() if spec.kind not in APART}
        rows = self.rows()
        ties = [(spec.id, other) for spec in self.specs.values() for other in (*heeds(spec), *rows.get(spec.id, ()))]
        ties += [(one[0], other[0]) for one, others in self.switched().items() for other in others]
        for one, other in ties:
            if {one, other} <= group.keys() and group[one] is not group[other]:
                group[one] |= group[other]
                for name in group[other]:
                    group[name] = group[one]
        found = {id(members): members for members in group.values()}
        order = list(self.specs)
        ordered = [tuple(sorted(members, key=order.index)) for members in found.values()]
        return [names for names in ordered if any(isinstance(self.specs[n], MoverSpec | SignalSpec) for n in names)]
