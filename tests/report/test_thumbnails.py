"""Pictures in the page: small, true to the image, with outlines that lie on the borders of objects."""

from __future__ import annotations

import base64
from io import BytesIO

import numpy as np
import pytest
from PIL import Image as Picture

from cellsim.report.thumbnails import EDGE, thumbnail
from cellsim.sample import Sample


def seen(uri: str) -> np.ndarray:
    kind, _, data = uri.partition(",")
    assert kind == "data:image/webp;base64"
    return np.asarray(Picture.open(BytesIO(base64.b64decode(data))))


def square(edge: int, image: bool = True) -> Sample:
    """A bright square over the middle half."""
    labels = np.zeros((1, edge, edge), np.uint16)
    labels[0, edge // 4 : 3 * edge // 4, edge // 4 : 3 * edge // 4] = 1
    return Sample(labels, (1.0, 1.0), labels.astype(np.float32) if image else None)


@pytest.mark.parametrize("edge", [64, 256, 1000])
def test_the_image_and_its_outlines_lie_on_each_other(edge: int) -> None:
    tile = thumbnail(square(edge), "real image 3", "nuclei")
    plain, outlined = seen(tile.plain), seen(tile.outlined)
    size = min(edge, EDGE)
    assert plain.shape == (size, size, 3)
    assert outlined.shape == (size, size, 4)
    assert plain[size // 2, size // 2].min() > 240
    assert plain[size // 8, size // 8].max() < 15
    rows, columns = np.nonzero(outlined[..., 3])
    assert (rows.min(), rows.max(), columns.min(), columns.max()) == (size // 4, 3 * size // 4 - 1) * 2
    assert outlined[size // 2, size // 2, 3] == 0
    assert (tile.width, tile.height, tile.alt) == (size, size, "real image 3: 1 nuclei")


def test_labels_without_an_image_are_filled() -> None:
    tile = thumbnail(square(64, image=False), "real image 3")
    assert seen(tile.plain)[32, 32].max() == 255
    assert tile.alt.endswith("labels only")


def test_a_volume_is_shown_from_three_sides() -> None:
    labels = np.zeros((1, 8, 32, 32), np.uint16)
    labels[0, 2:6, 8:24, 8:24] = 1
    tile = thumbnail(Sample(labels, (2.0, 1.0, 1.0), labels.astype(np.float32)), "real image 0")
    plain, outlined = seen(tile.plain), seen(tile.outlined)
    assert plain.shape[:2] == outlined.shape[:2] == (tile.height, tile.width)
    assert outlined[..., 3:].min(initial=255) == 255
    assert plain.max() > 240
