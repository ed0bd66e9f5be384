"""Tiles: as if images were made whole, and not wider than what matters."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from cellsim.nn import tiling
from cellsim.nn.blocks import he_normal
from cellsim.nn.networks import ImageNetwork, build, draw_keeps, for_inference, normalise_by_image
from cellsim.nn.tiling import padded_shape, reach, run_tiled

NETWORKS: dict[str, dict[str, Any]] = {
    "1x": {"kind": "unet-chain", "levels": 2, "filters": 2, "kernel": 3},
    "wide": {"kind": "unet-chain", "levels": 1, "filters": 2, "kernel": 6},
    "2x": {"kind": "unet-chain", "levels": 1, "filters": 2, "activations": ["tanh", "tanh"]},
    "finished": {"kind": "unet-chain", "levels": 1, "filters": 2, "finish": 3},
    "unet": {"kind": "pix2pix-unet", "inputs": 4, "outputs": 1, "levels": 5, "filters": 1},
    "resnet": {"kind": "resnet", "inputs": 4, "outputs": 1, "blocks": 2, "filters": 2, "norm": "batch"},
}


def network(name: str, **fields: Any) -> ImageNetwork:
    torch.manual_seed(1)
    made = build(NETWORKS[name] | fields)
    assert isinstance(made, ImageNetwork)
    he_normal(made)  # else the noise of the least weights is all there is to see
    return made.eval()


def images(height: int, width: int) -> torch.Tensor:
    return torch.randn(1, 4, height, width, generator=torch.Generator().manual_seed(2))


@pytest.mark.parametrize("name", NETWORKS)
def test_tiles_make_what_is_made_whole(name: str) -> None:
    made, given = network(name), images(160, 224)
    keeps = draw_keeps(made.keep_shapes(160, 224), [np.random.default_rng(0)])
    with torch.inference_mode():
        whole, tiled = made(given, keeps), run_tiled(made, given, keeps, tile=32)
    assert float(whole.std()) > 1e-3
    torch.testing.assert_close(tiled, whole, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("name", ["1x", "2x", "wide", "finished"])
def test_the_reach_is_what_matters_and_no_more(name: str) -> None:
    made = network(name)
    given = images(128, 128).requires_grad_()
    seen = reach(made)
    assert seen is not None
    far = []
    for at in range(60, 68):  # where a pixel lies within the coarsest grid matters
        (gradient,) = torch.autograd.grad(made(given)[0, :, at, at].sum(), given)
        rows = np.flatnonzero(gradient.abs().sum((0, 1, 3)).numpy())
        far += [at - rows.min(), rows.max() - at]
    assert max(far) <= seen
    assert max(far) >= 0.7 * seen, "a halo that is much too wide costs time"


def test_a_halo_that_is_too_narrow_shows_seams(monkeypatch: pytest.MonkeyPatch) -> None:
    made, given = network("1x"), images(160, 160)
    with torch.inference_mode():
        whole = made(given)
        monkeypatch.setattr(tiling, "reach", lambda _: 0)
        assert float((run_tiled(made, given, tile=32) - whole).abs().max()) > 1e-3


def test_statistics_of_the_image_need_it_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    made = network("1x")
    assert reach(made) == 2 * 7
    normalise_by_image(made)
    assert reach(made) is None
    assert reach(network("resnet", norm="instance")) is None
    given = images(96, 96)
    with torch.inference_mode():
        assert torch.equal(run_tiled(made, given, tile=32), made(given))


def test_folding_keeps_the_reach() -> None:
    assert reach(for_inference(network("1x"))) == 14


def test_images_are_padded_to_what_the_network_takes() -> None:
    assert padded_shape(network("1x"), 40, 56) == (40, 56)
    assert padded_shape(network("1x"), 41, 3) == (48, 8)
    assert padded_shape(network("resnet"), 3, 9) == (8, 12)
