"""The format on disk: what any Zarr reader finds."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import zarr
from hypothesis import given
from hypothesis import strategies as st
from zarr.storage import MemoryStore

from cellsim.datasets import writer
from cellsim.datasets.chunks import SHARD
from cellsim.datasets.layout import FORMAT, Spec, content_digest, object_columns, open_group, quantise
from cellsim.datasets.reader import as_intensity
from cellsim.errors import StoreError
from cellsim.making import make
from tests.datasets.test_writer import SPEC
from tests.recipes import small_recipe


def test_plain_zarr_reads_a_data_set(tmp_path: Any) -> None:
    make(small_recipe(), 70, tmp_path / "a.zarr", workers=1)
    group: Any = zarr.open_group(tmp_path / "a.zarr", mode="r")
    assert group["image"].shape == (70, 1, 32, 40)
    assert group["labels"].chunks == (1, 1, 32, 40)
    assert group["labels"].shards == (SHARD, 1, 32, 40)
    assert group["labels"].dtype == np.uint16
    assert group.attrs["axes"] == ["sample", "channel", "y", "x"]
    assert group.attrs["versions"]["v1"]["samples"] == 70
    assert group.attrs["recipe"]["generator"]["kind"] == "tissue"
    assert group["objects/0"].attrs["columns"] == ["sample", "id", "seed.0", "seed.1"]
    assert group["drawn"].attrs["columns"] == ["objects", "cover", "detector.photons"]


def test_a_spec_is_read_back_equal() -> None:
    store = MemoryStore()
    writer.create(store, SPEC, 1)
    assert Spec.of(open_group(store)) == SPEC


def test_axes_of_volumes_have_z() -> None:
    assert Spec("a", "b", (2, 3, 4), (1.0, 1.0, 1.0), ("cells",), ()).axes == ("sample", "channel", "z", "y", "x")


@pytest.mark.parametrize("dtype", ["uint8", "uint16"])
def test_grey_levels_survive_reading_and_storing(dtype: str) -> None:
    levels = np.arange(np.iinfo(dtype).max + 1).astype(dtype)
    read = as_intensity(levels)
    assert read is not None
    np.testing.assert_array_equal(quantise(read, dtype), levels)


def test_intensities_outside_the_range_are_clipped() -> None:
    image = np.array([-0.5, 0.0, 0.5, 1.0, 1.5], np.float32)
    np.testing.assert_array_equal(quantise(image, "uint8"), [0, 0, 128, 255, 255])


@given(st.binary(min_size=1, max_size=50), st.integers(0, 49))
def test_a_digest_sees_every_byte(data: bytes, position: int) -> None:
    array = np.frombuffer(data, np.uint8)
    changed = array.copy()
    changed[position % len(array)] ^= 1
    assert (content_digest([array]) == content_digest([array.copy()])).all()
    assert (content_digest([array]) != content_digest([changed])).any()


def test_a_digest_sees_shape_and_type() -> None:
    flat = np.zeros(4, np.uint8)
    assert (content_digest([flat]) != content_digest([flat.reshape(2, 2)])).any()
    assert (content_digest([flat]) != content_digest([flat.view(np.uint16)])).any()


def test_columns_of_objects_name_every_number() -> None:
    assert object_columns({"seed": np.zeros((0, 2), np.float32), "area": np.zeros((0, 1), np.float32)}) == [
        "sample",
        "id",
        "seed.0",
        "seed.1",
        "area.0",
    ]


def test_a_missing_set_and_a_foreign_group_are_told_apart(tmp_path: Any) -> None:
    with pytest.raises(StoreError, match="no data set at"):
        open_group(tmp_path / "none.zarr")
    zarr.open_group(tmp_path / "foreign.zarr", mode="w", zarr_format=3)
    with pytest.raises(StoreError, match="not a cellsim data set"):
        open_group(tmp_path / "foreign.zarr")


def test_a_newer_format_asks_for_an_update(tmp_path: Any) -> None:
    group = writer.create(tmp_path / "a.zarr", SPEC, 1)
    group.attrs["format"] = {"cellsim": FORMAT + 1}
    with pytest.raises(StoreError, match=f"has format {FORMAT + 1}"):
        open_group(tmp_path / "a.zarr")


def test_damaged_metadata_are_one_clear_line(tmp_path: Any) -> None:
    writer.create(tmp_path / "a.zarr", SPEC, 1)
    (tmp_path / "a.zarr" / "zarr.json").write_text("{")
    with pytest.raises(StoreError, match=r"zarr\.json is damaged"):
        open_group(tmp_path / "a.zarr")


def test_a_place_that_cannot_be_written_is_named(tmp_path: Any) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="file"):
        writer.create(tmp_path / "file" / "a.zarr", SPEC, 1)
