"""The states that OPC UA for Machinery gives a piece of equipment (OPC 40001-1, 12.2 and 13), kept by a simulated PLC.

All transitions are allowed there. Here a drive whose key stands on local is out of service and in maintenance; one that stands at
neither of its limits executes; one that stands at a limit does not.
"""

from __future__ import annotations

from enum import StrEnum

from simulators.image import Image
from simulators.profiles import Value

ITEM_STATE, OPERATION_MODE = "item_state", "operation_mode"
SEEN = frozenset({"raised", "lowered", "local"})


class ItemState(StrEnum):
    """MachineryItemState."""

    NOT_AVAILABLE = "NotAvailable"
    OUT_OF_SERVICE = "OutOfService"
    NOT_EXECUTING = "NotExecuting"
    EXECUTING = "Executing"


class OperationMode(StrEnum):
    """MachineryOperationMode."""

    NONE = "None"
    MAINTENANCE = "Maintenance"
    SETUP = "Setup"
    PROCESSING = "Processing"


class Machinery:
    """Keeps the states of one unit; does nothing for a unit that has no point for them."""

    def __init__(self, image: Image) -> None:
        self._image = image
        points = image.profile.points
        if {ITEM_STATE, OPERATION_MODE, *SEEN} <= points.keys():
            image.watch(self._changed)
            self._tell()

    def _changed(self, name: str, _: Value) -> None:
        if name in SEEN:
            self._tell()

    def _tell(self) -> None:
        on = {name for name in SEEN if self._image.read(name)}
        if "local" in on:
            state, mode = ItemState.OUT_OF_SERVICE, OperationMode.MAINTENANCE
        else:
            state = ItemState.NOT_EXECUTING if on else ItemState.EXECUTING
            mode = OperationMode.PROCESSING
        self._image.put({ITEM_STATE: state.value, OPERATION_MODE: mode.value})
