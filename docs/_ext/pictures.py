"""Pictures drawn by the code itself: one a kind, and those of the pages written by hand."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
import PIL.Image
from examples import CANVAS, NUCLEI, NUCLEI_SET, RINGS, Example
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Circle
from numpy.typing import NDArray

from cellsim.generators.base import Field, Generator, Outline, Placement, Points, Shape
from cellsim.making import make
from cellsim.masks.overlaps import Rules
from cellsim.masks.planes import arrange
from cellsim.overrides import override
from cellsim.recipe import Recipe
from cellsim.report.gallery import grey_to_rgb, palette
from cellsim.sample import Canvas, Image, Labels, Sample
from cellsim.seeds import stream
from cellsim.steps import Step, parse
from cellsim.translators.base import Translator
from cellsim.translators.psf.base import Psf

SIDE = 3.0  # inches; of a panel
STAIN = {"kind": "fluorescence", "haze": 0, "illumination": 0}

mpl.rcParams.update({"font.size": 9, "savefig.dpi": 110})


@contextlib.contextmanager
def workplace() -> Iterator[None]:
    """Work in a folder of its own that has the data set of nuclei and an image in it."""
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
        y, x = np.mgrid[:200, :200] / 200
        rings = 0.5 + 0.5 * np.cos(30 * np.hypot(y - 0.5, x - 0.5))
        PIL.Image.fromarray((255 * rings).astype(np.uint8)).save(RINGS)
        make(Recipe.parse({"canvas": CANVAS, "generator": NUCLEI, "translators": [STAIN]}), 8, NUCLEI_SET)
        yield


def panels(across: int, rows: int = 1) -> tuple[Figure, list[Axes]]:
    """Return a figure of square panels without ticks."""
    figure = Figure(figsize=(SIDE * across, (SIDE + 0.4) * rows), layout="constrained")
    return figure, [figure.add_subplot(rows, across, i + 1, xticks=[], yticks=[]) for i in range(across * rows)]


def save(figure: Figure, path: Path) -> None:
    """Write a PNG that is the same whenever it is drawn."""
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, metadata={"Software": None})


def coloured(labels: Labels) -> NDArray[np.float32]:
    """Give every object a colour."""
    return palette(int(labels.max(initial=0)) + 1)[labels]


def draw(values: Mapping[str, Any], index: int = 0, canvas: Canvas = CANVAS) -> Sample:
    """Draw a sample of a recipe on the canvas of the examples."""
    return Recipe.parse({"canvas": canvas} | dict(values)).draw(index)


def show_image(image: Image, axes: Axes) -> None:
    """Show red, green and blue as they are; else the first channel in grey, black at 0."""
    if len(image) == 3:
        axes.imshow(grey_to_rgb(image), interpolation="nearest")
        return
    axes.imshow(image[0], cmap="gray", vmin=0, vmax=float(np.percentile(image, 99.7)), interpolation="nearest")


def show_points(step: Points, axes: Axes, _: Example) -> None:
    """Show the points of a box."""
    found = step(CANVAS.size, stream(0, 0, "points"))
    y, x = found.centres.T
    axes.scatter(x, y, s=6, color="black")
    if found.radii is not None:
        for one, radius in zip(found.centres, found.radii, strict=True):
            axes.add_patch(Circle((one[1], one[0]), radius, fill=False, linewidth=0.6))
    axes.set(xlim=(0, CANVAS.size[1]), ylim=(CANVAS.size[0], 0), aspect="equal")
    axes.set_xlabel(f"{len(x)} points in {CANVAS.size[0]:g} x {CANVAS.size[1]:g} µm")


def show_field(step: Field, axes: Axes, _: Example) -> None:
    """Show the values of a field in grey, black at 0 or below and white at 1 or above."""
    grid = np.indices(CANVAS.shape).reshape(2, -1).T + 0.5
    values = step(grid * CANVAS.spacing, 1, stream(0, 0, "field")).reshape(CANVAS.shape)
    axes.imshow(values, cmap="gray", vmin=0, vmax=1, interpolation="nearest")


def show_shapes(step: Shape, axes: Axes, _: Example) -> None:
    """Lay 4 x 4 objects out on a sheet."""
    centres = (np.indices((4, 4)).reshape(2, -1).T + 0.5) * CANVAS.size / 4
    crops = step(Placement(centres), CANVAS.spacing, stream(0, 0, "shapes"))
    axes.imshow(coloured(arrange(crops, centres[np.newaxis], CANVAS, Rules(1.0)).labels[0]), interpolation="nearest")


def show_outline(step: Outline, axes: Axes, _: Example) -> None:
    """Show a region in white."""
    axes.imshow(step(CANVAS, stream(0, 0, "outline")), cmap="gray", vmin=0, vmax=1, interpolation="nearest")


def show_generator(step: Generator, axes: Axes, example: Example) -> None:
    """Show labels in colours."""
    sample = draw({"generator": step}, canvas=example.canvas)
    axes.imshow(coloured(sample.labels.max(axis=0)), interpolation="nearest")
    axes.set_xlabel(f"{sample.count} objects, cover {sample.cover:.0%}")


def show_translator(step: Translator, axes: Axes, example: Example) -> None:
    """Show an image."""
    image = draw({"generator": example.generator, "translators": [*example.before, step]}, canvas=example.canvas).image
    if image is not None:
        show_image(image, axes)


def show_psf(step: Psf, axes: Axes, _: Example) -> None:
    """Show a section of a point along the axis, z downwards, 6 µm wide; square roots, for the rings."""
    point = np.zeros((1, 121, 121, 121), np.float32)
    point[0, 60, 60, 60] = 1
    section = step(point, (0.05, 0.05, 0.05))[0, :, 60]
    axes.imshow(np.sqrt(section), cmap="gray", vmin=0, interpolation="nearest")


ROOMS: dict[str, tuple[type[Step], Callable[[Any, Axes, Example], None]]] = {
    "generators": (Generator, show_generator),
    "points": (Points, show_points),
    "fields": (Field, show_field),
    "shapes": (Shape, show_shapes),
    "outlines": (Outline, show_outline),
    "translators": (Translator, show_translator),
    "psf": (Psf, show_psf),
}


def draw_kind(room: str, kind: str, example: Example, path: Path) -> None:
    """Draw a kind over the values of one of its fields."""
    base, show = ROOMS[room]
    values: Sequence[float | None] = example.over or (None,)
    figure, axes = panels(len(values))
    for value, at in zip(values, axes, strict=True):
        changes = [] if value is None else [f"{example.vary}={value!r}"]
        show(parse(base, override({"kind": kind, **example.step}, changes), kind), at, example)
        if value is not None:
            at.set_title(f"{example.vary} = {value:g}")
    save(figure, path)
