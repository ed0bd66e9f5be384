"""Pairs: masks and images of one place, turned alike, in the range of networks."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

import cellsim
from cellsim.errors import InputError, RecipeError
from cellsim.steps import parse
from cellsim.train.examples.base import Examples
from cellsim.train.examples.pairs import Pairs, PairSet
from tests.conftest import NUCLEI

FULL = {"low": [0.0], "high": [1.0]}


def step(**fields: Any) -> Pairs:
    values = {"kind": "pairs", "shape": [32, 32], "encoding": "boundary+interior", "objects": 1, "overlap": 0.0}
    found = parse(Examples, values | fields, "examples")
    assert isinstance(found, Pairs)
    return found


def pairs(data: Path, **fields: Any) -> PairSet:
    found = step(**fields)(cellsim.open_dataset(data), seed=1)
    assert isinstance(found, PairSet)
    return found


@pytest.fixture(scope="module")
def painted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three samples whose image is 1 in objects and 0 elsewhere, but not at their borders."""
    path = tmp_path_factory.mktemp("sets") / "painted.zarr"
    recipe = NUCLEI | {"translators": [{"kind": "binary", "border": True}]}
    cellsim.make(cellsim.Recipe.parse(recipe), 3, path, workers=1)
    return path


def inside(item: dict[str, torch.Tensor]) -> NDArray[np.bool_]:
    return np.asarray((item["input"] > 0).any(0).numpy())


@pytest.mark.parametrize("places", ["grid", "random"])
def test_masks_and_images_are_of_one_place_and_turned_alike(painted: Path, places: str) -> None:
    found = pairs(painted, places=places, **FULL)
    assert len(found) == 8 * len(found.crops)
    for i in range(16):
        item = found[i]
        assert item["input"].shape == (2, 32, 32)
        assert item["image"].shape == (1, 32, 32)
        bright = item["image"][0].numpy() > 0
        assert bright.any()
        assert not bright[~inside(item)].any(), "what is bright lies in objects"
        assert bright[item["input"][1].numpy() > 0].mean() > 0.9


def test_orientations_are_all_there_and_the_same_in_the_next_pass(painted: Path) -> None:
    found = pairs(painted, **FULL)
    images = [found[i]["image"] for i in range(8)]
    assert len({image.numpy().tobytes() for image in images}) == 8
    assert all(torch.equal(found[i + len(found)]["image"], images[i]) for i in range(8))


def test_layers_are_arranged_anew_in_every_pass_or_in_a_number_of_ways(painted: Path) -> None:
    def differ(passes: tuple[int, int], **fields: Any) -> bool:
        found = pairs(painted, encoding="layers", **FULL, **fields)
        one, other = (torch.stack([found[i + n * len(found)]["input"] for i in range(8)]) for n in passes)
        assert torch.equal((one > 0).any(1), (other > 0).any(1))
        return not torch.equal(one, other)

    assert differ((0, 1))
    assert not differ((0, 0))
    assert not differ((0, 1), arrangements=1)
    assert differ((0, 1), arrangements=2)
    assert not differ((0, 2), arrangements=2)


def test_the_range_is_that_of_the_samples_trained_on(stained: Path) -> None:
    dataset = cellsim.open_dataset(stained)
    levels = dataset.raw([1, 2], ["image"])["image"]
    settled = step().settled(dataset, [1, 2])
    assert settled.low == (min(one.min() for one in levels) / 255,)
    assert settled.high == (max(one.max() for one in levels) / 255,)
    cut = step(percentiles=[5, 90]).settled(dataset, [1, 2])
    assert cut.ranges is not None
    assert cut.ranges.high[0] < settled.high[0]
    assert step(**FULL).settled(dataset, [1]).high == (1.0,)
    assert settled.settings["high"] == settled.high
    of_others = settled(dataset, [0])
    assert isinstance(of_others, PairSet)
    assert of_others.ranges == settled.ranges


def test_every_image_may_have_a_range_of_its_own(stained: Path) -> None:
    dataset = cellsim.open_dataset(stained)
    found = pairs(stained, by_image=True, shape=list(dataset.spec.shape), rotations=False, flips=False, overlap=0.0)
    for i, crop in enumerate(found.crops):
        image = found[i]["image"].numpy()
        np.testing.assert_allclose(image.min((1, 2)), -1, atol=1e-6)
        np.testing.assert_allclose(image.max((1, 2)), 1, atol=1e-6)
        stored = dataset.raw([crop.sample], ["image"])["image"][0]
        assert np.corrcoef(image.ravel(), stored.ravel().astype(float))[0, 1] > 0.99 or len(stored) > 1
    stored = np.stack(dataset.raw(range(len(dataset)), ["image"])["image"])
    scale = np.iinfo(stored.dtype).max
    np.testing.assert_allclose(found.ranges.low, stored.min((2, 3)).mean(0) / scale, rtol=1e-6)
    np.testing.assert_allclose(found.ranges.high, stored.max((2, 3)).mean(0) / scale, rtol=1e-6)


def test_images_are_scaled_to_the_range(stained: Path) -> None:
    found = pairs(stained, shape=[64, 64], rotations=False, flips=False)
    every = torch.stack([found[i]["image"] for i in range(len(found))])
    assert (float(every.min()), float(every.max())) == (-1, 1)


def test_it_tells_how_many_examples_there_are(stained: Path) -> None:
    found = pairs(stained)
    assert int(found[0]["examples"]) == len(found)


def test_another_process_makes_the_same(stained: Path) -> None:
    found = pairs(stained, places="random", encoding="layers")
    again = pickle.loads(pickle.dumps(found))
    for i in (0, 3, len(found) + 2):
        assert all(torch.equal(found[i][key], again[i][key]) for key in found[i])


def test_input_made_and_real_are_shown_side_by_side(stained: Path) -> None:
    found = pairs(stained, encoding="layers")
    item = found[0]
    sheet = step(encoding="layers").compared(item["image"].clone(), item)
    assert sheet.shape == (32, 96, 3)
    np.testing.assert_array_equal(sheet[:, 32:64], sheet[:, 64:])
    assert (sheet[:, :32].max(axis=2)[~inside(item)] == 0).all()


def test_what_cannot_be_learnt_from_is_refused(nuclei: Path, stained: Path) -> None:
    with pytest.raises(InputError, match="pairs need images, the data set has none"):
        pairs(nuclei)
    with pytest.raises(InputError, match="samples of 64 x 64 px are smaller than crops of 80 x 80 px"):
        pairs(stained, shape=[80, 80])
    with pytest.raises(InputError, match="low and high must be 1 numbers, one a channel, got 2"):
        pairs(stained, low=[0, 0], high=[1, 1])


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"encoding": "layer"}, "no input encoding 'layer'"),
        ({"percentiles": [90, 10]}, r"percentiles must be two numbers from 0 to 100 in order, got \[90"),
        ({"low": [0.1]}, "low and high must be given together"),
        ({"low": [0.5], "high": [0.4]}, "low must be < high"),
    ],
)
def test_errors_of_a_plan_say_what_is_allowed(fields: dict[str, Any], message: str) -> None:
    with pytest.raises(RecipeError, match=message):
        step(**fields)
