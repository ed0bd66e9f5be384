"""Crops of segmenters: image, flow and cells of one place; intensities; sources in balance."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import cellsim
from cellsim.errors import InputError, RecipeError
from cellsim.steps import parse
from cellsim.train.examples.base import Examples
from cellsim.train.examples.segmentation_crops import SegmentationCrops, SegmentationCropSet
from tests.conftest import NUCLEI

STILL = {"brightness": 0, "contrast": 0, "percentiles": [0, 100]}


def crops(data: Path, **fields: Any) -> SegmentationCropSet:
    values = {"kind": "segmentation-crops", "shape": [32, 32], "objects": 1, "overlap": 0.0}
    step = parse(Examples, values | fields, "examples")
    assert isinstance(step, SegmentationCrops)
    found = step(cellsim.open_dataset(data), seed=1)
    assert isinstance(found, SegmentationCropSet)
    return found


@pytest.fixture(scope="module")
def painted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three samples whose image is 1 in objects and 0 elsewhere."""
    path = tmp_path_factory.mktemp("sets") / "painted.zarr"
    cellsim.make(cellsim.Recipe.parse(NUCLEI | {"translators": [{"kind": "binary"}]}), 3, path, workers=1)
    return path


@pytest.fixture(scope="module")
def mixed(painted: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three samples of one source, one of another, which is half as bright."""
    folder = tmp_path_factory.mktemp("mixed")
    other = NUCLEI | {"seed": 5, "name": "other", "translators": [{"kind": "binary"}]}
    cellsim.make(cellsim.Recipe.parse(other), 1, folder / "other.zarr", workers=1)
    cellsim.mix([painted, folder / "other.zarr"], folder / "mixed.zarr")
    return folder / "mixed.zarr"


@pytest.mark.parametrize("places", ["grid", "random"])
def test_image_and_targets_are_of_one_place_and_turned_alike(painted: Path, places: str) -> None:
    found = crops(painted, places=places, **STILL)
    for i in range(16):
        item = found[i]
        assert ((item["image"][0] > 0) == (item["cell"] > 0)).all()
        length = item["flow"].square().sum(0).sqrt()
        assert (length[item["cell"] == 0] == 0).all()
        assert length[item["cell"] > 0].mean() > 0.9


def test_flows_point_into_objects_in_every_orientation(painted: Path) -> None:
    found = crops(painted, **STILL)
    for i in range(8):
        item = found[i]
        y, x = np.nonzero(item["cell"].numpy())
        step = item["flow"].numpy()[:, y, x]
        ahead = np.clip(np.rint([y + 2 * step[0], x + 2 * step[1]]).astype(int), 0, 31)
        behind = np.clip(np.rint([y - 2 * step[0], x - 2 * step[1]]).astype(int), 0, 31)
        cell = item["cell"].numpy()
        assert cell[ahead[0], ahead[1]].mean() > 0.98
        assert cell[behind[0], behind[1]].mean() < 0.9


def test_intensities_are_those_of_the_whole_image(stained: Path) -> None:
    found = crops(stained, brightness=0, contrast=0, percentiles=[0, 100], rotations=False, flips=False)
    whole = np.concatenate([found[i]["image"].numpy().ravel() for i in range(4)])  # the four quarters of a sample
    assert (whole.min(), whole.max()) == (-1, 1)
    assert sum(float(found[i]["image"].max()) == 1 for i in range(4)) < 4


def test_brightness_and_contrast_vary_from_pass_to_pass_and_are_repeatable(stained: Path) -> None:
    found, n = crops(stained), len(crops(stained))
    one, other = found[0]["image"], found[n]["image"]
    assert not np.allclose(one, other)
    assert (found[0]["flow"] == found[n]["flow"]).all()
    assert (crops(stained)[n]["image"] == other).all()
    assert float(one.abs().max()) <= 1
    still = [crops(stained, brightness=0, contrast=0)[i]["image"] for i in (0, n)]
    assert (still[0] == still[1]).all()


def test_sources_come_in_balance(mixed: Path) -> None:
    sources = cellsim.open_dataset(mixed).drawn["source"]
    plain, balanced = crops(mixed), crops(mixed, balanced=True)

    def counts(found: SegmentationCropSet) -> list[int]:
        return np.bincount([int(sources[crop.sample]) for crop in found.crops]).tolist()

    first, second = counts(plain)
    assert first > second
    assert counts(balanced) == [first, first]
    assert set(balanced.crops) == set(plain.crops), "none is lost"


def test_a_source_without_crops_cannot_be_balanced(painted: Path, tmp_path: Path) -> None:
    lonely = NUCLEI | {"name": "lonely", "translators": [{"kind": "binary"}]}
    lonely["generator"] = {**NUCLEI["generator"], "cover": 0.01}
    cellsim.make(cellsim.Recipe.parse(lonely), 1, tmp_path / "lonely.zarr", workers=1)
    cellsim.mix([painted, tmp_path / "lonely.zarr"], tmp_path / "mixed.zarr")
    with pytest.raises(InputError, match=r"no crop of source 1 has objects = 3: it cannot be balanced with the others"):
        crops(tmp_path / "mixed.zarr", objects=3, balanced=True)
    assert len(crops(tmp_path / "mixed.zarr", objects=3))


def test_what_cannot_be_cut_is_refused(nuclei: Path, stained: Path) -> None:
    with pytest.raises(InputError, match="segmenters learn from images, the data set has none"):
        crops(nuclei)
    with pytest.raises(InputError, match="samples of 64 x 64 px are smaller than crops of 96 x 96 px"):
        crops(stained, shape=[96, 96])
    with pytest.raises(InputError, match="only a mixture has sources"):
        crops(stained, balanced=True)
    with pytest.raises(RecipeError, match="percentiles must be two numbers"):
        crops(stained, percentiles=[90, 10])


def test_pictures_show_image_found_and_true_objects(painted: Path) -> None:
    found = crops(painted, **STILL)
    item = found[0]
    import torch

    made = torch.cat([item["flow"], 2 * item["cell"][None] - 1])
    shown = found.step.compared(made, item)
    assert shown.shape == (32, 96, 3)
    assert (shown[:, 32:64] == shown[:, 64:]).all(), "a perfect network finds the true objects"
    assert shown[:, 32:].any()
