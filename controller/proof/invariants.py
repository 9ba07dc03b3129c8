"""What must hold at every moment, over what the devices of one component show.

The letters are those of the fault simulation. All of it is about what outputs are asked for: steel that moves without its
output, as after a pulse, or by hand, is beyond it. A device that has not yet looked since a neighbour changed (`late`) is given
that one step, which its mailbox already holds: the board wakes it, or its own timer does.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from controller.core.device import Device
from controller.core.mover import Mover, confirmed
from controller.core.spec import Kind, MoverSpec, SignalSpec
from controller.proof.clock import NOW
from controller.proof.lens import Glance
from controller.proof.machine import Node, asked
from controller.proof.shape import LONG_AGO
from controller.proof.wiring import Command, Wiring
from controller.proof.world import opposite

INVARIANTS: Mapping[str, str] = {
    "c": "no output asks for a securing motion while presence is true, unknown or cleared under a second ago (R09, R29)",
    "d": "no output asks a row of an airlock to open unless the other is confirmed secured and not driven open (PAS 69)",
    "e": "no output asks for a motion under a lock-out, out of remote, or with the emergency stop pressed (R18)",
    "k": "no output is switched on while the opposite one may be on",
    "R14": "a signal is asked to show go only while its mover is confirmed open",
}


@dataclass(frozen=True, slots=True)
class Shows:
    """What a node shows: to its neighbours (`glances`), at its outputs (`asked`; `on` may still be on), and of itself.

    `ignoring` tells that it is in an emergency for which somebody accepted that it does not heed presence.
    """

    asked: frozenset[str]
    on: frozenset[str]
    at: str
    glances: tuple[Glance, ...]
    ignoring: bool = False


@dataclass(frozen=True, slots=True)
class Broken:
    """An invariant that does not hold: its letter, and how."""

    invariant: str
    how: str


def shows(node: Node, glances: tuple[Glance, ...]) -> Shows:
    """Return what `node` shows. `at` is `clear` of a loop only while it has been that for long, and is read now."""
    device = node.device
    ignoring = isinstance(device, Mover) and device.emergency and device.spec.efo_ignores_presence
    return Shows(asked(device), node.on, _at(device), glances, ignoring)


def _at(device: Device) -> str:
    if isinstance(device, Mover):
        return next((state for state in ("raised", "lowered") if confirmed(device, state, NOW)), "")
    if device.spec.kind is not Kind.LOOP:
        return ""
    fresh = not device.down and all(device.trusts(name, NOW) for name in device.spec.inputs)
    faulty = "fault" in device.spec.inputs and device.truth("fault", NOW) is not False
    clear = fresh and not faulty and device.truth("detect", NOW) is False and device.since == LONG_AGO
    return "clear" if clear and device.state == "clear" else ""


@dataclass(frozen=True)
class Rules:
    """The invariants of one wiring."""

    wiring: Wiring
    switched: Mapping[Command, tuple[Command, ...]]
    doubtful: Mapping[str, str]
    rows: Mapping[str, tuple[str, ...]]

    @classmethod
    def of(cls, wiring: Wiring) -> Rules:
        """Make the rules of `wiring`."""
        return cls(wiring, wiring.switched(), wiring.doubtful(), wiring.rows())

    def broken(self, at: Mapping[str, Shows], late: frozenset[str]) -> Iterator[Broken]:
        """Return what does not hold where the devices show `at`, and those in `late` have not yet looked."""
        for device, shown in at.items():
            for command in sorted(shown.asked):
                for target, does in self.switched.get((device, command), ()):
                    excused = device == target and device in late
                    yield from self._commanded(at, device, target, does, excused=excused)

    def _commanded(self, at: Mapping[str, Shows], by: str, name: str, does: str, *, excused: bool) -> Iterator[Broken]:
        spec = self.wiring.specs[name]
        told = f"{name} is told to {does}" if by == name else f"the output of {by} tells {name} to {does}"
        if isinstance(spec, SignalSpec):
            if does == "go" and not excused and not self._is(at, spec.follows, spec.go_state):
                yield Broken("R14", f"{name} is asked to show go while {spec.follows} is not confirmed open")
            return
        assert isinstance(spec, MoverSpec)  # noqa: S101 (nothing else is commanded)
        if by != name and "local" in spec.inputs:
            yield Broken("e", f"{told}, and does so while the key switch of {name} is in local")
        if does == spec.secures:
            heeded = () if by == name and at[name].ignoring else spec.presence
            found = [loop for loop in heeded if not self._is(at, loop, "clear")]
            yield from (
                Broken("c", f"{told} while {loop} is not known to have been clear for a second{self._why(loop)}")
                for loop in found
                if not excused
            )
            return
        for other in self.rows[name]:
            yield from self._opening(at, told, other, excused=excused)

    def _opening(self, at: Mapping[str, Shows], told: str, other: str, *, excused: bool) -> Iterator[Broken]:
        spec = self.wiring.specs[other]
        assert isinstance(spec, MoverSpec)  # noqa: S101 (rows are movers)
        if not excused and not self._is(at, other, spec.secured_state):
            yield Broken("d", f"{told} while {other} is not confirmed secured{self._why(other)}")
        elif (other, str(spec.opens)) in self.on(at):
            yield Broken("d", f"{told} while the output that opens {other} may still be on")

    def _is(self, at: Mapping[str, Shows], name: str, where: str) -> bool:
        return name not in self.doubtful and at[name].at == where

    def _why(self, name: str) -> str:
        return f" ({self.doubtful[name]})" if name in self.doubtful else ""

    def on(self, at: Mapping[str, Shows], without: frozenset[Command] = frozenset()) -> set[Command]:
        """Return every command that may be on at its output, but for those `without` that are surely off."""
        may = [(device, name) for device, shown in at.items() for name in shown.on]
        return {target for one in may if one not in without for target in self.switched.get(one, ())}

    def clash(self, at: Mapping[str, Shows], device: str, writes: Sequence[tuple[str, bool]]) -> Iterator[Broken]:
        """Return where `device`, writing this in this order, switches on a command whose opposite may be on."""
        off: set[Command] = set()
        new: set[Command] = set()
        for name, level in writes:
            if not level:
                off.add((device, name))
                continue
            targets = self.switched.get((device, name), ())
            new |= set(targets)
            on = self.on(at, frozenset(off)) | new
            for target, does in targets:
                other = opposite(self.wiring.specs[target], does)
                if (target, other) in on:
                    yield Broken("k", f"{device} switches on {does} of {target} while {other} of it may be on")
