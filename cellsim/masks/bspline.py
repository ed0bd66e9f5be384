"""Weights of cubic B-splines. Kernels, for other kernels."""

from __future__ import annotations

from cellsim.kernel import kernel


@kernel
def cubic(t: float) -> tuple[float, float, float, float]:
    """Return the weights of the four nodes about a position, by a cubic B-spline.

    Parameters
    ----------
    t : float
        How far the position is from the second node to the third, in [0, 1].

    Returns
    -------
    4 floats
        Positive, of sum one.
    """
    r = 1 - t
    return r * r * r / 6, 2 / 3 - t * t * (1 - t / 2), 2 / 3 - r * r * (1 - r / 2), t * t * t / 6


@kernel
def cubic_slope(t: float) -> tuple[float, float, float, float]:
    """Return the derivatives of these weights.

    Parameters
    ----------
    t : float
        How far the position is from the second node to the third, in [0, 1].

    Returns
    -------
    4 floats
        Of sum zero, for a distance of one between nodes.
    """
    r = 1 - t
    return -r * r / 2, t * (1.5 * t - 2), r * (2 - 1.5 * r), t * t / 2
