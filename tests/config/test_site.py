"""A site file is refused with every mistake located, all at once; a good one becomes a frozen value."""

from __future__ import annotations

import dataclasses
import os
import re
import shutil
from datetime import date
from pathlib import Path

import pytest

from controller.composition import PLAN_MAX, compose
from controller.config.load import ConfigError, load_site, shipped_sites, site_folder
from controller.config.located import Problem
from controller.core.spec import Kind
from drivers.profile import MoverProfile

from .conftest import BENCH, Spoil

NICE = shipped_sites() / "nice-promenade"


def line_of(text: str, part: str) -> int:
    return text[: text.index(part)].count("\n") + 1


def test_five_mistakes_of_five_sorts_are_five_located_problems(spoil: Spoil, site_text: str) -> None:
    edits = [
        ("timezone: Europe/Paris", "timezone: Europe/Pariss"),
        ("poll_s: 0.2}", "pol_s: 0.2}"),
        ("{link: gambetta-bus, profile: ld120, address: 12}", "{link: gambeta-bus, profile: ld120, address: 12}"),
        ("      raise: gambetta-io.do2", "      raise: gambetta-io.do0"),
        ("presence: [ruhl-presence]", "presence: []"),
    ]
    found = spoil(*edits)
    lines = [line_of(site_text, old) for old, _ in edits[:4]] + [line_of(site_text, "  ruhl-wedge:\n")]
    assert [problem.line for problem in found] == lines
    assert all(re.match(r".+/site\.yaml:\d+:\d+: \S", str(problem)) for problem in found)


def test_problems_of_site_profiles_and_bench_come_together(tmp_path: Path, site_text: str) -> None:
    (tmp_path / "profiles").mkdir()
    (tmp_path / "profiles" / "x.yaml").write_text("profile: x\nkind: loop\n", encoding="utf-8")
    text = site_text.replace("profile: loop-detector", "profile: x", 1).replace("zone: ruhl", "zone: rhul", 1)
    (tmp_path / "site.yaml").write_text(text, encoding="utf-8")
    (tmp_path / "bench.yaml").write_text(BENCH.replace("  albert:", "  albret:"), encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        load_site(tmp_path, bench=tmp_path / "bench.yaml")
    assert {Path(problem.path).name for problem in caught.value.problems} == {"x.yaml", "site.yaml", "bench.yaml"}
    assert list(caught.value.problems) == sorted(caught.value.problems)
    assert str(caught.value) == "\n".join(str(problem) for problem in caught.value.problems)


def test_a_misspelt_key_does_not_hide_the_next_mistake_in_the_same_device(spoil: Spoil) -> None:
    found = spoil(
        ("title: Rising bollards, Albert 1er\n", "titel: x\n"), ("local: albert-io.di6", "local: albert-io.di66")
    )
    assert len(found) == 2
    assert "did you mean `title`?" in found[0].message
    assert "did you mean `di6`?" in found[1].message


def test_a_refused_profile_does_not_make_its_points_unknown(spoil_profile: Spoil) -> None:
    (problem,) = spoil_profile("wago-750", ("    table: discrete", "    table: discret"))
    assert problem.path.endswith("wago-750-x.yaml")


SHAPE = [
    ("    kind: bollard\n", "    kind: bolard\n", "did you mean `bollard`?"),
    ("    kind: bollard\n", "", "`kind` is missing"),
    ("      raised: [", "      raized: [", "did you mean `raised`?"),
    ("      raise: albert-io.do0\n", "      raise: do0\n", "`do0` is not a unit and its point"),
    ("poll_s: 0.2", "poll_s: '0.2'", "expected a number, found `0.2`"),
    ("poll_s: 0.2", "poll_s: 0", "must be above 0"),
    (
        "profile: wago-750, address: 1",
        "profile: wago-750, address: true",
        "expected a whole number or text, found true",
    ),
    ("expect: {model: SW-450}", "expect: {model: [1]}", "found a list"),
    ("  albert-1er: {title", "  Albert 1er: {title", "is not a name: lower-case letters"),
    ("title: Rising bollards, Albert 1er", "title: 3", "expected text, found 3"),
    ("presence: [albert-loop-entry, albert-loop-exit]", "presence: albert-loop-entry", "expected a list"),
    ("raised: [albert-io.di0, albert-io.di2, albert-io.di4]", "raised: []", "name at least one unit and point"),
    ("site: nice-promenade\n", "", "`site` is missing: add it"),
    ("links:\n", "links: []\nlinkz:\n", "expected keys with values, found a list"),
    ("    follows: albert-bollards\n", "", "`follows` is missing"),
    ("    profile: contact-normally-open\n", "", "`profile` is missing"),
]


@pytest.mark.parametrize(("old", "new", "says"), SHAPE)
def test_a_wrong_shape_is_told_in_plain_words(spoil: Spoil, old: str, new: str, says: str) -> None:
    assert any(says in problem.message for problem in spoil((old, new)))


def test_the_shipped_site_becomes_a_value() -> None:
    site = load_site(NICE)
    bollards = site.devices["albert-bollards"]
    assert (site.name, site.timezone, site.simulated, len(site.devices)) == (
        "nice-promenade",
        "Europe/Paris",
        False,
        26,
    )
    assert bollards.kind is Kind.BOLLARD
    assert bollards.wiring["raised"] == (("albert-io", "di0"), ("albert-io", "di2"), ("albert-io", "di4"))
    assert bollards.wiring["local"] == (("albert-io", "di6"),)
    assert bollards.presence == ("albert-loop-entry", "albert-loop-exit")
    assert isinstance(bollards.profile, MoverProfile)
    assert site.point(("albert-io", "do1")).writable
    assert site.units["massena-counter"].unit.identity == {"serial": "6600D1234567"}
    assert site.devices["massena-signal"].follows == "massena-boom"
    with pytest.raises(dataclasses.FrozenInstanceError):
        site.name = "other"  # type: ignore[misc]


def test_the_file_may_be_named_in_place_of_its_folder() -> None:
    assert load_site(NICE / "site.yaml") == load_site(NICE)


def test_the_digest_is_that_of_every_file_and_of_no_place(tmp_path: Path) -> None:
    before = load_site(NICE).source
    shutil.copytree(NICE, tmp_path / "other")
    assert load_site(tmp_path / "other").source == before
    with (tmp_path / "other" / "site.yaml").open("a", encoding="utf-8") as file:
        file.write("# changed\n")
    assert load_site(tmp_path / "other").source != before


def test_the_digest_covers_profiles(tmp_path: Path) -> None:
    site = (NICE / "site.yaml").read_text(encoding="utf-8").replace("profile: people-counter", "profile: square")
    (tmp_path / "site.yaml").write_text(site, encoding="utf-8")
    (tmp_path / "profiles").mkdir()
    profile = "profile: square\ntitle: x\nsource: site survey\nkind: counter\nplausible_max: "
    digests = set()
    for most in (100, 200):
        (tmp_path / "profiles" / "square.yaml").write_text(f"{profile}{most}\n", encoding="utf-8")
        digests.add(load_site(tmp_path).source)
    assert len(digests) == 2


def test_an_accepted_risk_is_kept_with_its_name(tmp_path: Path, site_text: str) -> None:
    accepted = "no_presence_accepted: {who: A. Martin, when: 2026-03-01, why: pedestrians only}"
    text = site_text.replace("presence: [ruhl-presence]", accepted)
    (tmp_path / "site.yaml").write_text(text, encoding="utf-8")
    risk = load_site(tmp_path).devices["ruhl-wedge"].no_presence_accepted
    assert risk is not None
    assert (risk.who, risk.when, risk.why) == ("A. Martin", date(2026, 3, 1), "pedestrians only")


@pytest.mark.parametrize("content", ["", "x", "[]", "3", "a: [", "null"])
def test_a_file_that_is_no_site_is_a_problem_and_no_traceback(tmp_path: Path, content: str) -> None:
    (tmp_path / "site.yaml").write_text(content, encoding="utf-8")
    with pytest.raises(ConfigError):
        load_site(tmp_path)


def test_a_missing_site_file_says_which(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"site\.yaml:1:1: cannot be read: No such file"):
        load_site(tmp_path)


def test_a_site_is_found_by_name_or_by_path(tmp_path: Path) -> None:
    assert site_folder("nice-promenade") == NICE
    assert site_folder(str(NICE)) == NICE
    assert site_folder(str(NICE / "site.yaml")) == NICE
    with pytest.raises(ConfigError, match="did you mean `nice-promenade`"):
        site_folder("nice-promenad")
    with pytest.raises(ConfigError, match=r"expected a folder with a site\.yaml"):
        site_folder(str(tmp_path))


class TestBench:
    def test_replaces_every_wire_and_says_so(self, tmp_path: Path) -> None:
        (tmp_path / "bench.yaml").write_text(BENCH, encoding="utf-8")
        site = load_site(NICE, bench=tmp_path / "bench.yaml")
        assert site.simulated
        assert site.links["albert"].url == "modbus+tcp://127.0.0.1:40001"
        assert site.links["albert"].poll_s == load_site(NICE).links["albert"].poll_s
        assert site.control == "/run/x/control.sock"
        assert site.source != load_site(NICE).source

    @pytest.mark.parametrize(
        ("line", "real"),
        [("", ["promenade-broker"]), ("  promenade-broker: {real: true}\n", [])],
        ids=["on the command line", "in the file"],
    )
    def test_a_link_is_real_where_somebody_says_so(self, tmp_path: Path, line: str, real: list[str]) -> None:
        broker = '  promenade-broker: {url: "mqtt://127.0.0.1:40004"}\n'
        (tmp_path / "bench.yaml").write_text(BENCH.replace(broker, line), encoding="utf-8")
        site = load_site(NICE, bench=tmp_path / "bench.yaml", real=real)
        assert site.simulated
        assert [name for name, link in site.links.items() if not link.simulated] == ["promenade-broker"]
        assert site.links["promenade-broker"].url == load_site(NICE).links["promenade-broker"].url

    def test_real_equipment_may_hang_elsewhere_on_the_workbench(self, tmp_path: Path) -> None:
        there = BENCH.replace('{url: "mqtt://127.0.0.1:40004"}', '{url: "mqtt://192.0.2.9:1883", real: true}')
        (tmp_path / "bench.yaml").write_text(there, encoding="utf-8")
        link = load_site(NICE, bench=tmp_path / "bench.yaml").links["promenade-broker"]
        assert (link.url, link.simulated) == ("mqtt://192.0.2.9:1883", False)

    def test_a_bench_on_which_all_is_real_is_not_simulated(self, tmp_path: Path) -> None:
        (tmp_path / "bench.yaml").write_text(BENCH, encoding="utf-8")
        assert not load_site(NICE, bench=tmp_path / "bench.yaml", real=list(load_site(NICE).links)).simulated

    def test_a_real_link_that_is_not_there_is_named(self, tmp_path: Path) -> None:
        (tmp_path / "bench.yaml").write_text(BENCH, encoding="utf-8")
        with pytest.raises(ConfigError, match="did you mean `albert`"):
            load_site(NICE, bench=tmp_path / "bench.yaml", real=["albret"])

    @pytest.mark.parametrize(
        ("old", "new", "says"),
        [
            ('{url: "mqtt://127.0.0.1:40004"}', "{}", "`real: true`"),
            ("  albert:", "  albret:", "did you mean `albert`?"),
            ("modbus+tcp://127.0.0.1:40001", "mqtt://127.0.0.1:40001", "the site's link speaks modbus+tcp://"),
            ("modbus+tcp://127.0.0.1:40001", "modbus+tcp://", "a host name and a port"),
            ("modbus+tcp://127.0.0.1:40001", "modbus+tcp://10.20.1.10:502", "is the real wire of the link `albert`"),
            ('  promenade-broker: {url: "mqtt://127.0.0.1:40004"}\n', "", "`promenade-broker` has no stand-in"),
            ("simulated: true", "simulated: false", "the value `false` is not known"),
            ("simulated: true\n", "", "`simulated` is missing"),
            ("control:", "contrl:", "did you mean `control`?"),
        ],
    )
    def test_refuses(self, spoil_bench: Spoil, old: str, new: str, says: str) -> None:
        found: tuple[Problem, ...] = spoil_bench((old, new))
        assert any(says in problem.message for problem in found), found
        assert {Path(problem.path).name for problem in found} == {"bench.yaml"}

    def test_missing_is_a_problem(self, tmp_path: Path) -> None:
        with pytest.raises(ConfigError, match=r"bench\.yaml:1:1: cannot be read"):
            load_site(NICE, bench=tmp_path / "bench.yaml")


def test_a_folder_that_may_not_be_entered_is_told_of(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    # Whoever runs the tests may be root, whom no mode keeps out.
    monkeypatch.setattr(os, "access", lambda path, mode: Path(path) != tmp_path)
    with pytest.raises(ConfigError, match="cannot be read: permission denied"):
        site_folder(str(tmp_path))


@pytest.mark.parametrize(
    ("drawn", "shown"),
    [(None, ""), (b"<svg/>", "<svg/>"), (b"\xff\xfe", ""), (b" " * (PLAN_MAX + 1), "")],
    ids=["no plan", "a plan", "no text", "too large"],
)
async def test_a_site_with_a_plan_that_cannot_be_shown_runs_without(
    tmp_path: Path, drawn: bytes | None, shown: str
) -> None:
    folder = tmp_path / "site"
    shutil.copytree(NICE, folder)
    (folder / "plan.svg").unlink()
    if drawn is not None:
        (folder / "plan.svg").write_bytes(drawn)
    assert compose(load_site(folder / "site.yaml")).plan == shown
