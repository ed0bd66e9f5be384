"""Samples as the pictures of three colours that networks for photographs take."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from cellsim.evaluate.features.base import image_of, seen_labels
from cellsim.masks.flows import encode_flows
from cellsim.sample import Image, Sample

Sees = Literal["image", "flows"]
Pictures = NDArray[np.uint8]

COLOURS = 3


def pictures(samples: Sequence[Sample], sees: Sees) -> Pictures:
    """Show samples to a network that was trained on photographs.

    Parameters
    ----------
    samples : sequence of Sample
        2D, all alike.
    sees : {"image", "flows"}
        The image: as it is if it has three channels, else each channel by itself in grey. Or encoded flows: for each
        structure the cell probability, the flow down and the flow across, from -1 to 1 as 0 to 255.

    Returns
    -------
    (N, K, 3, Y, X) uint8 array
        K pictures of each sample.

    Raises
    ------
    InputError
        If a sample is 3D, or lacks the image.
    """
    shown = np.stack([_flows(one) if sees == "flows" else _channels(image_of(one)) for one in samples])
    bytes_: Pictures = np.rint(np.clip(shown, 0, 1) * 255).astype(np.uint8)
    return bytes_


def _channels(image: Image) -> Image:
    if len(image) == COLOURS:
        return image[np.newaxis]
    return np.repeat(image[:, np.newaxis], COLOURS, axis=1)


def _flows(sample: Sample) -> Image:
    encoded = [encode_flows(labels) for labels in seen_labels(sample)]
    return np.stack([np.concatenate([inside[np.newaxis], (flow + 1) / 2]) for flow, inside in encoded])
