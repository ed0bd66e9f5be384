"""Cells of several parts: equal ids, parts within one another, overlap of the part that counts, planes."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy import stats

from cellsim.generators.cells import Cells
from cellsim.generators.points.clusters import Clusters
from cellsim.generators.shapes.ellipsoid import Ellipsoid
from cellsim.generators.shapes.simcep import Simcep
from cellsim.masks.planes import visible
from cellsim.sample import Canvas, Sample
from cellsim.seeds import stream
from tests.statistics import assert_same_distribution

CANVAS = Canvas(shape=(120, 140), spacing=(0.5, 0.5))
POINTS = Clusters(points=25, clusters=2, clustered=0.6, spread=12, tries=50)


def cells(**fields: Any) -> Cells:
    given = {
        "points": POINTS,
        "cytoplasm": Simcep(radius=7, alpha=0.2, beta=0.05),
        "nucleus": Simcep(radius=3),
        "particle": Ellipsoid(radius=0.8),
        "overlap": 0.1,
        "layers": 6,
        "margin": 0.0,
        "fewer": True,
    }
    return Cells(**(given | fields))


def draw(index: int = 0, canvas: Canvas = CANVAS, **fields: Any) -> Sample:
    return cells(**fields)(canvas, stream(0, index, "cells"))


def masks(sample: Sample, structure: str) -> list[np.ndarray]:
    """The pixels of every object of a structure."""
    planes = sample.planes(structure)
    return [(planes == name).any(axis=0) for name in range(1, sample.count + 1)]


def touches_the_border(mask: np.ndarray) -> bool:
    return bool(mask[0].any() or mask[-1].any() or mask[:, 0].any() or mask[:, -1].any())


def test_parts_of_a_cell_have_its_id_and_lie_in_it_in_the_same_plane() -> None:
    sample = draw()
    cytoplasm = sample.planes("cytoplasm")
    assert sample.count > 15
    for part in ("nuclei", "particles"):
        planes = sample.planes(part)
        assert (planes[planes > 0] == cytoplasm[planes > 0]).all()
    whole = [i for i, m in enumerate(masks(sample, "cytoplasm")) if not touches_the_border(m)]
    nuclei = masks(sample, "nuclei")
    assert whole
    for i in whole:
        assert nuclei[i].any()
        at = (np.argwhere(nuclei[i]) + 0.5).mean(axis=0) * 0.5
        np.testing.assert_allclose(at, sample.objects["centre"][i], atol=0.8)


@pytest.mark.parametrize("judged", ["nuclei", "cytoplasm"])
def test_the_judged_part_overlaps_no_more_than_it_may(judged: str) -> None:
    worst = {}
    for part in ("nuclei", "cytoplasm"):
        shares = []
        for i in range(3):
            found = [m for m in masks(draw(i, judged=judged), part) if m.any() and not touches_the_border(m)]
            shares += [(a & b).sum() / min(a.sum(), b.sum()) for k, a in enumerate(found) for b in found[:k]]
        worst[part] = max(shares)
    assert worst[judged] <= 0.1
    assert (worst["cytoplasm"] > 0.3) == (judged == "nuclei")


def test_a_cell_keeps_all_of_it_in_one_plane_with_room_about_it() -> None:
    sample = draw()
    for plane in sample.planes("cytoplasm"):
        for dy in (-1, 0, 1):
            for dx in (-1, 0, 1):
                near = np.roll(plane, (dy, dx), (0, 1))
                apart = (near == 0) | (plane == 0) | (near == plane)
                assert apart[1:-1, 1:-1].all()


@pytest.mark.parametrize("planes", ["layers", "visible", "both"])
def test_planes_are_those_of_layers_of_what_is_seen_or_of_both(planes: Any) -> None:
    sample = draw(planes=planes, layers=6)
    parts = ("cytoplasm", "nuclei", "particles")
    layered = [f"{part}-{i}" for part in parts for i in range(1, 7)]
    seen = [f"{part}-visible" for part in parts]
    expected = {"layers": layered, "visible": seen, "both": layered + seen}[planes]
    assert sample.structures == tuple(expected)
    both = draw(planes="both", layers=6)
    for part in parts:
        np.testing.assert_array_equal(both.planes(f"{part}-visible")[0], visible(both.planes(part)))
        if planes != "layers":
            np.testing.assert_array_equal(sample.planes(f"{part}-visible"), both.planes(f"{part}-visible"))


def test_one_layer_has_no_number() -> None:
    assert cells(layers=1, particle=None).structures == ("cytoplasm", "nuclei")
    assert draw(layers=1).planes("nuclei").shape == (1, 120, 140)


def test_particles_are_as_many_as_asked_and_anywhere_in_the_cytoplasm() -> None:
    none = draw(particles=0)
    assert not none.planes("particles").any()
    disk = {"cytoplasm": Ellipsoid(radius=20), "particle": Ellipsoid(radius=0.1), "particles": 3000}
    canvas = Canvas(shape=(300, 300), spacing=(0.25, 0.25))
    one = Clusters(points=1, clusters=1, clustered=0, spread=1, tries=1)
    drawn = (draw(i, canvas, points=one, **disk) for i in range(20))
    sample = next(s for s in drawn if not touches_the_border(s.planes("cytoplasm")[0] > 0))
    at = (np.argwhere(sample.planes("particles")[0]) + 0.5) * 0.25 - sample.objects["centre"][0]
    rim = np.hypot(*at.T)
    inside = rim[rim < 19]  # where no particle is cut
    assert_same_distribution(
        inside + 0.125 * np.random.default_rng(0).uniform(-1, 1, len(inside)), stats.powerlaw(2, 0, 19).cdf, 1e-9
    )


def test_three_axes_are_drawn() -> None:
    canvas = Canvas(shape=(24, 40, 40), spacing=(1.0, 0.5, 0.5))
    sample = draw(0, canvas, cytoplasm=Ellipsoid(radius=4), nucleus=Ellipsoid(radius=2), layers=3)
    assert sample.planes("nuclei").shape == (3, 24, 40, 40)
    assert (sample.planes("nuclei") > 0).sum() > 0
