"""Axes: places of values, round ticks, and SVG that holds what it was given."""

from __future__ import annotations

from xml.etree import ElementTree as ET

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cellsim.report.axes import Axis, band, element, label, path, picture, spanned, tick_label


def test_values_are_put_between_the_ends() -> None:
    axis = Axis(10, 20, 100, 300)
    np.testing.assert_allclose(axis.place(np.array([10, 15, 20, 25, -5])), [100, 200, 300, 300, 100])


def test_equal_factors_are_equal_steps_of_a_logarithmic_axis() -> None:
    axis = Axis(0.1, 10, 0, 100, logarithmic=True)
    np.testing.assert_allclose(axis.place(np.array([0.1, 1, 10, 0.01, -3])), [0, 50, 100, 0, 0])


@given(st.floats(-1e6, 1e6), st.floats(1e-3, 1e6))
def test_ticks_are_few_round_and_inside(low: float, length: float) -> None:
    axis = Axis(low, low + length, 0, 100)
    ticks = axis.ticks()
    steps = np.diff(ticks)
    assert 2 <= len(ticks) <= 11
    assert low - 1e-6 * length <= ticks[0] <= ticks[-1] <= low + length * (1 + 1e-6)
    np.testing.assert_allclose(steps, steps[0], rtol=1e-6)
    assert f"{steps[0]:.0e}"[0] in "125"


def test_ticks_of_a_logarithmic_axis_are_one_two_five_or_decades() -> None:
    assert Axis(0.2, 20, 0, 1, logarithmic=True).ticks() == pytest.approx([0.2, 0.5, 1, 2, 5, 10, 20])
    assert Axis(0.01, 1000, 0, 1, logarithmic=True).ticks() == pytest.approx([0.01, 0.1, 1, 10, 100, 1000])


@pytest.mark.parametrize(
    ("value", "text"), [(0.0, "0"), (-0.5, "−0.5"), (12000.0, "12,000"), (0.1 + 0.2, "0.3"), (3e-5, "3.0e−05")]
)
def test_tick_labels_have_no_idle_zeros(value: float, text: str) -> None:
    assert tick_label(value) == text


@pytest.mark.parametrize(
    ("values", "ends"),
    [
        ([2.0, 10.0], (0, 10)),
        ([5.0, 10.0], (5, 10)),
        ([-3.0, np.nan], (-4.5, -1.5)),
        ([], (0, 1)),
        ([0.0], (-0.5, 0.5)),
    ],
)
def test_an_axis_spans_what_is_there(values: list[float], ends: tuple[float, float]) -> None:
    axis = spanned(np.array(values), 0, 1)
    assert (axis.low, axis.high) == pytest.approx(ends)


def test_an_axis_holds_zero_if_it_must() -> None:
    assert spanned(np.array([5.0, 10.0]), 0, 1, zero=True).low == 0


def test_a_line_is_broken_where_a_value_is_missing() -> None:
    assert path(np.array([0.0, 1, 2, 3]), np.array([5.0, np.nan, 7, 8])) == "M0.0 5.0M2.0 7.0L3.0 8.0"


def test_a_band_is_drawn_where_it_is_known() -> None:
    x, low, high = np.arange(5.0), np.zeros(5), np.array([1.0, 1, np.nan, 1, 1])
    assert band(x, low, high) == "M0.0 1.0L1.0 1.0L1.0 0.0L0.0 0.0ZM3.0 1.0L4.0 1.0L4.0 0.0L3.0 0.0Z"
    assert band(x, low, np.full(5, np.nan)) == ""


def test_what_people_wrote_cannot_break_out_of_a_picture() -> None:
    evil = '"><script>alert(1)</script>&'
    svg = picture(10, 10, evil, [label(evil, 0, 0, "name"), element("rect", width=1, class_=evil)])
    root = ET.fromstring(svg)
    assert [child.tag for child in root] == ["title", "text", "rect"]
    assert root[0].text == root[1].text == root.attrib["aria-label"] == root[2].attrib["class"] == evil
