"""Affine maps of images and of the vectors in them."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from scipy.ndimage import map_coordinates
from torch import Tensor

from cellsim.generators.stylegan.resampling import SYM6, warp
from tests.generators.stylegan.fields import encode, scene

PAIRS = ((1, 2),)


def matrix(*rows: tuple[float, float, float]) -> Tensor:
    return torch.tensor([[*rows, (0.0, 0.0, 1.0)]])


def turn(angle: float) -> Tensor:
    return matrix((math.cos(angle), -math.sin(angle), 0), (math.sin(angle), math.cos(angle), 0))


def test_the_identity_changes_nothing() -> None:
    image = encode(scene())
    assert torch.equal(warp(image, turn(0.0), PAIRS), image)


@pytest.mark.parametrize("flipped", [False, True])
@pytest.mark.parametrize("quarters", range(4))
def test_a_turned_image_of_flows_is_the_image_of_turned_labels(quarters: int, flipped: bool) -> None:
    labels = np.rot90(np.fliplr(scene()) if flipped else scene(), quarters)
    cosine, sine = [(1, 0), (0, 1), (-1, 0), (0, -1)][quarters]
    inverse = matrix((cosine, -sine, 0), (sine, cosine, 0))  # y points down: a turn to the left
    if flipped:
        inverse = matrix((-1, 0, 0), (0, 1, 0)) @ inverse
    found = warp(encode(scene()), inverse, PAIRS)
    torch.testing.assert_close(found, encode(labels), atol=2e-6, rtol=0)
    assert torch.equal(found[:, 0], encode(labels)[:, 0])


@pytest.mark.parametrize("shift", [(5, 0), (0, -7), (-3, 12)])
def test_beyond_the_border_is_the_mirror_image_with_mirrored_vectors(shift: tuple[int, int]) -> None:
    image = encode(scene())
    found = warp(image, matrix((1, 0, shift[0]), (0, 1, shift[1])), PAIRS)
    padded = np.pad(image[0].numpy(), ((0, 0), (32, 32), (32, 32)), mode="symmetric")
    padded[1, :32], padded[1, 64:] = -padded[1, :32], -padded[1, 64:]
    padded[2, :, :32], padded[2, :, 64:] = -padded[2, :, :32], -padded[2, :, 64:]
    expected = padded[:, 32 + shift[1] : 64 + shift[1], 32 + shift[0] : 64 + shift[0]]
    np.testing.assert_array_equal(found[0].numpy(), expected)


def test_interpolation_is_that_of_scipy() -> None:
    torch.manual_seed(0)
    image = torch.randn(1, 2, 24, 16)
    inverse = turn(0.7) @ matrix((1.3, 0.2, 2.4), (0, 0.8, -9.3))
    y, x = np.indices((24, 16))
    places = inverse[0].numpy() @ np.stack([x - 7.5, y - 11.5, np.ones_like(x)]).reshape(3, -1)
    expected = [
        map_coordinates(plane, [places[1] + 11.5, places[0] + 7.5], order=1, mode="reflect") for plane in image[0]
    ]
    np.testing.assert_allclose(warp(image, inverse)[0].flatten(1).numpy(), expected, atol=2e-4)


def radial(edge: int = 65) -> Tensor:
    """Vectors to the middle, everywhere."""
    y, x = np.indices((edge, edge)) - edge // 2
    length = np.maximum(np.hypot(y, x), 1)
    return torch.from_numpy(np.stack([np.hypot(y, x) / edge, -y / length, -x / length])[np.newaxis]).float()


@pytest.mark.parametrize("angle", [0.3, 1.1, 2.5])
def test_vectors_to_the_middle_still_point_there_after_a_turn_and_a_scale(angle: float) -> None:
    image, inverse = radial(), 0.8 * turn(angle)
    inverse[:, 2, 2] = 1
    found = warp(image, inverse, PAIRS)
    near = (image[0, 0] * 65 < 30) & (image[0, 0] * 65 > 4)
    assert float((found - image)[0, 1:, near].abs().max()) < 0.03


def test_vectors_keep_their_length_where_an_image_is_stretched() -> None:
    image, inverse = radial(), matrix((1.4, 0, 0), (0, 1 / 1.4, 0)) @ turn(0.5)
    found = warp(image, inverse, PAIRS)
    near = (image[0, 0] * 65 < 20) & (image[0, 0] * 65 > 6)
    assert float((found[0, 1:, near].norm(dim=0) - 1).abs().max()) < 0.02
    forward = torch.linalg.inv(inverse[0, :2, :2])
    y, x = (axis - 32 for axis in torch.meshgrid(torch.arange(65.0), torch.arange(65.0), indexing="ij"))
    source = torch.stack([x, y], -1) @ inverse[0, :2, :2].t()
    expected = -source / source.norm(dim=-1, keepdim=True) @ forward.t()
    expected = expected / expected.norm(dim=-1, keepdim=True)
    assert float((found[0, 2] - expected[..., 0])[near].abs().max()) < 0.02
    assert float((found[0, 1] - expected[..., 1])[near].abs().max()) < 0.02


def test_the_wavelet_filter_is_orthonormal_with_six_vanishing_moments() -> None:
    taps = np.array(SYM6)
    assert taps.sum() == pytest.approx(math.sqrt(2), abs=1e-10)
    for shift in range(6):
        assert taps[2 * shift :] @ taps[: 12 - 2 * shift] == pytest.approx(float(shift == 0), abs=1e-10)
    high = taps[::-1] * (-1.0) ** np.arange(12)
    for power in range(6):
        assert high @ np.linspace(-1, 1, 12) ** power == pytest.approx(0, abs=1e-7)


def test_smooth_interpolation_keeps_the_identity_and_blurs_less() -> None:
    edge = 64
    y, x = np.indices((edge, edge)) - (edge - 1) / 2

    def wave(y: np.ndarray, x: np.ndarray) -> np.ndarray:
        return np.cos(1.1 * x + 0.3) * np.cos(0.9 * y - 0.2)

    image = torch.from_numpy(wave(y, x)[None, None]).float()
    torch.testing.assert_close(warp(image, turn(0.0), smooth=True), image, atol=1e-4, rtol=0)
    inverse = turn(0.2)
    source = inverse[0].numpy() @ np.stack([x, y, np.ones_like(x)]).reshape(3, -1)
    expected = wave(source[1], source[0]).reshape(edge, edge)
    inside = slice(16, 48)
    errors = [
        float(np.sqrt(np.mean((warp(image, inverse, smooth=smooth)[0, 0].numpy() - expected)[inside, inside] ** 2)))
        for smooth in (True, False)
    ]
    assert errors[0] < 0.5 * errors[1]


@pytest.mark.parametrize("smooth", [False, True])
def test_a_warp_can_be_differentiated_twice(smooth: bool) -> None:
    torch.manual_seed(0)
    image = torch.randn(1, 3, 4, 4, dtype=torch.float64, requires_grad=True)
    inverse = turn(0.4) @ matrix((1.2, 0, 0.7), (0, 0.9, -0.4))

    def warped(image: Tensor) -> Tensor:
        return warp(image, inverse, PAIRS, smooth)

    assert torch.autograd.gradcheck(warped, image, fast_mode=True)
    assert torch.autograd.gradgradcheck(warped, image, fast_mode=True)


def test_gradients_are_finite_where_there_are_no_vectors() -> None:
    image = torch.zeros(1, 3, 8, 8, requires_grad=True)
    found = warp(image, turn(0.4) @ matrix((1.2, 0, 0), (0, 0.9, 0)), PAIRS)
    (slope,) = torch.autograd.grad(found.square().sum() + found.sum(), image, create_graph=True)
    slope.square().sum().backward()
    assert image.grad is not None
    assert bool(torch.isfinite(image.grad).all())
