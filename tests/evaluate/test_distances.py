"""Distances between sets: the floor, what raises them, parents."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from cellsim.errors import InputError
from cellsim.evaluate.distances import distances
from cellsim.evaluate.features.measured import Measured, measure
from cellsim.evaluate.features.texture import Texture
from cellsim.evaluate.records import Distance
from tests.evaluate.features.samples import many

METRICS = {"Fréchet distance", "kernel distance", "precision", "recall"}


@pytest.fixture(scope="module")
def real() -> Measured:
    return measure(many(60))


def table(found: tuple[Distance, ...], features: str) -> dict[str, Distance]:
    return {one.metric: one for one in found if one.features == features}


def test_every_metric_is_there_for_all_features(real: Measured) -> None:
    found = distances(real, measure(many(40, start=100)), draws=5)
    assert {(one.metric, one.features, one.of) for one in found} == {
        (metric, *features)
        for metric in METRICS
        for features in [("texture", "images"), ("flow texture", "masks"), ("morphology", "masks")]
    }
    assert {one.samples for one in found} == {20}
    assert all(one.found.low <= one.found.value <= one.found.high for one in found)


def test_samples_of_the_same_kind_are_at_the_floor(real: Measured) -> None:
    for one in distances(real, measure(many(60, start=100)), draws=12):
        width = one.floor.high - one.floor.low
        assert abs(one.found.value - one.floor.value) < width, one


@pytest.mark.parametrize(
    ("change", "features"),
    [({"radius": 9.0}, "morphology"), ({"radius": 9.0}, "flow texture"), ({"objects": 12}, "morphology")],
)
def test_other_masks_are_farther_than_the_floor(real: Measured, change: dict[str, float], features: str) -> None:
    found = table(distances(real, many(60, start=100, **change), draws=8), features)
    assert found["Fréchet distance"].found.low > 1.5 * found["Fréchet distance"].floor.high
    assert found["kernel distance"].found.low > found["kernel distance"].floor.high
    assert found["precision"].found.value < found["precision"].floor.value


def test_other_images_of_the_same_masks_differ_in_texture_only(real: Measured) -> None:
    dim = [one.with_image(0.7 * one.image) for one in many(60, start=100)]
    found = distances(real, dim, draws=8)
    assert (
        table(found, "texture")["Fréchet distance"].found.low > table(found, "texture")["Fréchet distance"].floor.high
    )
    masks = table(found, "morphology")["Fréchet distance"]
    assert masks.found.value < masks.floor.high


def test_a_set_that_repeats_a_few_samples_has_low_recall(real: Measured) -> None:
    few = many(5, start=100)
    found = table(distances(real, [few[i % 5] for i in range(60)], ["texture"], draws=10), "texture")
    assert found["recall"].found.high < found["recall"].floor.low


def grouped(real: Measured) -> Measured:
    """Ten fields of six tiles that look alike: the texture of each field is shifted."""
    rng = np.random.default_rng(0)
    vectors = real.vectors[Texture()]
    fields = np.repeat(np.arange(10), 6)
    offset = rng.standard_normal((10, vectors.shape[1]))[fields] * vectors.std(axis=0)
    return Measured(real.samples, fields, {Texture(): vectors + 3 * offset})


def test_tiles_of_one_field_raise_the_floor(real: Measured) -> None:
    tiles = grouped(real)
    apart = table(distances(tiles, tiles, ["texture"], draws=8), "texture")
    mixed = Measured(tiles.samples, np.arange(60), tiles.vectors)
    together = table(distances(mixed, mixed, ["texture"], draws=8), "texture")
    assert apart["Fréchet distance"].floor.value > 2 * together["Fréchet distance"].floor.value
    assert apart["precision"].floor.value < together["precision"].floor.value


def test_one_field_alone_has_no_floor(real: Measured) -> None:
    found = distances(measure(real, ["texture"], parents=np.zeros(60)), real, ["texture"], draws=3)
    assert np.isnan([one.floor.value for one in found]).all()
    assert np.isfinite([one.found.value for one in found]).all()


def test_the_same_seed_gives_the_same_numbers(real: Measured) -> None:
    one, other, third = (distances(real, real, ["morphology"], draws=3, seed=seed) for seed in (0, 0, 1))
    assert one == other != third


def test_few_samples_and_other_channels_are_refused(real: Measured) -> None:
    with pytest.raises(InputError, match="8 samples or more of each set, got 60 real and 7 synthetic"):
        distances(real, many(7))
    with pytest.raises(InputError, match="same channels, got 65 features"):
        distances(real, many(8, channels=2), ["texture"])


def test_without_images_on_one_side_masks_are_compared(real: Measured) -> None:
    bare = [replace(one, image=None) for one in many(10)]
    assert {one.of for one in distances(real, bare, draws=2)} == {"masks"}
