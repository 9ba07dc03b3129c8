"""R22 Response budget refuses deployment < 2 s or reaction < 3 s (1 s with approval); signal time included (UFC 4-022-01)."""

from __future__ import annotations

import pytest

from controller.config import interlock_checks
from controller.config.load import load_site
from tests.rules.yard import PROFILE, SITE, Edit, altered, refused

LINE = 33
"""Where the budget is put in the site file."""

SIGNED = "{who: A. Martin, when: 2026-03-01, why: the radar sees 200 m ahead}"


def budget(reaction: str, deployment: str, approved: str = "") -> Edit:
    more = f", approved: {approved}" if approved else ""
    said = f"    response: {{reaction_s: {reaction}, deployment_s: {deployment}{more}}}\n"
    return (SITE, "    no_show_s: 6\n", f"    no_show_s: 6\n{said}")


def test_r22_a_budget_that_leaves_enough_time_is_taken():
    assert refused(budget("3", "2.5")) == []


def test_r22_a_reaction_below_3_s_is_refused():
    [(file, line, text)] = refused(budget("2.9", "2.5"))
    assert (file, line) == ("site.yaml", LINE)
    assert text.startswith("devices.bollards.response.reaction_s: ")
    assert "3 s" in text


def test_r22_an_approval_takes_it_down_to_1_s_and_is_shown_with_the_device():
    with altered(budget("1", "2.5", SIGNED)) as folder:
        accepted = load_site(folder).devices["bollards"].accepted
    assert accepted == ("a reaction within 1 s: accepted by A. Martin on 2026-03-01: the radar sees 200 m ahead",)


def test_r22_no_approval_takes_it_below_1_s():
    [(_, line, text)] = refused(budget("0.9", "2.5", SIGNED))
    assert line == LINE
    assert "1 s" in text


def test_r22_a_deployment_below_2_s_is_refused():
    [(file, line, text)] = refused(budget("3", "1.9"))
    assert (file, line) == ("site.yaml", LINE)
    assert text == "devices.bollards.response.deployment_s: 1.9 s is not possible: at least 2 s (R22)"


def test_r22_the_time_for_the_signals_is_part_of_it():
    lead = (PROFILE, "cycles_per_hour", 'efo_lead: {seconds: 1.5, source: "nowhere"}\ncycles_per_hour')
    assert refused(budget("3", "4"), lead) == []
    [(_, line, text)] = refused(budget("3", "3.9"), lead)
    assert line == LINE
    assert "needs 1.5 s for the signals and 2.5 s to block the way" in text


def broken(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(interlock_checks, "_check_response", lambda *_: iter(()))
