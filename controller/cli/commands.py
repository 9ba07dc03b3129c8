"""Which commands there are, whose they are, and in which module each lives. A module is imported when its command is called."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from dataclasses import dataclass
from types import ModuleType


@dataclass(frozen=True, slots=True)
class Command:
    """One command: its module has `declare(parser)` and `run(given) -> Exit`."""

    module: str
    summary: str

    def load(self) -> ModuleType:
        """Import the module of the command."""
        return importlib.import_module(f"controller.cli.{self.module}")


PEOPLE: Mapping[str, Mapping[str, Command]] = {
    "for everybody": {
        "demo": Command("demo", "a simulated site with its controller, to look at and to play with"),
    },
    "for the operator": {
        "watch": Command("watch", "live picture of the site"),
        "devices": Command("devices", "what every device shows at this moment"),
        "alarms": Command("alarms", "the alarms that stand"),
        "ack": Command("alarms", "acknowledge alarms: say that you have seen them"),
        "shelve": Command("hiding", "hide an alarm for a while, and say why"),
        "unshelve": Command("hiding", "show a shelved alarm again"),
        "remove": Command("hiding", "take an alarm out of service, and say why"),
        "return": Command("hiding", "return an alarm to service"),
        "raise": Command("orders", "raise a bollard, barrier or road blocker"),
        "lower": Command("orders", "lower it"),
        "stop": Command("orders", "stop a device or every mover of a zone"),
        "secure": Command("orders", "block the way at a device or in a zone"),
        "open": Command("orders", "let vehicles pass at a device or in a zone"),
        "lockdown": Command("orders", "emergency: block every way at once, and keep it so"),
        "release": Command("orders", "reset an emergency, as a supervisor"),
        "pass": Command("passage", "let one vehicle through, and close behind it"),
        "route": Command("passage", "open the movers of a route and hold them open"),
        "passages": Command("passages", "the passages and routes under way"),
        "end": Command("passages", "end a passage, or secure a route"),
    },
    "for the technician": {
        "lock-out": Command("orders", "lock a device out while you work on it"),
        "lift": Command("orders", "lift your lock-out, or ask to have another's lifted"),
        "test": Command("orders", "take a device for yourself to test it"),
        "end-test": Command("orders", "give it back"),
        "re-arm": Command("orders", "let a unit whose watchdog has expired work again"),
        "commission": Command("commission", "prove a device step by step, and sign what was found"),
        "point": Command("point", "read one point of a unit, or set one output by hand"),
        "check": Command("check", "check a site file: every mistake with file, line and column"),
        "probe": Command("probe", "look at what is at the other end of a wire"),
        "run": Command("run", "run the controller of a site"),
        "console": Command("console", "serve the pages of the operators"),
        "journal": Command("journal", "show, verify or export the record of what happened"),
        "user": Command("user", "who may log in: people, and programs with a token"),
        "report": Command("report", "verify, sign, show or translate an acceptance report"),
        "diagram": Command("diagram", "draw the state machine of a device"),
    },
    "for the bench and for CI": {
        "simulate": Command("simulate", "serve a site's simulated equipment over its real protocols"),
        "trouble": Command("trouble", "break simulated equipment, and repair it"),
    },
}

COMMANDS: Mapping[str, Command] = {name: command for group in PEOPLE.values() for name, command in group.items()}
