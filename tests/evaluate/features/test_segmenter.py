"""Features of a network that is given."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from cellsim.errors import InputError, RecipeError
from cellsim.evaluate.distances import distances
from cellsim.evaluate.features.base import find_features
from cellsim.evaluate.features.segmenter import Segmenter
from tests.evaluate.features.samples import many


def network(channels: int = 1) -> nn.Module:
    torch.manual_seed(0)
    layers = nn.Conv2d(channels, 4, 3), nn.BatchNorm2d(4), nn.ReLU(), nn.Conv2d(4, 6, 3, stride=2)
    return nn.Sequential(*layers)


def test_features_are_means_of_the_named_layers() -> None:
    samples, net = many(3), network().eval()
    found = Segmenter(network=net, layers=("2", "3"))(samples)
    with torch.inference_mode():
        inner = net[:3](torch.from_numpy(np.stack([one.image for one in samples])))  # type: ignore[index]
        outer = net[3](inner)  # type: ignore[index]
    expected = np.concatenate([inner.mean(dim=(2, 3)).numpy(), outer.mean(dim=(2, 3)).numpy()], axis=1)
    np.testing.assert_allclose(found, expected, rtol=1e-5)


def test_the_network_is_left_as_it_was() -> None:
    net = network().train()
    before = {name: value.clone() for name, value in net.state_dict().items()}
    Segmenter(network=net, layers=("3",))(many(2))
    assert net.training
    assert not any(module._forward_hooks for module in net.modules())
    assert all(torch.equal(value, before[name]) for name, value in net.state_dict().items())


def test_distances_may_be_taken_in_it() -> None:
    features = Segmenter(network=network(), layers=("3",))
    found = distances(many(10), many(10, start=50, radius=11.0), [features], draws=2)
    assert {one.features for one in found} == {"segmenter"}


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({}, "network: is required"),
        ({"network": 3, "layers": ["3"]}, "must be a torch module, got int"),
        ({"network": network(), "layers": ["33"]}, "no layer '33'; did you mean '3'"),
        ({"network": network(), "layers": []}, "one layer or more"),
    ],
)
def test_what_is_no_network_or_layer_is_refused(fields: dict[str, Any], said: str) -> None:
    with pytest.raises(RecipeError, match=said):
        find_features({"kind": "segmenter", **fields})


def test_images_that_it_does_not_take_are_refused() -> None:
    with pytest.raises(InputError, match=r"does not take images \(1, 1, 64, 64\)"):
        Segmenter(network=network(channels=2), layers=("3",))(many(1))
