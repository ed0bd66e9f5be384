"""Kernels that spread heat inside objects."""

from __future__ import annotations

import numpy as np

from cellsim.masks.boxes import bounding_boxes
from cellsim.masks.heat import flow_of_objects, sources_of_objects
from cellsim.sample import Labels


def bent() -> Labels:
    """A ring that is open on one side, whose mean lies outside, and a square; the id 2 has no pixel."""
    labels = np.zeros((20, 30), np.uint16)
    labels[2:18, 2:16] = 1
    labels[6:14, 6:16] = 0
    labels[5:10, 20:25] = 3
    return labels


def boxes_of(labels: Labels) -> np.ndarray[tuple[int, ...], np.dtype[np.int64]]:
    found: np.ndarray[tuple[int, ...], np.dtype[np.int64]] = bounding_boxes(labels[np.newaxis], int(labels.max()))
    return found


def test_heat_enters_at_the_pixel_nearest_to_the_mean() -> None:
    labels = bent()
    sources = sources_of_objects(labels, boxes_of(labels))
    for label in (1, 3):
        pixels = np.argwhere(labels == label)
        away = ((pixels - pixels.mean(axis=0)) ** 2).sum(axis=1)
        source = sources[label - 1, :2]
        assert labels[tuple(source)] == label
        assert ((source - pixels.mean(axis=0)) ** 2).sum() == away.min()
        assert sources[label - 1, 2] == 2 * int(np.ptp(pixels, axis=0).sum() + 2 + 4)
    np.testing.assert_array_equal(sources[1], 0)


def test_every_path_up_the_heat_meets_the_source() -> None:
    labels = bent()
    flow = np.zeros((2, *labels.shape), np.float32)
    boxes = boxes_of(labels)
    flow_of_objects(labels, boxes, flow)
    sources = sources_of_objects(labels, boxes)
    for label in (1, 3):
        source = sources[label - 1, :2]
        for pixel in np.argwhere(labels == label):
            at = pixel.astype(float)
            for _ in range(80):
                y, x = np.clip(np.round(at).astype(int), 0, np.subtract(labels.shape, 1))
                at = at + 0.5 * flow[:, y, x]
            assert np.abs(at - source).max() <= 2
