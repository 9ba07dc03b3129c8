"""docs/the-way-of-a-command.md names files and what is in them. All of it is there, read from the source, not imported."""

from __future__ import annotations

import ast
import re
from pathlib import Path

from tests.docs.pages import ROOT, read

PAGE = read(ROOT / "docs" / "the-way-of-a-command.md")
_PATH = re.compile(r"(?:controller|drivers|simulators|sites|tests|docs)/[\w./-]*")
_NAMED = re.compile(r"`(?P<name>[A-Za-z_][\w.]*)(?:\([^`)]*\))?`\s*(?:\(|in\s+)`?(?P<path>[\w/]+\.py)`?")
_DOTTED = re.compile(r"(?P<owner>[A-Za-z_]\w*)\.(?P<name>[A-Za-z_]\w*)(?:\(.*\))?")


def _paths() -> list[str]:
    return sorted({found.rstrip(".") for found in _PATH.findall(PAGE.prose)})


def _modules() -> list[Path]:
    return [ROOT / path for path in _paths() if path.endswith(".py")]


def _defined(tree: ast.Module | ast.ClassDef) -> dict[str, ast.AST]:
    """Everything that is given a name in a module or class: functions, classes, constants, fields, attributes of `self`."""
    found: dict[str, ast.AST] = {}
    for node in tree.body:
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            found[node.name] = node
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            found |= {target.id: node for target in targets if isinstance(target, ast.Name)}
    return found


def _names(path: Path) -> dict[str, set[str]]:
    """The names in a module: under its own stem those of the module, under each class those of the class."""
    module = _defined(ast.parse(path.read_text("utf-8")))
    classes = {name: set(_defined(node)) for name, node in module.items() if isinstance(node, ast.ClassDef)}
    return {path.stem: set(module), **classes}


def test_every_path_on_the_way_is_there():
    assert _paths(), "the page names no paths"
    gone = [path for path in _paths() if not (ROOT / path).exists()]
    assert not gone, f"not there: {', '.join(gone)}"


def test_every_name_that_comes_with_its_file_is_defined_in_it():
    known = {path.relative_to(ROOT).as_posix(): path for path in _modules()}
    by_name = {path.name: path for path in _modules()}
    pairs = [(found["name"], found["path"]) for found in _NAMED.finditer(PAGE.prose)]
    assert pairs, "the page names nothing with its file"
    wrong = []
    for name, path in pairs:
        module = known.get(path) or by_name.get(path)
        if module is None or not _is_in(name, module):
            wrong.append(f"{name} ({path})")
    assert not wrong, f"not there: {', '.join(wrong)}"


def _is_in(name: str, path: Path) -> bool:
    names = _names(path)
    owner, _, last = name.rpartition(".")
    return last in names.get(owner or path.stem, set())


def test_every_dotted_name_is_defined_in_a_file_of_the_page():
    known: dict[str, set[str]] = {}
    for path in _modules():
        for owner, names in _names(path).items():
            known.setdefault(owner, set()).update(names)
    dotted = [(s, m) for s in PAGE.spans() if not _PATH.match(s) and (m := _DOTTED.fullmatch(s)) and m["name"] != "py"]
    assert dotted, "the page names no member of anything"
    wrong = [span for span, found in dotted if found["name"] not in known.get(found["owner"], set())]
    assert not wrong, f"not there: {', '.join(wrong)}"
