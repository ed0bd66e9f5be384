"""The discriminator, and the deviation over groups of a batch."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from cellsim.generators.stylegan.configuration import Architecture
from cellsim.generators.stylegan.discriminator import Discriminator, minibatch_deviation


def test_the_deviation_is_that_of_groups_averaged_over_channels_and_pixels() -> None:
    torch.manual_seed(0)
    features = torch.randn(6, 2, 3, 4)
    found = minibatch_deviation(features, 3)
    assert found.shape == (6, 1, 3, 4)
    for group in ([0, 2, 4], [1, 3, 5]):
        expected = np.std(features.numpy()[group], axis=0).mean()
        np.testing.assert_allclose(found[group].numpy(), expected, rtol=1e-5)


@pytest.mark.parametrize(("count", "group", "used"), [(6, 4, 3), (5, 4, 1), (2, 4, 2), (8, 4, 4)])
def test_a_group_divides_the_batch(count: int, group: int, used: int) -> None:
    torch.manual_seed(0)
    features = torch.randn(count, 2, 3, 3)
    assert torch.equal(minibatch_deviation(features, group), minibatch_deviation(features, used))


def test_equal_images_have_no_deviation() -> None:
    assert float(minibatch_deviation(torch.ones(4, 2, 3, 3), 4).max()) < 1e-3


@pytest.mark.parametrize("resolution", [8, 32])
def test_every_image_gets_a_logit(resolution: int) -> None:
    torch.manual_seed(0)
    network = Discriminator(Architecture(resolution=resolution, channels=2, channel_base=64, channel_max=16))
    images = torch.randn(4, 2, resolution, resolution, requires_grad=True)
    logits = network(images)
    assert logits.shape == (4,)
    logits.sum().backward()
    assert images.grad is not None
    assert float(images.grad.abs().min(0).values.max()) > 0
