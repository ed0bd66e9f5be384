"""Compressed run lengths are those of pycocotools, and our own reader expands them."""

from __future__ import annotations

import numpy as np
import pytest

from cellsim.datasets.export.run_lengths import encode_counts, run_lengths
from cellsim.datasets.ingest.coco import decode_counts, expand


@pytest.mark.parametrize("seed", range(3))
def test_they_are_those_of_pycocotools(seed: int) -> None:
    mask = pytest.importorskip("pycocotools.mask")
    labels = np.random.default_rng(seed).integers(0, 4, (31, 40)).astype(np.uint16)
    for k, runs in enumerate(run_lengths(labels), 1):
        theirs = mask.encode(np.asfortranarray((labels == k).astype(np.uint8)))
        assert runs.text == theirs["counts"].decode()
        assert runs.area == mask.area(theirs)
        pixels = np.sort(expand(decode_counts(runs.text), labels.shape))
        np.testing.assert_array_equal(pixels, np.flatnonzero(labels == k))


def test_large_and_falling_numbers_come_back() -> None:
    counts = np.array([0, 70_000, 3, 1, 2**40, 5, 16, 15, 32, 31])
    assert decode_counts(encode_counts(counts)) == counts.tolist()


def test_an_object_that_fills_the_image() -> None:
    assert decode_counts(run_lengths(np.ones((3, 4), np.uint16))[0].text) == [0, 12]


def test_an_id_without_pixels_has_no_area() -> None:
    found = run_lengths(np.full((3, 4), 2, np.uint16))
    assert [one.area for one in found] == [0, 12]
