"""Packed objects: none overlaps, the gap is kept, the target is reached or refused."""

from __future__ import annotations

from itertools import combinations
from typing import Any, Literal

import numpy as np
import pytest
from scipy.spatial import cKDTree

from cellsim.distributions import Distribution
from cellsim.generators.base import Shape
from cellsim.generators.packing import Packing, _check_count, _offsets_within
from cellsim.generators.shapes.ellipsoid import Ellipsoid
from cellsim.sample import Canvas, Sample
from cellsim.seeds import Rng, stream
from tests.statistics import assert_mean, assert_same_distribution

FLAT = Canvas(shape=(50, 70), spacing=(1.0, 0.8))
DEEP = Canvas(shape=(12, 24, 30), spacing=(2.0, 1.0, 1.0))


class Brick(Shape):
    """A block of pixels."""

    kind: Literal["brick"] = "brick"
    sides: tuple[int, ...] = (3, 4)

    def __call__(self, rng: Rng, spacing: Any) -> Any:
        return np.ones(self.sides, np.bool_)


def rng(index: int = 0) -> Rng:
    return stream(0, index, "packing")


def least_distance(sample: Sample) -> float:
    """Nearest that pixel centres of two objects are, by looking at all pairs of objects."""
    at = [np.argwhere(sample.labels[0] == i + 1) * sample.spacing for i in range(sample.count)]
    return min(cKDTree(a).query(b)[0].min() for a, b in combinations(at, 2))


@pytest.mark.parametrize(("canvas", "sides"), [(FLAT, (3, 4)), (DEEP, (2, 3, 4))])
def test_no_object_lies_on_another_or_is_cut(canvas: Canvas, sides: tuple[int, ...]) -> None:
    sample = Packing(shape=Brick(sides=sides), cover=0.45)(canvas, rng())
    sizes = np.bincount(sample.labels.ravel())[1:]
    assert (sizes == np.prod(sides)).all()
    for i in range(sample.count):
        at = np.argwhere(sample.labels[0] == i + 1)
        assert tuple(np.ptp(at, axis=0) + 1) == sides


@pytest.mark.parametrize("canvas", [FLAT, DEEP])
@pytest.mark.parametrize("gap", [1.5, 3.0])
def test_pixels_of_two_objects_are_a_gap_apart(canvas: Canvas, gap: float) -> None:
    packing = Packing(shape=Ellipsoid(radius=2.5, elongation=1.5), cover=0.12, gap=gap)
    found = [least_distance(packing(canvas, rng(i))) for i in range(5)]
    assert gap <= min(found) < 1.6 * gap


def test_the_pixels_nearer_than_the_gap_are_blocked() -> None:
    assert len(_offsets_within(0.0, np.array([1.0, 1.0, 1.0]))) == 1
    assert len(_offsets_within(1.0, np.array([1.0, 1.0, 1.0]))) == 1  # a neighbour is not nearer than 1
    assert len(_offsets_within(1.01, np.array([1.0, 1.0, 1.0]))) == 7
    assert len(_offsets_within(1.5, np.array([9.0, 1.0, 1.0]))) == 9
    assert len(_offsets_within(1.5, np.array([9.0, 1.0, 0.5]))) == 15


@pytest.mark.parametrize("canvas", [FLAT, DEEP])
def test_cover_is_reached_and_passed_by_less_than_an_object(canvas: Canvas) -> None:
    sides = (3, 4) if canvas.ndim == 2 else (2, 3, 4)
    for cover in (0.05, 0.2, 0.4):
        sample = Packing(shape=Brick(sides=sides), cover=cover)(canvas, rng())
        assert cover <= sample.cover < cover + np.prod(sides) / canvas.pixels


def test_density_is_reached_exactly() -> None:
    for density in (0.001, 0.01, 0.02):
        assert Packing(shape=Brick(), density=density)(FLAT, rng()).count == round(density * 50 * 56)
    assert Packing(shape=Brick(sides=(2, 3, 3)), density=0.002)(DEEP, rng()).count == round(0.002 * 24 * 24 * 30)


def test_a_lone_object_is_as_likely_at_every_place() -> None:
    packing = Packing(shape=Brick(), density=1e-6)
    corners = [np.argwhere(packing(FLAT, rng(i)).labels[0]).min(axis=0) for i in range(800)]
    places = np.array(FLAT.shape) - (3, 4) + 1
    u = (np.array(corners) + np.random.default_rng(0).random((800, 2))) / places
    for at in u.T:
        assert_same_distribution(at, lambda v: np.clip(v, 0, 1))
        with pytest.raises(AssertionError):
            assert_same_distribution(at**1.25, lambda v: np.clip(v, 0, 1))


@pytest.mark.parametrize("ndim", [2, 3])
def test_colonies_confine_the_centres_of_objects(ndim: int) -> None:
    canvas, sides = (FLAT, (3, 3)) if ndim == 2 else (DEEP, (1, 3, 3))
    packing = Packing(shape=Brick(sides=sides), cover=0.3, colonies=2, colony_radius=8.0)
    for i in range(10):
        sample, region = packing(canvas, rng(i)), packing.region(canvas, rng(i))
        assert region.mean() < 0.5
        for name in range(1, sample.count + 1):
            middle = np.argwhere(sample.labels[0] == name).mean(axis=0).astype(int)
            assert region[tuple(middle)]


def test_an_open_canvas_is_the_region_where_no_colonies_are_asked_for() -> None:
    assert Packing(shape=Brick(), cover=0.3).region(FLAT, rng()).all()


def test_a_colony_is_a_disk() -> None:
    canvas = Canvas(shape=(200, 300), spacing=(1.0, 0.5))
    packing = Packing(shape=Brick(), cover=0.3, colonies=1, colony_radius=15.0)
    whole = [region for i in range(40) if not _touches_border(region := packing.region(canvas, rng(i)))]
    assert len(whole) > 10
    for region in whole:
        at = np.argwhere(region) * canvas.spacing
        assert len(at) * 0.5 == pytest.approx(np.pi * 15**2, rel=0.02)
        assert np.hypot(*(at - at.mean(axis=0)).T).max() < 15.5


def _touches_border(region: Any) -> bool:
    return bool(region[0].any() or region[-1].any() or region[:, 0].any() or region[:, -1].any())


def test_colonies_stand_anywhere_and_have_a_radius_each() -> None:
    canvas = Canvas(shape=(100, 100), spacing=(1.0, 1.0))
    law = Distribution(law="choice", values=(4.0, 6.0))
    packing = Packing(shape=Brick(), cover=0.3, colonies=1, colony_radius=law)
    regions = np.array([packing.region(canvas, rng(i)) for i in range(600)])
    inner = regions[:, 20:80, 20:80].mean(axis=(1, 2))
    expected = np.pi * (4**2 + 6**2) / 2 / 100**2  # a point is in a disk of random centre with this chance
    assert_mean(inner, expected)
    with pytest.raises(AssertionError):
        assert_mean(inner, 1.5 * expected)


def test_a_colony_smaller_than_a_pixel_still_holds_an_object() -> None:
    for target in ({"cover": 0.3}, {"density": 0.01}):
        packing = Packing(shape=Brick(), colonies=1, colony_radius=0.01, **target)
        assert all(packing(FLAT, rng(i)).count <= 1 for i in (1, 2, 3))
        assert packing.region(FLAT, rng()).sum() == 1


def test_a_full_colony_is_not_refused() -> None:
    packing = Packing(shape=Brick(), cover=0.6, gap=4.0, colonies=1, colony_radius=10.0)
    sample = packing(Canvas(shape=(90, 90), spacing=(1.0, 1.0)), rng(5))
    assert sample.count > 1


def test_a_cover_that_cannot_be_packed_is_refused() -> None:
    with pytest.raises(
        ValueError, match=r"cover 0\.6 cannot be packed with a gap of 3 µm: the canvas was full at \d+%"
    ):
        Packing(shape=Brick(), cover=0.6, gap=3.0)(FLAT, rng())
    with pytest.raises(ValueError, match=r"density 0\.1 cannot be packed with a gap of 0 µm"):
        Packing(shape=Brick(), density=0.1)(FLAT, rng())


def test_objects_larger_than_the_canvas_are_refused() -> None:
    with pytest.raises(ValueError, match="no object fits on the canvas: the shapes are too large for it"):
        Packing(shape=Brick(sides=(60, 4)), cover=0.1)(FLAT, rng())


def test_an_object_as_large_as_the_canvas_fits() -> None:
    canvas = Canvas(shape=(5, 6), spacing=(1.0, 1.0))
    assert Packing(shape=Brick(sides=(5, 6)), density=0.001)(canvas, rng()).cover == 1.0


def test_more_objects_than_labels_are_refused() -> None:
    _check_count(65_535)
    with pytest.raises(ValueError, match="at most 65,535 objects, got more: lower the density"):
        _check_count(65_536)


def test_one_target_is_asked_for() -> None:
    for both in ({}, {"cover": 0.1, "density": 0.1}):
        with pytest.raises(ValueError, match="give either cover or density, got cover"):
            Packing(shape=Brick(), **both)
