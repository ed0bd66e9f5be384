"""Losses against gradients that are known in closed form."""

from __future__ import annotations

import math

import pytest
import torch

from cellsim.generators.stylegan import losses
from cellsim.generators.stylegan.losses import discriminator_loss, generator_loss, path_lengths, r1_penalty


def test_losses_are_those_of_the_logistic_game() -> None:
    real, fake = torch.tensor([2.0, -1.0]), torch.tensor([0.5, -3.0])
    sigmoid = [1 / (1 + math.exp(-float(x))) for x in (*real, *fake)]
    assert float(generator_loss(fake)) == pytest.approx(-sum(map(math.log, sigmoid[2:])) / 2)
    expected = -(math.log(sigmoid[0]) + math.log(sigmoid[1]) + math.log(1 - sigmoid[2]) + math.log(1 - sigmoid[3])) / 2
    assert float(discriminator_loss(real, fake)) == pytest.approx(expected)


def test_the_penalty_of_a_quadratic_discriminator_is_known() -> None:
    torch.manual_seed(0)
    images, weight = torch.randn(3, 2, 4, 5, requires_grad=True), torch.randn(2, 4, 5, requires_grad=True)
    penalty = r1_penalty((weight * images.square() / 2).sum((1, 2, 3)), images)
    squares = (weight * images).square().sum((1, 2, 3))
    torch.testing.assert_close(penalty, squares.mean())
    (slope,) = torch.autograd.grad(penalty, weight)  # the penalty itself is differentiated in training
    torch.testing.assert_close(slope, (2 * weight * images.square() / 3).sum(0))


def test_path_lengths_of_a_linear_generator_are_known() -> None:
    torch.manual_seed(0)
    first, second = torch.randn(60, 7, requires_grad=True), torch.randn(60, 7)
    w = torch.randn(3, 2, 7, requires_grad=True)
    images = (w[:, 0] @ first.t() + w[:, 1] @ second.t()).reshape(3, 3, 4, 5)
    noise = torch.randn(3, 3, 4, 5)
    found = path_lengths(images, w, noise)
    flat = noise.reshape(3, 60)
    squares = ((flat @ first).square().sum(1) + (flat @ second).square().sum(1)) / 2
    torch.testing.assert_close(found, (squares / 20).sqrt())
    assert torch.autograd.grad(found.sum(), first)[0].abs().max() > 0


def test_paired_losses_see_only_which_of_two_looks_more_real() -> None:
    real, fake = torch.tensor([2.0, 5.0]), torch.tensor([1.0, 7.0])
    expected = (math.log1p(math.exp(1)) + math.log1p(math.exp(-2))) / 2
    assert float(losses.relativistic_generator_loss(real, fake)) == pytest.approx(expected)
    assert float(losses.relativistic_discriminator_loss(fake, real)) == pytest.approx(expected)
    assert float(losses.relativistic_generator_loss(real + 3, fake + 3)) == pytest.approx(expected)
