"""Pictures of the page on spatial statistics."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from matplotlib.figure import Figure
from pictures import save

from cellsim.evaluate.curves import curves
from cellsim.evaluate.measured import Measured
from cellsim.evaluate.region import Region
from cellsim.generators.base import Points
from cellsim.generators.points.matern import MaternII
from cellsim.generators.points.thomas import Thomas
from cellsim.seeds import stream


def draw_curves(folder: Path) -> None:
    """Draw the four curves of clusters and of a hard core in a ring, over the envelope of independent points."""
    y, x = np.mgrid[:70, :70] - 34.5
    region = Region.of_mask((np.hypot(y, x) < 34) & (np.hypot(y, x) > 8), (1.0, 1.0))

    def images(process: Points) -> list[Measured]:
        drawn = [process(region.size, stream(0, i, "points")).centres for i in range(30)]
        seen = [centre[region.contains(centre)] for centre in drawn]
        return [Measured(region, centre, np.full_like(centre, np.nan), {}) for centre in seen]

    clusters = images(Thomas(density=0.0105, cluster_density=0.002, spread=2))
    apart = images(MaternII(density=0.0105, distance=4))
    figure = Figure(figsize=(8, 5), layout="constrained")
    for i, curve in enumerate(curves(clusters, apart, reach=12.0)):
        unit = f" in {curve.unit}" if curve.unit else ""
        axes = figure.add_subplot(2, 2, i + 1, xlabel="distance r in µm", ylabel=curve.name + unit)
        axes.fill_between(curve.distances, *curve.independent_envelope, color="0.8", label="independent")
        axes.plot(curve.distances, curve.real, "C1", label="clusters")
        axes.plot(curve.distances, curve.synthetic, "C0", label="hard core")
        if i == 1:
            axes.legend(frameon=False)
    save(figure, folder / "spatial.png")


PICTURES = (draw_curves,)
