"""The WAGO coupler's watchdog as its manual describes it (R26)."""

from __future__ import annotations

import pytest

from simulators.servers.couplers import WagoMemory
from simulators.servers.modbus_pdu import Refused, answer
from simulators.servers.watchdog import MASK_LOW, RESTART, SIMPLE_STOP, STOP, TIME, TRIGGER, Status, Watchdog
from tests.simulators.support import image


def armed(seconds: float = 3.0) -> Watchdog:
    watchdog = Watchdog()
    watchdog.write(TIME, round(seconds * 10), 0)
    watchdog.write(TRIGGER, 1, 0)
    return watchdog


def test_it_does_not_run_until_it_is_triggered():
    watchdog = Watchdog()
    watchdog.write(TIME, 30, 0)
    assert watchdog.status(1000) is Status.INACTIVE


def test_r26_it_expires_when_the_trigger_stands_still():
    watchdog = armed(3)
    assert watchdog.status(2.9) is Status.ACTIVE
    assert watchdog.status(3.0) is Status.EXPIRED


def test_each_change_of_the_trigger_feeds_it_and_a_repetition_does_not():
    watchdog = armed(3)
    watchdog.write(TRIGGER, 0, 2)
    assert watchdog.status(4.9) is Status.ACTIVE
    watchdog.write(TRIGGER, 0, 4.9)
    assert watchdog.status(5.0) is Status.EXPIRED


def test_r26_an_expired_one_is_not_started_again_by_a_trigger():
    watchdog = armed(3)
    watchdog.write(TRIGGER, 2, 5)
    assert watchdog.status(5) is Status.EXPIRED
    watchdog.write(RESTART, 1, 6)
    assert watchdog.status(6) is Status.ACTIVE


@pytest.mark.parametrize("register", [TIME, MASK_LOW])
def test_r26_an_expired_one_cannot_be_set_up_anew_before_it_is_stopped(register: int):
    watchdog = armed(3)
    with pytest.raises(Refused):
        watchdog.write(register, 1, 5)
    watchdog.write(SIMPLE_STOP, 0x55AA, 6)
    watchdog.write(register, 1, 6)


def test_the_time_cannot_be_set_while_it_runs():
    watchdog = armed()
    with pytest.raises(Refused):
        watchdog.write(TIME, 50, 1)


def test_functions_of_the_mask_feed_it():
    watchdog = Watchdog()
    watchdog.write(TIME, 30, 0)
    watchdog.write(MASK_LOW, 1 << 14, 0)  # function 15
    watchdog.seen(15, 2)
    watchdog.seen(1, 4)
    assert watchdog.status(4.9) is Status.ACTIVE
    assert watchdog.status(5) is Status.EXPIRED


@pytest.mark.parametrize("value", [0x55AA, 0xAA55])
def test_it_is_stopped_by_one_word(value: int):
    watchdog = armed()
    watchdog.write(SIMPLE_STOP, value, 10)
    assert watchdog.status(1000) is Status.INACTIVE


def test_it_is_stopped_by_two_words_in_their_order():
    watchdog = armed(3)
    watchdog.write(STOP, 0x5555, 1)
    assert watchdog.status(1) is Status.ACTIVE
    watchdog.write(STOP, 0xAAAA, 1)
    watchdog.write(STOP, 0x5555, 1)
    assert watchdog.status(1000) is Status.INACTIVE


class Coupler:
    def __init__(self) -> None:
        self.now = 0.0
        self.memory = WagoMemory(image("wago-750"), lambda: self.now)
        # Time stands still here, so that no timer of the loop has a part in it.
        self.memory._deadman.poke = lambda: None  # type: ignore[method-assign]

    def ask(self, request: str) -> str:
        self.memory._expire()
        return answer(self.memory, bytes.fromhex(request)).hex(" ").upper()


def test_r26_an_expiry_drops_the_outputs_and_refuses_writes_until_the_restart():
    coupler = Coupler()
    coupler.ask("06 10 00 00 1E")
    coupler.ask("06 10 03 00 01")
    coupler.ask("05 00 00 FF 00")
    coupler.now = 3.1
    assert coupler.ask("01 02 00 00 01") == "01 01 00"
    assert coupler.ask("03 10 06 00 01") == "03 02 00 02"
    assert coupler.ask("05 00 00 FF 00") == "85 04"
    assert coupler.ask("06 10 07 00 01") == "06 10 07 00 01"
    assert coupler.ask("03 10 06 00 01") == "03 02 00 01"
    assert coupler.ask("05 00 00 FF 00") == "05 00 00 FF 00"
    assert coupler.ask("01 02 00 00 01") == "01 01 01"


def test_bits_at_zero_read_inputs_with_either_function_and_outputs_read_at_0x0200():
    coupler = Coupler()
    coupler.memory.image.put({"di1": True})
    coupler.ask("05 00 00 FF 00")
    assert coupler.ask("01 00 00 00 02") == coupler.ask("02 00 00 00 02").replace("02", "01", 1) == "01 01 02"
    assert coupler.ask("01 02 00 00 02") == "01 01 01"
    assert coupler.ask("05 02 01 FF 00") == "05 02 01 FF 00"
    assert coupler.ask("03 02 00 00 01") == "03 02 00 03"
