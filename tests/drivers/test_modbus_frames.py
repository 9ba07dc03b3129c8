from __future__ import annotations

import pytest

from drivers.modbus_frames import Unfit, examine_rtu, examine_tcp

ASKED = bytes.fromhex("0007 0000 0006 11 03 006B 0003")
ANSWER = bytes.fromhex("0007 0000 0009 11 03 06 022B 0000 0064")
LATE = bytes.fromhex("0006 0000 0007 11 03 04 0001 0002")
OTHER_UNIT_LATE = bytes.fromhex("0005 0000 0003 12 83 0B")


@pytest.mark.parametrize("length", range(len(ANSWER)))
def test_a_tcp_answer_that_is_not_whole_is_waited_for(length: int):
    assert examine_tcp(ASKED, ANSWER[:length]) is None


def test_a_whole_tcp_answer_is_taken():
    assert examine_tcp(ASKED, ANSWER) == ANSWER


def test_answers_of_other_transactions_are_stepped_over():
    assert examine_tcp(ASKED, LATE + OTHER_UNIT_LATE) is None
    assert examine_tcp(ASKED, LATE + OTHER_UNIT_LATE + ANSWER) == ANSWER


def test_the_transaction_number_0_is_no_other():
    """pymodbus takes an answer with the number 0 for the answer to anything."""
    assert examine_tcp(ASKED, bytes(2) + ANSWER[2:]) is None


def test_a_tcp_exception_answer_is_taken():
    answer = bytes.fromhex("0007 0000 0003 11 83 02")
    assert examine_tcp(ASKED, answer) == answer


@pytest.mark.parametrize(
    "got",
    [
        "0007 0001 0009 11 03 06 022B 0000 0064",  # another protocol
        "0007 0000 0002 11 03",  # too short for any answer
        "0007 0000 00FF 11 03 06 022B 0000 0064",  # too long for any
        "0007 0000 0009 12 03 06 022B 0000 0064",  # another unit
        "0007 0000 0009 11 04 06 022B 0000 0064",  # another function
        "0007 0000 0007 11 03 04 022B 0000",  # too few registers
        "0007 0000 000B 11 03 08 022B 0000 0064 0000",  # too many
        "0007 0000 0009 11 03 04 022B 0000 0064",  # says fewer than it brings
        "0007 0000 0004 11 83 02 00",  # an exception with more in it
        "0007 0000 0003 11 84 02",  # another function's exception
        "0007 0000 0009 11 03 06 022B 0000 0064 00",  # more behind it
    ],
)
def test_a_tcp_frame_that_cannot_be_the_answer_is_unfit(got: str):
    with pytest.raises(Unfit):
        examine_tcp(ASKED, bytes.fromhex(got))


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
