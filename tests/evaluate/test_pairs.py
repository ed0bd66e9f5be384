"""What belongs together: names, orders, structures, files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile
from PIL import Image

import cellsim
from cellsim.errors import InputError
from cellsim.evaluate.pairs import (
    Annotations,
    find_annotations,
    match_images,
    match_structures,
    pairs,
    read_labels,
    read_points,
)

LABELS = np.arange(24, dtype=np.uint16).reshape(4, 6) * 300


def folder(path: Path, **files: Any) -> Path:
    """Write label images as PNG, or as TIFF if they are volumes."""
    path.mkdir()
    for name, labels in files.items():
        if labels.ndim == 2:
            Image.fromarray(labels).save(path / f"{name}.png")
        else:
            tifffile.imwrite(path / f"{name}.tif", labels, metadata={"axes": "ZYX"})
    return path


def source(*structures: str) -> Annotations:
    return Annotations("set", ("0",), False, structures, None, False, lambda i: i)


def test_files_are_matched_by_their_stems(tmp_path: Path) -> None:
    truth = folder(tmp_path / "truth", a=LABELS, b=LABELS + 1)
    found = folder(tmp_path / "found", b=LABELS + 1, a=LABELS)
    (found / ".hidden.png").write_bytes(b"")
    (found / "notes.txt").write_text("none")
    both = list(pairs(find_annotations(truth), find_annotations(found)))
    assert [pair.name for pair in both] == ["a", "b"]
    assert {pair.structure for pair in both} == {"objects"}
    for pair in both:
        assert pair.truth.shape == (1, 4, 6)
        np.testing.assert_array_equal(pair.truth, pair.found)


@pytest.mark.parametrize("suffix", ["_masks", "_cp_masks"])
def test_masks_of_cellpose_stand_beside_their_images(tmp_path: Path, suffix: str) -> None:
    truth = folder(tmp_path / "truth", a=LABELS)
    found = folder(tmp_path / "found", **{"a": LABELS * 0, f"a{suffix}": LABELS})
    pair = next(pairs(find_annotations(truth), find_annotations(found)))
    np.testing.assert_array_equal(pair.found[0], LABELS)


def test_a_file_belongs_to_the_sample_whose_index_it_ends_in(nuclei: Path, tmp_path: Path) -> None:
    dataset = cellsim.open_dataset(nuclei)
    names = {f"field-{k:03d}": dataset[k].labels[0] for k in (2, 0, 3, 1)}
    found = find_annotations(folder(tmp_path / "found", **names))
    for one, other in ((find_annotations(nuclei), found), (found, find_annotations(dataset))):
        both = list(pairs(one, other))
        assert len(both) == 4
        for pair in both:
            np.testing.assert_array_equal(pair.truth, pair.found)
            np.testing.assert_array_equal(pair.truth[0], dataset[int(pair.name)].labels[0])


@pytest.mark.parametrize("names", [("a1", "b01"), ("1", "2", "3"), ("0", "x", "2", "3")])
def test_files_that_are_not_one_a_sample_are_refused(nuclei: Path, tmp_path: Path, names: tuple[str, ...]) -> None:
    found = find_annotations(folder(tmp_path / "found", **dict.fromkeys(names, LABELS)))
    with pytest.raises(InputError, match=r"no two in the same one|have no partner of the same name"):
        match_images(find_annotations(nuclei), found)


def test_images_without_a_partner_are_named(tmp_path: Path) -> None:
    truth = find_annotations(folder(tmp_path / "truth", a=LABELS, b=LABELS))
    found = find_annotations(folder(tmp_path / "found", a=LABELS))
    for one, other in ((truth, found), (found, truth)):
        with pytest.raises(InputError, match=r"1 of 2 images in .*truth have no partner .*: 'b'; .* called 'a'"):
            match_images(one, other)


def test_lists_of_arrays_and_data_sets_are_matched_by_order(nuclei: Path) -> None:
    labels = [sample.labels[0] for sample in cellsim.open_dataset(nuclei)]
    both = list(pairs(find_annotations(nuclei), find_annotations(labels)))
    assert [pair.name for pair in both] == ["0", "1", "2", "3"]
    assert all((pair.truth == pair.found).all() for pair in both)
    with pytest.raises(InputError, match=r"as many in both: 4 in .*, 3 in the arrays"):
        match_images(find_annotations(nuclei), find_annotations(labels[:3]))


def test_single_files_need_no_name_in_common(tmp_path: Path) -> None:
    truth, found = folder(tmp_path / "t", a=LABELS) / "a.png", folder(tmp_path / "f", b=LABELS) / "b.png"
    assert match_images(find_annotations(truth), find_annotations(str(found))) == [("a", 0, 0)]


def test_a_folder_with_nothing_to_read_is_refused(tmp_path: Path) -> None:
    (tmp_path / "points.csv").write_text("1,2\n")
    with pytest.raises(InputError, match=r"holds no annotation: .png, .tif, .tiff, .npy are read"):
        find_annotations(tmp_path)
    assert find_annotations(tmp_path, points=True).points
    (tmp_path / "a.png").write_bytes(b"")
    (tmp_path / "a.tif").write_bytes(b"")
    with pytest.raises(InputError, match="differ in the extension only"):
        find_annotations(tmp_path)


@pytest.mark.parametrize(
    ("truth", "found", "structure", "expected"),
    [
        ((), (), None, [("objects", None, None)]),
        (("cells",), (), None, [("cells", "cells", None)]),
        (("cells",), ("nuclei",), None, [("cells", "cells", "nuclei")]),
        (("a", "b"), ("b", "a"), None, [("a", "a", "a"), ("b", "b", "b")]),
        (("a", "a-visible"), (), None, [("a", "a", None)]),
        (("a", "a-visible"), (), "a-visible", [("a-visible", "a-visible", None)]),
        (("a", "b"), ("b",), "b", [("b", "b", "b")]),
        (("a", "b"), (), "b", [("b", "b", None)]),
    ],
)
def test_structures_are_matched_by_name_and_a_lone_one_with_any(
    truth: Any, found: Any, structure: Any, expected: Any
) -> None:
    assert match_structures(source(*truth), source(*found), structure) == expected


def test_it_must_be_clear_which_structures_belong_together() -> None:
    with pytest.raises(InputError, match="say which structure to score: set has a, b, set has one without a name"):
        match_structures(source("a", "b"), source(), None)
    with pytest.raises(InputError, match="no structure 'c' in set: it has a, b"):
        match_structures(source("a", "b"), source(), "c")


@pytest.mark.parametrize("shape", [(5, 6), (3, 5, 6), (4, 5, 6)])
def test_tiff_and_npy_keep_their_values(tmp_path: Path, shape: tuple[int, ...]) -> None:
    labels = np.arange(np.prod(shape), dtype=np.int32).reshape(shape) * 3000
    tifffile.imwrite(tmp_path / "a.tif", labels, photometric="minisblack")
    tifffile.imwrite(tmp_path / "b.tif", labels, metadata={"axes": "ZYX"[-len(shape) :]}, photometric="minisblack")
    np.save(tmp_path / "c.npy", labels)
    for name in ("a.tif", "b.tif", "c.npy"):
        np.testing.assert_array_equal(read_labels(tmp_path / name), labels)


def test_files_that_are_no_labels_are_refused(tmp_path: Path) -> None:
    np.save(tmp_path / "a.npy", np.ones((3, 3)))
    tifffile.imwrite(tmp_path / "b.tif", np.ones((3, 3), np.float32))
    (tmp_path / "c.tif").write_bytes(b"II*")
    (tmp_path / "d.npy").write_bytes(b"")
    for name, words in (("a.npy", "got float64"), ("b.tif", "got float32"), ("c.tif", "read as a"), ("d.npy", "NPY")):
        with pytest.raises(InputError, match=words):
            read_labels(tmp_path / name)


@pytest.mark.parametrize("text", ["1,2\n3.5,4\n", "row,column\n1,2\n3.5,4\n", "y;x\n\n1;2\n3.5;4", "\ufeff1,2\n3.5, 4"])
def test_points_are_rows_of_row_and_column(tmp_path: Path, text: str) -> None:
    (tmp_path / "a.csv").write_text(text, encoding="utf-8")
    np.testing.assert_array_equal(read_points(tmp_path / "a.csv"), [[1.5, 2.5], [4, 4.5]])


def test_other_tables_are_refused_and_an_empty_one_has_no_points(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    for text in ("1,2\n3,4,5\n", "1\n2\n", "1,2\n3,x\n", "1,2,3,4\n"):
        path.write_text(text)
        with pytest.raises(InputError, match="two or three numbers"):
            read_points(path)
    path.write_text("")
    assert read_points(path).size == 0
