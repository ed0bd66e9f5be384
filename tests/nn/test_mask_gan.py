"""The networks of single masks: sizes, and masks that are read at the size they were covered at."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch.nn import functional

from cellsim.errors import RecipeError
from cellsim.nn.mask_gan import ENLARGED, MaskDiscriminator, MaskGenerator, load_generator, read_masks
from cellsim.nn.networks import build, count_parameters


@pytest.mark.parametrize(("edge", "latent", "filters"), [(28, 64, 32), (28, 64, 16), (16, 8, 4)])
def test_they_hold_as_many_weights_as_their_layers_say(edge: int, latent: int, filters: int) -> None:
    coarse, f = edge // 4, filters
    with torch.device("meta"):
        generator = count_parameters(MaskGenerator(edge=edge, latent=latent, filters=f)())
        discriminator = count_parameters(MaskDiscriminator(edge=edge, filters=f)())
    assert generator.trainable == latent * 2 * f * coarse**2 + 4 * f + 2 * f * f * 16 + 2 * f + 16 * f + 1
    assert generator.running == 6 * f
    assert discriminator.trainable == 16 * f + f + 32 * f * f + 2 * f + 2 * f * coarse**2 + 1


def test_the_default_sizes_are_known() -> None:
    with torch.device("meta"):
        assert count_parameters(MaskGenerator()()).total == 234_369
        assert count_parameters(MaskDiscriminator()()).total == 36_513


def test_masks_are_as_large_as_asked_and_within_bounds() -> None:
    torch.manual_seed(0)
    made = MaskGenerator(edge=20, latent=5, filters=3)()(torch.randn(6, 5) * 9)
    assert made.shape == (6, 1, 20, 20)
    assert float(made.detach().abs().max()) <= 1
    assert MaskDiscriminator(edge=20, filters=3)()(made).shape == (6, 1)


def test_an_edge_that_cannot_be_halved_twice_is_refused() -> None:
    with pytest.raises(RecipeError, match=r"network.edge: must be a multiple of 4, got 30"):
        build({"kind": "mask-generator", "edge": 30})


def disks(radii: np.ndarray, edge: int = 28, fine: int = 16) -> torch.Tensor:
    """Shares of pixels that disks about the middle cover, from -1 to 1."""
    y, x = np.mgrid[: edge * fine, : edge * fine] / fine - edge / 2 + 0.5 / fine
    inside = torch.from_numpy(np.hypot(y, x) < radii[:, None, None]).float()[:, None]
    return functional.avg_pool2d(inside, fine) * 2 - 1


def test_a_mask_has_the_area_that_was_covered() -> None:
    radii = np.linspace(1.3, 12, 30)
    area = read_masks(disks(radii)).sum(axis=(1, 2)) / ENLARGED**2
    np.testing.assert_allclose(area, np.pi * radii**2, rtol=0.04)
    at_half = (functional.interpolate(disks(radii), scale_factor=ENLARGED, mode="bilinear") > 0).sum((1, 2, 3))
    assert np.abs(at_half.numpy() / ENLARGED**2 / (np.pi * radii**2) - 1).max() > 0.1, "a cut at one half loses more"


def test_a_background_that_is_not_quite_black_adds_nothing() -> None:
    exact = disks(np.array([2.0, 6.0]))
    grey = exact.clamp(min=-0.96)
    area = [read_masks(images).sum(axis=(1, 2)) for images in (exact, grey)]
    np.testing.assert_allclose(area[1], area[0], rtol=0.05)


def test_an_image_without_an_object_is_an_empty_mask() -> None:
    assert not read_masks(torch.full((2, 1, 8, 8), -0.1)).any()


def test_a_generator_is_built_again_from_its_weights() -> None:
    torch.manual_seed(0)
    sizes = MaskGenerator(edge=12, latent=3, filters=2)
    network = sizes()
    network(torch.randn(8, 3))
    tensors = {f"generator.{name}": value for name, value in network.state_dict().items()} | {"other": torch.ones(1)}
    again, latent = load_generator(tensors, {"network": sizes.model_dump(mode="json")})
    z = torch.randn(2, 3)
    assert latent == 3
    assert torch.equal(again(z), network.eval()(z))
    with pytest.raises(ValueError, match="network must be of kind mask-generator, got 'stylegan2'"):
        load_generator(tensors, {"network": "stylegan2"})
    with pytest.raises(ValueError, match="do not fit the architecture"):
        load_generator({}, {"network": sizes.model_dump(mode="json")})
