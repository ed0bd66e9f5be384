"""How images are cut into samples: the options of `ingest`, checked."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cellsim.errors import InputError

AXES = {2: ("two", "(y, x)"), 3: ("three", "(z, y, x)")}


@dataclass(frozen=True)
class IngestOptions:
    """How images are cut into samples.

    Parameters
    ----------
    shape : (D,) ints
        Canvas of every sample in pixels, ([z,] y, x); larger images are cut into tiles, smaller ones are padded.
        Three numbers if the images are volumes.
    spacing : (D,) floats, optional
        Size of a pixel in µm, ([z,] y, x); if None, 1 µm is written and recorded as assumed.
    overlap : float
        Part of a tile that it shares with the next one, at least, in [0, 1).
    min_objects : int
        Tiles with fewer objects are dropped; an object cut by the border of the tile counts.
    rotations : bool
        Whether each tile is also stored turned by 90, 180 and 270 degrees, in the plane of y and x.
    parents : str or Path, optional
        Table that names the parent of each image, `.csv` or `.json`; if None, each image is its own parent.

    Raises
    ------
    InputError
        If a value is not allowed.
    """

    shape: tuple[int, ...] = (256, 256)
    spacing: tuple[float, ...] | None = None
    overlap: float = 0.25
    min_objects: int = 1
    rotations: bool = False
    parents: str | Path | None = None

    def __post_init__(self) -> None:
        if len(self.shape) not in AXES or not all(isinstance(n, int) and n >= 1 for n in self.shape):
            raise InputError(
                "the canvas must be two numbers of pixels >= 1 (y, x), or three (z, y, x) for volumes, "
                f"got {self.shape}"
            )
        if not self._spacing_fits():
            number, axes = AXES[len(self.shape)]
            raise InputError(f"spacing must be {number} sizes of a pixel > 0 in µm {axes}, got {self.spacing}")
        if not 0 <= self.overlap < 1:
            raise InputError(f"overlap must be in [0, 1), got {self.overlap}")
        if self.min_objects < 0:
            raise InputError(f"min_objects must be >= 0, got {self.min_objects}")
        for tile in self.shape:
            if self.overlap_px(tile) >= tile:
                raise InputError(f"an overlap of {self.overlap} leaves no step between tiles of {tile} px")
        if self.rotations and (self.shape[-2] != self.shape[-1] or self.pixel[-2] != self.pixel[-1]):
            raise InputError(
                "rotations need a square canvas and square pixels, "
                f"got a canvas of {' x '.join(map(str, self.shape))} px and a spacing of {self.pixel} µm"
            )

    def _spacing_fits(self) -> bool:
        given = self.pixel
        return len(given) == len(self.shape) and all(0 < s < math.inf for s in given)

    def overlap_px(self, tile: int) -> int:
        """Return the least overlap along an axis.

        Parameters
        ----------
        tile : int
            Extent of a tile in pixels.

        Returns
        -------
        int
            Pixels that two neighbours share at least; the overlap is rounded up.
        """
        return math.ceil(self.overlap * tile - 1e-9)  # 0.07 * 100 is 7.000000000000001

    @property
    def pixel(self) -> tuple[float, ...]:
        """Size of a pixel in µm, ([z,] y, x); 1 µm if it is not known."""
        return (1.0,) * len(self.shape) if self.spacing is None else self.spacing

    @property
    def turns(self) -> int:
        """How many samples come of a tile: 1, or 4 with rotations."""
        return 4 if self.rotations else 1

    def record(self) -> dict[str, Any]:
        """Return what the samples depend on.

        Returns
        -------
        dict
            Plain JSON values; `parents` is left out, since what it says counts and not where it lies.
        """
        return {
            "shape": [int(n) for n in self.shape],
            "spacing": [float(s) for s in self.pixel],
            "spacing_assumed": self.spacing is None,
            "overlap": float(self.overlap),
            "min_objects": int(self.min_objects),
            "rotations": bool(self.rotations),
        }
