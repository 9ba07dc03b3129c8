"""What a site file and a bench file may say: shape only; what the words refer to is checked by load.py and its helpers.

The signals of each kind come from `controller.core.kinds.SIGNALS`, so that a kind is described in one place.
"""

from __future__ import annotations

from datetime import date
from functools import cache
from typing import TYPE_CHECKING, Annotated, Any, Literal, Union

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    Field,
    TypeAdapter,
    WithJsonSchema,
    create_model,
    model_validator,
)

from controller.core.kinds import SIGNALS, Signals
from controller.core.readings import Value
from controller.core.spec import MOVERS, Kind, Meaning
from drivers.profile import AnyDeviceProfile, AnyUnitProfile, LimitH, LimitMin, OverspeedKmh, Strict

Id = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]*$", max_length=64)]
Title = Annotated[str, Field(min_length=1, max_length=120)]
Said = Annotated[str, Field(min_length=3, max_length=500)]

REF_PATTERN = r"^[a-z0-9][a-z0-9_-]*\.[a-z0-9][a-z0-9_.-]*$"
Ref = Annotated[str, Field(pattern=REF_PATTERN, description="A unit and its point, e.g. albert-io.di0.")]


def _several(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else (value,)


def _some(value: tuple[str, ...]) -> tuple[str, ...]:
    if not value:
        raise ValueError("is empty: name at least one unit and point, e.g. albert-io.di0")
    return value


_REF_SCHEMA = {"type": "string", "pattern": REF_PATTERN}
Refs = Annotated[
    tuple[Ref, ...],
    BeforeValidator(_several),
    AfterValidator(_some),
    WithJsonSchema({"anyOf": [_REF_SCHEMA, {"type": "array", "items": _REF_SCHEMA, "minItems": 1}]}),
]


class ZoneFile(Strict):
    """A part of the site that is secured or opened as one."""

    title: Title


class Acceptance(Strict):
    """Who took a risk on themselves, when and why (ASTM E3211)."""

    who: Said
    when: date
    why: Said


class LinkFile(Strict):
    """One wire."""

    url: str = Field(description="Where it is: modbus+tcp://, modbus+rtu://, opc.tcp://, mqtt:// or serial://.")
    poll_s: float = Field(0.2, gt=0, le=60, description="Seconds between two reads of each unit, where the link polls.")
    patience_s: float | None = Field(
        None,
        gt=0,
        le=10,
        description="Seconds to wait for one answer of its units; what their profiles say if not said.",
    )
    missed_inputs_accepted: Acceptance | None = Field(
        None, description="Who accepted that a short input may be missed while another unit is mute (R38)."
    )


class UnitFile(Strict):
    """One addressable thing on a wire."""

    link: Id
    profile: Id
    address: int | str | None = Field(None, description="Modbus unit id, MQTT topic, or prefix of OPC UA node ids.")
    expect: dict[str, Value] = Field(
        default_factory=dict, description="This very unit's identity, e.g. its serial number."
    )


class ResponseFile(Strict):
    """How soon the way is blocked, in seconds: until somebody has decided, and from then until it is."""

    reaction_s: float = Field(gt=0, le=600, description="From the detection to the order; 3 s at least (R22).")
    deployment_s: float = Field(gt=0, le=600, description="From the order to the blocked way, signals included (R22).")
    approved: Acceptance | None = Field(None, description="Who approved a reaction of less than 3 s.")


class SlowEfoFile(Strict):
    """A drive that has no emergency speed: within which time it blocks the way in an emergency, and who accepted that."""

    within_s: float = Field(gt=0, le=20, description="From the begin of the drive to the blocked way, in an emergency.")
    accepted: Acceptance


class DeviceFile(Strict):
    """What every device has."""

    kind: str
    title: Title
    zone: Id
    profile: Id | None = None
    wiring: BaseModel


class ProfiledFile(DeviceFile):
    """A device that means nothing without its profile."""

    profile: Id


class MoverFile(ProfiledFile):
    """A bollard (group), boom barrier or road blocker."""

    presence: tuple[Id, ...] = Field((), description="Loops that veto the securing motion (R09).")
    no_presence_accepted: Acceptance | None = Field(None, description="Who accepted that no loop vetoes it.")
    airlock_with: Id | None = Field(None, description="The other mover of an airlock: never both open (PAS 69).")
    warning: Id | None = Field(None, description="The beacon that must be lit before it secures (R13, R15).")
    no_warning_accepted: Acceptance | None = Field(None, description="Who accepted that no beacon warns of it.")
    traffic: Id | None = Field(None, description="The traffic controller that must be in normal operation (R31).")
    mains: Id | None = Field(
        None,
        description="The contact that is active when its drive has lost its mains: it then stays where it is (R13).",
    )
    efo_ignores_presence_accepted: Acceptance | None = Field(
        None, description="Who accepted that an emergency does not wait for its loops (R09)."
    )
    slow_efo: SlowEfoFile | None = Field(
        None,
        description="That in an emergency it blocks the way later than its profile says, and who accepted it (R02).",
    )
    response: ResponseFile | None = Field(None, description="The response budget that it must keep (R22).")
    no_show_s: float = Field(
        30.0, ge=5, le=600, description="Seconds after which a passage that no vehicle uses is closed again (R12)."
    )


class RouteFile(Strict):
    """Movers that are opened one after the other for the fire brigade, held open, and secured again."""

    title: Title
    points: tuple[Id, ...] = Field(
        min_length=1, description="Movers, in the order in which they are opened and secured."
    )
    hold_s: float = Field(600.0, ge=30, le=14_400, description="Seconds after which it is secured if nobody ends it.")


class SignalFile(ProfiledFile):
    """A traffic signal."""

    follows: Id = Field(description="The mover that must be confirmed open before it shows go (R14).")


class LoopFile(DeviceFile):
    """A loop; its limits outrank those of its profile."""

    presence_limit_min: LimitMin | None = Field(
        None, description="Occupied for longer is an alarm of the detector (R29)."
    )
    absence_limit_h: LimitH | None = Field(None, description="Clear for longer is an alarm of the detector (R29).")


class RadarFile(DeviceFile):
    """A speed radar; its threshold outranks that of its profile."""

    overspeed_kmh: OverspeedKmh | None = Field(None, description="What is faster is a threat: 40.3 if not said (R23).")


class ContactFile(ProfiledFile):
    """A contact; what it means outranks what its profile says."""

    means: Meaning | None = Field(None, description="What it tells when it is active (R39).")


class DirectionFile(DeviceFile):
    """A one-way lane: which way vehicles go is told by its loops. It has no wiring."""

    entry: Id = Field(description="The loop over which vehicles come in.")
    exit: Id = Field(description="The loop over which they leave. Who occupies it first goes the wrong way (R23).")


class BeaconFile(ProfiledFile):
    """A warning light with its buzzer."""

    warns: tuple[Id, ...] = Field(description="The movers that it is lit for; each names it as its `warning` (R13).")


_BASES: dict[Kind, type[DeviceFile]] = {
    **dict.fromkeys(sorted(MOVERS), MoverFile),
    Kind.SIGNAL: SignalFile,
    Kind.LOOP: LoopFile,
    Kind.RADAR: RadarFile,
    Kind.CONTACT: ContactFile,
    Kind.DIRECTION: DirectionFile,
    Kind.BEACON: BeaconFile,
}


def _wiring_model(kind: Kind, signals: Signals) -> type[BaseModel]:
    def typed(name: str) -> Any:
        return Refs if name in signals.members else Ref

    required: dict[str, Any] = {name: (typed(name), ...) for name in (*signals.inputs, *signals.outputs)}
    optional: dict[str, Any] = {
        name: (typed(name) | None, None) for name in (*signals.optional, *signals.optional_outputs)
    }
    return create_model(f"{_title(kind)}Wiring", __base__=Strict, __doc__="", **required, **optional)


def _device_model(kind: Kind) -> type[DeviceFile]:
    wiring = _wiring_model(kind, SIGNALS[kind])
    base = _BASES.get(kind, DeviceFile)
    unwired = SIGNALS[kind] == Signals()
    fields: dict[str, Any] = {"kind": (Literal[kind.value], ...), "wiring": (wiring, wiring() if unwired else ...)}
    return create_model(_title(kind), __base__=base, __doc__=base.__doc__, **fields)


def _title(kind: Kind) -> str:
    return kind.value.title().replace("_", "")


if TYPE_CHECKING:
    AnyDevice = DeviceFile
else:
    AnyDevice = Annotated[Union[tuple(_device_model(kind) for kind in Kind)], Field(discriminator="kind")]  # noqa: UP007


class SiteFile(Strict):
    """One protected site: its wires, what is on them, and the equipment behind."""

    site: Id
    title: Title
    timezone: str = Field(description="IANA name, e.g. Europe/Paris: what local times of the equipment mean.")
    zones: dict[Id, ZoneFile] = Field(min_length=1)
    links: dict[Id, LinkFile] = Field(min_length=1)
    units: dict[Id, UnitFile] = Field(min_length=1)
    devices: dict[Id, AnyDevice] = Field(min_length=1)
    routes: dict[Id, RouteFile] = Field(default_factory=dict)


class BenchLink(Strict):
    """Where a link's simulator listens; or that it is `real`, on its own wire or, on the workbench, at another `url`."""

    url: str = ""
    real: bool = Field(False, description="Real equipment: it is driven.")

    @model_validator(mode="after")
    def _somewhere(self) -> BenchLink:
        if not self.url and not self.real:
            raise ValueError("needs the `url` of its simulator, or `real: true`")
        return self


class BenchFile(Strict):
    """Simulators in place of the wires, of all or of some. Written by `rempart simulate`."""

    simulated: Literal[True]
    control: str = Field("", description="Socket on which the simulators take misfortune.")
    links: dict[Id, BenchLink] = Field(min_length=1)


FileKind = Literal["site", "profile", "bench"]


@cache
def adapter(kind: FileKind | Literal["unit-profile", "device-profile"]) -> TypeAdapter[Any]:
    """Return the validator of one kind of file."""
    shapes: dict[str, Any] = {
        "site": SiteFile,
        "bench": BenchFile,
        "unit-profile": AnyUnitProfile,
        "device-profile": AnyDeviceProfile,
        "profile": AnyUnitProfile | AnyDeviceProfile,
    }
    return TypeAdapter(shapes[kind])


def json_schema(kind: FileKind) -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of one kind of file, for editors that complete and check YAML."""
    shape = adapter(kind).json_schema()
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **shape, "title": f"rempart {kind} file"}
