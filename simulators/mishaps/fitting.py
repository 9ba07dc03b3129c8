"""What of answers cannot befall a model, though it can befall others of its protocol."""

from __future__ import annotations

from collections.abc import Iterable

from simulators.build import Built
from simulators.errors import SimulationError
from simulators.image import Image
from simulators.servers.mqtt import TIMELESS
from simulators.servers.serial_radar import VOICES


def check(kind: str, target: str, built: Built) -> None:
    """Refuse what would change nothing that anybody could see. Raises SimulationError."""
    for image in _befallen(target, built):
        profile = image.profile
        if kind == "wrong-clock" and profile.name == TIMELESS:
            raise SimulationError(
                f"wrong-clock: the reports of {image.unit} have no times: expected a counter that has them"
            )
        if kind == "cut" and profile.dialect in VOICES and len(VOICES[profile.dialect].encode({})) == 1:
            raise SimulationError(
                f"cut: {image.unit} says everything in one byte, which cannot break off: expected lossy, garble or silence"
            )


def _befallen(target: str, built: Built) -> Iterable[Image]:
    return [built.images[name] for name, unit in built.plan.units.items() if target in (name, unit.link)]
