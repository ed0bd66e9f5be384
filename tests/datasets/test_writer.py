"""Writing: whole or not at all, never over what is finished."""

from __future__ import annotations

import errno
from typing import Any

import numpy as np
import pytest
import zarr
from zarr.storage import LocalStore, MemoryStore

from cellsim.datasets import writer
from cellsim.datasets.chunks import SHARD
from cellsim.datasets.layout import Spec, open_group
from cellsim.datasets.reader import Dataset
from cellsim.datasets.versions import seal
from cellsim.errors import StoreError
from cellsim.sample import Sample

SPEC = Spec(
    name="toy",
    digest="d" * 64,
    shape=(4, 5),
    spacing=(1.0, 0.5),
    structures=("cells",),
    channels=("grey",),
    columns=("depth",),
)


def toy(i: int) -> Sample:
    """A sample that says its number in labels, image and records."""
    labels = np.zeros((1, 4, 5), np.uint16)
    labels[0, 0, : i % 5] = np.arange(1, i % 5 + 1)
    image = np.full((1, 4, 5), (i % 256) / 255, np.float32)
    return Sample(labels, (1.0, 0.5), image, {"seed": np.full((i % 5, 2), i, np.float32)})


def write(group: zarr.Group, location: Any, start: int, stop: int) -> None:
    writer.write(
        group, location, start, [toy(i) for i in range(start, stop)], [{"depth": i / 2} for i in range(start, stop)]
    )


def test_samples_come_back_as_they_were_written() -> None:
    store = MemoryStore()
    group = writer.create(store, SPEC, 70)
    write(group, store, 0, 64)
    write(group, store, 64, 70)
    seal(store, group, 70)
    dataset = Dataset(store)
    for i in (0, 3, 63, 64, 69):
        expected, found = toy(i), dataset[i]
        assert expected.image is not None
        assert found.image is not None
        np.testing.assert_array_equal(found.labels, expected.labels)
        np.testing.assert_array_equal(found.image, expected.image)
        np.testing.assert_array_equal(found.objects["seed"], expected.objects["seed"])
        assert found.spacing == (1.0, 0.5)
    np.testing.assert_array_equal(dataset.drawn["depth"], np.arange(70) / 2)
    np.testing.assert_array_equal(dataset.drawn["objects"], np.arange(70) % 5)


def test_missing_parts_are_listed_by_shard() -> None:
    store = MemoryStore()
    group = writer.create(store, SPEC, 150)
    write(group, store, 64, 128)
    assert writer.missing(group, 150) == [writer.Part(0, 64), writer.Part(128, 150)]
    assert writer.missing(group, 70) == [writer.Part(0, 64)]


def test_a_partial_shard_is_extended_without_touching_its_samples() -> None:
    store = MemoryStore()
    write(writer.create(store, SPEC, 10), store, 0, 10)
    group = writer.create(store, SPEC, 20)
    assert writer.missing(group, 20) == [writer.Part(10, 20)]
    write(group, store, 10, 20)
    seal(store, group, 20)
    dataset = Dataset(store)
    for i in (0, 9, 10, 19):
        np.testing.assert_array_equal(dataset[i].objects["seed"], toy(i).objects["seed"])
        np.testing.assert_array_equal(dataset[i].labels, toy(i).labels)


def test_a_finished_sample_is_never_overwritten_with_other_content() -> None:
    store = MemoryStore()
    group = writer.create(store, SPEC, 3)
    write(group, store, 0, 3)
    write(group, store, 0, 3)
    with pytest.raises(StoreError, match=r"sample 1 of .* is finished with other content"):
        writer.write(group, store, 1, [toy(2)], [{"depth": 0.5}])


def test_samples_of_two_shards_are_refused() -> None:
    store = MemoryStore()
    group = writer.create(store, SPEC, 2 * SHARD)
    with pytest.raises(ValueError, match=f"samples {SHARD - 1} to {SHARD} are not of one shard"):
        write(group, store, SHARD - 1, SHARD + 1)


def test_samples_of_another_source_are_refused(tmp_path: Any) -> None:
    writer.create(tmp_path / "a.zarr", SPEC, 3)
    other = Spec(**{**SPEC.__dict__, "name": "other", "digest": "e" * 64})
    with pytest.raises(StoreError, match=r"holds samples of 'toy' .* not of 'other'"):
        writer.create(tmp_path / "a.zarr", other, 3)


def test_a_creation_cut_off_before_its_attributes_starts_over(tmp_path: Any) -> None:
    half = zarr.open_group(tmp_path / "a.zarr", mode="w", zarr_format=3)
    half.create_array("labels", shape=(1,), dtype="uint8")
    with pytest.raises(StoreError, match="not a cellsim data set"):
        open_group(tmp_path / "a.zarr")
    group = writer.create(tmp_path / "a.zarr", SPEC, 2)
    write(group, tmp_path / "a.zarr", 0, 2)
    assert writer.finished(group).all()


def test_a_foreign_group_is_left_alone(tmp_path: Any) -> None:
    zarr.open_group(tmp_path / "a.zarr", mode="w", zarr_format=3).create_group("precious")
    with pytest.raises(StoreError, match=r"not a cellsim data set: \['precious'\]"):
        writer.create(tmp_path / "a.zarr", SPEC, 2)
    assert (tmp_path / "a.zarr" / "precious").exists()


@pytest.mark.parametrize(("number", "advice"), [(errno.ENOSPC, "free some space"), (errno.EROFS, "Read-only")])
def test_a_full_or_read_only_disk_claims_nothing(
    tmp_path: Any, monkeypatch: pytest.MonkeyPatch, number: int, advice: str
) -> None:
    group = writer.create(tmp_path / "a.zarr", SPEC, 3)
    real = LocalStore.set

    async def fail(self: LocalStore, key: str, value: Any, *rest: Any) -> None:
        if key.startswith("labels/c"):
            raise OSError(number, "No space left on device" if number == errno.ENOSPC else "Read-only file system")
        await real(self, key, value, *rest)

    with monkeypatch.context() as patch:
        patch.setattr(LocalStore, "set", fail)
        with pytest.raises(StoreError, match=advice):
            write(group, tmp_path / "a.zarr", 0, 3)
    assert not writer.finished(group).any()
    write(group, tmp_path / "a.zarr", 0, 3)
    assert writer.finished(group).all()


def test_an_image_that_is_not_finite_is_refused() -> None:
    store = MemoryStore()
    group = writer.create(store, SPEC, 1)
    bad = toy(1).with_image(np.full((1, 4, 5), np.nan, np.float32))
    with pytest.raises(ValueError, match="not finite"):
        writer.write(group, store, 0, [bad], [{"depth": 0.0}])
    assert not writer.finished(group).any()
