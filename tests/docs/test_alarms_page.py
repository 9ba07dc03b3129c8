"""docs/explanation/alarms.md knows every alarm that the controller can give, and no other."""

from __future__ import annotations

import re

from controller.core.contact import MEANINGS
from controller.core.mover import Fault
from tests.docs.pages import ROOT

PAGE = (ROOT / "docs" / "explanation" / "alarms.md").read_text("utf-8")
GIVEN = re.compile(r'Alarm\(\s*"([a-z-]+)", (\d)')
LINE = re.compile(r"^\| (\d) \| (.*) \|$", re.MULTILINE)


def test_each_alarm_is_in_the_table_with_its_priority_and_no_other_is() -> None:
    told = {(name, int(row[1])) for row in LINE.finditer(PAGE) for name in re.findall(r"`([a-z-]+)`", row[2])}
    sources = (path.read_text("utf-8") for path in (ROOT / "controller").rglob("*.py"))
    given = {(name, int(priority)) for text in sources for name, priority in GIVEN.findall(text)}
    given |= {(name, priority) for name, priority, _, _ in MEANINGS.values()}
    faults = {fault.name.lower().replace("_", "-") for fault in Fault}
    assert given - told == set()
    assert {name for name, _ in told} - {name for name, _ in given} - {"offline"} == faults
