"""Segmenters that a study trains: each learns from a data set, and then finds objects in images."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cellsim.datasets.reader import Dataset
from cellsim.errors import InputError
from cellsim.sample import Image, Labels

BATCH = 8  # crops of a step
CROP, UNIT = 128, 16  # px: largest edge of a crop, and what it is a multiple of
SMALLEST = 15  # px
FILTERS = (2, 16, 32, 64, 256)  # of Cellpose's network: channels and levels; its program wants 256 in the deepest

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
    """Train a small network of Cellpose 3 from scratch, with its own program [1]_.

    It has half as many filters as the published one, but in the deepest level. Its own augmentation makes crops, turned
    and scaled by up to a half; these are the same for all seeds. A training that is interrupted begins anew.

    Parameters
    ----------
    lesson : Lesson
        What it learns from; colours are learnt from in grey.
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
    models, training, networks, torch = _cellpose()
    samples = list(lesson.dataset)
    lesson.folder.mkdir(parents=True, exist_ok=True)
    state = np.random.get_state()  # noqa: NPY002 - its program seeds the global generator
    with torch.random.fork_rng():
        torch.manual_seed(lesson.seed)
        model = models.CellposeModel(gpu=torch.cuda.is_available(), pretrained_model=False, model_type=None)
        model.net = networks.CPnet(list(FILTERS), 3, sz=3, mkldnn=model.mkldnn).to(model.device)
        training.train_seg(
            model.net,
            train_data=[_grey(sample.image) for sample in samples],
            train_labels=[sample.labels[0] for sample in samples],
            train_probs=chances(lesson),
            channels=[0, 0],
            batch_size=BATCH,
            nimg_per_epoch=BATCH,  # an epoch is a step, so that the learning rate does the same in every arm
            n_epochs=lesson.steps,
            min_train_masks=0,
            rescale=False,
            bsize=lesson.crop[0],
            save_path=str(lesson.folder),
            model_name=lesson.name,
        )
    np.random.set_state(state)  # noqa: NPY002
    progress(lesson.steps)

    def segment(image: Image) -> Labels:
        found = model.eval(_grey(image), channels=[0, 0], rescale=1.0, min_size=SMALLEST)[0]
        return np.asarray(found, np.uint16)

    return segment


def chances(lesson: Lesson) -> NDArray[np.float64]:
    """Say how often each sample is learnt from.

    Parameters
    ----------
    lesson : Lesson
        A mixture if it is balanced.

    Returns
    -------
    (N,) float64 array
        Chances, whose sum is 1; if balanced, each source has the same together.
    """
    n = len(lesson.dataset)
    if not lesson.balanced:
        return np.full(n, 1 / n)
    _, source, counts = np.unique(lesson.dataset.drawn["source"], return_inverse=True, return_counts=True)
    return np.asarray(1 / (len(counts) * counts[source]), np.float64)


def _cellpose() -> list[Any]:
    try:
        return [
            importlib.import_module(name)
            for name in ("cellpose.models", "cellpose.train", "cellpose.resnet_torch", "torch")
        ]
    except ImportError:
        raise InputError(
            "the segmenter 'cellpose' needs Cellpose 3: pip install cellpose==3.1.1.3 (segmenters: unet)"
        ) from None


def _grey(image: Image | None) -> Image:
    assert image is not None
    return np.asarray(image.mean(axis=0), np.float32)


SEGMENTERS: dict[str, Callable[[Lesson, Progress], Segment]] = {"unet": train_unet, "cellpose": train_cellpose}
