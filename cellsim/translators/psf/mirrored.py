"""Convolution of images that are mirrored at their border, by cosine transforms: nothing is padded across the axis."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from cellsim.sample import Image

ACROSS = (-2, -1)  # y and x


def transfer_of(kernel: NDArray[np.floating[Any]]) -> NDArray[Any]:
    """Return the transfer function of a kernel that is even along y and x, and reaches as far as the image.

    Parameters
    ----------
    kernel : ([2 Z,] Y + 1, X + 1) array
        Values at 0, 1, ... Y and X pixels from its middle, and at 0, 1, ... Z - 1, -Z, ... -1 planes; it need not
        be even along z.

    Returns
    -------
    ([Z + 1,] Y, X) complex64 array, float32 in 2D
        At the frequencies of an image of Y by X that is mirrored at its border; 1 at frequency 0.
    """
    from scipy import fft

    spectrum = fft.dctn(kernel, type=1, axes=ACROSS)[..., :-1, :-1]
    if kernel.ndim == 3:
        spectrum = fft.rfft(spectrum, axis=0)
        return np.asarray(spectrum / spectrum[0, 0, 0].real, np.complex64)
    return np.asarray(spectrum / spectrum[0, 0], np.float32)


def convolve(image: Image, transfer: NDArray[Any]) -> Image:
    """Convolve every channel of an image, mirrored at its border.

    Parameters
    ----------
    image : (C, [Z,] Y, X) float32 array
        Not written to.
    transfer : ([Z + 1,] Y, X) array
        As `transfer_of` makes it.

    Returns
    -------
    (C, [Z,] Y, X) float32 array
        New.
    """
    from scipy import fft

    light = fft.dctn(image, axes=ACROSS)
    if transfer.ndim == 3:  # along z the kernel may be uneven, and cosines do not do
        planes = image.shape[1]
        light = fft.rfft(np.concatenate([light, light[:, ::-1]], axis=1), axis=1)
        light *= transfer
        light = fft.irfft(light, 2 * planes, axis=1, overwrite_x=True)[:, :planes]
    else:
        light *= transfer
    return np.asarray(fft.idctn(light, axes=ACROSS), np.float32)
