"""Plans: which tiles are kept, what all images must share, and the digest of the source."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile

from cellsim.datasets.ingest import IngestOptions
from cellsim.datasets.ingest.pairs import find_pairs
from cellsim.datasets.ingest.plan import Plan, plan
from cellsim.errors import InputError
from tests.datasets.ingest.folders import Array, blocks, picture, save, save_pairs


def plan_of(folders: tuple[Path, Path], **options: Any) -> Plan:
    return plan(find_pairs(*folders), IngestOptions(**{"shape": (8, 8), **options}), "toy")


def gray_as_rgb(seed: int = 0) -> Array:
    return np.repeat(picture((8, 8, 1), seed), 3, axis=2)


def test_tiles_with_too_few_objects_are_dropped(tmp_path: Path) -> None:
    labels = np.zeros((8, 20), np.uint8)
    labels[0, :3] = [1, 2, 3]
    labels[7, 19] = 4
    folders = save_pairs(tmp_path, {"a": (picture((8, 20)), labels)})
    for least, kept in ((0, [0, 6, 12]), (1, [0, 12]), (2, [0]), (3, [0])):
        found = plan_of(folders, min_objects=least)
        assert [tile.corner for tile in found.tiles] == [(0, x) for x in kept]
        assert found.dropped == 3 - len(kept)
    with pytest.raises(InputError, match="no tile has min_objects = 4 objects, the fullest has 3"):
        plan_of(folders, min_objects=4)


def test_samples_go_by_image_then_tile_then_rotation(tmp_path: Path) -> None:
    pairs = {"b": (picture((8, 8)), blocks((8, 8))), "a": (picture((8, 12)), blocks((8, 12)))}
    found = plan_of(save_pairs(tmp_path, pairs), rotations=True)
    assert [(tile.pair, tile.corner) for tile in found.tiles] == [(0, (0, 0)), (0, (0, 4)), (1, (0, 0))]
    assert found.samples == 12
    assert [found.tile(i).corner[1] for i in range(12)] == [0] * 4 + [4] * 4 + [0] * 4
    assert [found.parent(i) for i in range(12)] == [0] * 8 + [1] * 4


def test_the_spec_says_what_the_images_are(tmp_path: Path) -> None:
    found = plan_of(save_pairs(tmp_path, {"a": (picture((8, 8), dtype="uint16"), blocks((8, 8)))})).spec
    assert (found.name, found.shape, found.spacing) == ("toy", (8, 8), (1.0, 1.0))
    assert (found.structures, found.channels, found.image) == (("cells",), ("gray",), "uint16")
    assert (found.columns, found.parents, found.recipe) == (("parent",), ("a",), None)


@pytest.mark.parametrize(
    ("images", "channels"),
    [
        ([picture((8, 8)), gray_as_rgb()], ("gray",)),
        ([gray_as_rgb(), gray_as_rgb(1)], ("gray",)),
        ([gray_as_rgb(), picture((8, 8, 3))], ("red", "green", "blue")),
    ],
)
def test_equal_channels_go_with_gray_and_with_colour(
    tmp_path: Path, images: list[Array], channels: tuple[str, ...]
) -> None:
    pairs = {f"i{k}": (image, blocks((8, 8))) for k, image in enumerate(images)}
    found = plan_of(save_pairs(tmp_path, pairs))
    assert found.spec.channels == channels
    assert found.read(0).image.shape == (len(channels), 8, 8)
    assert found.read(1).image.shape == (len(channels), 8, 8)


def test_gray_and_colour_are_not_mixed(tmp_path: Path) -> None:
    pairs = {"a": (picture((8, 8)), blocks((8, 8))), "b": (picture((8, 8, 3)), blocks((8, 8)))}
    with pytest.raises(InputError, match=r"must be gray or all RGB, got gray \(\S*a\.png\) and RGB \(\S*b\.png\)"):
        plan_of(save_pairs(tmp_path, pairs))


def test_8_and_16_bits_are_not_mixed(tmp_path: Path) -> None:
    pairs = {"a": (picture((8, 8)), blocks((8, 8))), "b": (picture((8, 8), dtype="uint16"), blocks((8, 8)))}
    with pytest.raises(InputError, match=r"one type, got uint8 \(\S*a\.png\) and uint16 \(\S*b\.png\)"):
        plan_of(save_pairs(tmp_path, pairs))


def test_empty_masks_alone_are_refused(tmp_path: Path) -> None:
    pairs = {"a": (picture((8, 8)), np.zeros((8, 8), np.uint8))}
    for least in (0, 1):
        with pytest.raises(InputError, match="all masks are empty"):
            plan_of(save_pairs(tmp_path, pairs), min_objects=least)


@pytest.mark.parametrize("value", [1, 255])
def test_binary_masks_are_refused_but_one_lone_object_among_others_is_not(tmp_path: Path, value: int) -> None:
    binary = np.where(blocks((8, 8)), value, 0).astype(np.uint8)
    pairs = {"a": (picture((8, 8)), binary), "b": (picture((8, 8)), binary)}
    with pytest.raises(InputError, match="the masks look binary, none has more than one value besides 0"):
        plan_of(save_pairs(tmp_path, pairs))
    found = plan_of(save_pairs(tmp_path, {"b": (picture((8, 8)), blocks((8, 8)))}))
    assert found.draw(0, found.read(0)).count == 1


def test_one_object_in_a_folder_of_masks_is_no_binary_mask(tmp_path: Path) -> None:
    save(tmp_path / "i" / "a.png", picture((8, 8)))
    save(tmp_path / "m" / "a" / "1.png", np.where(blocks((8, 8)) == 2, 255, 0).astype(np.uint8))
    assert plan_of((tmp_path / "i", tmp_path / "m")).samples == 1


def test_too_many_objects_are_refused_with_the_file(tmp_path: Path) -> None:
    save(tmp_path / "images" / "a.png", picture((300, 300)))
    (tmp_path / "masks").mkdir()
    tifffile.imwrite(tmp_path / "masks" / "a.tif", np.arange(1, 90001, dtype=np.int32).reshape(300, 300))
    with pytest.raises(InputError, match=r"masks/a\.tif: a label image holds at most 65,535 objects, got 90,000"):
        plan_of((tmp_path / "images", tmp_path / "masks"), shape=(300, 300))


def test_more_objects_than_one_tile_can_name_may_lie_in_an_image(tmp_path: Path) -> None:
    save(tmp_path / "images" / "a.png", picture((300, 300)))
    (tmp_path / "masks").mkdir()
    tifffile.imwrite(tmp_path / "masks" / "a.tif", np.arange(1, 90001, dtype=np.int32).reshape(300, 300))
    found = plan_of((tmp_path / "images", tmp_path / "masks"), shape=(200, 200))
    assert found.draw(0, found.read(0)).count == 40_000


def test_the_digest_follows_options_names_content_and_parents(tmp_path: Path) -> None:
    folders = save_pairs(tmp_path, {"a": (picture((8, 8)), blocks((8, 8))), "b": (picture((8, 8), 1), blocks((8, 8)))})
    (tmp_path / "p.csv").write_text("image,parent\na,P\nb,P\nc,P\n")
    changed: list[dict[str, Any]] = [
        {"shape": (8, 9)},
        {"spacing": (1.0, 1.0)},
        {"overlap": 0.3},
        {"min_objects": 2},
        {"rotations": True},
        {"parents": tmp_path / "p.csv"},
    ]
    digests = [plan_of(folders, **options).spec.digest for options in ({}, *changed)]
    (folders[0] / "b.png").rename(folders[0] / "c.png")
    (folders[1] / "b.png").rename(folders[1] / "c.png")
    digests += [plan_of(folders, **options).spec.digest for options in ({}, changed[-1])]
    save(folders[1] / "c.png", blocks((8, 8)) * 2)
    digests.append(plan_of(folders).spec.digest)
    assert len(set(digests)) == len(digests)
    assert plan_of(folders).spec.digest == digests[-1]


def test_parents_are_listed_once_and_only_where_tiles_are_kept(tmp_path: Path) -> None:
    empty = np.zeros((8, 8), np.uint16)
    pairs = {stem: (picture((8, 8)), empty if stem == "d" else blocks((8, 8))) for stem in "abcd"}
    folders = save_pairs(tmp_path, pairs)
    (tmp_path / "p.csv").write_text("image,parent\na,Q\nb,P\nc,Q\nd,R\n")
    found = plan_of(folders, parents=tmp_path / "p.csv")
    assert found.spec.parents == ("P", "Q")
    assert [found.spec.parents[found.parent(i)] for i in range(3)] == ["Q", "P", "Q"]


def test_a_file_that_changes_after_the_plan_is_found_out(tmp_path: Path) -> None:
    folders = save_pairs(tmp_path, {"a": (picture((8, 8)), blocks((8, 8)))})
    found = plan_of(folders)
    save(folders[0] / "a.png", picture((8, 8), 1))
    with pytest.raises(InputError, match=r"a\.png or its mask changed while it was ingested"):
        found.read(0)
