"""Fields: what an item for training holds besides labels and image, computed from its labels."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cellsim.errors import InputError
from cellsim.masks.boundaries import boundaries
from cellsim.masks.flows import encode_flows
from cellsim.masks.layers import layer_masks, split_layers
from cellsim.masks.star_distances import star_distances
from cellsim.seeds import stream

Target = Callable[[NDArray[np.int64], int], NDArray[Any]]

FLAT = ("flows", "stardist")  # of images, not of volumes
STORED = ("image", "labels", "index")


def check_fields(fields: Sequence[str] | None, ndim: int, has_image: bool) -> tuple[str, ...]:
    """Check the names of fields.

    Parameters
    ----------
    fields : sequence of str or None
        What an item shall hold.
    ndim : int
        Number of axes of the canvas.
    has_image : bool
        Whether the samples have images.

    Returns
    -------
    tuple of str
        The same; "labels", and "image" if there are images, for None.

    Raises
    ------
    InputError
        If there is none, or no such field for these samples.
    """
    allowed = [
        name for name in (*STORED, *TARGETS) if (has_image or name != "image") and (ndim == 2 or name not in FLAT)
    ]
    if fields is None:
        return ("labels", "image") if has_image else ("labels",)
    wrong = [name for name in fields if name not in allowed]
    if isinstance(fields, str) or wrong or not fields:
        of = f"{ndim}D samples with{'' if has_image else 'out'} images"
        raise InputError(f"fields of {of} must be some of {', '.join(allowed)}, got {fields!r}")
    return tuple(dict.fromkeys(fields))


def _flows(labels: NDArray[np.int64], index: int) -> NDArray[np.float32]:
    return encode_flows(labels)[0]


def _stardist(labels: NDArray[np.int64], index: int) -> NDArray[np.float32]:
    return star_distances(labels)


def _boundaries(labels: NDArray[np.int64], index: int) -> NDArray[np.bool_]:
    return np.stack([boundaries(plane) for plane in labels])


def _layers(labels: NDArray[np.int64], index: int) -> NDArray[np.bool_]:
    return np.stack(
        [layer_masks(split_layers(plane, rng=stream(s, index, "layers"))) for s, plane in enumerate(labels)]
    )


TARGETS: dict[str, Target] = {"flows": _flows, "stardist": _stardist, "boundaries": _boundaries, "layers": _layers}


def compute(name: str, labels: NDArray[np.int64], index: int) -> NDArray[Any]:
    """Compute a field of a sample.

    Parameters
    ----------
    name : {"flows", "stardist", "boundaries", "layers"}
        Which.
    labels : (S, [Z,] Y, X) int64 array
        Of the sample.
    index : int
        Of the sample; the order in which objects are put on layers follows from it.

    Returns
    -------
    (S, ...) array
        "flows": (S, 2, Y, X) float32, unit vectors (y, x) towards the centres of objects; "stardist": (S, 32, Y, X)
        float32, px; "boundaries": (S, [Z,] Y, X) bool; "layers": (S, 4, [Z,] Y, X) bool, objects of a layer are apart.

    Raises
    ------
    InputError
        If the objects do not fit on four layers.
    """
    return TARGETS[name](labels, index)
