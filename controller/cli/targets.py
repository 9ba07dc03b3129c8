"""What an order can be for: says which names there are where its target is none of them, or none for this action."""

from __future__ import annotations

import difflib
from typing import Any

from controller.cli import client
from controller.cli.exits import Exit, Failure

DEVICE_ONLY = ("raise", "lower")


def explained(controller: client.Client, order: dict[str, Any], failure: Failure) -> Failure:
    """Return `failure` in words that help, where it is about the target. Raises Failure."""
    if failure.code is not Exit.USAGE or order["action"] == "re-arm":
        # That names units too, which only the controller knows.
        return failure
    target, site = order["target"], controller.get("site")
    zones = {zone["id"]: zone["devices"] for zone in site["zones"]}
    zones[site["name"]] = [device for devices in zones.values() for device in devices]
    if target in zones and order["action"] in DEVICE_ONLY:
        movers = [device["id"] for device in controller.get("devices") if device["secures_by"] is not None]
        return _of_zone(
            target, order["action"], [name for name in zones[target] if name in movers], target == site["name"]
        )
    known = [site["name"]]
    for zone in site["zones"]:
        known += [zone["id"], *zone["devices"]]
    if target in known:
        return failure
    near = difflib.get_close_matches(target, known, n=3, cutoff=0.75)
    hint = f"did you mean {' or '.join(near)}?" if near else f"there are {', '.join(known)}"
    return Failure(Exit.USAGE, f"no device or zone {target!r}: {hint}")


def _of_zone(target: str, action: str, movers: list[str], whole: bool) -> Failure:
    what = "the site" if whole else "a zone"
    devices = f"{action} one of its devices: {', '.join(movers)}" if movers else "none of its devices can be moved"
    return Failure(
        Exit.USAGE,
        f"{target} is {what}: `rempart secure {target}` blocks the way, `rempart open {target}` lets pass;\n{devices}",
    )
