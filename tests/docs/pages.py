"""The project's Markdown pages, taken apart: headings, links, fenced blocks, spans of code.

How a fenced block is meant stands in its info string; docs/README.md tells people:

    console             commands after `$ ` (continued after `> `) are run, what they print is compared; `…` stands for anything
    console stays       the one command is left running, as in a terminal of its own, once it has printed what is shown
    console eventually  the commands are run again until they print what is shown
    yaml, python        with a first line `# file: NAME`: written into the page's folder; python without one: run
    json, ini, toml     must parse
    mermaid             a picture
    text                anything else; after another word too (`sh text`): that block is not run
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
_FENCE = re.compile(r"^(?P<indent> *)(?P<ticks>`{3,}|~{3,})(?P<info>[^`]*)$")
_LINK = re.compile(r"!?\[(?:[^\]\[]|\[[^\]]*\])*\]\((?P<target>[^()\s]+)(?:\s+\"[^\"]*\")?\)")
_HTML = re.compile(r"<(?:img|a)\b[^>]*?(?:src|href)=\"(?P<target>[^\"]+)\"")
_SPAN = re.compile(r"`([^`\n]+)`")
_FILE = re.compile(r"# file: (?P<name>\S+)")


@dataclass(frozen=True, slots=True)
class Block:
    """One fenced block: where it begins, the words of its info string, its text."""

    line: int
    words: tuple[str, ...]
    text: str

    @property
    def language(self) -> str:
        return self.words[0] if self.words else ""

    @property
    def is_text(self) -> bool:
        return "text" in self.words

    @property
    def file(self) -> str:
        """The name under which it is to be written; empty where it is not."""
        found = _FILE.match(self.text)
        return found["name"] if found else ""


@dataclass(frozen=True, slots=True)
class Page:
    path: Path
    lines: tuple[str, ...]
    """The lines of the text; those of fenced blocks are empty."""
    blocks: tuple[Block, ...]

    @property
    def name(self) -> str:
        return self.path.relative_to(ROOT).as_posix()

    @property
    def prose(self) -> str:
        return "\n".join(self.lines)

    def links(self) -> Iterator[tuple[int, str]]:
        """Every link and picture with its line, those in spans of code left out."""
        for number, line in enumerate(self.lines, 1):
            plain = _SPAN.sub(lambda span: "x" * len(span[0]), line)
            for pattern in (_LINK, _HTML):
                yield from ((number, found["target"]) for found in pattern.finditer(plain))

    def anchors(self) -> set[str]:
        """What `#…` may point to, named as the usual forges name headings."""
        seen: dict[str, int] = {}
        found = set()
        for line in self.lines:
            if heading := re.match(r"#{1,6} +(.*?)(?: +#+)?$", line):
                slug = _slug(heading[1])
                found.add(f"{slug}-{seen[slug]}" if slug in seen else slug)
                seen[slug] = seen.get(slug, 0) + 1
        return found

    def spans(self) -> list[str]:
        """Every span of code, those that a line break divides included."""
        return [" ".join(span.split()) for span in re.findall(r"`([^`]+)`", self.prose)]


def _slug(heading: str) -> str:
    text = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).replace("`", "").strip().lower()
    return re.sub(r"[^\w\- ]", "", text).replace(" ", "-")


@cache
def read(path: Path) -> Page:
    """Take a page apart. A fence that is never closed is an error of the page."""
    lines: list[str] = []
    blocks: list[Block] = []
    fence: re.Match[str] | None = None
    begun, held = 0, list[str]()
    for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
        mark = _FENCE.match(line)
        if fence is None and mark:
            fence, begun, held = mark, number, []
        elif fence is not None and mark and not mark["info"].strip() and mark["ticks"].startswith(fence["ticks"]):
            words = tuple(fence["info"].split())
            blocks.append(Block(begun, words, "".join(f"{text}\n" for text in held)))
            fence = None
        elif fence is not None:
            held.append(line.removeprefix(fence["indent"]))
        lines.append("" if fence is not None or mark else line)
    assert fence is None, f"{path}:{begun}: this fence is never closed"
    return Page(path, tuple(lines), tuple(blocks))


def pages() -> list[Page]:
    """Every page of the project, hidden folders and the copies that `make mutants` leaves behind left out."""
    found = ((path, path.relative_to(ROOT).parts) for path in ROOT.rglob("*.md"))
    own = (path for path, parts in found if parts[0] != "mutants" and not any(p.startswith(".") for p in parts))
    return [read(path) for path in sorted(own)]
