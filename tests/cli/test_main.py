"""The front door: help, version, and errors that are a line or two."""

from __future__ import annotations

import importlib
from importlib.metadata import version

import pytest

from controller.cli.commands import COMMANDS, PEOPLE
from controller.cli.main import main

DESIGNED = (
    "demo run simulate check probe point commission devices watch "
    "alarms ack shelve unshelve remove return raise lower stop secure open trouble "
    "console journal report user diagram lockdown release lock-out lift test end-test re-arm pass route passages end"
)


def test_every_command_of_this_release_is_there_once() -> None:
    assert sorted(COMMANDS) == sorted(DESIGNED.split())
    assert sum(map(len, PEOPLE.values())) == len(COMMANDS)


@pytest.mark.parametrize("words", [[], ["--help"], ["-h"], ["help"]])
def test_help_names_every_command_under_its_person_in_80_columns(capsys, words: list[str]) -> None:
    assert main(words) == 0
    out = capsys.readouterr().out
    assert all(f"  {name} " in out for name in COMMANDS)
    assert all(f"{person}:" in out for person in PEOPLE)
    assert max(map(len, out.splitlines())) <= 80


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_explains_itself(capsys, monkeypatch, name: str) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    assert main([name, "--help"]) == 0
    out = capsys.readouterr().out
    assert out.startswith(f"usage: rempart {name}")
    assert max(map(len, out.splitlines())) <= 80


def test_version(capsys) -> None:
    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"rempart {version('rempart')}\n"


def test_a_mistyped_command_is_answered_with_what_was_meant(capsys) -> None:
    assert main(["chekc"]) == 2
    assert capsys.readouterr().err == "rempart: there is no command 'chekc': did you mean `check`?\n"


@pytest.mark.parametrize("words", [["raise"], ["journal"], ["run", "--port", "x", "s"], ["watch", "--nonsense"]])
def test_a_wrong_command_line_is_two_lines(capsys, words: list[str]) -> None:
    assert main(words) == 2
    assert len(capsys.readouterr().err.splitlines()) == 2


def _failing(monkeypatch, error: BaseException) -> None:
    def run(_: object) -> int:
        raise error

    monkeypatch.setattr(importlib.import_module("controller.cli.check"), "run", run)


def test_a_mistake_of_ours_is_one_line(capsys, monkeypatch) -> None:
    _failing(monkeypatch, ZeroDivisionError("oh"))
    assert main(["check"]) == 1
    assert capsys.readouterr().err.splitlines() == [
        "rempart: internal error: ZeroDivisionError('oh') (--debug shows where)"
    ]


@pytest.mark.parametrize("words", [["--debug", "check"], ["check", "--debug"]])
def test_debug_shows_where(capsys, monkeypatch, words: list[str]) -> None:
    _failing(monkeypatch, ZeroDivisionError("oh"))
    assert main(words) == 1
    assert "Traceback" in capsys.readouterr().err


def test_ctrl_c_is_130(monkeypatch) -> None:
    _failing(monkeypatch, KeyboardInterrupt())
    assert main(["check"]) == 130
