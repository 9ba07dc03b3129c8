"""Device models as data: what one looks like on the wire (a unit profile) and how its steel behaves (a device profile).

A profile is one YAML file under `drivers/profiles/`. Every row names its source; a row without one is refused.
Adding a model needs no Python: docs/how-to/add-a-device-model.md.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field, model_validator

from controller.core.readings import Value
from controller.core.spec import Meaning
from controller.ports import Point, PointType, Unit
from drivers.addresses import Field_ as Field_
from drivers.addresses import Key as Key
from drivers.addresses import Node as Node
from drivers.addresses import Register as Register
from drivers.addresses import Table as Table
from drivers.dialects import ALWAYS, DIALECTS
from drivers.mover_profile import EFO_S as EFO_S
from drivers.mover_profile import WARNING_S as WARNING_S
from drivers.mover_profile import Drive as Drive
from drivers.mover_profile import DriveType as DriveType
from drivers.mover_profile import MoverProfile as MoverProfile
from drivers.strict import Name as Name
from drivers.strict import Seconds as Seconds
from drivers.strict import Source as Source
from drivers.strict import Strict as Strict
from drivers.strict import Timed as Timed
from drivers.strict import Unproven as Unproven

if TYPE_CHECKING:
    DialectName = str
else:
    DialectName = Literal[tuple(DIALECTS)]

OverspeedKmh = Annotated[float, Field(ge=5, le=250, description="A radar tells speeds of 4 to 255 km/h.")]
LimitMin = Annotated[int, Field(ge=1, le=255)]
LimitH = Annotated[int, Field(ge=1, le=255)]

# Rows of a unit profile's point table.


class Row(Strict):
    """What every point row has."""

    source: Source
    title: str = ""
    type: PointType = PointType.BOOL
    scale: float = 1.0
    equals: Value | None = Field(None, description="The point is a contact: true while the raw value equals this.")
    unit: str = Field("", description="Engineering unit of the scaled value, e.g. km/h.")
    max_age_s: Seconds = 1.0
    writable: bool = False
    readback: Name | None = Field(
        None, description="The row that tells how an output stands; its own name where reading it does."
    )

    def point(self, name: str, address: object) -> Point:
        """Make the port's point of this row."""
        return Point(
            name,
            address,
            self.type,
            self.scale,
            self.equals,
            self.writable,
            self.max_age_s,
            self.unit or "",
            self.title,
        )


class ModbusRow(Row):
    """A Modbus point, or `count` consecutive ones named name0, name1, …"""

    table: Table
    address: int = Field(ge=0, le=65535)
    bit: int | None = Field(None, ge=0, le=15)
    mask: int | None = Field(None, ge=1, le=0xFFFF, description="Neighbouring bits of a 16-bit register, e.g. 0x00FF.")
    low_word_first: bool = False
    count: int | None = Field(None, ge=1, le=512)

    @model_validator(mode="after")
    def _fits_its_table(self) -> ModbusRow:
        if self.table in (Table.COIL, Table.DISCRETE):
            if self.type is not PointType.BOOL or self.bit is not None:
                raise ValueError(f"a {self.table} is one bit: type must be bool and bit absent")
        elif self.type is PointType.BOOL and self.bit is None and self.equals is None:
            raise ValueError("a bool in a register needs `bit` or `equals`")
        if self.writable and self.table in (Table.DISCRETE, Table.INPUT):
            raise ValueError(f"a {self.table} cannot be written")
        if self.mask is not None and (self.type is not PointType.U16 or self.bit is not None):
            raise ValueError("`mask` picks bits of one register: type must be u16 and bit absent")
        if self.writable and (self.bit, self.mask, self.equals) != (None, None, None):
            raise ValueError("a part of a register, or a point with `equals`, cannot be written on its own")
        return self

    def points(self, name: str) -> list[Point]:
        """Expand `count`."""
        if self.count is None:
            return [self.point(name, self._register(self.address))]
        return [self.point(f"{name}{i}", self._register(self.address + i * self.width)) for i in range(self.count)]

    @property
    def width(self) -> int:
        """Addresses that one point takes."""
        return 2 if self.type in (PointType.U32, PointType.I32, PointType.F32) else 1

    @property
    def last_address(self) -> int:
        """The last address of the row's last point."""
        return self.address + (self.count or 1) * self.width - 1

    def _register(self, address: int) -> Register:
        return Register(self.table, address, self.bit, self.low_word_first, self.mask)


class OpcUaRow(Row):
    """An OPC UA variable; `{prefix}` in the node id stands for the unit's address in the site file."""

    node: str = Field(min_length=3)
    variant: str = Field("", description="OPC UA type for writing, e.g. Int32; Boolean for a bool if empty.")


class MqttRow(Row):
    """A value inside the JSON that the device publishes."""

    path: str = Field(min_length=1)


class SerialRow(Row):
    """A field of the dialect's frame."""

    field: str = Field(min_length=1)


class Watchdog(Strict):
    """The unit's own watchdog: arm it after opening, feed it, and know when it has expired (WAGO 750 p. 164)."""

    arm: list[tuple[Name, int]] = Field(default_factory=list, description="Writes that (re)arm it, in order.")
    feed: Name | None = Field(
        None, description="Point written with an alternating value; None where any traffic feeds it."
    )
    period_s: Seconds = 1.0
    status: Name | None = None
    expired: int = 2
    source: Source


class UnitProfile(Strict):
    """What all unit profiles share."""

    profile: Name
    protocol: str
    title: str
    source: Source
    unproven: Unproven = ""
    identity: dict[Name, Value] = Field(default_factory=dict, description="Points that must read exactly this.")
    heartbeat: Name | None = Field(
        None, description="A point that must keep changing; still for `heartbeat_s` = stale."
    )
    heartbeat_s: Seconds = 3.0
    patience_s: Seconds = Field(0.5, description="How long to wait for one answer.")
    watchdog: Watchdog | None = None

    def expanded(self, address: int | str | None) -> dict[str, Point]:
        """Return every point by name. Implemented by each protocol."""
        raise AssertionError("abstract")

    def options(self) -> dict[str, Any]:
        """Return the hints for the driver."""
        return {"patience_s": self.patience_s}

    def unit(self, name: str, link: str, address: int | str | None, expect: Mapping[str, Value] | None = None) -> Unit:
        """Make the port's unit; `expect` are this very device's own identity values, e.g. a serial number."""
        return Unit(name, link, address, self.expanded(address), {**self.identity, **(expect or {})}, self.options())


class ModbusProfile(UnitProfile):
    """A unit on Modbus TCP or RTU."""

    protocol: Literal["modbus"]
    gap: int = Field(0, ge=0, le=64, description="Unused addresses that one request may read across.")
    in_flight: int = Field(
        1, ge=1, le=16, description="Modbus TCP: how many requests the unit takes before it has answered the first."
    )
    points: dict[Name, ModbusRow]

    def expanded(self, address: int | str | None) -> dict[str, Point]:
        """Return every point by name."""
        return {point.name: point for name, row in self.points.items() for point in row.points(name)}

    def options(self) -> dict[str, Any]:
        """Return the hints for the driver."""
        return {"patience_s": self.patience_s, "gap": self.gap, "in_flight": self.in_flight}


class OpcUaProfile(UnitProfile):
    """A unit in an OPC UA server's address space."""

    protocol: Literal["opcua"]
    publish_s: Seconds = Field(0.1, description="Publishing interval asked for; the server may revise it (R33).")
    points: dict[Name, OpcUaRow]

    def expanded(self, address: int | str | None) -> dict[str, Point]:
        """Return every point by name."""
        prefix = "" if address is None else str(address)
        return {
            name: row.point(name, Node(row.node.replace("{prefix}", prefix), row.variant))
            for name, row in self.points.items()
        }

    def options(self) -> dict[str, Any]:
        """Return the hints for the driver."""
        return {"patience_s": self.patience_s, "publish_s": self.publish_s}


class MqttProfile(UnitProfile):
    """A device that publishes JSON on a topic (the unit's address in the site file)."""

    protocol: Literal["mqtt"]
    points: dict[Name, MqttRow]
    time: str = Field("", description="JSON path of the device's own time stamp, if it sends one.")
    time_format: str = Field(
        "", description="strptime format of it; naive times are local in the site's time zone (R32)."
    )

    def expanded(self, address: int | str | None) -> dict[str, Point]:
        """Return every point by name."""
        return {name: row.point(name, Key(row.path)) for name, row in self.points.items()}

    def options(self) -> dict[str, Any]:
        """Return the hints for the driver."""
        return {"patience_s": self.patience_s, "time": self.time, "time_format": self.time_format}


class SerialProfile(UnitProfile):
    """A device that talks by itself on a serial line, in a dialect that a driver knows."""

    protocol: Literal["serial"]
    dialect: DialectName
    talks: Literal["always", "on-target"] = Field(
        "always", description="Whether it talks without a target too; if not, its silence tells nothing."
    )
    points: dict[Name, SerialRow]

    def expanded(self, address: int | str | None) -> dict[str, Point]:
        """Return every point by name."""
        return {name: row.point(name, Field_(row.field)) for name, row in self.points.items()}

    @property
    def fields(self) -> tuple[str, ...]:
        """The fields that rows may name."""
        return DIALECTS[self.dialect].fields

    @property
    def baudrate(self) -> int | None:
        """The speed of its line; None where units of this dialect are set to any, and the link's URL must say to which."""
        return DIALECTS[self.dialect].baudrate

    @property
    def always(self) -> bool:
        """Tell whether it talks without a target too."""
        return self.talks == ALWAYS

    def options(self) -> dict[str, Any]:
        """Return the hints for the driver."""
        return {"patience_s": self.patience_s, "dialect": self.dialect, "talks": self.talks}


AnyUnitProfile = Annotated[ModbusProfile | OpcUaProfile | MqttProfile | SerialProfile, Field(discriminator="protocol")]


# Device profiles: how the equipment behaves, whatever wire it hangs on.


class SensorProfile(Strict):
    """A signal, beacon, traffic controller, loop, radar, counter or contact: limits on what its readings may do."""

    profile: Name
    title: str
    source: Source
    unproven: Unproven = ""
    kind: Literal["signal", "beacon", "traffic_controller", "loop", "radar", "counter", "contact"]
    lamp_proof: Timed | None = Field(
        None, description="signal, beacon: lamp feedback must follow the order in this time (R15)."
    )
    active_when: bool = Field(True, description="contact: the input level that means active.")
    means: Meaning | None = Field(None, description="contact: what it tells when it is active (R39).")
    overspeed_kmh: OverspeedKmh | None = Field(
        None, description="radar: what is faster is a threat, 40.3 if not said (R23)."
    )
    presence_limit_min: LimitMin | None = Field(
        None, description="loop: occupied for longer is an alarm of the detector (R29)."
    )
    absence_limit_h: LimitH | None = Field(
        None, description="loop: clear for longer is an alarm of the detector (R29)."
    )
    plausible_max: int | None = Field(None, ge=0, description="counter: a larger count is implausible (R32).")


AnyDeviceProfile = Annotated[MoverProfile | SensorProfile, Field(discriminator="kind")]


def describes_unit(document: Mapping[str, Any]) -> bool:
    """Tell a unit profile from a device profile: the former has a protocol."""
    return "protocol" in document
