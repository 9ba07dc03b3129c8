"""Requests that are wrong are refused as the Modbus Application Protocol V1.1b3 says."""

from __future__ import annotations

import pytest

from simulators.servers.modbus_memory import ProfileMemory
from simulators.servers.modbus_pdu import answer
from tests.simulators.support import plain


@pytest.fixture
def memory() -> ProfileMemory:
    return ProfileMemory(plain(("coil", 0, 6), ("discrete", 0, 6), ("holding", 0, 4), ("input", 0, 4)))


@pytest.mark.parametrize(
    ("request_hex", "response_hex", "why"),
    [
        ("2B 0E 01 00", "AB 01", "a function that the unit does not know: 1, with the function's own number"),
        ("17 00 00 00 01 00 00 00 01 02 00 00", "97 01", "read/write multiple is not offered"),
        ("01 00 00 00 00", "81 03", "6.1: quantity 0"),
        ("01 00 00 07 D1", "81 03", "6.1: quantity above 2000"),
        ("03 00 00 00 7E", "83 03", "6.3: quantity above 125"),
        ("01 00 00 00 07", "81 02", "one coil more than there is"),
        ("02 00 06 00 01", "82 02", "an input that is not there"),
        ("04 FF FF 00 02", "84 02", "beyond the end of the address space"),
        ("05 00 00 12 34", "85 03", "6.5: a coil is written with 0000 or FF00"),
        ("05 00 06 FF 00", "85 02", "a coil that is not there"),
        ("06 00 04 00 01", "86 02", "a register that is not there"),
        ("0F 00 00 00 02 02 01 00", "8F 03", "6.11: byte count does not fit the quantity"),
        ("0F 00 00 00 02 01", "8F 03", "6.11: data missing"),
        ("0F 00 00 07 B1 01 01", "8F 03", "6.11: quantity above 1968"),
        ("10 00 00 00 02 04 00 01", "90 03", "6.12: data missing"),
        ("10 00 03 00 02 04 00 01 00 02", "90 02", "one register more than there is"),
        ("01 00", "81 03", "a request that breaks off"),
    ],
)
def test_a_wrong_request_is_refused(memory: ProfileMemory, request_hex: str, response_hex: str, why: str):
    assert answer(memory, bytes.fromhex(request_hex)) == bytes.fromhex(response_hex), why


def test_a_refused_write_of_many_changes_nothing(memory: ProfileMemory):
    answer(memory, bytes.fromhex("0F 00 05 00 02 01 03"))
    assert memory.image.read("coil5") is False


def test_a_hole_no_wider_than_the_profiles_gap_reads_as_zero():
    memory = ProfileMemory(plain(("discrete", 0, 2), ("discrete", 4, 2), ("discrete", 9, 1), gap=2))
    memory.image.put({"discrete5": True})
    assert answer(memory, bytes.fromhex("02 00 00 00 06")) == bytes.fromhex("02 01 20")
    assert answer(memory, bytes.fromhex("02 00 00 00 07")) == bytes.fromhex("82 02")
