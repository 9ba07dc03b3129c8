"""What Prometheus is told when it asks: the service at this moment, as values."""

from __future__ import annotations

from collections import Counter

from controller.core import kinds
from controller.core.device import Device
from controller.journal import SqliteJournal
from controller.metrics import DeviceSample, Snapshot
from controller.supervisor import Supervisor


def snapshot(supervisor: Supervisor, journal: SqliteJournal, now: float) -> Snapshot:
    """Take stock at `now`, monotonic seconds."""
    wires = supervisor.plant.wires
    units = {
        (wire.name, plan.unit.name): plan.unit.name in supervisor.units_up for wire in wires for plan in wire.plans
    }
    head = journal.head
    return Snapshot(
        devices=[
            DeviceSample(
                device=name,
                kind=str(device.spec.kind),
                state=device.state,
                states=kinds.BEHAVIOURS[device.spec.kind].table.states,
                oldest_s=_oldest_s(device, now),
            )
            for name, device in supervisor.board.items()
        ],
        links_up={wire.name: any(units[wire.name, plan.unit.name] for plan in wire.plans) for wire in wires},
        units_up=units,
        polls={name: endpoint.polls for name, endpoint in supervisor.endpoints.items()},
        link_errors={
            (name, kind): count
            for name, endpoint in supervisor.endpoints.items()
            for kind, count in endpoint.errors.items()
        },
        alarms=Counter(str(standing.alarm.priority) for standing in supervisor.alarms.standing()),
        alarms_hidden=Counter(str(standing.state) for standing in supervisor.alarms.hidden()),
        alarms_annunciated={str(p): count for p, count in supervisor.alarms.annunciated.items()},
        flood=supervisor.alarms.flood,
        journal_healthy=journal.healthy,
        journal_records=head.seq if head is not None else 0,
        journal_lost=journal.lost,
    )


def _oldest_s(device: Device, now: float) -> float | None:
    """Return the age of the oldest reading; None without any, 0 for a device that has nothing to read."""
    none = None if device.spec.inputs else 0.0
    return max((reading.age(now) for reading in device.readings.values()), default=none)
