"""What crosses the doors: the canvas a sample is drawn on, and the sample."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Annotated, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, model_validator

Labels = NDArray[np.uint16]
Image = NDArray[np.float32]
Records = Mapping[str, NDArray[np.float32]]

MAX_OBJECTS = 65_535  # what uint16 labels can name


class Canvas(BaseModel):
    """The frame of a sample: its shape in pixels and the size of a pixel.

    Parameters
    ----------
    shape : (D,) ints
        Extent in pixels, ([z,] y, x).
    spacing : (D,) floats
        Size of a pixel in µm, in the same order.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    shape: tuple[Annotated[int, Field(gt=0)], ...] = Field(
        min_length=2, max_length=3, description="Extent, ([z,] y, x).", json_schema_extra={"unit": "px"}
    )
    spacing: tuple[Annotated[float, Field(gt=0, allow_inf_nan=False)], ...] = Field(
        min_length=2, max_length=3, description="Size of a pixel, ([z,] y, x).", json_schema_extra={"unit": "µm"}
    )

    @model_validator(mode="after")
    def _same_length(self) -> Self:
        if len(self.shape) != len(self.spacing):
            raise ValueError(f"shape and spacing must have the same length, got {self.shape} and {self.spacing}")
        return self

    @property
    def ndim(self) -> int:
        """Number of spatial axes, 2 or 3."""
        return len(self.shape)

    @property
    def size(self) -> tuple[float, ...]:
        """Edges in µm, ([z,] y, x)."""
        return tuple(n * s for n, s in zip(self.shape, self.spacing, strict=True))

    @property
    def pixels(self) -> int:
        """Number of pixels."""
        return int(np.prod(self.shape))


@dataclass(frozen=True, eq=False)
class Sample:
    """One annotated image, or the annotation alone.

    Parameters
    ----------
    labels : (S, [Z,] Y, X) uint16 array
        One plane per structure; 0 is background, objects are 1..N without holes.
    spacing : (D,) floats
        Size of a pixel in µm, ([z,] y, x).
    image : (C, [Z,] Y, X) float32 array, optional
        Intensities, nominally in [0, 1]; None until a translator has made one.
    objects : mapping of str to (N, K) float32 arrays, optional
        Records of the objects; row i belongs to the object with id i + 1.

    Raises
    ------
    ValueError
        If a dtype, a number of axes or a shape does not fit.
    """

    labels: Labels
    spacing: tuple[float, ...]
    image: Image | None = None
    objects: Records = field(default_factory=dict)

    def __post_init__(self) -> None:
        ndim = len(self.spacing)
        if self.labels.dtype != np.uint16 or self.labels.ndim != ndim + 1:
            raise ValueError(
                f"labels must be uint16 with a structure axis and {ndim} spatial axes, "
                f"got {self.labels.dtype} of shape {self.labels.shape}"
            )
        if self.image is not None:
            self._check_image(self.image)
        for name, rows in self.objects.items():
            if rows.dtype != np.float32 or rows.ndim != 2:
                raise ValueError(f"record '{name}' must be (N, K) float32, got {rows.dtype} of shape {rows.shape}")

    def _check_image(self, image: Image) -> None:
        if image.dtype != np.float32 or image.shape[1:] != self.labels.shape[1:]:
            raise ValueError(
                f"image must be float32 of shape (C, {', '.join(map(str, self.labels.shape[1:]))}), "
                f"got {image.dtype} of shape {image.shape}"
            )

    @property
    def shape(self) -> tuple[int, ...]:
        """Spatial shape in pixels, ([z,] y, x)."""
        return self.labels.shape[1:]

    @property
    def canvas(self) -> Canvas:
        """The frame of this sample."""
        return Canvas(shape=self.shape, spacing=self.spacing)

    @property
    def count(self) -> int:
        """Number of objects, over all structures (a pair with equal ids counts once)."""
        return int(self.labels.max(initial=0))

    @property
    def cover(self) -> float:
        """Fraction of the canvas under an object of any structure."""
        covered = self.labels[0] if len(self.labels) == 1 else self.labels.any(axis=0)
        return float(np.count_nonzero(covered) / covered.size)

    def with_image(self, image: Image) -> Sample:
        """Return the same sample with another image.

        Parameters
        ----------
        image : (C, [Z,] Y, X) float32 array
            The new image.

        Returns
        -------
        Sample
            Labels, spacing and records are shared, not copied.
        """
        return replace(self, image=image)
