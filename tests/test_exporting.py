"""The door: an export with its card."""

from __future__ import annotations

from pathlib import Path

import yaml

import cellsim
from tests.datasets.export.sets import save_set, tree


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
