"""How long an input can go without being looked at: what lasts longer than that is never missed (R38, IEC 60839-11-1).

A unit is read every `poll_s`. On a wire that it shares, another unit that has fallen silent holds the wire for its patience, once
between two of its reads (`controller/endpoint.py`), and every other unit is read in between as well.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from math import floor

from controller.config.draft import Wired
from controller.config.located import Key, Problem
from controller.config.site_checks import PUSHING, Resolved
from controller.ports import Point
from drivers.url import Url, serial_line

FAST = frozenset({"raised", "lowered", "local", "estop", "obstruction", "detect", "fault"})
"""The inputs of which no change of `LONGEST_MISSED_S` may be missed: limits, keys, stops, edges and loops (R38).

The contact of the mains of a drive is one of them too."""
LONGEST_MISSED_S = 0.4
"""R38, IEC 60839-11-1: an input that is active for longer is never missed."""

EXCHANGE_CHARACTERS, CHARACTER_BITS = 30, 11
"""Of a poll on a serial bus: 8 bytes out, some 8 back, and twice 3.5 of silence (Modbus over Serial Line, 2.5.1.1); as many again
for the unit to think, 19 ms at 19200 baud in all where it is quick."""
EXCHANGE_TCP_S = 0.005
"""Of a poll over a network: no Modbus unit on a LAN that answers at all takes longer as a rule."""


def is_fast(known: Resolved, wire: Wired) -> bool:
    """Tell whether no change of `LONGEST_MISSED_S` of this input may be missed."""
    return wire.signal in FAST or tells_of_mains(known, wire)


def tells_of_mains(known: Resolved, wire: Wired) -> bool:
    """Tell whether a mover hangs on this contact for the mains of its drive (R13)."""
    return wire.device in known.mains


def check_missed(known: Resolved, inputs: Iterable[tuple[Wired, Point]]) -> Iterator[Problem]:
    """Return the problems of the links: of each the first input that can be missed, and an acceptance that accepts nothing."""
    links = known.draft.links
    told: dict[str, tuple[tuple[Key, ...], str] | None] = {}
    for wire, _ in inputs:
        link = known.draft.units[wire.unit].link
        if is_fast(known, wire) and told.get(link) is None and link in known.urls and link in links:
            told[link] = _polled_seldom(known, wire, link) or _held_long(known, wire, link)
    for link, problem in told.items():
        if problem is not None and (problem[0][-1] == "poll_s" or links[link].missed_inputs_accepted is None):
            yield known.draft.doc.problem(*problem)
    for link, file in links.items():
        if file.missed_inputs_accepted is not None and told.get(link) is None:
            text = f"links.{link}: no input can be missed on it, so `missed_inputs_accepted` says nothing: remove it"
            yield known.draft.doc.problem(("links", link, "missed_inputs_accepted"), text, key=True)


def _polled_seldom(known: Resolved, wire: Wired, link: str) -> tuple[tuple[Key, ...], str] | None:
    poll = known.draft.links[link].poll_s
    if known.urls[link].scheme in PUSHING or poll <= LONGEST_MISSED_S:
        return None
    return ("links", link, "poll_s"), (
        f"links.{link}.poll_s: {poll:g} s is too slow: {wire.device}.{wire.signal} could be active for "
        f"{LONGEST_MISSED_S:g} s and be missed (R38); poll at least every {LONGEST_MISSED_S:g} s"
    )


def _held_long(known: Resolved, wire: Wired, link: str) -> tuple[tuple[Key, ...], str] | None:
    """Reckon with one silent unit between two reads; the others answer."""
    file, url = known.draft.links[link], known.urls[link]
    silent = {
        name: file.patience_s or known.profiles[name].patience_s
        for name in known.neighbours.get(link, ())
        if name != wire.unit
    }
    if url.scheme in PUSHING or not silent:
        return None
    longest, others_s = max(silent, key=lambda name: silent[name]), len(silent) * _exchange_s(url)
    gap = file.poll_s + silent[longest] + others_s
    if gap <= LONGEST_MISSED_S:
        return None
    together = floor((LONGEST_MISSED_S - others_s) * 100) / 100
    return ("links", link), (
        f"links.{link}: while `{longest}` is mute, {wire.device}.{wire.signal} is looked at every {gap:.3g} s only (poll_s "
        f"{file.poll_s:g} s, a patience of {silent[longest]:g} s, {others_s:.2f} s for the other units), so that it could be "
        f"active for {LONGEST_MISSED_S:g} s and be missed (R38): make `poll_s` and `patience_s` of this link "
        f"{together:.2f} s at most together, give the unit a wire of its own, or say under "
        "`missed_inputs_accepted` who accepted that, when and why"
    )


def _exchange_s(url: Url) -> float:
    if url.scheme != "modbus+rtu":
        return EXCHANGE_TCP_S
    return EXCHANGE_CHARACTERS * CHARACTER_BITS / serial_line(url, baudrate=19200, parity="E").baudrate
