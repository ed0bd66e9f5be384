"""Scores of snapshots: none for the same, the more the worse, and finite whatever is made."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor

import cellsim
from cellsim.errors import RecipeError
from cellsim.recipe import Recipe
from cellsim.steps import parse
from cellsim.train.examples.base import Examples
from cellsim.train.scores import SCORES, find_score
from tests.conftest import NUCLEI

OURS = ("flow-texture", "morphology")
CROPS = parse(Examples, {"kind": "mask-crops", "shape": [64, 64], "encoding": "flows", "objects": 1}, "examples")

OBJECTS = {"kind": "objects", "pixel": 1.0}


def encoded(folder: Path, radius: float, seed: int = 0) -> Tensor:
    """Fourteen images of packed ellipses of about a radius."""
    shape = {**NUCLEI["generator"]["shape"], "radius": {"uniform": [0.8 * radius, 1.2 * radius]}}
    values = {**NUCLEI, "seed": seed, "generator": {**NUCLEI["generator"], "shape": shape}}
    path = folder / f"{radius}-{seed}.zarr"
    cellsim.make(Recipe.parse(values), 14, path, workers=1)
    found = CROPS(cellsim.open_dataset(path))
    return torch.stack([found[8 * i]["image"] for i in range(14)])


@pytest.mark.parametrize("name", OURS)
def test_the_same_scores_nothing_like_scores_little_and_unlike_much(name: str, tmp_path: Path) -> None:
    real = encoded(tmp_path, 5)
    judge = find_score(name)(CROPS, real)
    alike, larger, much_larger = (judge(encoded(tmp_path, radius, 1)) for radius in (5, 6.5, 9))
    assert judge(real) == pytest.approx(0, abs=1e-9)
    assert 0 < alike < larger < much_larger


@pytest.mark.parametrize("name", OURS)
def test_noise_and_emptiness_score_badly_but_are_numbers(name: str, tmp_path: Path) -> None:
    real = encoded(tmp_path, 5)
    judge = find_score(name)(CROPS, real)
    alike = judge(encoded(tmp_path, 5, 1))
    noise = torch.rand(real.shape, generator=torch.Generator().manual_seed(0)) * 4 - 2
    for made in (noise, torch.full_like(real, -1.0)):
        score = judge(made)
        assert not np.isnan(score)
        assert score > 2 * alike


def test_only_masks_can_be_compared_as_masks() -> None:
    class Others(Examples):
        def __call__(self, *_: object) -> None:  # type: ignore[override]
            """Nothing."""

    with pytest.raises(RecipeError, match="score: 'flow-texture' compares masks, examples must be mask-crops, got"):
        find_score("flow-texture")(Others(), torch.zeros(2, 1, 4, 4))


def cells(seed: int, contrast: float, grain: float) -> Tensor:
    """Sixty images of blobs with grain."""
    noise = torch.Generator().manual_seed(seed)
    coarse = torch.rand(60, 1, 6, 6, generator=noise)
    blobs = torch.nn.functional.interpolate(coarse, size=(64, 64), mode="bilinear")
    return (contrast * (blobs - 0.5) + grain * torch.randn(blobs.shape, generator=noise)).clamp(-1, 1)


def test_images_score_the_worse_the_more_unlike_they_are() -> None:
    real = cells(0, 1.0, 0.1)
    judge = find_score("texture")(CROPS, real)
    alike, unlike, noise = (judge(cells(1, *form)) for form in ((1.0, 0.1), (0.8, 0.15), (0.3, 0.8)))
    assert judge(real) == pytest.approx(0, abs=1e-9)
    assert 0 < alike < unlike < noise < np.inf
    assert np.isfinite(judge(torch.full_like(real, -1.0)))


def test_every_score_can_be_found() -> None:
    assert set(OURS) <= set(SCORES)
    assert all(callable(find_score(name)) for name in SCORES)


def objects(folder: Path, radius: float, seed: int = 0) -> Tensor:
    """Single objects of the same images."""
    encoded(folder, radius, seed)
    found = parse(Examples, OBJECTS, "examples")(cellsim.open_dataset(folder / f"{radius}-{seed}.zarr"))
    return torch.stack([found[i]["image"] for i in range(60)])


def test_single_objects_are_compared_by_their_forms(tmp_path: Path) -> None:
    real = objects(tmp_path, 5)
    judge = find_score("object-morphology")(parse(Examples, OBJECTS, "examples"), real)
    assert judge(real) == pytest.approx(0, abs=1e-9)
    alike, larger, much_larger = (judge(objects(tmp_path, radius, 1)) for radius in (5, 6, 7))
    assert 0 < alike < larger < much_larger


def test_masks_that_are_no_single_objects_score_worst(tmp_path: Path) -> None:
    real = objects(tmp_path, 5)
    judge = find_score("object-morphology")(parse(Examples, OBJECTS, "examples"), real)
    assert judge(torch.full_like(real, -1.0)) == np.inf
    some = real.clone()
    some[:20] = -1
    assert judge(some) < 1


def test_only_objects_can_be_compared_as_objects() -> None:
    with pytest.raises(RecipeError, match="score: 'object-morphology' compares objects, examples must be objects, got"):
        find_score("object-morphology")(CROPS, torch.zeros(2, 1, 4, 4))
