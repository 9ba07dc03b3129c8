"""Forty requirements, forty files, each of which can fail."""

from __future__ import annotations

import asyncio
import importlib
import inspect
import re
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from tests.faults.loop import SimLoop

pytestmark = pytest.mark.untraced

HERE = Path(__file__).parent
FILES = {
    int(found[1]): path.stem
    for path in sorted(HERE.glob("test_r*.py"))
    if (found := re.match(r"test_r(\d\d)_", path.name))
}
NUMBERS = range(1, 41)


def module_of(number: int) -> ModuleType:
    return importlib.import_module(f"tests.rules.{FILES[number]}")


def checks_of(module: ModuleType) -> list[Callable[[], Any]]:
    """Return the tests of a rule that take no fixtures."""
    found = (value for name, value in vars(module).items() if name.startswith("test_r"))
    return [test for test in found if not inspect.signature(test).parameters]


def run(test: Callable[[], Any], *, real: bool) -> None:
    if not inspect.iscoroutinefunction(test):
        test()
        return
    with asyncio.Runner(loop_factory=None if real else SimLoop) as runner:
        runner.run(test())


def test_there_is_one_file_for_each_requirement():
    assert sorted(FILES) == list(NUMBERS)


def test_a_rule_that_does_not_apply_says_why():
    for number in NUMBERS:
        module = module_of(number)
        why = getattr(module, "DOES_NOT_APPLY", None)
        assert (why is None) is bool(checks_of(module)), FILES[number]
        assert why is None or ("\n" not in why and len(why) > 40), FILES[number]


@pytest.mark.parametrize("number", NUMBERS)
def test_the_rule_is_seen_to_fail_when_it_is_broken(number: int):
    module = module_of(number)
    if hasattr(module, "DOES_NOT_APPLY"):
        return
    with pytest.MonkeyPatch.context() as patch:
        module.broken(patch)
        failures = 0
        for test in checks_of(module):
            try:
                run(test, real=hasattr(module, "REAL_LOOP"))
            except Exception:  # noqa: BLE001 (any failure will do: it is what is asked for)
                failures += 1
    assert failures, f"{FILES[number]} passes although the rule is broken"
