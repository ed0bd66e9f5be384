"""Mask layers: the objects of a label image on a few planes, so that those of one plane are apart; and back."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from cellsim.errors import InputError
from cellsim.masks.colouring import ORDERS, Colours, Rng, first_fit, random_fit, search
from cellsim.masks.overlaps import APART
from cellsim.masks.proximity import Proximity, proximity
from cellsim.masks.relabel import SPARSE

Integers = NDArray[np.integer[Any]]
FITS = {"first": first_fit, "random": random_fit}


def split_layers(
    labels: Integers,
    layers: int = 4,
    gap: int = APART,
    *,
    rng: Rng,
    fit: Literal["first", "random"] = "first",
    overflow: Literal["error", "add"] = "error",
) -> Integers:
    """Distribute the objects of a label image over layers, at random, so that those of a layer are apart [1]_.

    Objects are taken in random order, and each is put on a layer where it is far enough from those already there.
    Where one finds no layer, all are arranged anew in another order, as in the paper; where that does not help, by
    `cellsim.masks.colouring.search`, which gets along with fewer layers.

    Parameters
    ----------
    labels : ([Z,] Y, X) integer array
        0 is background; ids may have holes.
    layers : int
        How many.
    gap : int
        Least background between two objects of a layer in px. Objects whose pixels are `gap` or less apart along all
        axes (the Chebyshev distance of their centres) come to lie on different layers.
    rng : numpy.random.Generator
        The only source of chance: every call gives another arrangement.
    fit : {"first", "random"}
        On which layer an object is put: the first where it has room, so that the first layers are the fullest, as in
        the paper; or any of those where it has room.
    overflow : {"error", "add"}
        What happens when the layers do not suffice: it is an error, or there are more of them. No object is left out.

    Returns
    -------
    (L, [Z,] Y, X) integer array
        Of the dtype of `labels`; every object with its id, on one layer. L is `layers`, or more if some were added.

    Raises
    ------
    InputError
        If no arrangement on so many layers was found.
    ValueError
        If there is no layer, `gap` is negative, or there is no such `fit` or `overflow`.

    References
    ----------
    .. [1] Cosacak, M. I., Kizil, C. Using conditional generative adversarial networks (GAN) to generate de novo
       synthetic cell nuclei for training machine learning-based image segmentation.
    """
    if layers < 1:
        raise ValueError(f"layers must be >= 1, got {layers}")
    if fit not in FITS:
        raise ValueError(f"fit must be first or random, got {fit!r}")
    if overflow not in ("error", "add"):
        raise ValueError(f"overflow must be error or add, got {overflow!r}")
    graph = proximity(labels, gap)
    colours = _arrangement(graph, layers, fit, rng)
    if colours is None:
        enough, colours = _on_more(graph, layers, fit, rng)
        if overflow == "error":
            raise InputError(
                f"{len(graph)} objects do not fit on {layers} layers with {gap} px between those of a layer: {enough} "
                'layers would do; a smaller gap, or overflow="add"'
            )
        layers = enough
    return _written(labels, graph.ids, colours, layers)


def merge_layers(planes: Integers) -> Integers:
    """Put the objects of all layers into one label image: the inverse of `split_layers`.

    Parameters
    ----------
    planes : (L, [Z,] Y, X) integer array
        Objects that do not overlap.

    Returns
    -------
    ([Z,] Y, X) integer array
        Of the same dtype.

    Raises
    ------
    InputError
        If two layers have an object at the same pixel. `cellsim.masks.planes.visible` says which of them is seen.
    """
    merged: Integers = planes.max(axis=0) if len(planes) else np.zeros(planes.shape[1:], planes.dtype)
    if np.count_nonzero(planes) != np.count_nonzero(merged):
        shared = int((np.count_nonzero(planes, axis=0) > 1).sum())
        raise InputError(f"objects of different layers must not overlap, got {shared:,} pixels with more than one")
    return merged


def layer_masks(planes: Integers, merged: bool = False) -> NDArray[np.bool_]:
    """Return the layers as channels for a network.

    Parameters
    ----------
    planes : (L, [Z,] Y, X) integer array
        Objects on layers.
    merged : bool
        Whether a channel with the objects of all layers comes first.

    Returns
    -------
    (L or L + 1, [Z,] Y, X) bool array
        True in objects.
    """
    masks = planes > 0
    return np.concatenate([masks.any(axis=0, keepdims=True), masks]) if merged else masks


def _arrangement(graph: Proximity, layers: int, fit: str, rng: Rng) -> Colours | None:
    """Find the layer of each object, if they can be found."""
    for _ in range(ORDERS):
        if (found := FITS[fit](graph, layers, rng)) is not None:
            return found
    return search(graph, layers, rng)


def _on_more(graph: Proximity, layers: int, fit: str, rng: Rng) -> tuple[int, Colours]:
    """Find how many layers do, and an arrangement on these."""
    found = None
    while found is None:  # ends: an object has fewer neighbours than there are objects
        layers += 1
        found = _arrangement(graph, layers, fit, rng)
    return layers, found


def _written(labels: Integers, ids: NDArray[np.int64], colours: Colours, layers: int) -> Integers:
    largest = int(ids.max(initial=0))
    if largest <= SPARSE:
        table = np.zeros(largest + 1, np.int16 if layers <= np.iinfo(np.int16).max else np.int64)
        table[ids] = colours
        layer = table[labels]
    else:
        layer = np.append(colours, 0)[np.searchsorted(ids, labels)]  # of the background it does not matter
    planes = np.empty((layers, *labels.shape), labels.dtype)
    for k in range(layers):
        np.multiply(labels, layer == k, out=planes[k])
    return planes
