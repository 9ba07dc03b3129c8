"""`rempart check`: exit codes and where the mistakes are; what the mistakes are is tested with the configuration."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from controller.cli.main import main
from tests.config.conftest import SLOW_EFO

SHIPPED = Path(__file__).parents[2] / "sites" / "nice-promenade"


def test_the_shipped_site_has_no_mistakes(capsys) -> None:
    assert main(["check", "nice-promenade"]) == 0
    out = capsys.readouterr().out
    assert re.fullmatch(r"nice-promenade: 4 zones, 6 links, \d+ units, \d+ devices; no mistakes\n", out)


@pytest.mark.parametrize("where", [SHIPPED, SHIPPED / "site.yaml"])
def test_a_site_is_a_folder_or_a_file(capsys, where: Path) -> None:
    assert main(["check", str(where)]) == 0


def test_a_file_of_another_name_is_the_one_that_is_checked(capsys, tmp_path: Path) -> None:
    (tmp_path / "site.yaml").write_text((SHIPPED / "site.yaml").read_text("utf-8"))
    (tmp_path / "draft.yaml").write_text("site: draft\n")
    assert main(["check", str(tmp_path / "draft.yaml")]) == 2
    assert "draft.yaml:" in capsys.readouterr().err


def test_every_mistake_is_a_line_with_file_line_and_column(capsys, tmp_path: Path) -> None:
    text = (SHIPPED / "site.yaml").read_text("utf-8")
    (tmp_path / "site.yaml").write_text(text.replace("kind: loop", "kind: loup", 2) + "zoness: {}\n")
    assert main(["check", str(tmp_path)]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    lines = captured.err.splitlines()
    assert len(lines) >= 3
    assert all(re.match(r".+site\.yaml:\d+:\d+: .+", line) for line in lines)


def test_mistakes_as_json(capsys, tmp_path: Path) -> None:
    (tmp_path / "site.yaml").write_text("site: x\n")
    assert main(["check", "--json", str(tmp_path)]) == 2
    told = json.loads(capsys.readouterr().out)
    assert told["ok"] is False
    assert {"path", "line", "column", "message"} == set(told["problems"][0])


def test_no_mistakes_as_json(capsys) -> None:
    assert main(["check", "--json", "nice-promenade"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["ok"], told["site"], told["problems"]) == (True, "nice-promenade", [])


def test_an_unknown_site_lists_what_there_is(capsys) -> None:
    assert main(["check", "nice"]) == 2
    assert "nice-promenade" in capsys.readouterr().err


def test_a_bench_file_is_checked_with_the_site(capsys, tmp_path: Path) -> None:
    bench = tmp_path / "bench.yaml"
    bench.write_text("simulated: true\nlinks: {nowhere: {url: 'modbus+tcp://127.0.0.1:1'}}\n")
    assert main(["check", "nice-promenade", "--bench", str(bench)]) == 2
    assert "bench.yaml:2:" in capsys.readouterr().err


@pytest.mark.parametrize("kind", ["site", "profile"])
def test_schemas_for_editors(capsys, kind: str) -> None:
    assert main(["check", "--schema", kind]) == 0
    assert json.loads(capsys.readouterr().out)["$schema"].startswith("https://json-schema.org/")


def test_without_a_site_it_asks_which(capsys) -> None:
    assert main(["check"]) == 2
    assert "which site?" in capsys.readouterr().err


# What may a device not do?


def explained(capsys, *words: str) -> str:
    assert main(["check", "nice-promenade", "--explain", *words]) == 0
    return str(capsys.readouterr().out)


def test_every_device_that_moves_is_explained_in_80_columns(capsys) -> None:
    for device in ("albert-bollards", "gambetta-inner", "ruhl-wedge", "massena-boom"):
        told = explained(capsys, device)
        assert "Unknown forbids" in told
        assert max(map(len, told.splitlines())) <= 80
        assert "\xa0" not in told


def test_an_explanation_names_rule_device_condition_and_each_reading_with_its_age(capsys) -> None:
    told = " ".join(explained(capsys, "massena-boom").split())
    loop = "massena-io.di2 (1 s), massena-io.di3 (1 s)"
    assert f" R09 massena-loop: the loop is occupied, or clear for less than 1 s {loop} R29 " in told
    refused, _, waits = told.partition("lower, secure: waits, as long as its order lives, while R14 massena-signal: ")
    assert "lower, secure: refused while expired massena-boom: " in refused
    assert " R15 massena-beacon: the beacon is not proven lit massena-io2.di4 (1 s) R13 " in waits
    assert " accepted risks an emergency may take 5 s to block the way (R02): accepted by Safety officer " in told


def test_that_nobody_accepted_a_risk_is_told(capsys, tmp_path: Path) -> None:
    text = (SHIPPED / "site.yaml").read_text("utf-8")
    (tmp_path / "site.yaml").write_text(SLOW_EFO.sub("", text), "utf-8")
    assert main(["check", str(tmp_path), "--explain", "massena-boom"]) == 0
    assert " ".join(capsys.readouterr().out.split()).endswith("accepted risks: none")


def test_an_accepted_risk_is_told(capsys) -> None:
    told = " ".join(explained(capsys, "ruhl-wedge").split())
    assert "no warning before it moves: accepted by Safety officer of the site, City of Nice on 2026-01-31: " in told
    assert "R15" not in told


def test_an_explanation_as_json(capsys) -> None:
    told = json.loads(explained(capsys, "gambetta-outer", "--json"))
    assert set(told["actions"]) == {"raise", "lower", "secure", "open", "stop", "lockdown"}
    (airlock,) = [ground for ground in told["actions"]["open"] if ground["rule"] == "airlock"]
    assert (airlock["device"], airlock["waits"]) == ("gambetta-inner", False)
    assert airlock["readings"][0] == {"signal": "raised", "point": "gambetta-io.di2", "max_age_s": 1.0}


@pytest.mark.parametrize(
    ("device", "says"),
    [
        ("albert-bolards", "did you mean `albert-bollards`?"),
        ("albert-loop-entry", "is a loop, which takes no order; expected one of albert-bollards"),
    ],
)
def test_what_cannot_be_moved_cannot_be_explained(capsys, device: str, says: str) -> None:
    assert main(["check", "nice-promenade", "--explain", device]) == 2
    assert says in capsys.readouterr().err


# One profile without a site.


def test_a_profile_is_checked_without_a_site(capsys) -> None:
    assert main(["check", "--profile", "adam-4150"]) == 0
    assert capsys.readouterr().out == "adam-4150: 16 points; no mistakes\n"


def test_a_warning_is_told_and_is_no_mistake(capsys) -> None:
    assert main(["check", "--profile", str(SHIPPED.parents[1] / "drivers/profiles/waveshare-io-8ch.yaml")]) == 0
    captured = capsys.readouterr()
    assert captured.out == "waveshare-io-8ch: 16 points; no mistakes, 1 warning\n"
    assert re.fullmatch(r".+waveshare-io-8ch\.yaml:\d+:3: warning: points\.do: no `readback`: .+\n", captured.err)


def test_mistakes_of_a_profile_are_lines_and_code_2(capsys, tmp_path: Path) -> None:
    path = tmp_path / "acme.yaml"
    path.write_text("profile: acme\nprotocol: modbus\npoints: {do: {table: coil, address: 0, adress: 1}}\n")
    assert main(["check", "--profile", str(path)]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert len(lines := captured.err.splitlines()) >= 3
    assert all(re.match(r".+acme\.yaml:\d+:\d+: .+", line) for line in lines)
    assert main(["check", "--profile", str(path), "--json"]) == 2
    told = json.loads(capsys.readouterr().out)
    assert (told["ok"], told["profile"], len(told["problems"])) == (False, "acme", len(lines))


def test_a_profile_as_json(capsys) -> None:
    assert main(["check", "--profile", "moxa-e1214", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["ok"], told["points"], told["problems"]) == (True, 42, [])
    assert {"path", "line", "column", "message"} == set(told["warnings"][0])


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--profile", "adam-4510"], "did you mean `adam-4150`?"),
        (["nice-promenade", "--profile", "ld120"], "found the site nice-promenade beside it"),
        (["--profile", "ld120", "--prove"], "found --prove beside it"),
    ],
)
def test_what_is_no_profile_alone_is_refused(capsys, words: list[str], says: str) -> None:
    assert main(["check", *words]) == 2
    assert says in capsys.readouterr().err
