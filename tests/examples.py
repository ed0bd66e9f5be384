"""The smallest recipe of every kind, which the contracts run. A new kind needs a line in `EXAMPLES`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from cellsim.generators.base import Field, Generator, Outline, Points, Shape
from cellsim.translators.base import Translator
from cellsim.translators.psf.base import Psf

ELLIPSOID = {"kind": "ellipsoid", "radius": {"uniform": [2, 3]}, "elongation": 1.5}
EXAMPLES: dict[str, dict[str, dict[str, Any]]] = {
    Field.room: {
        "formula": {"formula": "0.5 + 0.5 * cos(x / 9) * (y > 8)"},
        "image": {"image": "<image>", "spacing": 2.0},
        "smooth": {"scale": 10.0},
    },
    Points.room: {
        "poisson": {"density": 0.004},
        "matern-i": {"density": 0.002, "distance": 3.0},
        "matern-ii": {"density": 0.002, "distance": 4.0},
        "strauss": {"density": 0.003, "distance": 4.0, "gamma": 0.3},
        "disks": {"activity": 0.004, "radius": {"uniform": [2, 4]}, "penalty": 3.0},
        "ssi": {"density": 0.003, "distance": 4.0},
        "thomas": {"density": 0.003, "cluster_density": 0.001, "spread": 3.0},
        "clusters": {"points": 40, "clusters": 3, "clustered": 0.6, "spread": 4.0},
    },
    Shape.room: {
        "bank": {"dataset": "<nuclei>", "scale": {"uniform": [0.8, 1.2]}},
        "ellipsoid": ELLIPSOID,
        "maskgan": {"weights": "nuclei-maskgan", "scale": 0.4},
        "simcep": {"radius": {"uniform": [2, 3]}, "elongation": 1.5, "alpha": 0.2},
        "star": {"radius": {"uniform": [2, 3]}, "elongation": 1.5, "roughness": 0.2, "modes": 5},
    },
    Outline.room: {
        "band": {"width": 12.0, "angle": 30.0, "offset": 4.0},
        "bezier": {"cover": 0.5, "islands": 2},
        "colonies": {"number": 2, "radius": {"uniform": [4, 8]}},
        "curves": {"number": 2, "width": 4.0, "persistence": 20.0},
        "full": {},
        "gyrus": {"blade": {"uniform": [20, 30]}, "width": 6.0, "crest": 6.0},
        "mask-image": {"image": "<image>", "spacing": 6.0, "threshold": 0.4},
    },
    Generator.room: {
        "packing": {"shape": ELLIPSOID, "cover": 0.2, "gap": 1.0},
        "population": {"points": {"kind": "poisson", "density": 0.01}, "shape": ELLIPSOID, "margin": 5.0},
        "cells": {
            "points": {"kind": "clusters", "points": 6, "clusters": 2, "clustered": 0.5, "spread": 8.0, "tries": 20},
            "cytoplasm": {"kind": "ellipsoid", "radius": 5.0},
            "nucleus": ELLIPSOID,
            "margin": 5.0,
            "fewer": True,
        },
        "nuclei-golgi": {
            "points": {"kind": "poisson", "density": 0.002},
            "nucleus": ELLIPSOID,
            "golgi": {"kind": "ellipsoid", "radius": 1.2},
            "distance": {"uniform": [3.5, 5]},
            "lone_nuclei": 0.1,
            "pair_warp": 0.5,
            "warp": 1.0,
            "margin": 5.0,
        },
        "flow-gan": {"weights": "<flows>", "converging": 0.0},
        "tissue": {
            "outline": {"kind": "full"},
            "seeds": {"kind": "poisson", "density": 0.004},
            "membrane": 1.0,
            "margin": 5.0,
        },
    },
    Translator.room: {
        "texture": {},
        "fluorescence": {"autofluorescence": 0.05},
        "wide-field": {"psf": 1.0, "defocus": 1.0},
        "confocal": {
            "psf": {"kind": "gaussian", "lateral": 0.5, "axial": 1.5},
            "attenuation": 20.0,
            "autofluorescence": 0.1,
        },
        "specks": {"density": 0.005, "radius": {"uniform": [1, 2]}},
        "rcm": {},
        "phase-contrast": {},
        "histology": {"psf": 1.0},
        "pix2pix": {"weights": "<images>"},
        "detector": {"photons": 100, "read_noise": 1.0, "offset": 0.02},
        "canny": {"sigma": 1.0},
        "gabor": {"wavelength": 4.0},
        "contrast-stretch": {},
        "local-normalisation": {"scale": 4.0},
        "gaussian-noise": {"variance": 0.01},
        "jpeg": {"quality": 50},
        "invert": {},
        "binary": {"border": True},
    },
    Psf.room: {
        "gaussian": {"lateral": 0.5, "axial": 1.5},
        "born-wolf": {"numerical_aperture": 0.6, "wavelength_nm": 700},
        "gibson-lanni": {"numerical_aperture": 0.6, "wavelength_nm": 700, "depth": 30},
    },
}
FLAT = {
    "bezier",
    "bank",
    "canny",
    "flow-gan",
    "gabor",
    "gyrus",
    "histology",
    "image",
    "mask-image",
    "maskgan",
    "phase-contrast",
    "pix2pix",
    "simcep",
}  # 2D
ALWAYS_THE_SAME = {"band", "full", "formula", "image", "mask-image"}  # draws nothing
ALWAYS_THE_SAME |= {"binary", "canny", "contrast-stretch", "gabor", "invert", "jpeg", "local-normalisation"}
ALWAYS_THE_SAME |= {"gaussian", "born-wolf", "gibson-lanni"}


NEURAL = {"flow-gan", "maskgan", "pix2pix"}  # another processor may round a pixel otherwise


def example(room: str, kind: str, files: Mapping[str, Path]) -> dict[str, Any]:
    """The smallest recipe of a kind; `files` are what the placeholders stand for."""
    if kind not in EXAMPLES.get(room, {}):
        pytest.fail(f"kind '{kind}' of {room} has no example: add one to EXAMPLES in tests/examples.py")
    values = {"kind": kind} | EXAMPLES[room][kind]
    return {
        key: str(files[value]) if isinstance(value, str) and value in files else value for key, value in values.items()
    }
