"""The acceptance test of one device: its steps in order, kept after each, broken off at any instant with outputs released.

Whatever happens in a step (Ctrl-C, a signal, a lost controller, a closed terminal) the button is let go, which ends the motion
within a second even if nobody can say so any more; then the device is told to stop and given back, where that can still be said.
"""

from __future__ import annotations

from copy import deepcopy
from pathlib import Path

from controller.cli.exits import Exit, Failure
from controller.commissioning import session as sessions
from controller.commissioning.bench import Bench, now
from controller.commissioning.record import Outcome, StepRecord, Words
from controller.commissioning.session import Session
from controller.commissioning.steps import STEPS, Step
from controller.commissioning.texts import Texts
from controller.core.people import same

STOP_S = 4.0
"""How long the release of its outputs may take to be acknowledged."""

NOT_SAID = (
    "it is NOT known that its outputs are released: what nobody holds ends within a second by itself, but do not rely on that; "
    "use the emergency stop at the equipment"
)


def run(bench: Bench, session: Session, path: Path, texts: Texts) -> None:
    """Do every step that is not done yet; what was found is in `session`, kept at `path`.

    Raises Aborted, KeyboardInterrupt and Failure once the device is given back, as far as that can be said.
    """
    done = {step.id for step in session.finished}
    taken = bench.desk.take()
    if taken["life"] != "confirmed":
        raise Failure(Exit.REFUSED, f"{bench.desk.device} cannot be taken for a test: {taken['because']}")
    try:
        sessions.save(path, session)
        for step in STEPS:
            if step.id not in done:
                _step(bench, session, step, texts)
                sessions.save(path, session)
    except BaseException as error:
        released = give_back(bench, f"acceptance test {session.id} broken off in {bench.step}; it can be resumed")
        bench.say("its outputs are released, and it is given back" if released else NOT_SAID)
        session.interrupted.append(f"{now()} {bench.step}: {type(error).__name__}")
        sessions.save(path, session)
        raise
    if not give_back(bench, f"acceptance test {session.id} done"):
        bench.say(NOT_SAID)


def give_back(bench: Bench, reason: str) -> bool:
    """Stop the device and give it back, where it is still held for this test; tell whether its outputs are known to be released.

    What others do with it meanwhile, an emergency before all, is not stopped. A button that is let go ends a motion by itself.
    """
    try:
        shown = bench.desk.shown()
        if not same(shown["held"]["test"], bench.desk.by) or shown["held"]["efo"] is not None:
            bench.say(f"{bench.desk.device} is not in this test any more: it is in {shown['mode']}, and left as it is")
            return True
        stopped = bench.desk.order("stop", reason)
        released = str(bench.desk.ended(stopped["id"], STOP_S)["life"]) == "confirmed"
        bench.desk.order("end-test", reason)
    except Failure:
        return False
    return released


def _step(bench: Bench, session: Session, step: Step, texts: Texts) -> None:
    bench.step, began = step.id, now()
    # What a step that is broken off has found does not count: it is done anew.
    bench.checks, bench.defects, bench.findings = [], [], deepcopy(session.findings)
    bench.say(f"{step.section} {texts(f'title.{step.id}')}")
    outcome, why = Outcome.SKIPPED, None
    if step.moves and any(one.id == "wiring" and one.outcome is Outcome.FAILED for one in session.finished):
        # Steel whose relays or limits are not where they are drawn goes where nobody expects it.
        why = Words("found.wiring_first")
        bench.say(f"  skipped {texts.words(why)}")
    elif bench.hands.ready(step.id, texts(step.explanation)):
        step.run(bench)
        outcome = _outcome(bench)
    else:
        why = Words("found.skipped_by_hand")
    session.finished.append(
        StepRecord(
            id=step.id,
            section=step.section,
            began=began,
            ended=now(),
            outcome=outcome,
            checks=tuple(bench.checks),
            why=why,
        )
    )
    session.defects += bench.defects
    session.findings = bench.findings


def _outcome(bench: Bench) -> Outcome:
    found = {check.outcome for check in bench.checks}
    if Outcome.FAILED in found:
        return Outcome.FAILED
    return Outcome.PASSED if found == {Outcome.PASSED} else Outcome.SKIPPED
