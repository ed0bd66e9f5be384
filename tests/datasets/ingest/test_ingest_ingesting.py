"""Ingesting: images in, a sealed data set out, whatever happens in between."""

from __future__ import annotations

import json
import os
import weakref
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from zarr.storage import MemoryStore

import cellsim
from cellsim.datasets import writer
from cellsim.datasets.chunks import SHARD
from cellsim.datasets.ingest import Ingested, IngestOptions, ingest
from cellsim.datasets.ingest import plan as planning
from cellsim.datasets.layout import open_group
from cellsim.datasets.split import split_by_parent
from cellsim.datasets.versions import verify
from cellsim.errors import InputError, StoreError
from tests.datasets.ingest.folders import Array, blocks, picture, png_of_16_bit_rgb, save, save_pairs

DATA = (Path(__file__).parents[3] / os.environ.get("CELLSIM_REAL_DATA", "../shared/data")).resolve()
SMALL = IngestOptions(shape=(8, 8), rotations=True)


def many(root: Path) -> tuple[Path, Path]:
    """Three images of 12, 8 and 2 tiles: with rotations, 88 samples in two shards, the first of which ends amid b."""
    sizes = {"a": (20, 26), "b": (8, 50), "c": (9, 8)}
    return save_pairs(root, {stem: (picture(shape, 7), blocks(shape)) for stem, shape in sizes.items()})


def levels_of(location: Any, index: int, dtype: str = "uint8") -> Array:
    image = cellsim.open_dataset(location)[index].image
    assert image is not None
    return np.rint(image * np.float32(np.iinfo(dtype).max)).astype(dtype)


def contents(root: Path) -> dict[str, bytes]:
    return {str(path.relative_to(root)): path.read_bytes() for path in root.rglob("*") if path.is_file()}


def test_images_and_labels_come_back_as_they_were(tmp_path: Path) -> None:
    pairs = {stem: (picture((16, 16), seed), blocks((16, 16))) for seed, stem in enumerate("ab")}
    options = IngestOptions(shape=(16, 16), spacing=(0.5, 0.25))
    done = cellsim.ingest(*save_pairs(tmp_path, pairs), tmp_path / "real.zarr", options=options)
    assert isinstance(done, Ingested)
    assert (done.images, done.tiles, done.dropped, done.objects, done.version.samples) == (2, 2, 0, 32, 2)
    dataset = cellsim.open_dataset(done.location)
    assert dataset.spec.name == "real"
    assert dataset[0].spacing == (0.5, 0.25)
    for index, (image, labels) in enumerate(pairs.values()):
        np.testing.assert_array_equal(levels_of(done.location, index), image[np.newaxis])
        np.testing.assert_array_equal(dataset[index].labels[0], labels)
    assert all(problem == "" for _, problem in verify(done.location))


def test_gray_levels_of_16_bit_tiff_come_back_exactly(tmp_path: Path) -> None:
    image = np.random.default_rng(0).permutation(65536).astype(np.uint16).reshape(256, 256)
    store = MemoryStore()
    ingest(*save_pairs(tmp_path, {"a": (image, blocks((256, 256), 16))}, ".tif"), store)
    assert cellsim.open_dataset(store).spec.image == "uint16"
    np.testing.assert_array_equal(levels_of(store, 0, "uint16"), image[np.newaxis])


def test_rgb_images_become_three_channels(tmp_path: Path) -> None:
    image, store = picture((8, 8, 3)), MemoryStore()
    ingest(*save_pairs(tmp_path, {"a": (image, blocks((8, 8)))}), store, options=IngestOptions(shape=(8, 8)))
    assert cellsim.open_dataset(store).spec.channels == ("red", "green", "blue")
    np.testing.assert_array_equal(levels_of(store, 0), np.moveaxis(image, -1, 0))


def test_every_tile_is_the_piece_of_its_image_in_four_rotations(tmp_path: Path) -> None:
    folders, store = many(tmp_path), MemoryStore()
    done = ingest(*folders, store, options=SMALL)
    assert (done.tiles, done.version.samples) == (22, 88)
    dataset = cellsim.open_dataset(store)
    image, labels = picture((20, 26), 7), blocks((20, 26))
    corners = [(y, x) for y in (0, 6, 12) for x in (0, 6, 12, 18)]
    for index in range(48):
        (y, x), turns = corners[index // 4], index % 4
        tile = (slice(y, y + 8), slice(x, x + 8))
        np.testing.assert_array_equal(levels_of(store, index)[0], np.rot90(image[tile], turns))
        found, expected = dataset[index].labels[0], np.rot90(labels[tile], turns)
        pairs = np.unique(np.stack([found.ravel(), expected.ravel()]), axis=1)
        assert len(set(pairs[0])) == len(set(pairs[1])) == pairs.shape[1]  # the same objects by other ids
        assert set(pairs[0]) == set(range(pairs.shape[1]))


def test_all_layouts_of_masks_give_the_same_samples(tmp_path: Path) -> None:
    image, labels = picture((8, 12)), blocks((8, 12))
    save(tmp_path / "images" / "a.png", image)
    save(tmp_path / "labels" / "a.png", labels)
    save(tmp_path / "bowl" / "a" / "images" / "a.png", image)
    annotations = []
    for k in range(1, labels.max() + 1):
        mask = labels == k
        for folder in ("folders/a", "bowl/a/masks"):
            save(tmp_path / folder / f"{k}.png", np.where(mask, 255, 0).astype(np.uint8))
        (y, x), (below, right) = np.argwhere(mask).min(axis=0).tolist(), (np.argwhere(mask).max(axis=0) + 1).tolist()
        annotations.append({"id": k, "image_id": 1, "segmentation": [[x, y, right, y, right, below, x, below]]})
    images = [{"id": 1, "file_name": "a.png", "height": 8, "width": 12}]
    (tmp_path / "coco.json").write_text(json.dumps({"images": images, "annotations": annotations}))
    versions = set()
    for source in (("images", "labels"), ("images", "folders"), ("bowl", "bowl"), ("images", "coco.json")):
        store = MemoryStore()
        options = IngestOptions(shape=(8, 8))
        done = ingest(tmp_path / source[0], tmp_path / source[1], store, options=options)
        assert done.tiles == 2
        versions.add(done.version.digest)
    assert len(versions) == 1


def test_a_killed_run_resumes_to_the_same_bytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folders = many(tmp_path)
    ingest(*folders, tmp_path / "whole" / "a.zarr", options=SMALL)
    real = writer.write

    def killed(group: Any, location: Any, start: int, *rest: Any) -> None:
        if start:
            raise KeyboardInterrupt
        real(group, location, start, *rest)

    with monkeypatch.context() as patch:
        patch.setattr(writer, "write", killed)
        with pytest.raises(KeyboardInterrupt):
            ingest(*folders, tmp_path / "a.zarr", options=SMALL)
    assert int(writer.finished(open_group(tmp_path / "a.zarr")).sum()) == SHARD
    with pytest.raises(StoreError, match="half made"):
        cellsim.open_dataset(tmp_path / "a.zarr")
    seen: list[tuple[int, int]] = []
    ingest(*folders, tmp_path / "a.zarr", options=SMALL, progress=lambda *counts: seen.append(counts))
    assert seen == [(64, 88), (88, 88)]
    assert contents(tmp_path / "a.zarr") == contents(tmp_path / "whole" / "a.zarr")


def test_a_run_killed_before_it_recorded_its_options_records_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folders = many(tmp_path)
    ingest(*folders, tmp_path / "whole" / "a.zarr", options=SMALL)
    with monkeypatch.context() as patch:
        patch.setattr("cellsim.datasets.ingest.ingesting._record", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            ingest(*folders, tmp_path / "a.zarr", options=SMALL)
    ingest(*folders, tmp_path / "a.zarr", options=SMALL)
    assert contents(tmp_path / "a.zarr") == contents(tmp_path / "whole" / "a.zarr")


def test_the_same_command_again_writes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folders = many(tmp_path)
    first = ingest(*folders, tmp_path / "a.zarr", options=SMALL)
    before = {path: path.stat().st_mtime_ns for path in (tmp_path / "a.zarr").rglob("*")}
    monkeypatch.setattr(writer, "write", lambda *_: pytest.fail("wrote again"))
    again = ingest(*folders, tmp_path / "a.zarr", options=SMALL)
    assert (again.version, again.objects, again.tiles) == (first.version, first.objects, first.tiles)
    assert {path: path.stat().st_mtime_ns for path in (tmp_path / "a.zarr").rglob("*")} == before


def test_other_options_or_other_files_are_refused_at_the_same_place(tmp_path: Path) -> None:
    folders = many(tmp_path)
    ingest(*folders, tmp_path / "a.zarr", options=SMALL)
    with pytest.raises(StoreError, match="choose another output"):
        ingest(*folders, tmp_path / "a.zarr", options=IngestOptions(shape=(8, 8)))
    save(folders[1] / "c.png", blocks((9, 8)) * 2)
    with pytest.raises(StoreError, match="choose another output"):
        ingest(*folders, tmp_path / "a.zarr", options=SMALL)


def test_each_file_is_read_twice_at_most(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folders = many(tmp_path)
    read: list[str] = []
    real = Path.read_bytes
    monkeypatch.setattr(Path, "read_bytes", lambda path: (read.append(str(path)), real(path))[1])
    ingest(*folders, MemoryStore(), options=SMALL)
    files = [str(path) for folder in folders for path in folder.iterdir()]
    assert {path: read.count(path) for path in files} == dict.fromkeys(files, 2)


def test_parents_and_options_are_kept_with_the_samples(tmp_path: Path) -> None:
    folders = many(tmp_path)
    (tmp_path / "parents.json").write_text(json.dumps({"a": "field 2", "b": "field 1", "c": "field 2"}))
    options = IngestOptions(shape=(8, 8), parents=tmp_path / "parents.json")
    ingest(*folders, tmp_path / "a.zarr", options=options)
    dataset = cellsim.open_dataset(tmp_path / "a.zarr")
    assert dataset.spec.parents == ("field 1", "field 2")
    np.testing.assert_array_equal(dataset.drawn["parent"], [1] * 12 + [0] * 8 + [1] * 2)
    known: Any = dataset.group.attrs["ingested"]
    assert (known["images"], known["spacing_assumed"], known["overlap"]) == (3, True, 0.25)


def test_a_set_in_memory_is_named_after_the_folder_of_images(tmp_path: Path) -> None:
    store = MemoryStore()
    ingest(*many(tmp_path), store, options=SMALL)
    assert cellsim.open_dataset(store).spec.name == "images"


def damage(images: Path, masks: Path, fault: str) -> None:
    """Do to the last image what is found only when it is read."""
    faults: dict[str, Callable[[], Any]] = {
        "truncated": lambda: (images / "c.png").write_bytes((images / "c.png").read_bytes()[:60]),
        "size": lambda: save(masks / "c.png", blocks((8, 9))),
        "16 bits": lambda: save(images / "c.png", picture((9, 8), dtype="uint16")),
        "colour": lambda: save(images / "c.png", picture((9, 8, 3))),
        "16-bit colour": lambda: png_of_16_bit_rgb(images / "c.png"),
        "bool": lambda: save(masks / "c.png", blocks((9, 8)) > 0),
        "lone": (masks / "c.png").unlink,
    }
    faults[fault]()


@pytest.mark.parametrize("fault", ["truncated", "size", "16 bits", "colour", "16-bit colour", "bool", "lone"])
def test_bad_input_leaves_nothing_behind_and_says_so_in_one_line(tmp_path: Path, fault: str) -> None:
    folders = many(tmp_path)
    damage(*folders, fault)
    with pytest.raises(InputError, match=r"c\.png|'c'") as caught:
        ingest(*folders, tmp_path / "a.zarr", options=SMALL)
    assert "\n" not in str(caught.value)
    assert not (tmp_path / "a.zarr").exists()


def test_only_one_image_is_held_at_a_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    alive: list[Any] = []
    most = [0]
    real = planning.read_field

    def counted(pair: Any, ndim: int) -> Any:
        field = real(pair, ndim)
        alive.append(weakref.ref(field.labels))
        most[0] = max(most[0], sum(ref() is not None for ref in alive))
        return field

    monkeypatch.setattr(planning, "read_field", counted)
    shapes: Sequence[tuple[int, int]] = [(40, 40)] * 9
    pairs = {f"i{k}": (picture(shape, k), blocks(shape)) for k, shape in enumerate(shapes)}
    ingest(*save_pairs(tmp_path, pairs), MemoryStore(), options=IngestOptions(shape=(20, 20)))
    assert len(alive) == 18
    assert most[0] <= 2


@pytest.mark.skipif(not (DATA / "nuclei-fluorescence").is_dir(), reason="the real images are not here")
def test_real_nuclei_keep_their_counts_and_their_parents(tmp_path: Path) -> None:
    root = DATA / "nuclei-fluorescence"
    items = {item["id"]: item for item in json.loads((root / "meta.json").read_text())["items"]}
    options = IngestOptions(parents=root / "meta.json", min_objects=0)
    done = ingest(root / "images", root / "masks", tmp_path / "nuclei.zarr", options=options)
    dataset = cellsim.open_dataset(done.location)
    assert done.images == len(items)
    objects, parent = dataset.drawn["objects"], dataset.drawn["parent"].astype(int)
    tiles = {(256, 256): 1, (520, 696): 12}
    index = whole = large = 0
    for stem in sorted(items):
        shape = tuple(items[stem]["shape"])
        along = [1 if size <= 256 else -(-(size - 256) // 192) + 1 for size in shape]
        rows = slice(index, index + along[0] * along[1])
        index = rows.stop
        assert {dataset.spec.parents[k] for k in parent[rows]} == {items[stem]["parent"]}
        assert tiles.get(shape, rows.stop - rows.start) == rows.stop - rows.start
        if shape == (256, 256):
            assert objects[rows].tolist() == [items[stem]["n_objects"]]
        whole, large = whole + (shape == (256, 256)), large + (shape == (520, 696))
    assert index == len(dataset) == done.tiles
    assert whole > 100
    assert large > 20


def test_a_set_in_parts_becomes_one_data_set_whose_parents_name_the_part(tmp_path: Path) -> None:
    for part, count in (("train", 2), ("val", 1), ("test", 1)):
        for i in range(count):
            save(tmp_path / f"deposit/{part}/images/field{i}.png", picture(seed=i))
            save(tmp_path / f"deposit/{part}/masks/field{i}.tif", blocks())
    root = tmp_path / "deposit"
    ingest(root, root, tmp_path / "set.zarr", options=IngestOptions(shape=(8, 10)))
    dataset = cellsim.open_dataset(tmp_path / "set.zarr")
    assert dataset.spec.parents == ("test/field0", "train/field0", "train/field1", "val/field0")
    assert split_by_parent(dataset, ["val/*"], ["test/*"]) == ((1, 2), (3,))
    np.testing.assert_array_equal(dataset[1].labels[0], blocks())
