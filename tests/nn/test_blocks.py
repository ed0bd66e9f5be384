"""Layers as TensorFlow pads them, normalisation by image, dropout that is told what to keep."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from torch import nn

from cellsim.nn.blocks import BatchNorm, Block, Dropout, SameConv2d, SameConvTranspose2d, he_normal, small_normal

KERNELS = range(2, 8)


@pytest.mark.parametrize("kernel", KERNELS)
def test_convolutions_are_padded_as_in_tensorflow(kernel: int) -> None:
    torch.manual_seed(0)
    conv, images = SameConv2d(1, 1, kernel), torch.randn(1, 1, 8, 12)
    x, w = images[0, 0].numpy(), conv.weight.detach()[0, 0].numpy()
    pad = max(kernel - 2, 0)  # (ceil(n / 2) - 1) * 2 + kernel - n for even n
    padded = np.pad(x, [(pad // 2, pad - pad // 2)] * 2)
    rows, columns = range(0, 8, 2), range(0, 12, 2)
    expected = [[(padded[y : y + kernel, x : x + kernel] * w).sum() for x in columns] for y in rows]
    np.testing.assert_allclose(conv(images).detach()[0, 0], expected, atol=1e-5)


@pytest.mark.parametrize("kernel", KERNELS)
def test_a_transposed_convolution_is_the_adjoint(kernel: int) -> None:
    torch.manual_seed(0)
    conv, back = SameConv2d(3, 4, kernel), SameConvTranspose2d(4, 3, kernel)
    back.weight = conv.weight
    fine, coarse = torch.randn(2, 3, 8, 12), torch.randn(2, 4, 4, 6)
    assert back(coarse).shape == fine.shape
    torch.testing.assert_close((conv(fine) * coarse).sum(), (fine * back(coarse)).sum(), rtol=1e-4, atol=1e-4)


def test_normalisation_by_image_is_that_of_training_with_one_image() -> None:
    torch.manual_seed(0)
    norm, images = BatchNorm(3), 5 * torch.randn(4, 3, 6, 6) + 2
    nn.init.normal_(norm.weight)
    nn.init.normal_(norm.bias)
    alone = torch.cat([norm(image[None]) for image in images])
    before = norm.running_mean.clone()
    norm.eval().by_image = True
    torch.testing.assert_close(norm(images), alone, rtol=1e-4, atol=1e-4)
    torch.testing.assert_close(norm.running_mean, before)
    norm.by_image = False
    assert not torch.allclose(norm(images), alone, atol=0.1)


def test_a_single_pixel_is_normalised_to_the_bias() -> None:
    norm = BatchNorm(2).eval()
    norm.by_image = True
    torch.testing.assert_close(norm(torch.full((1, 2, 1, 1), 7.0)), torch.zeros(1, 2, 1, 1))


def test_dropout_lets_through_what_it_is_told() -> None:
    drop, images = Dropout(2, 1, rate=0.75).eval(), torch.ones(1, 2, 1, 2)
    keep = torch.tensor([[[[True, False]], [[False, True]]]])
    torch.testing.assert_close(drop(images, keep), torch.tensor([[[[4.0, 0.0]], [[0.0, 4.0]]]]))
    torch.testing.assert_close(drop(images), images)
    torch.manual_seed(0)
    many = drop.train()(torch.ones(1, 2, 100, 100))
    assert set(many.unique().tolist()) == {0.0, 4.0}
    assert many.mean() == pytest.approx(1, abs=0.06)


def test_dropout_comes_before_the_activation() -> None:
    block = Block(nn.Identity(), None, nn.Tanh(), Dropout(1, 1))
    found = block(torch.ones(1, 1, 1, 2), iter([torch.tensor([[[[True, False]]]])]))
    torch.testing.assert_close(found, torch.tanh(torch.tensor([[[[2.0, 0.0]]]])))


def test_weights_begin_as_those_of_keras() -> None:
    torch.manual_seed(0)
    layers = nn.Sequential(SameConv2d(64, 96, 3), SameConvTranspose2d(96, 32, 3, bias=True))
    he_normal(layers)
    for layer, fan_in in zip(layers, (64 * 9, 32 * 9), strict=True):
        deviation = math.sqrt(2 / fan_in)
        assert layer.weight.std().item() == pytest.approx(deviation, rel=0.02)
        assert layer.weight.abs().max() <= 2 * deviation / 0.8796
        assert layer.weight.abs().max() > 1.9 * deviation / 0.8796
    assert not layers[1].bias.any()


def test_weights_begin_as_those_of_pix2pix() -> None:
    torch.manual_seed(0)
    layers = nn.Sequential(nn.Conv2d(64, 64, 4), BatchNorm(4096), nn.ConvTranspose2d(64, 64, 4))
    small_normal(layers)
    for layer, mean in zip(layers, (0, 1, 0), strict=True):
        assert layer.weight.mean().item() == pytest.approx(mean, abs=0.002)
        assert layer.weight.std().item() == pytest.approx(0.02, rel=0.05)
        assert not layer.bias.any()
