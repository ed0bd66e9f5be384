"""Texture features: what they tell apart, and what they do not see."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from cellsim.errors import InputError
from cellsim.evaluate.features.texture import PATTERNS, Texture, count_patterns
from cellsim.sample import Sample
from tests.evaluate.features.samples import disks, many, turned


@pytest.mark.parametrize(("channels", "features"), [(1, 65), (3, 65 * 3 + 15)])
def test_every_sample_has_a_row_of_finite_numbers(channels: int, features: int) -> None:
    found = Texture()(many(3, channels=channels))
    assert found.shape == (3, features)
    assert found.dtype == np.float64
    assert np.isfinite(found).all()


@pytest.mark.parametrize("flip", [False, True])
@pytest.mark.parametrize("quarters", [1, 2, 3])
def test_a_turned_image_has_the_same_features(flip: bool, quarters: int) -> None:
    sample = disks(0, channels=2)
    np.testing.assert_allclose(Texture()([turned(sample, flip, quarters)]), Texture()([sample]), rtol=2e-3, atol=2e-4)


@pytest.mark.parametrize("change", ["blur", "noise", "contrast", "shade", "lines"])
def test_a_changed_image_has_other_features(change: str) -> None:
    samples = many(12)
    rng = np.random.default_rng(0)
    y = np.arange(64, dtype=np.float32)[:, np.newaxis]
    changes = {
        "blur": lambda image: gaussian_filter(image, (0, 1, 1)),
        "noise": lambda image: image + 0.02 * rng.standard_normal(image.shape),
        "contrast": lambda image: image**1.3,
        "shade": lambda image: image + 0.1 * np.cos(2 * np.pi * y / 64),
        "lines": lambda image: image + 0.02 * (y % 2),
    }
    changed = [one.with_image(changes[change](one.image).astype(np.float32)) for one in samples]
    real, other = Texture()(samples), Texture()(changed)
    shift = np.abs(other.mean(axis=0) - real.mean(axis=0)) / (real.std(axis=0) + 1e-3)
    assert shift.max() > 4


def test_an_image_of_one_level_is_described_too() -> None:
    flat = replace(disks(0), image=np.full((1, 64, 64), 0.5, np.float32))
    assert np.isfinite(Texture()([flat])).all()


@pytest.mark.parametrize("side", [20, 50, 97])
def test_images_of_any_size_have_as_many_features(side: int) -> None:
    assert Texture()([disks(0, side=side)]).shape == (1, 65)


def test_patterns_are_counted_by_their_neighbours() -> None:
    ramp = np.arange(25, dtype=np.float32).reshape(5, 5)
    counts = count_patterns(ramp)
    assert counts.sum() == 9
    assert counts[4] == 9  # right and below: 4 of 8 neighbours in a row
    spot = np.zeros((3, 3), np.float32)
    spot[1, 1] = 1
    assert count_patterns(spot)[0] == 1
    cross = np.array([[0, 1, 0], [1, 0.5, 1], [0, 1, 0]], np.float32)
    assert count_patterns(cross)[PATTERNS - 1] == 1


def test_what_has_no_flat_image_is_refused() -> None:
    with pytest.raises(InputError, match="need images"):
        Texture()([replace(disks(0), image=None)])
    volume = Sample(np.zeros((1, 4, 8, 8), np.uint16), (1.0, 1.0, 1.0), np.zeros((1, 4, 8, 8), np.float32))
    with pytest.raises(InputError, match="2D"):
        Texture()([volume])
