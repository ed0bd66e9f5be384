"""Plots: each draws what is in its record, at the place where it belongs."""

from __future__ import annotations

import re
from xml.etree import ElementTree as ET

import numpy as np
import pytest

from cellsim.evaluate.records import Interval
from cellsim.report.axes import Axis
from cellsim.report.figures import densities, distribution, envelopes, over_floors, shares, smooth_density
from tests.report.findings import NARROW, WIDE, curve, difference, distance


def parts(svg: str, css: str) -> list[ET.Element]:
    return [one for one in ET.fromstring(svg).iter() if one.attrib.get("class") == css]


def texts(svg: str) -> list[str]:
    return [one.text or "" for one in ET.fromstring(svg).iter("text")]


def points(one: ET.Element) -> np.ndarray:
    return np.array([pair.split() for pair in re.findall(r"[\d.]+ [\d.]+", one.attrib["d"])], np.float64)


def test_a_density_integrates_to_one_and_peaks_where_values_are() -> None:
    axis = Axis(-5, 5, 0, 1)
    density = smooth_density(NARROW, axis)
    assert density.sum() * 10 / len(density) == pytest.approx(1, abs=0.01)
    assert abs(np.linspace(-5, 5, len(density))[density.argmax()]) < 0.5


def test_a_density_does_not_leak_over_the_end_of_its_axis() -> None:
    values = np.abs(NARROW)
    density = smooth_density(values, Axis(0, 5, 0, 1))
    assert density.sum() * 5 / len(density) == pytest.approx(1, abs=0.01)
    assert density[0] > 0.9 * density.max()


def test_a_density_of_one_value_or_none_is_drawn() -> None:
    assert smooth_density(np.zeros(0), Axis(0, 1, 0, 1)).max() == 0
    assert smooth_density(np.full(9, 0.5), Axis(0, 1, 0, 1)).max() > 1
    for values in (np.zeros(0), np.full(3, 2.0), np.array([np.inf, 1.0])):
        ET.fromstring(densities(values, NARROW, "x", "title"))
        ET.fromstring(densities(values, np.zeros(0), "x", "title"))


def test_medians_stand_where_they_are() -> None:
    svg = distribution(difference(), "nuclei")
    real, synthetic = (float(parts(svg, f"median {name}")[0].attrib["x1"]) for name in ("real", "synthetic"))
    low, high = np.percentile(difference().synthetic, 0.5), np.percentile(difference().real, 99.5)
    assert real == pytest.approx(12 + (100 - low) / (high - low) * 336, abs=0.1)
    assert synthetic == pytest.approx(12 + (80 - low) / (high - low) * 336, abs=0.1)
    assert "area (µm²)" in texts(svg)
    assert "401 and 401 nuclei" in ET.fromstring(svg)[0].text


def test_the_wider_distribution_is_the_lower_one() -> None:
    svg = densities(NARROW, WIDE, "x", "title")
    tops = [points(parts(svg, f"line {name}")[0])[:, 1].min() for name in ("real", "synthetic")]
    assert tops[0] == pytest.approx(40)
    assert tops[1] > 80


def test_curves_and_envelopes_follow_their_values() -> None:
    svg = envelopes(curve())
    real, synthetic = (points(parts(svg, f"line {name}")[0]) for name in ("real", "synthetic"))
    np.testing.assert_allclose(real[:9], synthetic[:9])
    assert (synthetic[9:, 1] < real[9:, 1] - 20).all()
    for name in ("real", "synthetic", "independent"):
        assert points(parts(svg, f"band {name}")[0]).shape == (40, 2)
    assert {"distance (µm)", "Ripley's L (µm)", "real", "synthetic", "independent points"} <= set(texts(svg))


def test_an_envelope_that_is_far_wider_does_not_flatten_the_curves() -> None:
    one = curve()
    svg = envelopes(one._replace(real_envelope=1e6 * one.real_envelope))
    synthetic = points(parts(svg, "line synthetic")[0])
    assert np.ptp(synthetic[:, 1]) > 30
    ET.fromstring(envelopes(one._replace(real=np.full(20, np.nan), real_envelope=np.full((2, 20), np.nan))))


def test_a_distance_is_drawn_in_units_of_its_floor() -> None:
    svg = over_floors([distance(found=2.0), distance(found=20.0)])
    dots = [float(dot.attrib["cx"]) for dot in parts(svg, "dot synthetic")[1:]]
    edge = float(parts(svg, "floor-edge")[0].attrib["x1"])
    floor = parts(svg, "floor")[1]
    assert dots[0] == pytest.approx(edge, abs=0.1)
    assert dots[1] > edge + 100
    assert float(floor.attrib["x"]) + float(floor.attrib["width"]) == pytest.approx(edge, abs=0.1)
    assert "10 times the floor" in texts(svg)


def test_what_has_no_floor_is_not_drawn() -> None:
    bare = distance()._replace(floor=Interval(np.nan, np.nan, np.nan))
    assert over_floors([bare, distance("precision", 0.5)]) == ""
    assert shares([distance()]) == ""


def test_shares_are_drawn_from_none_to_all() -> None:
    bare = distance("recall", 0.5)._replace(floor=Interval(np.nan, np.nan, np.nan))
    svg = shares([distance("precision", 0.0), bare, distance("precision", 1.0)])
    dots = [float(dot.attrib["cx"]) for dot in parts(svg, "dot synthetic")[1:]]
    assert dots == pytest.approx([12, 220, 428])
