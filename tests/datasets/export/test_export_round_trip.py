"""What is exported and imported again is what it was, in every format."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from cellsim.datasets.export import FORMATS
from cellsim.datasets.export.exporting import ExportOptions, export_files
from cellsim.datasets.export.importing import import_dataset
from cellsim.datasets.export.manifest import NAME
from cellsim.datasets.reader import open_dataset
from cellsim.errors import InputError
from tests.datasets.export.sets import assert_same_samples, save_set

COLOURS = ("red", "green", "blue")
VOLUME = {"shape": (4, 9, 11), "spacing": (1.5, 0.65, 0.3)}
SETS: dict[str, dict[str, Any]] = {
    "gray of 8 bits": {},
    "gray of 16 bits": {"image": "uint16"},
    "pictures in colour": {"channels": COLOURS},
    "colour of 16 bits": {"channels": COLOURS, "image": "uint16"},
    "two stains": {"channels": ("nuclei", "membrane")},
    "five stains": {"channels": tuple("abcde"), "image": "uint16"},
    "volumes": VOLUME,
    "volumes of three stains": {**VOLUME, "channels": tuple("abc"), "image": "uint16"},
    "fields of view": {"parents": ("one", "two")},
}
FLAT = ("coco", "huggingface", "yolo-seg")
CARRY_SPACING = ("cellpose", "stardist", "ome-zarr", "tiff", "webdataset")


@pytest.mark.parametrize("kind", FORMATS)
@pytest.mark.parametrize("form", SETS)
def test_a_set_comes_back_as_it_was(kind: str, form: str, tmp_path: Path) -> None:
    dataset = save_set(tmp_path / "set.zarr", **SETS[form])
    if len(dataset.spec.shape) == 3 and kind in FLAT:
        with pytest.raises(InputError, match=f"{kind} holds 2D images, 'set' has volumes: export volumes as tiff"):
            export_files(dataset, kind, tmp_path / "out")
        return
    export_files(dataset, kind, tmp_path / "out", ExportOptions(split=(0.5, 0.25, 0.25), workers=2))
    import_dataset(tmp_path / "out", kind, tmp_path / "back.zarr")
    found = open_dataset(tmp_path / "back.zarr")
    assert_same_samples(found, dataset)
    for name in ("name", "shape", "spacing", "channels", "structures", "image"):
        assert getattr(found.spec, name) == getattr(dataset.spec, name)
    if dataset.spec.parents:
        assert found.spec.parents == dataset.spec.parents
        assert (found.drawn["parent"] == dataset.drawn["parent"]).all()


@pytest.mark.parametrize("kind", FORMATS)
@pytest.mark.parametrize("form", ["gray of 8 bits", "volumes of three stains"])
def test_files_alone_are_enough(kind: str, form: str, tmp_path: Path) -> None:
    if form.startswith("volumes") and kind in FLAT:
        pytest.skip("2D only")
    dataset = save_set(tmp_path / "set.zarr", **SETS[form])
    export_files(dataset, kind, tmp_path / "out")
    (tmp_path / "out" / NAME).unlink()
    import_dataset(tmp_path / "out", kind, tmp_path / "back.zarr")
    found = open_dataset(tmp_path / "back.zarr")
    assert_same_samples(found, dataset)
    if kind in CARRY_SPACING:
        assert found.spec.spacing == dataset.spec.spacing


EVERY = ("coco", "ome-zarr", "tiff", "huggingface", "webdataset", "yolo-seg")


@pytest.mark.parametrize("kind", FORMATS)
def test_of_several_structures_any_comes_back(kind: str, tmp_path: Path) -> None:
    dataset = save_set(tmp_path / "set.zarr", structures=("nuclei", "golgi"))
    if kind in EVERY:
        export_files(dataset, kind, tmp_path / "out")
    else:
        export_files(dataset, kind, tmp_path / "out", ExportOptions(structure="golgi"))
    import_dataset(tmp_path / "out", kind, tmp_path / "back.zarr", structure="golgi")
    found = open_dataset(tmp_path / "back.zarr")
    assert_same_samples(found, dataset, plane=1)
    assert found.spec.structures == ("golgi",)


@pytest.mark.parametrize("kind", sorted(set(FORMATS) - set(EVERY)))
def test_a_format_of_one_plane_holds_the_first(kind: str, tmp_path: Path) -> None:
    dataset = save_set(tmp_path / "set.zarr", structures=("nuclei", "golgi"))
    export_files(dataset, kind, tmp_path / "out")
    import_dataset(tmp_path / "out", kind, tmp_path / "back.zarr")
    found = open_dataset(tmp_path / "back.zarr")
    assert_same_samples(found, dataset, plane=0)
    assert found.spec.structures == ("nuclei",)
    with pytest.raises(InputError, match=r"has no labels 'golgi' \(labels: nuclei\)"):
        import_dataset(tmp_path / "out", kind, tmp_path / "other.zarr", structure="golgi")
