"""The tables of docs/reference/device-models.md, made from the profiles. `python -m tests.docs.device_models` writes them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from controller.config.profiles import load, shipped
from drivers.profile import MoverProfile, SensorProfile
from tests.docs.pages import ROOT

PAGE = ROOT / "docs" / "reference" / "device-models.md"
PROTOCOLS = {"modbus": "Modbus", "opcua": "OPC UA", "mqtt": "MQTT", "serial": "serial"}


def tables() -> dict[str, str]:
    """Return both tables by the name that stands in the page's marks."""
    return {
        "units": _table(("profile", "model", "protocol", "source", "unproven"), _units()),
        "devices": _table(("profile", "equipment", "kind", "source", "unproven"), _devices()),
    }


def written(text: str) -> str:
    """Return the page's text with its tables as they should be."""
    for name, table in tables().items():
        marks = list(re.finditer(rf"<!-- {name}: [^>]*-->\n(.*?)<!-- end -->", text, flags=re.DOTALL))
        if len(marks) != 1:
            raise ValueError(f"{PAGE.name}: expected one mark `<!-- {name}: … -->`, found {len(marks)}")
        text = text[: marks[0].start(1)] + table + text[marks[0].end(1) :]
    return text


def _units() -> Iterator[tuple[str, ...]]:
    for path in sorted(shipped().glob("*.yaml")):
        profile = load(path).profile
        if profile is not None and not isinstance(profile, MoverProfile | SensorProfile):
            who = f"`{profile.profile}`"
            yield who, profile.title, PROTOCOLS[profile.protocol], profile.source, profile.unproven


def _devices() -> Iterator[tuple[str, ...]]:
    for path in sorted(shipped().glob("*.yaml")):
        profile = load(path).profile
        if isinstance(profile, MoverProfile | SensorProfile):
            yield f"`{profile.profile}`", profile.title, profile.kind, profile.source, profile.unproven


def _table(head: tuple[str, ...], rows: Iterator[tuple[str, ...]]) -> str:
    lines = [head, tuple("---" for _ in head), *rows]
    return "".join(
        "| " + " | ".join(" ".join(cell.replace("|", "\\|").split()) for cell in line) + " |\n" for line in lines
    )


if __name__ == "__main__":
    PAGE.write_text(written(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
