"""Performance (636): travel times over a number of cycles, with the warning and the signals of each (R01, R03, R13, R14)."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from controller.commissioning.bench import Bench
from controller.commissioning.desk import Driven
from controller.commissioning.record import Travel, Words


def run(bench: Bench) -> None:
    """Secure and open, again and again."""
    bench.desk.travel(bench.opens_by, bench.spec)
    bench.desk.at_rest()
    for cycle in range(1, bench.cycles + 1):
        for action in (bench.secures_by, bench.opens_by):
            if not _travelled(bench, action, cycle):
                return
    _warned(bench)


def _travelled(bench: Bench, action: str, cycle: int) -> bool:
    driven = bench.desk.travel(action, bench.spec)
    seconds = driven.seconds("issued", "confirmed")
    fastest, longest = bench.spec["fastest_s"], bench.spec["travel_s"]
    what = Words("check.travel", {"direction": action, "cycle": cycle})
    expected = Words("expect.travel", {"fastest": fastest, "longest": longest})
    if driven.life != "confirmed" or seconds is None:
        found = Words("found.order", {"life": driven.life, "why": driven.why})
        return bench.check(what, expected, found, False, criterion="R01", order=str(driven.command["id"]))
    began = _began(driven)
    changes = tuple(
        (round(at - began, 2), signal, level) for at, signal, level in driven.changes if isinstance(level, bool)
    )
    bench.findings.travels.append(Travel(direction=action, cycle=cycle, seconds=round(seconds, 2), changes=changes))
    passed = fastest <= seconds <= longest
    return bench.check(
        what, expected, Words("found.seconds", {"seconds": round(seconds, 2)}), passed,
        criterion="R01", value=round(seconds, 2), unit="s", order=str(driven.command["id"]),
    )  # fmt: skip


def _began(driven: Driven) -> float:
    """Return when its first frame was acknowledged, in the seconds of its changes: what came before it is negative."""
    received, confirmed = _at(driven, "received"), _at(driven, "issued")
    return (confirmed - received).total_seconds() if received and confirmed else 0.0


def _at(driven: Driven, life: str) -> datetime | None:
    step: dict[str, Any] | None = next((one for one in driven.command["history"] if one["life"] == life), None)
    return datetime.fromisoformat(step["at"]) if step else None


def _warned(bench: Bench) -> None:
    """Compare when the beacon was lit, and the signals showed halt, with when the first frame went out."""
    beacon, signals = bench.spec["warning"], bench.spec["signals"]
    if not beacon and not signals:
        bench.skipped(Words("check.warning"), Words("found.no_warning"))
        return
    looks: list[tuple[datetime, dict[str, Any]]] = []

    def look() -> None:
        looks.append(
            (datetime.now(UTC), {name: bench.desk.shown(name) for name in (*signals, *([beacon] if beacon else []))})
        )

    driven = bench.desk.travel(bench.secures_by, bench.spec, look=look)
    issued, received = _at(driven, "issued"), _at(driven, "received")
    before = [shown for at, shown in looks if issued is not None and at < issued]
    if beacon:
        # A beacon that was lit for another mover warns of this one from its order on.
        lit = [datetime.fromisoformat(shown[beacon]["since"]) for _, shown in looks if shown[beacon]["state"] == "lit"]
        since = max(lit[0], received) if lit and received else None
        seconds = (issued - since).total_seconds() if issued and since else 0.0
        _told(bench, "check.warning", "expect.warning", seconds, bench.spec["warning_s"], "R13", driven)
    for name in signals:
        state = before[-1][name]["state"] if before else "?"
        bench.check(
            Words("check.signal", {"signal": name}),
            Words("expect.signal"),
            Words("found.state", {"device": name, "state": state}),
            state == "halt",
            criterion="R14",
            order=str(driven.command["id"]),
        )
    bench.desk.travel(bench.opens_by, bench.spec)


def _told(bench: Bench, what: str, expected: str, seconds: float, least: float, rule: str, driven: Driven) -> None:
    bench.check(
        Words(what),
        Words(expected, {"seconds": least}),
        Words("found.seconds", {"seconds": round(seconds, 2)}),
        seconds >= least,
        criterion=rule,
        value=round(seconds, 2),
        unit="s",
        order=str(driven.command["id"]),
    )
