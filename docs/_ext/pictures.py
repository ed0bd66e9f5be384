"""Pictures drawn by the code itself: one a kind, and those of the pages written by hand."""

from __future__ import annotations

import contextlib
import math
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
import PIL.Image
from examples import CANVAS, CROWD, NUCLEI, NUCLEI_SET, RINGS, Example
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Circle
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from cellsim.generators.base import Field, Generator, Outline, Placement, Points, Shape
from cellsim.generators.points.activity import excess
from cellsim.generators.points.matern import BALL, MaternI, MaternII
from cellsim.generators.points.poisson import Poisson
from cellsim.generators.points.ssi import JAMMED, SSI
from cellsim.generators.points.strauss import Strauss
from cellsim.generators.points.thomas import Thomas
from cellsim.making import make
from cellsim.masks.overlaps import Rules, arrange
from cellsim.overrides import override
from cellsim.recipe import Recipe
from cellsim.report.gallery import palette, save_gallery
from cellsim.sample import Canvas, Image, Labels, Sample
from cellsim.seeds import stream
from cellsim.steps import Step, parse
from cellsim.translators.base import Translator

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
    """Show the first channel in grey, black at 0."""
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
    axes.imshow(coloured(arrange(crops, centres, CANVAS, Rules(1.0))[0][0]), interpolation="nearest")


def show_outline(step: Outline, axes: Axes, _: Example) -> None:
    """Show a region in white."""
    axes.imshow(step(CANVAS, stream(0, 0, "outline")), cmap="gray", vmin=0, vmax=1, interpolation="nearest")


def show_generator(step: Generator, axes: Axes, _: Example) -> None:
    """Show labels in colours."""
    sample = draw({"generator": step})
    axes.imshow(coloured(sample.labels.max(axis=0)), interpolation="nearest")
    axes.set_xlabel(f"{sample.count} objects, cover {sample.cover:.0%}")


def show_translator(step: Translator, axes: Axes, example: Example) -> None:
    """Show an image."""
    image = draw({"generator": example.generator, "translators": [*example.before, step]}).image
    if image is not None:
        show_image(image, axes)


ROOMS: dict[str, tuple[type[Step], Callable[[Any, Axes, Example], None]]] = {
    "generators": (Generator, show_generator),
    "points": (Points, show_points),
    "fields": (Field, show_field),
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
    """Draw how dense the hard-core processes can be: theory, and counts of the code."""
    distance, side = 8.0, 1000.0
    ball = BALL[2] * distance**2

    def left(process: Points) -> float:
        """Points of a drawn field, as a multiple of those that would stand one in every ball."""
        return len(process((side, side), stream(0, 0, "points"))) * ball / side**2

    before, asked = np.linspace(0.01, 6, 200), np.array([0.2, 0.5, 0.8, 0.95, 0.99])
    thrown = np.array([0.2, 0.5, 0.9])
    figure = Figure(figsize=(7, 3.4), layout="constrained")
    axes = figure.add_subplot(xlabel="points before thinning, μb", ylabel="points left, λb", ylim=(0, 2.4))
    axes.plot(before, before * np.exp(-before), color="C2", label="Matérn I: μb exp(-μb)")
    axes.plot(before, 1 - np.exp(-before), color="C0", label="Matérn II: 1 - exp(-μb)")
    axes.axhline(4 * JAMMED[2], color="C1", label="ssi: as many as fit")
    counted = [left(MaternI(density=m * np.exp(-m) / ball, distance=distance)) for m in thrown]
    axes.plot(thrown, counted, "ok", label="counted in samples")
    axes.plot(-np.log1p(-asked), [left(MaternII(density=f / ball, distance=distance)) for f in asked], "ok")
    axes.plot(3, left(SSI(distance=distance)), "ok")
    axes.axhline(1, linestyle=":", color="C0", label="Matérn II: bound")
    axes.axhline(np.exp(-1), linestyle=":", color="C2", label="Matérn I: bound")
    axes.legend(loc="center left", bbox_to_anchor=(1, 0.5), frameon=False)
    save(figure, folder / "hard-core.png")


def draw_pairs(folder: Path) -> None:
    """Draw the pair correlation of point processes, counted in fields of 9 mm²."""
    figure = Figure(figsize=(7, 3.4), layout="constrained")
    axes = figure.add_subplot(xlabel="distance r in µm", ylabel="pair correlation g(r)", ylim=(0, 4))
    edges = np.linspace(0, 20, 41)
    middles, side = (edges[1:] + edges[:-1]) / 2, 3000.0
    shown: dict[str, Points] = {
        "poisson": Poisson(density=0.01),
        "matern-i": MaternI(density=0.0017, distance=8),
        "matern-ii": MaternII(density=0.0045, distance=8),
        "ssi, as many as fit": SSI(distance=8),
        "thomas": Thomas(density=0.01, cluster_density=0.004, spread=4),
    }
    for i, (name, process) in enumerate(shown.items()):
        centres = process((side, side), stream(0, 0, "points")).centres
        inner = centres[((centres > edges[-1]) & (centres < side - edges[-1])).all(axis=1)]
        pairs = np.diff(cKDTree(inner).count_neighbors(cKDTree(centres), edges))
        rings = np.pi * np.diff(edges**2)
        axes.plot(middles, pairs / len(inner) / rings / (len(centres) / side**2), f"C{i}", label=name)
    axes.legend(loc="center left", bbox_to_anchor=(1, 0.5), frameon=False)
    save(figure, folder / "pairs.png")


def draw_regions(folder: Path) -> None:
    """Draw open fields, colonies and bands of one cover."""
    canvas = Canvas(shape=(300, 300), spacing=(1.0, 1.0))
    regions = {
        "full": {"kind": "full"},
        "colonies": {"kind": "colonies", "number": 3, "radius": {"uniform": [40, 70]}},
        "curves": {"kind": "curves", "number": 2, "width": 45, "persistence": 250},
    }
    figure, axes = panels(3)
    for at, (name, region) in zip(axes, regions.items(), strict=True):
        packed = NUCLEI | {"cover": 0.4, "region": region}
        at.imshow(coloured(draw({"generator": packed}, 2, canvas).labels[0]), interpolation="nearest")
        at.set_title(f"region: {name}")
    save(figure, folder / "regions.png")


def draw_overlaps(folder: Path) -> None:
    """Draw one population under each rule for shared pixels."""
    rules: dict[str, dict[str, Any]] = {
        "overlap: 0": {"overlap": 0},
        "shared: first": {"shared": "first"},
        "shared: cut": {"shared": "cut"},
    }
    crowd = CROWD | {"points": {"kind": "poisson", "density": 0.01}, "overlap": 0.4}
    figure, axes = panels(3, 2)
    for at, (name, rule) in zip(axes, rules.items(), strict=False):
        at.imshow(coloured(draw({"generator": crowd | rule}, 1).labels[0]), interpolation="nearest")
        at.set_title(name)
    layers = draw({"generator": crowd | {"shared": "layers", "layers": 3}}, 1).labels
    colours = palette(int(layers.max()) + 1)
    for i, (at, plane) in enumerate(zip(axes[3:], layers, strict=True)):
        at.imshow(colours[plane], interpolation="nearest")
        at.set_title(f"shared: layers, plane {i + 1}")
    save(figure, folder / "overlaps.png")


def draw_directions(folder: Path) -> None:
    """Draw a population that follows a vortex, over the spread of its directions."""
    canvas = Canvas(shape=(300, 300), spacing=(0.5, 0.5))
    vortex = {"kind": "formula", "formula": ["x - 75", "75 - y"]}
    figure, axes = panels(3)
    for at, spread in zip(axes, (0, 20, 90), strict=True):
        shape = {"kind": "ellipsoid", "radius": 3, "elongation": 2.5, "along": vortex, "spread": spread}
        crowd = {"kind": "population", "points": {"kind": "poisson", "density": 0.03}, "shape": shape}
        at.imshow(coloured(draw({"generator": crowd}, 0, canvas).labels[0]), interpolation="nearest")
        at.set_title(f"spread = {spread}°")
    save(figure, folder / "directions.png")


def draw_chains(folder: Path) -> None:
    """Draw how the number of points settles, for Strauss's process."""
    figure = Figure(figsize=(8, 2.8), layout="constrained")
    for i, (gamma, density) in enumerate([(1.0, 0.01), (0.1, 0.01), (0.0, 0.01)]):
        axes = figure.add_subplot(1, 3, i + 1, xlabel="share of the chain", title=f"gamma = {gamma:g}")
        process = Strauss(density=density, distance=8, gamma=gamma)
        chains = [process.chain(CANVAS.size, stream(0, k, "chains")) for k in range(16)]
        for chain in chains:
            axes.plot(np.arange(1, 65) / 64, chain.counts, color="C0", linewidth=0.5)
        axes.plot(np.arange(1, 65) / 64, np.mean([chain.counts for chain in chains], axis=0), color="black")
        axes.set(ylim=(0, None), ylabel="points" if i == 0 else "")
        axes.annotate(f"{chains[0].steps:,} steps", (0.95, 0.08), xycoords="axes fraction", ha="right")
    save(figure, folder / "chains.png")


def draw_activity(folder: Path) -> None:
    """Draw density over activity for Strauss's process: as computed, and counts of the code."""
    figure = Figure(figsize=(7, 3.4), layout="constrained")
    axes = figure.add_subplot(xscale="log", xlabel="activity, points in a ball of radius d", ylabel="points there are")
    for colour, gamma in enumerate((0.0, 0.05, 0.3, 1.0)):
        x = np.linspace(0.01, 2.6 if gamma == 0 else 4, 100)
        axes.plot([a * math.exp(excess(a, gamma, 2)) for a in x], x, color=f"C{colour}", label=f"gamma = {gamma:g}")
        for crowding in (0.3, 1, 1.8, 2.4):
            process = Strauss(density=crowding / BALL[2], distance=1, gamma=gamma)
            count = np.mean([len(process((20, 20), stream(0, k, "activity"))) for k in range(4)])
            axes.plot(crowding * math.exp(excess(crowding, gamma, 2)), count * BALL[2] / 400, f"C{colour}o")
    axes.legend(frameon=False)
    save(figure, folder / "activity.png")


def draw_pages(folder: Path) -> None:
    """Draw the pictures of the pages written by hand."""
    hand = (draw_galleries, draw_tissue, draw_hard_core, draw_pairs, draw_chains, draw_activity)
    for one in (*hand, draw_regions, draw_overlaps, draw_directions):
        one(folder)
