"""Other makers of annotated images, where they are installed: `pip install deeptrack vision-synth`."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.timing import row

IMAGES = 20  # a call, of makers that write whole sets


def of_images() -> dict[str, tuple[Callable[[], object], int]]:
    """Return what is there: a name, a call that makes images of 256 x 256 with 30 objects, and how many it makes."""
    found: dict[str, tuple[Callable[[], object], int]] = {}
    for name, build, images in (("deeptrack", _deeptrack, 1), ("vision-synth", _vision_synth, IMAGES)):
        try:
            found[f"{name}, 30 objects"] = build(), images
        except ImportError:
            row(name, f"not installed: pip install {name}")
    return found


def _deeptrack() -> Callable[[], object]:
    """Ellipses through a fluorescence microscope with shot noise, in memory; overlaps allowed, no labels."""
    with contextlib.redirect_stderr(None):
        import deeptrack

    ellipse = deeptrack.Ellipse(
        radius=lambda: np.random.uniform(5, 8, 2) * 1e-6,  # noqa: NPY002 - its only way
        position=lambda: 256 * np.random.rand(2),  # noqa: NPY002
        rotation=lambda: np.pi * np.random.rand(),  # noqa: NPY002
    )
    microscope: Any = deeptrack.Fluorescence(
        NA=0.3, wavelength=600e-9, resolution=10e-6, magnification=10, output_region=(0, 0, 256, 256)
    )
    image = microscope(ellipse ^ 30) >> deeptrack.Poisson(snr=10)
    return lambda: image.update().resolve()


def _vision_synth() -> Callable[[], object]:
    """Coloured squares, triangles and circles on a plain background, written as PNG and COCO."""
    from synth_datasets import SyntheticConfig, generate_dataset

    config = SyntheticConfig(img_size=256, min_objects=30, max_objects=30, min_size_ratio=0.04, max_size_ratio=0.08)

    def make() -> None:
        with tempfile.TemporaryDirectory() as folder:
            generate_dataset(Path(folder) / "set", IMAGES, seed=0, config=config)

    return make
