"""COCO: pycocotools reads the same pixels from run lengths and from polygons."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from cellsim.datasets.export.exporting import ExportOptions, export_files
from tests.datasets.export.sets import save_set

mask = pytest.importorskip("pycocotools.mask")


@pytest.mark.parametrize("form", ["instances", "polygons"])
def test_pycocotools_reads_every_pixel(form: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from pycocotools.coco import COCO

    dataset = save_set(tmp_path / "set.zarr", structures=("nuclei", "golgi"))
    export_files(dataset, "coco", tmp_path / "out", ExportOptions(split=(0.5, 0.5)))
    checked = 0
    for part in ("train", "val"):
        coco = COCO(str(tmp_path / f"out/annotations/{form}_{part}.json"))
        names = {item["id"]: item["name"] for item in coco.loadCats(coco.getCatIds())}
        for image in coco.loadImgs(coco.getImgIds()):
            assert (tmp_path / "out/images" / part / image["file_name"]).is_file()
            labels = dataset[int(image["file_name"][:6])].labels
            found = np.zeros_like(labels)
            for one in coco.loadAnns(coco.getAnnIds(imgIds=image["id"])):
                pixels = coco.annToMask(one)
                found[list(names.values()).index(names[one["category_id"]])][pixels > 0] = one["label"]
                y, x = np.nonzero(pixels)
                assert one["area"] == len(y)
                assert one["bbox"] == [x.min(), y.min(), np.ptp(x) + 1, np.ptp(y) + 1]
            np.testing.assert_array_equal(found, labels)
            checked += 1
    assert checked == 5


def test_the_ids_of_annotations_are_unique(tmp_path: Path) -> None:
    export_files(save_set(tmp_path / "set.zarr"), "coco", tmp_path / "out")
    found = json.loads((tmp_path / "out/annotations/instances.json").read_bytes())
    ids = [one["id"] for one in found["annotations"]]
    assert len(ids) == len(set(ids)) == 12
    assert not (tmp_path / "out/.annotations").exists()
