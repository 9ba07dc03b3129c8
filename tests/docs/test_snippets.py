"""What the pages tell people to type is typed here, page by page and in order, and prints what the pages show."""

from __future__ import annotations

import json
import sys
import tomllib
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from configparser import ConfigParser
from pathlib import Path
from typing import Any, TypeGuard

import pytest
from ruamel.yaml import YAML

from tests.docs.pages import Block, Page, pages
from tests.docs.terminal import Terminal, Typed, fits, typed

HOW_TO_CONSOLE = ("stays", "eventually")
RUN = ("console", "python", "yaml")
PARSED = ("json", "ini", "toml")
PICTURES = ("mermaid",)
TOOLS = ("curl",)
AT_ONCE = 4
Played = dict[str, Future[None]]


def _acts(block: Block) -> bool:
    """Tell whether something is to be done with the block in a terminal."""
    return block.language in RUN and not block.is_text and not (block.language == "yaml" and not block.file)


def _with(wanted: Callable[[Block], bool]) -> list[Page]:
    return [page for page in pages() if any(map(wanted, page.blocks))]


@pytest.mark.parametrize("page", pages(), ids=lambda page: page.name)
def test_every_block_says_how_it_is_meant(page: Page):
    wrong = [f"{page.name}:{block.line}: {why}" for block in page.blocks if (why := _wrong(block))]
    assert not wrong, "\n".join(wrong)


def _wrong(block: Block) -> str:
    if block.is_text or block.language in PICTURES or block.language in PARSED:
        return ""
    if block.language not in RUN:
        return f"{block.language or 'no language'}: expected one of {', '.join((*RUN, *PARSED, *PICTURES))}, or text"
    if block.language == "yaml" and not block.file:
        return "yaml without a first line `# file: NAME`: give it one, or mark it `yaml text`"
    if block.language != "console":
        return ""
    unknown = set(block.words[1:]) - set(HOW_TO_CONSOLE)
    return f"unknown: {', '.join(unknown)}" if unknown else ""


@pytest.mark.parametrize("page", _with(lambda block: block.language in PARSED), ids=lambda page: page.name)
def test_every_block_of_data_parses(page: Page):
    for block in page.blocks:
        if block.is_text:
            continue
        match block.language:
            case "json":
                json.loads(block.text)
            case "toml":
                tomllib.loads(block.text)
            case "ini":
                ConfigParser(strict=False, interpolation=None).read_string(block.text)


@pytest.fixture(scope="module")
def played(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Played]:
    """Every page that is asked for, some at a time: each has a terminal of its own, and most of its time is steel that moves."""
    asked: list[Page] = [item.callspec.params["page"] for item in request.session.items if _plays(item)]  # type: ignore[misc]
    asked.sort(key=lambda page: sum(map(_acts, page.blocks)), reverse=True)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        yield {page.name: pool.submit(_play, page, tmp_path_factory.mktemp("page")) for page in asked}


def _plays(item: pytest.Item) -> TypeGuard[pytest.Function]:
    return isinstance(item, pytest.Function) and "played" in item.fixturenames


def _played() -> list[Any]:
    """The pages to be played, each with the mark of what it types that not every machine has."""
    return [pytest.param(page, marks=pytest.mark.needs("bash", *_tools(page)), id=page.name) for page in _with(_acts)]


def _tools(page: Page) -> list[str]:
    return [tool for tool in TOOLS if any(_acts(block) and tool in block.text.split() for block in page.blocks)]


@pytest.mark.timeout(300)
@pytest.mark.parametrize("page", _played())
def test_what_a_page_says_to_type_does_what_it_shows(page: Page, played: Played):
    played[page.name].result()


def _play(page: Page, folder: Path) -> None:
    with Terminal(folder) as terminal:
        for block in page.blocks:
            if _acts(block):
                _do(block, terminal, f"{page.name}:{block.line}")
        wrong = list(terminal.interrupt())
    assert not wrong, "\n".join(wrong)


def _do(block: Block, terminal: Terminal, where: str) -> None:
    if block.file:
        if block.language == "yaml":
            YAML(typ="safe").load(block.text)
        terminal.write(block.file, block.text)
    elif block.language == "python":
        terminal.write(".snippet.py", block.text)
        printed, status = terminal.run(f"{sys.executable} .snippet.py")
        assert status == 0, f"{where}: exit {status}:\n{printed}"
    else:
        _type(block, terminal, where)


def _type(block: Block, terminal: Terminal, where: str) -> None:
    commands = typed(block.text)
    for number, one in enumerate(commands):
        # A command that fails is shown to do so: its exit status is asked for right after it.
        may_fail = any(after.command == "echo $?" for after in commands[number + 1 : number + 2])
        if "stays" in block.words:
            printed, status, whole = terminal.stay(one.command, one.shown), 0, False
        elif "eventually" in block.words:
            (printed, status), whole = terminal.run_until(one.command, one.shown), True
        else:
            (printed, status), whole = terminal.run(one.command), True
        assert fits(one.shown, printed, whole=whole), _differs(where, one, printed)
        assert status == 0 or may_fail, f"{where}: $ {one.command}\nends with {status}:\n{printed}"


def _differs(where: str, one: Typed, printed: str) -> str:
    shown = "\n".join(one.shown)
    return f"{where}: $ {one.command}\nthe page shows:\n{shown}\n\nit printed:\n{printed}"
