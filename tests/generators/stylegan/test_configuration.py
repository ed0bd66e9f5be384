"""Sizes, their names, and how many weights they make."""

from __future__ import annotations

import pytest
import torch

from cellsim.errors import RecipeError
from cellsim.generators.stylegan.configuration import Architecture, named
from cellsim.generators.stylegan.discriminator import Discriminator
from cellsim.generators.stylegan.generator import Generator
from cellsim.steps import parse


def weights(module: torch.nn.Module) -> int:
    return sum(parameter.numel() for parameter in module.parameters())


@pytest.mark.parametrize(
    ("name", "channels", "generator", "discriminator"),
    [
        ("auto-128", 1, 22_944_401, 23_882_113),
        ("auto-128", 3, 22_949_277, 23_882_369),
        ("auto-256", 1, 23_186_516, 24_000_961),
        ("auto-256", 3, 23_191_522, 24_001_089),
        ("auto-512", 3, 28_700_647, 28_982_849),
        ("paper-256", 3, 24_767_458, 24_001_089),
        ("paper-512", 3, 30_276_583, None),
    ],
)
def test_networks_have_the_published_numbers_of_weights(
    name: str, channels: int, generator: int, discriminator: int | None
) -> None:
    with torch.device("meta"):
        assert weights(Generator(named(name, channels))) == generator
        assert discriminator in (None, weights(Discriminator(named(name, channels))))


def test_small_networks_have_about_a_million_weights() -> None:
    with torch.device("meta"):
        for name in ("slim-128", "tiny-128"):
            assert 0.5e6 < weights(Generator(named(name))) < 2e6
            assert 0.5e6 < weights(Discriminator(named(name))) < 2e6


@pytest.mark.parametrize(("resolution", "styles"), [(128, 12), (256, 14), (512, 16)])
def test_numbers_of_styles_are_the_published_ones(resolution: int, styles: int) -> None:
    assert named(f"auto-{resolution}").styles == styles


def test_a_plan_may_name_an_architecture_or_give_its_fields() -> None:
    assert parse(Architecture, "slim-64", "objective.architecture") == named("slim-64")
    fields = {"resolution": 64, "mapping_layers": 2, "latent": 128, "channel_base": 2048, "channel_max": 128}
    assert parse(Architecture, fields, "objective.architecture") == named("slim-64")


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("slime-64", "no architecture 'slime-64'"),
        ("slim-100", "resolution: must be a power of two, got 100"),
        ({"resolution": 4}, "resolution: must be greater than or equal to 8"),
    ],
)
def test_errors_say_what_is_allowed(value: object, message: str) -> None:
    with pytest.raises(RecipeError, match=message):
        parse(Architecture, value, "objective.architecture")
