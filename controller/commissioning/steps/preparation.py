"""Before anything moves (632): who the units are, that they answer, and that nobody else holds the device."""

from __future__ import annotations

from controller.commissioning.bench import Bench
from controller.commissioning.record import Words


def run(bench: Bench) -> None:
    """Look at the units, the mode, the alarms and the readings."""
    _units(bench)
    shown = bench.desk.shown()
    name = bench.desk.device
    held = shown["held"]
    bench.check(
        Words("check.mode"),
        Words("expect.mode"),
        Words("found.mode", {"mode": shown["mode"], "who": held["test"]}),
        shown["mode"] == "test" and held["test"] == bench.desk.by,
        criterion="R19",
    )
    doubtful = [signal for signal, one in shown["points"].items() if one["quality"] != "good"]
    bench.check(
        Words("check.readings"),
        Words("expect.readings"),
        Words("found.doubtful", {"signals": doubtful})
        if doubtful
        else Words("found.readings", {"count": len(shown["points"])}),
        bool(shown["points"]) and not doubtful,
    )
    alarms = [one["id"] for one in bench.desk.controller.get("alarms")["alarms"] if one["device"] == name]
    bench.check(
        Words("check.alarms"),
        Words("expect.no_alarms"),
        Words("found.alarms", {"alarms": alarms}) if alarms else Words("found.no_alarms"),
        not alarms,
        criterion="R34",
    )


def _units(bench: Bench) -> None:
    for unit in {unit["id"]: unit for unit, _, _ in bench.desk.wired()}.values():
        identity = unit["identity"] or {}
        bench.check(
            Words("check.unit", {"unit": unit["id"]}),
            Words("expect.unit"),
            Words("found.unit", {"identity": identity}) if unit["up"] else Words("found.unit_mute"),
            unit["up"],
        )
