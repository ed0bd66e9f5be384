"""Nuclei with Golgi: pairs with equal ids, their vectors, those alone, and what deformation does to them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats

from cellsim.distributions import Distribution
from cellsim.errors import RecipeError
from cellsim.generators.base import Generator
from cellsim.generators.fields.formula import Formula
from cellsim.generators.nuclei_golgi import NucleiGolgi
from cellsim.generators.points.poisson import Poisson
from cellsim.generators.points.ssi import SSI
from cellsim.generators.shapes.ellipsoid import Ellipsoid
from cellsim.sample import Canvas, Sample
from cellsim.seeds import stream
from cellsim.steps import parse
from tests.contracts import in_one_piece
from tests.statistics import ALPHA, assert_mean, assert_same_distribution

VOLUME = Canvas(shape=(40, 80, 80), spacing=(1.0, 0.5, 0.5))
PLAIN: dict[str, Any] = {
    "points": SSI(density=0.0006, distance=8.0),
    "nucleus": Ellipsoid(radius=2.5, elongation=1.3),
    "golgi": Ellipsoid(radius=1.3),
    "distance": 4.6,
    "margin": 8.0,
}
BENT = {"pair_warp": 1.0, "warp": 3.0, "warp_scale": 20.0}


def draw(index: int = 0, canvas: Canvas = VOLUME, **fields: Any) -> Sample:
    return NucleiGolgi(**(PLAIN | fields))(canvas, stream(0, index, "golgi"))


def vectors(n: int = 12, **fields: Any) -> NDArray[np.float64]:
    found = np.concatenate([draw(i, **fields).objects["vector"] for i in range(n)])
    return found[~np.isnan(found[:, 0])].astype(np.float64)


def inner(sample: Sample, plane: int, margin: int = 5) -> list[int]:
    """Ids of objects of a structure that keep away from the border."""
    labels = sample.labels[plane]
    core = labels[(slice(margin, -margin),) * labels.ndim]
    edge = labels.copy()
    edge[(slice(1, -1),) * labels.ndim] = 0
    return sorted(set(np.unique(core)) - {0} - set(np.unique(edge)))


@pytest.mark.parametrize("fields", [{}, BENT])
def test_pairs_have_equal_ids_and_stand_where_their_records_say(fields: dict[str, Any]) -> None:
    sample = draw(**fields)
    assert sample.structures == ("nuclei", "golgi")
    assert sample.count > 20
    np.testing.assert_allclose(sample.objects["vector"], sample.objects["golgi"] - sample.objects["nucleus"], atol=1e-5)
    for plane, name in enumerate(("nucleus", "golgi")):
        off = []
        for k in inner(sample, plane):
            middle = (np.argwhere(sample.labels[plane] == k) + 0.5).mean(axis=0) * VOLUME.spacing
            off.append(np.linalg.norm(middle - sample.objects[name][k - 1]))
        assert len(off) > 8
        assert np.mean(off) < 0.4


@pytest.mark.parametrize("fields", [{}, BENT, {"points": Poisson(density=0.002)}])
def test_objects_touch_but_do_not_overlap_and_none_is_split(fields: dict[str, Any]) -> None:
    sample = draw(**fields)
    nuclei, golgi = sample.labels
    assert not ((nuclei > 0) & (golgi > 0)).any()
    assert in_one_piece(nuclei)
    assert in_one_piece(golgi)


def test_distances_follow_their_law() -> None:
    law = Distribution(law="normal", values=(5.0, 0.4))
    found = np.linalg.norm(vectors(distance=law), axis=1)
    cut = stats.truncnorm(-3, 3, 5.0, 0.4)
    assert_same_distribution(found, cut.cdf)
    with pytest.raises(AssertionError, match="distance"):
        assert_same_distribution(found * 1.05, cut.cdf)


def test_without_a_polarity_directions_are_uniform_on_the_sphere() -> None:
    unit = vectors() / 4.6
    for axis in range(3):
        assert_same_distribution((unit[:, axis] + 1) / 2, stats.uniform.cdf)  # Archimedes


def test_with_a_polarity_the_angle_to_it_is_normal() -> None:
    field = Formula(formula=("0", "1", "1"))
    unit = vectors(polarity=field, spread=20.0) / 4.6
    angle = np.degrees(np.arccos(np.clip(unit @ np.array([0, 1, 1]) / np.sqrt(2), -1, 1)))
    assert_same_distribution(angle / 20, stats.halfnorm.cdf)
    with pytest.raises(AssertionError, match="distance"):
        assert_same_distribution(angle / 26, stats.halfnorm.cdf)
    exact = vectors(3, polarity=field) / 4.6
    np.testing.assert_allclose(exact @ np.array([0, 1, 1]) / np.sqrt(2), 1, atol=1e-5)


def test_pairs_lie_along_the_border_of_a_region() -> None:
    band = {"kind": "band", "width": 12, "angle": 0}
    step = parse(
        Generator,
        {
            "kind": "nuclei-golgi",
            "points": {"kind": "ssi", "density": 0.0008, "distance": 7},
            "nucleus": {"kind": "ellipsoid", "radius": 2.5},
            "golgi": {"kind": "ellipsoid", "radius": 1.2},
            "distance": 4,
            "region": band,
            "aligned": "across",
        },
        "generator",
    )
    found = np.concatenate([step(VOLUME, stream(0, i, "golgi")).objects["vector"] for i in range(3)])  # type: ignore[operator]
    assert (abs(found[:, 1]) / 4).mean() > 0.9  # the band runs along x, its slab along z


def test_lone_nuclei_and_golgi_come_at_their_rates_and_say_so() -> None:
    have = []
    for i in range(12):
        sample = draw(i, lone_nuclei=0.2, lone_golgi=0.1, pairs=True)
        has = [~np.isnan(sample.objects[name][:, 0]) for name in ("nucleus", "golgi")]
        have.append(np.stack(has, axis=1))
        np.testing.assert_array_equal(np.isnan(sample.objects["vector"][:, 0]), ~(has[0] & has[1]))
        for plane in range(2):
            ids = np.unique(sample.labels[plane])
            assert has[plane][ids[ids > 0] - 1].all()
        whole = np.isin(np.maximum(*sample.labels[:2]), np.flatnonzero(has[0] & has[1]) + 1)
        np.testing.assert_array_equal(sample.labels[2], np.maximum(*sample.labels[:2]) * whole)
    all_of = np.concatenate(have)
    for column, share in ((1, 0.8), (0, 0.9)):
        k = int(all_of[:, column].sum())
        assert stats.binomtest(k, len(all_of), share).pvalue > ALPHA
        assert stats.binomtest(k, len(all_of), share - 0.15).pvalue < ALPHA, "a planted fault"


def test_volumes_are_those_of_balls_and_ellipsoids_whatever_the_voxel() -> None:
    content = float(np.prod(VOLUME.spacing))
    for plane, radius in ((0, 2.5), (1, 1.3)):
        found = []
        for i in range(6):
            sample = draw(i, distance=9.0)
            found += [(sample.labels[plane] == k).sum() * content for k in inner(sample, plane)]
        assert_mean(found, 4 / 3 * np.pi * radius**3)
    with pytest.raises(AssertionError, match="sd from"):
        assert_mean(found, 4 / 3 * np.pi * (1.05 * radius) ** 3)


def test_a_ball_of_five_microns_is_five_microns_on_every_axis() -> None:
    canvas = Canvas(shape=(40, 80, 100), spacing=(1.0, 0.5, 0.4))
    sample = draw(1, canvas, points=SSI(density=0.0003, distance=13.0), nucleus=Ellipsoid(radius=5.0), distance=7.0)
    extents = []
    for k in range(1, sample.count + 1):
        at = np.argwhere(sample.labels[0] == k)
        if len(at) and (at.min(axis=0) > 0).all() and (at.max(axis=0) < np.array(canvas.shape) - 1).all():
            extents.append((np.ptp(at, axis=0) + 1) * canvas.spacing)
    assert extents
    np.testing.assert_allclose(extents, 10.0, atol=1.1)


def test_a_golgi_inside_its_nucleus_is_its_nucleus() -> None:
    sample = draw(distance=0.3)
    assert not sample.labels[1].any()
    flat = Canvas(shape=(80, 80), spacing=(0.5, 0.5))
    assert draw(0, flat, points=SSI(density=0.006, distance=10.0)).labels[1].any()


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"lone_nuclei": 0.7, "lone_golgi": 0.5}, "lone_nuclei and lone_golgi must not be more than 1 together"),
        ({"distance": -2}, "generator.distance: must be > 0 µm, got -2"),
        ({"pair_warp": -1}, "generator.pair_warp: must be >= 0 µm, got -1"),
        (
            {
                "aligned": "along",
                "polarity": {"kind": "formula", "formula": ["0", "0", "1"]},
                "region": {"kind": "band", "width": 9, "angle": 0},
            },
            "give either aligned or polarity",
        ),
    ],
)
def test_what_does_not_go_together_is_refused(changes: dict[str, Any], said: str) -> None:
    values = {
        "kind": "nuclei-golgi",
        "points": {"kind": "poisson", "density": 0.001},
        "nucleus": {"kind": "ellipsoid", "radius": 2},
        "golgi": {"kind": "ellipsoid", "radius": 1},
        "distance": 4,
    }
    with pytest.raises(RecipeError, match=said):
        parse(Generator, values | changes, "generator")
