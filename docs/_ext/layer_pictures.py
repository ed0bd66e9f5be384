"""Pictures of the pages on mask layers."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from matplotlib.figure import Figure
from pictures import save

from cellsim.masks.layers import split_layers
from cellsim.masks.voronoi import voronoi
from cellsim.report.gallery import palette
from cellsim.seeds import stream


def draw_layers(folder: Path) -> None:
    """Draw cells of a tissue, and two arrangements of them on layers."""
    rng = stream(0, 0, "layers")
    labels = voronoi(np.ones((128, 128), np.bool_), (1.0, 1.0), 128 * rng.random((60, 2)), 1.0)
    colours = palette(int(labels.max()) + 1)
    figure = Figure(figsize=(9, 3.9), layout="constrained")
    axes = figure.subplots(2, 5)
    for row in axes:
        planes = split_layers(labels, rng=rng)
        for at, plane, name in zip(row, [labels, *planes], ["labels", *(f"layer {k}" for k in range(4))], strict=True):
            at.imshow(colours[plane], interpolation="nearest")
            at.set(xticks=[], yticks=[], title=name)
    save(figure, folder / "mask-layers.png")


PICTURES = (draw_layers,)
