"""Objects of one image: label images and folders of masks."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

import numpy as np
import pytest
import tifffile

from cellsim.datasets.ingest.annotations import LabelImage, ObjectMasks, paint
from cellsim.errors import InputError
from tests.datasets.ingest.folders import Array, blocks, save


def test_a_label_image_keeps_its_ids(tmp_path: Path) -> None:
    expected = blocks() * 7
    found = LabelImage(save(tmp_path / "a.png", expected)).read((8, 10), sha256())
    np.testing.assert_array_equal(found, expected)


def test_a_label_image_of_another_size_is_refused_with_both_sizes(tmp_path: Path) -> None:
    path = save(tmp_path / "a.png", blocks((8, 10)))
    with pytest.raises(InputError, match=r"a\.png: a mask must be as large as its image, 10 x 8 px, got 8 x 10 px"):
        LabelImage(path).read((10, 8), sha256())


def test_a_label_image_of_bool_is_refused(tmp_path: Path) -> None:
    path = save(tmp_path / "a.png", blocks() > 0)
    with pytest.raises(InputError, match=r"label images must be integers .*, got bool"):
        LabelImage(path).read((8, 10), sha256())


def test_negative_labels_are_refused(tmp_path: Path) -> None:
    tifffile.imwrite(tmp_path / "a.tif", blocks(dtype="int32") - 1)
    with pytest.raises(InputError, match=r"a\.tif: labels must be >= 0, got -1"):
        LabelImage(tmp_path / "a.tif").read((8, 10), sha256())


def masks_of(tmp_path: Path, *masks: Array) -> ObjectMasks:
    paths = tuple(save(tmp_path / f"{k}.png", mask) for k, mask in enumerate(masks))
    return ObjectMasks(tmp_path, paths)


@pytest.mark.parametrize("value", [1, 255, True])
def test_masks_of_objects_become_one_label_image_in_their_order(tmp_path: Path, value: int) -> None:
    labels = blocks((8, 12))
    masks = [np.where(labels == k, value, False).astype(bool if value is True else "uint8") for k in (1, 2, 3, 4)]
    found = masks_of(tmp_path, *masks).read((8, 12), sha256())
    np.testing.assert_array_equal(found, np.where(labels <= 4, labels, 0))


def test_a_mask_of_an_object_with_several_values_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"0\.png: the mask of one object must have one value besides 0, got 6"):
        masks_of(tmp_path, blocks().astype("uint8")).read((8, 10), sha256())


def test_a_mask_of_an_object_of_another_size_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="must be as large as its image, 8 x 11 px, got 8 x 10 px"):
        masks_of(tmp_path, np.ones((8, 10), np.uint8)).read((8, 11), sha256())


def test_a_small_object_is_not_hidden_by_a_large_one() -> None:
    found = paint([np.array([5]), np.arange(12), np.array([0, 1])], (3, 4))
    np.testing.assert_array_equal(found, [[3, 3, 2, 2], [2, 1, 2, 2], [2, 2, 2, 2]])


def test_the_content_counts_in_the_hash(tmp_path: Path) -> None:
    digests = []
    for k in (1, 2):
        seen = sha256()
        LabelImage(save(tmp_path / "a.png", blocks() * k)).read((8, 10), seen)
        digests.append(seen.hexdigest())
    assert digests[0] != digests[1]
