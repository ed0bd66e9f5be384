"""What all networks from image to image have in common."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from cellsim.errors import RecipeError
from cellsim.nn.networks import (
    ImageNetwork,
    build,
    count_parameters,
    draw_keeps,
    for_inference,
    normalise_by_image,
)
from cellsim.steps import find

SMALL: dict[str, dict[str, Any]] = {
    "unet-chain": {"inputs": 2, "outputs": 1, "levels": 3, "filters": 4, "activations": ["gelu", "tanh"]},
    "pix2pix-unet": {"inputs": 2, "outputs": 1, "levels": 6, "filters": 2},
    "resnet": {"inputs": 2, "outputs": 1, "blocks": 2, "filters": 4, "norm": "batch", "dropout": True},
}
DROPOUTS = {"unet-chain": 4, "pix2pix-unet": 1, "resnet": 2}
EDGE = {"unet-chain": 16, "pix2pix-unet": 64, "resnet": 4}

kinds = pytest.mark.parametrize("kind", list(SMALL))


def network(kind: str, **changes: Any) -> ImageNetwork:
    """A small network with running statistics that are not those it begins with."""
    torch.manual_seed(0)
    made = build({"kind": kind, **SMALL[kind], **changes})
    assert isinstance(made, ImageNetwork)
    for module in made.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.running_mean.normal_(0, 0.1)
            module.running_var.uniform_(0.5, 1.5)
            nn.init.normal_(module.bias, 0, 0.1)
        elif isinstance(module, nn.Conv2d | nn.ConvTranspose2d):
            nn.init.normal_(module.weight, 0, 0.2)
    return made.eval()


def images(kind: str, count: int = 2, times: tuple[int, int] = (2, 3)) -> Tensor:
    torch.manual_seed(1)
    return torch.randn(count, 2, times[0] * EDGE[kind], times[1] * EDGE[kind])


@kinds
@torch.no_grad()
def test_images_keep_their_size_if_it_is_a_multiple(kind: str) -> None:
    made = network(kind)
    assert made.multiple == EDGE[kind]
    for times in ((2, 2), (2, 3), (4, 2)):
        given = images(kind, 1, times)
        assert made(given).shape == (1, 1, *given.shape[2:])
        assert made(given).abs().max() <= 1
    with pytest.raises(ValueError, match=f"multiples of {EDGE[kind]} px, .* got {2 * EDGE[kind] + 2} x 64"):
        made(torch.zeros(1, 2, 2 * EDGE[kind] + 2, 64))
    with pytest.raises(ValueError, match="got 0 x"):
        made.keep_shapes(0, EDGE[kind])


@kinds
@torch.no_grad()
def test_an_image_depends_on_its_own_stream_not_on_its_batch(kind: str) -> None:
    made, given = network(kind), images(kind, 3)
    shapes = made.keep_shapes(*given.shape[2:])
    assert len(shapes) == DROPOUTS[kind]

    def of(seeds: list[int]) -> Tensor:
        return made(given[: len(seeds)], draw_keeps(shapes, [np.random.default_rng(seed) for seed in seeds]))

    together = of([5, 6, 7])
    torch.testing.assert_close(of([5])[0], together[0], rtol=1e-4, atol=1e-5)
    torch.testing.assert_close(of([4, 6])[1], together[1], rtol=1e-4, atol=1e-5)
    assert not torch.allclose(of([9])[0], together[0], atol=1e-4), "another stream, another image"
    torch.manual_seed(3)
    first = made(given)
    torch.manual_seed(4)
    assert torch.equal(made(given), first), "without keeps there is no chance"


@kinds
@torch.no_grad()
def test_keeps_fit_and_are_counted(kind: str) -> None:
    made, given = network(kind), images(kind, 1)
    keeps = draw_keeps(made.keep_shapes(*given.shape[2:]), [np.random.default_rng(0)])
    with pytest.raises(ValueError, match=f"keeps must be {len(keeps)} tensors, one a dropout, got {len(keeps) + 1}"):
        made(given, [*keeps, keeps[0]])
    seen: list[tuple[int, ...]] = []
    for module in made.modules():
        if type(module).__name__ == "Dropout":
            module.register_forward_hook(lambda _, inputs, __: seen.append(tuple(inputs[0].shape[1:])))
    made(given, keeps)
    assert seen == made.keep_shapes(*given.shape[2:])


def test_half_of_the_numbers_are_kept() -> None:
    keeps = draw_keeps([(3, 40, 50)], [np.random.default_rng(0), np.random.default_rng(1)])
    assert keeps[0].shape == (2, 3, 40, 50)
    assert keeps[0].float().mean().item() == pytest.approx(0.5, abs=0.02)
    assert draw_keeps([(1, 100, 100)], [np.random.default_rng(0)], 0.9)[0].float().mean() > 0.85


@kinds
@torch.no_grad()
def test_normalised_by_image_it_is_pix2pix_at_test_time(kind: str) -> None:
    made, given = network(kind), images(kind, 2)
    keeps = draw_keeps(made.keep_shapes(*given.shape[2:]), [np.random.default_rng(0), np.random.default_rng(1)])
    running = made(given, keeps)
    normalise_by_image(made)
    found = made(given, keeps)
    made.train()
    alone = torch.cat([made(given[i : i + 1], [keep[i : i + 1] for keep in keeps]) for i in range(2)])
    torch.testing.assert_close(found, alone, rtol=1e-3, atol=1e-4)
    assert not torch.allclose(found, running, atol=1e-3)


@kinds
@torch.no_grad()
def test_the_fast_copy_makes_the_same_images(kind: str) -> None:
    made, given = network(kind), images(kind, 2)
    keeps = draw_keeps(made.keep_shapes(*given.shape[2:]), [np.random.default_rng(0), np.random.default_rng(1)])
    fast = for_inference(made)
    assert not any(isinstance(module, nn.BatchNorm2d) for module in fast.modules())
    assert any(isinstance(module, nn.BatchNorm2d) for module in made.modules())
    torch.testing.assert_close(fast(given), made(given), rtol=1e-3, atol=1e-4)
    torch.testing.assert_close(fast(given, keeps), made(given, keeps), rtol=1e-3, atol=1e-4)
    normalise_by_image(made)
    slow = for_inference(made)
    assert any(isinstance(module, nn.BatchNorm2d) for module in slow.modules())
    torch.testing.assert_close(slow(given, keeps), made(given, keeps), rtol=1e-3, atol=1e-4)


@kinds
def test_a_network_is_built_again_from_its_settings(kind: str) -> None:
    values = {"kind": kind, **SMALL[kind]}
    settings = json.loads(find("cellsim.nn", kind)(**values).model_dump_json())
    again, made = build(settings), network(kind)
    again.load_state_dict(made.state_dict())
    assert count_parameters(again) == count_parameters(made)


@kinds
def test_gradients_reach_every_weight(kind: str) -> None:
    made = network(kind).train()
    made(images(kind)).square().sum().backward()
    assert [name for name, weights in made.named_parameters() if weights.grad is None] == []


def test_wrong_settings_are_refused() -> None:
    with pytest.raises(RecipeError, match=r"network: no kind 'unet-chian'; did you mean 'unet-chain'\?"):
        build({"kind": "unet-chian"})
    with pytest.raises(RecipeError, match=r"network.kernel: must be >= 2 px, got 1"):
        build({"kind": "unet-chain", "kernel": 1})
    with pytest.raises(RecipeError, match="must name one activation for each U-Net, got none"):
        build({"kind": "unet-chain", "activations": []})
    with pytest.raises(RecipeError, match="no such field"):
        build({"kind": "resnet", "levels": 3})
