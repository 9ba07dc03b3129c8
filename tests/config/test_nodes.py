"""A plain text is read by libyaml, and nobody can tell: the same nodes, tags and places as ruamel's own scanner gives."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML
from ruamel.yaml.nodes import Node

from controller.config.load import shipped_sites
from controller.config.nodes import quick
from controller.config.profiles import shipped

FILES = sorted([*shipped_sites().rglob("*.yaml"), *shipped().glob("*.yaml")])

PLAIN = [
    *" \n:-,[]{}",
    "  ",
    "\n  ",
    ": ",
    "- ",
    "\n- ",
    ", ",
    " # c",
    "a: ",
    "b:\n",
    "k: v",
    '"x"',
    "'y'",
    "[a, b]",
    "1e3",
    "-5",
]
ANY = [*PLAIN, *"#?&*!|>'\"1.~é\t\\", '"q": ', "{a: 1}", "null", "0x1f", "it's", "<<", "tcp://h:1", "---\n", "\n    "]
TEXTS = st.one_of(*(st.lists(st.sampled_from(pieces), max_size=14).map("".join) for pieces in (PLAIN, ANY)))


def shape(node: Node) -> Any:
    found = (node.start_mark.line, node.start_mark.column, node.tag)
    if isinstance(node.value, str):
        return (*found, node.value)
    parts = [tuple(map(shape, part)) if isinstance(part, tuple) else shape(part) for part in node.value]
    return (*found, parts)


def slow(text: str) -> Any:
    return shape(YAML(typ="safe", pure=True).compose(text))


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_every_shipped_file_is_read_alike(path: Path) -> None:
    text = path.read_text("utf-8")
    root = quick(text)
    assert root is None or shape(root) == slow(text)


def test_the_shipped_sites_are_plain() -> None:
    sites = [path for path in FILES if path.name == "site.yaml"]
    assert sites
    assert [path for path in sites if quick(path.read_text("utf-8")) is None] == []


@settings(max_examples=400)
@given(TEXTS)
def test_whatever_is_read_quickly_is_read_alike(text: str) -> None:
    root = quick(text)
    assert root is None or shape(root) == slow(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "# nothing\n",
        "a: &x 1\nb: *x\n",
        "a: !!str 1\n",
        "--- \na: 1\n",
        "a: 1\n...\n",
        "%YAML 1.1\n---\na: 1\n",
        "a: |\n  b\n",
        "a: b\n  c\n",
        "a: 'b\n  c'\n",
        'a: "\\u0041"\n',
        "a:\tb\n",
        "a: b\u2028c\n",
        "a: b\x85c\n",
        "a:\n",
        "- \n",
        "? a\n: b\n",
        "[a]: b\n",
        "{a:}\n",
        "[:b]\n",
        '{"a":1}\n',
        "a: b: c\n",
        "a: [b\n",
        "[" * 40 + "]" * 40,
        f"{'k' * 201}: 1\n",
    ],
)
def test_what_versions_of_yaml_may_read_apart_is_left_to_ruamel(text: str) -> None:
    assert quick(text) is None
