from __future__ import annotations

import pytest

from drivers.modbus_frames import Unfit, examine_rtu

RTU_ASKED = bytes.fromhex("01 02 00 00 00 08 79 CC")
RTU_ANSWER = bytes.fromhex("01 02 01 00 A1 88")


@pytest.mark.parametrize("length", range(len(RTU_ANSWER)))
def test_an_rtu_answer_that_is_not_whole_is_waited_for(length: int):
    assert examine_rtu(RTU_ASKED, RTU_ANSWER[:length]) is None


def test_a_whole_rtu_answer_is_taken():
    assert examine_rtu(RTU_ASKED, RTU_ANSWER) == RTU_ANSWER


def test_an_rtu_exception_answer_is_taken():
    answer = bytes.fromhex("01 85 03 02 91")
    assert examine_rtu(bytes.fromhex("01 05 00 00 FF 00 8C 3A"), answer) == answer


@pytest.mark.parametrize(
    "got",
    [
        "02 02 01 00 A1 88",  # another unit
        "01 01 01 00 51 88",  # another function
        "01 02 02 00 A1 88",  # says more than was asked for
        "01 02 01 01 A1 88",  # wrong checksum
        "01 02 01 00 A1 88 00",  # more behind it
        "01 85 03 02 91",  # another function's exception
    ],
)
def test_an_rtu_frame_that_cannot_be_the_answer_is_unfit(got: str):
    with pytest.raises(Unfit):
        examine_rtu(RTU_ASKED, bytes.fromhex(got))


@pytest.mark.parametrize("got", ["01 05 00 01", "01 05 00 00 00"])
def test_a_wrong_echo_is_seen_before_it_is_whole(got: str):
    with pytest.raises(Unfit, match="echo"):
        examine_rtu(bytes.fromhex("01 05 00 00 FF 00 8C 3A"), bytes.fromhex(got))
