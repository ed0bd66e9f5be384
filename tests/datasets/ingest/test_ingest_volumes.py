"""Volumes: TIFF by its axes, tiles in three axes, labels beside their image."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
import tifffile
from zarr.storage import MemoryStore

import cellsim
from cellsim.datasets.ingest import IngestOptions, ingest
from cellsim.datasets.ingest.images import read_image, read_mask
from cellsim.datasets.versions import verify
from cellsim.errors import InputError
from tests.datasets.ingest.folders import Array, blocks, picture, save

DATA = (Path(__file__).parents[3] / os.environ.get("CELLSIM_REAL_DATA", "../shared/data")).resolve()
SHAPE = (6, 9, 10)
SMALL = IngestOptions(shape=(4, 6, 6), spacing=(2.0, 0.5, 0.5))


def solids(shape: tuple[int, ...] = SHAPE) -> Array:
    """Columns along z, with holes in their ids, and background at the first plane."""
    labels = np.repeat(blocks(shape[1:])[np.newaxis] * 3, shape[0], axis=0)  # type: ignore[arg-type]
    labels[0] = 0
    return labels


def write(path: Path, array: Array, axes: str, ome: bool = False) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    tifffile.imwrite(path, array, photometric="minisblack", metadata={"axes": axes}, ome=ome)
    return path


def folders(root: Path, image: Array, axes: str = "ZYX") -> tuple[Path, Path]:
    write(root / "i" / "a.tif", image, axes)
    write(root / "m" / "a.tif", solids(), "ZYX")
    return root / "i", root / "m"


@pytest.mark.parametrize(
    ("axes", "ome"),
    [*((axes, ome) for axes in ("ZYX", "CZYX", "ZCYX", "TZYX") for ome in (False, True)), ("QYX", False)],
)
def test_volumes_are_read_by_their_axes(tmp_path: Path, axes: str, ome: bool) -> None:
    channels = 2 if "C" in axes else 1
    expected = picture((channels, *SHAPE), dtype="uint16")
    stored = {"ZCYX": expected.swapaxes(0, 1), "CZYX": expected, "TZYX": expected}.get(axes, expected[0])
    path = write(tmp_path / ("a.ome.tif" if ome else "a.tif"), stored, axes, ome)
    np.testing.assert_array_equal(read_image(path, path.read_bytes(), 3), expected)


def test_imagej_stacks_are_volumes(tmp_path: Path) -> None:
    stack = picture((5, 2, 8, 10))
    tifffile.imwrite(tmp_path / "a.tif", stack, imagej=True, metadata={"axes": "ZCYX"})
    found = read_image(tmp_path / "a.tif", (tmp_path / "a.tif").read_bytes(), 3)
    np.testing.assert_array_equal(found, stack.swapaxes(0, 1))


def test_a_volume_of_one_plane_is_a_volume(tmp_path: Path) -> None:
    path = write(tmp_path / "a.tif", picture((1, 8, 10)), "ZYX")
    assert read_image(path, path.read_bytes(), 3).shape == (1, 1, 8, 10)


@pytest.mark.parametrize(
    ("array", "axes", "message"),
    [
        (picture((3, 8, 10)), "CYX", r"must have the axes ZYX, CZYX or ZCYX, got axes CYX of 3 x 8 x 10"),
        (picture((4, 8, 10)), "TYX", "got axes TYX"),
        (picture((8, 10)), "YX", "got axes YX of 8 x 10; 2D images need a canvas of two numbers"),
        (picture((2, 3, 4, 8, 10)), "TCZYX", "got axes TCZYX"),
    ],
)
def test_what_is_no_volume_is_refused(tmp_path: Path, array: Array, axes: str, message: str) -> None:
    path = write(tmp_path / "a.tif", array, axes)
    with pytest.raises(InputError, match=message):
        read_image(path, path.read_bytes(), 3)


def test_volumes_in_colour_and_png_are_refused(tmp_path: Path) -> None:
    tifffile.imwrite(tmp_path / "a.tif", picture((5, 8, 10, 3)), photometric="rgb")
    with pytest.raises(InputError, match=r"a\.tif: volumes in RGB cannot be read: save their channels as CZYX"):
        read_image(tmp_path / "a.tif", (tmp_path / "a.tif").read_bytes(), 3)
    path = save(tmp_path / "a.png", picture())
    with pytest.raises(InputError, match=r"a\.png: volumes are read from TIFF or HDF5"):
        read_image(path, path.read_bytes(), 3)


def test_a_mask_of_channels_that_differ_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path / "a.tif", picture((2, *SHAPE)), "CZYX")
    with pytest.raises(InputError, match="masks must have one channel, got 2"):
        read_mask(path, path.read_bytes(), 3)


@pytest.mark.parametrize("channels", [1, 2])
def test_every_tile_is_the_block_of_its_volume(tmp_path: Path, channels: int) -> None:
    image = picture((channels, *SHAPE))
    store = MemoryStore()
    done = ingest(*folders(tmp_path, image, "CZYX"), store, options=SMALL)
    assert (done.tiles, done.version.samples) == (2 * 2 * 2, 8)
    dataset = cellsim.open_dataset(store)
    assert dataset.spec.channels == (("gray",) if channels == 1 else ("channel-1", "channel-2"))
    assert dataset.spec.axes[2:] == ("z", "y", "x")
    corners = [(z, y, x) for z in (0, 2) for y in (0, 3) for x in (0, 4)]
    for sample, (z, y, x) in zip(dataset, corners, strict=True):
        block = (slice(z, z + 4), slice(y, y + 6), slice(x, x + 6))
        assert sample.image is not None
        np.testing.assert_array_equal(np.rint(sample.image * 255), image[(slice(None), *block)])
        labels = solids()[block]
        np.testing.assert_array_equal(sample.labels[0] > 0, labels > 0)
        assert sample.count == len(np.unique(labels)) - 1  # without holes
        assert sample.spacing == (2.0, 0.5, 0.5)


def test_rotations_turn_about_z(tmp_path: Path) -> None:
    image, store = picture(SHAPE), MemoryStore()
    options = IngestOptions(shape=(6, 6, 6), spacing=(2.0, 0.5, 0.5), rotations=True)
    ingest(*folders(tmp_path, image), store, options=options)
    first, turned = cellsim.open_dataset(store).batch([0, 1])
    np.testing.assert_array_equal(turned.image, np.rot90(first.image, axes=(2, 3)))
    np.testing.assert_array_equal(turned.labels, np.rot90(first.labels, axes=(2, 3)))


def test_thin_volumes_are_padded_and_keep_their_parent(tmp_path: Path) -> None:
    (tmp_path / "p.csv").write_text("image,parent\na,field\n")
    store = MemoryStore()
    options = IngestOptions(shape=(8, 9, 10), parents=tmp_path / "p.csv")
    ingest(*folders(tmp_path, np.full(SHAPE, 9, np.uint8)), store, options=options)
    dataset = cellsim.open_dataset(store)
    assert dataset.spec.parents == ("field",)
    assert dataset[0].image is not None
    assert set(np.rint(dataset[0].image.ravel() * 255)) == {9}
    assert not dataset[0].labels[:, 6:].any()


def test_a_volume_and_a_flat_mask_do_not_fit(tmp_path: Path) -> None:
    images, masks = folders(tmp_path, picture(SHAPE))
    save(masks / "a.tif", blocks())
    with pytest.raises(InputError, match=r"m/a\.tif: volumes must have the axes"):
        ingest(images, masks, MemoryStore(), options=SMALL)


def test_an_image_and_a_volume_of_labels_do_not_fit(tmp_path: Path) -> None:
    images, masks = folders(tmp_path, picture((9, 10)), "YX")
    with pytest.raises(InputError, match=r"m/a\.tif: 2D images .* got axes ZYX of 6 x 9 x 10; volumes need a canvas"):
        ingest(images, masks, MemoryStore())


def test_unequal_shapes_and_channels_are_refused(tmp_path: Path) -> None:
    images, masks = folders(tmp_path, picture((5, 9, 10)))
    with pytest.raises(InputError, match="a mask must be as large as its image, 5 x 9 x 10 px, got 6 x 9 x 10 px"):
        ingest(images, masks, MemoryStore(), options=SMALL)
    folders(tmp_path, picture(SHAPE))
    write(images / "b.tif", picture((2, *SHAPE)), "CZYX")
    write(masks / "b.tif", solids(), "ZYX")
    with pytest.raises(InputError, match=r"must have one number of channels, got 1 .*a\.tif\) and 2 .*b\.tif"):
        ingest(images, masks, MemoryStore(), options=SMALL)


def test_coco_files_annotate_no_volumes(tmp_path: Path) -> None:
    images, _ = folders(tmp_path, picture(SHAPE))
    coco = tmp_path / "c.json"
    coco.write_text('{"images": [{"id": 1, "file_name": "a.tif", "height": 9, "width": 10}], "annotations": []}')
    with pytest.raises(InputError, match="COCO files annotate 2D images, got a volume of 6 x 9 x 10 px"):
        ingest(images, coco, MemoryStore(), options=SMALL)


def test_one_mask_file_an_object_may_be_a_volume(tmp_path: Path) -> None:
    images, _ = folders(tmp_path, picture(SHAPE))
    for k in (3, 6):
        write(tmp_path / "o" / "a" / f"{k}.tif", (solids() == k).astype(np.uint8), "ZYX")
    store = MemoryStore()
    assert ingest(images, tmp_path / "o", store, options=IngestOptions(shape=SHAPE)).objects == 2


@pytest.mark.skipif(not (DATA / "nuclei-3d").is_dir(), reason="the real images are not here")
def test_real_volumes_of_nuclei_are_ingested(tmp_path: Path) -> None:
    masks = tmp_path / "masks"  # one mask there has no image
    masks.mkdir()
    for name in ("1135.tif", "1136.tif"):
        (masks / name).symlink_to(DATA / "nuclei-3d" / "masks" / name)
    options = IngestOptions(shape=(100, 100, 100), spacing=(0.284, 0.1268, 0.1268))
    done = ingest(DATA / "nuclei-3d" / "images", masks, tmp_path / "a.zarr", options=options)
    assert (done.version.samples, done.objects) == (2, 54 + 32)
    patches = cellsim.open_dataset(tmp_path / "a.zarr").torch_patches((64, 64, 64), per_sample=4)
    assert {tuple(item["image"].shape) for item in patches.__getitems__(range(8))} == {(1, 64, 64, 64)}
    assert not [problem for _, problem in verify(tmp_path / "a.zarr") if problem]
