"""How bright objects and background are: levels, noise, texture, the width of edges, uneven light."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cellsim.evaluate.morphology import Floats, LabelImage, rim
from cellsim.kernel import kernel

FAR = 4.0  # px from any object, where background is free of blurred light
DEEP = 2.0  # px from the border of an object, where its texture is free of the edge
SMOOTH = 1.5  # px, standard deviation of the blur that splits fine from coarse
SLOPE = 0.7  # px, standard deviation of the blur before slopes are taken
NEAR = 2  # px that an outline may be drawn off the edge
BLOCKS = 4  # parts of the background, along an axis
FEWEST = 25  # pixels that a variance is taken of

Plane = NDArray[np.floating[Any]]


@dataclass(frozen=True, eq=False)
class Intensity:
    """Levels of one image; nan is what cannot be measured.

    Parameters
    ----------
    background : float
        Median far from objects.
    noise : float
        Standard deviation of what changes from pixel to pixel there.
    unevenness : float
        Standard deviation of the background between sixteenths of the image.
    falloff : float
        Share of the brightness of objects that is missing in the corners of the image.
    brightness : (N,) float64 array
        Mean of each object, away from its edge if it is large enough.
    texture : (N,) float64 array
        Standard deviation in the object, without the noise, relative to its brightness over the background.
    coarseness : (N,) float64 array
        Share of that variance which a blur of 1.5 px leaves.
    edge : (N,) float64 array
        Standard deviation in px of the Gaussian that the object's edge looks blurred by.
    """

    background: float
    noise: float
    unevenness: float
    falloff: float
    brightness: Floats
    texture: Floats
    coarseness: Floats
    edge: Floats


def intensity(image: Plane, labels: LabelImage) -> Intensity:
    """Measure an annotated image.

    Parameters
    ----------
    image : ([Z,] Y, X) float array
        Grey levels.
    labels : ([Z,] Y, X) integer array
        0 is background, objects are 1..N without holes.

    Returns
    -------
    Intensity
        In grey levels of the image.
    """
    image = np.asarray(image, np.float64)
    far, deep = ~within(labels > 0, FAR), ~within(~_apart(labels), DEEP)
    background = float(np.median(image[far])) if far.any() else float(np.percentile(image, 5))
    noise = noise_level(image, far)
    brightness, texture, coarseness = _objects(image - background, labels, deep, noise)
    return Intensity(
        background,
        noise,
        _unevenness(image, far),
        _falloff(brightness + background, labels),
        brightness + background,
        texture,
        coarseness,
        edge_widths(image - background, labels, brightness),
    )


def _apart(labels: LabelImage) -> NDArray[np.bool_]:
    """Objects, cut along the pixels where two of them meet."""
    cut = labels > 0
    for axis in range(labels.ndim):
        one, other = labels[(slice(None),) * axis + (slice(1, None),)], labels[(slice(None),) * axis + (slice(-1),)]
        cut[(slice(None),) * axis + (slice(1, None),)] &= (one == other) | (other == 0)
    return cut


def within(marked: NDArray[np.bool_], distance: float) -> NDArray[np.bool_]:
    """Find the pixels that are no farther than a distance from a marked one.

    Parameters
    ----------
    marked : ([Z,] Y, X) bool array
        Pixels.
    distance : float
        In px, between centres.

    Returns
    -------
    ([Z,] Y, X) bool array
        True in marked pixels too.
    """
    reach = int(distance)
    axis = np.arange(-reach, reach + 1) ** 2
    ball = np.argwhere(sum(np.ix_(*[axis] * marked.ndim)) <= distance**2) - reach
    padded = np.pad(marked, reach)
    strides = np.array(padded.strides)
    found: NDArray[np.bool_] = _stamped(padded.ravel(), ball @ strides, strides).reshape(padded.shape)
    return found[(slice(reach, -reach),) * marked.ndim]


@kernel
def _stamped(marked, ball, faces):  # type: ignore[no-untyped-def]
    """Mark a ball about every marked pixel on a border; about the others there is nothing new."""
    found = marked.copy()
    for i in range(marked.size):
        if not marked[i]:
            continue
        inner = True
        for face in faces:
            inner = inner and marked[i + face] and marked[i - face]
        if not inner:
            for way in ball:
                found[i + way] = True
    return found


def noise_level(image: Plane, where: NDArray[np.bool_]) -> float:
    """Estimate the standard deviation of noise from second differences, which smooth changes do not reach [1]_.

    Parameters
    ----------
    image : ([Z,] Y, X) float array
        Grey levels.
    where : ([Z,] Y, X) bool array
        Pixels that are flat but for the noise.

    Returns
    -------
    float
        In grey levels; nan if there are too few pixels.

    References
    ----------
    .. [1] Immerkær, J. (1996). Fast noise variance estimation. Computer Vision and Image Understanding 64(2).
    """
    planes, places = (np.ascontiguousarray(part).reshape(-1, *image.shape[-2:]) for part in (image, where))
    count, total = _second_differences(planes, places)
    return float(np.sqrt(np.pi / 2) / 6 * total / count) if count >= FEWEST else np.nan


@kernel
def _second_differences(planes, where):  # type: ignore[no-untyped-def]
    """Count pixels, and sum the sizes of their second differences along both axes of a plane."""
    count, total = 0, 0.0
    for z in range(planes.shape[0]):
        for y in range(1, planes.shape[1] - 1):
            low, own, high, there = planes[z, y - 1], planes[z, y], planes[z, y + 1], where[z, y]
            for x in range(1, own.size - 1):
                if there[x]:
                    above = low[x + 1] - 2 * low[x] + low[x - 1]
                    here = own[x + 1] - 2 * own[x] + own[x - 1]
                    count += 1
                    total += abs(high[x + 1] - 2 * high[x] + high[x - 1] - 2 * here + above)
    return count, total


def _unevenness(image: Plane, far: NDArray[np.bool_]) -> float:
    """Take the standard deviation of the mean background between blocks."""
    count, total = _tally(_blocks(image.shape).ravel(), image.ravel(), far.ravel(), BLOCKS**image.ndim)
    enough = count >= FEWEST
    levels = total[enough] / count[enough]
    return float(np.std(levels)) if len(levels) >= BLOCKS else np.nan


@lru_cache(maxsize=4)
def _blocks(shape: tuple[int, ...]) -> NDArray[np.int64]:
    """Return the number of the block that each pixel is in."""
    axes = np.ix_(*(np.arange(m) * BLOCKS // m for m in shape))
    return np.ravel_multi_index(np.broadcast_arrays(*axes), (BLOCKS,) * len(shape))


@lru_cache(maxsize=4)
def _squares(shape: tuple[int, ...]) -> Floats:
    """Square of the distance from the middle of an image, 1 in the corners."""
    total = np.zeros(shape)
    for line in np.ix_(*((2 * (np.arange(m) + 0.5) / m - 1) ** 2 for m in shape)):
        total += line
    return total / len(shape)


def _falloff(brightness: Floats, labels: LabelImage) -> float:
    """Fit a line to the brightness of objects over the square of their distance from the middle, 1 in the corners."""
    if len(brightness) < BLOCKS or brightness.mean() <= 0:
        return np.nan
    count, total = _tally(labels.ravel(), _squares(labels.shape).ravel(), (labels > 0).ravel(), len(brightness) + 1)
    distance = (total / np.maximum(count, 1))[1:]
    slope, middle = np.polyfit(distance, brightness, 1)
    return float(-slope / middle) if middle > 0 else np.nan


def edge_widths(signal: Plane, labels: LabelImage, brightness: Floats) -> Floats:
    """Measure how blurred the edge of each object looks, by the steepest slope near its outline.

    A step of height h seen through a Gaussian of standard deviation s has the slope h / (s sqrt(2π)). The steepest
    slope within two pixels is taken at each pixel of the outline, so that an outline need not be drawn exactly.

    Parameters
    ----------
    signal : ([Z,] Y, X) float array
        Image less its background.
    labels : ([Z,] Y, X) integer array
        0 is background, objects are 1..N without holes.
    brightness : (N,) float64 array
        Of objects, over the background.

    Returns
    -------
    (N,) float64 array
        Standard deviations in px, at least a tenth; nan of objects that are not bright.
    """
    from scipy.ndimage import gaussian_gradient_magnitude

    slopes, outline = np.pad(gaussian_gradient_magnitude(signal, SLOPE), NEAR), rim(labels)
    ids, n = labels[outline].astype(np.int64), len(brightness) + 1
    slope = (np.bincount(ids, _steepest(slopes, outline), n) / np.maximum(np.bincount(ids, minlength=n), 1))[1:]
    measured = (brightness > 0) & (slope > 0)
    width = np.where(measured, brightness, np.nan) / (np.sqrt(2 * np.pi) * np.where(measured, slope, 1))
    widths: Floats = np.sqrt(np.maximum(width**2 - SLOPE**2, 0.01))
    return widths


def _steepest(slopes: Floats, outline: NDArray[np.bool_]) -> Floats:
    """Steepest slope near each pixel of an outline; the slopes have a frame of zeros as wide as that."""
    places = np.ravel_multi_index(tuple(np.argwhere(outline).T + NEAR), slopes.shape)
    around = np.indices((2 * NEAR + 1,) * slopes.ndim).reshape(slopes.ndim, -1) - NEAR
    ways = np.array(slopes.strides) // slopes.itemsize @ around
    found: Floats = _greatest(slopes.ravel(), places, ways)
    return found


@kernel
def _greatest(values, places, ways):  # type: ignore[no-untyped-def]
    """Greatest value about each place."""
    found = np.zeros(places.size)
    for i in range(places.size):
        for way in ways:
            found[i] = max(found[i], values[places[i] + way])
    return found


@kernel
def _tally(index, values, where, n):  # type: ignore[no-untyped-def]
    """Count pixels and sum their values, by index."""
    count, total = np.zeros(n, np.int64), np.zeros(n)
    for i in range(index.size):
        if where[i]:
            count[index[i]] += 1
            total[index[i]] += values[i]
    return count, total


def _objects(
    signal: Plane, labels: LabelImage, apart: NDArray[np.bool_], noise: float
) -> tuple[Floats, Floats, Floats]:
    """Mean, relative standard deviation and coarse share of each object's signal over the background."""
    from scipy.ndimage import gaussian_filter

    n, flat, seen = int(labels.max(initial=0)) + 1, labels.ravel(), labels > 0
    deep = apart & seen
    (pixels, every), (count, core) = (_tally(flat, signal.ravel(), part.ravel(), n) for part in (seen, deep))
    mean = np.where(count >= FEWEST, core / np.maximum(count, 1), every / np.maximum(pixels, 1))
    rest = np.where(deep, signal - mean[labels], 0.0)
    weight = gaussian_filter(deep.astype(np.float64), SMOOTH)
    smooth = gaussian_filter(rest, SMOOTH) / np.maximum(weight, 1e-3)
    total, coarse = (
        _tally(flat, plane.ravel() ** 2, deep.ravel(), n)[1] / np.maximum(count, 1) for plane in (rest, smooth)
    )
    clean = np.maximum(total - (0.0 if np.isnan(noise) else noise**2), 1e-9)
    measured = (count >= FEWEST) & (mean > 0)
    texture = np.where(measured, np.sqrt(clean) / np.where(measured, mean, 1), np.nan)
    return mean[1:], texture[1:], np.where(measured, np.minimum(coarse / clean, 1), np.nan)[1:]
