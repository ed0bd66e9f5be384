"""torchvision reads the COCO files."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import cellsim
from tests.consumers.conftest import Follow


@pytest.mark.filterwarnings("ignore")
def test_torchvision_reads_pictures_and_objects(follow: Follow, torchvision: None) -> None:
    pytest.importorskip("pycocotools")
    pytest.importorskip("torchvision")
    names = follow("coco")
    dataset, cells = cellsim.open_dataset("cells.zarr"), names["cells"]
    assert len(cells) == len(list(Path("for-coco/images/train").iterdir()))
    for number, (picture, objects) in zip(cells.ids, cells, strict=True):
        index = int(Path(cells.coco.imgs[number]["file_name"]).stem)
        np.testing.assert_array_equal(np.asarray(picture)[..., 0], dataset.raw([index])["image"][0][0])
        found = np.zeros((96, 96), int)
        for k, mask in enumerate(names["target"](objects)["masks"].numpy(), 1):
            found[mask > 0] = k
        np.testing.assert_array_equal(found, dataset[index].labels[0])
    boxes, masks = names["found"]["boxes"].numpy(), names["found"]["masks"].numpy()
    for (left, top, right, bottom), mask in zip(boxes, masks, strict=True):
        y, x = np.nonzero(mask)
        assert (left, top, right, bottom) == (x.min(), y.min(), x.max() + 1, y.max() + 1)
