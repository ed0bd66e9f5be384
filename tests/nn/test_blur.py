"""A Gaussian blur that a discriminator sees through."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy import ndimage

from cellsim.nn.blur import blurred


@pytest.mark.parametrize("sigma", [0.5, 1.7, 4.0])
def test_it_is_that_of_scipy(sigma: float) -> None:
    images = torch.randn(2, 3, 16, 20, generator=torch.Generator().manual_seed(0))
    expected = ndimage.gaussian_filter(images.numpy(), sigma, mode="nearest", radius=round(3 * sigma), axes=(2, 3))
    np.testing.assert_allclose(blurred(images, sigma).numpy(), expected, atol=1e-5)


def test_without_a_width_nothing_changes() -> None:
    images = torch.randn(1, 2, 8, 8)
    assert blurred(images, 0.0) is images


def test_gradients_of_gradients_pass() -> None:
    images = torch.randn(1, 2, 8, 8, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradgradcheck(lambda x: blurred(x, 0.8).square(), images)
