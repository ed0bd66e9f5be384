"""The layouts that other programs expect: names of files, axes, sizes of pixels, lists."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import tifffile
import yaml

import cellsim
from cellsim.datasets.export.exporting import ExportOptions, export_files
from cellsim.datasets.export.manifest import TABLE
from cellsim.masks.polygons import fill_polygon
from tests.datasets.export.sets import save_set

COLOURS = ("red", "green", "blue")
SPLIT = ExportOptions(split=(0.4, 0.3, 0.3))


def names(root: Path) -> set[str]:
    return {path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file()}


def test_cellpose_has_images_beside_masks(tmp_path: Path) -> None:
    export_files(save_set(tmp_path / "set.zarr", 2, channels=COLOURS), "cellpose", tmp_path / "out")
    files = {f"{i:06d}_{kind}.tif" for i in range(2) for kind in ("img", "masks")}
    assert names(tmp_path / "out") == files | {TABLE, "cellsim-export.json"}
    with tifffile.TiffFile(tmp_path / "out/000000_img.tif") as tiff:
        assert tiff.series[0].axes == "YXS"
        assert tiff.is_imagej
    masks = tifffile.imread(tmp_path / "out/000000_masks.tif")
    assert (masks.dtype, masks.shape) == (np.uint16, (17, 23))


def test_imagej_knows_the_size_of_a_voxel(tmp_path: Path) -> None:
    volumes = {"shape": (4, 9, 11), "spacing": (1.5, 0.65, 0.3), "channels": ("a", "b")}
    export_files(save_set(tmp_path / "set.zarr", 1, **volumes), "cellpose", tmp_path / "out")
    with tifffile.TiffFile(tmp_path / "out/000000_img.tif") as tiff:
        known = tiff.imagej_metadata
        assert (known["slices"], known["channels"], known["unit"], known["spacing"]) == (4, 2, "um", 1.5)
        x, one = tiff.pages[0].tags["XResolution"].value
        assert one / x == pytest.approx(0.3)


def test_stardist_has_channels_last(tmp_path: Path) -> None:
    export_files(save_set(tmp_path / "set.zarr", 9, channels=tuple("ab")), "stardist", tmp_path / "out", SPLIT)
    images = sorted((tmp_path / "out").glob("*/images/*.tif"))
    assert [path.name for path in sorted((tmp_path / "out").glob("*/masks/*.tif"))] == [path.name for path in images]
    assert len(images) == 9
    assert tifffile.imread(images[0]).shape == (17, 23, 2)


def test_ome_tiff_names_channels_and_sizes(tmp_path: Path) -> None:
    stains = {"channels": ("DAPI", "membrane"), "image": "uint16"}
    export_files(save_set(tmp_path / "set.zarr", 1, **stains), "tiff", tmp_path / "out")
    with tifffile.TiffFile(tmp_path / "out/images/000000.ome.tif") as tiff:
        assert tiff.series[0].axes == "CYX"
        for said in ('PhysicalSizeX="0.2048"', 'PhysicalSizeY="0.5"', 'Unit="µm"', 'Name="DAPI"', 'Name="membrane"'):
            assert said in str(tiff.ome_metadata)


def test_nnunet_has_cores_and_borders(tmp_path: Path) -> None:
    stains = {"channels": ("DAPI", "membrane")}
    export_files(save_set(tmp_path / "set.zarr", 9, **stains), "nnunet", tmp_path / "out", SPLIT)
    known = json.loads((tmp_path / "out/dataset.json").read_bytes())
    assert known["channel_names"] == {"0": "DAPI", "1": "membrane"}
    assert known["labels"] == {"background": 0, "core": 1, "border": 2}
    training = [path.name for path in (tmp_path / "out/labelsTr").iterdir()]
    assert known["numTraining"] == len(training) == len([*(tmp_path / "out/imagesTr").glob("*_0001.tif")])
    (fold,) = json.loads((tmp_path / "out/splits_final.json").read_bytes())
    assert sorted(fold["train"] + fold["val"]) == sorted(name[:6] for name in training)
    assert len([*(tmp_path / "out/imagesTs").glob("*_0000.tif")]) == 9 - len(training) > 0
    for path in (tmp_path / "out/labelsTr").iterdir():
        classes, objects = tifffile.imread(path), tifffile.imread(tmp_path / "out/instancesTr" / path.name)
        np.testing.assert_array_equal(classes > 0, objects > 0)
        differs = np.zeros(objects.shape, bool)
        differs[1:] |= objects[1:] != objects[:-1]
        differs[:-1] |= objects[1:] != objects[:-1]
        differs[:, 1:] |= objects[:, 1:] != objects[:, :-1]
        differs[:, :-1] |= objects[:, 1:] != objects[:, :-1]
        np.testing.assert_array_equal(classes == 2, differs & (objects > 0))


def test_nnunet_says_the_size_of_a_voxel(tmp_path: Path) -> None:
    volumes = {"shape": (4, 9, 11), "spacing": (1.5, 0.65, 0.3)}
    export_files(save_set(tmp_path / "set.zarr", 1, **volumes), "nnunet", tmp_path / "out")
    for folder in ("imagesTr", "labelsTr"):
        assert json.loads((tmp_path / "out" / folder / "000000.json").read_bytes()) == {"spacing": [1.5, 0.65, 0.3]}
    assert json.loads((tmp_path / "out/dataset.json").read_bytes())["overwrite_image_reader_writer"] == "Tiff3DIO"


def test_yolo_outlines_are_fractions_and_hold_every_pixel(tmp_path: Path) -> None:
    dataset = save_set(tmp_path / "set.zarr", 9, structures=("nuclei", "golgi"))
    export_files(dataset, "yolo-seg", tmp_path / "out", SPLIT)
    known = yaml.safe_load((tmp_path / "out/data.yaml").read_text())
    assert known["names"] == {0: "nuclei", 1: "golgi"}
    lines = 0
    for part in ("train", "val", "test"):
        for image in (tmp_path / "out" / known[part]).iterdir():
            found = np.zeros((2, 17, 23), np.uint16)
            text = (tmp_path / "out/labels" / part / f"{image.stem}.txt").read_text()
            for line in text.splitlines():
                kind, *flat = line.split()
                corners = np.array(flat, float).reshape(-1, 2)[:, ::-1]
                assert ((corners >= 0) & (corners <= 1)).all()
                plane = found[int(kind)]
                plane[fill_polygon(corners * (17, 23), (17, 23))] = plane.max() + 1
                lines += 1
            np.testing.assert_array_equal(found, dataset[int(image.stem)].labels)
    assert lines == 8 * 6


def test_webdataset_shards_hold_one_part_each(tmp_path: Path) -> None:
    import tarfile

    dataset = save_set(tmp_path / "set.zarr", 140)
    done = export_files(dataset, "webdataset", tmp_path / "out", ExportOptions(split=(0.8, 0.2)))
    seen: dict[str, list[str]] = {"train": [], "val": []}
    for path in sorted((tmp_path / "out").glob("*.tar")):
        with tarfile.open(path) as tar:
            members = [name.partition(".") for name in tar.getnames()]
        keys = [key for key, _, _ in members][::3]
        assert [field for _, _, field in members[:3]] == ["image.npy", "labels.npy", "json"]
        assert len(keys) <= 64
        seen[path.name.partition("-")[0]] += keys
    assert {part: len(keys) for part, keys in seen.items()} == done.parts
    assert len(set(seen["train"] + seen["val"])) == 140


def run_elsewhere(program: str, folder: Path) -> str:
    """Run a program away from the repository, whose folder `datasets` would hide Hugging Face's."""
    environment = {**os.environ, "HF_HUB_OFFLINE": "1", "HF_HOME": str(folder / "home")}
    environment.pop("PYTHONPATH", None)
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.slow
@pytest.mark.parametrize("channels", [("gray",), COLOURS, ("DAPI", "membrane")])
def test_load_dataset_reads_it(channels: tuple[str, ...], tmp_path: Path) -> None:
    pytest.importorskip("pyarrow")
    save_set(tmp_path / "set.zarr", 9, channels=channels, parents=("one", "two", "three", "four"))
    dataset = cellsim.open_dataset(tmp_path / "set.zarr")
    cellsim.export_dataset(dataset, "huggingface", tmp_path / "out", ExportOptions(split=(0.6, 0.4)))
    program = (
        "import json, sys, numpy as np, datasets\n"
        "found = datasets.load_dataset('out', cache_dir='cache')\n"
        "rows = {row['name']: row for part in found.values() for row in part}\n"
        "np.savez('rows.npz', **{f'{name}-{key}': np.asarray(value) for name, row in rows.items()"
        " for key, value in row.items()})\n"
        "print(json.dumps({part: len(rows) for part, rows in found.items()}))"
    )
    counts = json.loads(run_elsewhere(program, tmp_path))
    assert counts.keys() <= {"train", "validation"}
    assert sum(counts.values()) == 9
    rows = np.load(tmp_path / "rows.npz")
    stored = dataset.raw(range(9))
    for i in range(9):
        np.testing.assert_array_equal(rows[f"{i:06d}-labels"], stored["labels"][i][0])
        assert rows[f"{i:06d}-objects"] == dataset.drawn["objects"][i]
        if len(channels) == 2:
            for k, name in enumerate(channels):
                np.testing.assert_array_equal(rows[f"{i:06d}-image_{name}"], stored["image"][i][k])
        else:
            image = stored["image"][i]
            wanted = image[0] if len(image) == 1 else np.moveaxis(image, 0, -1)
            np.testing.assert_array_equal(rows[f"{i:06d}-image"], wanted)


@pytest.mark.slow
def test_webdataset_reads_the_shards(tmp_path: Path) -> None:
    pytest.importorskip("webdataset")
    dataset = save_set(tmp_path / "set.zarr", 5, image="uint16")
    export_files(dataset, "webdataset", tmp_path / "out")
    program = (
        "import warnings; warnings.simplefilter('ignore')\nimport numpy as np, webdataset\n"
        "shards = webdataset.WebDataset('out/train-000000.tar', shardshuffle=False).decode()\n"
        "rows = list(shards.to_tuple('__key__', 'image.npy', 'labels.npy', 'json'))\n"
        "assert rows[0][3]['spacing'] == [0.5, 0.2048]\n"
        "np.savez('rows.npz', **{key + 'i': image for key, image, _, _ in rows}, "
        "**{key + 'l': labels for key, _, labels, _ in rows})"
    )
    run_elsewhere(program, tmp_path)
    rows, stored = np.load(tmp_path / "rows.npz"), dataset.raw(range(5))
    for i in range(5):
        np.testing.assert_array_equal(rows[f"{i:06d}i"], stored["image"][i])
        np.testing.assert_array_equal(rows[f"{i:06d}l"], stored["labels"][i])


@pytest.mark.slow
def test_cellpose_finds_images_and_masks(tmp_path: Path) -> None:
    pytest.importorskip("cellpose")
    dataset = save_set(tmp_path / "set.zarr", 5)
    export_files(dataset, "cellpose", tmp_path / "out")
    program = (
        "import warnings; warnings.simplefilter('ignore')\nimport numpy as np\nfrom cellpose import io\n"
        "images, labels, names, *_ = io.load_train_test_data('out', mask_filter='_masks', image_filter='_img')\n"
        "np.savez('rows.npz', images=np.stack(images), labels=np.stack(labels))"
    )
    run_elsewhere(program, tmp_path)
    rows, stored = np.load(tmp_path / "rows.npz"), dataset.raw(range(5))
    np.testing.assert_array_equal(rows["images"], np.concatenate(stored["image"]))
    np.testing.assert_array_equal(rows["labels"], np.concatenate(stored["labels"]))
