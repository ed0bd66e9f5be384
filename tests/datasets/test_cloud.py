"""Data sets in the cloud: a real S3 server on this machine."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import cellsim
from cellsim.datasets import chunks
from cellsim.datasets.versions import verify
from tests.datasets.test_chunks import volume_recipe
from tests.recipes import small_recipe


def test_a_set_on_s3_equals_one_on_disk(bucket: str, tmp_path: Path) -> None:
    local = cellsim.make(small_recipe(), 70, tmp_path / "a.zarr", workers=1)
    remote = cellsim.make(small_recipe(), 70, f"{bucket}/a.zarr", workers=1)
    assert remote.version == local.version
    dataset = cellsim.open_dataset(f"{bucket}/a.zarr")
    np.testing.assert_array_equal(dataset[69].labels, cellsim.open_dataset(tmp_path / "a.zarr")[69].labels)
    assert not [problem for _, problem in verify(f"{bucket}/a.zarr") if problem]


def test_a_set_on_s3_is_extended_by_two_workers(bucket: str) -> None:
    cellsim.make(small_recipe(), 10, f"{bucket}/b.zarr", workers=1)
    made = cellsim.make(small_recipe(), 140, f"{bucket}/b.zarr", workers=2)
    assert (made.version.name, made.drawn) == ("v2", 130)


def test_a_missing_bucket_is_one_clear_line(bucket: str) -> None:
    from cellsim.errors import StoreError

    with pytest.raises(StoreError, match="s3://nowhere"):
        cellsim.open_dataset("s3://nowhere/a.zarr")


def test_patches_of_volumes_on_s3_are_those_on_disk(
    bucket: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chunks, "CHUNK", 12)
    local = cellsim.make(volume_recipe(), 2, tmp_path / "v.zarr", workers=1)
    remote = cellsim.make(volume_recipe(), 2, f"{bucket}/v.zarr", workers=1)
    assert remote.version == local.version
    for corner, shape in (((2, 3, 20), (5, 16, 15)), ((-3, 0, 0), (16, 8, 8))):
        found = cellsim.open_dataset(f"{bucket}/v.zarr").patch(1, corner, shape)
        expected = cellsim.open_dataset(tmp_path / "v.zarr").patch(1, corner, shape)
        np.testing.assert_array_equal(found.labels, expected.labels)
        np.testing.assert_array_equal(found.image, expected.image)
    assert not [problem for _, problem in verify(f"{bucket}/v.zarr") if problem]
