"""What the API tells, in short words for people. Pure, and without rich: `raise` needs it too."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

Told = Mapping[str, Any]

BAD_STATES = frozenset({"unknown", "offline", "fault", "dark"})
"""States in which a device does not do its duty."""
THREATS = frozenset({"overspeed", "wrong-way"})
"""States in which a device sees what a person should look at."""
MOTIONS = {"raised": "raising", "lowered": "lowering"}
MOVING_STATES = frozenset(MOTIONS.values())
GOALS = {"raise": "raised", "lower": "lowered", "stop": "stopped"}
SECURING = ("secure", "lockdown")
SWITCHES = ("release", "lock-out", "lift", "test", "end-test", "re-arm")
"""What moves nothing, and changes who may move a device."""
DONE = {"secure": "secured", "open": "open", "lockdown": "locked down", **GOALS}
HELD = {"R06": "efo", "lock-out": "tags", "test": "test"}
"""The rules that say what people hold over a device, and where the device tells of it."""
OVER = "returned-unacknowledged"
HIDDEN_STATES = ("shelved", "suppressed", "out-of-service")
ALARM_STATES = {"acknowledged": "seen", OVER: "over", **{state: state for state in HIDDEN_STATES}}
"""Any other alarm is new: nobody has seen it yet."""
UNITS = {"speed": "km/h", "count": "people"}


def age_s(device: Told) -> float | None:
    """Return the age of the oldest reading that the device rests on; None where it has none."""
    return max((float(point["age_s"]) for point in device["points"].values()), default=None)


def stale(device: Told, older_s: float = 0.0) -> bool:
    """Tell whether a reading, told of `older_s` ago, is older than it may be."""
    limits, points = device["max_age_s"], device["points"]
    return any(float(point["age_s"]) + older_s >= limits.get(name, float("inf")) for name, point in points.items())


def age(seconds: float | None) -> str:
    """Say an age in at most six characters."""
    if seconds is None:
        return "-"
    if seconds < 10:
        return f"{max(seconds, 0.0):.1f} s"
    if seconds < 100:
        return f"{seconds:.0f} s"
    if seconds < 6000:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.0f} h" if seconds < 360_000 else f"{seconds / 86400:.0f} d"


def abnormal(device: Told) -> bool:
    """Tell whether a person should look at this device."""
    odd = device["mode"] != "remote"
    return device["state"] in BAD_STATES | THREATS or stale(device) or odd or _kind_abnormal(device)


def _kind_abnormal(device: Told) -> bool:
    return (device["kind"], device["state"]) in (("contact", "active"), ("counter", "doubtful"))


def mode(device: Told) -> str:
    """Say who may move it, with the emergency or the test that stands below a mode that outranks it."""
    below = [name for name in ("efo", "test") if device["held"][name] and device["mode"] != name]
    return "+".join([device["mode"], *below])


def note(device: Told) -> str:
    """Say in one line who holds it, why it is as it is, what it waits for or measures, or what forbids moving it."""
    parts = [held(device)]
    if device["state"] in BAD_STATES or _kind_abnormal(device):
        parts.append(str(device["why"] or ""))
    elif device["secures_by"] is None:
        parts.append(", ".join(_measured(name, device["points"][name]) for name in UNITS if name in device["points"]))
    elif device["waiting"]:
        parts.append(f"waits for {device['waiting']}")
    else:
        parts.append(forbidden([one for one in device["interlocks"] if not _said(one, device)], device["id"]))
    return "; ".join(part for part in parts if part)


def held(device: Told) -> str:
    """Say what people hold over a device: lock-outs, a latched emergency, a test; and what one asks for that takes two."""
    what = device["held"]
    found = [f"locked out by {tag['owner']}: {tag['why']}{_asked(tag)}" for tag in what["tags"]]
    if what["efo"] is not None:
        found.append(f"emergency latched by {what['efo']['by']} as {what['efo']['role']}")
    if what["test"]:
        found.append(f"in test, held by {what['test']}")
    return "; ".join(
        [*found, *(f"{wish['by']} asks for {wish['action']}, nobody else yet" for wish in device["wishes"])]
    )


def _asked(tag: Told) -> str:
    return f" ({tag['asked_by']} asks to lift it)" if tag["asked_by"] else ""


def _said(interlock: Told, device: Told) -> bool:
    """Tell whether `held` says it already."""
    return interlock["device"] == device["id"] and bool(device["held"].get(HELD.get(interlock["rule"], "")))


def risks(devices: Iterable[Told]) -> str:
    """Say in one line which risks were accepted for which devices; nothing where there is none."""
    found: dict[str, list[str]] = {}
    for device in devices:
        for risk in device["accepted_risks"]:
            found.setdefault(risk, []).append(device["id"])
    told = "; ".join(f"{', '.join(names)}: {risk}" for risk, names in found.items())
    return f"accepted risks: {told}" if told else ""


def _measured(name: str, point: Told) -> str:
    value = point["value"]
    return f"no {name}" if value is None else f"{value:g} {UNITS[name]}" if not isinstance(value, str) else value


def forbidden(interlocks: Sequence[Told], of: str = "") -> str:
    """Say which actions of device `of` are forbidden at this moment, by which rule and why, the same reason once."""
    actions: dict[str, list[str]] = {}
    for one in interlocks:
        whose = "" if one["device"] == of else f"{one['device']}: "
        actions.setdefault(f"{one['rule']} {whose}{one['because']}", []).append(str(one["action"]))
    return "; ".join(f"no {'/'.join(names)}: {reason}" for reason, names in actions.items())


def refusals(command: Told) -> list[str]:
    """Say each reason of a refused order on a line of its own."""
    lines = [f"refused by {one['rule']}: {one['device']}: {one['because']}" for one in command["refusals"]]
    return lines or [f"refused: {command['because']}"]


def outcome(command: Told) -> str:
    """Say what became of an order that was neither confirmed nor refused."""
    because = str(command["because"])
    return f"{command['life']}{' ' if because.startswith('by ') else ': '}{because}"


def zone_name(zone: Told) -> str:
    """Say the title of a zone, and its id where that is another word: orders take the id."""
    return str(zone["title"]) if zone["title"] == zone["id"] else f"{zone['title']} ({zone['id']})"


def zone_word(zone: Told) -> str:
    """Say how a zone stands; steel on its way is neither secured nor open."""
    if zone["secured"]:
        return "secured"
    if zone["open"]:
        return "open"
    return "NOT KNOWN" if zone["secured"] is None else "NOT SECURED"


def alarm(told: Told) -> str:
    """Say an alarm in one line."""
    return f"P{told['priority']} {_mark(told)}{told['device'] or 'site'}: {told['text']}"


def _mark(told: Told) -> str:
    word = ALARM_STATES.get(told["state"], "new")
    return "" if word == "new" else f"({word}) "


def standing(told: Told) -> str:
    """Say how an alarm stands, by whom and why."""
    state, by = told["state"], f", by {told['by']}" if told["by"] else ""
    why = f": {told['reason']}" if told["reason"] else ""
    if state == "shelved":
        return f"shelved until {moment(told['until'])} UTC{by}{why}"
    if state in HIDDEN_STATES:
        return f"{state}{by}{why}"
    return {"normal": "over", OVER: "over, and nobody has seen it"}.get(
        state, f"stands, {ALARM_STATES.get(state, 'new')}"
    )


def moment(label: str) -> str:
    """Write a moment as people do, to the second."""
    return label.replace("T", " ")[:19]


def marks(told: Told) -> str:
    """Say what is special about an alarm: that it sounds, is stale, or chatters, and what it proposes."""
    said = [word for word in ("sounding", "stale", "chattering") if told[word]]
    return ", ".join(said + ([f"rempart {told['proposes']}?"] if told["proposes"] else []))


def hidden(alarms: Sequence[Told]) -> str:
    """Say how many alarms are hidden, and where they are listed; nothing where none is."""
    counts = [(state, sum(one["state"] == state for one in alarms)) for state in HIDDEN_STATES]
    said = ", ".join(f"{count} {state}" for state, count in counts if count)
    return f"hidden: {said}   rempart alarms --all" if said else ""


def urgent_first(alarms: Iterable[Told]) -> list[Told]:
    """Put what stands before what is over, then by priority, then the newest first."""
    newest = sorted(alarms, key=lambda one: str(one["since"]), reverse=True)
    return sorted(newest, key=lambda one: (one["state"] == OVER, one["priority"]))


def grouped(alarms: Iterable[Told]) -> list[list[Told]]:
    """Put alarms that say the same together, in the order of the first of each: a wire that is lost is one line."""
    groups: dict[tuple[object, ...], list[Told]] = {}
    for one in alarms:
        groups.setdefault((one["priority"], one["name"], one["state"], one["text"]), []).append(one)
    return list(groups.values())


def alarms(group: Sequence[Told]) -> str:
    """Say alarms that say the same in one line."""
    first = group[0]
    if len(group) == 1:
        return alarm(first)
    devices = ", ".join(one["device"] or "site" for one in group)
    return f"P{first['priority']} {_mark(first)}{first['name']} ×{len(group)}: {first['text']} ({devices})"


def hint(alarms: Sequence[Told]) -> str:
    """Say how to acknowledge what nobody has seen yet; nothing where there is none."""
    unseen = [one["id"] for one in alarms if one["state"] != "acknowledged"]
    if not unseen:
        return ""
    return f"seen? rempart ack {unseen[0]}{'   all: rempart ack --all' if len(unseen) > 1 else ''}"


def counted(number: int, one: str) -> str:
    """Say how many, of things whose plural takes an s."""
    return f"{number} {one}{'' if number == 1 else 's'}"


def by_zone(devices: Iterable[Told], zones: Sequence[Told]) -> list[tuple[Told, list[Told]]]:
    """Put the devices under their zones, both in the order of the site file."""
    listed = list(devices)
    return [(zone, [device for device in listed if device["zone"] == zone["id"]]) for zone in zones]
