"""Images of flows that need no encoder: objects whose vectors point to their centroids."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor


def encode(labels: NDArray[np.int64]) -> Tensor:
    """Encode labels as (probability, dy, dx) in [-1, 1], (1, 3, Y, X)."""
    image = np.zeros((3, *labels.shape))
    image[0] = np.where(labels > 0, 1.0, -1.0)
    for i in range(1, int(labels.max()) + 1):
        places = np.stack(np.nonzero(labels == i))
        towards = places.mean(axis=1, keepdims=True) - places
        length = np.hypot(*towards)
        image[1:, places[0], places[1]] = towards / np.where(length > 0, length, 1)
    return torch.from_numpy(image[np.newaxis]).float()


def scene(edge: int = 32) -> NDArray[np.int64]:
    """Three ellipses that no flip or turn maps onto each other, one cut by the border."""
    y, x = np.indices((edge, edge)) / edge * 32
    labels = np.zeros((edge, edge), np.int64)
    for i, (cy, cx, ry, rx) in enumerate([(8.3, 10.1, 4, 7), (22.2, 12.7, 6, 3), (18.4, 29.8, 4, 5)], 1):
        labels[((y - cy) / ry) ** 2 + ((x - cx) / rx) ** 2 < 1] = i
    return labels
