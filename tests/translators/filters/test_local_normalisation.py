"""One mean and one contrast: whatever the light, and not where there is nothing."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import ndimage

from cellsim.seeds import stream
from cellsim.translators.filters.local_normalisation import LocalNormalisation
from tests.translators.filters.samples import blank, filtered

NOISE = np.random.default_rng(0).standard_normal((200, 200))
SCENE = 0.4 + 0.1 * ndimage.gaussian_filter(NOISE, 2) + 0.05 * NOISE


@pytest.mark.parametrize(("gain", "offset"), [(0.2, 0.0), (3.0, 0.0), (1.0, 0.3), (0.5, -0.4)])
def test_gain_and_offset_do_not_matter_without_a_floor(gain: float, offset: float) -> None:
    step = LocalNormalisation(scale=5, floor=1e-7)
    np.testing.assert_allclose(filtered(step, gain * SCENE + offset), filtered(step, SCENE), atol=2e-4)


def test_an_uneven_light_is_evened_out() -> None:
    light = 0.3 + np.linspace(0, 1, 200)
    found = filtered(LocalNormalisation(scale=8, floor=1e-4), SCENE * light)
    dark, bright = found[:, 20:80], found[:, 120:180]
    assert np.std(SCENE[:, 120:180] * light[120:180]) > 1.4 * np.std(SCENE[:, 20:80] * light[20:80])
    assert abs(dark.mean() - bright.mean()) < 0.005
    assert bright.std() / dark.std() == pytest.approx(1, abs=0.05)


def test_the_local_mean_is_a_half_and_the_local_contrast_one() -> None:
    found = filtered(LocalNormalisation(scale=10, range=4, floor=1e-6), 0.5 + 0.1 * NOISE)
    local = ndimage.gaussian_filter(found, 10)
    assert abs(local - 0.5).max() < 0.01
    np.testing.assert_allclose(ndimage.gaussian_filter((found - 0.5) ** 2, 10) ** 0.5, 1 / 8, rtol=0.05)


@pytest.mark.parametrize("spread", [0.001, 0.01, 0.1])
@pytest.mark.parametrize("limit", [3.0, 6.0])
def test_noise_below_the_floor_stays_small(spread: float, limit: float) -> None:
    found = filtered(LocalNormalisation(scale=15, range=limit, floor=0.01), 0.5 + spread * NOISE)
    expected = spread / (spread + 0.01) / (2 * limit)
    assert found.std() == pytest.approx(expected, rel=0.02)
    assert found.std() != pytest.approx(1 / (2 * limit), rel=0.02)


def test_a_flat_image_is_a_half_everywhere() -> None:
    np.testing.assert_allclose(filtered(LocalNormalisation(scale=3), np.full((20, 30), 0.7)), 0.5, atol=1e-5)


def test_what_is_beyond_the_range_is_cut() -> None:
    image = np.full((60, 60), 0.5)
    image[30, 30], image[10, 10] = 1, 0
    found = filtered(LocalNormalisation(scale=5), image)
    assert found[30, 30] == 1
    assert found[10, 10] == 0


def test_the_scale_is_in_micrometres() -> None:
    fine, coarse = LocalNormalisation(scale=4), LocalNormalisation(scale=8)
    np.testing.assert_array_equal(filtered(fine, SCENE, (0.5, 1.0)), filtered(coarse, SCENE, (1.0, 2.0)))
    across = np.repeat(SCENE[:, :1], 200, axis=1)  # constant along x, whose spacing does not matter then
    np.testing.assert_allclose(filtered(fine, across, (1.0, 3.0)), filtered(fine, across), atol=1e-4)


def test_a_volume_that_is_the_same_in_every_plane_is_like_one_of_them() -> None:
    volume = filtered(LocalNormalisation(scale=4), np.stack([SCENE[:40, :40]] * 9), (2.0, 1.0, 1.0))
    plane = filtered(LocalNormalisation(scale=4), SCENE[:40, :40])
    np.testing.assert_allclose(volume, np.stack([plane] * 9), atol=1e-4)


def test_channels_are_normalised_one_by_one() -> None:
    found = filtered(LocalNormalisation(scale=4), np.stack([SCENE, 0.1 * SCENE[::-1]]))
    np.testing.assert_array_equal(found[1], filtered(LocalNormalisation(scale=4), 0.1 * SCENE[::-1]))


@pytest.mark.parametrize("wrong", [{"scale": 0}, {"scale": 1, "floor": 0}, {"scale": 1, "range": 0}])
def test_nothing_to_divide_by_is_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="must be > 0"):
        LocalNormalisation(**wrong)


def test_a_sample_without_an_image_is_refused() -> None:
    with pytest.raises(ValueError, match="local-normalisation needs an image"):
        LocalNormalisation(scale=3)(blank(), stream(0, 0, "x"))
