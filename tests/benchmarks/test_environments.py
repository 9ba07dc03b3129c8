"""What is installed on demand: once, wholly or not at all, and told where it fails. Nothing is downloaded here."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from benchmarks import environments
from benchmarks.environments import Command, Environment, NodePackages, PythonPackages
from benchmarks.trouble import NotPossible


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return environments.cache()


@dataclass(frozen=True, slots=True)
class Scripted(Environment):
    """An environment that a few lines of Python install into the folder they run in."""

    script: str
    version: str = "1"

    @property
    def wanted(self) -> Any:
        return {"version": self.version}

    def commands(self) -> Sequence[Command]:
        return [[sys.executable, "-c", self.script]]


NEW = "open('new', 'x').close()"


def test_what_is_installed_is_not_installed_again_until_something_else_is_wanted(cache: Path):
    told: list[str] = []
    for _ in range(2):
        Scripted("it", NEW).install(told.append)
    assert told == [f"it: is being installed into {cache / 'it'}: some minutes, once"]
    assert (cache / "it" / "new").exists()
    assert not Scripted("it", NEW, version="2").ready()
    Scripted("it", NEW, version="2").install(told.append)
    assert len(told) == 2


def test_what_was_interrupted_is_begun_again_from_nothing(cache: Path):
    (cache / "it").mkdir(parents=True)
    (cache / "it" / "new").touch()
    Scripted("it", NEW).install(lambda _: None)
    assert Scripted("it", NEW).ready()


def test_what_fails_is_told_with_its_first_complaint_and_is_not_there(cache: Path):
    script = "raise SystemExit('on my way\\nERROR: no such package\\nA log can be found somewhere')"
    with pytest.raises(NotPossible, match=r"^it could not be installed: ERROR: no such package .*--contenders$"):
        Scripted("it", script).install(lambda _: None)
    assert not Scripted("it", script).ready()


def test_what_takes_too_long_is_told(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(environments, "INSTALL_S", 0.01)
    with pytest.raises(NotPossible, match=r"it: not installed after 0\.01 s"):
        Scripted("it", "import time; time.sleep(60)").install(lambda _: None)


def test_packages_for_node_are_named_with_what_is_taken_in_place_of_others():
    environment = NodePackages("node", {"a": "1"}, {"b": "npm:c@2"})
    manifest = json.loads(environment.files()["package.json"])
    assert manifest == environment.wanted
    assert (manifest["dependencies"], manifest["overrides"]) == ({"a": "1"}, {"b": "npm:c@2"})
    ((program, *arguments),) = environment.commands()
    assert program == "npm"
    assert {"--ignore-scripts", "--no-package-lock"} < set(arguments)


def test_packages_for_python_go_into_an_environment_of_their_own(cache: Path):
    environment = PythonPackages("python", ("a==1", "b==2"))
    venv, pip = environment.commands()
    assert venv[1:] == ["-m", "venv", cache / "python"]
    assert pip[0] == cache / "python" / "bin" / "python"
    assert pip[-2:] == ["a==1", "b==2"]
    with pytest.raises(NotPossible, match="no config there; remove that folder"):
        environment.shipped("config")
