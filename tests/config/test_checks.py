"""What the words of a site refer to: each check refuses one mistake, at the place of the mistake, and says what to do."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from controller.config.load import load_site
from controller.config.profiles import shipped

from .conftest import Spoil, problems_of

LOOP = "wiring: {detect: albert-io.di7, fault: albert-io.di8}"

CASES = {
    "unknown link": (
        "{link: albert, profile",
        "{link: albret, profile",
        "the link `albret` is not known; did you mean `albert`?",
    ),
    "unknown unit profile": ("profile: wago-750", "profile: wago-75", "did you mean `wago-750`?"),
    "unknown device profile": ("profile: speed-radar", "profile: sped-radar", "did you mean `speed-radar`?"),
    "unknown zone": ("    zone: ruhl\n", "    zone: rhul\n", "the zone `rhul` is not known; did you mean `ruhl`?"),
    "unknown unit in wiring": (LOOP, LOOP.replace("albert-io.di7", "albert-oi.di7"), "did you mean `albert-io`?"),
    "unknown point in wiring": (LOOP, LOOP.replace("albert-io.di7", "albert-io.di77"), "did you mean `di7`?"),
    "unknown loop": ("presence: [massena-loop]", "presence: [massena-lop]", "did you mean `massena-loop`?"),
    "unknown mover of a signal": ("follows: massena-boom", "follows: massena-bom", "did you mean `massena-boom`?"),
    "unknown mover of an airlock": (
        "airlock_with: gambetta-inner",
        "airlock_with: gambetta-iner",
        "did you mean `gambetta-inner`?",
    ),
    "outputs on two units": (
        "lower: massena-io.do1",
        "lower: massena-io2.do2",
        "wire all outputs of a device to one unit",
    ),
    "unknown time zone": ("Europe/Paris", "Europe/Pari", "did you mean `Europe/Paris`?"),
    "time zone that is a path": ("Europe/Paris", "../etc/passwd", "expected an IANA name"),
    "URL scheme unknown": ("modbus+tcp://10.20.1.10:502", "modbus://10.20.1.10:502", "did you mean"),
    "URL without host": ("modbus+tcp://10.20.1.10:502", "modbus+tcp://:502", "a host name and a port"),
    "URL scheme against protocol": (
        "{link: ruhl-plc, profile: plc-road-blocker, address: Ruhl.Wedge, expect: {model: SW-450}}",
        "{link: albert, profile: plc-road-blocker, address: Ruhl.Wedge, expect: {model: SW-450}}",
        "speaks opcua and needs a link with opc.tcp://, not modbus+tcp://",
    ),
    "same wire twice": ("10.20.1.40:502", "10.20.1.10:502", "is the same wire as the link `albert`"),
    "two framings on one host": (
        "opc.tcp://10.20.1.30:4840",
        "opc.tcp://10.20.1.10:502",
        "is the same wire as the link `albert`",
    ),
    "poll of a wire that pushes": (
        '"mqtt://10.20.1.5:1883"',
        '"mqtt://10.20.1.5:1883", poll_s: 1',
        "nothing is polled over mqtt",
    ),
    "link without a unit": (
        "units:\n",
        '  spare: {url: "modbus+tcp://10.20.1.99"}\nunits:\n',
        "no unit is on this link",
    ),
    "Modbus unit id needed": (
        "profile: wago-750, address: 1}",
        "profile: wago-750}",
        "expected the Modbus unit id, 0 to 255, found none",
    ),
    "Modbus unit id is a number": (
        "address: 11}",
        "address: '11'}",
        "expected the Modbus unit id, 1 to 247, found the text `11`, which is not a number: take the quotes away",
    ),
    "Modbus unit id that is no number without quotes either": (
        "address: 11}",
        "address: eleven}",
        "expected the Modbus unit id, 1 to 247, found the text `eleven`",
    ),
    "Modbus unit id on a bus": ("address: 11}", "address: 254}", "expected the Modbus unit id, 1 to 247, found `254`"),
    "address taken": (
        "address: 12}",
        "address: 11}",
        "has the same link and address as the unit `gambetta-loop-outer`",
    ),
    "topic needed": ("    address: nice/massena/counter\n", "", "expected the topic it publishes on"),
    "topic is no pattern": ("address: nice/massena/counter", "address: nice/#", "without + and #"),
    "node prefix needed": (", address: Ruhl.Wedge,", ",", "expected the prefix of its node ids"),
    "serial line has one peer": (
        "profile: mph-radar}",
        "profile: mph-radar, address: 1}",
        "a serial line has one peer",
    ),
    "expected value of an unknown point": (
        "expect: {model: SW-450}",
        "expect: {modell: SW-450}",
        "did you mean `model`?",
    ),
    "expected value of another type": (
        "expect: {model: SW-450}",
        "expect: {model: 450}",
        "can never be read from a point of type text",
    ),
    "device profile for a unit": (
        "profile: wago-750",
        "profile: loop-detector",
        "is the profile of a device, not of a unit",
    ),
    "unit profile for a device": ("profile: speed-radar", "profile: mph-radar", "is the profile of a unit on a wire"),
    "profile of another kind": ("profile: speed-radar", "profile: loop-detector", "is for a loop, this is a radar"),
    "output of two devices": (
        "      raise: gambetta-io.do2",
        "      raise: gambetta-io.do0",
        "is wired already, as gambetta-outer.raise",
    ),
    "two outputs of one device": (
        "      lower: albert-io.do1",
        "      lower: albert-io.do0",
        "is wired already, as albert-bollards.raise",
    ),
    "one input for two signals": (LOOP, LOOP.replace("di8", "di7"), "is wired already, as albert-loop-entry.detect"),
    "input where an output is needed": (
        "      raise: albert-io.do0",
        "      raise: albert-io.di15",
        "`raise` is an output, but `albert-io.di15` cannot be written",
    ),
    "output where an input is needed": (
        "      local: albert-io.di6",
        "      local: albert-io.do6",
        "`local` is an input, but `albert-io.do6` is an output",
    ),
    "contact where a number is needed": (
        "wiring: {count: massena-counter.count}",
        "wiring: {count: massena-io2.di4}",
        "`count` is a number, but `massena-io2.di4` is of type bool",
    ),
    "number where a contact is needed": (
        "      local: ruhl-wedge-plc.local",
        "      local: ruhl-wedge-plc.heartbeat",
        "`local` is true or false, but `ruhl-wedge-plc.heartbeat` is of type u32",
    ),
    "limit switches of unequal number": (
        "lowered: [albert-io.di1, albert-io.di3, albert-io.di5]",
        "lowered: [albert-io.di1, albert-io.di3]",
        "3 raised and 2 lowered",
    ),
    "missing signal": ("      lowered: gambetta-io.di1\n", "", "`lowered` is missing: add it"),
    "held drive without lower": ("      lower: gambetta-io.do1\n", "", "has a held drive and needs the output `lower`"),
    "setpoint drive without command": (
        "      command: ruhl-wedge-plc.command\n",
        "",
        "has a setpoint drive and needs the output `command`",
    ),
    "setpoint drive with relays": (
        "      command: ruhl-wedge-plc.command\n",
        "      command: ruhl-wedge-plc.command\n      stop: massena-io.do5\n",
        "has a setpoint drive and takes no `stop`",
    ),
    "no presence and nobody accepted (R09)": (
        "    presence: [massena-loop]\n",
        "",
        "who accepted that, when and why (ASTM E3211)",
    ),
    "presence and an acceptance": (
        "presence: [massena-loop]\n",
        "presence: [massena-loop]\n    no_presence_accepted: {who: A. Martin, when: 2026-03-01, why: tests}\n",
        "says nothing: remove it",
    ),
    "presence that is no loop": (
        "presence: [massena-loop]",
        "presence: [massena-mains]",
        "`massena-mains` is a contact, not a loop",
    ),
    "presence named twice": ("presence: [massena-loop]", "presence: [massena-loop, massena-loop]", "is named twice"),
    "airlock with itself": (
        "airlock_with: gambetta-inner",
        "airlock_with: gambetta-outer",
        "is no airlock with itself",
    ),
    "airlock not mutual (PAS 69)": ("    airlock_with: gambetta-outer\n", "", "an airlock is mutual"),
    "airlock with no mover": (
        "airlock_with: gambetta-inner",
        "airlock_with: gambetta-cabinet",
        "is a contact: expected a bollard",
    ),
    "signal follows no mover": ("follows: massena-boom", "follows: massena-loop", "is a loop: expected a bollard"),
    "acceptance with a misspelt key": (
        "presence: [massena-loop]\n",
        "no_presence_accepted: {whoo: A. Martin, when: 2026-03-01, why: tests}\n",
        "did you mean `who`?",
    ),
    "acceptance on no day": (
        "presence: [massena-loop]\n",
        "no_presence_accepted: {who: A. Martin, when: 2026-13-01, why: tests}\n",
        "should be a valid date",
    ),
    "acceptance by nobody": (
        "presence: [massena-loop]\n",
        'no_presence_accepted: {who: "", when: 2026-03-01, why: tests}\n',
        "must be longer; least number of characters: 3",
    ),
    "device named as a zone": ("  ruhl-presence:\n", "  massena:\n", "a zone has this name too"),
    "device named as the site": (
        "  ruhl-presence:\n",
        "  nice-promenade:\n",
        "devices.nice-promenade: the site has this name too",
    ),
    "zone named as the site": (
        "  ruhl: {title",
        "  nice-promenade: {title",
        "zones.nice-promenade: the site has this name too",
    ),
    "poll slower than a reading lives": (
        "poll_s: 0.15, patience_s: 0.15}",
        "poll_s: 0.6}",
        "poll at least every 0.5 s",
    ),
}


@pytest.mark.parametrize(("old", "new", "says"), CASES.values(), ids=CASES.keys())
def test_refuses(spoil: Spoil, site_text: str, old: str, new: str, says: str) -> None:
    found = spoil((old, new))
    hits = [problem for problem in found if says in problem.message]
    assert hits, [str(problem) for problem in found]
    spoilt = site_text.replace(old, new, 1).splitlines()
    assert all(
        1 <= problem.line <= len(spoilt) and 1 <= problem.column <= len(spoilt[problem.line - 1]) + 1
        for problem in found
    )


def test_the_only_zone_may_have_the_name_of_the_site(tmp_path: Path) -> None:
    """It means the same movers."""
    gate = Path(__file__).parents[1] / "faults" / "sites" / "gate" / "site.yaml"
    shutil.copy(gate, tmp_path)
    assert "site: gate\n" in gate.read_text(encoding="utf-8")
    assert load_site(tmp_path).zones.keys() == {"gate"}


def test_a_unit_id_that_is_a_word_is_not_told_about_quotes(spoil: Spoil) -> None:
    (problem,) = spoil(("address: 11}", "address: eleven}"))
    assert "quotes" not in problem.message


def test_an_unknown_profile_is_told_the_profiles_of_its_own_sort_only(spoil: Spoil) -> None:
    (unit,) = spoil(("profile: ld120, address: 11", "profile: loop-detecto, address: 11"))
    (device,) = spoil(("profile: speed-radar", "profile: mph-rada"))
    assert "adam-4150" in unit.message
    assert "loop-detector" not in unit.message
    assert "speed-radar" in device.message
    assert "mph-radar" not in device.message


def test_a_profile_that_cannot_be_read_may_be_of_either_sort(tmp_path: Path, site_text: str) -> None:
    (tmp_path / "profiles").mkdir()
    (tmp_path / "profiles" / "acme.yaml").write_text("profile: [", encoding="utf-8")
    text = site_text.replace("profile: ld120, address: 11", "profile: acm, address: 11")
    text = text.replace("profile: speed-radar", "profile: acm")
    (tmp_path / "site.yaml").write_text(text, encoding="utf-8")
    assert ["did you mean `acme`?" in problem.message for problem in problems_of(tmp_path)] == [True, True]


def test_the_link_that_a_misspelt_name_meant_is_not_called_unused(spoil: Spoil) -> None:
    (problem,) = spoil(("link: ruhl-plc, ", "link: rhul-plc, "))
    assert "the link `rhul-plc` is not known; did you mean `ruhl-plc`?" in problem.message


def test_a_problem_points_at_the_very_item(spoil: Spoil, site_text: str) -> None:
    old = "raised: [albert-io.di0, albert-io.di2, albert-io.di4]"
    (problem,) = spoil((old, old.replace("di2", "di99")))
    line = site_text.splitlines()[problem.line - 1]
    assert line[problem.column - 1 :].startswith("albert-io.di2")


def test_an_input_may_tell_two_devices(spoil: Spoil) -> None:
    assert spoil((LOOP, LOOP.replace("di8", "di10"))) == ()


def test_a_signal_without_profile_is_refused_and_a_loop_without_is_not(spoil: Spoil) -> None:
    assert spoil(("    profile: traffic-signal-2-lamp\n", "")) != ()
    assert spoil(("    profile: loop-detector\n", "")) == ()


def boom(title: str) -> tuple[str, str]:
    """Make a row of the airlock a boom with a pulsed drive, by the title of the row."""
    old = f"    kind: bollard\n    title: {title}\n    zone: gambetta\n    profile: bollard-row-anti-ram\n"
    return old, old.replace("kind: bollard", "kind: barrier").replace("bollard-row-anti-ram", "boom-barrier-pulse")


def test_a_row_of_an_airlock_that_nothing_can_stop_is_refused_pas_69(spoil: Spoil, site_text: str) -> None:
    """Once its pulse is given it opens, whatever becomes of the other row meanwhile."""
    (problem,) = spoil(boom("Outer bollard row, Gambetta"))
    assert "devices.gambetta-outer.airlock_with: " in problem.message
    assert "wire its input `stop`" in problem.message
    line = site_text.splitlines()[problem.line - 1]
    assert line[problem.column - 1 :] == "gambetta-inner"


def test_each_such_row_is_refused_and_one_with_a_stop_is_not_pas_69(spoil: Spoil) -> None:
    both = (boom("Outer bollard row, Gambetta"), boom("Inner bollard row, Gambetta"))
    assert len(spoil(*both)) == 2
    stops = [
        (f"raise: gambetta-io.do{n}\n", f"raise: gambetta-io.do{n}\n      stop: gambetta-io.do{n + 5}\n")
        for n in (0, 2)
    ]
    assert spoil(*both, *stops) == ()


PROFILE_CASES = {
    "file under another name": ("ld120", ("profile: ld120-x\n", "profile: ld121\n"), "the name of the file"),
    "row without its source": (
        "ld120",
        ('    source: "LD120 loop detector manual, p. 10: 10001 loop fault"\n', ""),
        "`source` is missing",
    ),
    "identity of no point": ("ld120", ("{module_type: 34}", "{modul_type: 34}"), "did you mean `module_type`?"),
    "identity of another type": (
        "ld120",
        ("{module_type: 34}", "{module_type: LD}"),
        "`LD` can never be read from a point of type u16",
    ),
    "identity checked by a list": (
        "ld120",
        ("{module_type: 34}", "[module_type]"),
        "expected keys with values, found a list",
    ),
    "watchdog write without its value": ("wago-750", ("[watchdog_time, 30]", "[watchdog_time]"), "an item is missing"),
    "signal that proves nothing (R15)": (
        "traffic-signal-2-lamp",
        ("kind: signal\nlamp_proof:\n  seconds: 5\n  source", "kind: signal\n# "),
        "lamps must prove themselves (R15)",
    ),
    "heartbeat of no point": (
        "plc-road-blocker",
        ("heartbeat: heartbeat\n", "heartbeat: heartbeet\n"),
        "did you mean `heartbeat`?",
    ),
    "watchdog arms no point": (
        "wago-750",
        ("- [watchdog_time, 30]", "- [watchdog_tim, 30]"),
        "did you mean `watchdog_time`?",
    ),
    "watchdog feeds what cannot be written": (
        "wago-750",
        ("feed: watchdog_trigger", "feed: watchdog_status"),
        "cannot be written",
    ),
    "watchdog status of no point": (
        "wago-750",
        ("status: watchdog_status", "status: watchdog_state"),
        "watchdog.status: the point",
    ),
    "two rows make one point": ("wago-750", ("  item:", "  do5:"), "is there already, from the row `do`"),
    "address past the end": ("wago-750", ("address: 0x0200", "address: 65530"), "reaches address 65537"),
    "bool in a register": ("ld120", ("    type: u16\n    mask: 0x00FF\n", ""), "needs `bit` or `equals`"),
    "mask of a coil": (
        "ld120",
        ("    table: coil\n", "    table: coil\n    mask: 3\n"),
        "`mask` picks bits of one register",
    ),
    "discrete that is written": (
        "wago-750",
        ("count: 16", "count: 16\n    writable: true"),
        "a discrete cannot be written",
    ),
    "travel of a bollard past 15 s (R01)": (
        "bollard-hydraulic-273",
        ("  seconds: 8\n", "  seconds: 16\n"),
        "3 to 15 s (R01)",
    ),
    "travel of a bollard under 3 s (R01)": (
        "bollard-hydraulic-273",
        ("  seconds: 8\n", "  seconds: 2\n"),
        "3 to 15 s (R01)",
    ),
    "travel shorter than 2 s (R22)": ("road-blocker-wedge", ("  seconds: 6\n", "  seconds: 1\n"), "2 to 20 s (R16)"),
    "travel of a boom past 20 s (R16)": (
        "boom-barrier-pulse",
        ("  seconds: 6\n", "  seconds: 21\n"),
        "2 to 20 s (R16)",
    ),
    "settling longer than travel": (
        "boom-barrier-pulse",
        ("  seconds: 0.3\n", "  seconds: 6\n"),
        "must be shorter than the travel of 6 s",
    ),
    "pulse longer than an order lives (R27)": (
        "boom-barrier-pulse",
        ("pulse_s: 0.5", "pulse_s: 5"),
        "within the 5 s that an order lives",
    ),
    "held drive with codes": (
        "bollard-hydraulic-273",
        ("type: held", "type: held\n  codes: {raise: 1, lower: 2, stop: 0}"),
        "belong to drive type setpoint",
    ),
    "codes that are equal": ("road-blocker-wedge", ("lower: 2}", "lower: 1}"), "three different values"),
    "signal without lamp proof (R15)": (
        "traffic-signal-2-lamp",
        ("kind: signal\nlamp_proof:\n  seconds: 5\n", "kind: signal\nlamp_prof:\n  seconds: 5\n"),
        "did you mean `lamp_proof`?",
    ),
    "contact without its level": ("contact-normally-open", ("active_when: true\n", ""), "`active_when` is missing"),
    "loop with a counter's limit": (
        "loop-detector",
        ("kind: loop\n", "kind: loop\nplausible_max: 3\n"),
        "belongs to a counter, this is a loop",
    ),
}


@pytest.mark.parametrize(("name", "edit", "says"), PROFILE_CASES.values(), ids=PROFILE_CASES.keys())
def test_refuses_a_profile(spoil_profile: Spoil, name: str, edit: tuple[str, str], says: str) -> None:
    found = spoil_profile(name, edit)
    assert any(says in problem.message for problem in found), [str(problem) for problem in found]
    assert all(problem.path.endswith(f"{name}-x.yaml") for problem in found)


def test_a_pulse_must_end_within_the_travel(spoil_profile: Spoil) -> None:
    (problem,) = spoil_profile(
        "boom-barrier-pulse", ("  seconds: 6\n", "  seconds: 3\n"), ("pulse_s: 0.5", "pulse_s: 4")
    )
    assert "within the travel of 3 s" in problem.message


def test_a_prefix_that_no_node_id_has_is_refused(spoil_profile: Spoil) -> None:
    name = "plc-road-blocker"
    prefixed = (shipped() / f"{name}.yaml").read_text(encoding="utf-8").count('"ns=2;s={prefix}.')
    (problem,) = spoil_profile(name, *[('"ns=2;s={prefix}.', '"ns=2;s=Ruhl.')] * prefixed)
    assert "have no {prefix}: remove the address" in problem.message


@pytest.mark.parametrize("content", ["", "- a\n", "profile: [", "3\n"])
def test_a_file_that_is_no_profile_is_refused(tmp_path: Path, site_text: str, content: str) -> None:
    (tmp_path / "profiles").mkdir()
    (tmp_path / "profiles" / "x.yaml").write_text(content, encoding="utf-8")
    (tmp_path / "site.yaml").write_text(site_text.replace("profile: speed-radar", "profile: x"), encoding="utf-8")
    (problem,) = problems_of(tmp_path)
    assert problem.path.endswith("x.yaml")


def test_a_profile_in_two_folders_is_refused_and_shadows_nothing(tmp_path: Path, site_text: str) -> None:
    (tmp_path / "profiles").mkdir()
    shutil.copy(shipped() / "loop-detector.yaml", tmp_path / "profiles")
    (tmp_path / "site.yaml").write_text(site_text, encoding="utf-8")
    (problem,) = problems_of(tmp_path)
    assert "the profile `loop-detector` stands in" in problem.message
    assert problem.message.endswith("too: rename one")
