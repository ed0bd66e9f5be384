"""Single objects: cut out of label images, cropped, turned and scaled."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from cellsim.kernel import kernel
from cellsim.sample import Labels

Crop = NDArray[np.bool_]


def tight(mask: Crop) -> Crop:
    """Crop a mask to its object.

    Parameters
    ----------
    mask : ([Z,] Y, X) bool array
        One object.

    Returns
    -------
    ([Z,] Y, X) bool array
        Every face has a pixel of the object; of size 0 if there is none.
    """
    if not mask.any():
        return np.zeros((0,) * mask.ndim, np.bool_)
    box = []
    for axis in range(mask.ndim):
        used = np.flatnonzero(mask.any(axis=tuple(a for a in range(mask.ndim) if a != axis)))
        box.append(slice(int(used[0]), int(used[-1]) + 1))
    return mask[tuple(box)]


def whole_objects(labels: Labels) -> Iterator[Crop]:
    """Cut out the objects that do not touch the border of the canvas.

    Parameters
    ----------
    labels : ([Z,] Y, X) uint16 array
        0 is background.

    Yields
    ------
    ([Z,] Y, X) bool array
        A tight crop of each object, in the order of ids.
    """
    for i, box in enumerate(ndimage.find_objects(labels), 1):
        if box and all(s.start > 0 and s.stop < n for s, n in zip(box, labels.shape, strict=True)):
            yield labels[box] == i


def turned(crop: Crop, angle: float, scale: tuple[float, float], mirror: bool = False) -> Crop:
    """Rotate, scale and mirror an object; its outline is that of the linearly interpolated mask at one half.

    Parameters
    ----------
    crop : (Y, X) bool array
        One object.
    angle : float
        In radians.
    scale : (2,) floats
        Factors along y and x, applied before the rotation.
    mirror : bool
        Mirror along x first.

    Returns
    -------
    (Y, X) bool array
        A tight crop; of size 0 if nothing is left.
    """
    source = crop[:, ::-1] if mirror else crop
    cos, sin = math.cos(angle), math.sin(angle)
    forward = np.array([[cos * scale[0], -sin * scale[1]], [sin * scale[0], cos * scale[1]]])
    height, width = np.abs(forward) @ np.array(crop.shape)
    rows, columns = math.ceil(height - 1e-9) + 2, math.ceil(width - 1e-9) + 2  # rounding must not add half a pixel
    out = np.zeros((rows, columns), np.bool_)
    _resample(np.ascontiguousarray(source), np.linalg.inv(forward), out)
    return tight(out)


@kernel
def _resample(source, inverse, out):  # type: ignore[no-untyped-def]
    height, width = source.shape
    for i in range(out.shape[0]):
        for j in range(out.shape[1]):
            dy, dx = i - (out.shape[0] - 1) / 2, j - (out.shape[1] - 1) / 2
            y = inverse[0, 0] * dy + inverse[0, 1] * dx + (height - 1) / 2
            x = inverse[1, 0] * dy + inverse[1, 1] * dx + (width - 1) / 2
            y0, x0 = int(np.floor(y)), int(np.floor(x))
            covered = 0.0
            for a in range(2):
                for b in range(2):
                    if 0 <= y0 + a < height and 0 <= x0 + b < width and source[y0 + a, x0 + b]:
                        covered += (1 - abs(y - y0 - a)) * (1 - abs(x - x0 - b))
            out[i, j] = covered >= 0.5
