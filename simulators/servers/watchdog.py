"""The watchdog of a WAGO 750 coupler (WAGO 750 Ethernet TCP/IP manual, p. 160-164, registers 0x1000-0x100B).

The time can be set only while it does not run. It starts when the trigger register is given a new value that is not 0, or
when the coding mask is set. Each function of the mask, and each change of the trigger register, feeds it. Once expired, the
outputs are off and process data cannot be written until it was restarted (0x1007) or stopped (0x1005, 0x1008).

The manual does not say in so many words that a trigger leaves an expired one expired. It has a register of its own to restart
it, says of the stop that afterwards "it is possible to write in the watchdog register again", and the PFC200's manual gives
"each trigger restarts both the running as well as the expired watchdog" as what its alternative mode does otherwise
(750-8202, register 0x1104). So it is latched here, and a late feed is acknowledged and does nothing.
"""

from __future__ import annotations

from enum import IntEnum

from simulators.servers.modbus_pdu import Code, Refused

TIME, MASK_LOW, MASK_HIGH, TRIGGER, MIN_TRIGGER, STOP, STATUS, RESTART, SIMPLE_STOP, CLOSE_SOCKETS, CONFIG, SAVE = (
    range(0x1000, 0x100C)
)
TICK_S = 0.1


class Status(IntEnum):
    """Register 0x1006."""

    INACTIVE = 0
    ACTIVE = 1
    EXPIRED = 2


class Watchdog:
    """Registers 0x1000-0x100B. Times are monotonic wall seconds, for it watches over a wire."""

    def __init__(self) -> None:
        self.words = {TIME: 100, MASK_LOW: 0, MASK_HIGH: 0, TRIGGER: 0, MIN_TRIGGER: 0xFFFF, CONFIG: 0}
        self._status = Status.INACTIVE
        self._fed = 0.0
        self._half_stopped = False

    @property
    def expires_at(self) -> float | None:
        """Return when the outputs will drop, or None while it does not run."""
        return self._fed + self.words[TIME] * TICK_S if self._status is Status.ACTIVE else None

    def expired(self, now: float) -> bool:
        """Tell, and remember, whether nothing fed it in time."""
        if (end := self.expires_at) is not None and now >= end:
            self._status = Status.EXPIRED
        return self._status is Status.EXPIRED

    def expire(self) -> None:
        """Expire now, whatever fed it."""
        self._status = Status.EXPIRED

    def mend(self) -> None:
        """Stop it if it has expired, as somebody at the module does."""
        if self._status is Status.EXPIRED:
            self._status = Status.INACTIVE

    def status(self, now: float) -> Status:
        """Return register 0x1006."""
        self.expired(now)
        return self._status

    def seen(self, function: int, now: float) -> None:
        """Take note of a request; a function of the mask feeds a watchdog that runs."""
        mask = self.words[MASK_LOW] | self.words[MASK_HIGH] << 16
        if mask >> (function - 1) & 1 and self.status(now) is Status.ACTIVE:
            self._fed = now

    def read(self, address: int, now: float) -> int:
        """Read one register."""
        if address == STATUS:
            return self.status(now)
        return self.words.get(address, 0)

    def write(self, address: int, value: int, now: float) -> None:
        """Write one register. Raises Refused where the manual does not allow it."""
        halfway, self._half_stopped = self._half_stopped, address == STOP and value == 0xAAAA
        if address in (TIME, MASK_LOW, MASK_HIGH):
            self._set(address, value, now)
        elif address == TRIGGER:
            self._trigger(value, now)
        elif address == RESTART:
            if value == 1 and self.status(now) is Status.EXPIRED:
                self._start(now)
        elif address == SIMPLE_STOP:
            if value not in (0x55AA, 0xAA55):
                raise Refused(Code.ILLEGAL_VALUE)
            self._status = Status.INACTIVE
        elif address == STOP:
            if value == 0x5555 and halfway:
                self._status = Status.INACTIVE
        elif address in (MIN_TRIGGER, CLOSE_SOCKETS, CONFIG, SAVE):
            self.words[address] = value
        else:
            raise Refused(Code.ILLEGAL_ADDRESS)

    def _set(self, address: int, value: int, now: float) -> None:
        if self.status(now) is not Status.INACTIVE:
            raise Refused(Code.ILLEGAL_VALUE)
        self.words[address] = value
        if address != TIME and value:
            self._start(now)

    def _trigger(self, value: int, now: float) -> None:
        changed = value != self.words[TRIGGER]
        self.words[TRIGGER] = value
        if self.status(now) is not Status.EXPIRED and changed and (value or self.status(now) is Status.ACTIVE):
            self._start(now)

    def _start(self, now: float) -> None:
        if self.words[TIME]:
            self._status = Status.ACTIVE
            self._fed = now
