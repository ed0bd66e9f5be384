"""The mapping network and the mean of w."""

from __future__ import annotations

import torch

from cellsim.generators.stylegan.configuration import Architecture
from cellsim.generators.stylegan.mapping import Mapping


def mapping() -> Mapping:
    torch.manual_seed(0)
    return Mapping(Architecture(resolution=8, latent=16, mapping_layers=2))


def test_the_length_of_z_does_not_matter() -> None:
    network, z = mapping(), torch.randn(4, 16)
    torch.testing.assert_close(network(z), network(5 * z))


def test_the_mean_follows_slowly() -> None:
    network = mapping()
    network.follow(torch.ones(3, 16))
    torch.testing.assert_close(network.mean, torch.full((16,), 0.005))
    network.follow(torch.ones(3, 16))
    torch.testing.assert_close(network.mean, torch.full((16,), 1 - 0.995**2))


def test_truncation_goes_from_the_mean_to_w() -> None:
    network, w = mapping(), torch.randn(4, 16)
    network.mean.fill_(2.0)
    assert network.truncate(w, 1.0) is w
    torch.testing.assert_close(network.truncate(w, 0.0), torch.full((4, 16), 2.0))
    torch.testing.assert_close(network.truncate(w, 0.7), 2 + 0.7 * (w - 2))
