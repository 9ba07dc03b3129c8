"""simulation.yaml: the field as it was built, whatever site.yaml says of it. Unknown keys are refused."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

Name = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_.-]*$", max_length=64)]
PointName = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]*\.[a-z0-9_]+$", description="unit.point")]


def _listed(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


Channel = Annotated[list[PointName], BeforeValidator(_listed), Field(min_length=1)]
Metres = Annotated[float, Field(ge=0, le=1000)]
Seconds = Annotated[float, Field(gt=0, le=3600)]


class Strict(BaseModel):
    """A model that refuses what it does not know."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class ModbusTcp(Strict):
    """A Modbus TCP server; units that do not exist are answered for with exception 11, as a gateway does."""

    protocol: Literal["modbus-tcp"]


class ModbusRtu(Strict):
    """A pseudo-terminal with a bus of Modbus RTU units behind it."""

    protocol: Literal["modbus-rtu"]
    baudrate: int = Field(9600, ge=300, le=921600)
    parity: Literal["N", "E", "O"] = "N"


class SerialLine(Strict):
    """A pseudo-terminal with one device that talks by itself."""

    protocol: Literal["serial"]
    baudrate: int = Field(1200, ge=300, le=921600)


class OpcUa(Strict):
    """An OPC UA server; without limits it takes what its clients ask for."""

    protocol: Literal["opcua"]
    min_publish_s: Seconds | None = Field(None, description="it publishes no faster, whatever is asked")
    min_sampling_s: Seconds | None = Field(None, description="it looks at its nodes no more often")
    max_items: int | None = Field(None, ge=1, le=100_000, description="it watches no more nodes for one subscription")


class Mqtt(Strict):
    """An MQTT broker."""

    protocol: Literal["mqtt"]


AnyLink = Annotated[ModbusTcp | ModbusRtu | SerialLine | OpcUa | Mqtt, Field(discriminator="protocol")]


class UnitEntry(Strict):
    """A unit on a link. `holds` are values that nothing moves: a model name, a serial number."""

    link: Name
    profile: Name
    address: int | str | None = None
    holds: dict[str, bool | int | float | str] = Field(default_factory=dict)
    host_lost_s: Seconds | None = Field(None, description="moxa-e1…: silence after which its relays go into safe mode")
    every_s: Seconds = Field(10.0, description="mqtt: time between two messages")
    message: Literal[1, 2, 3, 4, 6] | None = Field(None, description="icoms: the type of its messages, 1 if not said")


class LaneEntry(Strict):
    """A lane; metres from its beginning, speeds in km/h."""

    length_m: Annotated[float, Field(ge=10, le=1000)] = 100.0
    limit_kmh: Annotated[float, Field(ge=5, le=130)] = 30.0
    row_kmh: Annotated[float, Field(ge=3, le=50)] = 12.0
    stop_line_m: Metres | None = None
    signal: Name | None = None
    every_s: Seconds = 60.0


class Plant(Strict):
    """What every plant has: which unit's point each of its roles is wired to."""

    channels: dict[str, Channel]


class MoverPlant(Plant):
    """Steel across a lane. `members` are the speeds of its pieces relative to `travel_s`."""

    lane: Name
    at_m: Metres
    travel_s: Seconds
    members: list[Annotated[float, Field(gt=0.1, lt=10)]] = Field(default=[1.0], min_length=1, max_length=20)
    start: Literal["raised", "lowered"] = "lowered"
    bounce_s: float = Field(0.03, ge=0, le=1)
    key_of: Name | None = Field(None, description="the mover whose key switch acts on this one too")


class BollardPlant(MoverPlant):
    """A group of hydraulic bollards on held outputs."""

    type: Literal["bollard"]
    airlock_with: Name | None = None


class BoomPlant(MoverPlant):
    """A boom barrier on pulsed outputs."""

    type: Literal["boom"]


class WedgePlant(MoverPlant):
    """A road blocker that takes a command code."""

    type: Literal["wedge"]


class SignalPlant(Plant):
    """A two-lamp signal."""

    type: Literal["signal"]


class BeaconPlant(Plant):
    """A warning light with its buzzer."""

    type: Literal["beacon"]


class TrafficControllerPlant(Plant):
    """The return contacts of a traffic controller."""

    type: Literal["traffic_controller"]


class LoopPlant(Plant):
    """A loop between two points of a lane."""

    type: Literal["loop"]
    lane: Name
    from_m: Metres
    to_m: Metres


class RadarPlant(Plant):
    """A radar that looks at a lane from `at_m`."""

    type: Literal["radar"]
    lane: Name
    at_m: Metres
    range_m: Metres = 80.0


class CounterPlant(Plant):
    """A people counter; `usual` is the crowd of an ordinary day."""

    type: Literal["counter"]
    usual: int = Field(200, ge=0, le=1_000_000)


class ContactPlant(Plant):
    """A dry contact with its undisturbed level."""

    type: Literal["contact"]
    normal: bool = False


AnyPlant = Annotated[
    BollardPlant
    | BoomPlant
    | WedgePlant
    | SignalPlant
    | BeaconPlant
    | TrafficControllerPlant
    | LoopPlant
    | RadarPlant
    | CounterPlant
    | ContactPlant,
    Field(discriminator="type"),
]


class Supply(Strict):
    """A mains supply: the contacts that watch it and the plants that stand still, or go dark, without it."""

    mains: Name | None = None
    battery: Name | None = None
    battery_s: Seconds = Field(600.0, description="how long the battery lasts before its contact opens")
    feeds: list[Name]


class ScriptedTrouble(Strict):
    """Misfortune that begins by itself, `at_s` wall seconds after the start."""

    at_s: float = Field(ge=0, le=86400)
    for_s: Seconds | None = None
    kind: str
    target: str
    options: dict[str, bool | int | float | str] = Field(default_factory=dict)


class Simulation(Strict):
    """The whole file."""

    site: Name
    timezone: str = "UTC"
    links: dict[Name, AnyLink] = Field(min_length=1)
    units: dict[Name, UnitEntry] = Field(min_length=1)
    lanes: dict[Name, LaneEntry] = Field(default_factory=dict)
    plants: dict[Name, AnyPlant] = Field(default_factory=dict)
    supplies: dict[Name, Supply] = Field(default_factory=dict)
    troubles: list[ScriptedTrouble] = Field(default_factory=list)
