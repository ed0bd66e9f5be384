"""Which annotation belongs to which image, in each layout."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cellsim.datasets.ingest.annotations import LabelImage, ObjectMasks
from cellsim.datasets.ingest.coco import CocoObjects
from cellsim.datasets.ingest.pairs import find_pairs
from cellsim.errors import InputError


def touch(root: Path, *names: str) -> Path:
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).touch()
    return root


def test_label_images_are_matched_by_stem_whatever_the_extension(tmp_path: Path) -> None:
    touch(tmp_path, "i/b.PNG", "i/a.tif", "i/notes.txt", "i/.hidden.png", "m/a.png", "m/b.tiff", "m/Thumbs.db")
    found = find_pairs(tmp_path / "i", tmp_path / "m")
    assert [(pair.stem, pair.image.name) for pair in found] == [("a", "a.tif"), ("b", "b.PNG")]
    assert [pair.annotation for pair in found] == [
        LabelImage(tmp_path / "m" / "a.png"),
        LabelImage(tmp_path / "m" / "b.tiff"),
    ]


def test_pairs_are_sorted_by_stem_and_not_by_file_name(tmp_path: Path) -> None:
    touch(tmp_path, "i/a-b.png", "i/a.png", "m/a-b.png", "m/a.png")
    assert [pair.stem for pair in find_pairs(tmp_path / "i", tmp_path / "m")] == ["a", "a-b"]


def test_folders_of_object_masks_are_matched_by_name(tmp_path: Path) -> None:
    touch(tmp_path, "i/a.png", "i/b.v1.png", "m/a/2.png", "m/a/1.png", "m/b.v1/x.png", "m/spare/read.me")
    found = find_pairs(tmp_path / "i", tmp_path / "m")
    folder = tmp_path / "m" / "a"
    assert found[0].annotation == ObjectMasks(folder, (folder / "1.png", folder / "2.png"))
    assert [pair.stem for pair in found] == ["a", "b.v1"]


def test_an_empty_folder_of_an_image_means_no_objects(tmp_path: Path) -> None:
    touch(tmp_path, "i/a.png", "i/b.png", "m/a/1.png")
    (tmp_path / "m" / "b").mkdir()
    assert find_pairs(tmp_path / "i", tmp_path / "m")[1].annotation == ObjectMasks(tmp_path / "m" / "b", ())


def test_the_layout_of_the_data_science_bowl_is_known(tmp_path: Path) -> None:
    touch(tmp_path, "a/images/a.png", "a/masks/1.png", "a/masks/2.png", "b/images/b.png", "b/masks/3.png", "c/list.csv")
    found = find_pairs(tmp_path, tmp_path / "a" / "..")
    assert [(pair.stem, pair.image.name) for pair in found] == [("a", "a.png"), ("b", "b.png")]
    masks = tmp_path / "b" / "masks"
    assert found[1].annotation == ObjectMasks(masks, (masks / "3.png",))


def test_a_coco_file_stands_for_masks(tmp_path: Path) -> None:
    touch(tmp_path, "i/a.png")
    images = [{"id": 1, "file_name": "a.jpg", "height": 2, "width": 3}]
    (tmp_path / "m.JSON").write_text(json.dumps({"images": images, "annotations": []}))
    found = find_pairs(tmp_path / "i", tmp_path / "m.JSON")
    assert found[0].annotation == CocoObjects(tmp_path / "m.JSON", (2, 3), ())


@pytest.mark.parametrize(
    ("names", "message"),
    [
        (["m/a.png"], r"i must be a folder of images, got nothing there"),
        (["i", "m/a.png"], r"i must be a folder of images, got a file"),
        (["i/a.png"], r"m must be a folder of masks or a COCO file \(.json\), got nothing there"),
        (["i/a.png", "m"], r"m must be a folder of masks or a COCO file"),
        (["i/a.jpg", "m/a.png"], r"i holds nothing to read: .png, .tif, .tiff, .h5, .hdf5 are read"),
        (["i/a.png", "m/a.txt"], r"m holds nothing to read"),
        (["i/a.png", "i/a.tif", "m/a.png"], r"two files are called 'a': .*a\.png and .*a\.tif"),
        (["i/a.png", "m/a.png", "m/a/1.png"], "two files are called 'a'"),
        (
            [f"{folder}/{n}{end}.png" for n in range(5) for folder, end in (("i", ""), ("m", "_mask"))],
            r"images are called '0', '1', '2', \.\.\., masks '0_mask', '1_mask', '2_mask', \.\.\.",
        ),
        (["i/a.png", "i/b.png", "m/b.png"], r"1 of 2 images have no mask in .*m: 'a'"),
        (["i/b.png", "m/a.png", "m/b.png"], r"1 of 2 masks have no image in .*i: 'a'"),
        (["i/b.png", "m/a/1.png", "m/b.png"], r"1 of 2 masks have no image in .*i: 'a'"),
    ],
)
def test_what_cannot_be_matched_is_named(tmp_path: Path, names: list[str], message: str) -> None:
    touch(tmp_path, *names)
    with pytest.raises(InputError, match=message):
        find_pairs(tmp_path / "i", tmp_path / "m")


def test_a_set_in_parts_is_read_with_the_parts_in_the_names(tmp_path: Path) -> None:
    for part, stems in (("train", ["b", "a"]), ("val", ["a"])):
        touch(tmp_path, *(f"{part}/{folder}" for s in stems for folder in (f"images/{s}.png", f"masks/{s}.tif")))
    found = find_pairs(tmp_path, tmp_path)
    assert [pair.stem for pair in found] == ["train/a", "train/b", "val/a"]
    assert found[2].image == tmp_path / "val/images/a.png"
    assert found[2].annotation == LabelImage(tmp_path / "val/masks/a.tif")


@pytest.mark.parametrize(
    ("names", "message"),
    [
        (["a.png", "b.png"], r"must hold <id>/images/\*\.png and <id>/masks/\*\.png"),
        (["a/images/1.png", "b/images/1.png", "b/masks/1.png"], "1 of 2 images have no mask in .*: 'a'"),
        (["a/masks/1.png", "b/images/1.png", "b/masks/1.png"], "1 of 2 masks have no image in .*: 'a'"),
        (["a/images/1.png", "a/images/2.png", "a/masks/1.png"], "must hold one image, got 2"),
        (["a/images/1.jpg", "a/masks/1.png"], "must hold one image, got 0"),
    ],
)
def test_a_damaged_layout_of_the_bowl_is_refused(tmp_path: Path, names: list[str], message: str) -> None:
    touch(tmp_path, *names)
    with pytest.raises(InputError, match=message):
        find_pairs(tmp_path, tmp_path)
