"""Patches: the part that was asked for, padded by reflection, at places that repeat."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.utils.data import DataLoader
from zarr.storage import LocalStore

import cellsim
from cellsim.datasets import chunks
from cellsim.datasets.patches import random_corner, reflect, region_of
from cellsim.errors import InputError
from cellsim.seeds import stream
from tests.datasets.test_chunks import SHAPE, volume_recipe
from tests.recipes import small_recipe


@pytest.fixture(scope="module")
def volumes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Five volumes of 10 x 24 x 35, in chunks of 10 x 12 x 12."""
    path = tmp_path_factory.mktemp("sets") / "a.zarr"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(chunks, "CHUNK", 12)
        cellsim.make(volume_recipe(), 5, path, workers=1)
    return path


@pytest.fixture(scope="module")
def images(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("sets") / "b.zarr"
    cellsim.make(small_recipe(), 5, path, workers=1)
    return path


@given(st.data())
def test_a_patch_is_the_part_of_the_sample_at_its_corner(volumes: Path, data: st.DataObject) -> None:
    corner = [data.draw(st.integers(0, n - 1)) for n in SHAPE]
    shape = [data.draw(st.integers(1, n - c)) for n, c in zip(SHAPE, corner, strict=True)]
    dataset = cellsim.open_dataset(volumes)
    whole, found = dataset[3], dataset.patch(-2, corner, shape)
    where = (slice(None), *(slice(c, c + n) for c, n in zip(corner, shape, strict=True)))
    np.testing.assert_array_equal(found.labels, whole.labels[where])
    assert whole.image is not None
    np.testing.assert_array_equal(found.image, whole.image[where])
    assert found.spacing == whole.spacing


def test_objects_of_a_patch_keep_their_ids_and_records(volumes: Path) -> None:
    dataset = cellsim.open_dataset(volumes)
    whole = dataset[0]
    z, y, x = (int(k[0]) for k in np.nonzero(whole.labels[0] == whole.count))
    found = dataset.patch(0, (z, y, x), (1, 1, 1))
    assert found.labels.item() == whole.count
    for name, rows in whole.objects.items():
        np.testing.assert_array_equal(found.objects[name], rows)


def test_only_chunks_that_a_patch_touches_are_read(volumes: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ranges: list[Any] = []
    real = LocalStore.get

    async def watch(self: LocalStore, key: str, prototype: Any, byte_range: Any = None) -> Any:
        if "/c/" in key:
            ranges.append(byte_range)
        return await real(self, key, prototype, byte_range)

    monkeypatch.setattr(LocalStore, "get", watch)
    monkeypatch.setattr("cellsim.datasets.stored.CODECS", {})  # zarr-python's own codecs read through the store
    cellsim.open_dataset(volumes).raw_patches([2], [(0, 0, 20)], (10, 12, 10))
    chunks_read = [r for r in ranges if type(r).__name__ == "RangeByteRequest"]
    assert len(chunks_read) == 2 * 2  # two of the six chunks of labels, and of the image


@given(st.integers(1, 9), st.integers(1, 30), st.integers(0, 99))
def test_what_is_missing_is_reflected(size: int, patch: int, index: int) -> None:
    array = np.arange(2 * size).reshape(2, size)
    (first,) = random_corner((patch,), (size,), (0, 0, index))
    (part,) = region_of((first,), (patch,), (size,))
    found = reflect(array[:, part], (first,), (patch,))
    period = max(2 * (size - 1), 1)
    folded = [(k % period if k % period < size else period - k % period) for k in range(first, first + patch)]
    np.testing.assert_array_equal(found, array[:, folded])


def test_thin_volumes_are_padded_in_z(volumes: Path) -> None:
    whole = cellsim.open_dataset(volumes)[1].labels
    found = cellsim.open_dataset(volumes).patch(1, (-3, 4, 5), (16, 8, 8)).labels
    np.testing.assert_array_equal(found[:, 3:13], whole[:, :, 4:12, 5:13])
    np.testing.assert_array_equal(found[:, :3], whole[:, 3:0:-1, 4:12, 5:13])
    np.testing.assert_array_equal(found[:, 13:], whole[:, 8:5:-1, 4:12, 5:13])


@pytest.mark.parametrize(
    ("corner", "shape", "message"),
    [
        ((0, 0, 30), (4, 4, 8), "must lie within the canvas, or cover it"),
        ((-1, 0, 0), (4, 4, 8), r"got \(4, 4, 8\) from \(-1, 0, 0\) on a canvas of \(10, 24, 35\)"),
        ((1, 0, 0), (16, 4, 8), "must lie within the canvas"),
        ((0, 0), (4, 4, 8), "the corner of a patch needs 3 numbers"),
        ((0, 0), (8, 8), r"needs 3 numbers >= 1, got \(8, 8\)"),
        ((0, 0, 0), (4, 0, 8), "needs 3 numbers >= 1"),
    ],
)
def test_a_patch_that_cannot_be_cut_is_refused(
    volumes: Path, corner: tuple[int, ...], shape: tuple[int, ...], message: str
) -> None:
    with pytest.raises(InputError, match=message):
        cellsim.open_dataset(volumes).patch(0, corner, shape)


def test_all_places_are_equally_likely() -> None:
    drawn = [random_corner((8, 16), (10, 10), (3, 0, i)) for i in range(3000)]
    counts = np.bincount([y for y, _ in drawn])
    assert counts.shape == (3,)
    assert (abs(counts - 1000) < 150).all()
    assert {x for _, x in drawn} == {-3}


def test_places_follow_from_seed_epoch_and_index() -> None:
    one = random_corner((1, 1), (1000, 1000), (0, 0, 0))
    assert one == random_corner((1, 1), (1000, 1000), (0, 0, 0))
    others = [(1, 0, 0), (0, 1, 0), (0, 0, 1)]
    assert len({one, *(random_corner((1, 1), (1000, 1000), address) for address in others)}) == 4
    assert one == tuple(int(k) for k in _two(stream(0, 0, "patch 0")))


def _two(rng: np.random.Generator) -> list[int]:
    return [rng.integers(1000), rng.integers(1000)]


@pytest.mark.parametrize("kind", ["volumes", "images"])
def test_items_are_random_patches_of_their_samples(kind: str, request: pytest.FixtureRequest) -> None:
    dataset = cellsim.open_dataset(request.getfixturevalue(kind))
    shape = (16, 8, 8)[-len(dataset.spec.shape) :]
    patches = dataset.torch_patches(shape, per_sample=3, seed=7)
    assert len(patches) == 15
    for i in (0, 4, 14):
        corner = random_corner(shape, dataset.spec.shape, (7, 0, i))
        expected = dataset.patch(i // 3, corner, shape)
        item = patches[i]
        assert (item["labels"].dtype, item["image"].dtype) == (torch.int64, torch.float32)
        np.testing.assert_array_equal(item["labels"].numpy(), expected.labels)
        np.testing.assert_array_equal(item["image"].numpy(), expected.image)
    with pytest.raises(IndexError, match="from 0 to 14, got 15"):
        _ = patches[15]


def test_epochs_differ_and_repeat(images: Path) -> None:
    patches = cellsim.open_dataset(images).torch_patches((8, 8))
    first = torch.stack([item["image"] for item in patches.__getitems__(range(5))])
    patches.set_epoch(1)
    assert not torch.equal(first, torch.stack([patches[i]["image"] for i in range(5)]))
    copy = pickle.loads(pickle.dumps(patches))
    assert torch.equal(copy[3]["image"], patches[3]["image"])
    patches.set_epoch(0)
    assert torch.equal(first, torch.stack([patches[i]["image"] for i in range(5)]))


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize("start", ["fork", "spawn"])
def test_workers_read_the_same_patches_in_every_epoch(volumes: Path, start: str) -> None:
    dataset = cellsim.open_dataset(volumes)
    dataset.batch(range(5))  # starts the threads of the decoder, which a forked worker has not
    patches = dataset.torch_patches((8, 8, 8), per_sample=2)
    plain = DataLoader(patches, batch_size=5)
    workers = DataLoader(patches, batch_size=5, num_workers=2, multiprocessing_context=start, persistent_workers=True)
    seen = set()
    for epoch in range(2):
        patches.set_epoch(epoch)
        for one, other in zip(plain, workers, strict=True):
            assert torch.equal(one["labels"], other["labels"])
            assert torch.equal(one["image"], other["image"])
            seen |= {item.numpy().tobytes() for item in one["image"]}
    assert len(seen) > 10  # other patches in the second epoch


@pytest.mark.parametrize("values", [{"per_sample": 0}, {"seed": -1}])
def test_options_of_patches_are_checked(images: Path, values: dict[str, int]) -> None:
    with pytest.raises(InputError, match="per_sample must be >= 1 and seed >= 0"):
        cellsim.open_dataset(images).torch_patches((8, 8), **values)
