"""A segmenter that takes no time: it learns one grey level."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image as Picture
from scipy import ndimage

import cellsim
from cellsim.datasets.ingest import IngestOptions
from cellsim.recipe import Recipe
from cellsim.sample import Image, Labels
from cellsim.study import segmenters
from cellsim.study.segmenters import Lesson, Progress, Segment
from tests.conftest import NUCLEI

LESSONS: list[Lesson] = []


def train_threshold(lesson: Lesson, progress: Progress) -> Segment:
    """Learn the level halfway between objects and background; objects are what is connected above it."""
    LESSONS.append(lesson)
    inside, outside = [], []
    for sample in lesson.dataset:
        assert sample.image is not None
        inside.append(sample.image[:, sample.labels[0] > 0].mean())
        outside.append(sample.image[:, sample.labels[0] == 0].mean())
    level = (np.mean(inside) + np.mean(outside)) / 2
    progress(lesson.steps)

    def segment(image: Image) -> Labels:
        return np.asarray(ndimage.label(image.mean(axis=0) > level)[0], np.uint16)

    return segment


@pytest.fixture(autouse=True)
def lessons(monkeypatch: pytest.MonkeyPatch) -> list[Lesson]:
    """What was learnt from in this test."""
    monkeypatch.setitem(segmenters.SEGMENTERS, "threshold", train_threshold)
    LESSONS.clear()
    return LESSONS


def recipe(seed: int, colours: bool = False) -> Recipe:
    """Ellipses with bright insides; in colours if asked for."""
    steps = [{"kind": "histology"}] if colours else [{"kind": "fluorescence"}]
    return Recipe.parse(NUCLEI | {"name": f"toy{seed}", "seed": seed, "translators": steps})


@pytest.fixture(scope="session")
def real(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Twelve samples, each its own parent, with images."""
    path = tmp_path_factory.mktemp("real") / "real.zarr"
    cellsim.make(recipe(1), 12, path, workers=1)
    return path


@pytest.fixture(scope="session")
def coloured(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Six samples in three channels."""
    path = tmp_path_factory.mktemp("real") / "coloured.zarr"
    cellsim.make(recipe(2, colours=True), 6, path, workers=1)
    return path


@pytest.fixture(scope="session")
def tiled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Six fields of four tiles each, with images."""
    folder = tmp_path_factory.mktemp("tiled")
    for name in ("images", "masks"):
        (folder / name).mkdir()
    y, x = np.mgrid[:64, :64]
    for i in range(6):
        mask = np.zeros((64, 64), np.uint16)
        for k, (cy, cx) in enumerate([(16, 16), (16, 48), (48, 16), (48, 44 + i)], 1):
            mask[(y - cy) ** 2 + (x - cx) ** 2 < 40] = k
        Picture.fromarray((mask > 0) * np.uint8(200)).save(folder / f"images/field{i}.png")
        Picture.fromarray(mask).save(folder / f"masks/field{i}.png")
    options = IngestOptions((32, 32), overlap=0.0)
    cellsim.ingest(folder / "images", folder / "masks", folder / "tiled.zarr", options=options)
    return folder / "tiled.zarr"


@pytest.fixture(scope="session")
def mostly_empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Twelve samples: three of six whole objects each, the others of one."""
    folder = tmp_path_factory.mktemp("mostly-empty")
    for name in ("images", "masks"):
        (folder / name).mkdir()
    y, x = np.mgrid[:64, :64]
    for i in range(12):
        mask = np.zeros((64, 64), np.uint16)
        for k in range(6 if i % 4 == 0 else 1):
            mask[(y - 16 - 32 * (k // 3)) ** 2 + (x - 12 - 20 * (k % 3)) ** 2 < 40] = k + 1
        Picture.fromarray((mask > 0) * np.uint8(200)).save(folder / f"images/{i:02}.png")
        Picture.fromarray(mask).save(folder / f"masks/{i:02}.png")
    cellsim.ingest(folder / "images", folder / "masks", folder / "set.zarr", options=IngestOptions((64, 64)))
    return folder / "set.zarr"
