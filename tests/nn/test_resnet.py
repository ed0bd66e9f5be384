"""The residual generators have the published sizes."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from cellsim.nn.networks import count_parameters
from cellsim.nn.resnet import Resnet


@pytest.mark.parametrize(
    ("fields", "count"),
    [
        ({}, 11_378_179),
        ({"inputs": 1, "outputs": 1}, 11_365_633),
        ({"blocks": 6}, 7_837_699),
    ],
)
def test_a_network_has_as_many_weights_as_published(fields: dict[str, Any], count: int) -> None:
    with torch.device("meta"):
        made = Resnet(**fields)()
    assert count_parameters(made) == (count, 0)


def test_dropout_is_in_every_block_if_asked_for() -> None:
    with torch.device("meta"):
        assert Resnet(blocks=2, dropout=True)().keep_shapes(64, 32) == [(256, 16, 8)] * 2
        assert Resnet().__call__().keep_shapes(64, 32) == []


@torch.no_grad()
def test_blocks_without_weights_change_nothing() -> None:
    torch.manual_seed(0)
    made = Resnet(inputs=1, outputs=1, blocks=2, filters=2)().eval()
    images = torch.randn(1, 1, 32, 32)
    found = made(images)
    for block in made.blocks:
        torch.nn.init.zeros_(block.second.conv.weight)
    torch.testing.assert_close(made(images), made.up(made.down(images)))
    assert not torch.allclose(made(images), found, atol=1e-4)
