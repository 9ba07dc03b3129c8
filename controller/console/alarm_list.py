"""The alarms as a person takes them in: the most urgent first, a page at a time, and in a flood by what they are about.

Values in, values out. What one press acknowledges is what one page shows, each as it was shown: an alarm that has come anew since
then is not the one that was seen.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from controller.console.look import Look

Told = Mapping[str, Any]

SHOWN = 20
"""How many alarms, or groups of a flood, are on one page."""
PAGES = 50
"""How many pages there can be; what is behind them comes forward as the others are seen to."""
UNSEEN = ("unacknowledged", "returned-unacknowledged")


def number(text: str) -> int:
    """Return the number of a page as an address has it; 1 for none."""
    return min(max(int(text), 1), PAGES) if text.isdecimal() and len(text) < 6 else 1


def listed(told: Told, page: int) -> dict[str, Any]:
    """Return what one page of the list shows of the answer of GET /alarms; the last page there is where `page` is behind it.

    Out of a flood `alarms` are those of the page; in one `groups` are, each with its first ones in `alarms` and `left` more.
    """
    standing = ordered(told["alarms"])
    groups = grouped(standing) if told["flood"] else []
    entries: Sequence[Any] = groups or standing
    pages = max(1, -(-len(entries) // SHOWN))
    page = min(page, pages)
    part = entries[(page - 1) * SHOWN : page * SHOWN]
    return {
        "flood": told["flood"],
        "count": len(standing),
        "page": page,
        "pages": pages,
        "alarms": [] if groups else part,
        "groups": part if groups else [],
        "hidden": ordered(told["hidden"]),
        "to_see": "" if groups else handles(part),
    }


def ordered(alarms: Sequence[Told]) -> list[Told]:
    """Return the alarms by priority, in each those that came last first."""
    newest = sorted(alarms, key=lambda one: one["since"], reverse=True)
    return sorted(newest, key=lambda one: one["priority"])


def grouped(alarms: Sequence[Told]) -> list[dict[str, Any]]:
    """Return the alarms by what they are about: the groups by their highest priority, then by their first-up.

    The first-up of a group is the one of those that nobody has seen which came first; of all groups, one is `first` of all.
    """
    names = dict.fromkeys(one["device"] or one["zone"] for one in alarms)
    groups = [_group(name, [one for one in alarms if (one["device"] or one["zone"]) == name]) for name in names]
    came = min((group["first_up"]["since"] for group in groups if group["first_up"]), default="")
    for group in groups:
        group["first"] = bool(group["first_up"]) and group["first_up"]["since"] == came
    return sorted(groups, key=lambda one: (one["priority"], one["first_up"]["since"] if one["first_up"] else "~"))


def _group(name: str, alarms: Sequence[Told]) -> dict[str, Any]:
    unseen = [one for one in alarms if one["state"] in UNSEEN]
    return {
        "id": name,
        "count": len(alarms),
        "unseen": len(unseen),
        "priority": min(one["priority"] for one in alarms),
        "first_up": min(unseen, key=lambda one: one["since"], default=None),
        "alarms": alarms[:SHOWN],
        "left": max(len(alarms) - SHOWN, 0),
        "to_see": handles(alarms[:SHOWN]),
    }


def handles(alarms: Sequence[Told]) -> str:
    """Return what a button carries that acknowledges those of these alarms that nobody has seen."""
    return " ".join(handle(one) for one in alarms if one["state"] in UNSEEN)


def handle(alarm: Told) -> str:
    """Name an alarm as it was shown: which, and since when it stands."""
    return f"{alarm['id']}|{alarm['since']}"


def named(text: str) -> list[tuple[str, str]]:
    """Return the id and the time of each alarm that a button carried."""
    return [(name, since) for name, _, since in (one.partition("|") for one in text.split())]


def of(latest: Look, page: int) -> dict[str, Any]:
    """Return one page of the alarms of a look."""
    return listed(latest.alarms, page)


def sound(alarms: Sequence[Told]) -> str:
    """Return what is to be heard: `continuous` before `pulsing`, or nothing."""
    heard = {one["sound"] for one in alarms if one["sounding"]}
    return next((name for name in ("continuous", "pulsing") if name in heard), "")


def heard(alarms: Sequence[Told]) -> str:
    """Name the alarms that are to be heard, each as it is shown."""
    return " ".join(handle(one) for one in alarms if one["sounding"])
