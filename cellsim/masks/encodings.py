"""Masks as images of bytes, which a generator of images can learn: flows, and what has been tried instead."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from cellsim.masks.flows import Decoded, encode_flows, track_flows
from cellsim.masks.relabel import consecutive
from cellsim.masks.sinks import keep_largest_pieces
from cellsim.masks.vector_flow import encode_vector_flow
from cellsim.sample import Image, Labels

Bytes = NDArray[np.uint8]

SMALLEST = 15  # px; smaller objects are noise of a generator
HALF = 127.5
PROGRAM_THRESHOLD = 220.0


@dataclass(frozen=True)
class Encoding:
    """A way to write the objects of an image as bytes.

    Parameters
    ----------
    name : str
        As in `ENCODINGS`.
    channels : int
        C.
    encode : callable
        From (Y, X) integer labels to a (C, Y, X) uint8 image.
    read : callable
        From a (C, Y, X) uint8 image, with or without noise, to `Decoded`: its labels, and the share of the cell pixels
        that belong to an object. Objects of fewer than `SMALLEST` pixels are dropped.
    """

    name: str
    channels: int
    encode: Callable[[NDArray[np.integer[Any]]], Bytes]
    read: Callable[[Bytes], Decoded]

    def decode(self, image: Bytes) -> Labels:
        """Read the labels only.

        Parameters
        ----------
        image : (C, Y, X) uint8 array
            Encoded, with or without noise.

        Returns
        -------
        (Y, X) uint16 array
            Ids 1..N.

        Raises
        ------
        ValueError
            If the number of channels is another.
        """
        if image.ndim != 3 or len(image) != self.channels:
            raise ValueError(f"encoding {self.name!r} takes images ({self.channels}, Y, X), got {image.shape}")
        return self.read(image).labels


def _write_flows(
    labels: NDArray[np.integer[Any]],
    field: Callable[[NDArray[np.integer[Any]]], tuple[Image, Image]],
    span: float,
) -> Bytes:
    """Channels (probability, dy, dx); flows of -1..1 become 127.5 - span .. 127.5 + span."""
    flow, probability = field(labels)
    image: Bytes = np.rint(np.concatenate([probability[np.newaxis] * 255, HALF + span * flow])).astype(np.uint8)
    return image


def _read_flows(image: Bytes, span: float, threshold: float) -> Decoded:
    flow = (image[1:].astype(np.float32) - np.float32(HALF)) / np.float32(span)
    return track_flows(flow, image[0].astype(np.float32), threshold, SMALLEST)


def _write_binary(labels: NDArray[np.integer[Any]]) -> Bytes:
    return np.where(labels > 0, np.uint8(255), np.uint8(0))[np.newaxis]


def _read_binary(image: Bytes) -> Decoded:
    pieces, _ = ndimage.label(image[0] > HALF, np.ones((3, 3)))
    return _kept(consecutive(pieces, SMALLEST)[0], image[0] > HALF)


def _write_labels(labels: NDArray[np.integer[Any]]) -> Bytes:
    if labels.max(initial=0) > 255:
        raise ValueError(f"encoding 'labels' can name at most 255 objects, got id {labels.max()}")
    return labels.astype(np.uint8)[np.newaxis]


def _read_labels(image: Bytes) -> Decoded:
    labels = image[0].astype(np.uint16)
    keep_largest_pieces(labels)
    return _kept(consecutive(labels, SMALLEST)[0], image[0] > 0)


def _kept(labels: Labels, inside: NDArray[np.bool_]) -> Decoded:
    """Labels, and how much of what is inside they cover."""
    return Decoded(labels, np.array(np.count_nonzero(labels[inside]) / max(np.count_nonzero(inside), 1)))


def _of_flows(
    name: str, span: float, threshold: float, field: Callable[..., tuple[Image, Image]] = encode_flows
) -> Encoding:
    read = partial(_read_flows, span=span, threshold=threshold)
    return Encoding(name, 3, partial(_write_flows, field=field, span=span), read)


ENCODINGS: dict[str, Encoding] = {
    encoding.name: encoding
    for encoding in (
        _of_flows("flows", HALF, HALF),
        _of_flows("flows-program", 0.3 * 255, PROGRAM_THRESHOLD),
        _of_flows("gradient-vector-flow", HALF, HALF, encode_vector_flow),
        Encoding("binary", 1, _write_binary, _read_binary),
        Encoding("labels", 1, _write_labels, _read_labels),
    )
}
