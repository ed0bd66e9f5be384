"""Are synthetic samples copies of real ones? The nearest real neighbour of each mask and image, however it lies."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cellsim.errors import InputError
from cellsim.evaluate.features.base import Compared, Floats, image_of, seen_labels
from cellsim.evaluate.features.measured import BATCH, Measured, batches, measure
from cellsim.evaluate.records import RARE, Copies
from cellsim.masks.boundaries import boundaries
from cellsim.sample import Sample

SIDE = 32  # pixels of the faces that are compared, at most
NEARER = 0.5  # and it is nearer by this factor than is usual among them
FLAT = 1e-4  # norm of a face that shows nothing

TITLE = "aligned pixels"

Faces = NDArray[np.float32]
Indices = NDArray[np.int64]


def copies(real: Sequence[Sample] | Measured, synthetic: Sequence[Sample] | Measured) -> tuple[Copies, ...]:
    """Find the nearest real neighbour of each synthetic mask and image.

    The distance of two samples is 1 - r, with r the correlation of their pixels (of masks: of the insides of objects),
    shrunk to 32 x 32 at most, at the best of the 8 turns and flips and of all cyclic shifts. It is taken to two
    candidates: the real sample that is most alike pixel by pixel, and the one whose spatial frequencies, which do not
    depend on shifts, have the most similar amplitudes. So noise, another contrast, turns and shifts hide no copy. A
    copy of a single object among new ones is not found.

    A sample is a suspect if it is nearer to a real one than 99 % of the real ones are to any of another parent, and
    by half than is usual among them.

    Parameters
    ----------
    real, synthetic : sequence of Sample, or Measured
        Data sets, lists, or what `measure` returns, 2D and of the same shape. The real ones should be those that a
        generator was trained on, cut in the same way.

    Returns
    -------
    tuple of Copies
        Of masks, and of images if both sets have them. Without real samples of two parents, `among_real` is infinite
        and there are no suspects.

    Raises
    ------
    InputError
        If the sets differ in shape, channels or structures, are 3D, or have no samples.
    """
    real, synthetic = measure(real, ()), measure(synthetic, ())
    shapes = [one.samples[0].shape for one in (real, synthetic)]
    if shapes[0] != shapes[1]:
        said = " and ".join(f"{' x '.join(map(str, shape))} px" for shape in shapes)
        raise InputError(f"copies are looked for among samples of the same shape, got {said}")
    kinds: tuple[Compared, ...] = ("masks", "images")
    with_image = all(one.samples[0].image is not None for one in (real, synthetic))
    return tuple(_of(kind, real, synthetic) for kind in kinds if kind == "masks" or with_image)


def _of(kind: Compared, real: Measured, synthetic: Measured) -> Copies:
    ours, theirs = faces(synthetic.samples, kind), faces(real.samples, kind)
    if ours.shape[1:] != theirs.shape[1:]:
        what = "channels" if kind == "images" else "structures"
        raise InputError(f"copies: sets must have the same {what}, got {theirs.shape[1]} and {ours.shape[1]}")
    nearest, distance = _nearest(ours, np.full(len(ours), -1), theirs, np.zeros(len(theirs), np.int64))
    _, among_real = _nearest(theirs, real.parents, theirs, real.parents)
    known = among_real[np.isfinite(among_real)]
    least = min(np.quantile(known, RARE), NEARER * np.median(known)) if known.size else -1.0
    suspects = np.flatnonzero(distance < least)
    ordered = suspects[np.argsort(distance[suspects])]
    return Copies(kind, TITLE, nearest, distance, among_real, tuple(int(i) for i in ordered))


def faces(samples: Sequence[Sample], kind: Compared) -> Faces:
    """Shrink masks or images, so that the scalar product of two is their correlation.

    Parameters
    ----------
    samples : sequence of Sample
        2D, all alike.
    kind : {"masks", "images"}
        The insides of objects of each structure, or the channels of the image.

    Returns
    -------
    (N, C, Y, X) float32 array
        Of mean 0 in each channel and norm 1; 0 if they are constant. Y and X are 32 at most.
    """
    return np.stack([_face(sample, kind) for batch in batches(samples) for sample in batch])


def _face(sample: Sample, kind: Compared) -> Faces:
    planes: NDArray[Any]
    if kind == "images":
        planes = image_of(sample)
    else:
        planes = np.stack([(labels > 0) & ~boundaries(labels) for labels in seen_labels(sample)])
    return _unit(shrunk(planes, -(-max(sample.shape) // SIDE)))


def shrunk(planes: NDArray[Any], factor: int) -> Faces:
    """Take means of square blocks.

    Parameters
    ----------
    planes : (..., Y, X) array
        What does not fill a block at the lower and right border is left out.
    factor : int
        Side of a block in pixels.

    Returns
    -------
    (..., Y // factor, X // factor) float32 array
        Means.
    """
    y, x = (max(n // factor, 1) for n in planes.shape[-2:])
    cut = planes[..., : y * factor, : x * factor]
    blocks = cut.reshape(*planes.shape[:-2], y, cut.shape[-2] // y, x, cut.shape[-1] // x)
    means: Faces = blocks.mean(axis=(-3, -1), dtype=np.float32)
    return means


def _unit(face: Faces) -> Faces:
    centred = face - face.mean(axis=(-2, -1), keepdims=True)
    norm = np.sqrt((centred**2).sum(axis=(-3, -2, -1), keepdims=True))
    unit: Faces = centred / np.where(norm > FLAT, norm, np.inf)
    return unit


def turned(face: Faces) -> list[Faces]:
    """Flip and turn a face.

    Parameters
    ----------
    face : (..., Y, X) array
        Of any size.

    Returns
    -------
    list of (..., Y, X) arrays
        All 8 of a square one, the 4 that keep the shape of others.
    """
    upright = [face, face[..., ::-1, :], face[..., ::-1], face[..., ::-1, ::-1]]
    square = face.shape[-1] == face.shape[-2]
    return upright + [one.swapaxes(-1, -2) for one in upright] if square else upright


def _amplitudes(face: Faces) -> Faces:
    """Amplitudes of spatial frequencies, which no shift changes."""
    from scipy.fft import fft2, fftshift

    centred = fftshift(np.abs(np.asarray(fft2(face))), axes=(-2, -1))
    return _unit(
        centred[..., 1 - face.shape[-2] % 2 :, 1 - face.shape[-1] % 2 :]
    )  # symmetric, so that it can be turned


def _nearest(ours: Faces, parents: Indices, theirs: Faces, their_parents: Indices) -> tuple[Indices, Floats]:
    """Nearest of theirs with another parent, and the distance to it; -1 and inf if there is none."""
    by_place = _most_alike(ours, parents, theirs, their_parents)
    by_form = _most_alike(_amplitudes(ours), parents, _amplitudes(theirs), their_parents)
    candidates = np.stack([by_place, by_form], axis=1)
    spectra = _spectra(theirs)
    found = np.full(candidates.shape, np.inf)
    for i, face in enumerate(ours):
        ways = _spectra(np.stack(turned(face))).conj()
        for k, j in enumerate(candidates[i]):
            if j >= 0 and not (k and j == candidates[i, 0]):
                found[i, k] = 1 - _best_shift(ways * spectra[j], face.shape[-2:])
    best = found.argmin(axis=1)
    rows = np.arange(len(ours))
    return candidates[rows, best], np.maximum(found[rows, best], 0)


def _most_alike(ours: Faces, parents: Indices, theirs: Faces, their_parents: Indices) -> Indices:
    """Index of the face of another parent with the highest correlation in any turn; -1 if there is none."""
    table = theirs.reshape(len(theirs), -1).T
    found = np.full(len(ours), -1)
    for start in range(0, len(ours), BATCH):
        rows = slice(start, start + BATCH)
        alike = np.max([one.reshape(len(one), -1) @ table for one in turned(ours[rows])], axis=0)
        alike[parents[rows, np.newaxis] == their_parents] = -np.inf
        found[rows] = np.where(np.isfinite(alike).any(axis=1), alike.argmax(axis=1), -1)
    return found


def _spectra(face: Faces) -> NDArray[np.complex64]:
    from scipy.fft import rfft2

    return np.asarray(rfft2(face))


def _best_shift(product: NDArray[np.complex64], shape: tuple[int, ...]) -> float:
    """Greatest correlation over all turns and cyclic shifts."""
    from scipy.fft import irfft2

    return float(np.asarray(irfft2(product.sum(axis=1), s=shape)).max())
