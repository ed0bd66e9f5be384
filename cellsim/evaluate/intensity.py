"""How bright objects and background are: levels, noise, texture, the width of edges, uneven light."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cellsim.evaluate.morphology import Floats, LabelImage, rim

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
    image : (Y, X) float array
        Grey levels.
    labels : (Y, X) integer array
        0 is background, objects are 1..N without holes.

    Returns
    -------
    Intensity
        In grey levels of the image.
    """
    from scipy.ndimage import distance_transform_edt

    image = np.asarray(image, np.float64)
    outside = distance_transform_edt(labels == 0) if labels.any() else np.full(labels.shape, np.inf)
    inside = distance_transform_edt(_apart(labels))
    far = outside > FAR
    background = float(np.median(image[far])) if far.any() else float(np.percentile(image, 5))
    noise = noise_level(image, far)
    brightness, texture, coarseness = _objects(image - background, labels, inside, noise)
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
    for axis in (0, 1):
        one, other = labels[(slice(None),) * axis + (slice(1, None),)], labels[(slice(None),) * axis + (slice(-1),)]
        cut[(slice(None),) * axis + (slice(1, None),)] &= (one == other) | (other == 0)
    return cut


def noise_level(image: Plane, where: NDArray[np.bool_]) -> float:
    """Estimate the standard deviation of noise from second differences, which smooth changes do not reach [1]_.

    Parameters
    ----------
    image : (Y, X) float array
        Grey levels.
    where : (Y, X) bool array
        Pixels that are flat but for the noise.

    Returns
    -------
    float
        In grey levels; nan if there are too few pixels.

    References
    ----------
    .. [1] Immerkær, J. (1996). Fast noise variance estimation. Computer Vision and Image Understanding 64(2).
    """
    rows = image[:, 2:] - 2 * image[:, 1:-1] + image[:, :-2]
    both = rows[2:] - 2 * rows[1:-1] + rows[:-2]
    flat = both[where[1:-1, 1:-1]]
    return float(np.sqrt(np.pi / 2) / 6 * np.abs(flat).mean()) if flat.size >= FEWEST else np.nan


def _unevenness(image: Plane, far: NDArray[np.bool_]) -> float:
    """Take the standard deviation of the mean background between blocks."""
    rows = np.arange(image.shape[0]) * BLOCKS // image.shape[0]
    columns = np.arange(image.shape[1]) * BLOCKS // image.shape[1]
    block = (rows[:, np.newaxis] * BLOCKS + columns)[far]
    values = image[far]
    levels = [part.mean() for k in range(BLOCKS**2) if (part := values[block == k]).size >= FEWEST]
    return float(np.std(levels)) if len(levels) >= BLOCKS else np.nan


def _falloff(brightness: Floats, labels: LabelImage) -> float:
    """Fit a line to the brightness of objects over the square of their distance from the middle, 1 in the corners."""
    if len(brightness) < BLOCKS or brightness.mean() <= 0:
        return np.nan
    y, x = (2 * (np.arange(n) + 0.5) / n - 1 for n in labels.shape)
    square = ((y**2)[:, np.newaxis] + x**2) / 2
    count = np.bincount(labels.ravel())[1:]
    distance = np.bincount(labels.ravel(), square.ravel())[1:] / np.maximum(count, 1)
    slope, middle = np.polyfit(distance, brightness, 1)
    return float(-slope / middle) if middle > 0 else np.nan


def edge_widths(signal: Plane, labels: LabelImage, brightness: Floats) -> Floats:
    """Measure how blurred the edge of each object looks, by the steepest slope near its outline.

    A step of height h seen through a Gaussian of standard deviation s has the slope h / (s sqrt(2π)). The steepest
    slope within two pixels is taken at each pixel of the outline, so that an outline need not be drawn exactly.

    Parameters
    ----------
    signal : (Y, X) float array
        Image less its background.
    labels : (Y, X) integer array
        0 is background, objects are 1..N without holes.
    brightness : (N,) float64 array
        Of objects, over the background.

    Returns
    -------
    (N,) float64 array
        Standard deviations in px, at least a tenth; nan of objects that are not bright.
    """
    from scipy.ndimage import gaussian_gradient_magnitude, maximum_filter

    steepest = maximum_filter(gaussian_gradient_magnitude(signal, SLOPE), 2 * NEAR + 1)
    outline = rim(labels)
    ids, n = labels[outline].astype(np.int64), len(brightness) + 1
    slope = (np.bincount(ids, steepest[outline], n) / np.maximum(np.bincount(ids, minlength=n), 1))[1:]
    measured = (brightness > 0) & (slope > 0)
    width = np.where(measured, brightness, np.nan) / (np.sqrt(2 * np.pi) * np.where(measured, slope, 1))
    widths: Floats = np.sqrt(np.maximum(width**2 - SLOPE**2, 0.01))
    return widths


def _objects(signal: Plane, labels: LabelImage, inside: Plane, noise: float) -> tuple[Floats, Floats, Floats]:
    """Mean, relative standard deviation and coarse share of each object's signal over the background."""
    from scipy.ndimage import gaussian_filter

    n, flat = int(labels.max(initial=0)) + 1, labels.ravel()
    deep = ((inside > DEEP) & (labels > 0)).ravel()
    every = np.bincount(flat, signal.ravel(), n) / np.maximum(np.bincount(flat, minlength=n), 1)
    count = np.bincount(flat[deep], minlength=n)
    core = np.bincount(flat[deep], signal.ravel()[deep], n) / np.maximum(count, 1)
    mean = np.where(count >= FEWEST, core, every)
    rest = np.where(deep, signal.ravel() - mean[flat], 0.0).reshape(labels.shape)
    weight = gaussian_filter(deep.reshape(labels.shape).astype(np.float64), SMOOTH)
    smooth = gaussian_filter(rest, SMOOTH) / np.maximum(weight, 1e-3)
    total, coarse = (
        np.bincount(flat[deep], plane.ravel()[deep] ** 2, n) / np.maximum(count, 1) for plane in (rest, smooth)
    )
    clean = np.maximum(total - (0.0 if np.isnan(noise) else noise**2), 1e-9)
    measured = (count >= FEWEST) & (mean > 0)
    texture = np.where(measured, np.sqrt(clean) / np.where(measured, mean, 1), np.nan)
    return mean[1:], texture[1:], np.where(measured, np.minimum(coarse / clean, 1), np.nan)[1:]
