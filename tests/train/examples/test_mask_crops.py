"""Crops of masks: where they lie, how they are turned, what is left out."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

import cellsim
from cellsim.datasets.ingest import IngestOptions
from cellsim.datasets.reader import Dataset
from cellsim.errors import InputError, RecipeError
from cellsim.masks.encodings import ENCODINGS
from cellsim.steps import parse
from cellsim.train.examples import crops as cropping
from cellsim.train.examples import mask_crops
from cellsim.train.examples.base import Examples
from cellsim.train.examples.crops import filled
from cellsim.train.examples.mask_crops import EncodedCrops, MaskCrops
from tests.datasets.ingest.folders import blocks, picture, save, save_pairs

Make = Callable[..., Dataset]


@pytest.fixture
def ingested(tmp_path: Path) -> Make:
    """Make a data set of given masks, each a sample of its own size."""

    def make(*masks: NDArray[np.uint16]) -> Dataset:
        shape = masks[0].shape
        pairs = {f"field{i}": (picture(shape, i), mask) for i, mask in enumerate(masks)}
        options = IngestOptions(shape=shape, overlap=0, min_objects=0)
        cellsim.ingest(*save_pairs(tmp_path, pairs), tmp_path / "set.zarr", options=options)
        return cellsim.open_dataset(tmp_path / "set.zarr")

    return make


def step(**fields: Any) -> MaskCrops:
    values = {"kind": "mask-crops", "shape": [8, 8], "encoding": "binary", "objects": 1, "overlap": 0.0}
    found = parse(Examples, values | fields, "examples")
    assert isinstance(found, MaskCrops)
    return found


def crops(dataset: Dataset, **fields: Any) -> EncodedCrops:
    found = step(**fields)(dataset)
    assert isinstance(found, EncodedCrops)
    return found


def test_crops_lie_on_a_grid_that_covers_the_sample(ingested: Make) -> None:
    dataset = ingested(blocks((16, 20)))
    found = crops(dataset, rotations=False, flips=False)
    assert [crop[1:] for crop in found.crops] == [(y, x) for y in (0, 8) for x in (0, 6, 12)]
    more = crops(dataset, rotations=False, flips=False, overlap=0.5)
    assert [crop[1:] for crop in more.crops] == [(y, x) for y in (0, 4, 8) for x in (0, 4, 8, 12)]


def test_crops_with_few_objects_are_left_out(ingested: Make) -> None:
    mask = np.zeros((8, 24), np.uint16)
    mask[1:3, 1:3], mask[5:7, 1:3], mask[1:3, 9:11] = 1, 2, 3
    dataset = ingested(mask)
    assert [crop.x for crop in crops(dataset, objects=2).crops] == [0]
    assert [crop.x for crop in crops(dataset, objects=1).crops] == [0, 8]
    assert [crop.x for crop in crops(dataset, objects=0).crops] == [0, 8, 16]
    with pytest.raises(InputError, match="no crop of 8 x 8 px has objects = 3, the fullest has 2"):
        crops(dataset, objects=3)


def test_labels_are_those_of_the_sample_with_ids_anew_and_cut_objects_kept(ingested: Make) -> None:
    mask = blocks((8, 16))
    found = crops(ingested(mask), rotations=False, flips=False).labels(1)
    assert found.dtype == np.uint16
    np.testing.assert_array_equal(np.unique(found), np.arange(len(np.unique(mask[:, 8:]))))
    np.testing.assert_array_equal(found > 0, mask[:, 8:] > 0)


def test_every_orientation_comes_once(ingested: Make) -> None:
    mask = blocks((8, 8), side=5)
    mask[0, :] = 0
    found = crops(ingested(mask))
    assert len(found) == 8
    turned = {(found.labels(i) > 0).tobytes() for i in range(8)}
    wanted = {np.rot90(m, k).tobytes() for m in (mask > 0, (mask > 0)[:, ::-1]) for k in range(4)}
    assert turned == wanted
    assert len(crops(ingested(mask), flips=False)) == 4
    assert len(crops(ingested(mask), rotations=False)) == 2


def test_labels_are_turned_before_they_are_encoded(ingested: Make) -> None:
    found = crops(ingested(blocks((16, 16), side=6)), shape=[16, 16], encoding="flows")
    for i in range(8):
        levels = np.asarray((found[i]["image"] + 1) * 127.5).round().astype(np.uint8)
        np.testing.assert_array_equal(levels, ENCODINGS["flows"].encode(found.labels(i)))


def test_an_example_is_an_image_in_float32_from_minus_one_to_one(ingested: Make) -> None:
    found = crops(ingested(blocks()), shape=[8, 8])[0]["image"]
    assert found.dtype == torch.float32
    assert found.shape == (1, 8, 8)
    assert set(found.unique().tolist()) == {-1.0, 1.0}


def test_small_samples_are_padded_with_background(ingested: Make) -> None:
    mask = blocks((8, 10))
    found = crops(ingested(mask), shape=[16, 16], rotations=False, flips=False)
    assert len(found) == 1
    labels = found.labels(0)
    np.testing.assert_array_equal(labels[:8, :10], mask)
    assert labels[8:].max() == labels[:, 10:].max() == 0


def test_random_places_differ_from_pass_to_pass_and_come_again(ingested: Make) -> None:
    dataset = ingested(blocks((40, 40)))
    found, again = (crops(dataset, places="random", shape=[9, 9], objects=4) for _ in range(2))
    n = len(found)
    seen = {found.labels(i).tobytes() for i in range(0, 10 * n, n)}
    assert len(seen) > 5
    for i in (0, 7, n, 3 * n + 1):
        np.testing.assert_array_equal(found.labels(i), again.labels(i))
        assert found.labels(i).max() >= 4


def test_where_no_random_place_will_do_that_of_the_grid_is_taken(ingested: Make) -> None:
    mask = np.zeros((64, 64), np.uint16)
    mask[0, 0], mask[0, 2], mask[2, 0] = 1, 2, 3
    found = crops(ingested(mask), places="random", objects=3)
    assert all(found.labels(i).max() == 3 for i in range(len(found)))


def test_holes_are_filled_but_what_lies_in_them_stays() -> None:
    mask = np.zeros((9, 9), np.uint16)
    mask[1:8, 1:8] = 2
    mask[3:6, 3:6] = 0
    mask[4, 4] = 5
    out = filled(mask)
    assert mask[3, 3] == 0
    assert (out[1:8, 1:8] > 0).all()
    assert (out == 5).sum() == 1
    assert (out[0] == 0).all()


def test_holes_stay_if_asked(ingested: Make) -> None:
    mask = np.zeros((8, 8), np.uint16)
    mask[1:6, 1:6], mask[7, 7] = 1, 2
    mask[3, 3] = 0
    for fill in (True, False):
        labels = crops(ingested(mask), fill_holes=fill, rotations=False, flips=False).labels(0)
        assert (labels[3, 3] > 0) == fill


def test_only_the_samples_asked_for_are_used(ingested: Make) -> None:
    dataset = ingested(*(blocks(side=s) for s in (3, 4, 5)))
    found = step()(dataset, [0, 2])
    assert isinstance(found, EncodedCrops)
    assert {crop.sample for crop in found.crops} == {0, 2}


def test_what_is_not_kept_in_memory_is_read_again(ingested: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    dataset = ingested(*(blocks(side=s) for s in (3, 4, 5)))
    kept = [crops(dataset)[i]["image"] for i in range(12)]
    monkeypatch.setattr(cropping, "KEPT", 0)
    monkeypatch.setattr(mask_crops, "KEPT", 0)
    again = crops(dataset)
    for i, one in enumerate(kept):
        assert torch.equal(again[i]["image"], one)
    assert again._samples == again._encoded == {}


def test_it_goes_to_another_process(ingested: Make) -> None:
    found = crops(ingested(blocks((16, 16))))
    first = found[0]["image"]
    sent = pickle.loads(pickle.dumps(found))
    assert torch.equal(sent[0]["image"], first)
    assert len(pickle.dumps(found)) < 20_000


def test_volumes_and_unknown_structures_are_refused(ingested: Make, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"no structure 'golgi' \(structures: cells\)"):
        crops(ingested(blocks()), structure="golgi")
    for name in ("images", "masks"):
        save(tmp_path / f"volumes/{name}/a.tif", np.arange(8 * 8 * 8, dtype=np.uint16).reshape(8, 8, 8) % 3)
    folders = [tmp_path / "volumes" / name for name in ("images", "masks")]
    cellsim.ingest(*folders, tmp_path / "volume.zarr", options=IngestOptions(shape=(8, 8, 8)))
    volumes = cellsim.open_dataset(tmp_path / "volume.zarr")
    with pytest.raises(InputError, match="crops are of 2D samples, got 3 axes"):
        crops(volumes)


def test_a_picture_shows_the_image_and_what_is_decoded_from_it(ingested: Make) -> None:
    found = crops(ingested(blocks((24, 24), 8)), shape=[24, 24], encoding="flows", rotations=False, flips=False)
    shown = found.step.picture(found[0]["image"])
    assert shown.shape == (24, 48, 3)
    objects = {tuple(colour) for colour in shown[:, 24:].reshape(-1, 3)}
    assert len(objects) == 1 + found.labels(0).max()


def test_reduced_images_are_means_of_squares_and_are_read_at_full_size(ingested: Make) -> None:
    dataset = ingested(blocks((32, 32), 14))
    fields: dict[str, Any] = {"shape": [32, 32], "encoding": "flows", "rotations": False, "flips": False}
    whole, half = crops(dataset, **fields), crops(dataset, reduced=2, **fields)
    image, reduced = whole[0]["image"].numpy(), half[0]["image"]
    np.testing.assert_allclose(reduced.numpy(), image.reshape(3, 16, 2, 16, 2).mean((2, 4)), atol=1e-6)
    labels, found = whole.labels(0), half.step.decode(reduced)
    assert found.shape == labels.shape
    assert found.max() == labels.max()
    assert ((found > 0) == (labels > 0)).mean() > 0.85
    assert half.step.settings == {"encoding": "flows", "reduced": 2}


def test_crops_that_cannot_be_reduced_are_refused() -> None:
    with pytest.raises(RecipeError, match=r"shape must be multiples of reduced \(3\), got \[8, 8\]"):
        step(reduced=3)
