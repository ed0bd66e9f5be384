"""Pictures drawn by the code itself: one a kind, and those of the pages written by hand."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
from examples import CANVAS, NUCLEI, NUCLEI_SET, Example
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from cellsim.generators.base import Generator, Outline, Points, Shape
from cellsim.generators.points.matern import BALL, MaternII
from cellsim.generators.points.ssi import PACKING
from cellsim.making import make
from cellsim.overrides import override
from cellsim.recipe import Recipe
from cellsim.report.gallery import grey_to_rgb, palette, save_gallery
from cellsim.sample import Canvas, Image, Labels, Sample
from cellsim.seeds import stream
from cellsim.steps import Step, parse
from cellsim.translators.base import Translator

SIDE = 3.0  # inches; of a panel
STAIN = {"kind": "fluorescence", "haze": 0, "illumination": 0}

mpl.rcParams.update({"font.size": 9, "savefig.dpi": 110})


@contextlib.contextmanager
def workplace() -> Iterator[None]:
    """Work in a folder of its own that has the data set of nuclei in it."""
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
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
    y, x = step(CANVAS.size, stream(0, 0, "points")).centres.T
    axes.scatter(x, y, s=6, color="black")
    axes.set(xlim=(0, CANVAS.size[1]), ylim=(CANVAS.size[0], 0), aspect="equal")
    axes.set_xlabel(f"{len(x)} points in {CANVAS.size[0]:g} x {CANVAS.size[1]:g} µm")


def show_shapes(step: Shape, axes: Axes, _: Example) -> None:
    """Lay 4 x 4 objects out on a sheet."""
    across, rng = CANVAS.shape[0] // 4, stream(0, 0, "shapes")
    sheet = np.zeros(CANVAS.shape, np.uint16)
    for i in range(16):
        crop = step(rng, CANVAS.spacing)[:across, :across]
        y, x = (across * k + (across - n) // 2 for k, n in zip(divmod(i, 4), crop.shape, strict=True))
        sheet[y : y + crop.shape[0], x : x + crop.shape[1]][crop] = i + 1
    axes.imshow(coloured(sheet), interpolation="nearest")


def show_outline(step: Outline, axes: Axes, _: Example) -> None:
    """Show a region in white."""
    axes.imshow(step(CANVAS, stream(0, 0, "outline")), cmap="gray", vmin=0, vmax=1, interpolation="nearest")


def show_generator(step: Generator, axes: Axes, _: Example) -> None:
    """Show labels in colours."""
    sample = draw({"generator": step})
    axes.imshow(coloured(sample.labels[0]), interpolation="nearest")
    axes.set_xlabel(f"{sample.count} objects, cover {sample.cover:.0%}")


def show_translator(step: Translator, axes: Axes, example: Example) -> None:
    """Show an image."""
    image = draw({"generator": example.generator, "translators": [*example.before, step]}).image
    if image is not None:
        show_image(image, axes)


ROOMS: dict[str, tuple[type[Step], Callable[[Any, Axes, Example], None]]] = {
    "generators": (Generator, show_generator),
    "points": (Points, show_points),
    "shapes": (Shape, show_shapes),
    "outlines": (Outline, show_outline),
    "translators": (Translator, show_translator),
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


def draw_galleries(folder: Path) -> None:
    """Draw what the front page shows: samples of the built-in recipes."""
    folder.mkdir(parents=True, exist_ok=True)
    save_gallery(Recipe.load("epidermis").draw_many(range(4)), folder / "epidermis.png")
    colony = Recipe.load("colony", [f"generator.shape.dataset={NUCLEI_SET}"])
    save_gallery(colony.draw_many(range(4)), folder / "colony.png")


def draw_tissue(folder: Path) -> None:
    """Draw the tissue model over the density of its seeds and the speckle of its image."""
    grid = [(density, speckle) for density in (0.002, 0.005, 0.008) for speckle in (0, 0.25, 0.5)]
    figure, axes = panels(3, 3)
    for (density, speckle), at in zip(grid, axes, strict=True):
        changes = [f"generator.seeds.density={density}", f"translators.rcm.speckle={speckle}"]
        image = Recipe.load("epidermis", changes).draw(3).image
        if image is not None:
            show_image(image, at)
        at.set_title(f"density = {density:g}, speckle = {speckle:g}")
    save(figure, folder / "tissue.png")


def draw_hard_core(folder: Path) -> None:
    """Draw how dense the two hard-core processes can be: theory, and counts of the code."""
    distance, side = 8.0, 1000.0
    ball = BALL[2] * distance**2
    before, asked = np.linspace(0.01, 6, 200), np.array([0.2, 0.5, 0.8, 0.95, 0.99])
    points = [MaternII(density=share / ball, distance=distance) for share in asked]
    counts = np.array([len(process((side, side), stream(0, 0, "points")).centres) for process in points])
    figure = Figure(figsize=(7, 3.4), layout="constrained")
    axes = figure.add_subplot(xlabel="points before thinning, μb", ylabel="points left, λb", ylim=(0, 2.4))
    axes.plot(before, 1 - np.exp(-before), label="Matérn II: 1 - exp(-μb)")
    axes.plot(-np.log1p(-asked), counts * ball / side**2, "ok", label="Matérn II: counted in samples")
    axes.axhline(1, linestyle=":", color="C0", label="Matérn II: bound")
    axes.axhline(4 * PACKING[2], color="C1", label="ssi: most that is accepted")
    axes.axhline(4 * 0.547, linestyle=":", color="C1", label="ssi: jammed")
    axes.legend(loc="center left", bbox_to_anchor=(1, 0.5), frameon=False)
    save(figure, folder / "hard-core.png")


def draw_colonies(folder: Path) -> None:
    """Draw open and colony-like fields of one cover."""
    canvas = Canvas(shape=(300, 300), spacing=(1.0, 1.0))
    figure, axes = panels(3)
    for at, colonies in zip(axes, (0, 1, 3), strict=True):
        packed = NUCLEI | {"cover": 0.4, "colonies": colonies, "colony_radius": {"uniform": [40, 90]}}
        at.imshow(coloured(draw({"generator": packed}, 2, canvas).labels[0]), interpolation="nearest")
        at.set_title(f"colonies = {colonies}")
    save(figure, folder / "colonies.png")


def draw_pages(folder: Path) -> None:
    """Draw the pictures of the pages written by hand."""
    for one in (draw_galleries, draw_tissue, draw_hard_core, draw_colonies):
        one(folder)
