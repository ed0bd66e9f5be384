"""All that is measured of one image: forms of whole objects, places, light, regions and planes."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from cellsim.evaluate.measured import first_structure, measure, measure_both, numbered
from cellsim.recipe import Recipe
from cellsim.sample import Sample

RECIPE = {
    "canvas": {"shape": [96, 96], "spacing": [0.5, 0.5]},
    "generator": {
        "kind": "population",
        "points": {"kind": "poisson", "density": 0.01},
        "shape": {"kind": "ellipsoid", "radius": 3.0},
        "margin": 5,
    },
    "translators": [{"kind": "texture"}, {"kind": "detector", "photons": 500}],
}
SOLID = RECIPE | {"canvas": {"shape": [24, 40, 40], "spacing": [1.0, 0.5, 0.5]}, "translators": [{"kind": "texture"}]}
SOLID["generator"] = RECIPE["generator"] | {"points": {"kind": "poisson", "density": 0.003}}


def sample(seed: int = 0) -> Sample:
    return Recipe.parse(RECIPE | {"seed": seed}).draw(0)


def test_every_object_has_every_statistic() -> None:
    found = measure(sample())
    assert len(found) == sample().count > 10
    assert all(values.shape == (len(found),) for values in found.objects.values())
    whole = ~np.isnan(found.objects["size"])
    assert 0 < whole.sum() < len(found)  # some reach the border
    np.testing.assert_array_equal(np.isnan(found.objects["boundary"]), ~whole)
    assert np.nanmax(found.objects["size"]) == pytest.approx(np.pi * 9, rel=0.05)
    assert {"cover", "background", "noise"} <= set(found.image)
    assert found.image["cover"] == pytest.approx(sample().cover)


def test_an_image_that_is_not_there_has_no_light() -> None:
    found = measure(replace(sample(), image=None))
    assert "brightness" not in found.objects
    assert set(found.image) == {"cover"}


def test_volumes_are_measured_too() -> None:
    found = measure(Recipe.parse(SOLID).draw(0))
    assert found.region.ndim == 3
    assert "curvature" not in found.objects
    assert np.nanmedian(found.objects["size"]) == pytest.approx(4 / 3 * np.pi * 27, rel=0.05)
    assert np.nanmedian(found.objects["boundary"]) == pytest.approx(4 * np.pi * 9, rel=0.05)
    assert np.isfinite(found.objects["brightness"]).all()


def test_a_region_keeps_the_objects_whose_centres_are_in_it() -> None:
    half = np.zeros((96, 96), np.bool_)
    half[:, :48] = True
    every, found = measure(sample()), measure(sample(), region=half)
    kept = every.centre[:, 1] < 24
    np.testing.assert_array_equal(found.centre, every.centre[kept])
    np.testing.assert_array_equal(found.objects["brightness"], every.objects["brightness"][kept])
    assert found.region.volume == every.region.volume / 2
    assert found.image["cover"] == pytest.approx((sample().labels[0][:, :48] > 0).mean())
    with pytest.raises(ValueError, match="shape of the samples"):
        measure(sample(), region=half[:50])


def test_objects_on_two_planes_are_measured_like_objects_on_one() -> None:
    one = sample()
    planes = np.where(one.labels % 2, one.labels, 0), np.where(one.labels % 2, 0, one.labels)
    two = Sample(np.concatenate(planes), one.spacing, one.image, structures=("nuclei-1", "nuclei-2"))
    assert first_structure(two) == "nuclei"
    order = np.concatenate([np.arange(0, one.count, 2), np.arange(1, one.count, 2)])
    expected, found = measure(one), measure(two, "nuclei")
    np.testing.assert_allclose(found.centre, expected.centre[order])
    for name in ("size", "boundary", "solidity", "curvature", "brightness", "texture"):
        np.testing.assert_allclose(found.objects[name], expected.objects[name][order])
    assert found.image == pytest.approx(expected.image)


def test_objects_that_others_hide_have_no_light() -> None:
    planes = np.zeros((2, 40, 40), np.uint16)
    planes[0, 5:25, 5:25], planes[1, 10:20, 10:20] = 1, 2
    image = np.full((1, 40, 40), 0.5, np.float32)
    found = measure(Sample(planes, (1.0, 1.0), image, structures=("cells-1", "cells-2")))
    np.testing.assert_array_equal(found.objects["size"], [400, 100])
    np.testing.assert_array_equal(np.isnan(found.objects["brightness"]), [False, True])


def test_darker_objects_are_measured_the_other_way_round() -> None:
    dark = sample().with_image(1 - sample().image)
    one, other = measure(sample()), measure(dark, inverted=True)
    np.testing.assert_allclose(other.objects["contrast"], one.objects["contrast"], rtol=1e-4)


def test_numbers_without_holes_are_let_be() -> None:
    labels = np.array([[0, 2, 1]], np.uint16)
    assert numbered(labels) is labels
    np.testing.assert_array_equal(numbered(np.array([[0, 7, 3]], np.uint16)), [[0, 2, 1]])


def test_an_empty_image_is_measured() -> None:
    empty = Sample(np.zeros((1, 32, 32), np.uint16), (1.0, 1.0), np.zeros((1, 32, 32), np.float32))
    assert len(measure(empty)) == 0


def test_sets_must_have_images_of_as_many_axes() -> None:
    with pytest.raises(ValueError, match="got none of the synthetic"):
        measure_both([sample()], [])
    with pytest.raises(ValueError, match=r"got \[2, 3\]"):
        measure_both([sample()], [Recipe.parse(SOLID).draw(0)])
