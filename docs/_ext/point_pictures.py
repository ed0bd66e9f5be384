"""Pictures of the pages on point processes."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
from examples import CANVAS, RINGS, Example
from matplotlib.figure import Figure
from pictures import panels, save, show_points
from scipy.spatial import cKDTree
from scipy.spatial.distance import pdist

from cellsim.generators.base import Points
from cellsim.generators.points.activity import excess
from cellsim.generators.points.disks import Disks
from cellsim.generators.points.matern import BALL, MaternI, MaternII
from cellsim.generators.points.poisson import Poisson
from cellsim.generators.points.ssi import JAMMED, SSI
from cellsim.generators.points.strauss import Strauss
from cellsim.generators.points.thomas import Thomas
from cellsim.seeds import stream
from cellsim.steps import parse


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


def draw_attraction(folder: Path) -> None:
    """Draw disks that attract each other more and more, about as many each time."""
    figure, axes = panels(3)
    for at, attraction, activity in zip(axes, (0, 1, 2), (0.04, 0.022, 0.0092), strict=True):
        process = Disks(activity=activity, radius=2.0, penalty=100.0, overlap=0.2, attraction=attraction, reach=0.4)
        show_points(process, at, Example({}, ""))
        found = process(CANVAS.size, stream(0, 0, "points")).centres
        gaps = pdist(found) - 4.0
        near = int(((gaps >= 0) & (gaps < 0.4)).sum())
        at.set_title(f"attraction = {attraction:g}")
        at.set_xlabel(f"{len(found)} disks, {2 * near / len(found):.2f} near one")
    save(figure, folder / "attraction.png")


def draw_profiles(folder: Path) -> None:
    """Draw one process thinned by three fields."""
    fields = {
        "formula": {"kind": "formula", "formula": "exp(-x / 40)"},
        "image": {"kind": "image", "image": RINGS, "spacing": 0.5},
        "smooth": {"kind": "smooth", "scale": 15, "mean": 0.5, "spread": 0.4},
    }
    figure, axes = panels(3)
    for at, (name, profile) in zip(axes, fields.items(), strict=True):
        process = parse(Points, {"kind": "ssi", "density": 0.08, "distance": 2.2, "profile": profile}, "")
        show_points(process, at, Example({}, ""))
        at.set_title(f"profile: {name}")
    save(figure, folder / "profiles.png")


PICTURES = (draw_hard_core, draw_pairs, draw_chains, draw_activity, draw_attraction, draw_profiles)
