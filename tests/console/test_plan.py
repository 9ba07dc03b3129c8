"""A plan is part of a page: it draws, and does nothing else."""

from __future__ import annotations

import pytest

from controller.console import plan
from tests.system.field import SITE

HEAD = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 10 10">'


def fit(inner: str) -> str:
    found = plan.fit(f"{HEAD}{inner}</svg>", "once", {"wedge": ("closed", "Wedge: raised")})
    assert found is not None
    return str(found)


@pytest.mark.parametrize(
    "inner",
    [
        "<script>alert(1)</script>",
        '<rect onclick="alert(1)" x="1"/>',
        "<foreignObject><body xmlns='http://www.w3.org/1999/xhtml'><script>alert(1)</script></body></foreignObject>",
        '<a href="javascript:alert(1)"><rect x="1"/></a>',
        '<image href="http://elsewhere.example/alert"/>',
        '<rect fill="url(http://elsewhere.example/alert)"/>',
        "<style>@import 'http://elsewhere.example/alert';</style>",
        '<g style="background:url(alert)"/>',
        "<animate attributeName='href' to='javascript:alert(1)'/>",
        "<use href='#alert'/>",
    ],
)
def test_what_could_run_or_load_is_left_out(inner: str) -> None:
    told = fit(inner)
    assert "alert" not in told
    assert "elsewhere" not in told


def test_what_draws_stays_and_a_device_can_be_found() -> None:
    told = fit(
        '<g id="device-wedge" class="device"><title>Wedge</title><rect class="body" x="1" y="2"/></g><g id="device-x"/>'
    )
    marked = 'data-device="wedge" data-look="closed" role="link" tabindex="0" aria-label="Wedge: raised"'
    assert f'<g id="device-wedge" class="device" {marked}><title>Wedge</title>' in told
    assert told.count("data-device") == 1


def test_its_style_is_about_the_plan_alone_and_carries_the_nonce() -> None:
    told = fit("<style>.name { fill: red } p { display: none }</style>")
    assert 'nonce="once"' in told
    assert ".plan { .name { fill: red } p { display: none } }" in told


def test_a_style_cannot_leave_the_plan() -> None:
    assert "body" not in fit("<style>} body { display: none } .x {</style>")


@pytest.mark.parametrize(
    "sheet",
    ["/* {{ */ } } #lost { display: none }", "a {}<g/>} } #lost { display: none }", "a {} /* #lost { display: none }"],
)
def test_neither_a_comment_nor_a_child_lets_a_style_leave_the_plan(sheet: str) -> None:
    assert "#lost" not in fit(f"<style>{sheet}</style>")


def test_no_id_of_a_plan_is_taken_for_one_of_the_page() -> None:
    assert "row-b1" not in fit('<g id="row-b1"/><g id="lost"/>')


@pytest.mark.parametrize("source", ["", "no drawing", "<html/>", '<!DOCTYPE svg [<!ENTITY a "b">]><svg/>', HEAD])
def test_what_is_no_drawing_is_none(source: str) -> None:
    assert plan.fit(source, "once", {}) is None


def test_the_plan_of_nice_loses_nothing() -> None:
    source = (SITE / "plan.svg").read_text("utf-8")
    told = str(plan.fit(source, "once", dict.fromkeys(["albert-bollards", "ruhl-wedge"], ("open", ""))))
    assert told.count("<rect") == source.count("<rect")
    assert told.count("<path") == source.count("<path")
    assert told.count("data-device") == 2
