"""What hangs on which wire, by the simulation file: it decides what may be broken on a bench that is real in part."""

from __future__ import annotations

from pathlib import Path

import pytest

from simulators.testing.wires import Wires

PROMENADE = Wires.of(Path(__file__).parents[2] / "sites" / "nice-promenade")


@pytest.mark.parametrize(
    ("name", "links"),
    [
        ("ruhl-plc", {"ruhl-plc"}),
        ("albert-io", {"albert"}),
        ("albert-io.di7", {"albert"}),
        ("albert-bollards", {"albert"}),
        ("albert-bollards.raised.1", {"albert"}),
        ("albert-radar", {"albert-radar-line"}),
        ("massena-mains", {"massena-relays"}),
        ("nothing", set()),
    ],
)
def test_a_name_leads_to_its_links(name: str, links: set[str]):
    assert PROMENADE.behind(name) == links


def test_a_lane_hangs_on_all_that_stands_in_it_though_a_link_has_its_name():
    assert PROMENADE.behind("albert") == {"albert"}
    assert PROMENADE.along("albert") == {"albert", "albert-radar-line"}


def test_a_supply_hangs_on_what_it_feeds_and_on_its_contacts():
    plan = {
        "links": {"a": {}, "b": {}, "c": {}},
        "units": {"a.io": {"link": "a"}, "b.io": {"link": "b"}, "c.io": {"link": "c"}},
        "plants": {
            "bar": {"channels": {"raised": ["a.io.di0", "a.io.di1"]}},
            "mains": {"channels": {"contact": "b.io.di0"}},
            "other": {"channels": {"contact": "c.io.di0"}},
        },
        "supplies": {"cabinet": {"feeds": ["bar"], "mains": "mains"}},
    }
    assert Wires(plan).behind("cabinet") == {"a", "b"}


def test_a_site_without_a_simulation_file_has_no_simulated_wires(tmp_path: Path):
    assert Wires.of(tmp_path).behind("anything") == set()
