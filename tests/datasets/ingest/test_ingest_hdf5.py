"""HDF5: arrays by their names in files and folders."""

from __future__ import annotations

import sys
from pathlib import Path

import h5py
import numpy as np
import pytest
from click.testing import CliRunner
from zarr.storage import MemoryStore

import cellsim
from cellsim.cli.ingesting import ingest as command_line
from cellsim.datasets.ingest import IngestOptions, ingest
from cellsim.datasets.ingest.hdf5 import is_hdf5, name, split
from cellsim.datasets.ingest.images import read_bytes, read_image
from cellsim.errors import InputError
from tests.datasets.ingest.folders import Array, blocks, picture
from tests.datasets.ingest.test_ingest_volumes import SHAPE, solids

WHOLE = IngestOptions(shape=SHAPE)


def write(path: Path, **arrays: Array) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with h5py.File(path, "w") as file:
        for key, array in arrays.items():
            file.create_dataset(key.replace("__", "/"), data=array, compression="gzip")
    return path


def of(path: Path, array: str) -> Path:
    return Path(f"{path}::{array}")


def test_paths_are_split_and_joined(tmp_path: Path) -> None:
    assert split(Path("x/a.h5::/raw/0")) == (Path("x/a.h5"), "/raw/0")
    assert split(Path("x/a.h5::raw")) == (Path("x/a.h5"), "/raw")
    assert split(Path("x/a.h5")) == (Path("x/a.h5"), "")
    assert name(Path("a.h5"), "/raw") == Path("a.h5::/raw")
    assert name(Path("a.h5"), "") == Path("a.h5")
    assert [is_hdf5(Path(p)) for p in ("a.H5", "a.hdf5::/raw", "a.tif", "a.tif::/raw")] == [True, True, False, False]
    odd = tmp_path / "a::b"
    odd.mkdir()
    assert split(odd) == (odd, "")  # a folder may be called so


def test_image_and_labels_of_one_file_become_a_data_set(tmp_path: Path) -> None:
    raw, store = picture(SHAPE), MemoryStore()
    file = write(tmp_path / "a.h5", raw=raw, label=solids().astype(">u4"))
    ingest(of(file, "/raw"), of(file, "/label"), store, options=WHOLE)
    dataset = cellsim.open_dataset(store)
    assert dataset.spec.parents == ("a",)
    assert dataset[0].image is not None
    np.testing.assert_array_equal(np.rint(dataset[0].image[0] * 255), raw)
    np.testing.assert_array_equal(dataset[0].labels[0] > 0, solids() > 0)


def test_a_folder_of_files_is_read_by_one_name(tmp_path: Path) -> None:
    for stem in "ab":
        write(tmp_path / "train" / f"{stem}.h5", raw=picture(SHAPE), label=solids())
    train, store = tmp_path / "train", MemoryStore()
    assert ingest(of(train, "raw"), of(train, "label"), store, options=WHOLE).images == 2


def test_a_name_may_be_left_out_where_there_is_one_array(tmp_path: Path) -> None:
    write(tmp_path / "i" / "a.h5", data__raw=picture(SHAPE))
    write(tmp_path / "m" / "a.h5", labels=solids())
    assert ingest(tmp_path / "i", tmp_path / "m", MemoryStore(), options=WHOLE).images == 1


def test_channels_come_first(tmp_path: Path) -> None:
    expected = picture((2, *SHAPE))
    path = of(write(tmp_path / "a.h5", raw=expected), "/raw")
    np.testing.assert_array_equal(read_image(path, read_bytes(path), 3), expected)
    path = of(write(tmp_path / "b.h5", flat=picture((3, 8, 10))), "/flat")
    assert read_image(path, read_bytes(path)).shape == (3, 8, 10)


def test_two_dimensional_arrays_are_images(tmp_path: Path) -> None:
    file = write(tmp_path / "a.h5", raw=picture((8, 10)), label=blocks())
    ingest(of(file, "/raw"), of(file, "/label"), MemoryStore(), options=IngestOptions(shape=(8, 10)))


@pytest.mark.parametrize(
    ("path", "ndim", "message"),
    [
        ("a.h5::/nothing", 3, r"a\.h5 holds no array '/nothing' \(arrays: /group/deep, /label, /raw\)"),
        ("a.h5::/group", 3, "holds no array '/group'"),
        ("a.h5", 3, r"must hold one array, or say which as a\.h5::/name, got 3 \(/group/deep"),
        ("none.h5::/raw", 3, r"none\.h5 cannot be read as an HDF5 file"),
        ("text.h5::/raw", 3, r"text\.h5 cannot be read as an HDF5 file"),
        ("a.h5::/group/deep", 3, r"an array of 7 must be \(Z, Y, X\) or \(C, Z, Y, X\)"),
        ("a.h5::/raw", 2, r"an array of 6 x 9 x 10 must be .*volumes need a canvas of three numbers"),
    ],
)
def test_what_cannot_be_read_says_what_is_there(tmp_path: Path, path: str, ndim: int, message: str) -> None:
    write(tmp_path / "a.h5", raw=picture(SHAPE), label=solids(), group__deep=np.arange(7))
    (tmp_path / "text.h5").write_text("no HDF5")
    with pytest.raises(InputError, match=message):
        read_image(tmp_path / path, read_bytes(tmp_path / path), ndim)


def test_other_arrays_and_compression_do_not_make_another_set(tmp_path: Path) -> None:
    file = write(tmp_path / "a.h5", raw=picture(SHAPE), label=solids())
    ingest(of(file, "/raw"), of(file, "/label"), tmp_path / "a.zarr", options=WHOLE)
    with h5py.File(file, "a") as opened:
        opened["more"] = np.zeros(3)
    ingest(of(file, "/raw"), of(file, "/label"), tmp_path / "a.zarr", options=WHOLE)
    file = write(file, raw=picture(SHAPE, 1), label=solids())
    with pytest.raises(OSError, match="ingested from other files"):
        ingest(of(file, "/raw"), of(file, "/label"), tmp_path / "a.zarr", options=WHOLE)


def test_a_missing_h5py_says_how_to_get_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = write(tmp_path / "a.h5", raw=picture(SHAPE))
    monkeypatch.setitem(sys.modules, "h5py", None)
    with pytest.raises(InputError, match=r"a\.h5 is read with h5py: pip install 'cellsim-toolkit\[hdf5\]'"):
        read_bytes(file)


def test_the_command_line_ingests_volumes(tmp_path: Path) -> None:
    file = write(tmp_path / "a.h5", raw=picture(SHAPE), label=solids())
    command = [f"{file}::/raw", f"{file}::/label", "-o", str(tmp_path / "a.zarr")]
    run = CliRunner().invoke(command_line, [*command, "--canvas", "6x9x10", "--spacing", "0.5"])
    assert run.exit_code == 0, run.output
    assert (tmp_path / "a.zarr.png").exists()
    assert cellsim.open_dataset(tmp_path / "a.zarr").spec.spacing == (0.5, 0.5, 0.5)
    for wrong, message in (("6x9x10x2", "--canvas takes one number"), ("4x4", "volumes need a canvas of three")):
        run = CliRunner().invoke(command_line, [*command, "--canvas", wrong])
        assert message in str(run.exception)
