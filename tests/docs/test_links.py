"""Every link in every page leads somewhere, and every picture is there."""

from __future__ import annotations

from urllib.parse import unquote

import pytest

from tests.docs.pages import ROOT, Page, pages, read


@pytest.mark.parametrize("page", pages(), ids=lambda page: page.name)
def test_every_link_leads_to_a_file_and_a_heading_that_are_there(page: Page):
    wrong = [f"{page.name}:{line}: {target}: {why}" for line, target in page.links() if (why := _wrong(page, target))]
    assert not wrong, "\n".join(wrong)


def _wrong(page: Page, target: str) -> str:
    if target.startswith(("http://", "https://", "mailto:")):
        return ""
    name, _, anchor = unquote(target).partition("#")
    path = (page.path.parent / name).resolve() if name else page.path
    if not path.exists():
        return "there is no such file"
    if not path.is_relative_to(ROOT):
        return "leads out of the project"
    if anchor and (path.suffix != ".md" or anchor not in read(path).anchors()):
        return "there is no such heading"
    return ""


def test_every_page_under_docs_is_reached_from_the_index():
    index = read(ROOT / "docs" / "README.md")
    seen, todo = set(), [index]
    while todo:
        page = todo.pop()
        seen.add(page.path)
        linked = [(page.path.parent / target.partition("#")[0]).resolve() for _, target in page.links()]
        todo += [read(p) for p in linked if p.suffix == ".md" and p.is_file() and p not in seen]
    lonely = [page.name for page in pages() if page.name.startswith("docs/") and page.path not in seen]
    assert not lonely, f"no way leads from docs/README.md to {', '.join(lonely)}"
