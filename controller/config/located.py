"""YAML 1.2 text to plain data, with the line and column of every key and value.

`on`, `off`, `yes` and `no` stay words. What YAML lets a file leave open is refused here: a key given twice, keys that are not
text, merge keys, tags, numbers that are not finite. Nothing raises: a document carries its problems.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode
from ruamel.yaml.reader import ReaderError

from controller.config.nodes import compose

Key = str | int
Path_ = tuple[Key, ...]
Position = tuple[int, int]

MAX_NODES = 50_000
"""A site file has some thousands; far more means that aliases multiply one another."""

_TAG = "tag:yaml.org,2002:"
_WORDS = {"null", "bool", "int", "float", "str", "timestamp", "value", "merge"}
_INT = re.compile(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?|[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One thing wrong with a file: where (1-based), and what to do about it."""

    path: str
    line: int
    column: int
    message: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}:{self.column}: {self.message}"


@dataclass(frozen=True, slots=True)
class Document:
    """A file's plain data and where each part of it stands; `data` is None where the file could not be read."""

    path: str
    content: bytes = b""
    data: Any = None
    keys: Mapping[Path_, Position] = field(default_factory=dict)
    values: Mapping[Path_, Position] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()

    def problem(self, at: Sequence[Key], message: str, *, key: bool = False) -> Problem:
        """Make a problem at the value (or its key) of `at`, or of the nearest part around it that is there."""
        where = tuple(at)
        while where not in self.values and where:
            where, key = where[:-1], True
        known = self.keys.get(where) if key else None
        line, column = known or self.values.get(where, (1, 1))
        return Problem(self.path, line, column, message)


def read(path: Path, shown: str | None = None) -> Document:
    """Read a YAML file; `shown` is how problems name it."""
    name = str(path) if shown is None else shown
    try:
        content = path.read_bytes()
    except OSError as error:
        return _refused(name, b"", Problem(name, 1, 1, f"cannot be read: {error.strerror or error}"))
    return parse(content, name)


def parse(content: bytes, name: str) -> Document:
    """Take the bytes of a YAML file apart; `name` is how problems call it."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = content[: error.start]
        line, column = before.count(b"\n") + 1, error.start - (before.rfind(b"\n") + 1) + 1
        return _refused(name, content, Problem(name, line, column, "is not UTF-8 text: save the file as UTF-8"))
    try:
        root = compose(text)
        if root is not None:
            return _Reader(name).document(root, content, text)
    except MarkedYAMLError as error:
        return _refused(name, content, _syntax(name, error))
    except ReaderError as error:
        before_ = text[: error.position]
        line, column = before_.count("\n") + 1, error.position - (before_.rfind("\n") + 1) + 1
        return _refused(
            name, content, Problem(name, line, column, f"the character U+{_code(error.character):04X} may not be here")
        )
    except RecursionError:
        return _refused(name, content, Problem(name, 1, 1, "is nested too deeply"))
    except YAMLError as error:
        return _refused(name, content, Problem(name, 1, 1, f"is not YAML: {error}"))
    return _refused(name, content, Problem(name, 1, 1, "is empty"))


def _refused(name: str, content: bytes, problem: Problem) -> Document:
    return Document(name, content, problems=(problem,))


def _syntax(name: str, error: MarkedYAMLError) -> Problem:
    mark = error.problem_mark or error.context_mark
    line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
    context = f" ({error.context})" if error.context else ""
    return Problem(name, line, column, f"is not YAML: {error.problem or 'cannot be parsed'}{context}")


class _Reader:
    """One walk over one document's nodes."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._keys: dict[Path_, Position] = {}
        self._values: dict[Path_, Position] = {}
        self._problems: list[Problem] = []
        self._inside: set[int] = set()
        self._nodes = 0

    def document(self, root: Node, content: bytes, text: str) -> Document:
        if text.lstrip("\ufeff").startswith("%YAML") and not text.startswith("%YAML 1.2"):
            self._refuse(root, "only YAML 1.2 is understood: remove the %YAML line")
        data = self._plain(root, ())
        return Document(self._name, content, data, self._keys, self._values, tuple(self._problems))

    def _refuse(self, node: Node, message: str) -> None:
        line, column = _position(node)
        self._problems.append(Problem(self._name, line, column, message))

    def _plain(self, node: Node, at: Path_) -> Any:
        self._values[at] = _position(node)
        self._nodes += 1
        if id(node) in self._inside:
            return self._refuse(node, "an alias stands inside of what it stands for")
        if self._nodes > MAX_NODES:
            if self._nodes == MAX_NODES + 1:
                self._refuse(node, f"more than {MAX_NODES} values: do aliases multiply one another?")
            return None
        if isinstance(node, ScalarNode):
            return self._scalar(node)
        self._inside.add(id(node))
        plain = self._mapping(node, at) if isinstance(node, MappingNode) else self._sequence(node, at)
        self._inside.discard(id(node))
        return plain

    def _sequence(self, node: Node, at: Path_) -> list[Any]:
        return [self._plain(item, (*at, i)) for i, item in enumerate(node.value)]

    def _mapping(self, node: MappingNode, at: Path_) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key_node, value_node in node.value:
            key = self._key(key_node)
            if key is None:
                continue
            if key in found:
                line, _ = self._keys[*at, key]
                self._refuse(key_node, f"`{key}` is given twice (first in line {line}): remove one")
                continue
            self._keys[*at, key] = _position(key_node)
            found[key] = self._plain(value_node, (*at, key))
        return found

    def _key(self, node: Node) -> str | None:
        if node.tag == f"{_TAG}merge":
            self._refuse(node, "`<<` is not part of YAML 1.2: write the keys out")
        elif isinstance(node, ScalarNode) and isinstance(value := self._scalar(node), str):
            return value
        else:
            self._refuse(node, "a key must be text: put it in quotes")
        return None

    def _scalar(self, node: ScalarNode) -> Any:
        kind = str(node.tag).removeprefix(_TAG)
        text: str = node.value
        if kind not in _WORDS:
            return self._refuse(node, f"the tag {node.tag} is not understood: remove it")
        match kind:
            case "null":
                return None
            case "bool" if text.lower() in ("true", "false"):
                return text.lower() == "true"
            case "int" if _INT.fullmatch(text):
                return int(text, 0) if text[:2] in ("0x", "0o") else int(text)
            case "float" if _FLOAT.fullmatch(text):
                return self._float(node, text)
        return text

    def _float(self, node: ScalarNode, text: str) -> float | None:
        number = float(text.lower().replace(".inf", "inf").replace(".nan", "nan"))
        if not math.isfinite(number):
            self._refuse(node, f"{text} is not a finite number")
            return None
        return number


def _code(character: str | int) -> int:
    return character if isinstance(character, int) else ord(character)


def _position(node: Node) -> Position:
    return node.start_mark.line + 1, node.start_mark.column + 1
