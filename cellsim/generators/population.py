"""An object at every point of a point process."""

from __future__ import annotations

from typing import Literal

from cellsim.generators.base import Shape
from cellsim.generators.crowd import Crowd
from cellsim.masks.overlaps import Rules
from cellsim.masks.planes import arrange
from cellsim.sample import Canvas, Sample
from cellsim.seeds import Rng
from cellsim.steps import parameter


class Population(Crowd):
    """Objects of any shape, one at every point, and what becomes of those that overlap.

    Objects are laid down in the order of the points. One that overlaps an earlier one by more than `overlap` is tried
    at the other places of its point, where the process gives it any, and else left out; what two that stay have in
    common goes to one of them, or they lie in two label planes. Points are drawn in a margin about the canvas too, and
    what they would displace there counts, so that the border looks like the middle. An object that is cut in pieces
    keeps its largest.

    With a region, objects may be denser in it than outside (`beyond`), and lie along its border (`aligned`), also
    those outside.

    The record ``centre`` of an object is its point (µm, y before x), also where part of the object was cut off;
    ``cluster`` is the number of its cluster, of processes that have clusters.

    References
    ----------
    .. [1] Lehmussola, A., Ruusuvuori, P., Selinummi, J., Huttunen, H., Yli-Harja, O. (2007). Computational framework
       for simulating fluorescence microscope images with cell populations. IEEE Trans. Med. Imaging 26(7).
    .. [2] Aurenhammer, F. (1987). Power diagrams: properties, algorithms and applications. SIAM J. Comput. 16(1).
    """

    kind: Literal["population"] = "population"
    version: Literal[1] = 1
    shape: Shape = parameter(doc="What stands at the points.")
    shared: Literal["first", "cut", "layers"] = parameter(
        "first", doc="Whose shared pixels are: the earlier object's; cut at the contact; both, in label planes."
    )
    layers: int = parameter(4, doc="Label planes, where `shared` is layers.", bounds=">= 1, <= 64")

    @property
    def structures(self) -> tuple[str, ...]:
        """Names of the label planes."""
        return tuple(f"cells-{i + 1}" for i in range(self.layers)) if self.shared == "layers" else ("cells",)

    @property
    def numbers(self) -> tuple[str, ...]:
        """What the shape counts."""
        return self.shape.numbers

    @property
    def _bodies(self) -> tuple[Shape, ...]:
        return (self.shape,)

    def __call__(self, canvas: Canvas, rng: Rng) -> Sample:
        """Draw the objects of one sample.

        Parameters
        ----------
        canvas : Canvas
            Shape and spacing.
        rng : numpy.random.Generator
            The only source of chance.

        Returns
        -------
        Sample
            `labels` is (1, [Z,] Y, X), or (layers, [Z,] Y, X), ids in the order of the points; ``objects["centre"]``
            is (N, D) in µm and, of processes with clusters, ``objects["cluster"]`` (N, 1).

        Raises
        ------
        ValueError
            If the points or the shapes cannot be drawn, an object finds no room, or there are more objects than
            uint16 can name.
        """
        placement = self._placement(canvas, rng)
        crops = self.shape(placement, canvas.spacing, rng)
        rules = Rules(self.overlap, self.shared, len(self.structures), self.border == "whole")
        arranged = arrange(crops, placement.places, canvas, rules)
        self._check_room(arranged, placement)
        records = self._records(arranged, placement)
        counted = dict.fromkeys(self.numbers, crops.rejected)
        return Sample(arranged.labels, canvas.spacing, objects=records, structures=self.structures, numbers=counted)
