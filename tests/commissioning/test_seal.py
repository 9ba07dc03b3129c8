"""A report holds as it was signed, and in no other way."""

from __future__ import annotations

import base64
import dataclasses
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from controller.commissioning.record import Outcome, Person
from controller.commissioning.report import ReportError, Wanted, countersign, issue, seal
from controller.commissioning.report.keys import PublicKey
from controller.commissioning.report.seal import HTML, JSON, PDF
from tests.commissioning.conftest import AT, LATER, Desk
from tests.commissioning.sample import FULL, WELL
from tests.commissioning.sealed import holds, report, rewritten, verdict

MANY = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def test_reports_hold_as_they_were_signed(desk: Desk):
    for path in (desk.full, desk.well):
        assert verdict(path).wrong == ()
        for name in (JSON, HTML, PDF):
            assert verdict(path / name).wrong == ()


def test_what_is_signed_is_the_record_as_it_was(desk: Desk):
    assert report(desk.full).record == FULL
    assert report(desk.full).signatures[0].at == AT
    assert [one.role for one in report(desk.well).signatures] == ["tester", "witness"]


def test_the_same_record_signed_at_the_same_time_gives_the_same_files(desk: Desk, tmp_path: Path):
    issue(WELL, tmp_path / "again", desk.tester, AT, "fr")
    countersign(tmp_path / "again", desk.witness, "witness", LATER)
    for name in (JSON, HTML, PDF):
        assert (tmp_path / "again" / name).read_bytes() == (desk.well / name).read_bytes()


@pytest.mark.parametrize("name", [JSON, HTML, PDF])
@MANY
@given(data=st.data())
def test_a_changed_byte_anywhere_is_seen(well: Path, name: str, data: st.DataObject):
    whole = (well / name).read_bytes()
    at = data.draw(st.integers(0, len(whole) - 1))
    changed = bytearray(whole)
    changed[at] ^= data.draw(st.integers(1, 255))
    (well / name).write_bytes(changed)
    assert not holds(well)
    (well / name).write_bytes(whole)
    assert holds(well)


@pytest.mark.parametrize("name", [JSON, HTML, PDF])
def test_a_byte_less_or_more_is_seen(well: Path, name: str):
    whole = (well / name).read_bytes()
    for changed in (whole[:-1], whole[1:], whole + b"\n", b"\xef\xbb\xbf" + whole, whole[: len(whole) // 2], b""):
        (well / name).write_bytes(changed)
        assert not holds(well)
        if name != JSON:
            assert not holds(well / name)


def test_every_character_of_the_signatures_counts(desk: Desk):
    """The end of the file: the signatures' own names, times, keys and base64, padding bits included."""
    small = dataclasses.replace(WELL, steps=(), travels=())
    signed = seal.sign(seal.unsigned(small, "en", {}), desk.tester, "tester", AT)
    whole = seal.text(seal.sign(signed, desk.witness, "witness", LATER)).encode()
    assert seal.check(seal.from_text(whole), Wanted()).wrong == ()
    for at in range(whole.index(b'"signatures"'), len(whole)):
        changed = whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :]
        try:
            assert seal.check(seal.from_text(changed), Wanted()).wrong, at
        except ReportError:
            continue


@pytest.mark.parametrize("name", [HTML, PDF])
def test_a_page_of_another_report_does_not_pass(desk: Desk, well: Path, name: str):
    (well / name).write_bytes((desk.full / name).read_bytes())
    (why,) = verdict(well).wrong
    assert why == f"{name} is not the file that was signed: it was changed, or belongs to another report"


def test_the_json_of_another_report_does_not_pass(desk: Desk, well: Path):
    (well / JSON).write_bytes((desk.full / JSON).read_bytes())
    assert len(verdict(well).wrong) == 2


def test_signatures_of_another_report_do_not_pass(desk: Desk, well: Path):
    other = json.loads((desk.full / JSON).read_text())["signatures"]
    rewritten(well, lambda value: value.update(signatures=other))
    assert verdict(well).wrong == (
        f"the signature of {FULL.tester.name} (tester) does not hold: what was signed was changed, or it is forged",
    )


@pytest.mark.parametrize(
    "change",
    [
        lambda value: value["record"].update(outcome="failed"),
        lambda value: value["record"].update(simulated=True),
        lambda value: value["record"]["subject"].update(device="massena-boom"),
        lambda value: value.update(language="it"),
        lambda value: value["signatures"][1].update(role="owner"),
        lambda value: value["signatures"][1].update(at="2026-12-24T00:00:00Z"),
        lambda value: value["signatures"].reverse() or value["signatures"][0].update(name="Gian  Piero D’Agostino"),
    ],
)
def test_what_was_changed_and_written_anew_does_not_pass(well: Path, change: Callable[[Any], object]):
    assert "does not hold" in " ".join(verdict(rewritten(well, change)).wrong)


def test_hashes_are_covered_too(well: Path):
    page = (well / HTML).read_bytes().replace(b"superato", b"fallito ").replace("✓".encode(), "✗".encode())
    (well / HTML).write_bytes(page)
    rewritten(well, lambda value: value["files"].update({HTML: seal.hash_of(page)}))
    assert len(verdict(well).wrong) == 2  # both signatures


@pytest.mark.parametrize("files", [{}, {HTML: "0" * 64}, {HTML: "0" * 64, PDF: "0" * 64, "../../etc/passwd": "0" * 64}])
def test_a_report_tells_of_its_two_pages_and_of_no_other_file(well: Path, files: dict[str, str]):
    rewritten(well, lambda value: value.update(files=files))
    assert verdict(well).wrong[0].startswith("it tells of the files")


def test_nobodys_report_does_not_pass(well: Path):
    rewritten(well, lambda value: value.update(signatures=[]))
    assert verdict(well).wrong == ("nobody has signed it",)


def test_the_witness_alone_is_not_enough(well: Path):
    rewritten(well, lambda value: value["signatures"].pop(0))
    assert verdict(well).wrong == (f"the tester, {WELL.tester.name}, has not signed it",)


def test_a_signature_that_was_taken_away_is_told_and_fails_where_all_are_wanted(well: Path):
    rewritten(well, lambda value: value["signatures"].pop(1))
    assert "the witness, Gian Piero D’Agostino, has not signed it" in verdict(well).remarks
    assert "the witness, Gian Piero D’Agostino, has not signed it" in verdict(well, complete=True).wrong


@pytest.mark.parametrize(
    ("member", "value", "message"),
    [
        ("signature", "", "does not hold"),
        ("signature", base64.b64encode(bytes(64)).decode(), "does not hold"),
        ("signature", base64.b64encode(bytes(63)).decode(), "does not hold"),
        ("signature", "a-b", "expected base64"),
        ("key", "", "expected 32 bytes, found 0"),
        ("key", base64.b64encode(bytes(32)).decode(), "does not hold"),
        ("key", "%", "expected base64"),
    ],
)
def test_a_signature_of_nobody_does_not_pass(well: Path, member: str, value: str, message: str):
    rewritten(well, lambda told: told["signatures"][1].update({member: value}))
    assert message in " ".join(verdict(well, trusted=(), keys=("SHA256:x",)).wrong)
    assert not holds(well)


def _forged(desk: Desk, well: Path, **changed: str) -> Path:
    """The tester's own key signs what `seal.sign` would not: the role, the name, the time of `changed`."""
    found = report(well)
    blank = seal.Signature("witness", "X", base64.b64encode(desk.tester.public.raw).decode(), AT, "")
    blank = dataclasses.replace(blank, **changed)
    signed = dataclasses.replace(
        blank, signature=base64.b64encode(desk.tester.sign(seal._covered(found, blank))).decode()
    )
    whole = dataclasses.replace(found, signatures=(found.signatures[0], signed))
    (well / JSON).write_text(seal.text(whole), "utf-8")
    return well


def test_one_key_is_not_two_persons(desk: Desk, well: Path):
    (why,) = verdict(_forged(desk, well, name="Gian Piero D’Agostino")).wrong
    assert why.endswith("two persons with two keys are needed")


def test_a_role_that_there_is_not_does_not_pass(desk: Desk, well: Path):
    assert verdict(_forged(desk, well, role="mayor")).wrong == (
        "X signs as 'mayor'; expected one of tester, witness, owner",
    )


def test_signing_as_somebody_else_is_refused(desk: Desk, tmp_path: Path):
    other = dataclasses.replace(FULL, tester=Person("Anne Autre"))
    with pytest.raises(ReportError, match="signs as tester, but the record names Anne Autre as that"):
        issue(other, tmp_path / "new", desk.tester, AT)
    assert not (tmp_path / "new").exists()


def test_a_second_signature_of_one_role_and_the_testers_as_witness_are_refused(desk: Desk, well: Path):
    before = (well / JSON).read_bytes()
    with pytest.raises(ReportError, match="signed as witness twice"):
        countersign(well, desk.witness, "witness", LATER)
    with pytest.raises(ReportError, match="record names Zoë Çelik"):
        countersign(well, desk.tester, "owner", LATER)
    assert (well / JSON).read_bytes() == before


def test_the_tester_is_no_witness_of_a_record_that_names_none(desk: Desk):
    drawn = seal.sign(seal.unsigned(dataclasses.replace(WELL, witness=None), "en", {}), desk.tester, "tester", AT)
    with pytest.raises(ReportError, match="two persons with two keys"):
        seal.sign(drawn, desk.tester, "witness", LATER)
    with pytest.raises(ReportError, match="two persons with two keys"):
        seal.sign(drawn, desk.stranger, "witness", LATER)  # the same name with another key
    assert len(seal.sign(drawn, desk.witness, "witness", LATER).signatures) == 2
    assert "a witness (the record names none) has not signed it" in seal.check(drawn, Wanted()).remarks


def test_a_report_that_does_not_hold_is_not_signed(desk: Desk, well: Path):
    rewritten(well, lambda value: value["signatures"].pop(1))
    (well / PDF).write_bytes(b"%PDF-")
    with pytest.raises(ReportError, match=r"not signed, because the report does not hold: report\.pdf is not the file"):
        countersign(well, desk.witness, "witness", LATER)


def test_a_report_of_another_device_or_site_is_found_out(desk: Desk):
    assert holds(desk.well, device="albert-bollards", site="nice-promenade")
    assert verdict(desk.well, device="massena-boom").wrong == (
        "it is the report of device albert-bollards, not of massena-boom",
    )
    assert verdict(desk.well, site="torino").wrong == ("it is the report of site nice-promenade, not of torino",)


def test_a_strangers_key_is_found_out_by_the_list_and_by_the_fingerprint(desk: Desk, tmp_path: Path):
    tester, witness, stranger = desk.tester.public, desk.witness.public, desk.stranger.public
    assert holds(desk.well, trusted=(tester, witness))
    assert holds(desk.well, keys=(witness.fingerprint, tester.fingerprint))
    assert verdict(desk.well, trusted=(tester,)).wrong[0].endswith("(witness) is not one of the trusted keys")
    assert verdict(desk.well, keys=(stranger.fingerprint,)).wrong == (
        f"it is not signed with the key {stranger.fingerprint}",
    )
    issue(WELL, tmp_path / "forged", desk.stranger, AT)  # the same name, another key
    assert holds(tmp_path / "forged")
    assert not holds(tmp_path / "forged", trusted=(tester, witness))
    assert not holds(tmp_path / "forged", keys=(tester.fingerprint,))


def test_a_trusted_key_signs_in_its_owners_name_only(desk: Desk):
    named = PublicKey(desk.tester.public.raw, "Bob")
    (why,) = verdict(desk.full, trusted=(named,)).wrong
    assert why == f"the key {named.fingerprint} is Bob's, but signs as {FULL.tester.name}"


def test_it_is_said_when_nothing_tells_whose_the_keys_are(desk: Desk):
    said = "this proves only that the report is unchanged since it was signed with these keys, and not whose they are"
    assert any(line.startswith(said) for line in verdict(desk.well).remarks)
    assert not any(line.startswith(said) for line in verdict(desk.well, trusted=(desk.tester.public,)).remarks)


def test_simulated_and_unattended_are_said(desk: Desk):
    assert verdict(desk.full).remarks[0].startswith("SIMULATED")
    assert (
        "UNATTENDED: nobody was there"
        in seal.check(
            dataclasses.replace(report(desk.well), record=dataclasses.replace(WELL, unattended=True)), Wanted()
        ).remarks
    )
    assert seal.against(dataclasses.replace(FULL, outcome=Outcome.PASSED))
    assert seal.against(FULL) == ()
