"""Records to make reports of: a full one, in which things failed and texts are hostile, and a small one in which all is well."""

from __future__ import annotations

import dataclasses
from typing import Any

from controller.commissioning.record import (
    Check,
    Defect,
    InterlockRow,
    Outcome,
    Override,
    Person,
    Record,
    Stage,
    StepRecord,
    Subject,
    Travel,
    UnitRecord,
    Words,
)

HOSTILE = '</td></style><script>alert("1")</script><img src=//evil.example/x onerror=alert(1)> & {gap} %s \x1b[31m\x00'
SPOOF = "approved \u202egnp.exe"
RTL = "יוסי כהן (مهندس الموقع)"
LONG_NOTE = "Observé pendant la remontée à −2 °C : " + "la borne hésite, vibre, puis repart d'elle-même. " * 82
WIDE = "NOBLANKS" * 60
RISING = (4.61, 4.58, 4.72, 4.66, 4.63, 4.7, 4.59, 4.62, 4.68, 4.6, 4.64, 15.8)
LOWERING = (4.12, 4.2, 4.08, 4.15, 4.11, 4.18, 4.1, 4.13, 4.22, 4.09, 4.14, 4.16)


def said(text: str) -> Words:
    """What a person typed, as words."""
    return Words("report.typed", {"text": text})


def _check(what: Words | str, expected: str, measured: str, outcome: Outcome, minute: int, **more: Any) -> Check:
    told = said(what) if isinstance(what, str) else what
    return Check(what=told, expected=said(expected), measured=said(measured), outcome=outcome, at=_at(minute), **more)


def _at(minute: int, second: int = 0) -> str:
    return f"2026-11-27T09:{minute:02d}:{second:02d}.125000Z"


def _travel(direction: str, cycle: int, seconds: float) -> Travel:
    leaves, reaches = ("lowered", "raised") if direction == "raise" else ("raised", "lowered")
    changes = ((0.0, leaves, True), (0.0, reaches, False), (0.42, leaves, False), (seconds, reaches, True))
    return Travel(direction=direction, cycle=cycle, seconds=seconds, changes=changes)


def _step(number: int, section: str, outcome: Outcome, *checks: Check, why: Words | None = None) -> StepRecord:
    return StepRecord(
        id=f"{section}-{number}",
        section=section,
        began=_at(number),
        ended=_at(number, 48),
        outcome=outcome,
        checks=checks,
        why=why,
    )


SUBJECT = Subject(
    site="nice-promenade", site_title="Promenade des Anglais, accès Albert-Ier", revision="2026-11-20/7",
    device="albert-bollards", kind="bollard", title="Bornes Albert-Ier (façade mer)", zone="albert", profile="bollard-pair-24v",
    wiring={"raised": "albert-io.di0", "lowered": "albert-io.di1", "local": "albert-io.di2", "raise": "albert-io.do0",
            "lower": "albert-io.do1", "stop": "albert-io.do2", "presence": "albert-loop.detect", "lamp": "albert-io.di5"},
    units=(
        UnitRecord("albert-io", "wago-750", "modbus+tcp://10.12.3.41:502", simulated=True,
                   identity={"vendor": "WAGO", "serial": "0012-7781", "firmware": "01.08.03"}),
        UnitRecord("albert-loop", "ld120", "serial:///dev/ttyS2", simulated=False, identity={}),
    ),
    accepted_risks=(
        "efo_ignores_presence_accepted: Mme Hélène Garçon, 2026-10-02: fire brigade lane, the loop does not veto an emergency",
        RTL,
    ),
)  # fmt: skip

STEPS = (
    _step(
        1, "631", Outcome.PASSED,
        _check("Witness points agreed, scripts at hand, safety spotter in place", "all present", "all present", Outcome.PASSED, 1,
               note=LONG_NOTE),
    ),
    _step(
        2, "632", Outcome.FAILED,
        *(
            _check(Words("report.signal", {"signal": signal}), "follows the contact", "followed within 40 ms", Outcome.PASSED, 4,
                   criterion="R25", evidence=(1201 + number,))
            for number, signal in enumerate(("raised", "lowered", "local", "raise", "lower", "stop"))
        ),
        _check(Words("report.signal", {"signal": "lamp"}), "on within 5 s", "off after 5 s", Outcome.FAILED, 5, criterion="R15",
               value=5.0, unit="s", evidence=(1212, 1213)),
    ),
    _step(
        3, "633", Outcome.PASSED,
        _check(Words("report.signal", {"signal": "presence"}), "occupied, then clear", "occupied in 0.21 s", Outcome.PASSED,
               8, criterion="R09", value=0.21, unit="s", evidence=(1230,)),
    ),
    _step(
        4, "635", Outcome.ABORTED,
        _check("Cone of 700 mm on the edge", "stops and goes back down", HOSTILE, Outcome.ABORTED, 14, criterion="R10",
               note=HOSTILE),
        _check("Child-height surrogate", "stops and goes back down", WIDE, Outcome.SKIPPED, 15, criterion="R10", note=SPOOF),
        why=said("the edge of the left bollard does not answer; see the defect"),
    ),
    _step(
        5, "636", Outcome.FAILED,
        _check("Twelve cycles", "each travel within 3 to 15 s", "one raise took 15.8 s", Outcome.FAILED, 31, criterion="R01",
               value=15.8, unit="s", evidence=tuple(range(1300, 1324))),
    ),
    _step(
        6, "637", Outcome.PASSED,
        _check("Emergency from the guard's panel", "blocked 2.5 s after the actuator starts", "2.21 s", Outcome.PASSED, 40,
               criterion="R02", value=2.21, unit="s", evidence=(1400, 1401, 1402)),
        _check("Mains cut while raised", "stays up", "stayed up", Outcome.PASSED, 44, criterion="R21", evidence=(1410,)),
    ),
    _step(7, "638", Outcome.SKIPPED, why=Words("later.key", {"why": "défauts à corriger d'abord"})),
)  # fmt: skip

INTERLOCKS = (
    InterlockRow(rule="R09", device="albert-bollards", action="raise", condition=said("albert-loop occupied"), forbade=True,
                 allowed_again=True, because="albert-loop: loop occupied"),
    InterlockRow(rule="R18", device="albert-bollards", action="raise", condition=said("local key turned"), forbade=True,
                 allowed_again=True, because="albert-bollards: local control"),
    InterlockRow(rule="R31", device="albert-bollards", action="lower", condition=said("traffic controller dark"), forbade=False,
                 allowed_again=True),
    InterlockRow(rule="sas-albert", device="albert-bollards", action="lower", condition=said("inner row is not raised"),
                 forbade=None, allowed_again=None),
)  # fmt: skip

FULL = Record(
    id="0196f0c2-7c1e-7d55-9a20-5be1c0ffee01", subject=SUBJECT, began=_at(0), ended=_at(58), outcome=Outcome.FAILED,
    unattended=False, simulated=True,
    versions={"rempart": "0.1.0", "site file": "2026-11-20/7", "site file SHA-256": "9f86d081884c7d659a2feaa0c55ad015" * 2,
              "profile wago-750": "3", "drive firmware": "2.14 (lu sur l'étiquette)"},
    tester=Person("Élodie Marchand-Lô", "Rénover la Côte SARL"), witness=Person("Gian Piero D’Agostino", "Comune di Torino"),
    owner=Person("Zoë Çelik", "Métropole Nice Côte d'Azur"),
    instruments=("Chronometer Extech 365510, no. 88-1204, calibrated 2026-03-11", "Multimètre Fluke 179, n° 3321 0087"),
    steps=STEPS,
    travels=tuple(
        _travel(direction, cycle, seconds)
        for cycle, pair in enumerate(zip(RISING, LOWERING, strict=True), 1)
        for direction, seconds in zip(("raise", "lower"), pair, strict=True)
    ),
    interlocks=INTERLOCKS,
    emergency=(Stage(name="initiation", seconds=0.03), Stage(name="actuator", seconds=0.11), Stage(name="motion", seconds=0.52),
               Stage(name="blocked", seconds=2.32), Stage(name="annunciation", seconds=None)),
    overrides=(
        Override(name="commands", restored=True, found=said("DIP 2 on")),
        Override(name="safety", restored=True, found=said("DIP 3 on")),
        Override(name="rise_limit", restored=True, found=said("DIP 4 on")),
        Override(name="reversing", restored=False, found=said("DIP 5 off")),
    ),
    defects=(
        Defect(step="632-2", text=said("warning lamp of the left bollard stays dark")),
        Defect(step="635-4", text=said("la barre palpeuse gauche ne répond pas : câble à contrôler")),
    ),
    deviations=("Duty test at 25 % only: pump too warm", HOSTILE, RTL),
    journal_head="1466:" + "ab12" * 16,
)  # fmt: skip


def _mended(step: StepRecord) -> StepRecord:
    kept = tuple(dataclasses.replace(check, outcome=Outcome.PASSED, note="") for check in step.checks[:1])
    return dataclasses.replace(step, outcome=Outcome.PASSED, checks=kept, why=None)


def _real(unit: UnitRecord) -> UnitRecord:
    return dataclasses.replace(unit, simulated=False)


WELL = dataclasses.replace(
    FULL, id="0196f0c2-7c1e-7d55-9a20-5be1c0ffee02", outcome=Outcome.PASSED, simulated=False,
    subject=dataclasses.replace(SUBJECT, units=tuple(map(_real, SUBJECT.units)), accepted_risks=()),
    steps=tuple(_mended(step) for step in STEPS[:4]),
    travels=FULL.travels[:6], interlocks=INTERLOCKS[:2], emergency=FULL.emergency[:4],
    overrides=tuple(dataclasses.replace(one, restored=True) for one in FULL.overrides), defects=(), deviations=(),
)  # fmt: skip
