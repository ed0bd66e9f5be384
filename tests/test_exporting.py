"""The door: an export with its card."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
import tifffile
import yaml

import cellsim
from tests.datasets.export.sets import assert_same_samples, save_set, tree


def test_a_card_and_a_picture_lie_in_every_export(tmp_path: Path) -> None:
    save_set(tmp_path / "set.zarr")
    done = cellsim.export_dataset(tmp_path / "set.zarr", "tiff", tmp_path / "out", version="v1")
    assert (done.samples, done.written, done.parts) == (5, 5, {"": 5})
    assert (tmp_path / "out/README.md").read_text().startswith("# set\n")
    assert "](card/samples.png)" in (tmp_path / "out/README.md").read_text()
    assert (tmp_path / "out/card/samples.png").read_bytes().startswith(b"\x89PNG")


def test_hugging_face_reads_the_head_of_the_card(tmp_path: Path) -> None:
    dataset = save_set(tmp_path / "set.zarr")
    cellsim.export_dataset(dataset, "huggingface", tmp_path / "out")
    _, head, text = (tmp_path / "out/README.md").read_text().split("---\n", 2)
    known = yaml.safe_load(head)
    assert known["pretty_name"] == "set"
    assert known["size_categories"] == ["n<1K"]
    assert "synthetic" not in known["tags"]
    assert text.lstrip().startswith("# set")


def test_exports_of_one_version_are_equal(tmp_path: Path) -> None:
    dataset = save_set(tmp_path / "set.zarr")
    for name in ("a", "b"):
        cellsim.export_dataset(dataset, "ome-zarr", tmp_path / name, cellsim.ExportOptions(workers=len(name)))
    assert tree(tmp_path / "a") == tree(tmp_path / "b")


def parts(root: Path) -> dict[bytes, str]:
    """The part of each mask of an export."""
    return {tifffile.imread(path).tobytes(): path.parent.name for path in root.glob("*/*_masks.tif")}


@pytest.mark.parametrize("copy", [False, True])
def test_curated_versions_and_mixtures_are_exported_and_split_as_their_sources(tmp_path: Path, copy: bool) -> None:
    split = cellsim.ExportOptions(split=(0.5, 0.5))
    save_set(tmp_path / "one.zarr", 20)
    save_set(tmp_path / "two.zarr", 6, digest="e" * 64, parents=("x", "y", "z"), spacing=(0.5, 0.2048))
    cellsim.curate(tmp_path / "one.zarr", drop=[0, 2, 7])
    mixture = cellsim.mix([tmp_path / "one.zarr@v2", tmp_path / "two.zarr"], tmp_path / "mix.zarr", copy=copy)
    sets = {"whole": "one.zarr@v1", "curated": "one.zarr@v2", "real": "two.zarr@v1", "mixed": "mix.zarr@v1"}
    for name, where in sets.items():
        path, _, version = where.partition("@")
        cellsim.export_dataset(tmp_path / path, "cellpose", tmp_path / name, split, version=version)
    whole, curated, real, mixed = (parts(tmp_path / name) for name in sets)
    assert len(curated) == 17
    assert len(set(curated.values())) == 2
    assert curated.items() <= whole.items()
    both = curated.items() | real.items()
    assert mixed.keys() == curated.keys() | real.keys()
    assert mixed.items() <= both
    with (tmp_path / "mixed/samples.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == mixture.version.samples == 23
    assert {row["parent"] for row in rows} >= {"two/x", "one/1", "one/19"}
    again = cellsim.import_dataset(tmp_path / "mixed", "cellpose", tmp_path / "again.zarr")
    assert again.version.samples == 23
    known = cellsim.open_dataset(tmp_path / "mix.zarr")
    assert_same_samples(cellsim.open_dataset(tmp_path / "again.zarr"), known)


@pytest.mark.parametrize("name", ["nuclei: day 2", '- "β" #1', "null"])
def test_any_name_of_a_set_is_read_from_the_head_of_the_card(tmp_path: Path, name: str) -> None:
    cellsim.export_dataset(save_set(tmp_path / "set.zarr", 2, name=name), "huggingface", tmp_path / "out")
    head = (tmp_path / "out/README.md").read_text("utf-8").split("---\n", 2)[1]
    assert yaml.safe_load(head)["pretty_name"] == name
