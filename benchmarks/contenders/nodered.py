"""Node-RED with node-red-contrib-modbus: a client and two polling nodes a device, orders by `http in` like the bare clients'.

The editor runs, and nobody looks at it. A reading is kept, and nothing else done with it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks.contenders.base import Contender, Running, Stage
from benchmarks.contenders.reference import asked_over_http
from benchmarks.environments import NodePackages
from benchmarks.machine import cpus, free_port, system_program
from benchmarks.processes import Process

VERSION = "4.1.15"
PACKAGES = {"node-red": VERSION, "node-red-contrib-modbus": "5.60.2"}
# It asks for a fork that is not in the registry of npm.
REPLACED = {"@openp4nr/modbus-serial": "npm:modbus-serial@8.0.25"}
START_S = 60.0

Node = dict[str, Any]

TAB = "farm"
QUIET = {"showStatusActivities": False, "showErrors": False, "showWarnings": False, "logIOActivities": False}
WRITE = "({payload: {value: true, fc: 5, unitid: 1, address: Number(msg.req.params.coil), quantity: 1}})"


class NodeRed(Contender):
    """Node-RED and its nodes for Modbus."""

    name, title = "nodered", f"Node-RED {VERSION}"
    long, by_timers = True, True

    def __init__(self) -> None:
        self._environment = NodePackages("node-red", PACKAGES, REPLACED)

    def missing(self) -> str:
        """Say that there is no Node.js, or no npm."""
        absent = [name for name in ("node", "npm") if system_program(name) is None]
        return f"no {' and no '.join(absent)} here: install it (Debian: apt-get install nodejs npm)" if absent else ""

    def prepare(self, told: Callable[[str], None]) -> None:
        """Install it, some minutes, where that has not been done."""
        super().prepare(told)
        self._environment.install(told)

    @contextmanager
    def start(self, stage: Stage) -> Iterator[Running]:
        """Start it and wait until it answers."""
        folder, port, farm = stage.folder / "nodered", free_port(), stage.farm
        folder.mkdir()
        (folder / "flows.json").write_text(json.dumps(flows(farm.base, farm.count, stage.hz)), "utf-8")
        (folder / "settings.js").write_text(f"module.exports = {json.dumps(settings(port))};\n", "utf-8")
        program = self._environment.folder / "node_modules" / "node-red" / "red.js"
        command: list[str | Path] = ["node", program, "-u", folder, "-s", folder / "settings.js", "flows.json"]
        with (
            Process(self.name, command, cpu=cpus()[1], log=stage.folder / "nodered.log", cwd=folder) as process,
            asked_over_http(process, farm, port, START_S) as running,
        ):
            yield running


def settings(port: int) -> dict[str, Any]:
    """Return the settings of Node-RED itself."""
    return {
        "uiHost": "127.0.0.1", "uiPort": port, "flowFile": "flows.json", "credentialSecret": False,
        "editorTheme": {"tours": False}, "telemetry": {"enabled": False}, "diagnostics": {"enabled": False},
        "logging": {"console": {"level": "warn", "metrics": False, "audit": False}},
    }  # fmt: skip


def flows(base: int, count: int, hz: float) -> list[Node]:
    """Return the flow: every device is polled, and `POST /write/DEVICE/COIL` and `/all/COIL` switch a coil on."""
    writers = [[_id("write", n)] for n in range(count)]
    one = (
        f"const out = new Array({count + 1}).fill(null); out[0] = {{...msg, payload: {{done: true}}}}; "
        f"out[1 + Number(msg.req.params.device)] = {WRITE}; return out;"
    )
    every = (
        f"const out = [{{...msg, payload: {{done: true}}}}]; "
        f"for (let n = 0; n < {count}; n++) out.push({WRITE}); return out;"
    )
    keep = "flow.set('v' + msg.topic, msg.payload); return null;"
    return [
        {"id": TAB, "type": "tab", "label": "the farm", "disabled": False},
        *(node for n in range(count) for node in _device(base + n, n, hz)),
        _node("keep", "function", func=keep, outputs=0, wires=[]),
        _node("http-one", "http in", url="/write/:device/:coil", method="post", wires=[["one"]]),
        _node("one", "function", func=one, outputs=count + 1, wires=[["answer"], *writers]),
        _node("http-all", "http in", url="/all/:coil", method="post", wires=[["all"]]),
        _node("all", "function", func=every, outputs=count + 1, wires=[["answer"], *writers]),
        _node("answer", "http response", wires=[]),
    ]


def _device(port: int, device: int, hz: float) -> Iterator[Node]:
    client = _id("client", device)
    yield {
        # A configuration that holds its own id, be it as its name, counts as one that depends on itself.
        "id": client, "type": "modbus-client", "name": "", "clienttype": "tcp", "tcpHost": "127.0.0.1",
        "tcpPort": str(port), "tcpType": "DEFAULT", "unit_id": "1", "bufferCommands": True, "parallelUnitIdsAllowed": True,
        "commandDelay": "1", "clientTimeout": "1000", "reconnectOnTimeout": True, "reconnectTimeout": "2000",
        "stateLogEnabled": False, "queueLogEnabled": False, "failureLogEnabled": False,
        "showErrors": False, "showWarnings": False, "showLogs": False,
    }  # fmt: skip
    for kind, quantity in (("Input", 16), ("HoldingRegister", 8)):
        yield _node(
            _id(kind, device), "modbus-read", topic=_id(kind, device), server=client, unitid="1", dataType=kind,
            adr="0", quantity=str(quantity), rate=str(round(1000 / hz)), rateUnit="ms", delayOnStart=False,
            startDelayTime="", useIOFile=False, ioFile="", useIOForPayload=False, emptyMsgOnFail=False,
            wires=[["keep"], []], **QUIET,
        )  # fmt: skip
    yield _node(
        _id("write", device), "modbus-flex-write", server=client, emptyMsgOnFail=False, keepMsgProperties=False,
        delayOnStart=False, startDelayTime="", wires=[[], []], **QUIET,
    )  # fmt: skip


def _node(name: str, kind: str, **rest: Any) -> Node:
    return {"id": name, "type": kind, "z": TAB, "name": name, "x": 1, "y": 1, **rest}


def _id(what: str, device: int) -> str:
    return f"{what}{device}"
