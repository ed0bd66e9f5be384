"""The U-Nets of pix2pix have the published sizes."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from cellsim.nn.networks import count_parameters
from cellsim.nn.pix2pix_unet import Pix2PixUnet


@pytest.mark.parametrize(
    ("fields", "count"),
    [
        ({}, 54_413_955),
        ({"inputs": 1, "outputs": 1}, 54_407_809),
        ({"levels": 7}, 41_828_995),
    ],
)
def test_a_network_has_as_many_weights_as_published(fields: dict[str, Any], count: int) -> None:
    with torch.device("meta"):
        assert count_parameters(Pix2PixUnet(**fields)()).trainable == count


def test_dropout_is_in_the_widest_blocks_but_the_lowest() -> None:
    with torch.device("meta"):
        assert Pix2PixUnet()().keep_shapes(256, 512) == [(512, 4, 8), (512, 8, 16), (512, 16, 32)]
        assert Pix2PixUnet(levels=7)().keep_shapes(128, 128) == [(512, 4, 4), (512, 8, 8)]
        assert Pix2PixUnet(levels=5)().keep_shapes(32, 32) == []
        assert Pix2PixUnet(dropout=False)().keep_shapes(256, 256) == []


@torch.no_grad()
def test_instance_normalisation_has_no_weights_and_a_bias_before_it() -> None:
    made = Pix2PixUnet(inputs=1, outputs=1, levels=5, filters=2, norm="instance")()
    assert count_parameters(made).running == 0
    assert all(block.conv.bias is not None for block in [*made.down, *made.up])
    assert made(torch.randn(1, 1, 64, 64)).shape == (1, 1, 64, 64)


@torch.no_grad()
def test_the_lowest_level_sees_a_pixel() -> None:
    made = Pix2PixUnet(levels=5, filters=1)().eval()
    seen: list[torch.Size] = []
    for block in [*made.down, *made.up]:
        block.register_forward_hook(lambda _, __, output: seen.append(output.shape[1:]))
    made(torch.zeros(1, 3, 32, 32))
    wide = [(1, 16), (2, 8), (4, 4), (8, 2), (8, 1), (8, 2), (4, 4), (2, 8), (1, 16)]
    assert [tuple(shape) for shape in seen] == [(c, n, n) for c, n in wide]
