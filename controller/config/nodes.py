"""YAML text to nodes with their places: quickly where the text is plain, by ruamel's own scanner where it is not.

ruamel's scanner is written in Python and takes two seconds for a site of 600 devices. libyaml, which PyYAML brings, takes a
fiftieth of that, but it reads YAML 1.1 and words its errors in its own way. So it is asked only about text made of nothing but
`_LEXEMES`, which both versions of YAML read alike, and what it says is taken only where neither an anchor, a tag, a directive nor
a scalar of several lines is involved. Which words are numbers is always ruamel's to say. All else, and whatever is wrong, is
ruamel's alone: no error, place or value depends on which of the two has read a file (held by tests/config/test_nodes.py).
"""

from __future__ import annotations

import re
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode
from yaml.error import YAMLError
from yaml.events import (
    AliasEvent,
    DocumentEndEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    StreamEndEvent,
)

try:
    from yaml._yaml import CParser
except ImportError:  # PyYAML can be built without libyaml: then ruamel reads all there is
    CParser = None

DEEPEST = 30
"""Site files nest six deep. How deep is too deep is for ruamel to say."""
LONGEST_KEY = 200

_CHARACTERS = re.compile("[\n\\x20-\\x7e\u00a0-\u2027\u202a-\ud7ff]*+")
"""No tab, and no line break that only one version of YAML takes for one."""
_LEXEMES = re.compile(
    r"""(?:
    [\ \n]
    | (?:(?<=[\ \n])|\A) \# [^\n]*+                                         # a comment
    | (?:[:,]\ +|[\[{]\ *|\n\ *(?:-\ +)*) (?:"[^"\\\n]*"|'[^'\n]*')           # a quoted scalar, nothing escaped,
      (?=[\ \n,\]}]|:[\ \n]|\Z)                                             #   where no plain one can hold it
    | (?:[\w/+(~=<;$^]|-(?=[\w.])|\.(?=\w)) (?:[^\s:\#,\[\]{}?&*!|>%@`"\\]|:(?=[\w/]))*+  # a word
    | [:,](?=[\ \n]) | -(?=\ ) | [\[\]{}]
    )*+""",
    re.VERBOSE,
)


def compose(text: str) -> Node | None:
    """Return the root node of the only document in `text`, None where there is none. Raises what ruamel raises."""
    root = quick(text)
    if root is None:
        root = YAML(typ="safe", pure=True).compose(text)
    return root


def quick(text: str) -> Node | None:
    """Return the root node of a text that is plain, None where it is not, or where something is wrong with it."""
    if CParser is None or not (_CHARACTERS.fullmatch(text) and _LEXEMES.fullmatch(text)):
        return None
    parser = CParser(text)
    try:
        parser.get_event()  # the stream begins
        if not isinstance(start := parser.get_event(), DocumentStartEvent) or start.explicit:
            return None
        root = _Composer(parser).node()
        ends = isinstance(end := parser.get_event(), DocumentEndEvent) and not end.explicit
        return root if ends and isinstance(parser.get_event(), StreamEndEvent) else None
    except (_NotPlain, YAMLError):
        return None


class _NotPlain(Exception):
    """What ruamel is to read."""


class _Composer:
    """Makes ruamel's nodes of libyaml's events."""

    def __init__(self, parser: Any) -> None:
        self._next = parser.get_event
        self._resolve = YAML(typ="safe", pure=True).resolver.resolve
        self._depth = 0

    def node(self) -> Node:
        return self._node(self._next())

    def _node(self, event: Any) -> Node:
        if isinstance(event, AliasEvent) or event.anchor is not None or event.tag is not None:
            raise _NotPlain
        if isinstance(event, ScalarEvent):
            return self._scalar(event)
        self._depth += 1
        if self._depth > DEEPEST:
            raise _NotPlain
        node = self._mapping(event) if isinstance(event, MappingStartEvent) else self._sequence(event)
        self._depth -= 1
        return node

    def _scalar(self, event: Any) -> ScalarNode:
        start, end = event.start_mark, event.end_mark
        if start.line != end.line or not (event.value or event.style):
            raise _NotPlain  # the two differ in where nothing stands
        return ScalarNode(self._resolve(ScalarNode, event.value, event.implicit), event.value, start, end, event.style)

    def _sequence(self, start: Any) -> SequenceNode:
        items = []
        while not isinstance(event := self._next(), SequenceEndEvent):
            items.append(self._node(event))
        tag = self._resolve(SequenceNode, None, start.implicit)
        return SequenceNode(tag, items, start.start_mark, event.end_mark, start.flow_style)

    def _mapping(self, start: Any) -> MappingNode:
        pairs = []
        while not isinstance(event := self._next(), MappingEndEvent):
            if not isinstance(event, ScalarEvent) or len(event.value) > LONGEST_KEY:
                raise _NotPlain
            pairs.append((self._node(event), self.node()))
        tag = self._resolve(MappingNode, None, start.implicit)
        return MappingNode(tag, pairs, start.start_mark, event.end_mark, start.flow_style)
