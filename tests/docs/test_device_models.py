"""docs/reference/device-models.md lists the whole library, each model with its source and what is unproven."""

from __future__ import annotations

from controller.config.profiles import shipped
from tests.docs.device_models import PAGE, written


def test_the_tables_are_in_step_with_the_profiles():
    text = PAGE.read_text(encoding="utf-8")
    assert text == written(text), "write them with: python -m tests.docs.device_models"


def test_every_shipped_profile_has_a_row():
    text = PAGE.read_text(encoding="utf-8")
    assert [path.stem for path in shipped().glob("*.yaml") if f"\n| `{path.stem}` | " not in text] == []
