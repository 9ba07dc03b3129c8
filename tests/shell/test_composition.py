"""A site imports the drivers that its wires speak, and no other: that of OPC UA alone takes a second of the start."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LIBRARIES = ("asyncua", "paho", "pymodbus", "serial")
SCRIPT = """
import asyncio, json, sys
import controller.service
from controller.composition import make_link

async def made():
    return [make_link("w", url, timezone="Europe/Paris") for url in sys.argv[1:]]

asyncio.run(made())
print(json.dumps(sorted({name.partition(".")[0] for name in sys.modules})))
"""


def imported(*urls: str) -> set[str]:
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, *urls], cwd=ROOT, capture_output=True, text=True, check=True, timeout=60
    )
    return set(json.loads(done.stdout)) & set(LIBRARIES)


@pytest.mark.parametrize(
    ("url", "libraries"),
    [
        ("modbus+tcp://127.0.0.1:502", {"pymodbus"}),
        ("opc.tcp://127.0.0.1:4840", {"asyncua"}),
        ("mqtt://127.0.0.1:1883", {"paho"}),
    ],
)
def test_the_driver_of_a_wire_is_imported_and_no_other(url: str, libraries: set[str]) -> None:
    assert imported(url) - {"serial"} == libraries


def test_a_controller_without_wires_imports_no_driver() -> None:
    assert imported() == set()
