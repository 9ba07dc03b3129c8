"""Where an item is found on its wire, for who speaks and for who hears."""

from __future__ import annotations

from enum import Enum

UNIT_ITEMS = 20
"""How many variables have one prefix, as those of one PLC program have."""
NAMESPACE = 2
QOS = 1
REPORTS = "bench/+/report"


class Protocol(Enum):
    """What the peer speaks."""

    OPCUA = "opcua"
    MQTT = "mqtt"


def node_of(item: int) -> str:
    """Return the id of the OPC UA node that holds an item."""
    return f"ns={NAMESPACE};s=Plc{item // UNIT_ITEMS}.Speed{item % UNIT_ITEMS}"


def topic_of(item: int) -> str:
    """Return the MQTT topic of an item."""
    return f"bench/radar-{item}/report"
