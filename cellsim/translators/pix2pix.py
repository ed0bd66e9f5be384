"""Images of masks by a network that pix2pix has trained."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from cellsim.masks.inputs import MaskInput
from cellsim.masks.planes import visible
from cellsim.nn.ranges import Ranges
from cellsim.nn.weights import Weights
from cellsim.sample import Image, Labels, Sample
from cellsim.seeds import Rng
from cellsim.steps import parameter
from cellsim.translators.base import Translator

if TYPE_CHECKING:
    import torch

    from cellsim.nn.networks import ImageNetwork

BATCH = 16  # images that a GPU makes at a time

Normalisation = Literal["running", "image"]


class Pix2Pix(Translator):
    """Images that a network makes of masks; it has learnt from annotated images, by pix2pix [1]_ [2]_.

    Masks are encoded as in training, and what the network makes is brought back to the range of grey levels of the
    images that it was trained on. Any canvas can be drawn: it is extended by its mirror image to a size that the
    network takes, and a large one is made in tiles that overlap by all that matters, so that no seam is seen. Chance
    arranges the layers of masks and decides what dropout lets through.

    Features are normalised by running statistics. The published programs go by the statistics of each image
    (``normalisation: image``); then the grey level of an object depends on all others, and large canvases are made
    whole.

    On the CPU images are made one at a time and by one thread, so that an image is the same to the byte in whatever
    batch and on however many cores; a GPU makes many at once, and may round a grey level otherwise than the CPU.

    References
    ----------
    .. [1] Isola, P. et al. (2017). Image-to-image translation with conditional adversarial networks. CVPR.
    .. [2] Cosacak, M. I., Kizil, C. Using conditional generative adversarial networks (GAN) to generate de novo
       synthetic cell nuclei for training machine learning-based image segmentation.
    """

    kind: Literal["pix2pix"] = "pix2pix"
    version: Literal[1] = 1
    weights: Weights = parameter(doc="A file of weights, as `cellsim train` writes it, or the name of built-in ones.")
    normalisation: Normalisation = parameter(
        "running", doc="By running statistics, or by those of each image as the published programs do."
    )
    noise: bool = parameter(True, doc="Whether dropout is on, which lets one mask have many images.")
    overflow: Literal["error", "share"] = parameter(
        "error",
        doc="If the layers of the input do not suffice: an error, or objects share a layer though they are near.",
    )
    structure: str | None = Field(None, description="Which structure of the labels; what is seen of all if not given.")

    @property
    def remark(self) -> str:
        """What the weights were trained on, if they say so."""
        return str(self.weights.settings.get("remark", ""))

    def channels_after(self, before: tuple[str, ...]) -> tuple[str, ...]:
        """Name the channels of the images that were learnt.

        Parameters
        ----------
        before : tuple of str
            Names of the channels that the image has so far.

        Returns
        -------
        tuple of str
            Those of the images that the network was trained on.
        """
        return tuple(self.weights.settings.get("channels", ()))

    def __call__(self, sample: Sample, rng: Rng) -> Sample:
        """Make the image of one sample.

        Parameters
        ----------
        sample : Sample
            2D, with pixels of the size that was learnt.
        rng : numpy.random.Generator
            The only source of chance.

        Returns
        -------
        Sample
            With an image.

        Raises
        ------
        ValueError
            If the sample is not 2D, has pixels of another size or has no such structure, or the weights are of
            something else.
        InputError
            If objects do not fit on the layers, and `overflow` is "error".
        """
        return self.many([sample], [rng])[0]

    def many(self, samples: Sequence[Sample], rngs: Sequence[Rng]) -> list[Sample]:
        """Make the images of several samples.

        Parameters
        ----------
        samples : sequence of Sample
            2D, with pixels of the size that was learnt.
        rngs : sequence of numpy.random.Generator
            One stream a sample.

        Returns
        -------
        list of Sample
            In the order of `samples`.

        Raises
        ------
        ValueError
            If a sample is not 2D, has pixels of another size or has no such structure, or the weights are of something
            else.
        InputError
            If objects do not fit on the layers, and `overflow` is "error".
        """
        from cellsim.nn.device import device

        for sample in samples:
            self._check(sample)
        painter = painter_of(self.weights, self.normalisation, self.overflow, device())
        labels = [visible(sample.planes(self.structure)) for sample in samples]
        images = painter.paint(labels, rngs, self.noise)
        return [sample.with_image(image) for sample, image in zip(samples, images, strict=True)]

    def _check(self, sample: Sample) -> None:
        if len(sample.shape) != 2:
            raise ValueError(f"pix2pix makes 2D images, got a sample of {len(sample.shape)} axes")
        self.weights.check("pix2pix", sample.spacing)


class Painter:
    """A trained network from masks to images, on a device.

    Parameters
    ----------
    network : ImageNetwork
        As `for_inference` returns it, on the device.
    given : MaskInput
        How it sees masks.
    ranges : Ranges
        Of the grey levels of its images.
    """

    def __init__(self, network: ImageNetwork, given: MaskInput, ranges: Ranges) -> None:
        self.network, self.given, self.ranges = network, given, ranges

    def paint(self, labels: Sequence[Labels], rngs: Sequence[Rng], noise: bool) -> Iterator[Image]:
        """Make images of masks.

        Parameters
        ----------
        labels : sequence of (Y, X) uint16 arrays
            0 is background.
        rngs : sequence of numpy.random.Generator
            One stream a mask.
        noise : bool
            Whether dropout is on.

        Yields
        ------
        (C, Y, X) float32 array
            Intensities, one a mask.
        """
        alike = len({one.shape for one in labels}) == 1
        batch = BATCH if alike and next(self.network.parameters()).is_cuda else 1
        for start in range(0, len(labels), batch):
            some = slice(start, start + batch)
            yield from self._batch(labels[some], rngs[some], noise)

    def _batch(self, labels: Sequence[Labels], rngs: Sequence[Rng], noise: bool) -> NDArray[np.float32]:
        import torch

        from cellsim.nn.device import on_one_thread
        from cellsim.nn.networks import draw_keeps
        from cellsim.nn.tiling import padded_shape, run_tiled

        height, width = labels[0].shape
        padded = padded_shape(self.network, height, width)
        given = np.stack([self.given(one, rng) for one, rng in zip(labels, rngs, strict=True)])
        given = self.given.extended(given, padded)
        with torch.inference_mode(), on_one_thread():
            images = torch.from_numpy(given).to(next(self.network.parameters()).device)
            images = images.contiguous(memory_format=torch.channels_last)
            keeps = draw_keeps(self.network.keep_shapes(*padded), rngs) if noise else []
            made = run_tiled(self.network, images, [keep.to(images.device) for keep in keeps])
            found: NDArray[np.float32] = made[:, :, :height, :width].float().cpu().numpy()
        return self.ranges.restored(np.ascontiguousarray(found))


@lru_cache(maxsize=2)
def painter_of(
    weights: Weights, normalisation: Normalisation, overflow: Literal["error", "share"], device: torch.device
) -> Painter:
    """Build the network of some weights, once a process.

    Parameters
    ----------
    weights : Weights
        Of a network that `cellsim train` has trained with an objective `pix2pix`.
    normalisation : {"running", "image"}
        Statistics by which features are normalised.
    overflow : {"error", "share"}
        What happens when the layers of the input do not suffice.
    device : torch.device
        Where it runs.

    Returns
    -------
    Painter
        Ready to paint.

    Raises
    ------
    ValueError
        If the weights are of something else.
    """
    from cellsim.nn.networks import ImageNetwork, build, for_inference, normalise_by_image
    from cellsim.nn.tensors import load_part

    tensors, settings = weights.load()
    network = build(settings["generator"])
    assert isinstance(network, ImageNetwork)
    load_part(network, tensors, "generator")
    if normalisation == "image":
        normalise_by_image(network)
    given = MaskInput(**settings["input"], overflow=overflow)
    return Painter(for_inference(network).to(device), given, Ranges(tuple(settings["low"]), tuple(settings["high"])))
