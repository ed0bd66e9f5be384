"""Packed objects: none overlaps, the gap is kept, the target is reached or refused."""

from __future__ import annotations

from itertools import combinations
from typing import Any, Literal

import numpy as np
import pytest
from scipy.spatial import cKDTree

from cellsim.distributions import Distribution
from cellsim.generators.base import Outline, Placement, Shape
from cellsim.generators.fields.formula import Formula
from cellsim.generators.outlines.colonies import Colonies
from cellsim.generators.outlines.curves import Curves
from cellsim.generators.packing import Packing
from cellsim.generators.shapes.ellipsoid import Ellipsoid
from cellsim.masks.crops import Crops
from cellsim.sample import Canvas, Sample
from cellsim.seeds import Rng, stream
from tests.contracts import in_one_piece
from tests.statistics import assert_mean, assert_same_distribution

FLAT = Canvas(shape=(50, 70), spacing=(1.0, 0.8))
DEEP = Canvas(shape=(12, 24, 30), spacing=(2.0, 1.0, 1.0))


class Brick(Shape):
    """A block of pixels."""

    kind: Literal["brick"] = "brick"
    sides: tuple[int, ...] = (3, 4)

    def __call__(self, placement: Placement, spacing: Any, rng: Rng) -> Crops:
        crops = Crops.from_list([np.ones(self.sides, np.bool_)] * len(placement), len(self.sides))
        home = np.floor(placement.centres / spacing).astype(np.int64)
        crops.corner[:, 3 - len(self.sides) :] = home - np.array(self.sides) // 2
        return crops


class Followed(Brick):
    """Blocks that are long along y on the left, along x on the right."""

    kind: Literal["followed"] = "followed"  # type: ignore[assignment]

    @property
    def follows(self) -> bool:
        return True

    def __call__(self, placement: Placement, spacing: Any, rng: Rng) -> Crops:
        left = placement.centres[:, 1] < 28
        crops = Crops.from_list([np.ones((5, 2) if one else (2, 5), np.bool_) for one in left], 2)
        crops.corner[:, 1:] = np.floor(placement.centres / spacing)
        return crops


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
            assert_same_distribution(at**1.4, lambda v: np.clip(v, 0, 1))


@pytest.mark.parametrize("ndim", [2, 3])
@pytest.mark.parametrize("border", ["whole", "cut"])
@pytest.mark.parametrize("region", [Colonies(number=2, radius=8.0), Curves(number=2, width=6.0, persistence=50.0)])
def test_a_region_confines_the_centres_of_objects(ndim: int, border: Any, region: Any) -> None:
    canvas, sides = (FLAT, (3, 3)) if ndim == 2 else (DEEP, (1, 3, 3))
    packing = Packing(shape=Brick(sides=sides), cover=0.3, region=region, border=border)
    for i in range(8):
        sample, inside = packing(canvas, rng(i)), region(canvas, rng(i))
        assert not inside.all()
        for name in range(1, sample.count + 1):
            at = np.argwhere(sample.labels[0] == name)
            if len(at) == np.prod(sides):
                assert inside[tuple(at.mean(axis=0).astype(int))]


def test_cover_and_density_refer_to_the_region() -> None:
    region = Colonies(number=1, radius=15.0)
    for i in range(5):
        area = region(FLAT, rng(i)).sum() * 0.8
        assert Packing(shape=Brick(sides=(1, 1)), density=0.05, region=region)(FLAT, rng(i)).count == round(0.05 * area)
        sample = Packing(shape=Brick(sides=(1, 1)), cover=0.2, region=region)(FLAT, rng(i))
        assert sample.count == np.ceil(0.2 * area / 0.8)


def test_a_region_smaller_than_a_pixel_still_holds_an_object() -> None:
    for target in ({"cover": 0.3}, {"density": 0.01}):
        packing = Packing(shape=Brick(), region=Colonies(number=1, radius=0.01), border="cut", **target)
        assert all(packing(FLAT, rng(i)).count == 1 for i in range(10))


class Nowhere(Outline):
    """No pixel at all."""

    kind: Literal["nowhere"] = "nowhere"

    def __call__(self, canvas: Canvas, rng: Rng) -> Any:
        return np.zeros(canvas.shape, np.bool_)


def test_a_region_without_room_stays_empty() -> None:
    assert Packing(shape=Brick(), cover=0.3, region=Nowhere())(FLAT, rng()).count == 0
    large = Packing(shape=Brick(sides=(60, 4)), cover=0.3, region=Colonies(number=1, radius=9.0))
    assert large(FLAT, rng()).count == 0


def test_a_full_region_is_not_refused() -> None:
    packing = Packing(shape=Brick(), cover=0.6, gap=4.0, region=Colonies(number=1, radius=10.0))
    sample = packing(Canvas(shape=(90, 90), spacing=(1.0, 1.0)), rng(5))
    assert sample.count > 1


@pytest.mark.parametrize("canvas", [FLAT, DEEP])
def test_objects_may_be_cut_by_the_border(canvas: Canvas) -> None:
    sides = (5, 5) if canvas.ndim == 2 else (3, 5, 5)
    cut = Packing(shape=Brick(sides=sides), cover=0.3, border="cut")(canvas, rng())
    sizes = np.bincount(cut.labels.ravel())[1:]
    assert 0 < (sizes < np.prod(sides)).mean() < 1
    for i in np.flatnonzero(sizes < np.prod(sides)):
        at = np.argwhere(cut.labels[0] == i + 1)
        assert ((at == 0) | (at == np.array(canvas.shape) - 1)).any()
    assert 0.3 <= cut.cover < 0.3 + np.prod(sides) / canvas.pixels


def test_of_an_object_that_the_border_cuts_in_two_the_larger_piece_is_left() -> None:
    class Horseshoe(Brick):
        kind: Literal["horseshoe"] = "horseshoe"  # type: ignore[assignment]

        def __call__(self, placement: Placement, spacing: Any, rng: Rng) -> Crops:
            mask = np.ones((6, 9), np.bool_)
            mask[:4, 3:7] = False
            crops = Crops.from_list([mask] * len(placement), 2)
            crops.corner[:, 1:] = np.floor(placement.centres / spacing) - (0, 4)
            return crops

    packing = Packing(shape=Horseshoe(), cover=0.3, border="cut")
    samples = [packing(Canvas(shape=(30, 30), spacing=(1.0, 1.0)), rng(i)) for i in range(20)]
    assert all(in_one_piece(sample.labels[0]) for sample in samples)
    assert sum(12 in np.bincount(sample.labels.ravel())[1:] for sample in samples) > 0


def test_objects_that_follow_a_field_lie_where_they_were_drawn() -> None:
    for i in range(5):
        sample = Packing(shape=Followed(), cover=0.4)(FLAT, rng(i))
        assert sample.count > 40
        for name in range(1, sample.count + 1):
            at = np.argwhere(sample.labels[0] == name)
            left = (at[:, 1].min() + 0.5) * 0.8 < 28
            assert tuple(np.ptp(at, axis=0) + 1) == ((5, 2) if left else (2, 5))


def test_objects_keep_their_law_of_sizes_where_there_is_room() -> None:
    law = Distribution(law="choice", values=(2.0, 5.0))
    canvas = Canvas(shape=(80, 80), spacing=(1.0, 1.0))

    def large(shape: Ellipsoid) -> list[bool]:
        samples = [Packing(shape=shape, density=0.0085)(canvas, rng(i)).labels for i in range(60)]
        return [bool(size > 40) for labels in samples for size in np.bincount(labels.ravel())[1:]]

    assert_mean(large(Ellipsoid(radius=law)), 0.5)
    with pytest.raises(AssertionError):  # objects drawn anew for every place: small ones find one more easily
        assert_mean(large(Ellipsoid(radius=law, along=Formula(formula=("1", "1")))), 0.5)


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
    canvas = Canvas(shape=(400, 400), spacing=(1.0, 1.0))
    assert Packing(shape=Brick(sides=(1, 1)), density=65_535 / 400**2)(canvas, rng()).count == 65_535
    with pytest.raises(ValueError, match="at most 65,535 objects, got more: lower the density"):
        Packing(shape=Brick(sides=(1, 1)), density=65_536 / 400**2)(canvas, rng())


def test_one_target_is_asked_for() -> None:
    for both in ({}, {"cover": 0.1, "density": 0.1}):
        with pytest.raises(ValueError, match="give either cover or density, got cover"):
            Packing(shape=Brick(), **both)
