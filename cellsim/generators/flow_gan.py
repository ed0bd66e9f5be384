"""Masks that a StyleGAN2 has learnt, as images of flows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from cellsim.generators.base import Generator
from cellsim.masks.encodings import ENCODINGS, Encoding
from cellsim.masks.relabel import consecutive
from cellsim.nn.weights import Weights
from cellsim.sample import Canvas, Labels, Sample
from cellsim.seeds import Rng
from cellsim.steps import parameter

if TYPE_CHECKING:
    import torch

    from cellsim.generators.stylegan.generator import Generator as StyleGan

BATCH = 32  # images that a GPU makes at a time


class FlowGan(Generator):
    """Masks that StyleGAN2 has learnt from annotated images, by way of flows [1]_.

    The network makes an image of three channels: the probability of a cell, and the flow towards the cell's centre.
    The labels are read from it by following the flow. A draw is rejected, and drawn anew, if its flow does not lead
    to objects or if it holds too few of them; how many draws a sample took is kept as "rejected".

    On a canvas larger than the images it was trained on, the network makes a larger image, whose style changes from
    place to place; on a smaller one, the middle of its image is taken.

    On the CPU samples are drawn one at a time and by one thread, so that a sample is the same to the byte in whatever
    batch and on however many cores; a GPU draws many at once, and may round a pixel otherwise than the CPU.

    References
    ----------
    .. [1] Tasnadi, E., Sliz-Nagy, A., Horvath, P. (2023). Structure preserving adversarial generation of labeled
       training samples for single-cell segmentation. Cell Reports Methods 3, 100592.
    """

    kind: Literal["flow-gan"] = "flow-gan"
    version: Literal[1] = 1
    weights: Weights = parameter(doc="A file of weights, as `cellsim train` writes it, or the name of built-in ones.")
    truncation: float = parameter(
        1.0, doc="1 for all that was learnt; less for what is nearer to its mean.", bounds=">= 0, <= 2"
    )
    converging: float = parameter(
        0.8, doc="Least share of the cell pixels whose flow leads to an object.", bounds=">= 0, <= 1"
    )
    objects: int = parameter(1, doc="Fewest objects.", bounds=">= 0")
    smallest: float = parameter(0.0, unit="µm²", doc="Objects of a smaller area are left out.", bounds=">= 0")
    tries: int = parameter(20, doc="Draws of a sample at most.", bounds=">= 1")

    @property
    def numbers(self) -> tuple[str, ...]:
        """How many draws were rejected before the sample."""
        return ("rejected",)

    @property
    def remark(self) -> str:
        """What the weights were trained on, if they say so."""
        return str(self.weights.settings.get("remark", ""))

    def check(self, canvas: Canvas) -> None:
        """Refuse canvases with other axes or pixels than the masks that were learnt.

        Parameters
        ----------
        canvas : Canvas
            Shape and spacing.

        Raises
        ------
        ValueError
            If it is not 2D, or its pixels have another size.
        """
        if canvas.ndim != 2:
            raise ValueError(f"flow-gan draws 2D masks, got a canvas of {canvas.ndim} axes")
        self.weights.check("stylegan2", canvas.spacing)

    def __call__(self, canvas: Canvas, rng: Rng) -> Sample:
        """Draw the labels of one sample.

        Parameters
        ----------
        canvas : Canvas
            2D, with the size of a pixel that was learnt.
        rng : numpy.random.Generator
            The only source of chance.

        Returns
        -------
        Sample
            One label plane; `numbers` has "rejected".

        Raises
        ------
        ValueError
            If no draw is well formed, or the canvas is not one that can be drawn.
        """
        return self.many(canvas, [rng])[0]

    def many(self, canvas: Canvas, rngs: Sequence[Rng]) -> list[Sample]:
        """Draw several samples.

        Parameters
        ----------
        canvas : Canvas
            2D, with the size of a pixel that was learnt.
        rngs : sequence of numpy.random.Generator
            One stream a sample.

        Returns
        -------
        list of Sample
            In the order of `rngs`.

        Raises
        ------
        ValueError
            If no draw of a sample is well formed, or the canvas is not one that can be drawn.
        """
        from cellsim.nn.device import device

        self.check(canvas)
        network = network_of(self.weights, device())
        least = self.smallest / float(np.prod(canvas.spacing))
        found: list[Sample | None] = [None] * len(rngs)
        for rejected in range(self.tries):
            pending = [i for i, sample in enumerate(found) if sample is None]
            images = network.draw(canvas.shape, [rngs[i] for i in pending], self.truncation)
            for i, image in zip(pending, images, strict=True):
                labels = self._accepted(image, network.encoding, least)
                if labels is not None:
                    found[i] = Sample(
                        labels[np.newaxis], canvas.spacing, structures=self.structures, numbers={"rejected": rejected}
                    )
            if None not in found:
                break
        samples = [sample for sample in found if sample is not None]
        if len(samples) < len(found):
            raise ValueError(
                f"no well-formed mask in {self.tries} draws: lower converging ({self.converging:g}) or objects "
                f"({self.objects}), or take weights that were trained longer than {self.weights.path}"
            )
        return samples

    def _accepted(self, image: NDArray[np.uint8], encoding: Encoding, least: float) -> Labels | None:
        """Read the labels of an image, if it is well formed."""
        decoded = encoding.read(image)
        if decoded.converged < self.converging:
            return None
        labels, _ = consecutive(decoded.labels, max(1, int(np.ceil(least))))
        return labels if labels.max(initial=0) >= self.objects else None


class Network:
    """A trained generator of encoded masks, on a device.

    Parameters
    ----------
    generator : StyleGAN generator
        On the device.
    encoding : Encoding
        Of its images.
    reduced : int
        Edge in px of the squares of a mask that one of its pixels stands for.
    """

    def __init__(self, generator: StyleGan, encoding: Encoding, reduced: int) -> None:
        self.generator, self.encoding, self.reduced = generator, encoding, reduced

    def draw(self, shape: Sequence[int], rngs: Sequence[Rng], truncation: float) -> Iterator[NDArray[np.uint8]]:
        """Draw encoded masks.

        Parameters
        ----------
        shape : (2,) ints
            Of the masks in px.
        rngs : sequence of numpy.random.Generator
            One stream a mask.
        truncation : float
            1 for all that was learnt.

        Yields
        ------
        (C, Y, X) uint8 array
            One a stream.
        """
        from cellsim.generators.stylegan.configuration import CONSTANT
        from cellsim.nn.device import on_one_thread
        from cellsim.nn.levels import as_levels

        cell = self.generator.architecture.resolution * self.reduced // CONSTANT
        cells = [max(CONSTANT, -(-n // cell)) for n in shape]
        corner = [(cell * n - m) // 2 for n, m in zip(cells, shape, strict=True)]
        rows, columns = (slice(start, start + n) for start, n in zip(corner, shape, strict=True))
        batch = BATCH if self.generator.mapping.mean.is_cuda else 1
        for start in range(0, len(rngs), batch):
            with on_one_thread():
                images = self.generator.sample(rngs[start : start + batch], truncation, (cells[0], cells[1]))
                levels = as_levels(images, self.reduced)
            yield from levels[:, :, rows, columns]


@lru_cache(maxsize=2)
def network_of(weights: Weights, device: torch.device) -> Network:
    """Build the network of some weights, once a process.

    Parameters
    ----------
    weights : Weights
        Of a StyleGAN2 that was trained on encoded masks.
    device : torch.device
        Where it runs.

    Returns
    -------
    Network
        Ready to draw.

    Raises
    ------
    ValueError
        If the weights are of something else.
    """
    from cellsim.generators.stylegan.generator import load_generator

    tensors, settings = weights.load()
    encoding = settings.get("encoding")
    if settings.get("network") != "stylegan2" or encoding not in ENCODINGS:
        kinds = f"network {settings.get('network')!r}, encoding {encoding!r}"
        raise ValueError(f"weights: {weights.path} is no StyleGAN2 of encoded masks ({kinds})")
    generator = load_generator(tensors, settings).to(device)
    return Network(generator, ENCODINGS[encoding], int(settings.get("reduced", 1)))
