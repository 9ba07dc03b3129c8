"""Misfortune of answers: which gate the troubles that last make of themselves."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from random import Random
from typing import Any

from simulators.mishaps.kinds import Options
from simulators.servers.base import OPEN, Gate

Fields = Mapping[str, Any]
BUSY = 6
GATEWAY_TARGET_SILENT = 11


def _always(**fields: Any) -> Callable[[Options, Random], Fields]:
    return lambda options, rng: fields


def _delay(options: Options, rng: Random) -> Fields:
    return {"delay_s": float(options["seconds"])}


def _jitter(options: Options, rng: Random) -> Fields:
    return {"delay_s": rng.uniform(0.0, options["seconds"])}


def _exception(options: Options, rng: Random) -> Fields:
    return {"exception": int(options["code"])}


def _busy(options: Options, rng: Random) -> Fields:
    return {"exception": BUSY} if rng.random() < options["share"] else {}


def _gateway(options: Options, rng: Random) -> Fields:
    return {"delay_s": float(options["seconds"]), "exception": GATEWAY_TARGET_SILENT}


def _lossy(options: Options, rng: Random) -> Fields:
    return {"silent": rng.random() < options["share"]}


GATE_KINDS: Mapping[str, Callable[[Options, Random], Fields]] = {
    "silence": _always(silent=True),
    # A unit of a bus that restarts is mute; the bus itself stays.
    "reboot": _always(silent=True),
    "warm-restart": _always(silent=True),
    "delay": _delay,
    "jitter": _jitter,
    "cut": _always(cut=True),
    "exception": _exception,
    "busy": _busy,
    "gateway": _gateway,
    "wrong-unit": _always(wrong_unit=True),
    "wrong-function": _always(wrong_function=True),
    "function-zero": _always(function_zero=True),
    "short-answer": _always(short=True),
    "one-way": _always(one_way=True),
    "lossy": _lossy,
    "duplicate": _always(twice=True),
    "trickle": lambda options, rng: {"trickle_s": float(options["seconds"])},
    "old-transaction": _always(old_transaction=True),
    "bad-length": _always(bad_length=True),
    "garble": _always(garbled=True),
    "noise": lambda options, rng: {"noise": int(options["count"])},
    "echo": _always(echo=True),
    "reset": _always(reset=True),
    "not-json": _always(not_json=True),
    "key-case": _always(capitals=True),
    "wrong-clock": lambda options, rng: {"clock_s": float(options["seconds"])},
}


def gate(lasting: Iterable[tuple[str, Options]], rng: Random) -> Gate:
    """Return the gate of the kinds that last, with all of their options; of two that contradict, the later holds."""
    fields: dict[str, Any] = {}
    for kind, options in lasting:
        if kind in GATE_KINDS:
            new = dict(GATE_KINDS[kind](options, rng))
            new["delay_s"] = fields.get("delay_s", 0.0) + new.get("delay_s", 0.0)
            # Whatever is lost stays lost.
            new["silent"] = fields.get("silent", False) or new.get("silent", False)
            fields.update(new)
    return Gate(**fields) if fields else OPEN
