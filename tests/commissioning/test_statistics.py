"""The figures of travel times, by the definitions that the report prints."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from controller.commissioning.report.statistics import Figures, figures, median, percentile

DURATIONS = st.lists(st.floats(0, 1e6), min_size=1, max_size=60)


@pytest.mark.parametrize(
    ("values", "expected"), [([4.0], 4.0), ([5.0, 3.0], 4.0), ([9.0, 1.0, 2.0], 2.0), ([1.0, 2.0, 4.0, 100.0], 3.0)]
)
def test_the_median_is_the_middle_or_the_mean_of_the_two_in_the_middle(values: list[float], expected: float):
    assert median(values) == expected


@pytest.mark.parametrize(("number", "rank"), [(1, 1), (12, 12), (19, 19), (20, 19), (21, 20), (100, 95), (101, 96)])
def test_the_95th_percentile_is_the_nearest_rank(number: int, rank: int):
    assert percentile([float(value) for value in range(number, 0, -1)], 95) == rank


@given(DURATIONS, st.integers(1, 100))
def test_a_percentile_is_a_measured_value_that_enough_of_them_do_not_exceed(values: list[float], percent: int):
    found = percentile(values, percent)
    assert found in values
    assert sum(value <= found for value in values) * 100 >= percent * len(values)
    smaller = [value for value in values if value < found]
    assert len(smaller) * 100 < percent * len(values)


@given(DURATIONS)
def test_half_of_the_values_are_on_each_side_of_the_median(values: list[float]):
    found = median(values)
    assert sum(value <= found for value in values) * 2 >= len(values)
    assert sum(value >= found for value in values) * 2 >= len(values)


def test_the_figures_of_some_values_and_of_none():
    assert figures([4.6, 15.8, 4.5]) == Figures(3, 4.5, 4.6, 15.8, 15.8)
    assert figures([]) is None


@pytest.mark.parametrize("values", [[], [math.nan], [1.0, math.inf]])
def test_what_has_no_figure_is_refused(values: list[float]):
    for figure in (median, lambda some: percentile(some, 95)):
        with pytest.raises(ValueError, match="expected"):
            figure(values)


@pytest.mark.parametrize("percent", [0, 101, -5])
def test_a_percentile_out_of_range_is_refused(percent: int):
    with pytest.raises(ValueError, match="1 to 100"):
        percentile([1.0], percent)
