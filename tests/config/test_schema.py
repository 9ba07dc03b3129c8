"""The JSON Schemas that editors use: in step with the models, and in agreement with an independent validator."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from controller.config.load import shipped_sites
from controller.config.located import read
from controller.config.profiles import shipped
from controller.config.schema import FileKind, json_schema
from controller.core.kinds import SIGNALS
from controller.core.spec import Kind

from .conftest import BENCH

REFERENCE = Path(__file__).parents[2] / "docs" / "reference"
SITES = sorted(shipped_sites().glob("*/site.yaml"))
PROFILES = sorted(shipped().glob("*.yaml"))


def faults(kind: FileKind, data: Any) -> list[str]:
    schema = json_schema(kind)
    Draft202012Validator.check_schema(schema)
    return [error.message for error in Draft202012Validator(schema).iter_errors(data)]


@pytest.mark.parametrize("path", SITES, ids=lambda path: path.parent.name)
def test_shipped_sites_fit_the_schema(path: Path) -> None:
    assert faults("site", read(path).data) == []


@pytest.mark.parametrize("path", PROFILES, ids=lambda path: path.stem)
def test_shipped_profiles_fit_the_schema(path: Path) -> None:
    assert faults("profile", read(path).data) == []


def test_a_bench_file_fits_the_schema() -> None:
    assert faults("bench", yaml.safe_load(BENCH)) == []


def test_the_schema_refuses_what_the_check_refuses() -> None:
    data = read(SITES[0]).data
    data["devices"]["albert-bollards"]["wiring"]["raize"] = "albert-io.do7"
    assert faults("site", data) != []


@pytest.mark.parametrize("kind", list(Kind))
def test_the_schema_offers_every_signal_of_a_kind(kind: Kind) -> None:
    wiring = json_schema("site")["$defs"][f"{kind.value.title().replace('_', '')}Wiring"]
    signals = SIGNALS[kind]
    required = {*signals.inputs, *signals.outputs}
    assert set(wiring.get("required", ())) == required
    assert set(wiring["properties"]) == required | {*signals.optional, *signals.optional_outputs}


@pytest.mark.parametrize("kind", ["site", "profile"])
def test_the_committed_schema_is_in_step(kind: FileKind) -> None:
    """After a change: rempart check --schema site > docs/reference/site.schema.json (and the same for profile)."""
    committed = json.loads((REFERENCE / f"{kind}.schema.json").read_text(encoding="utf-8"))
    assert committed == json_schema(kind)


@pytest.mark.parametrize("path", [*SITES, *PROFILES], ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_every_shipped_file_tells_editors_where_its_schema_is(path: Path) -> None:
    first = path.read_text(encoding="utf-8").splitlines()[0]
    hint = first.removeprefix("# yaml-language-server: $schema=")
    assert hint != first
    assert (path.parent / hint).resolve().parent == REFERENCE.resolve()
    assert (path.parent / hint).is_file()
