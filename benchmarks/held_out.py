"""Images of unseen masks below real ones: `python -m benchmarks.held_out WEIGHTS real.zarr out.jpg`."""

from __future__ import annotations

import sys

import numpy as np
from numpy.typing import NDArray
from PIL import Image as Picture

from cellsim.datasets.reader import open_dataset
from cellsim.datasets.split import split_by_parent
from cellsim.evaluate.comparison import spaced
from cellsim.report.colours import grey_to_rgb
from cellsim.sample import Sample
from cellsim.seeds import stream
from cellsim.train.plan import TrainPlan
from cellsim.translators.filters.contrast_stretch import ContrastStretch
from cellsim.translators.pix2pix import Pix2Pix

SHOWN, EDGE, GAP = 6, 256, 4  # px
STRETCH = ContrastStretch(low=0.2, high=99.8, joint=True)  # images that were learnt from were stretched one by one


def main(weights: str, data: str, output: str) -> None:
    """Draw real images above those made of their masks, evenly over the parents that chose the snapshot of the plan."""
    plan, dataset = TrainPlan.load(weights), open_dataset(data)
    part = split_by_parent(dataset, plan.validation, plan.held_out, plan.seed).validation
    real = dataset.batch([part[i] for i in spaced(len(part), SHOWN)])
    step = Pix2Pix.model_validate({"weights": weights})
    made = step.many(real, [stream(0, i, "pix2pix") for i in range(len(real))])
    rows = [np.concatenate([_tile(sample) for sample in samples], axis=1) for samples in (real, made)]
    Picture.fromarray(np.concatenate(rows)[: -GAP or None, : -GAP or None]).save(output, optimize=True, quality=90)


def _tile(sample: Sample) -> NDArray[np.uint8]:
    stretched = STRETCH(sample, np.random.default_rng(0))
    assert stretched.image is not None
    tile = np.full((EDGE + GAP, EDGE + GAP, 3), 255, np.uint8)
    shown = np.rint(255 * grey_to_rgb(stretched.image)[:EDGE, :EDGE])
    tile[: shown.shape[0], : shown.shape[1]] = shown
    return tile


if __name__ == "__main__":
    main(*sys.argv[1:])
