"""Percentiles become black and white."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError

from cellsim.sample import Sample
from cellsim.seeds import stream
from cellsim.translators.filters.contrast_stretch import ContrastStretch

IMAGE = np.random.default_rng(0).random((2, 12, 20, 30), dtype=np.float32) ** 3 * np.float32([0.3, 0.9]).reshape(
    2, 1, 1, 1
)


def stretch(image: np.ndarray, **fields: Any) -> np.ndarray:
    labels = np.zeros((1, *image.shape[1:]), np.uint16)
    sample = Sample(labels, (1.0,) * (image.ndim - 1), image)
    found = ContrastStretch(**fields)(sample, stream(0, 0, "stretch")).image
    assert found is not None
    assert found.dtype == np.float32
    return found


@pytest.mark.parametrize("image", [IMAGE, IMAGE[:, 0]], ids=["3D", "2D"])
@pytest.mark.parametrize(("low", "high"), [(5, 98), (0, 100), (20, 60)])
def test_it_is_the_formula_of_each_channel(image: np.ndarray, low: float, high: float) -> None:
    for found, channel in zip(stretch(image, low=low, high=high), image, strict=True):
        a, b = np.percentile(channel, low), np.percentile(channel, high)
        np.testing.assert_allclose(found, np.clip((channel - a) / (b - a), 0, 1), atol=1e-5)


def test_shares_of_black_and_white_are_as_asked() -> None:
    found = stretch(IMAGE)
    np.testing.assert_allclose((found == 0).mean(axis=(1, 2, 3)), 0.05, atol=1e-3)
    np.testing.assert_allclose((found == 1).mean(axis=(1, 2, 3)), 0.02, atol=1e-3)


def test_gain_and_offset_do_not_matter() -> None:
    np.testing.assert_allclose(stretch(0.3 * IMAGE + np.float32(0.2)), stretch(IMAGE), atol=1e-5)


def test_channels_have_limits_in_common_if_joint() -> None:
    found = stretch(IMAGE, joint=True)
    a, b = np.percentile(IMAGE, (5, 98))
    np.testing.assert_allclose(found, np.clip((IMAGE - a) / (b - a), 0, 1), atol=1e-5)
    assert found[0].max() < 0.6


def test_a_channel_of_one_level_becomes_black() -> None:
    image = IMAGE.copy()
    image[0] = 0.4
    found = stretch(image)
    assert not found[0].any()
    np.testing.assert_array_equal(found[1], stretch(IMAGE)[1])


def test_limits_in_the_wrong_order_are_refused() -> None:
    for low, high in ((98, 5), (50, 50), ({"uniform": [0, 60]}, 50)):
        with pytest.raises(ValidationError, match="low must be < high, got low"):
            ContrastStretch(low=low, high=high)
    with pytest.raises(ValidationError, match="must be <= 100 %, got 101"):
        ContrastStretch(high=101)
