"""From images to labels by a trained segmenter: intensities, flows, objects."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self, cast

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from cellsim.errors import InputError
from cellsim.masks.flows import decode_flows
from cellsim.nn.networks import ImageNetwork, build, for_inference
from cellsim.nn.tensors import load_part
from cellsim.nn.tiling import padded_shape, run_tiled
from cellsim.nn.weights import load_weights
from cellsim.sample import Image, Labels

SCALE = 5.0  # Cellpose learns five times the flow, so that its error weighs as much as that of the probability
SMALLEST = 15  # px; smaller objects are dropped
ERROR = 0.4  # greatest mean squared error of an object's flow, as in Cellpose


def percentiles_of(image: Image, percentiles: Sequence[float]) -> tuple[Image, Image]:
    """Measure the range of the intensities of an image.

    Parameters
    ----------
    image : (C, Y, X) float32 array
        Intensities.
    percentiles : two floats
        Of the pixels of a channel, for both ends.

    Returns
    -------
    low, high : (C, 1, 1) float32 arrays
        Intensities.
    """
    low, high = np.percentile(image, percentiles, axis=(-2, -1), keepdims=True).astype(np.float32)
    return low, high


def stretched(image: Image, low: Image, high: Image) -> Image:
    """Bring intensities into the range of a segmenter.

    Parameters
    ----------
    image : (C, Y, X) float32 array
        Intensities.
    low, high : (C, 1, 1) float32 arrays
        What becomes -1 and 1; what lies outside is cut.

    Returns
    -------
    (C, Y, X) float32 array
        In [-1, 1]; -1 where `low` is `high`.
    """
    width = np.maximum(high - low, np.finfo(np.float32).tiny)
    return np.asarray(np.clip((np.clip(image, low, high) - low) / width * 2 - 1, -1, 1), np.float32)


def objects_of(flow: NDArray[np.float32], probability: NDArray[np.float32]) -> Labels:
    """Find objects in what a segmenter made.

    Parameters
    ----------
    flow : (2, Y, X) float32 array
        About unit vectors (y, x).
    probability : (Y, X) float32 array
        Of a cell.

    Returns
    -------
    (Y, X) uint16 array
        Ids 1..N.
    """
    return decode_flows(flow, probability, smallest=SMALLEST, error=ERROR)


@dataclass(frozen=True)
class TrainedSegmenter:
    """A segmenter with its weights.

    Parameters
    ----------
    network : ImageNetwork
        As `for_inference` returns it.
    inputs : int
        Channels of the images.
    percentiles : (float, float)
        By which intensities are normalised.
    """

    network: ImageNetwork
    inputs: int
    percentiles: tuple[float, float]

    @classmethod
    def load(cls, path: str | Path) -> Self:
        """Read a segmenter.

        Parameters
        ----------
        path : str or Path
            A file of weights, trained by the objective `segmenter`.

        Returns
        -------
        TrainedSegmenter
            On the CPU.

        Raises
        ------
        StoreError
            If there is no such file.
        InputError
            If it holds other networks.
        """
        tensors, settings = load_weights(path)
        if settings.get("network") != "segmenter":
            raise InputError(f"{path} must hold a segmenter, got {settings.get('network')!r}")
        network = build(settings["segmenter"])
        load_part(network, tensors, "network")
        fast = cast("ImageNetwork", for_inference(network))
        low, high = settings["percentiles"]
        return cls(fast, settings["segmenter"]["inputs"], (low, high))

    def __call__(self, image: Image) -> Labels:
        """Segment an image of any size.

        Parameters
        ----------
        image : (C, Y, X) float32 array
            Intensities.

        Returns
        -------
        (Y, X) uint16 array
            Ids 1..N.

        Raises
        ------
        InputError
            If it has another number of channels than the images that were learnt from.
        """
        if len(image) != self.inputs:
            raise InputError(f"the segmenter takes images of {self.inputs} channels, got {len(image)}")
        seen = stretched(image, *percentiles_of(image, self.percentiles))
        flow, probability = self._planes(torch.from_numpy(seen)[None])
        return objects_of(flow, probability)

    def _planes(self, images: Tensor) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        height, width = images.shape[2:]
        padded = padded_shape(self.network, height, width)
        spare = (0, padded[1] - width, 0, padded[0] - height)
        with torch.inference_mode():
            made = run_tiled(self.network, functional.pad(images, spare, "replicate"))[0, :, :height, :width]
            return (made[:2] / SCALE).contiguous().numpy(), torch.sigmoid(made[2]).numpy()
