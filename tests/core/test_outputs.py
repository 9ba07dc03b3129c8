"""What is known of outputs, and what becomes of the writes that set them, value by value."""

from __future__ import annotations

from dataclasses import replace

from controller.core.command import Life
from controller.core.device import DriveTo, Wrote
from controller.core.outputs import ANSWER_S, Driven
from tests.core.rig import BOLLARD

NOW = 100.0
WRITE = DriveTo(number=4, levels=(("lower", False), ("raise", True)), deadline=NOW)
RESTING = Driven(spec=BOLLARD, version=7, drive=4, acked={"raise": False, "lower": False}, acked_at=1.0, retry_at=2.0)
WRITING = replace(RESTING, writing=WRITE)
SILENT = Wrote(4, Life.UNKNOWN, "nothing was heard of the write of its outputs")


def test_a_write_that_is_never_answered_is_unknown_five_seconds_after_its_deadline() -> None:
    assert WRITING.unanswered(NOW + ANSWER_S - 0.01) is None
    assert WRITING.unanswered(NOW + ANSWER_S) == SILENT
    assert WRITING.answer_due == NOW + ANSWER_S


def test_where_nothing_is_written_no_answer_is_due() -> None:
    assert (RESTING.unanswered(NOW + 1e6), RESTING.answer_due) == (None, None)


def test_rule_4_only_the_latest_write_has_a_fate() -> None:
    assert WRITING.awaits(Wrote(4))
    assert not WRITING.awaits(Wrote(3))
    assert not RESTING.awaits(Wrote(4))


def test_what_is_acknowledged_is_set() -> None:
    done = replace(RESTING, acked={"raise": True, "lower": False}, acked_at=NOW)
    assert WRITING.acknowledged(NOW) == done


def test_what_is_acknowledged_at_last_is_a_change_that_people_see() -> None:
    at_last = replace(WRITING, unwritten="exception 4").acknowledged(NOW)
    assert (at_last.version, at_last.unwritten) == (8, "")


def test_a_write_that_failed_puts_every_output_in_doubt_and_is_a_change_that_people_see() -> None:
    failed = replace(RESTING, acked={}, retry_at=NOW, unwritten="exception 4", version=8)
    assert WRITING.failed("exception 4", NOW) == failed
    assert failed.failed("exception 6", NOW + 1.0) == replace(failed, unwritten="exception 6", retry_at=NOW + 1.0)


def test_a_write_that_failed_for_no_reason_says_so() -> None:
    assert WRITING.failed("", NOW).unwritten == "no reason given"


def test_rule_5_what_is_in_doubt_is_written_again_at_once() -> None:
    assert WRITING.doubted() == replace(RESTING, acked={}, retry_at=0.0)


def test_outputs_are_settled_once_all_are_acknowledged_and_none_is_being_written() -> None:
    assert RESTING.settled
    assert not WRITING.settled
    assert not replace(RESTING, acked={"raise": False}).settled


def test_an_output_lacks_what_it_is_neither_given_nor_about_to_be() -> None:
    wanted = {"raise": True, "lower": False}
    assert RESTING.lacks(wanted)
    assert not WRITING.lacks(wanted)
    assert not RESTING.lacks({"raise": False, "lower": False})


def test_rule_4_only_what_is_not_surely_as_wanted_is_asked_for_and_off_goes_first() -> None:
    raised = replace(RESTING, acked={"raise": True, "lower": False, "stop": False})
    after, drive = raised.asking({"lower": True, "stop": False, "raise": False}, NOW, "o1", urgent=True)
    asked = DriveTo(number=5, levels=(("raise", False), ("lower", True)), deadline=NOW, order="o1", urgent=True)
    assert drive == asked
    assert after == replace(raised, drive=5, writing=asked, acked={"stop": False})


def test_what_is_asked_for_without_an_order_is_not_urgent() -> None:
    _, drive = RESTING.asking({"raise": True}, NOW)
    assert (drive.order, drive.urgent) == ("", False)
