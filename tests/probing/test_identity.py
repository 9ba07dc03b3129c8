"""Read Device Identification, function 43 / 14: answers whose length only their objects tell."""

from __future__ import annotations

import pytest

from drivers.modbus_frames import Unfit
from drivers.probing.modbus_identity import length, objects, request

# Modbus Application Protocol V1.1b3, 6.21: function, type, code, conformity, more, next, number, then id, length, text.
ANSWER = bytes.fromhex("2B 0E 01 01 00 00 03") + b"\x00\x04Acme" + b"\x01\x02IO" + b"\x02\x03V\x1b7"


def test_the_request_is_that_of_the_specification():
    assert request(1) == bytes.fromhex("2B 0E 01 00")


def test_an_answer_is_as_long_as_its_objects_say():
    assert length(ANSWER) == len(ANSWER)
    assert [length(ANSWER[:end]) for end in (0, 1, 6, 7, 8, 14)] == [None] * 6
    assert length(ANSWER + b"more") == len(ANSWER)


def test_another_type_of_the_same_function_is_no_identification():
    with pytest.raises(Unfit, match="no device identification"):
        length(bytes.fromhex("2B 0D 01"))


def test_what_a_stranger_says_cannot_act_on_the_terminal():
    assert objects(ANSWER) == ({"vendor": "Acme", "product code": "IO", "revision": "V\\x1b7"}, None, False)


def test_more_may_follow_and_a_regular_level_may_exist():
    head = bytes.fromhex("2B 0E 01 82 FF 05 01")
    assert objects(head + b"\x04\x01X") == ({"product": "X"}, 5, True)
