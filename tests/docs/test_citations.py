"""A test or a file that a page cites as proof is there."""

from __future__ import annotations

import ast
import re

import pytest

from tests.docs.pages import ROOT, Page, pages, read

_TEST = re.compile(r"(?P<path>tests/[\w/]+\.py)::(?P<name>\w+)")
_FILE = re.compile(r"(?:controller|drivers|simulators|sites|systemd|tests|docs)/[\w./-]*")
GUARANTEES = ROOT / "docs" / "explanation" / "what-is-guaranteed.md"


def _citing() -> list[Page]:
    return [page for page in pages() if page.name.startswith(("docs/explanation/", "docs/how-to/", "docs/tutorials/"))]


@pytest.mark.parametrize("page", _citing(), ids=lambda page: page.name)
def test_every_test_and_file_that_a_page_cites_is_there(page: Page):
    wrong = []
    for span in page.spans():
        if cited := _TEST.fullmatch(span):
            wrong += [] if _is_test(cited["path"], cited["name"]) else [span]
        elif _FILE.fullmatch(span):
            wrong += [] if (ROOT / span).exists() else [span]
    assert not wrong, f"{page.name}: not there: {', '.join(wrong)}"


def _is_test(path: str, name: str) -> bool:
    if not (ROOT / path).is_file():
        return False
    nodes = ast.walk(ast.parse((ROOT / path).read_text("utf-8")))
    return any(isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name == name for node in nodes)


def test_each_of_the_twelve_rules_cites_a_test_that_would_fail_without_it():
    text = read(GUARANTEES).prose
    rules = re.split(r"^### (\d+)\. ", text, flags=re.MULTILINE)[1:]
    bodies = [body.split("\n## ")[0] for body in rules[1::2]]
    cited = {number: _TEST.findall(body) for number, body in zip(rules[::2], bodies, strict=True)}
    assert list(cited) == [str(number) for number in range(1, 13)]
    assert all(cited.values()), f"without a test: {[number for number, tests in cited.items() if not tests]}"
