"""Folders of other programs, and damaged ones: read, or refused in a sentence."""

from __future__ import annotations

import io
import tarfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile
import zarr

from cellsim.datasets.export.exporting import export_files
from cellsim.datasets.export.importing import import_dataset
from cellsim.datasets.reader import open_dataset
from cellsim.errors import InputError
from tests.datasets.export.sets import assert_same_samples, save_set


@pytest.mark.parametrize("content", [b"", b"hello world" * 10])
def test_a_tiff_file_that_is_none_is_refused(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "a_img.tif").write_bytes(content)
    tifffile.imwrite(tmp_path / "a_masks.tif", np.ones((8, 8), np.uint16))
    with pytest.raises(InputError, match=r"a_img.tif cannot be read"):
        import_dataset(tmp_path, "cellpose", tmp_path / "back.zarr")


def test_a_resolution_of_zero_says_nothing(tmp_path: Path) -> None:
    known: dict[str, Any] = {"imagej": True, "metadata": {"unit": "um"}, "resolution": ((0, 1), (0, 1))}
    tifffile.imwrite(tmp_path / "a_img.tif", np.ones((8, 8), np.uint8), **known)
    tifffile.imwrite(tmp_path / "a_masks.tif", np.ones((8, 8), np.uint16))
    import_dataset(tmp_path, "cellpose", tmp_path / "back.zarr")
    assert open_dataset(tmp_path / "back.zarr").group.attrs["ingested"]["spacing_assumed"]  # type: ignore[index, call-overload]


def ngff(path: Path, **known: Any) -> None:
    image = zarr.open_group(path, mode="w", zarr_format=2)
    labels = image.create_group("labels/cells")
    image["labels"].attrs["labels"] = ["cells"]
    for group, array in ((image, np.full((1, 8, 8), 7, np.uint8)), (labels, np.ones((1, 8, 8), np.uint16))):
        group.create_array("0", data=array)
        group.attrs["multiscales"] = [{"datasets": [{"path": "0"}], **known}]


def test_ome_zarr_of_version_0_3_is_read(tmp_path: Path) -> None:
    ngff(tmp_path / "in/a.ome.zarr", version="0.3", axes=["c", "y", "x"])
    import_dataset(tmp_path / "in", "ome-zarr", tmp_path / "back.zarr")
    assert open_dataset(tmp_path / "back.zarr").raw([0])["image"][0].max() == 7


@pytest.mark.parametrize(
    ("known", "said"),
    [
        ({"version": "0.2"}, "does not name its axes: OME-Zarr is read from version 0.3 on"),
        ({"axes": ["c"], "datasets": []}, "is damaged: its scale cannot be read"),
    ],
)
def test_ome_zarr_that_cannot_be_read_is_refused(known: dict[str, Any], said: str, tmp_path: Path) -> None:
    ngff(tmp_path / "in/a.ome.zarr", **known)
    with pytest.raises(InputError, match=said):
        import_dataset(tmp_path / "in", "ome-zarr", tmp_path / "back.zarr")


def test_a_structure_with_a_slash_comes_back_from_ome_zarr(tmp_path: Path) -> None:
    dataset = save_set(tmp_path / "set.zarr", 3, structures=("a/b", "c"))
    export_files(dataset, "ome-zarr", tmp_path / "out")
    import_dataset(tmp_path / "out", "ome-zarr", tmp_path / "back.zarr", structure="a/b")
    assert_same_samples(open_dataset(tmp_path / "back.zarr"), dataset)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("{bad", r"metadata.jsonl, line 3, is no JSON"),
        ("[3]", r"line 3, must be an object with names of files, got b'\[3\]'"),
        ('{"image_file_name": 3}', r"line 3, must be an object with names of files"),
    ],
)
def test_a_damaged_table_of_hugging_face_is_refused_and_a_blank_line_is_none(
    line: str, said: str, tmp_path: Path
) -> None:
    dataset = save_set(tmp_path / "set.zarr", 1)
    export_files(dataset, "huggingface", tmp_path / "out")
    table = tmp_path / "out/train/metadata.jsonl"
    table.write_text(table.read_text() + "\n")
    import_dataset(tmp_path / "out", "huggingface", tmp_path / "back.zarr")
    assert_same_samples(open_dataset(tmp_path / "back.zarr"), dataset)
    table.write_text(table.read_text() + line)
    with pytest.raises(InputError, match=said):
        import_dataset(tmp_path / "out", "huggingface", tmp_path / "other.zarr")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (b"{x}", "0.tar holds damaged JSON"),
        (b"[]", "must be an object, got list"),
        (b'{"spacing": ["wide"]}', r"the spacing of a sample must be numbers, got \['wide'\]"),
    ],
)
def test_damaged_json_in_a_web_dataset_is_refused(text: bytes, said: str, tmp_path: Path) -> None:
    arrays = {"a.image.npy": np.ones((1, 8, 8), np.uint8), "a.labels.npy": np.ones((1, 8, 8), np.uint16)}
    with tarfile.open(tmp_path / "0.tar", "w") as tar:
        for name, array in arrays.items():
            written = io.BytesIO()
            np.save(written, array)
            add(tar, name, written.getvalue())
        add(tar, "a.json", text)
    with pytest.raises(InputError, match=said):
        import_dataset(tmp_path, "webdataset", tmp_path / "back.zarr")


def add(tar: tarfile.TarFile, name: str, content: bytes) -> None:
    member = tarfile.TarInfo(name)
    member.size = len(content)
    tar.addfile(member, io.BytesIO(content))
