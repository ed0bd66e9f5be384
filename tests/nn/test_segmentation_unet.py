"""The small U-Net of segmenters: its planes, and what they see."""

from __future__ import annotations

import pytest
import torch

from cellsim.nn.networks import build, count_parameters, for_inference
from cellsim.nn.segmentation_unet import SegmentationUnet
from cellsim.nn.tiling import run_tiled


def test_it_makes_three_planes_of_the_size_of_the_image() -> None:
    network = build({"kind": "segmentation-unet", "inputs": 2, "levels": 2, "filters": 4})
    assert network(torch.zeros(3, 2, 16, 24)).shape == (3, 3, 16, 24)


def test_it_is_small() -> None:
    assert (
        count_parameters(SegmentationUnet()()).trainable == 245_987
    )  # counted by hand: convolutions, two numbers a normalised channel, one last bias


def test_it_refuses_sizes_that_cannot_be_halved() -> None:
    with pytest.raises(ValueError, match="multiples of 16 px"):
        SegmentationUnet()()(torch.zeros(1, 1, 24, 32))


@pytest.mark.parametrize("levels", [1, 2, 3])
def test_nothing_beyond_its_reach_matters(levels: int) -> None:
    torch.manual_seed(levels)
    network = SegmentationUnet(levels=levels, filters=4)().eval()
    side = 4 * network.reach
    image = torch.rand(1, 1, 2 * network.multiple, side).requires_grad_()
    network(image)[0, :, :, side // 2].sum().backward()
    assert image.grad is not None
    seen = image.grad[0, 0].abs().sum(0).nonzero()
    assert side // 2 - network.reach <= int(seen.min())
    assert int(seen.max()) <= side // 2 + network.reach
    assert int(seen.max()) - int(seen.min()) > network.reach // 2, "the bound is not idle"


def test_tiles_have_no_seams() -> None:
    torch.manual_seed(0)
    network = for_inference(SegmentationUnet(levels=1, filters=4)())
    images = torch.rand(1, 1, 128, 96)
    with torch.inference_mode():
        assert torch.allclose(run_tiled(network, images, tile=32), network(images), atol=1e-5)
