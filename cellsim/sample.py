"""What crosses the doors: the canvas a sample is drawn on, and the sample."""

from __future__ import annotations

import re
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
VISIBLE = "-visible"  # ends the name of a plane that says what is seen of a structure whose objects overlap


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
    structures : tuple of str
        Names of the planes, if they have any. One structure whose objects overlap has several planes, "nuclei-1",
        "nuclei-2" and so on, and may have one of what is seen of them, "nuclei-visible".
    numbers : mapping of str to float, optional
        What its generator counted, by the names that the generator gives (`Generator.numbers`).

    Raises
    ------
    ValueError
        If a dtype, a number of axes or a shape does not fit.
    """

    labels: Labels
    spacing: tuple[float, ...]
    image: Image | None = None
    objects: Records = field(default_factory=dict)
    structures: tuple[str, ...] = ()
    numbers: Mapping[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        ndim = len(self.spacing)
        if self.labels.dtype != np.uint16 or self.labels.ndim != ndim + 1:
            raise ValueError(
                f"labels must be uint16 with a structure axis and {ndim} spatial axes, "
                f"got {self.labels.dtype} of shape {self.labels.shape}"
            )
        if self.structures and len(self.structures) != len(self.labels):
            raise ValueError(f"{len(self.labels)} label planes cannot have the names {', '.join(self.structures)}")
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

    def planes(self, structure: str | None = None) -> Labels:
        """Select the label planes of one structure, or of all.

        Parameters
        ----------
        structure : str, optional
            Such as "nuclei"; None for all planes but those that say what is seen of others.

        Returns
        -------
        (S, [Z,] Y, X) uint16 array
            Planes on which each object of the structure is whole.

        Raises
        ------
        ValueError
            If there is no such structure.
        """
        bare = [re.sub(r"-\d+$", "", name) for name in self.structures]
        if structure is None:
            which = [i for i in range(len(self.labels)) if not (bare and bare[i].endswith(VISIBLE))]
        else:
            which = [i for i, name in enumerate(bare) if name == structure]
        if not which:
            known = ", ".join(dict.fromkeys(bare)) or "they have no names"
            raise ValueError(f"no label plane of the structure {structure!r} (structures: {known})")
        return self.labels[which] if which[-1] - which[0] >= len(which) else self.labels[which[0] : which[-1] + 1]

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
