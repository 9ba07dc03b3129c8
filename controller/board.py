"""What every device shows at this instant. Each runner writes its own device and nobody else's; everybody may read.

Those who hang on a device (a bollard on its loops, a signal on its bollard) are woken when its state changes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from controller.core.device import Device
from controller.core.spec import BeaconSpec, DirectionSpec, MoverSpec, SignalSpec, Spec

Changed = Callable[[Device, Device], None]


def heeds(spec: Spec) -> tuple[str, ...]:
    """Return the devices whose state this one's logic looks at."""
    if isinstance(spec, MoverSpec):
        return spec.heeds
    if isinstance(spec, BeaconSpec):
        return spec.warns
    if isinstance(spec, DirectionSpec):
        return (spec.entry, spec.exit)
    return (spec.follows,) if isinstance(spec, SignalSpec) else ()


class Board(Mapping[str, Device]):
    """The devices by id, as last shown by their runners."""

    def __init__(self) -> None:
        self._devices: dict[str, Device] = {}
        self._wakers: dict[str, list[Callable[[], None]]] = {}
        self._watchers: list[Changed] = []

    def __getitem__(self, device: str) -> Device:
        return self._devices[device]

    def __iter__(self) -> Iterator[str]:
        return iter(self._devices)

    def __len__(self) -> int:
        return len(self._devices)

    def heed(self, device: str, wake: Callable[[], None]) -> None:
        """Call `wake` whenever `device` changes its state, mode or fault."""
        self._wakers.setdefault(device, []).append(wake)

    def watch(self, changed: Changed) -> None:
        """Call `changed(before, after)` whenever any device does."""
        self._watchers.append(changed)

    def show(self, device: Device) -> None:
        """Put up the new value of one device; for its runner only."""
        before = self._devices.get(device.spec.id)
        self._devices[device.spec.id] = device
        if before is None or before.version == device.version:
            return
        for wake in self._wakers.get(device.spec.id, ()):
            wake()
        for changed in self._watchers:
            changed(before, device)
