from __future__ import annotations

import re

import pytest

from drivers.url import SerialLine, Url, parse_url, serial_line


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("modbus+tcp://10.20.1.10:1502", Url("modbus+tcp", "10.20.1.10", 1502, "", {})),
        ("modbus+tcp://coupler.albert", Url("modbus+tcp", "coupler.albert", 502, "", {})),
        ("modbus+tcp://[::1]/", Url("modbus+tcp", "::1", 502, "/", {})),
        ("opc.tcp://10.20.1.30:4841/rempart/", Url("opc.tcp", "10.20.1.30", 4841, "/rempart/", {})),
        ("mqtt://10.20.1.5", Url("mqtt", "10.20.1.5", 1883, "", {})),
        ("serial:///dev/serial/by-id/usb-x", Url("serial", "", 0, "/dev/serial/by-id/usb-x", {})),
        (
            "modbus+rtu:///dev/ttyUSB0?baudrate=19200&parity=E",
            Url("modbus+rtu", "", 0, "/dev/ttyUSB0", {"baudrate": "19200", "parity": "E"}),
        ),
    ],
)
def test_a_url_is_taken_apart(text: str, parts: Url):
    assert parse_url(text) == parts


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "scheme '' is not one of modbus+tcp"),
        ("10.20.1.10:502", "is not one of modbus+tcp"),
        ("modbus+tpc://h", "did you mean modbus+tcp?"),
        ("modbus+tcp://", "a host name and a port"),
        ("modbus+tcp://:502", "a host name and a port"),
        ("modbus+tcp://h:0", "a host name and a port"),
        ("modbus+tcp://h:65536", "ort"),
        ("modbus+tcp://h:x", "ort"),
        ("modbus+tcp://h/unit/1", "nothing may follow the host"),
        ("modbus+tcp://h?timeout=3", "this scheme takes no options"),
        ("mqtt://user:secret@h", "neither a user name, a password nor a #fragment"),
        ("mqtt://h#x", "neither a user name, a password nor a #fragment"),
        ("serial://dev/ttyUSB0", "three slashes"),
        ("serial:///", "three slashes"),
        ("serial:///dev/x?baudrat=1200", "did you mean baudrate?"),
        ("serial:///dev/x?baudrate=19201", "did you mean 19200?"),
        ("serial:///dev/x?parity=even", "parity='even' is not one of N, E, O"),
        ("serial:///dev/x?baudrate=1200&baudrate=2400", "given twice"),
        ("serial:///dev/x?baudrate", "in the options after '?'"),
    ],
)
def test_what_is_no_url_is_refused_with_what_was_expected(text: str, told: str):
    with pytest.raises(ValueError, match=re.escape(told)) as caught:
        parse_url(text)
    assert repr(text) in str(caught.value)


def test_a_serial_line_takes_what_the_url_says_and_the_drivers_defaults_for_the_rest():
    url = parse_url("serial:///dev/x?baudrate=1200&bytesize=7&stopbits=2")
    assert serial_line(url, baudrate=9600, parity="E") == SerialLine("/dev/x", 1200, 7, "E", 2)
    assert serial_line(parse_url("serial:///dev/x")) == SerialLine("/dev/x", 9600, 8, "N", 1)
