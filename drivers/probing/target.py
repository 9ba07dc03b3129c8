"""What to probe, as one line of text: a wire's URL, and on Modbus the unit ids to ask: `modbus+tcp://10.20.1.10?unit=1-10`."""

from __future__ import annotations

import re
from dataclasses import dataclass

from drivers.url import SERIAL_OPTIONS, SerialLine, Url, parse_url

MODBUS = ("modbus+tcp", "modbus+rtu")
EXPECTED = "expected e.g. unit=1-10 or unit=1,11-14"
HIGHEST = 255
# The LD120 is delivered with 254 (its manual, p. 10); the Waveshare module and most others with 1.
USUAL = {"modbus+tcp": (*range(1, 11),), "modbus+rtu": (*range(1, 33), 254)}


@dataclass(frozen=True, slots=True)
class Target:
    """A wire, its URL as it stands in a site file, and the unit ids to ask (none where the wire has no units)."""

    link: str
    url: Url
    units: tuple[int, ...]


def take_apart(text: str) -> Target:
    """Take what a person typed apart. Raises ValueError that says what was expected."""
    where, _, query = text.partition("?")
    options = [option for option in query.split("&") if option]
    ranges = [option.removeprefix("unit=") for option in options if option.startswith("unit=")]
    rest = "&".join(option for option in options if not option.startswith("unit="))
    link = f"{where}?{rest}" if rest else where
    url = parse_url(link)
    if url.scheme not in MODBUS:
        if ranges:
            raise ValueError(f"{text!r}: unit= is for Modbus; {url.scheme} has no unit ids")
        return Target(link, url, ())
    if len(ranges) > 1:
        raise ValueError(f"{text!r}: unit= is given twice; {EXPECTED}")
    # To unit 0 of a serial line everybody listens, and nobody answers (Modbus over Serial Line V1.02, 2.2).
    lowest = 0 if url.scheme == "modbus+tcp" else 1
    units = _units(text, ranges[0], lowest) if ranges else USUAL[url.scheme]
    return Target(link, url, units)


def ranges(units: tuple[int, ...] | list[int]) -> str:
    """Write unit ids as a person would: 1-10,17."""
    parts: list[list[int]] = []
    for unit in sorted(units):
        if parts and unit == parts[-1][-1] + 1:
            parts[-1].append(unit)
        else:
            parts.append([unit])
    return ",".join(str(part[0]) if len(part) == 1 else f"{part[0]}-{part[-1]}" for part in parts)


def with_line(link: str, line: SerialLine) -> str:
    """Return the URL of a serial port with these settings in it."""
    options = "&".join(f"{name}={getattr(line, name)}" for name in SERIAL_OPTIONS)
    return f"{link.partition('?')[0]}?{options}"


def settings(line: SerialLine) -> str:
    """Write line settings as people do: 9600 8N1."""
    return f"{line.baudrate} {line.bytesize}{line.parity}{line.stopbits}"


def _units(text: str, given: str, lowest: int) -> tuple[int, ...]:
    found: set[int] = set()
    for part in given.split(","):
        match = re.fullmatch(r"(\d{1,3})(?:-(\d{1,3}))?", part, re.ASCII)
        if match is None:
            raise ValueError(f"{text!r}: unit={given!r} is no unit id and no range; {EXPECTED}")
        first, last = int(match[1]), int(match[2] or match[1])
        if not lowest <= first <= last <= HIGHEST:
            raise ValueError(f"{text!r}: unit={given!r} is not within {lowest} to {HIGHEST}, upwards; {EXPECTED}")
        found.update(range(first, last + 1))
    return tuple(sorted(found))
