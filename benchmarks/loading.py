"""Loading for training: batches of labels and images through PyTorch's DataLoader, beside the same images as TIFF."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

import numpy as np
import tifffile
import torch
from torch.utils.data import BatchSampler, DataLoader, Dataset, RandomSampler

import cellsim
from benchmarks.timing import row

SAMPLES = 2560
WORKERS = 2


class Tiffs(Dataset[dict[str, torch.Tensor]]):
    """The same items from a file for each image and each label image, not compressed."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __len__(self) -> int:
        return SAMPLES

    def __getitem__(self, i: int) -> dict[str, torch.Tensor]:
        image, labels = (tifffile.imread(self.folder / f"{i}_{kind}.tif") for kind in ("image", "labels"))
        return {
            "labels": torch.from_numpy(labels[np.newaxis].astype(np.int64)),
            "image": torch.from_numpy(image[np.newaxis] / np.float32(255)),
        }


def timed(loader: DataLoader[dict[str, torch.Tensor]]) -> tuple[float, float]:
    """Seconds to the first batch, and samples a second after it."""
    began = time.perf_counter()
    batches = iter(loader)
    next(batches)
    first = time.perf_counter()
    count = sum(len(batch["labels"]) for batch in batches)
    return first - began, count / (time.perf_counter() - first)


def main() -> None:
    """Make a set of 2560 samples, write it as TIFF too, and read both in random order."""
    with tempfile.TemporaryDirectory() as folder:
        cellsim.make("epidermis", SAMPLES, f"{folder}/epidermis.zarr")
        dataset = cellsim.open_dataset(f"{folder}/epidermis.zarr")
        for i, raw in ((i, dataset.raw([i])) for i in range(SAMPLES)):
            for kind in ("image", "labels"):
                tifffile.imwrite(f"{folder}/{i}_{kind}.tif", raw[kind][0][0])
        how = {"batch_size": 32, "num_workers": WORKERS}
        mixed = BatchSampler(RandomSampler(range(SAMPLES)), how["batch_size"], drop_last=False)
        loaders = {
            "stream of batches": DataLoader(
                dataset.torch_stream().batches(how["batch_size"]), batch_size=None, num_workers=WORKERS
            ),
            "batches in any order": DataLoader(dataset.torch(), batch_size=None, sampler=mixed, num_workers=WORKERS),
            "stream": DataLoader(dataset.torch_stream(), **how),
            "any order": DataLoader(dataset.torch(), shuffle=True, **how),
            "TIFF files, any order": DataLoader(Tiffs(Path(folder)), shuffle=True, **how),
        }
        found = {name: [timed(loader) for _ in range(3)] for name, loader in loaders.items()}
        of_tiff = max(rate for _, rate in found["TIFF files, any order"])
        for name, times in found.items():
            first, rate = min(t for t, _ in times), max(r for _, r in times)
            row(f"{name}, {WORKERS} workers", f"{rate:.0f} samples/s, {rate / of_tiff:.2f} x TIFF", ">= 2500")
            row(f"{name}, first batch", f"{first:.2f} s", "<= 2 s")
