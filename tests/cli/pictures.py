"""Devices, zones and pictures as the API gives them, for tests of what is made of them."""

from __future__ import annotations

from typing import Any

from controller.cli.screen import Picture


def device(name: str, kind: str = "loop", state: str = "clear", **more: Any) -> dict[str, Any]:
    mover = kind in ("bollard", "barrier", "road_blocker")
    return {
        "id": name,
        "kind": kind,
        "title": "",
        "zone": "gate",
        "state": state,
        "why": "",
        "mode": "remote",
        "version": 1,
        "since": None,
        "points": {"detect": {"value": False, "quality": "good", "taken": "", "age_s": 0.1}},
        "max_age_s": {"detect": 1.0},
        "secures_by": "raise" if mover else None,
        "secured": state == "raised" if mover else None,
        "order": None,
        "waiting": "",
        "held": {"tags": [], "efo": None, "test": ""},
        "wishes": [],
        "accepted_risks": [],
        "interlocks": [],
        **more,
    }


def site(**more: Any) -> dict[str, Any]:
    zones = [{"id": "gate", "title": "The gate", "devices": [], "secured": True, "open": False}]
    return {"name": "yard", "title": "The yard", "simulated": False, "zones": zones, **more}


def picture(*devices: dict[str, Any], **more: Any) -> Picture:
    return Picture(**{"site": site(), "devices": devices, **more})


def refusal(rule: str, of: str, because: str, action: str = "raise") -> dict[str, str]:
    return {"action": action, "rule": rule, "device": of, "because": because}


def order(life: str, **more: Any) -> dict[str, Any]:
    ended = life not in ("accepted", "issued", "moving")
    return {
        "id": "o1",
        "target": "bollards",
        "action": "raise",
        "life": life,
        "ended": ended,
        "because": "",
        "refusals": [],
        **more,
    }


def alarm(
    priority: int = 1,
    state: str = "unacknowledged",
    text: str = "fault",
    of: str = "bollards",
    name: str = "f",
    **more: Any,
) -> dict[str, Any]:
    told = {"id": f"{of}.{name}", "device": of, "name": name, "priority": priority, "text": text, "state": state}
    rest = {
        "by": "",
        "reason": "",
        "until": None,
        "stale": False,
        "chattering": False,
        "sounding": False,
        "proposes": None,
    }
    return {**told, "since": "2026-11-22T12:59:04.480043Z", **rest, **more}
