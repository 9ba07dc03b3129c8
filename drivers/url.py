"""Where a wire is, as one line of text: `modbus+tcp://10.20.1.10:502`, `serial:///dev/ttyUSB0?baudrate=1200`.

A URL is refused, never repaired: an unknown scheme, option or value is a ValueError that says what was expected.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import NoReturn
from urllib.parse import parse_qsl, urlsplit

SERIAL_OPTIONS: Mapping[str, tuple[str, ...]] = {
    "baudrate": ("1200", "2400", "4800", "9600", "19200", "38400", "57600", "115200"),
    "bytesize": ("7", "8"),
    "parity": ("N", "E", "O"),
    "stopbits": ("1", "2"),
}


@dataclass(frozen=True, slots=True)
class Scheme:
    """What a URL of one scheme must have: a host (with its default port) or a serial port, and its options."""

    port: int | None
    options: Mapping[str, tuple[str, ...]]
    example: str
    path: bool = False


SCHEMES: Mapping[str, Scheme] = {
    "modbus+tcp": Scheme(502, {}, "modbus+tcp://10.20.1.10:502"),
    "modbus+rtu": Scheme(None, SERIAL_OPTIONS, "modbus+rtu:///dev/ttyUSB0?baudrate=19200&parity=E"),
    "opc.tcp": Scheme(4840, {}, "opc.tcp://10.20.1.30:4840", path=True),
    "mqtt": Scheme(1883, {}, "mqtt://10.20.1.5:1883"),
    "serial": Scheme(None, SERIAL_OPTIONS, "serial:///dev/ttyUSB0?baudrate=1200"),
}


@dataclass(frozen=True, slots=True)
class Url:
    """The parts of a wire's URL; `port` is 0 and `host` empty for a serial port, whose device is `path`."""

    scheme: str
    host: str
    port: int
    path: str
    options: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class SerialLine:
    """How a serial port is to be set: pyserial's own names and values."""

    port: str
    baudrate: int
    bytesize: int
    parity: str
    stopbits: int


def parse_url(text: str) -> Url:
    """Take a wire's URL apart. Raises ValueError that says what was expected."""
    parts = urlsplit(text)
    scheme = SCHEMES.get(parts.scheme)
    if scheme is None:
        raise ValueError(f"{text!r}: scheme {parts.scheme!r} is not {_one_of(parts.scheme, SCHEMES)}")
    if parts.fragment or "@" in parts.netloc:
        _refuse(text, scheme, "neither a user name, a password nor a #fragment belongs here")
    options = _options(text, parts.query, scheme)
    if scheme.port is None:
        if parts.netloc or not parts.path.startswith("/") or parts.path == "/":
            _refuse(text, scheme, "a serial port is an absolute path after three slashes")
        return Url(parts.scheme, "", 0, parts.path, options)
    if parts.path not in ("", "/") and not scheme.path:
        _refuse(text, scheme, f"nothing may follow the host, but {parts.path!r} does")
    try:
        host, port = parts.hostname or "", scheme.port if parts.port is None else parts.port
    except ValueError as error:
        _refuse(text, scheme, str(error))
    if not host or not port:
        _refuse(text, scheme, "a host name and a port from 1 to 65535 are needed")
    return Url(parts.scheme, host, port, parts.path, options)


def serial_line(url: Url, *, baudrate: int = 9600, parity: str = "N") -> SerialLine:
    """Read the port settings of a serial URL; what it leaves out is `baudrate`, 8 data bits, `parity`, 1 stop bit."""
    options = url.options
    return SerialLine(
        port=url.path,
        baudrate=int(options.get("baudrate", baudrate)),
        bytesize=int(options.get("bytesize", 8)),
        parity=options.get("parity", parity),
        stopbits=int(options.get("stopbits", 1)),
    )


def _options(text: str, query: str, scheme: Scheme) -> Mapping[str, str]:
    try:
        pairs = parse_qsl(query, keep_blank_values=True, strict_parsing=bool(query))
    except ValueError as error:
        _refuse(text, scheme, f"{error} in the options after '?'")
    options: dict[str, str] = {}
    for name, value in pairs:
        if name not in scheme.options:
            _refuse(text, scheme, f"option {name!r} is not {_one_of(name, scheme.options)}")
        if value not in scheme.options[name]:
            _refuse(text, scheme, f"{name}={value!r} is not {_one_of(value, scheme.options[name])}")
        if name in options:
            _refuse(text, scheme, f"option {name!r} is given twice")
        options[name] = value
    return MappingProxyType(options)


def _one_of(given: str, known: Iterable[str]) -> str:
    names = list(known)
    if not names:
        return "known: this scheme takes no options"
    close = difflib.get_close_matches(given, names, n=1)
    return f"one of {', '.join(names)}" + (f"; did you mean {close[0]}?" if close else "")


def _refuse(text: str, scheme: Scheme, why: str) -> NoReturn:
    raise ValueError(f"{text!r}: {why}; expected e.g. {scheme.example}")
