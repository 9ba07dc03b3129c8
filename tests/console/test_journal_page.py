"""The journal in a browser: found, read, taken away, and checked."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Download, Page, expect

from tests.console.conftest import Desk
from tests.system.field import wait_for

Visit = Callable[..., Page]


def drills(desk: Desk, *reasons: str) -> None:
    """Have an order on record for each reason."""
    for reason in reasons:
        assert desk.controller.order("stop", "ruhl-wedge", reason=reason, by="marie").status_code == 202

    def written() -> bool:
        found = desk.controller.get("/api/v1/journal", text=reasons[-1])["records"]
        return bool(found)

    wait_for("the journal", written)


def test_what_is_searched_for_is_found_the_newest_first(visit: Visit, desk: Desk) -> None:
    drills(desk, "drill <b>one</b>", "drill two")
    page = visit("vic", "/journal")
    page.get_by_label("Text").fill("drill")
    page.get_by_label("Device").fill("ruhl-wedge")
    page.get_by_label("Kind").select_option("command")
    page.get_by_role("button", name="Search").press("Enter")
    rows = page.locator("table.cards tbody tr")
    expect(rows).to_have_count(2)
    expect(rows.nth(0)).to_contain_text("drill two")
    expect(rows.nth(1)).to_contain_text("drill <b>one</b>")
    expect(rows.nth(0)).to_contain_text("Stop ruhl-wedge: sent")
    expect(rows.nth(0)).to_contain_text("marie (local-token)")
    expect(page.get_by_label("Text")).to_have_value("drill")


def test_it_goes_back_page_by_page_to_the_first_record(visit: Visit, desk: Desk) -> None:
    page = visit("vic", "/journal")
    seen: list[int] = []
    while True:
        links = page.locator("table.cards td:first-child a")
        seen += [int(str(link.get_attribute("href")).rpartition("/")[2]) for link in links.all()]
        earlier = page.get_by_role("link", name="Earlier records")
        if not earlier.count():
            break
        earlier.click()
    assert seen == list(range(seen[0], 0, -1))
    page.get_by_role("link", name="To the newest").click()
    expect(page.locator("table.cards td:first-child a")).to_have_count(50)


def test_a_record_is_read_whole_and_leads_to_what_belongs_to_it(visit: Visit, desk: Desk) -> None:
    drills(desk, "drill three")
    (record,) = desk.controller.get("/api/v1/journal", text="drill three")["records"]
    page = visit("vic", f"/journal/{record['seq']}")
    expect(page.locator("dl.facts")).to_contain_text("drill three")
    expect(page.locator("dl.facts")).to_contain_text("marie (local-token)")
    expect(page.locator("pre.body")).to_have_text(re.compile('"reason": "drill three"'))
    expect(page.locator(".hash code")).to_have_text(record["hash"])
    page.get_by_role("link", name=record["command"]).click()
    rows = page.locator("table.cards tbody tr")
    expect(rows).not_to_have_count(0)
    expect(rows.last).to_contain_text("Stop ruhl-wedge: sent")


def test_there_is_nothing_at_a_number_that_no_record_has(visit: Visit, desk: Desk) -> None:
    page = visit("vic", "/journal")
    for number in ("0", "999999999", "x", "9" * 40, "-1"):
        answer = page.goto(f"/journal/{number}")
        assert answer is not None
        assert answer.status == 404
    for query in ("before=x", "before=-1", "kind=nothing", "text=%25"):
        answer = page.goto(f"/journal?{query}")
        assert answer is not None
        assert answer.status == 200


def taken(page: Page, form: str) -> Download:
    with page.expect_download() as download:
        page.get_by_role("button", name=form).click()
    return download.value


def test_what_was_found_is_taken_away_as_a_file(visit: Visit, desk: Desk, tmp_path: Path) -> None:
    drills(desk, "=HYPERLINK drill", "drill five")
    page = visit("vic", "/journal?kind=command&text=drill&device=ruhl-wedge")
    held = desk.controller.get("/api/v1/journal", kind="command", text="drill", device="ruhl-wedge", limit=1000)[
        "records"
    ]
    download = taken(page, "JSON")
    assert re.fullmatch(r"journal-\d{8}T\d{6}Z\.json", download.suggested_filename)
    download.save_as(tmp_path / "out.json")
    found = json.loads((tmp_path / "out.json").read_text("utf-8"))
    assert found["records"] == held
    assert found["complete"]
    page.get_by_label("From record").fill(str(held[-1]["seq"]))
    taken(page, "CSV").save_as(tmp_path / "out.csv")
    (row,) = csv.DictReader(io.StringIO((tmp_path / "out.csv").read_text("utf-8-sig"), newline=""))
    assert (row["seq"], row["why"], row["who"]) == (str(held[-1]["seq"]), "drill five", "marie (local-token)")


def test_r37_the_chain_is_verified_with_one_key_and_says_up_to_where_it_holds(visit: Visit, desk: Desk) -> None:
    page = visit("vic", "/journal")
    page.get_by_role("button", name="Verify the journal").press("Enter")
    verdict = page.locator("#verdict")
    expect(verdict).to_contain_text("The chain holds")
    expect(verdict).to_have_attribute("aria-busy", "false")
    seq, _, digest = verdict.locator("code").inner_text().partition(":")
    (record,) = desk.controller.get("/api/v1/journal", after=int(seq) - 1, limit=1)["records"]
    assert record["hash"] == digest


def test_r37_a_chain_that_does_not_hold_is_told_without_a_script_too(visit: Visit) -> None:
    page = visit("vic", "/journal")
    page.goto(f"/journal/verify?after=1&hash={'a' * 64}")
    expect(page.locator("main")).to_contain_text("The chain does NOT hold: record 1 does not follow.")
    expect(page.locator("main")).to_contain_text("Keep a copy of the journal")


def test_nobody_without_a_session_gets_a_record_or_a_file(visit: Visit, desk: Desk) -> None:
    page = visit()
    for path in ("/journal", "/journal/1", "/journal/export.csv", "/journal/export.json", "/journal/verify"):
        page.goto(path)
        assert page.url.startswith(f"{desk.url}/login?next=")
