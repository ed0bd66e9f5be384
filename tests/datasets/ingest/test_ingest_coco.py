"""COCO files: polygons and run lengths against masks made by hand."""

from __future__ import annotations

import json
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from cellsim.datasets.ingest.coco import CocoObjects, decode_counts, expand, pixels_of, read_coco
from cellsim.errors import InputError
from cellsim.masks.polygons import fill_polygon
from tests.datasets.ingest.folders import Array

BLOCK = np.zeros((6, 7), bool)
BLOCK[1:5, 2:4] = True
SPOTS = BLOCK.copy()
SPOTS[[0, 5, 2], [6, 0, 5]] = True
RING = np.zeros((40, 50), bool)
RING[3:38, 2:45] = True
RING[10:20, 10:20] = False
# as pycocotools 2.0 writes them
SPOTS_TEXT = "5173K07MJ02"
RING_TEXT = "c2S1500000000000000TO5;KE5;KE5;KE5;KE5;KE5;KE5;KE5;KE5;KE5;Ka" + "0" * 49 + "U6"


def mask_of(segmentation: Any, shape: tuple[int, int]) -> Array:
    mask = np.zeros(shape, bool)
    mask.ravel()[pixels_of(segmentation, shape)] = True
    return mask


def run_lengths(mask: Array) -> list[int]:
    flat = np.concatenate([[False], mask.T.ravel()])
    changes = np.flatnonzero(flat[1:] != flat[:-1])
    return [int(n) for n in np.diff([0, *changes, mask.size])]


def test_compressed_run_lengths_are_decoded_as_the_reference_writes_them() -> None:
    np.testing.assert_array_equal(mask_of({"counts": SPOTS_TEXT, "size": [6, 7]}, (6, 7)), SPOTS)
    np.testing.assert_array_equal(mask_of({"counts": RING_TEXT, "size": [40, 50]}, (40, 50)), RING)


def test_uncompressed_run_lengths_go_down_the_columns() -> None:
    assert decode_counts(SPOTS_TEXT) == run_lengths(SPOTS)
    np.testing.assert_array_equal(mask_of({"counts": [13, 4, 2, 4, 19], "size": [6, 7]}, (6, 7)), BLOCK)


@given(arrays(bool, array_shapes(min_dims=2, max_dims=2, max_side=9)))
def test_any_mask_comes_back_from_its_run_lengths(mask: Array) -> None:
    found = np.zeros(mask.shape, bool)
    found.ravel()[expand(run_lengths(mask), mask.shape)] = True
    np.testing.assert_array_equal(found, mask)


def test_a_polygon_covers_the_pixels_whose_centre_it_holds() -> None:
    np.testing.assert_array_equal(mask_of([[2, 1, 4, 1, 4, 5, 2, 5]], (6, 7)), BLOCK)


def test_polygons_of_one_object_are_united() -> None:
    spots = [[x, y, x + 1, y, x + 1, y + 1, x, y + 1] for y, x in ((0, 6), (5, 0), (2, 5), (2, 5))]
    found = pixels_of([[2, 1, 4, 1, 4, 5, 2, 5], *spots], (6, 7))
    np.testing.assert_array_equal(found, np.flatnonzero(SPOTS))


@given(st.lists(st.tuples(st.integers(-20, 80), st.integers(-20, 80)), min_size=3, max_size=8))
def test_a_polygon_filled_in_its_box_is_the_polygon(corners: list[tuple[int, int]]) -> None:
    polygon = np.array(corners) / 4  # exact in binary, so that the box shifts nothing
    found = mask_of([polygon[:, ::-1].ravel().tolist()], (13, 11))
    np.testing.assert_array_equal(found, fill_polygon(polygon, (13, 11)))


@pytest.mark.parametrize(
    ("segmentation", "message"),
    [
        (None, "must be a list of polygons .* or run lengths .*, got None"),
        ([], r"got \[\]"),
        ({"counts": [42]}, "must be a list of polygons"),
        ({"counts": [42], "size": [7, 6]}, r"size of the run lengths must be \[6, 7\], got \[7, 6\]"),
        ({"counts": [42], "size": 42}, r"size of the run lengths must be \[6, 7\], got 42"),
        ({"counts": [40, 1], "size": [6, 7]}, "must add up to 6 x 7 = 42, got 41"),
        ({"counts": [43, -1], "size": [6, 7]}, "must be integers >= 0"),
        ({"counts": [41.0, 1.0], "size": [6, 7]}, "must be integers >= 0"),
        ({"counts": [[41], 1], "size": [6, 7]}, "must be integers >= 0"),
        ({"counts": None, "size": [6, 7]}, "must be integers >= 0, got None"),
        ({"counts": "5173K07MJ0 ", "size": [6, 7]}, "characters from '0' to 'o', got ' '"),
        ({"counts": "5173K07MJ0R", "size": [6, 7]}, "cut off after '3K07MJ0R'"),
        ([[1, 2, 3, 4]], "three corners or more"),
        ([[1, 2, 3, 4, 5]], "flat list of x and y in turn"),
        ([[1, 2, 3, 4, 5, "a"]], "flat list of x and y in turn"),
        ([[1, 2, 3, 4, 5, float("nan")]], "three corners or more in the image"),
        ([[1, 2, 3, 4, 5, 1e300]], "three corners or more in the image"),
        ([5.0, 6.0], "three corners or more|flat list"),
    ],
)
def test_a_segmentation_that_is_none_is_refused(segmentation: Any, message: str) -> None:
    with pytest.raises(InputError, match=message):
        pixels_of(segmentation, (6, 7))


def coco(tmp_path: Path, values: Any) -> Path:
    (tmp_path / "a.json").write_text(values if isinstance(values, str) else json.dumps(values))
    return tmp_path / "a.json"


IMAGES = [
    {"id": 4, "file_name": "train/one.png", "height": 6, "width": 7},
    {"id": 9, "file_name": "train\\two.tif", "height": 6, "width": 7},
]


def test_objects_are_found_by_the_stem_of_their_image_and_crowds_are_skipped(tmp_path: Path) -> None:
    annotations = [
        {"id": 1, "image_id": 4, "category_id": 1, "segmentation": [[2, 1, 4, 1, 4, 5, 2, 5]], "iscrowd": 0},
        {"id": 2, "image_id": 4, "category_id": 2, "segmentation": {"counts": [0, 1, 41], "size": [6, 7]}},
        {"id": 3, "image_id": 4, "category_id": 1, "segmentation": {"counts": [41, 1], "size": [6, 7]}, "iscrowd": 1},
    ]
    known = read_coco(coco(tmp_path, {"images": IMAGES, "annotations": annotations, "categories": []}))
    expected = BLOCK.astype(int)
    expected[0, 0] = 2
    np.testing.assert_array_equal(known["one"].read((6, 7), sha256()), expected)
    assert not known["two"].read((6, 7), sha256()).any()


def test_a_bad_annotation_is_named_by_its_id(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"a\.json: annotation 31: a polygon must have three corners"):
        CocoObjects(tmp_path / "a.json", (6, 7), ((31, [[1, 2]]),)).read((6, 7), sha256())


def test_an_image_of_another_size_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"a\.json says that the image is 6 x 7 px, but it is 7 x 6 px"):
        CocoObjects(tmp_path / "a.json", (6, 7), ()).read((7, 6), sha256())


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ("{", "is not a COCO file"),
        ("[]", "is not a COCO file"),
        ({"images": IMAGES}, "it lacks 'annotations'"),
        ({"images": [{"id": 1}], "annotations": []}, "it lacks 'file_name'"),
        ({"images": [IMAGES[0] | {"id": []}], "annotations": []}, "is not a COCO file"),
        ({"images": [*IMAGES, IMAGES[0] | {"id": 5}], "annotations": []}, "two images are called 'one'"),
        ({"images": [*IMAGES, IMAGES[0] | {"file_name": "three.png"}], "annotations": []}, "have the same id"),
        ({"images": IMAGES, "annotations": [{"image_id": 8}]}, "not listed: image_id 8"),
    ],
)
def test_what_is_no_coco_file_is_refused(tmp_path: Path, values: Any, message: str) -> None:
    with pytest.raises(InputError, match=message):
        read_coco(coco(tmp_path, values))
