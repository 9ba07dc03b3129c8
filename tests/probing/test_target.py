"""What a person types is taken apart, or refused with what was expected."""

from __future__ import annotations

import pytest

from drivers.probing.target import ranges, take_apart


@pytest.mark.parametrize(
    ("text", "link", "units"),
    [
        ("modbus+tcp://h:1?unit=1-3", "modbus+tcp://h:1", (1, 2, 3)),
        ("modbus+tcp://h:1?unit=0,7,5-6", "modbus+tcp://h:1", (0, 5, 6, 7)),
        ("modbus+tcp://h", "modbus+tcp://h", tuple(range(1, 11))),
        ("modbus+rtu:///dev/x?unit=254&parity=N", "modbus+rtu:///dev/x?parity=N", (254,)),
        ("modbus+rtu:///dev/x", "modbus+rtu:///dev/x", (*range(1, 33), 254)),
        ("mqtt://h", "mqtt://h", ()),
    ],
)
def test_a_url_says_where_and_whom(text, link, units):
    target = take_apart(text)
    assert (target.link, target.units) == (link, units)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("modbus+tcp://h?unit=", "no unit id and no range"),
        ("modbus+tcp://h?unit=1-", "no unit id and no range"),
        ("modbus+tcp://h?unit=a", "no unit id and no range"),
        ("modbus+tcp://h?unit=٣", "no unit id and no range"),
        ("modbus+tcp://h?unit=9-3", "not within 0 to 255"),
        ("modbus+tcp://h?unit=256", "not within 0 to 255"),
        ("modbus+rtu:///dev/x?unit=0-3", "not within 1 to 255"),
        ("modbus+tcp://h?unit=1&unit=2", "given twice"),
        ("mqtt://h?unit=1", "mqtt has no unit ids"),
        ("modbus+tcp://h?baudrate=9600", "takes no options"),
        ("modbus://h", "scheme 'modbus' is not one of"),
    ],
)
def test_what_is_wrong_with_it_is_said(text, why):
    with pytest.raises(ValueError, match=why):
        take_apart(text)


def test_unit_ids_are_written_as_people_write_them():
    assert ranges([1, 2, 3, 7, 9, 10]) == "1-3,7,9-10"
