"""The arithmetic of the report, from a measurement to a verdict, on figures made by hand."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

import pytest

from benchmarks import page
from benchmarks.campaign import Failure
from benchmarks.contenders import ASYNCUA, CONTENDERS, PAHO, REFERENCE
from benchmarks.farm import ON, Arrival
from benchmarks.figures import Spread, quantile, ratios, spread
from benchmarks.pictures import Bar, Scale, bars, curves
from benchmarks.results import Results, lines
from benchmarks.table import COLUMNS, WIDTH, number, table
from benchmarks.trouble import NotPossible
from benchmarks.works.catalogue import GOALS, WORKS, Goal
from benchmarks.works.orders import Sent, in_turn, latencies_ms, summary
from benchmarks.works.scene import Size

OURS = "rempart/asyncio"
CPU = Goal("poll-flat", "cpu_us", "CPU", to=REFERENCE, most=0.5)
MARKED = f"# Performance\n\nabove\n\n{page.BEGIN}\n\nold\n\n{page.END}\n\nbelow\n"


@pytest.fixture
def results() -> Results:
    """Three rounds in which the service costs 0.4, 0.5 and 0.9 of the reference, and loses an order once."""
    kept = Results(Size(devices=7), pinned=True, date="2026-01-31")
    for ours, reference, lost in ((40.0, 100.0, 0), (100.0, 200.0, 0), (90.0, 100.0, 1)):
        kept.rounds.append(
            {
                OURS: {"poll-flat": {"cpu_us": ours}, "orders": {"p99_ms": 4.0, "lost": lost}},
                REFERENCE: {"poll-flat": {"cpu_us": reference}, "orders": {"p99_ms": 9.0, "lost": 0}},
            }
        )
    return kept


def test_a_quantile_is_one_of_the_values():
    assert quantile([3.0, 1.0, 2.0], 0.5) == 2.0
    assert quantile(list(map(float, range(100))), 0.99) == 99.0
    assert quantile([1.0], 0.99) == 1.0
    with pytest.raises(ValueError, match="nothing was measured"):
        quantile([], 0.5)


def test_a_spread_leaves_out_the_rounds_that_gave_nothing():
    assert spread([3.0, None, 1.0]) == Spread(2.0, 1.0, 3.0, 2)
    assert spread([None, None]) is None


def test_a_ratio_is_taken_in_each_round_and_missing_where_either_is():
    assert ratios([1.0, None, 3.0, 4.0], [2.0, 2.0, None, 0.0]) == [0.5, None, None, None]


def test_the_ratio_that_counts_is_the_median_of_the_rounds_not_the_ratio_of_medians(results: Results):
    ours, reference = lines(results, [CPU])
    assert ours.value == Spread(90.0, 40.0, 100.0, 3)
    assert ours.ratio == Spread(0.5, 0.4, 0.9, 3)
    assert ours.reached is True
    assert (reference.ratio, reference.reached) == (Spread(1.0, 1.0, 1.0, 3), None)


def test_a_goal_beside_another_work_of_the_same_contender(results: Results):
    for found, p99 in zip(results.rounds, (4.0, 4.4, 6.0), strict=True):
        found[OURS]["orders-dead"] = {"p99_ms": p99}
    (line,) = lines(results, [Goal("orders-dead", "p99_ms", "dead", to="orders", most=1.2)])
    assert line.ratio == Spread(1.1, 1.0, 1.5, 3)
    assert line.reached is True


@pytest.mark.parametrize(
    ("goal", "value", "reached"),
    [
        (Goal("w", "f", "t", most=5), 5.0, True),
        (Goal("w", "f", "t", most=5), 5.1, False),
        (Goal("w", "f", "t", least=99.9), 99.9, True),
        (Goal("w", "f", "t", least=99.9), 99.8, False),
        (Goal("w", "f", "t", most=0), 0.0, True),
        (Goal("w", "f", "t"), 5.0, None),
        (Goal("w", "f", "t", most=5), None, None),
    ],
)
def test_what_reaches_a_goal(goal: Goal, value: float | None, reached: bool | None):
    assert goal.reached(value) is reached


def test_every_goal_is_about_a_work_that_there_is():
    assert {goal.work for goal in GOALS} <= set(WORKS)
    assert {goal.to for goal in GOALS} <= {"", REFERENCE, ASYNCUA, PAHO, *WORKS}


def test_every_title_has_room_in_the_table():
    assert [goal.title for goal in GOALS if len(goal.title) > COLUMNS[0]] == []
    assert [name for name in CONTENDERS if len(name) > COLUMNS[1]] == []


def test_an_order_is_served_by_its_own_coil_after_it_was_sent_and_no_frame_serves_two():
    def frame(at: int, device: int, coil: int, value: int = ON) -> Arrival:
        return Arrival(at, device, 5, coil, value)

    sent = [Sent(1_000_000, 0, 0), Sent(2_000_000, 1, 1), Sent(3_000_000, 0, 0), Sent(4_000_000, 2, 0)]
    arrivals = [
        frame(500_000, 0, 0),
        frame(1_100_000, 0, 1),
        frame(1_200_000, 0, 0, value=0),
        frame(1_500_000, 0, 0),
        frame(2_250_000, 1, 1),
        Arrival(3_125_000, 0, 15, 0, 0b01),
    ]
    assert latencies_ms(sent, arrivals) == [0.5, 0.25, 0.125, None]


def test_a_frame_that_comes_much_later_is_not_that_of_an_order_that_was_lost():
    sent = [Sent(0, 0, 0), Sent(28_000_000_000, 0, 0)]
    assert latencies_ms(sent, [Arrival(28_003_000_000, 0, 5, 0, ON)]) == [None, 3.0]


def test_what_was_refused_is_not_lost():
    figures = summary([1.0, 3.0, None, None], refused=1)
    assert (figures["lost"], figures["refused"], figures["p50_ms"], figures["max_ms"]) == (1, 1, 3.0, 3.0)
    assert summary([None], refused=0)["p99_ms"] is None


def test_orders_go_to_every_device_before_one_has_its_second_and_that_goes_the_other_way():
    devices = [4, 5, 6, 7, 8, 9]
    turns = in_turn(devices, 12)
    assert sorted(device for device, _ in turns[:6]) == devices
    assert {coil for _, coil in turns[:6]} == {0}
    assert {coil for _, coil in turns[6:]} == {1}


def test_the_table_fits_a_terminal_and_tells_what_is_not_reached(results: Results):
    results.failures.append(Failure(OURS, "lockdown", "the last device\nnever came"))
    told = list(table(results))
    assert WIDTH <= 100
    assert max(map(len, told)) <= 100
    assert told[-1] == f"not done: {OURS}: lockdown: the last device"
    lost = next(line for line in told if line.startswith("orders lost"))
    assert lost.split()[2:] == [OURS, "0", "0-1", "≤", "0", "yes"]
    results.rounds[0][OURS]["orders"] = {"lost": 1}
    lost = next(line for line in table(results) if line.startswith("orders lost"))
    assert lost.split()[-1] == "NO"


@pytest.mark.parametrize(
    ("value", "figure", "text"),
    [(None, "", ""), (0.0, "lost", "0"), (7.123, "", "7.12"), (99.876, "", "99.9"), (1234.5, "", "1234")],
)
def test_a_number_has_three_figures_that_count(value: float | None, figure: str, text: str):
    assert number(value, figure) == text


def test_a_share_is_told_to_the_hundredth():
    assert number(99.894, "held_percent") == "99.89"


def test_what_was_kept_is_what_is_read(results: Results, tmp_path: Path):
    results.failures.append(Failure(OURS, "lockdown", "why"))
    assert Results.load(results.save(tmp_path / "new" / "latest.json")) == results


def test_the_page_has_new_figures_between_its_marks_and_its_pictures_beside_it(results: Results, tmp_path: Path):
    written = tmp_path / "performance.md"
    written.write_text(MARKED, "utf-8")
    page.write(results, written, tmp_path)
    page.write(results, written, tmp_path)
    text = written.read_text("utf-8")
    assert text.startswith("# Performance\n\nabove\n")
    assert text.endswith("\n\nbelow\n")
    assert "old" not in text
    assert "Measured on 2026-01-31" in text
    assert "| ≤ 0.5x | yes | 90.0 (40.0-100.0), ×0.50 | 100.0 (100.0-200.0), ×1.00 |" in text
    for name in page.pictures(results):
        assert f"(../images/{name})" in text
        assert ElementTree.parse(tmp_path / name).getroot().tag.endswith("svg")


def test_who_loses_orders_is_shown_with_that_and_only_where_it_ran(results: Results, tmp_path: Path):
    (tmp_path / "performance.md").write_text(MARKED, "utf-8")
    for n, found in enumerate(results.rounds):
        found["thingsboard"] = {"orders": {"p50_ms": 2843.0, "p99_ms": 5023.0 + n, "lost": 6 + n}}
        found["nodered"] = {}
    page.write(results, tmp_path / "performance.md", tmp_path)
    text = (tmp_path / "performance.md").read_text("utf-8")
    assert f"| {CONTENDERS['thingsboard'].title} |" in text
    assert CONTENDERS["nodered"].title not in text
    assert "| 7 (6-8) |" in text
    told = list(table(results))
    assert max(map(len, told)) <= 100
    assert [line.split() for line in told if "thingsboard" in line][-1] == ["thingsboard", "7", "6-8"]


def test_each_table_of_the_page_has_only_those_who_did_its_works(results: Results, tmp_path: Path):
    for found in results.rounds:
        found[PAHO] = {"mqtt": {"cpu_us": 80.0}}
        found[OURS] = {**found[OURS], "mqtt": {"cpu_us": 200.0}}
    target = tmp_path / "performance.md"
    target.write_text(MARKED, "utf-8")
    page.write(results, target, tmp_path)
    first, _, spoken = target.read_text("utf-8").partition("### Where the peer speaks")
    assert CONTENDERS[REFERENCE].title in first
    assert CONTENDERS[PAHO].title not in first.partition("| work |")[2]
    assert CONTENDERS[PAHO].title in spoken
    assert "### The journal" not in spoken


def test_a_page_without_marks_is_told(results: Results, tmp_path: Path):
    written = tmp_path / "performance.md"
    written.write_text("# Performance\n", "utf-8")
    with pytest.raises(NotPossible, match="expected the lines"):
        page.write(results, written, tmp_path)


def test_the_page_of_the_repository_has_its_marks():
    text = page.PAGE.read_text("utf-8")
    assert text.index(page.BEGIN) < text.index(page.END)


def test_a_bar_is_as_long_as_its_value():
    rows = [Bar("a & b", Spread(2.0, 1.0, 3.0, 3), ours=True), Bar("c", Spread(4.0, 4.0, 4.0, 3), ours=False)]
    drawn = ElementTree.fromstring(bars("t", "n", rows, goal=3.0))
    widths = [float(it.get("width", 0)) for it in drawn.iter() if it.tag.endswith("rect")][1:]
    assert widths[1] == pytest.approx(2 * widths[0], abs=0.2)


def test_curves_have_a_point_for_each_figure():
    drawn = ElementTree.fromstring(curves("t", "n", {"ours": [(10, 1.0), (1000, 50.0)], "theirs": [(10, 2.0)]}))
    assert len([it for it in drawn.iter() if it.tag.endswith("circle")]) == 3


def test_a_logarithmic_scale_has_its_decades_at_even_distances():
    scale = Scale.over([0.5, 40.0], logarithmic=True)
    assert scale.ticks() == pytest.approx([0.1, 1.0, 10.0, 100.0])
    assert [scale.place(it) for it in (0.0, 0.1, 1.0, 10.0, 100.0)] == pytest.approx([0, 0, 1 / 3, 2 / 3, 1])


def test_every_contender_has_a_title():
    assert all(it.title for it in CONTENDERS.values())
