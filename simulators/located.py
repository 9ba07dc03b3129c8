"""A YAML file with the line and column of its parts, so that a mistake is told with its place."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from simulators.errors import SimulationError

Key = str | int


@dataclass(frozen=True, slots=True)
class Mistake:
    """What is wrong with the value at `at`; with the name that it has (`of_key`); or with a `key` in it, there or missing."""

    at: tuple[Key, ...]
    text: str
    key: Key | None = None
    of_key: bool = False


@dataclass(frozen=True, slots=True)
class Located:
    """A file's plain data, and the nodes that it was made from."""

    path: Path
    data: Any
    root: Node | None = None

    def tell(self, mistake: Mistake) -> str:
        """Return `file:line:column: what.it.is.at: what is wrong`, counted from 1."""
        named = f"{'.'.join(map(str, mistake.at))}: " if mistake.at else ""
        return f"{self.path}:{self._position(mistake)}: {named}{mistake.text}"

    def _position(self, mistake: Mistake) -> str:
        label = found = node = self.root
        for step in (*mistake.at, *([] if mistake.key is None else [mistake.key])):
            inside = _inside(node, step)
            if inside is None:
                # What is not there is told at the key that it is missing from.
                found = label
                break
            label, node = inside
            found = node if mistake.key is None and not mistake.of_key else label
        return "1:1" if found is None else f"{found.start_mark.line + 1}:{found.start_mark.column + 1}"


def read(path: Path) -> Located:
    """Read a YAML 1.2 file. Raises SimulationError."""
    try:
        text = path.read_text(encoding="utf-8")
        return Located(path, _yaml().load(text), _yaml().compose(text))
    except FileNotFoundError:
        raise SimulationError(f"{path}: no such file") from None
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = f"{mark.line + 1}:{mark.column + 1}" if mark is not None else "1:1"
        raise SimulationError(f"{path}:{place}: not YAML: {_first_line(error.problem)}") from None
    except (YAMLError, RecursionError) as error:
        raise SimulationError(f"{path}: not YAML: {' '.join(str(error).split())}") from None
    except (OSError, ValueError) as error:
        raise SimulationError(f"{path}: cannot be read: {error}") from None


def _yaml() -> YAML:
    return YAML(typ="safe", pure=True)


def _first_line(problem: str | None) -> str:
    return (problem or "cannot be parsed").strip().splitlines()[0]


def _inside(node: Node | None, step: Key) -> tuple[Node, Node] | None:
    """Return the key and the value of a part of `node`; an item of a list is its own key."""
    if isinstance(node, MappingNode):
        for key, value in node.value:
            if isinstance(key, ScalarNode) and key.value == str(step):
                return key, value
    elif isinstance(node, SequenceNode) and isinstance(step, int) and step < len(node.value):
        return node.value[step], node.value[step]
    return None
