"""Layers against the formulas of the papers, done naively."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import torch
from scipy.signal import upfirdn
from torch import Tensor
from torch.nn import functional

from cellsim.generators.stylegan.layers import Convolution, Filter, Linear, ModulatedConvolution

TAPS = np.array([1.0, 3.0, 3.0, 1.0]) / 8


@pytest.fixture(autouse=True)
def _seed() -> None:
    torch.manual_seed(0)


def resampled(image: np.ndarray, up: int, down: int, pads: tuple[int, int]) -> np.ndarray:
    """Zero-stuff, pad, filter and decimate along both axes, by scipy."""
    for axis in (0, 1):
        image = np.moveaxis(image, axis, -1)
        stuffed = np.zeros((*image.shape[:-1], image.shape[-1] * up))
        stuffed[..., ::up] = image
        stuffed = np.pad(stuffed, ((0, 0), pads))
        found = upfirdn(TAPS * up, stuffed, down=1, axis=-1)[..., 3:-3]
        image = np.moveaxis(found[..., ::down], -1, axis)
    return image


def test_the_filter_resamples_as_scipy_does() -> None:
    image = torch.randn(1, 2, 6, 8, dtype=torch.float64)
    filtered = Filter().double()
    for result, up, down, pads in [
        (filtered.up(image), 2, 1, (2, 1)),
        (filtered.down(image), 1, 2, (1, 1)),
        (filtered(image, 2), 1, 1, (2, 2)),
    ]:
        expected = np.stack([resampled(plane, up, down, pads) for plane in image[0].numpy()])
        np.testing.assert_allclose(result[0].numpy(), expected, atol=1e-12)


def fused(images: Tensor, layer: ModulatedConvolution, w: Tensor, demodulated: bool) -> Tensor:
    """Equations 1 and 3 of Karras et al. (2020): every image is convolved with weights of its own."""
    results = []
    for image, style in zip(images, layer.affine(w), strict=True):
        weight = layer.weight * layer.scale * style[None, :, None, None]
        if demodulated:
            weight = weight / (weight.square().sum((1, 2, 3), keepdim=True) + 1e-8).sqrt()
        if layer.filter is None:
            results.append(functional.conv2d(image[None], weight, padding=weight.shape[-1] // 2))
        else:
            stuffed = torch.zeros(1, len(image), 2 * image.shape[1], 2 * image.shape[2], dtype=image.dtype)
            stuffed[..., ::2, ::2] = image
            smooth = layer.filter(functional.pad(stuffed, (1, 0, 1, 0)), 3, gain=4.0)
            results.append(functional.conv2d(smooth, weight.flip((2, 3)))[..., 1:-1, 1:-1])
    return torch.cat(results)


@pytest.mark.parametrize("demodulated", [True, False])
@pytest.mark.parametrize("kernel", [1, 3])
def test_scaling_inputs_and_outputs_is_convolving_with_modulated_weights(kernel: int, demodulated: bool) -> None:
    layer = ModulatedConvolution(5, 7, 4, kernel=kernel, demodulated=demodulated).double()
    images, w = torch.randn(3, 5, 8, 8, dtype=torch.float64), torch.randn(3, 4, dtype=torch.float64)
    torch.testing.assert_close(layer(images, w), fused(images, layer, w, demodulated))


def test_the_same_holds_where_the_resolution_doubles() -> None:
    layer = ModulatedConvolution(3, 2, 4, up=True).double()
    images, w = torch.randn(2, 3, 6, 6, dtype=torch.float64), torch.randn(2, 4, dtype=torch.float64)
    assert layer(images, w).shape == (2, 2, 12, 12)
    inside = (..., slice(3, -3), slice(3, -3))
    torch.testing.assert_close(layer(images, w)[inside], fused(images, layer, w, True)[inside])


def test_demodulation_keeps_unit_variance_whatever_the_style() -> None:
    layer = ModulatedConvolution(64, 32, 8)
    found = layer(torch.randn(8, 64, 16, 16), 30 * torch.randn(8, 8))[..., 1:-1, 1:-1]
    assert float(found.detach().std()) == pytest.approx(1, abs=0.05)


def test_a_convolution_halves_the_resolution_about_the_same_middle() -> None:
    for kernel in (1, 3):
        layer = Convolution(1, 1, kernel, activated=False, down=True)
        layer.weight.data.fill_(0).reshape(-1)[kernel**2 // 2] = 1 / layer.scale
        ramp = torch.arange(16.0).expand(1, 1, 16, 16)
        torch.testing.assert_close(layer(ramp)[0, 0, 3, 1:-1], torch.arange(2.5, 14, 2))


def test_layers_begin_with_unit_variance_and_learn_at_the_asked_rate() -> None:
    layer = Linear(256, 256, activated=True, rate=0.01)
    assert float(layer.weight.detach().std()) == pytest.approx(100, rel=0.05)
    found = layer(torch.randn(512, 256))
    assert float(found.detach().square().mean()) == pytest.approx(1, rel=0.1)
    convolution = Convolution(64, 64, 3)
    found = convolution(torch.randn(4, 64, 16, 16))[..., 1:-1, 1:-1]
    assert float(found.detach().square().mean()) == pytest.approx(1, rel=0.1)


@pytest.mark.parametrize(
    "build",
    [
        lambda: Convolution(2, 2, 3, down=True),
        lambda: Convolution(2, 2, 1, activated=False, down=True),
        lambda: Convolution(2, 3, 3),
    ],
)
def test_convolutions_can_be_differentiated_twice(build: Callable[[], Convolution]) -> None:
    layer = build().double()
    images = torch.randn(1, 2, 4, 4, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(layer, images)
    assert torch.autograd.gradgradcheck(layer, images)


def test_modulated_convolutions_can_be_differentiated_twice() -> None:
    layer = ModulatedConvolution(2, 2, 3, up=True).double()
    images = torch.randn(1, 2, 3, 3, dtype=torch.float64)
    w = torch.randn(1, 3, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradgradcheck(lambda w: layer(images, w), w)
