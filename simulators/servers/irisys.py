"""What an Irisys Vector publishes as its live counts: the name of each register and where it stands.

The programming guide names the topic; the keys are those that a public reader of these messages takes (github
uva-linklab/irisys-mqtt-influxdb). Here the sensor has an occupancy register, named by the unit's point `register`, and a line.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from simulators.image import Image

OCCUPANCY = "Occupancy"


def live_counts(image: Image) -> Mapping[str, Any]:
    """Make one message."""
    people = int(image.read("count"))
    name = str(image.read("register")) or OCCUPANCY
    return {"counts": [{"name": name, "count": people}, {"name": "Line 1 in", "count": people}]}
