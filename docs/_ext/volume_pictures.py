"""Pictures of the page on volumes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray
from pictures import panels, save

from cellsim.generators.packing import Packing
from cellsim.generators.shapes.ellipsoid import Ellipsoid
from cellsim.sample import Canvas, Image, Sample
from cellsim.seeds import stream
from cellsim.translators.optics.confocal import Confocal
from cellsim.translators.optics.texture import Texture
from cellsim.translators.psf.base import Psf
from cellsim.translators.psf.born_wolf import BornWolf
from cellsim.translators.psf.gaussian import Gaussian

LENS = {"numerical_aperture": 0.8, "wavelength_nm": 520, "index": 1.33}
LATERAL, AXIAL = 0.102, 0.585  # µm; standard deviations of a Gaussian as wide as this lens at half its height
PSFS: dict[str, Psf | None] = {
    "no microscope": None,
    "gaussian": Gaussian(lateral=LATERAL, axial=AXIAL),
    "born-wolf": BornWolf(**LENS),
    "no pinhole": BornWolf(**LENS, pinhole=False),
}


def draw_volumes(folder: Path) -> None:
    """Draw orthogonal sections of a bead and of nuclei through several microscopes."""
    figure, axes = panels(len(PSFS), 2)
    figure.set_size_inches(9, 9.6)  # a panel has two squares
    samples = {"bead": bead(), "nuclei": nuclei()}
    for i, (thing, sample) in enumerate(samples.items()):
        for j, (name, psf) in enumerate(PSFS.items()):
            at = axes[i * len(PSFS) + j]
            seen = sample if psf is None else Confocal(psf=psf)(sample, stream(0, 0, "confocal"))
            if seen.image is not None:
                show_sections(seen.image[0], at, power=0.5 if thing == "bead" else 1.0)
            at.set_title(f"{thing}, {name}")
    save(figure, folder / "volumes.png")


def bead() -> Sample:
    """A bead of 0.3 µm in the middle of a volume of 6 µm."""
    z, y, x = 0.1 * (np.indices((61, 61, 61)) - 30)
    ball = (z**2 + y**2 + x**2 <= 0.15**2)[np.newaxis]
    return Sample(ball.astype(np.uint16), (0.1, 0.1, 0.1), ball.astype(np.float32))


def nuclei() -> Sample:
    """Painted nuclei in a volume of 24 µm."""
    canvas = Canvas(shape=(60, 120, 120), spacing=(0.4, 0.2, 0.2))
    shape = Ellipsoid(radius=3.5, elongation=1.4)
    packed = Packing(shape=shape, cover=0.2, gap=0.4)(canvas, stream(0, 0, "nuclei"))
    return Texture(octaves=4)(packed, stream(0, 0, "texture"))


def show_sections(volume: Image, axes: Axes, power: float) -> None:
    """Show the middle plane, and under it the middle section along z."""
    depth, height, width = volume.shape
    stretched = np.repeat(volume[:, height // 2], round(width / depth), axis=0)  # z as long as y and x
    sections: NDArray[Any] = np.concatenate([volume[depth // 2], np.full((2, width), np.nan), stretched])
    axes.imshow(sections**power, cmap="gray", vmin=0, interpolation="nearest")
    axes.set_ylabel("z           y")


PICTURES = (draw_volumes,)
