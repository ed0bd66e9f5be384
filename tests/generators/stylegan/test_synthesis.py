"""Noise, styles and canvases of the synthesis network."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn

from cellsim.generators.stylegan.configuration import Architecture
from cellsim.generators.stylegan.synthesis import Synthesis

ARCHITECTURE = Architecture(resolution=32, channels=2, latent=8, channel_base=128, channel_max=16)


def synthesis(noisy: bool = False) -> Synthesis:
    torch.manual_seed(0)
    network = Synthesis(ARCHITECTURE)
    for layer in network.layers:
        nn.init.constant_(layer.strength, 0.5 if noisy else 0.0)
    return network.requires_grad_(False)


def w(count: int = 1) -> Tensor:
    return torch.randn(count, 1, 8, generator=torch.Generator().manual_seed(1)).expand(-1, ARCHITECTURE.styles, -1)


def noise(network: Synthesis, count: int) -> list[Tensor]:
    return [torch.randn(count, *shape) for shape in network.noise_shapes()]


def test_images_have_the_resolution_of_the_architecture() -> None:
    assert synthesis()(w(3)).shape == (3, 2, 32, 32)


def test_the_same_noise_makes_the_same_image() -> None:
    network = synthesis(noisy=True)
    drawn = noise(network, 2)
    first, second = network(w(2), drawn), network(w(2), drawn)
    assert torch.equal(first, second)
    assert not torch.allclose(first, network(w(2)))
    alone = network(w(2)[1:], [one[1:] for one in drawn])
    torch.testing.assert_close(alone, first[1:])


@pytest.mark.parametrize("layer", range(7))
def test_every_layer_takes_its_own_noise(layer: int) -> None:
    network = synthesis(noisy=True)
    drawn = noise(network, 1)
    before = network(w(), drawn)
    drawn[layer] = drawn[layer] + 1
    assert not torch.allclose(before, network(w(), drawn))


@pytest.mark.parametrize("style", range(8))
def test_every_style_changes_the_image(style: int) -> None:
    network, styles = synthesis(), w().clone()
    before = network(styles)
    styles[:, style] += 1
    assert not torch.allclose(before, network(styles))


def test_more_cells_make_a_larger_image_of_the_same_kind() -> None:
    network = synthesis()
    assert network.noise_shapes((8, 12))[-1] == (1, 64, 96)
    assert network(w(), cells=(8, 12)).shape == (1, 2, 64, 96)
    assert network(w(), cells=(5, 6)).shape == (1, 2, 40, 48)
    assert torch.equal(network(w(), cells=(4, 4)), network(w()))


def test_a_large_canvas_has_no_seams() -> None:
    network = synthesis()
    large = network(w(), cells=(20, 20))
    period = ARCHITECTURE.resolution
    inner = large[..., 2 * period : 3 * period, 2 * period : 3 * period]
    moved = large[..., 2 * period : 3 * period, 3 * period - 20 : 4 * period - 20]  # from one tile into the next
    torch.testing.assert_close(moved, inner.roll(20, -1), atol=1e-5, rtol=1e-5)
    border = large[..., :period, :period]
    assert not torch.allclose(border, inner, atol=1e-3)


def test_a_grid_of_equal_styles_is_one_style() -> None:
    network, one = synthesis(noisy=True), w()
    grid = one[:, :, None, None].expand(-1, -1, 2, 3, -1)
    drawn = [torch.randn(1, *shape) for shape in network.noise_shapes((8, 12))]
    torch.testing.assert_close(network(grid, drawn, (8, 12)), network(one, drawn, (8, 12)), atol=1e-5, rtol=1e-4)


def test_a_grid_of_styles_changes_the_image_from_place_to_place() -> None:
    network, (left, right) = synthesis(), w(2)
    grid = torch.stack([left, right], 1)[None, :, None]  # (1, styles, 1, 2, latent)
    mixed = network(grid, cells=(4, 8))
    for edge, style in ((slice(0, 8), left), (slice(-8, None), right)):
        near, far = (network(one[None], cells=(4, 8))[..., edge] for one in (style, right if style is left else left))
        assert (mixed[..., edge] - near).abs().mean() < 0.3 * (mixed[..., edge] - far).abs().mean()


def test_without_noise_there_is_nothing_to_draw_and_no_weight_for_it() -> None:
    torch.manual_seed(0)
    quiet = Synthesis(ARCHITECTURE.model_copy(update={"noise": False})).requires_grad_(False)
    assert quiet.noise_shapes() == []
    assert not [name for name in quiet.state_dict() if "strength" in name]
    assert torch.equal(quiet(w()), quiet(w(), []))
    assert not torch.equal(synthesis(noisy=True)(w()), synthesis(noisy=True)(w()) * 0)


def test_without_a_constant_the_layout_is_another_in_every_image() -> None:
    torch.manual_seed(0)
    network = Synthesis(ARCHITECTURE.model_copy(update={"spatial": True, "noise": False})).requires_grad_(False)
    assert network.noise_shapes() == [(16, 4, 4)]
    assert "constant" not in network.state_dict()
    start, style = torch.randn(2, 16, 4, 4), w(1).expand(2, -1, -1)
    images = network(style, [start])
    assert torch.equal(images, network(style, [start]))
    assert not torch.allclose(images[0], images[1], atol=0.1)
    moved = start.clone()
    moved[:, :, 0, 0] += 3
    change = (network(style, [moved]) - images).abs().mean((0, 1))
    assert change[:8, :8].mean() > 3 * change[24:, 24:].mean()  # what stands in a corner begins there


def test_a_large_canvas_without_a_constant_repeats_nothing() -> None:
    torch.manual_seed(0)
    network = Synthesis(ARCHITECTURE.model_copy(update={"spatial": True})).requires_grad_(False)
    image = network(w(1), cells=(4, 16))
    assert image.shape == (1, 2, 32, 128)
    first, second = image[..., 32:64], image[..., 64:96]
    assert (first - second).abs().mean() > 0.3 * image.std()


def test_a_margin_leaves_no_border() -> None:
    torch.manual_seed(0)
    plain = Synthesis(ARCHITECTURE.model_copy(update={"spatial": True, "noise": False})).requires_grad_(False)
    wide = Synthesis(ARCHITECTURE.model_copy(update={"spatial": True, "noise": False, "margin": 4}))
    wide.load_state_dict(plain.state_dict())
    assert wide.noise_shapes() == [(16, 12, 12)]
    start = torch.randn(1, 16, 12, 16)
    image = wide(w(1), [start], cells=(4, 8))
    assert image.shape == (1, 2, 32, 64)
    torch.testing.assert_close(image, plain(w(1), [start], cells=(12, 16))[..., 32:64, 32:96])
    # what lies right of the first four cells and their margin leaves them as they are
    alone = wide(w(1), [start[..., :12]], cells=(4, 4))
    torch.testing.assert_close(alone, image[..., :32], atol=1e-4, rtol=1e-4)
