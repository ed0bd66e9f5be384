"""OME-Zarr: what the specification of NGFF 0.5 demands, and what its validator says."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import zarr

from cellsim.datasets.export.exporting import ExportOptions, export_files
from tests.datasets.export.sets import save_set

CASES: dict[str, dict[str, Any]] = {
    "gray": {},
    "colour": {"channels": ("red", "green", "blue"), "structures": ("nuclei", "golgi")},
    "volumes": {"shape": (4, 9, 11), "spacing": (1.5, 0.65, 0.3), "channels": ("a", "b"), "image": "uint16"},
    "large": {"shape": (1030, 515)},
}


@pytest.mark.parametrize("case", CASES)
def test_a_group_is_as_the_specification_says(case: str, tmp_path: Path) -> None:
    dataset = save_set(tmp_path / "set.zarr", 1, **CASES[case])
    export_files(dataset, "ome-zarr", tmp_path / "out")
    root = zarr.open_group(tmp_path / "out/000000.ome.zarr", mode="r")
    assert root.metadata.zarr_format == 3
    spec, axes = dataset.spec, ("z", "y", "x")[-len(dataset.spec.shape) :]
    check(root, ("c", *axes), (1.0, *spec.spacing))
    np.testing.assert_array_equal(root["0"][...], dataset.raw([0])["image"][0])
    ome: Any = root.attrs["ome"]
    assert [one["label"] for one in ome["omero"]["channels"]] == list(spec.channels)
    assert all(len(one["color"]) == 6 and {"start", "end"} <= one["window"].keys() for one in ome["omero"]["channels"])
    labels: Any = root["labels"].attrs["ome"]
    assert labels == {"version": "0.5", "labels": list(spec.structures)}
    for k, name in enumerate(spec.structures):
        group = root[f"labels/{name}"]
        check(group, axes, spec.spacing)
        assert np.issubdtype(group["0"].dtype, np.integer)
        assert (Path("labels") / name / group.attrs["ome"]["image-label"]["source"]["image"]).parts[-2:] == ("..", "..")
        np.testing.assert_array_equal(group["0"][...], dataset[0].labels[k])
        assert len(group.attrs["ome"]["multiscales"][0]["datasets"]) == len(ome["multiscales"][0]["datasets"])


def check(group: Any, axes: tuple[str, ...], spacing: tuple[float, ...]) -> None:
    """What every multiscale image must have."""
    ome = group.attrs["ome"]
    (image,) = ome["multiscales"]
    assert ome["version"] == "0.5"
    assert [axis["name"] for axis in image["axes"]] == list(axes)
    for axis in image["axes"]:
        assert axis["type"] == ("channel" if axis["name"] == "c" else "space")
        assert axis["name"] == "c" or axis["unit"] == "micrometer"
    shapes = []
    for dataset in image["datasets"]:
        array = group[dataset["path"]]
        assert array.metadata.dimension_names == axes
        first, *others = dataset["coordinateTransformations"]
        assert first["type"] == "scale"
        assert len(first["scale"]) == array.ndim == len(axes)
        assert [one["type"] for one in others] in ([], ["translation"])
        shapes.append(array.shape)
    assert image["datasets"][0]["coordinateTransformations"][0]["scale"] == list(spacing)
    assert shapes == sorted(shapes, reverse=True)
    assert max(shapes[-1][-2:]) <= 512


def test_a_large_image_has_smaller_levels(tmp_path: Path) -> None:
    dataset = save_set(tmp_path / "set.zarr", 1, shape=(1030, 515))
    export_files(dataset, "ome-zarr", tmp_path / "out")
    root = zarr.open_group(tmp_path / "out/000000.ome.zarr", mode="r")
    full, half = root["0"][0], root["1"][0]
    assert [root[str(k)].shape for k in range(3)] == [(1, 1030, 515), (1, 515, 257), (1, 257, 128)]
    assert half[3, 5] == int(full[6:8, 10:12].mean())
    np.testing.assert_array_equal(root["labels/cells/1"][...], root["labels/cells/0"][:1030:2, :514:2])
    steps = root.attrs["ome"]["multiscales"][0]["datasets"][2]["coordinateTransformations"]
    assert steps[0]["scale"] == [1.0, 2.0, 0.8192]
    assert steps[1]["translation"] == pytest.approx([0.0, 0.75, 0.3072])


VALIDATE = """
import json, sys
import zarr
from ome_zarr_models import open_ome_zarr
found = []
for path in sys.argv[1:]:
    group = open_ome_zarr(zarr.open_group(path, mode="r"))
    found.append([type(group).__name__, str(group.ome_zarr_version)])
    for name in zarr.open_group(f"{path}/labels", mode="r").attrs["ome"]["labels"]:
        inner = open_ome_zarr(zarr.open_group(f"{path}/labels/{name}", mode="r"))
        found.append([type(inner).__name__, str(inner.ome_zarr_version)])
print(json.dumps(found))
"""


def elsewhere(folder: Path, packages: list[str], program: str, *arguments: Path) -> str:
    """Run a program in an environment of its own."""
    subprocess.run([sys.executable, "-m", "venv", folder / "venv"], check=True)
    python = folder / "venv/bin/python"
    install = [python, "-m", "pip", "install", "-q", *packages]
    subprocess.run(install, check=True, env={**os.environ, "PIP_CONSTRAINT": ""})
    done = subprocess.run([python, "-c", program, *arguments], capture_output=True, text=True, cwd=folder, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.slow
def test_ome_zarr_models_validates_it(tmp_path: Path) -> None:
    """In an environment of its own, since it wants another pydantic than ours."""
    groups = []
    for case, changes in CASES.items():
        export_files(save_set(tmp_path / f"{case}.zarr", 1, **changes), "ome-zarr", tmp_path / case)
        groups.append(tmp_path / case / "000000.ome.zarr")
    found = json.loads(elsewhere(tmp_path, ["ome-zarr-models==1.7"], VALIDATE, *groups))
    assert {kind for kind, _ in found} == {"Image", "ImageLabel"}
    assert {version for _, version in found} == {"0.5"}
    assert len(found) == 4 + 5


def test_a_split_has_a_folder_a_part(tmp_path: Path) -> None:
    export_files(save_set(tmp_path / "set.zarr", 8), "ome-zarr", tmp_path / "out", ExportOptions(split=(0.5, 0.5)))
    assert len([*tmp_path.glob("out/train/*.ome.zarr"), *tmp_path.glob("out/val/*.ome.zarr")]) == 8


OPEN = """
import json, sys
import numpy as np
from napari_ome_zarr import napari_get_reader
found = napari_get_reader(sys.argv[1])(sys.argv[1])
first = [np.asarray(data[0] if isinstance(data, list) else data) for data, *_ in found]
np.savez("layers.npz", *first)
print(json.dumps([[kind, list(given["scale"])] for _, given, kind in found]))
"""


@pytest.mark.slow
def test_the_reader_of_napari_opens_it(tmp_path: Path) -> None:
    """In an environment of its own, with the plug-in that napari uses."""
    dataset = save_set(tmp_path / "set.zarr", 1)
    export_files(dataset, "ome-zarr", tmp_path / "out")
    path = tmp_path / "out/000000.ome.zarr"
    printed = elsewhere(tmp_path, ["napari-ome-zarr==0.10.0"], OPEN, path)
    assert json.loads(printed.splitlines()[-1]) == [[kind, list(dataset.spec.spacing)] for kind in ("image", "labels")]
    image, labels = np.load(tmp_path / "layers.npz").values()
    np.testing.assert_array_equal(image, dataset.raw([0])["image"][0])
    np.testing.assert_array_equal(labels, dataset.raw([0])["labels"][0][0])
