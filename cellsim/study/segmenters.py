"""Segmenters that a study trains: each learns from a data set, and then finds objects in images."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from cellsim.datasets.reader import Dataset
from cellsim.errors import InputError
from cellsim.sample import Image, Labels

BATCH = 8  # crops of a step
CROP, UNIT = 128, 16  # px: largest edge of a crop, and what it is a multiple of
SMALLEST = 15  # px

Segment = Callable[[Image], Labels]  # from (C, Y, X) intensities to (Y, X) ids
Progress = Callable[[int], None]  # steps that were taken


@dataclass(frozen=True)
class Lesson:
    """What a segmenter learns from, for how long.

    Parameters
    ----------
    dataset : Dataset
        2D images and labels; a mixture if it is balanced.
    balanced : bool
        Take equally many crops of every source of the mixture.
    folder : Path
        Where the training writes.
    name : str
        Of its files.
    steps : int
        Of `BATCH` crops each.
    seed : int
        Of first weights, order and crops.
    """

    dataset: Dataset
    balanced: bool
    folder: Path
    name: str
    steps: int
    seed: int

    @property
    def crop(self) -> tuple[int, int]:
        """Edges of the crops in px: `CROP`, or what fits into a sample."""
        edge = min(CROP, min(self.dataset.spec.shape) // UNIT * UNIT)
        if edge < UNIT:
            raise InputError(f"samples must be {UNIT} px or more along both edges, got {self.dataset.spec.shape}")
        return edge, edge


def train_unet(lesson: Lesson, progress: Progress) -> Segment:
    """Train the small U-Net of cellsim, from the last checkpoint on.

    Parameters
    ----------
    lesson : Lesson
        What it learns from.
    progress : callable
        Called with the steps taken so far.

    Returns
    -------
    callable
        From images to labels.
    """
    from cellsim.nn.segmenting import TrainedSegmenter
    from cellsim.train import TrainPlan, fit

    samples = lesson.steps * BATCH
    plan = TrainPlan.parse(
        {
            "name": lesson.name,
            "seed": lesson.seed,
            "objective": {
                "kind": "segmenter",
                "network": {"kind": "segmentation-unet"},
                "constant": samples / 2,
                "falling": samples / 2,
            },
            "examples": {
                "kind": "segmentation-crops",
                "shape": lesson.crop,
                "places": "random",
                "overlap": 0.0,
                "objects": 1,
                "fill_holes": False,
                "balanced": lesson.balanced,
            },
            "batch": BATCH,
            "samples": samples,
            "tick": max(1, samples // 4),
            "snapshot": samples,
            "validation": 0.0,
            "channels_last": True,
        }
    )
    dataset = lesson.dataset
    source = f"{dataset.location}@{dataset.version.name}"
    done = fit(plan, source, lesson.folder, progress=lambda seen, _: progress(seen // BATCH))
    return TrainedSegmenter.load(done.weights)


def train_cellpose(lesson: Lesson, progress: Progress) -> Segment:
    """Train the network of Cellpose 3 from scratch, with its own program [1]_.

    Its own augmentation makes crops of 224 px, turned and scaled. A training that is interrupted begins anew.

    Parameters
    ----------
    lesson : Lesson
        What it learns from; images of three channels are learnt from in grey.
    progress : callable
        Called with the steps taken, at the end.

    Returns
    -------
    callable
        From images to labels.

    Raises
    ------
    InputError
        If Cellpose 3 is not installed.

    References
    ----------
    .. [1] Stringer, C., Wang, T., Michaelos, M., Pachitariu, M. (2021). Cellpose: a generalist algorithm for cellular
       segmentation. Nature Methods 18, 100-106.
    """
    models, training, torch = _cellpose()
    images, labels = _arrays(lesson)
    diameter = float(np.mean([_diameter(one) for one in labels]))
    with torch.random.fork_rng():
        torch.manual_seed(lesson.seed)
        model = models.CellposeModel(gpu=torch.cuda.is_available(), pretrained_model=False, model_type=None)
        model.diam_mean = diameter
        model.net.diam_mean.data.fill_(diameter)
        np.random.seed(lesson.seed)  # noqa: NPY002 - its crops come from there
        training.train_seg(
            model.net,
            train_data=images,
            train_labels=labels,
            channels=[0, 0],
            batch_size=BATCH,
            n_epochs=max(1, lesson.steps * BATCH // max(len(images), BATCH)),
            nimg_per_epoch=max(len(images), BATCH),
            min_train_masks=0,
            rescale=False,
            save_path=str(lesson.folder),
            model_name=lesson.name,
        )
    progress(lesson.steps)

    def segment(image: Image) -> Labels:
        found = model.eval(image.mean(axis=0), channels=[0, 0], diameter=diameter, min_size=SMALLEST)[0]
        return np.asarray(found, np.uint16)

    return segment


def _cellpose() -> tuple[Any, Any, Any]:
    try:
        models, training = (importlib.import_module(f"cellpose.{name}") for name in ("models", "train"))
        return models, training, importlib.import_module("torch")
    except ImportError:
        raise InputError(
            "the segmenter 'cellpose' needs Cellpose 3: pip install cellpose==3.1.1.3 (segmenters: unet)"
        ) from None


def _arrays(lesson: Lesson) -> tuple[list[Image], list[Labels]]:
    """Read all samples; of sources that are to be balanced, the fewer ones as often as there are others."""
    order = np.arange(len(lesson.dataset))
    if lesson.balanced:
        sources = lesson.dataset.drawn["source"]
        groups = [order[sources == source] for source in np.unique(sources)]
        most = max(len(group) for group in groups)
        order = np.concatenate([np.resize(group, most) for group in groups])
    samples = {int(i): lesson.dataset[int(i)] for i in np.unique(order)}
    chosen = [samples[int(i)] for i in order]
    return [_grey(sample.image) for sample in chosen], [sample.labels[0] for sample in chosen]


def _grey(image: Image | None) -> Image:
    assert image is not None
    return np.asarray(image.mean(axis=0), np.float32)


def _diameter(labels: Labels) -> float:
    """Median diameter of a circle of the area of an object."""
    return float(2 * np.sqrt(np.median(np.bincount(labels.ravel())[1:]) / np.pi))


SEGMENTERS: dict[str, Callable[[Lesson, Progress], Segment]] = {"unet": train_unet, "cellpose": train_cellpose}
