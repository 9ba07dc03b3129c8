"""The end (638): the overrides are back, the device is left where it blocks the way or lets pass, and released.

The controller's: outputs that are forced, what people hold (lock-outs, tests of others, latched emergencies), alarms that are
hidden, and inputs that are bridged, which show as inputs that were not seen in both levels. The four of the drive itself (R40,
FA12) are asked of the person, by name.
"""

from __future__ import annotations

from controller.commissioning.bench import Bench
from controller.commissioning.record import Override, Words

OF_THE_DRIVE = ("commands", "safety", "rise_limit", "reversing")
"""The four diagnostic overrides of a drive's own controller (FAAC 275 H600, p. 12)."""


def run(bench: Bench) -> None:
    """Look at each override."""
    shown = bench.desk.shown()
    forced = shown["forced"]
    _override(bench, "forced-outputs", forced is None, [forced["point"]] if forced else [])
    held = shown["held"]
    others = [f"{tag['owner']}: {tag['why']}" for tag in held["tags"]]
    others += [f"efo: {held['efo']['by']}"] if held["efo"] else []
    others += [held["test"]] if held["test"] not in ("", bench.desk.by) else []
    _override(bench, "holds", not others, others)
    near = {
        bench.desk.device,
        *bench.spec["presence"],
        bench.spec["warning"],
        bench.spec["mains"],
        *bench.spec["signals"],
    }
    hidden = [one["id"] for one in bench.desk.controller.get("alarms")["hidden"] if one["device"] in near]
    _override(bench, "hidden-alarms", not hidden, hidden)
    bridged = _unproven(bench)
    _override(bench, "bridged-inputs", not bridged, bridged)
    for name in OF_THE_DRIVE:
        _asked(bench, name)


def _unproven(bench: Bench) -> list[str]:
    """Return the inputs that were not seen in both levels, of the device and of what it heeds."""
    device = bench.desk.device
    heeded = {f"{ground['device']}.{s}" for ground in bench.spec["grounds"]["secure"] for s in ground["signals"]}
    wanted = {f"{device}.{signal}" for signal in bench.desk.shown()["points"]} | heeded
    seen = bench.findings.driven_inputs
    return sorted(name for name in wanted if len(seen.get(name, [])) < 2)


def _asked(bench: Bench, name: str) -> None:
    """Ask the person for an override of the drive's own controller, which nothing on a wire tells of."""
    what = Words("check.override", {"name": Words(f"override.{name}")})
    sees = bench.hands.sees(f"is the drive's diagnostic override `{name}` back in its place?")
    if sees is None:
        bench.skipped(what, Words("found.nobody_there"))
        return
    found = Words("found.override_back") if sees else Words("found.override_left", {"left": [name]})
    bench.findings.overrides.append(Override(name=name, restored=sees, found=found))
    bench.check(what, Words("expect.override"), found, sees, criterion="R40")


def _override(bench: Bench, name: str, restored: bool, left: list[str]) -> None:
    found = Words("found.override_back") if restored else Words("found.override_left", {"left": left})
    bench.findings.overrides.append(Override(name=name, restored=restored, found=found))
    what = Words("check.override", {"name": Words(f"override.{name}")})
    bench.check(what, Words("expect.override"), found, restored, criterion="R40")
