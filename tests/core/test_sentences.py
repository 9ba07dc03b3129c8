"""What people are told is written as sentences that can be translated: held against the sources, and against Babel's extraction.

A refusal, an alarm or the end of an order that is put together as a plain string would be English in every language, and nobody
would see it before an operator does.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from string import Formatter

import pytest
from babel.messages.extract import extract_from_dir

import controller
from controller.core import kinds, vocabulary
from controller.core.command import Life, Output, Switch
from controller.core.modes import Mode
from controller.core.passage_table import STATES
from controller.core.spec import Action, Kind
from controller.people.roles import Role
from controller.ports import LinkError

HOME = Path(controller.__file__).parent
CORE = sorted((HOME / "core").glob("*.py"))
SHELL = sorted(HOME.glob("*.py"))
EVERYTHING = sorted(HOME.rglob("*.py"))

TELLING = {"Refusal": ("because", 2), "Alarm": ("text", 2), "Progress": ("because", 2)}
"""What tells somebody something: the name and the place of its sentence."""

NOT_TOLD = ("diagram.py", "replacing.py")
"""Sources of the core whose texts go to files or to the interpreter, not to people who operate a site."""

NO_SENTENCES = ("NOTHING", "_SINCE_WHEN")
"""Names of the core for what no person is told by itself: how an answer begins, and why a table ignores an event."""


def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def calls(of: ast.AST, *names: str) -> Iterator[ast.Call]:
    for node in ast.walk(of):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in names:
            yield node


def literal(node: ast.expr | None) -> str | None:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def put_together(node: ast.expr) -> bool:
    """Tell whether this makes a plain string, whatever it says."""
    match node:
        case ast.JoinedStr():
            return True
        case ast.Constant(value=str(text)):
            return text != ""
        case ast.BinOp(left=left, right=right):
            return put_together(left) or put_together(right)
        case ast.BoolOp(values=parts):
            return any(put_together(part) for part in parts)
        case ast.IfExp(body=one, orelse=other):
            return put_together(one) or put_together(other)
        case ast.Call(func=ast.Attribute(attr="join" | "format")) | ast.Call(func=ast.Name(id="str")):
            return True
    return False


def plainly_told(source: ast.AST) -> Iterator[ast.Call]:
    """Find what tells a plain string, given at once or under a name of the same function."""
    for scope in ast.walk(source):
        if not isinstance(scope, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        assigned: dict[str, list[ast.expr]] = {}
        for node in ast.walk(scope):
            if isinstance(node, ast.Assign):
                for target in node.targets:
                    if isinstance(target, ast.Name):
                        assigned.setdefault(target.id, []).append(node.value)
        for call in calls(scope, *TELLING):
            name, place = TELLING[call.func.id]  # type: ignore[attr-defined]
            given = [keyword.value for keyword in call.keywords if keyword.arg in (name, "over")]
            given += call.args[place : place + 1]
            values = [v for one in given for v in (assigned.get(one.id, []) if isinstance(one, ast.Name) else [one])]
            if any(put_together(value) for value in values):
                yield call


@pytest.mark.parametrize("path", [*CORE, *SHELL], ids=lambda path: str(path.relative_to(HOME)))
def test_rule_10_refusals_alarms_and_ends_of_orders_are_told_in_sentences_that_can_be_translated(path: Path) -> None:
    assert [f"{path.name}:{call.lineno}" for call in plainly_told(tree(path))] == []


@pytest.mark.parametrize(
    "wrong",
    [
        'def f(): return Refusal(rule, device, "loop occupied")',
        'def f(): return Refusal(rule, device, f"loop {state}")',
        'def f(): return Alarm("x", 1, text or f"{state}")',
        'def f(): return Alarm("x", 1, said("here"), over="gone")',
        'def f():\n    because = "; ".join(parts)\n    return Progress(order, life, because)',
        "def f(): return Progress(order, life, because=str(error))",
        'def f(): return Progress(order, life, "a" + said("b") if x else y)',
    ],
)
def test_a_plain_sentence_would_be_found(wrong: str) -> None:
    assert len(list(plainly_told(ast.parse(wrong)))) == 1


def left_in_core(source: ast.AST) -> Iterator[ast.expr]:
    """Find sentences outside `said`: strings with blanks, and f-strings, but for texts of documentation and of defects."""
    spared: set[int] = set()
    for node in ast.walk(source):
        documents = isinstance(node, ast.Expr | ast.Raise)
        named = isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) in NO_SENTENCES
        # What an event is ignored for is told to readers of the tables only; refusals of tables are seen to below.
        if documents or named or node in set(calls(node, "said", "Silence")):
            spared |= {id(inner) for inner in ast.walk(node)}
    for node in ast.walk(source):
        if id(node) in spared:
            continue
        if isinstance(node, ast.JoinedStr):
            parts = [literal(part) or "" for part in node.values]
            if " " in "".join(parts).strip() and not "".join(parts).startswith(("secure ", "lockdown ")):
                yield node
            spared |= {id(inner) for inner in ast.walk(node)}
        elif (text := literal(node)) is not None and " " in text.strip():  # type: ignore[arg-type]
            yield node  # type: ignore[misc]


@pytest.mark.parametrize("path", [p for p in CORE if p.name not in NOT_TOLD], ids=lambda path: path.name)
def test_no_sentence_of_the_core_is_left_as_a_plain_string(path: Path) -> None:
    assert [f"{path.name}:{node.lineno}: {ast.unparse(node)}" for node in left_in_core(tree(path))] == []


@pytest.mark.parametrize("path", CORE, ids=lambda path: path.name)
def test_what_a_table_refuses_a_person_is_a_sentence_that_can_be_translated(path: Path) -> None:
    refused = [
        reason
        for table in calls(tree(path), "Table")
        for keyword in table.keywords
        if keyword.arg == "refused"
        for reason in calls(keyword.value, "Silence")
    ]
    assert [reason.lineno for reason in refused if list(calls(reason.args[2], "said")) != [reason.args[2]]] == []


def sentences() -> Iterator[tuple[str, str, set[str]]]:
    """Return every sentence of the sources: where it is, its template, and the gaps that are filled."""
    for path in EVERYTHING:
        for call in calls(tree(path), "said"):
            where = f"{path.relative_to(HOME)}:{call.lineno}"
            yield where, literal(call.args[0]) or "", {str(keyword.arg) for keyword in call.keywords}


def test_every_sentence_is_a_literal_whose_gaps_are_filled() -> None:
    found = list(sentences())
    assert len(found) > 200
    assert [where for where, template, _ in found if not template and "said.py" not in where] == []
    wrong = [
        where
        for where, template, given in found
        if {name for _, name, _, _ in Formatter().parse(template) if name is not None} != given
    ]
    assert wrong == []


def test_an_extraction_finds_every_sentence() -> None:
    """`pybabel extract -k said controller/` does this: what it finds is what a catalogue has to hold."""
    extracted = {
        message for _, _, message, *_ in extract_from_dir(HOME, [("**.py", "python")], keywords={"said": None})
    }
    assert extracted == {template for _, template, _ in sentences()}


def test_every_word_that_fills_a_gap_is_in_the_vocabulary() -> None:
    states = {state for behaviour in kinds.BEHAVIOURS.values() for state in behaviour.table.states}
    assert {str(word) for word in vocabulary.STATES} == states
    assert {str(word) for word in vocabulary.STAGES} == {*STATES, "unknown"}
    assert {str(word) for word in vocabulary.LIVES} == {*Life}
    assert {str(word) for word in vocabulary.ACTIONS} == {*Action, *Switch, *Output}
    assert {str(word) for word in vocabulary.MODES} == {*Mode}
    assert {str(word) for word in vocabulary.KINDS} == {*Kind}
    assert {str(word) for word in vocabulary.ROLES} == {*Role}
    assert {str(word) for word in vocabulary.FAILURES} == {kind.__name__.lower() for kind in LinkError.__subclasses__()}
