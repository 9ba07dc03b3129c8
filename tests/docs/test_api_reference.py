"""docs/reference/api.md tells of every field of every body, and of every action and answer that programs rely on."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest

from controller.api.bodies import CommandBody
from controller.api.openapi import document
from tests.docs.pages import ROOT, read

PAGE = read(ROOT / "docs" / "reference" / "api.md")
SAID = {word for span in PAGE.spans() for word in re.findall(r"[a-z0-9_]+(?:-[a-z0-9_]+)*", span)}
SCHEMAS = document("0.0.0")["components"]["schemas"]


def _fields(schema: dict[str, Any]) -> Iterator[str]:
    # Priorities are numbers, and name themselves.
    yield from (field for field in schema.get("properties", {}) if not field.isdigit())


@pytest.mark.parametrize("body", SCHEMAS)
def test_every_field_of_a_body_is_told(body: str):
    missing = [field for field in _fields(SCHEMAS[body]) if field not in SAID]
    assert not missing, f"docs/reference/api.md does not tell of {', '.join(missing)} of {body}"


def test_every_action_is_told():
    actions = CommandBody.model_json_schema()["properties"]["action"]["enum"]
    assert not [action for action in actions if action not in SAID]
