"""What of the suite is not for devices that only talk: they cannot be asked and take no orders."""

from __future__ import annotations

from collections.abc import Mapping

UNASKED = "cannot be asked: `read` gives nothing"
UNORDERED = "takes no orders: `write` is refused"

TALKS_ONLY: Mapping[str, str] = {
    "test_subscribe_returns_at_once_where_nothing_is_pushed": "pushes all there is",
    **dict.fromkeys(
        (
            "test_read_gives_every_point_its_value_quality_and_time",
            "test_a_reading_is_as_old_as_its_request",
            "test_a_refused_read_leaves_the_unit_open",
            "test_after_the_deadline_nothing_is_read",
            "test_silence_is_mute_when_patience_ends",
            "test_silence_is_mute_by_the_deadline",
            "test_what_was_taken_back_is_not_written",
            "test_what_is_taken_back_in_the_middle_is_not_written_to_its_end",
            "test_a_cut_in_mid_request_is_told_at_once",
            "test_a_peer_that_died_and_came_back_is_opened_again",
            "test_a_cancelled_read_never_shifts_the_next_answers",
            "test_cancellation_passes_untouched",
            "test_a_late_answer_is_never_anothers",
            "test_one_request_at_a_time",
            "test_close_in_mid_request_ends_it_at_once",
        ),
        UNASKED,
    ),
    **dict.fromkeys(
        (
            "test_writes_arrive_in_the_order_given",
            "test_a_refused_write_leaves_the_unit_open",
            "test_after_the_deadline_nothing_is_written",
            "test_who_waits_for_the_wire_past_his_deadline_sends_nothing",
            "test_a_write_that_got_no_answer_is_not_repeated",
            "test_a_write_that_was_cut_off_is_not_repeated",
            "test_who_is_cancelled_while_he_waits_for_the_wire_sends_nothing",
        ),
        UNORDERED,
    ),
}
