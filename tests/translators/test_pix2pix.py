"""Images by trained networks: any canvas, seamless, the same whatever is in the batch."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from cellsim.errors import InputError
from cellsim.nn import tiling
from cellsim.nn.weights import load_weights, save_weights
from cellsim.recipe import Recipe
from cellsim.sample import Sample
from cellsim.seeds import stream
from cellsim.translators.pix2pix import Pix2Pix
from tests.conftest import NUCLEI


def rng(index: int = 0) -> np.random.Generator:
    return stream(5, index, "pix2pix")


def sample(height: int = 40, width: int = 56, seed: int = 0) -> Sample:
    """Some rectangles."""
    labels = np.zeros((1, height, width), np.uint16)
    places = np.random.default_rng(seed).integers(0, (height - 6, width - 6), (12, 2))
    for i, (y, x) in enumerate(places.tolist(), 1):
        labels[0, y : y + 6, x : x + 6] = i
    return Sample(labels, (1.0, 1.0))


def image(step: Pix2Pix, given: Sample, index: int = 0) -> np.ndarray[Any, Any]:
    found = step(given, rng(index)).image
    assert found is not None
    return found


def changed(path: Path, folder: Path, **settings: object) -> Path:
    """The same weights with other settings."""
    tensors, known = load_weights(path)
    save_weights(folder / "changed.safetensors", tensors, known | settings)
    return folder / "changed.safetensors"


def test_images_have_the_channels_and_the_range_that_were_learnt(image_weights: Path) -> None:
    step = Pix2Pix(weights=image_weights)
    assert step.channels_after(("old",)) == ("nuclei", "membranes")
    found = image(step, sample())
    assert 0.1 <= found[0].min() < found[0].max() <= 0.6
    assert found[0].min() < 0.3 or found[0].max() > 0.4
    assert 0 <= found[1].min() < found[1].max() <= 1


@pytest.mark.parametrize("shape", [(40, 56), (8, 8), (7, 41), (33, 100)])
def test_any_canvas_can_be_drawn(image_weights: Path, shape: tuple[int, int]) -> None:
    given = Sample(np.ones((1, *shape), np.uint16), (1.0, 1.0))
    assert image(Pix2Pix(weights=image_weights), given).shape == (2, *shape)


def test_a_large_canvas_has_no_seams(image_weights: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    step, given = Pix2Pix(weights=image_weights), sample(150, 203)
    whole = image(step, given)
    monkeypatch.setattr(tiling.run_tiled, "__defaults__", ((), 32))
    np.testing.assert_allclose(image(step, given), whole, atol=1e-5)
    monkeypatch.setattr(tiling, "reach", lambda _: 0)
    assert abs(image(step, given) - whole).max() > 1e-3, "a planted fault"


def test_an_image_is_the_same_whatever_the_batch_and_the_threads(image_weights: Path) -> None:
    step, samples, before = Pix2Pix(weights=image_weights), [sample(seed=i) for i in range(5)], torch.get_num_threads()
    alone = [image(step, one, i) for i, one in enumerate(samples)]
    try:
        for number in (1, 2):
            torch.set_num_threads(number)
            for i, found in enumerate(step.many(samples, [rng(i) for i in range(5)])):
                np.testing.assert_array_equal(found.image, alone[i])
    finally:
        torch.set_num_threads(before)


def test_a_network_of_real_size_rounds_alike_on_any_number_of_threads() -> None:
    before, found = torch.get_num_threads(), []
    step = Pix2Pix.model_validate({"weights": "nuclei-pix2pix"})
    given = Sample(sample(64, 64).labels, step.weights.settings["spacing"])
    try:
        for number in (1, 3):
            torch.set_num_threads(number)
            found.append(image(step, given))
            assert torch.get_num_threads() == number, "as it was before"
    finally:
        torch.set_num_threads(before)
    np.testing.assert_array_equal(*found)


def test_torch_has_no_say_in_the_noise(image_weights: Path) -> None:
    step = Pix2Pix(weights=image_weights)
    torch.manual_seed(0)
    one = image(step, sample())
    torch.manual_seed(1)
    np.testing.assert_array_equal(image(step, sample()), one)
    assert (image(step, sample(), 1) != one).any()


def test_without_noise_only_the_layers_are_drawn(image_weights: Path, tmp_path: Path) -> None:
    flows = {"encoding": "boundary+interior", "layers": 4, "gap": 2}
    step = Pix2Pix(weights=image_weights, noise=False)
    empty = Sample(np.zeros((1, 40, 56), np.uint16), (1.0, 1.0))
    np.testing.assert_array_equal(image(step, empty), image(step, empty, 1))
    noisy = Pix2Pix(weights=image_weights)
    assert (image(noisy, empty) != image(noisy, empty, 1)).any()
    with pytest.raises(RuntimeError):  # two channels into a network that takes four
        image(Pix2Pix(weights=changed(image_weights, tmp_path, input=flows)), empty)


def test_normalisation_by_image_is_offered(image_weights: Path) -> None:
    running, own = (Pix2Pix(weights=image_weights, normalisation=n) for n in ("running", "image"))  # type: ignore[arg-type]
    assert abs(image(running, sample()) - image(own, sample())).max() > 1e-3


def test_pixels_of_another_size_and_volumes_are_refused(image_weights: Path, tmp_path: Path) -> None:
    step = Pix2Pix(weights=changed(image_weights, tmp_path, spacing=[0.5, 0.5]))
    with pytest.raises(ValueError, match=r"has learnt pixels of 0.5, 0.5 µm: canvas.spacing must be \[0.5, 0.5\]"):
        step(sample(), rng())


def test_weights_of_something_else_are_refused(flow_weights: Path) -> None:
    with pytest.raises(ValueError, match=r"must be of a network 'pix2pix', .* is 'stylegan2'"):
        Pix2Pix(weights=flow_weights)(sample(), rng())


def test_crowded_masks_are_an_error_or_share_layers(image_weights: Path, tmp_path: Path) -> None:
    crowd = np.kron(np.arange(1, 26, dtype=np.uint16).reshape(5, 5), np.ones((3, 3), np.uint16))[np.newaxis]
    one = {"input": {"encoding": "layers", "layers": 4, "gap": 8}}
    path = changed(image_weights, tmp_path, **one)
    with pytest.raises(InputError, match="do not fit on 4 layers"):
        Pix2Pix(weights=path)(Sample(crowd, (1.0, 1.0)), rng())
    assert image(Pix2Pix(weights=path, overflow="share"), Sample(crowd, (1.0, 1.0))).shape == (2, 15, 15)


def test_a_recipe_uses_the_weights_and_says_their_remark(image_weights: Path, tmp_path: Path) -> None:
    path = changed(image_weights, tmp_path, remark="these weights know nothing")
    recipe = Recipe.parse(NUCLEI | {"translators": [{"kind": "pix2pix", "weights": str(path)}]})
    assert recipe.remarks == ("these weights know nothing",)
    assert recipe.channels == ("nuclei", "membranes")
    together = recipe.draw_many([0, 1, 2])
    np.testing.assert_array_equal(together[2].image, recipe.draw(2).image)
