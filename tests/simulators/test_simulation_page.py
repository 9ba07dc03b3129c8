"""docs/reference/simulation-file.md names all that simulation.yaml may say, and its examples are good."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import pytest
from pydantic import BaseModel
from ruamel.yaml import YAML

from simulators import schema
from simulators.build import build
from simulators.checks import KINDS
from simulators.clock import Clock
from tests.simulators.support import write_site

PAGE = (Path(__file__).parents[2] / "docs" / "reference" / "simulation-file.md").read_text(encoding="utf-8")
CELLS = {word for line in PAGE.splitlines() if line.startswith("|") for word in re.findall(r"`([^`]+)`", line)}


def models(kind: type[BaseModel] = schema.Strict) -> Iterator[type[BaseModel]]:
    for model in kind.__subclasses__():
        yield model
        yield from models(model)


@pytest.mark.parametrize("model", list(models()), ids=lambda model: model.__name__)
def test_every_key_is_in_a_table_of_the_page(model: type[BaseModel]):
    assert set(model.model_fields) <= CELLS


def test_every_literal_of_a_key_is_in_a_table_of_the_page():
    for model in models():
        for field in model.model_fields.values():
            words = [word for word in get_args(field.annotation) if isinstance(word, str)]
            assert set(words) <= CELLS, model


@pytest.mark.parametrize("kind", KINDS)
def test_every_channel_of_a_plant_is_in_its_row(kind: str):
    table = PAGE.partition("| `type` | what it is")[2].partition("\n\n")[0]
    (row,) = [line for line in table.splitlines() if line.startswith(f"| `{kind}` |")]
    named = set(re.findall(r"`([^`]+)`", row.rpartition(" | ")[2]))
    assert named == KINDS[kind].ORDERS | KINDS[kind].SAYS


def test_the_examples_of_the_page_are_one_good_simulation(tmp_path: Path):
    whole: dict[str, Any] = {}
    for text in re.findall(r"```yaml text\n(.*?)```", PAGE, re.DOTALL):
        for key, value in YAML(typ="safe").load(text).items():
            if isinstance(value, dict):
                whole.setdefault(key, {}).update(value)
            else:
                whole[key] = value
    built = build(write_site(tmp_path, whole), Clock())
    assert {entry.type for entry in built.plan.plants.values()} == set(KINDS)
    assert built.plan.supplies
    assert built.plan.troubles
