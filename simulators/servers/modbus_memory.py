"""The four Modbus tables of a unit, made from its image by the addresses of its profile."""

from __future__ import annotations

from collections.abc import Iterable
from struct import pack, unpack

from simulators.image import Image
from simulators.profiles import PointRow, Value
from simulators.servers.modbus_pdu import Code, Refused

WORDS = {"u16": ">H", "i16": ">h", "u32": ">I", "i32": ">i", "f32": ">f"}
READ_TABLE = {1: "coil", 2: "discrete", 3: "holding", 4: "input"}


class ProfileMemory:
    """What a plain unit offers: the points of its profile, each at its address, and nothing else."""

    def __init__(self, image: Image) -> None:
        self.image = image
        self._at: dict[str, dict[int, list[PointRow]]] = {table: {} for table in READ_TABLE.values()}
        for row in image.profile.points.values():
            for offset in range(width(row)):
                self._at[row.where["table"]].setdefault(row.where["address"] + offset, []).append(row)

    def before(self, function: int) -> None:
        """Nothing watches the traffic of a plain unit."""

    def reset(self) -> None:
        """Power up: every output is off."""
        self.image.write(
            {name: self.image.off(name) for name, row in self.image.profile.points.items() if row.writable}
        )

    def close(self) -> None:
        """Nothing to end."""

    def read_bits(self, function: int, address: int, count: int) -> list[bool]:
        table = self._at[READ_TABLE[function]]
        return [self._bit(table, place) for place in range(address, address + count)]

    def read_words(self, function: int, address: int, count: int) -> list[int]:
        table = self._at[READ_TABLE[function]]
        return [self._word(table, place) for place in range(address, address + count)]

    def write_bits(self, address: int, values: list[bool]) -> None:
        rows = [self._writable("coil", place) for place in range(address, address + len(values))]
        self.image.write({row.name: value for row, value in zip(rows, values, strict=True)})

    def write_words(self, address: int, values: list[int]) -> None:
        orders: dict[str, Value] = {}
        place = 0
        while place < len(values):
            row = self._writable("holding", address + place)
            words = values[place : place + width(row)]
            if row.where["address"] != address + place or len(words) != width(row):
                raise Refused(Code.ILLEGAL_ADDRESS)
            orders[row.name] = decode(row, words)
            place += width(row)
        self.image.write(orders)

    def _bit(self, table: dict[int, list[PointRow]], place: int) -> bool:
        rows = table.get(place)
        if rows is None:
            return bool(self._nothing(table, place))
        return bool(self.image.read(rows[0].name))

    def _word(self, table: dict[int, list[PointRow]], place: int) -> int:
        rows = table.get(place)
        if rows is None:
            return self._nothing(table, place)
        word = 0
        for row in rows:
            word |= encode(row, self.image.read(row.name))[place - row.where["address"]]
        return word

    def _nothing(self, table: Iterable[int], place: int) -> int:
        """Read an address without a point: 0 inside a gap that the profile says may be read across."""
        gap = self.image.profile.gap
        below = max((a for a in table if a < place), default=None)
        above = min((a for a in table if a > place), default=None)
        if below is None or above is None or above - below - 1 > gap:
            raise Refused(Code.ILLEGAL_ADDRESS)
        return 0

    def _writable(self, table: str, place: int) -> PointRow:
        for row in self._at[table].get(place, ()):
            if row.writable:
                return row
        raise Refused(Code.ILLEGAL_ADDRESS)


def width(row: PointRow) -> int:
    """Return how many addresses a point takes."""
    return 2 if row.type in ("u32", "i32", "f32") else 1


def encode(row: PointRow, value: Value) -> list[int]:
    """Lay a value out as registers, or as its bits in one register."""
    if row.equals is not None:
        return _layout(row, row.equals if value else (0 if row.equals != 0 else 1))
    if (bit := row.where.get("bit")) is not None:
        return [int(bool(value)) << bit]
    if (mask := row.where.get("mask")) is not None:
        return [(int(value) * (mask & -mask)) & mask]
    return _layout(row, value)


def decode(row: PointRow, words: list[int]) -> Value:
    """Read a value back out of registers that were written."""
    if row.where.get("low_word_first"):
        words = words[::-1]
    (raw,) = unpack(WORDS[row.type], pack(f">{len(words)}H", *words))
    value: Value = raw if row.scale == 1 else raw * row.scale
    return value


def _layout(row: PointRow, value: Value) -> list[int]:
    form = WORDS.get(row.type, ">H")
    raw = float(value) / row.scale
    data = pack(form, raw if form == ">f" else round(raw))
    words = list(unpack(f">{len(data) // 2}H", data))
    return words[::-1] if row.where.get("low_word_first") else words
