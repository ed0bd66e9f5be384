"""Fields of view: an image with its objects, and the digest of both."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from cellsim.datasets.ingest.fields import read_field
from cellsim.datasets.ingest.pairs import find_pairs
from cellsim.errors import InputError
from tests.datasets.ingest.folders import blocks, picture, save, save_pairs


def test_a_field_holds_image_and_labels(tmp_path: Path) -> None:
    image, labels = picture(), blocks()
    (pair,) = find_pairs(*save_pairs(tmp_path, {"a": (image, labels)}))
    found = read_field(pair)
    np.testing.assert_array_equal(found.image, image[np.newaxis])
    np.testing.assert_array_equal(found.labels, labels)


def test_a_mask_of_another_size_is_refused(tmp_path: Path) -> None:
    (pair,) = find_pairs(*save_pairs(tmp_path, {"a": (picture((8, 10)), blocks((8, 11)))}))
    with pytest.raises(InputError, match=r"a\.png: a mask must be as large as its image, 8 x 10 px, got 8 x 11 px"):
        read_field(pair)


def test_the_digest_follows_image_and_mask(tmp_path: Path) -> None:
    images, masks = save_pairs(tmp_path, {"a": (picture(), blocks())})
    (pair,) = find_pairs(images, masks)
    digests = [read_field(pair).digest, read_field(pair).digest]
    save(masks / "a.png", blocks() * 2)
    digests.append(read_field(pair).digest)
    save(images / "a.png", picture(seed=1))
    digests.append(read_field(pair).digest)
    assert digests[0] == digests[1]
    assert len(set(digests)) == 3


@pytest.mark.parametrize("coloured", [False, True])
def test_equal_channels_are_no_colour(tmp_path: Path, coloured: bool) -> None:
    image = np.repeat(picture((8, 10, 1)), 3, axis=2)
    image[3, 3, 1] ^= coloured
    (pair,) = find_pairs(*save_pairs(tmp_path, {"a": (image, blocks())}))
    assert read_field(pair).coloured is coloured
