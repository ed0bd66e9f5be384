"""From streams to images, and from saved weights to a generator."""

from __future__ import annotations

import json

import pytest
import torch
from torch import nn

from cellsim.generators.stylegan.configuration import Architecture
from cellsim.generators.stylegan.generator import Generator, load_generator
from cellsim.seeds import stream

ARCHITECTURE = Architecture(resolution=16, channels=3, latent=8, mapping_layers=2, channel_base=64, channel_max=8)


@pytest.fixture
def generator() -> Generator:
    torch.manual_seed(0)
    network = Generator(ARCHITECTURE)
    for layer in network.synthesis.layers:
        nn.init.constant_(layer.strength, 0.5)
    return network


def test_a_sample_depends_on_its_stream_alone(generator: Generator) -> None:
    several = generator.sample([stream(0, i, "masks") for i in range(5)])
    before = torch.get_rng_state()
    alone = generator.sample([stream(0, 3, "masks")])
    assert torch.equal(before, torch.get_rng_state())
    torch.testing.assert_close(alone[0], several[3])
    assert not torch.allclose(several[2], several[3])


def test_streams_feed_larger_canvases_too(generator: Generator) -> None:
    assert generator.sample([stream(0, 0, "masks")], cells=(8, 12)).shape == (1, 3, 32, 48)


def test_a_large_canvas_has_a_grid_of_styles_or_one_where_the_layout_is_spatial(generator: Generator) -> None:
    z, _ = generator.draw([stream(0, i, "masks") for i in range(2)], cells=(8, 12))
    assert z.shape == (2, 2, 3, 8)
    spatial = Generator(ARCHITECTURE.model_copy(update={"spatial": True, "margin": 1}))
    z, noise = spatial.draw([stream(0, i, "masks") for i in range(2)], cells=(8, 12))
    assert z.shape == (2, 8)
    assert noise[0].shape == (2, 8, 10, 14)


def test_truncation_to_zero_makes_all_images_alike(generator: Generator) -> None:
    for layer in generator.synthesis.layers:
        nn.init.zeros_(layer.strength)
    images = generator.sample([stream(0, i, "masks") for i in range(2)], truncation=0.0)
    torch.testing.assert_close(images[0], images[1])


def test_a_saved_generator_makes_the_same_images(generator: Generator) -> None:
    generator.mapping.mean.fill_(0.3)
    tensors = {f"generator.{name}": tensor for name, tensor in generator.state_dict().items()}
    settings = json.loads(json.dumps({"architecture": ARCHITECTURE.model_dump()}))
    loaded = load_generator(tensors | {"discriminator.x": torch.zeros(1)}, settings)
    rngs = [[stream(0, i, "masks") for i in range(2)] for _ in range(2)]
    assert torch.equal(loaded.sample(rngs[0], 0.7), generator.sample(rngs[1], 0.7))
    half = load_generator({name: tensor.half() for name, tensor in tensors.items()}, settings)
    assert half.synthesis.constant.dtype == torch.float32


def test_weights_of_another_architecture_are_refused(generator: Generator) -> None:
    tensors = {f"generator.{name}": tensor for name, tensor in generator.state_dict().items()}
    with pytest.raises(ValueError, match="need architecture, got seed"):
        load_generator(tensors, {"seed": 1})
    with pytest.raises(ValueError, match="do not fit the architecture"):
        load_generator(tensors, {"architecture": ARCHITECTURE.model_dump() | {"latent": 9}})
