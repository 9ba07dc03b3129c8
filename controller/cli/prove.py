"""`rempart check --prove`: what the exploration of each group of devices came to, for people and as JSON."""

from __future__ import annotations

import json
import sys
import time
from typing import Any

from controller.cli.exits import Exit
from controller.config.site import Site
from controller.proof.invariants import INVARIANTS
from controller.proof.machine_checks import MACHINE
from controller.proof.study import Verdict, verdicts
from controller.proof.wiring import Wiring

WORDS = {**INVARIANTS, **MACHINE}


def prove(site: Site, *, as_json: bool) -> Exit:
    """Explore `site`, print the verdict on each group of devices, and tell whether all of them hold."""
    accepted = {name: device.accepted for name, device in site.devices.items() if device.accepted}
    records: list[dict[str, Any]] = []
    began = time.monotonic()
    for verdict in verdicts(wired(site)):
        records.append(_record(verdict))
        if not as_json:
            _print(verdict)
    took = time.monotonic() - began
    good = all(verdict["broken"] is None for verdict in records)
    if as_json:
        told = {"ok": good, "site": site.name, "groups": records, "seconds": round(took, 1)}
        print(json.dumps({**told, "accepted": accepted}, indent=2, ensure_ascii=False))
        return Exit.DONE if good else Exit.USAGE
    for name, risks in accepted.items():
        print("\n".join(f"{name}: not proved, but accepted: {risk}" for risk in risks))
    states = sum(verdict["states"] for verdict in records)
    print(f"{site.name}: {'proved' if good else 'REFUSED'}; {states} states in {took:.0f} s")
    return Exit.DONE if good else Exit.USAGE


def wired(site: Site) -> Wiring:
    """Return what the proof looks at of `site`."""
    from controller.composition import fittings

    fitted = fittings(site)
    return Wiring(
        specs={one.spec.id: one.spec for one in fitted},
        outputs={(one.spec.id, s): (unit, point.name) for one in fitted for s, (_, unit, point) in one.outputs.items()},
        inputs={(one.spec.id, s): wire for one in fitted for wire, signals in one.inputs.items() for s in signals},
    )


def _record(verdict: Verdict) -> dict[str, Any]:
    broken = verdict.broken
    return {
        "devices": list(verdict.devices),
        "invariants": list(verdict.invariants),
        "nodes": verdict.nodes,
        "states": verdict.states,
        "transitions": verdict.transitions,
        "broken": None if broken is None else {"invariant": broken.invariant, "how": broken.how},
        "trace": list(verdict.trace),
    }


def _print(verdict: Verdict) -> None:
    print(f"{', '.join(verdict.devices)}: {verdict.states} states, {verdict.transitions} transitions", flush=True)
    if verdict.broken is None:
        for letter in verdict.invariants:
            print(f"  proved ({letter}) {INVARIANTS[letter]}")
        return
    lines = [f"  does not hold: ({verdict.broken.invariant}) {WORDS[verdict.broken.invariant]}"]
    lines += [f"    {line}" for line in verdict.trace or (verdict.broken.how,)]
    print("\n".join(lines), file=sys.stderr, flush=True)
