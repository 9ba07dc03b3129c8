"""thingsboard-gateway, which takes its orders as RPC over MQTT: here from a broker with a stand-in for the platform behind it.

The broker and the stand-in are on the farm's CPU, and no part of its figures. Its rate limits are off, and so are statistics and
remote configuration. Its answers are not looked at: an order that it drops, as it does after five seconds, is lost.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks.contenders.base import LOWER, RAISE, Contender, Running, Stage, lower_all
from benchmarks.environments import PythonPackages
from benchmarks.farm import Farm
from benchmarks.machine import cpus
from benchmarks.mqtt import Platform, broker, without_broker
from benchmarks.processes import Process

VERSION = "3.8.5"
# It would install the last three by itself at its first start.
PACKAGES = (f"thingsboard-gateway=={VERSION}", "pymodbus==3.9.2", "pyserial==3.5", "pyserial-asyncio==0.6")

METHODS = {RAISE: "raise", LOWER: "lower"}
UNLIMITED = "0:0,"
RATE_LIMITS = (
    "rateLimits", "dpRateLimits", "messagesRateLimits", "deviceMessagesRateLimits", "deviceRateLimits", "deviceDpRateLimits",
)  # fmt: skip
REST_S, PACE_S = 180.0, 0.25
"""It takes five orders a second."""
PATIENCE_S = 12.0
"""An order waits up to five seconds for its turn, and may take five more."""


class ThingsBoard(Contender):
    """The gateway of ThingsBoard with its Modbus connector."""

    name, title = "thingsboard", f"thingsboard-gateway {VERSION}"
    long, by_timers = True, True

    def __init__(self) -> None:
        self._environment = PythonPackages("thingsboard-gateway", PACKAGES)

    def missing(self) -> str:
        """Say that there is no broker."""
        return without_broker()

    def prepare(self, told: Callable[[str], None]) -> None:
        """Install it, some minutes, where that has not been done."""
        super().prepare(told)
        self._environment.install(told)

    @contextmanager
    def start(self, stage: Stage) -> Iterator[Running]:
        """Start a broker, the stand-in and the gateway."""
        folder = stage.folder / "thingsboard"
        folder.mkdir()
        with broker(folder) as port:
            platform = Platform(port)
            try:
                _configure(folder, self._environment.shipped("thingsboard_gateway/config"), port, stage)
                command: list[str | Path] = [self._environment.python, "-m", "thingsboard_gateway.tb_gateway"]
                own = {"TB_GW_CONFIG_DIR": str(folder), "PYTHONPATH": ""}
                with Process(
                    self.name, command, cpu=cpus()[1], log=stage.folder / "thingsboard.log", env=own, cwd=folder
                ) as process:
                    yield RunningThingsBoard(process, stage.farm, platform)
            finally:
                platform.close()


class RunningThingsBoard(Running):
    """The gateway at work, ordered by its platform."""

    patience_s = PATIENCE_S

    def __init__(self, process: Process, farm: Farm, platform: Platform) -> None:
        self.process, self._farm, self._platform = process, farm, platform

    def order(self, device: int, coil: int) -> int:
        return self._platform.order(named(device), METHODS[coil])

    def order_all(self) -> int:
        """It knows no order to many devices: each is sent its own."""
        at = self.order(0, RAISE)
        for device in range(1, self._farm.count):
            self.order(device, RAISE)
        return at

    def settle(self, within_s: float = 0.0) -> None:
        """Nothing is waited for."""

    def rest(self) -> None:
        lower_all(self, self._farm, REST_S, PACE_S)


def named(device: int) -> str:
    """Return the name of a device of the farm."""
    return f"d{device:04d}"


def general(shipped: Mapping[str, Any], port: int) -> dict[str, Any]:
    """Return the gateway's own settings: those that it comes with, for a platform at this port that limits nothing."""
    platform = {
        **shipped["thingsboard"], "host": "127.0.0.1", "port": port, "remoteConfiguration": False, "remoteShell": False,
        "qos": 0, "statistics": {"enable": False}, **dict.fromkeys(RATE_LIMITS, UNLIMITED),
    }  # fmt: skip
    connectors = [{"name": "modbus", "type": "modbus", "configuration": "modbus.json"}]
    return {**shipped, "thingsboard": platform, "connectors": connectors}


def connector(base: int, count: int, hz: float) -> dict[str, Any]:
    """Return the settings of its Modbus connector: two reads a scan, one order for each coil."""
    return {
        "name": "modbus", "logLevel": "INFO", "master": {"slaves": [_slave(base + n, n, hz) for n in range(count)]},
    }  # fmt: skip


def _slave(port: int, device: int, hz: float) -> dict[str, Any]:
    return {
        "host": "127.0.0.1", "port": port, "type": "tcp", "method": "socket", "unitId": 1,
        "deviceName": named(device), "deviceType": "default", "byteOrder": "BIG", "wordOrder": "BIG",
        "timeout": 3, "retries": 1, "pollPeriod": round(1000 / hz),
        "connectAttemptTimeMs": 500, "connectAttemptCount": 5, "waitAfterFailedAttemptsMs": 30000,
        "attributes": [], "attributeUpdates": [],
        "timeseries": [
            {"tag": "inputs", "type": "bits", "functionCode": 2, "address": 0, "objectsCount": 16, "bitTargetType": "int"},
            {"tag": "registers", "type": "bytes", "functionCode": 3, "address": 0, "objectsCount": 8},
        ],
        "rpc": [
            {"tag": method, "type": "bits", "functionCode": 5, "address": coil, "objectsCount": 1, "bitTargetType": "bool"}
            for coil, method in METHODS.items()
        ],
    }  # fmt: skip


def _configure(folder: Path, shipped: Path, port: int, stage: Stage) -> None:
    written = {
        "tb_gateway.json": general(json.loads((shipped / "tb_gateway.json").read_text("utf-8")), port),
        "modbus.json": connector(stage.farm.base, stage.farm.count, stage.hz),
        "logs.json": json.loads((shipped / "logs.json").read_text("utf-8")),
    }
    for name, settings in written.items():
        (folder / name).write_text(json.dumps(settings, indent=1), "utf-8")
    # Where its log files go.
    (folder / "logs").mkdir()
