"""`rempart report`, as a person types it."""

from __future__ import annotations

import json
import re
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from controller.cli.main import main
from controller.commissioning.report import issue
from controller.commissioning.report.seal import HTML, JSON, PDF
from tests.commissioning.conftest import AT, Desk
from tests.commissioning.sample import FULL, WELL


def report(*words: object) -> int:
    return main(["report", *map(str, words)])


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    return tmp_path


def test_the_key_is_made_on_first_use_and_printed_ever_after(home: Path, capsys):
    assert report("key") == 2
    assert "there is no key yet; make it with --name NAME" in capsys.readouterr().err
    assert report("key", "--name", "Élodie Marchand-Lô") == 0
    first = capsys.readouterr()
    assert re.fullmatch(r"rempart-ed25519 [A-Za-z0-9+/]{43}= Élodie Marchand-Lô\n", first.out)
    assert "made, for you alone" in first.err
    path = home / "state" / "rempart" / "report.key"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert report("key") == 0
    assert capsys.readouterr().out == first.out
    assert report("key", "--name", "Bob") == 2
    assert "is the key of Élodie Marchand-Lô; give --key FILE" in capsys.readouterr().err


def test_a_key_with_a_passphrase_is_asked_for_it(home: Path, capsys, monkeypatch):
    answers = iter(["one", "two", "same", "same", "same", "other"])
    monkeypatch.setattr("getpass.getpass", lambda _prompt: next(answers))
    assert report("key", "--name", "Anne", "--passphrase") == 2
    assert "two different ones; no key was made" in capsys.readouterr().err
    assert report("key", "--name", "Anne", "--passphrase") == 0
    assert report("key") == 0
    assert report("key") == 1
    assert "the passphrase does not open it" in capsys.readouterr().err


def test_a_report_is_signed_by_its_witness_and_verified(desk: Desk, home: Path, capsys):
    for name, person in (("tester", WELL.tester), ("witness", WELL.witness)):
        assert person is not None
        assert report("key", "--key", home / name, "--name", person.name) == 0
        (home / f"{name}.pub").write_text(capsys.readouterr().out, "utf-8")
    from controller.commissioning.report import keys

    issue(WELL, home / "report", keys.load(home / "tester", str), AT)
    assert report("sign", home / "report", "--as", "witness", "--key", home / "witness") == 0
    assert "signed by Gian Piero D’Agostino as witness, key SHA256:" in capsys.readouterr().out
    trusted = home / "trusted"
    trusted.write_text((home / "tester.pub").read_text("utf-8") + (home / "witness.pub").read_text("utf-8"), "utf-8")
    assert (
        report(
            "verify", home / "report", "--trusted", trusted, "--device", "albert-bollards", "--site", "nice-promenade"
        )
        == 0
    )
    out = capsys.readouterr().out
    for line in (
        f"holds: record {WELL.id}, unchanged since it was signed", "device albert-bollards of site nice-promenade, zone albert",
        "tested 2026-11-27 09:00:00 UTC to 2026-11-27 09:58:00 UTC: ✓ passed", "field: real",
        "! the owner, Zoë Çelik, has not signed it",
    ):  # fmt: skip
        assert line in out.splitlines()
    assert re.search(r"signed by Élodie Marchand-Lô as tester at 2026-11-27 10:00:00 UTC, key SHA256:\S{43}\n", out)
    assert "whose they are" not in out
    assert report("verify", home / "report", "--key-of", home / "witness.pub") == 0
    assert report("verify", home / "report", "--key-of", desk.stranger.public.fingerprint) == 1
    assert report("verify", home / "report", "--trusted", home / "witness.pub") == 1
    assert report("verify", home / "report", "--complete") == 1
    assert report("verify", home / "report", "--device", "massena-boom") == 1
    assert "it is the report of device albert-bollards, not of massena-boom" in capsys.readouterr().err


def test_without_a_list_it_says_what_is_not_proven(desk: Desk, capsys):
    assert report("verify", desk.full) == 0
    out = capsys.readouterr().out
    assert "field: simulated, in part or all of it" in out
    assert (
        "! this proves only that the report is unchanged since it was signed with these keys, and not whose they are"
        in out
    )


def test_a_changed_report_fails_and_is_neither_shown_nor_drawn_nor_signed(well: Path, home: Path, capsys):
    content = (well / HTML).read_bytes()
    (well / HTML).write_bytes(content[:-2] + b" \n")
    assert report("verify", well) == 1
    found = capsys.readouterr()
    assert found.out == ""
    assert "report.html is not the file that was signed" in found.err
    for words in (("show", well), ("render", well, "--out", home / "x")):
        assert report(*words) == 1
        found = capsys.readouterr()
        assert found.out == ""
        assert "because it does not hold" in found.err
    assert not (home / "x").exists()


def test_the_verdict_as_json(desk: Desk, well: Path, capsys):
    assert report("verify", desk.full, "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["ok"], told["device"], told["outcome"], told["simulated"]) == (True, "albert-bollards", "failed", True)
    assert [one["key"] for one in told["signatures"]] == [desk.tester.public.fingerprint]
    (well / PDF).unlink()
    assert report("verify", well, "--json") == 1
    assert json.loads(capsys.readouterr().out)["ok"] is False


def test_a_report_is_shown_in_the_terminals_width_and_in_any_language(desk: Desk, capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    assert report("show", desk.full) == 0
    own = capsys.readouterr().out
    assert "Acceptance report: Bornes Albert-Ier (façade mer)" in own
    assert max(map(len, own.splitlines())) <= 80
    assert report("show", desk.full, "--language", "it") == 0
    assert "Verbale di collaudo" in capsys.readouterr().out
    assert report("show", desk.well) == 0
    assert "Procès-verbal de réception" in capsys.readouterr().out


def test_copies_in_another_language_are_unsigned(desk: Desk, home: Path, capsys):
    assert report("render", desk.well, "--language", "en", "--out", home / "en") == 0
    assert "unsigned copies in en" in capsys.readouterr().out
    assert "UNSIGNED COPY" in (home / "en" / HTML).read_text("utf-8")
    assert report("verify", home / "en") == 1
    assert report("render", desk.well, "--out", home / "en") == 1
    assert "is not empty" in capsys.readouterr().err


@pytest.mark.parametrize("words", [["verify"], ["sign", "x", "--as", "tester"], ["render", "x"], ["nothing"]])
def test_a_wrong_command_line_is_two_lines(capsys, words: list[str]):
    assert report(*words) == 2
    assert len(capsys.readouterr().err.splitlines()) == 2


def test_what_is_not_there_is_one_line(tmp_path: Path, capsys):
    for words in (["verify", tmp_path], ["show", tmp_path / "x.pdf"], ["sign", tmp_path, "--key", tmp_path / "k"]):
        assert report(*words) == 1
        assert len(capsys.readouterr().err.splitlines()) == 1


def test_verifying_needs_no_state_and_draws_nothing(desk: Desk, tmp_path: Path):
    """Whoever has the three files can check them: no home, no site, and the PDF's library is not even loaded."""
    script = "import sys; from controller.cli.main import main; code = main(sys.argv[1:]); "
    script += "sys.exit(code or 9 * ('fpdf' in sys.modules))"
    command = [sys.executable, "-c", script, "report", "verify", str(desk.well / JSON)]
    environment = {"PYTHONPATH": ":".join(sys.path), "HOME": "/nonexistent"}
    found = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert (found.returncode, found.stderr) == (0, "")
    assert list(tmp_path.iterdir()) == []
    assert FULL.tester.name in found.stdout
