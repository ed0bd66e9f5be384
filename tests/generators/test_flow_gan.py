"""Masks from a StyleGAN2 of flows."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

import cellsim
from cellsim.cli import cli
from cellsim.errors import RecipeError
from cellsim.generators.flow_gan import FlowGan, network_of
from cellsim.generators.stylegan.generator import Generator as StyleGan
from cellsim.nn.weights import load_weights, save_weights
from cellsim.recipe import Recipe
from cellsim.sample import Canvas
from cellsim.seeds import stream

CANVAS = Canvas(shape=(32, 32), spacing=(0.5, 0.5))  # the masks of the test weights: 16 px, enlarged by two


def rng(index: int) -> np.random.Generator:
    """The stream of one sample."""
    return stream(5, index, "generator")


def changed(path: Path, folder: Path, **settings: object) -> Path:
    """The same weights with other settings."""
    tensors, known = load_weights(path)
    save_weights(folder / "changed.safetensors", tensors, known | settings, half=False)
    return folder / "changed.safetensors"


def converged(flow_weights: Path, index: int, draws: int) -> list[float]:
    """How much of each of the draws of a sample converges."""
    import torch

    network, one = network_of(FlowGan(weights=flow_weights).weights, torch.device("cpu")), rng(index)
    drawn = [next(iter(network.draw(CANVAS.shape, [one], 1.0))) for _ in range(draws)]
    return [float(network.encoding.read(image).converged) for image in drawn]


def test_draws_that_do_not_converge_are_rejected_and_counted(flow_weights: Path) -> None:
    found = {i: converged(flow_weights, i, 6) for i in range(6)}
    limit = float(np.median(list(found.values())))
    step = FlowGan(weights=flow_weights, converging=limit, objects=0)
    rejected = [int(sample.numbers["rejected"]) for sample in step.many(CANVAS, [rng(i) for i in range(6)])]
    assert rejected == [next(k for k, share in enumerate(found[i]) if share >= limit) for i in range(6)]
    assert len(set(rejected)) > 1


def test_a_sample_is_the_same_whatever_else_was_rejected(flow_weights: Path) -> None:
    limit = float(np.median([converged(flow_weights, i, 3) for i in range(6)]))
    step = FlowGan(weights=flow_weights, converging=limit, objects=0)
    for i, sample in enumerate(step.many(CANVAS, [rng(i) for i in range(6)])):
        np.testing.assert_array_equal(sample.labels, step(CANVAS, rng(i)).labels)


def test_a_draw_is_the_same_on_any_number_of_threads() -> None:
    import torch

    step = FlowGan.model_validate({"weights": "tissue-flows-128"})
    network, before, found = network_of(step.weights, torch.device("cpu")), torch.get_num_threads(), []
    try:
        for number in (1, 3):
            torch.set_num_threads(number)
            found.append(list(network.draw((128, 128), [stream(0, i, "g") for i in (2, 4, 5)], 1.0)))
            assert torch.get_num_threads() == number, "as it was before"
    finally:
        torch.set_num_threads(before)
    np.testing.assert_array_equal(*found)


def test_too_many_rejections_are_an_error(flow_weights: Path) -> None:
    step = FlowGan(weights=flow_weights, converging=0, objects=60_000, tries=3)
    with pytest.raises(ValueError, match=r"no well-formed mask in 3 draws: lower converging \(0\) or objects"):
        step(CANVAS, rng(0))


def test_small_objects_are_left_out(flow_weights: Path) -> None:
    step, canvas = FlowGan(weights=flow_weights, converging=0, objects=0), Canvas(shape=(64, 128), spacing=(0.5, 0.5))
    areas = np.bincount(step(canvas, rng(1)).labels.ravel())[1:]
    limit = int(np.sort(areas)[len(areas) // 2])
    large = step.model_copy(update={"smallest": limit * 0.25})(canvas, rng(1)).labels
    assert sorted(np.bincount(large.ravel())[1:]) == sorted(areas[areas >= limit])
    assert 0 < large.max() < len(areas)


def test_less_truncation_is_more_variety(flow_weights: Path) -> None:
    def variety(truncation: float) -> float:
        step = FlowGan(weights=flow_weights, converging=0, objects=0, truncation=truncation)
        return float(np.std([step(CANVAS, rng(i)).cover for i in range(12)]))

    assert variety(0.1) < variety(1.0)


@pytest.mark.parametrize("shape", [(20, 26), (32, 32), (40, 100), (33, 31)])
def test_any_canvas_can_be_drawn(flow_weights: Path, shape: tuple[int, int]) -> None:
    drawn = FlowGan(weights=flow_weights, converging=0)(Canvas(shape=shape, spacing=(1, 1)), rng(0))
    assert drawn.labels.shape == (1, *shape)


def test_a_large_canvas_does_not_repeat_itself(flow_weights: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import torch

    def likeness() -> float:
        """Correlation of the flow with that of the next tile, away from the border."""
        network = network_of(FlowGan(weights=flow_weights).weights, torch.device("cpu"))
        flow = next(iter(network.draw((32, 256), [rng(0)], 1.0)))[1].astype(float)
        return float(np.corrcoef(flow[:, 64:160].ravel(), flow[:, 96:192].ravel())[0, 1])

    assert likeness() < 0.8
    monkeypatch.setattr(StyleGan, "draw", lambda self, rngs, cells: (torch.ones(1, 8), []))
    assert likeness() > 0.95, "with one style they are alike"


def test_pixels_of_another_size_are_refused(flow_weights: Path, tmp_path: Path) -> None:
    path = changed(flow_weights, tmp_path, spacing=[0.25, 0.25])
    recipe = {"canvas": {"shape": [32, 32], "spacing": [0.5, 0.5]}, "generator": {"kind": "flow-gan"}}
    recipe["generator"]["weights"] = str(path)
    with pytest.raises(RecipeError, match=r"has learnt pixels of 0.25, 0.25 µm: canvas.spacing must be \[0.25, 0.25\]"):
        Recipe.parse(recipe)


def test_weights_of_something_else_are_refused(flow_weights: Path, tmp_path: Path) -> None:
    step = FlowGan(weights=changed(flow_weights, tmp_path, encoding="colours"))
    with pytest.raises(ValueError, match="is no StyleGAN2 of encoded masks"):
        step(CANVAS, rng(0))


def test_weights_that_are_not_there_are_refused() -> None:
    recipe = {"canvas": CANVAS.model_dump(), "generator": {"kind": "flow-gan", "weights": "nowhere.safetensors"}}
    with pytest.raises(RecipeError, match=r"generator.weights: no file of weights 'nowhere.safetensors'"):
        Recipe.parse(recipe)


def test_making_counts_rejections_and_says_the_remark(flow_weights: Path, tmp_path: Path) -> None:
    path = changed(flow_weights, tmp_path, remark="these weights know nothing")
    recipe = tmp_path / "recipe.yaml"
    recipe.write_text(
        "canvas: {shape: [32, 32], spacing: [1, 1]}\n"
        f"generator: {{kind: flow-gan, weights: {path}, converging: 0.3}}\n"
    )
    command = ["make", "--recipe", str(recipe), "-n", "5", "-o", str(tmp_path / "a.zarr"), "--device", "cpu"]
    done = CliRunner().invoke(cli, command)
    assert done.exit_code == 0, done.output
    assert "these weights know nothing" in done.output
    assert "rejected" in done.output
    rejected = cellsim.open_dataset(tmp_path / "a.zarr").drawn["generator.rejected"]
    assert rejected.shape == (5,)
    assert (rejected >= 0).all()
