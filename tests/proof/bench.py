"""Small wirings for the proof, each as small as shows its point: no key switch, one loop a mover, one member."""

from __future__ import annotations

from dataclasses import replace

from controller.core.spec import Kind, SignalSpec, Spec
from controller.proof.study import Study, Verdict
from controller.proof.wiring import Wiring
from tests.core.rig import mover_spec

LIMITS = {"raised0": 1.0, "lowered0": 1.0}
BOLLARD = replace(mover_spec(), id="bollard", inputs=LIMITS, presence=("loop",))
LOOP = Spec(id="loop", kind=Kind.LOOP, inputs={"detect": 1.0})
LAMPS = {"halt_lamp": 1.0, "go_lamp": 1.0}
SIGNAL = SignalSpec(
    id="signal", kind=Kind.SIGNAL, inputs=LAMPS, outputs=("halt", "go"), follows="bollard", go_state="lowered"
)
OUTER = replace(BOLLARD, id="outer", presence=(), airlock_with="inner")
INNER = replace(BOLLARD, id="inner", presence=(), airlock_with="outer")


def wired(*specs: Spec, **others: str) -> Wiring:
    """Give each signal a terminal of its own; `device__signal="device__signal"` puts the first on the terminal of the other."""

    def terminal(spec: Spec, signal: str) -> tuple[str, str]:
        name = f"{spec.id}__{signal}"
        return ("io", others.get(name, name))

    return Wiring(
        specs={spec.id: spec for spec in specs},
        outputs={(spec.id, name): terminal(spec, name) for spec in specs for name in spec.outputs},
        inputs={(spec.id, name): terminal(spec, name) for spec in specs for name in spec.inputs},
    )


RIGHT = Study(wired())
"""What was explored of devices whose logic nobody tampered with."""


def verdict(*specs: Spec, tampered: bool = False, **others: str) -> Verdict:
    """Return the verdict on the only group of these devices; `tampered` explores anew."""
    study = Study(wired(*specs, **others)) if tampered else replace(RIGHT, wiring=wired(*specs, **others))
    (devices,) = study.wiring.components()
    return study.verdict(devices)
