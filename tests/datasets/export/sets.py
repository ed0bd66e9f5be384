"""Small data sets of any form, written for a test."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from cellsim.datasets import versions, writer
from cellsim.datasets.layout import Spec
from cellsim.datasets.reader import Dataset, open_dataset
from cellsim.sample import Sample

TOP = {"uint8": 255, "uint16": 65535}


def sample_of(index: int, spec: Spec) -> Sample:
    """Noise, and objects of several pieces with holes; some samples have none."""
    rng = np.random.default_rng(index)
    top = TOP[spec.image]
    image = rng.integers(0, top + 1, (len(spec.channels), *spec.shape)) / top
    blobs = rng.integers(0, 4, (len(spec.structures), *(-(-n // 3) for n in spec.shape)))
    for axis in range(1, blobs.ndim):
        blobs = blobs.repeat(3, axis=axis)
    labels = blobs[(slice(None), *(slice(n) for n in spec.shape))].astype(np.uint16)
    labels.reshape(len(labels), -1)[:, :4] = [1, 2, 3, 0]
    if index == 2:
        labels[:] = 0
    pixels = image.astype(np.float32) if spec.channels else None
    return Sample(labels, spec.spacing, pixels, structures=spec.structures)


def save_set(path: Path, n: int = 5, **changes: Any) -> Dataset:
    """Write a data set of `n` samples, or extend it; keywords change its spec."""
    known: dict[str, Any] = {
        "name": "set",
        "digest": "d" * 64,
        "shape": (17, 23),
        "spacing": (0.5, 0.2048),
        "structures": ("cells",),
        "channels": ("gray",),
    }
    known |= changes
    parents = known.get("parents", ())
    spec = Spec(**{"columns": ("parent",) if parents else (), **known})
    group = writer.create(path, spec, n)
    for part in writer.missing(group, n):
        samples = [sample_of(i, spec) for i in range(part.start, part.stop)]
        drawn = [{"parent": float(i % max(len(parents), 1)), "sharpness": 7.0} for i in range(part.start, part.stop)]
        writer.write(group, path, part.start, samples, drawn)
    versions.seal(path, group, n)
    return open_dataset(path)


def tree(root: Path) -> dict[str, bytes]:
    """Every file under a folder, hidden ones too."""
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in sorted(root.rglob("*")) if path.is_file()}


def assert_same_samples(found: Dataset, wanted: Dataset, plane: int = 0) -> None:
    """Labels of a plane and grey levels are equal, sample by sample."""
    assert len(found) == len(wanted)
    indices = range(len(wanted))
    ours, theirs = found.raw(indices), wanted.raw(indices)
    for i in indices:
        np.testing.assert_array_equal(ours["labels"][i][0], theirs["labels"][i][plane])
        np.testing.assert_array_equal(ours["image"][i], theirs["image"][i])
        assert ours["image"][i].dtype == theirs["image"][i].dtype
