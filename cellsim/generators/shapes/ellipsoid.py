"""Ellipses and ellipsoids of revolution."""

from __future__ import annotations

from typing import Literal

from cellsim.generators.shapes.oriented import Oriented


class Ellipsoid(Oriented):
    """An ellipse, or in 3D an ellipsoid of revolution.

    With r the radius of the disk or ball of equal content and e the elongation, the half axis along the direction of
    the object is r e^(1/2) in 2D and r e^(2/3) in 3D; those across are e times shorter. An object thinner than a
    pixel may lose its tips.
    """

    kind: Literal["ellipsoid"] = "ellipsoid"
    version: Literal[2] = 2
