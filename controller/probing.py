"""The second composition root: what `rempart probe` is made of. Beside controller.composition, only here a driver is named.

Nothing of it is part of the service, and nothing of the service is part of it (docs/decisions/0020).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

from controller.config.profiles import Library, shipped
from controller.config.site import ConfigError
from controller.ports import RempartError
from drivers.probing.findings import Bounds as Bounds
from drivers.probing.findings import Findings as Findings
from drivers.probing.findings import Taken
from drivers.probing.findings import Tell as Tell
from drivers.probing.findings import Thing as Thing
from drivers.probing.findings import plain as plain
from drivers.probing.likeness import Fit as Fit
from drivers.probing.likeness import Verdict as Verdict
from drivers.probing.likeness import verdicts as verdicts
from drivers.probing.target import Target as Target
from drivers.probing.target import take_apart as take_apart
from drivers.profile import AnyUnitProfile as AnyUnitProfile
from drivers.profile import ModbusProfile, MqttProfile, OpcUaProfile, SerialProfile

UNIT_PROFILES = (ModbusProfile, MqttProfile, OpcUaProfile, SerialProfile)
PATIENCE_S = {"modbus+tcp": 0.5, "modbus+rtu": 0.3, "opc.tcp": 3.0, "mqtt": 3.0, "serial": 1.0}
MOST = {"modbus+tcp": 2000, "modbus+rtu": 2000, "opc.tcp": 500, "mqtt": 200, "serial": 1}


Prober = Callable[[Target, Sequence[AnyUnitProfile], Bounds, Findings, Tell], Awaitable[None]]


class Unanswered(RempartError):
    """Nobody is there, and nothing could be asked: the text says why."""


class InUse(RempartError):
    """Another program has the wire, and nothing was sent."""


def known_profiles(folders: Sequence[Path] = ()) -> list[AnyUnitProfile]:
    """Read every unit profile that is shipped, and those in `folders`. Raises ConfigError."""
    library = Library([shipped(), *folders])
    loaded = [one for name in library.names(unit=True) if (one := library.get(name)) is not None]
    if problems := [problem for one in loaded for problem in one.problems]:
        raise ConfigError(tuple(problems))
    return [one.profile for one in loaded if isinstance(one.profile, UNIT_PROFILES)]


async def probe(
    target: Target, profiles: Sequence[AnyUnitProfile], bounds: Bounds, found: Findings, tell: Tell
) -> None:
    """Look at what is at the end of a wire, and fill it in as it is found. Raises Unanswered, InUse.

    A prober is imported with the wire that it is for, as drivers are in a site.
    """
    from drivers.modbus_ends import NoConnection
    from drivers.outcomes import OUTCOMES

    try:
        await _prober(target.url.scheme)(target, profiles, bounds, found, tell)
    except Taken as error:
        raise InUse(str(error)) from None
    except NoConnection as error:
        raise Unanswered(str(error)) from None
    except OUTCOMES as error:
        raise Unanswered(f"{target.link}: {error}") from None


def _prober(scheme: str) -> Prober:
    if scheme in ("modbus+tcp", "modbus+rtu"):
        from drivers.probing import modbus

        return modbus.probe
    if scheme == "opc.tcp":
        from drivers.probing import opcua

        return opcua.probe
    if scheme == "mqtt":
        from drivers.probing import mqtt

        return mqtt.probe
    from drivers.probing import serial

    return serial.probe
