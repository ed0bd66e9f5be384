"""Stained tissue sections in transmitted light."""

from __future__ import annotations

import math
from statistics import NormalDist
from typing import ClassVar, Literal, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import model_validator

from cellsim.distributions import Number
from cellsim.sample import Image, Sample
from cellsim.seeds import Rng
from cellsim.steps import parameter
from cellsim.translators.base import Translator
from cellsim.translators.optics.blur import blur
from cellsim.translators.optics.dome import domes
from cellsim.translators.optics.fibres import fibrous_field
from cellsim.translators.optics.field import smooth_field
from cellsim.translators.optics.painting import lognormal_levels
from cellsim.translators.optics.value_noise import Octaves, object_noise

CHROMATIN = Octaves(first=2, number=5, persistence=1.0)
RIM = 1.0  # µm; what is denser at the border of a nucleus
CLEAR = 10.0  # how far gaps keep away from nuclei, in standard deviations of their field where cytoplasm is thick

Rgb = tuple[float, float, float]


class Histology(Translator):
    """A section stained with haematoxylin and eosin, in colour.

    The objects are nuclei. Each takes up haematoxylin: as dense as `haematoxylin`, lognormal from nucleus to nucleus,
    mottled by chromatin and denser at its rim; some are out of focus. Eosin stains the fibrous stroma, and the
    cytoplasm around nuclei; gaps take up nothing. By the law of Beer and Lambert densities add up, and light passes as

    I = `light` 10^-(H h + E e)

    in red, green and blue, where H and E are the densities of the stains and h and e their colours, scaled to length
    one. The defaults of these are those of Ruifrok and Johnston. A blur comes last.

    References
    ----------
    .. [1] Ruifrok, A. C., Johnston, D. A. (2001). Quantification of histochemical staining by color deconvolution.
       Analytical and Quantitative Cytology and Histology 23(4).
    """

    kind: Literal["histology"] = "histology"
    version: Literal[1] = 1
    channels: ClassVar[tuple[str, ...] | None] = ("red", "green", "blue")
    haematoxylin: Number = parameter(0.7, doc="Median optical density of a nucleus.", bounds=">= 0, <= 3")
    variation: Number = parameter(0.3, doc="Spread of its logarithm from nucleus to nucleus.", bounds=">= 0, <= 2")
    chromatin: Number = parameter(0.8, doc="Most that chromatin changes it, relative.", bounds=">= 0, <= 1")
    rim: Number = parameter(0.4, doc="How much denser a nucleus is at its border, relative.", bounds=">= 0, <= 2")
    defocus: Number = parameter(0.2, doc="Share of nuclei that are out of focus.", bounds=">= 0, <= 1")
    defocus_psf: Number = parameter(1.5, unit="µm", doc="Standard deviation of their blur.", bounds=">= 0")
    eosin: Number = parameter(0.15, doc="Mean optical density of the stroma.", bounds=">= 0, <= 3")
    fibres: Number = parameter(0.8, doc="Most that fibres change it, relative.", bounds=">= 0, <= 1")
    fibre_width: Number = parameter(2.0, unit="µm", doc="Distance of neighbouring fibres.", bounds="> 0")
    cytoplasm: Number = parameter(0.1, doc="Optical density of eosin that cytoplasm adds.", bounds=">= 0, <= 3")
    cytoplasm_width: Number = parameter(3.0, unit="µm", doc="How far it reaches from nuclei.", bounds=">= 0")
    gaps: Number = parameter(0.1, doc="Share of the area without nuclei that is empty.", bounds=">= 0, < 1")
    gap_size: Number = parameter(25.0, unit="µm", doc="Size of the empty areas.", bounds="> 0")
    psf: Number = parameter(0.3, unit="µm", doc="Standard deviation of the point spread function.", bounds=">= 0")
    light: Rgb = parameter((0.95, 0.93, 0.95), doc="Light in red, green, blue where nothing absorbs, in [0, 1].")
    haematoxylin_colour: Rgb = parameter((0.65, 0.70, 0.29), doc="What it absorbs of red, green, blue, in proportion.")
    eosin_colour: Rgb = parameter((0.07, 0.99, 0.11), doc="What it absorbs of red, green, blue, in proportion.")

    @model_validator(mode="after")
    def _colours_are_possible(self) -> Self:
        if not all(0 <= value <= 1 for value in self.light):
            raise ValueError(f"light must be three numbers >= 0, <= 1, got {self.light}")
        for name in ("haematoxylin_colour", "eosin_colour"):
            colour = getattr(self, name)
            if not (all(0 <= value < math.inf for value in colour) and any(colour)):
                raise ValueError(f"{name} must be three numbers >= 0, not all 0, got {colour}")
        return self

    def __call__(self, sample: Sample, rng: Rng) -> Sample:
        """Shine through a section.

        Parameters
        ----------
        sample : Sample
            2D labels of nuclei; those of all label planes are stained. Any image it has is replaced.
        rng : numpy.random.Generator
            The only source of chance.

        Returns
        -------
        Sample
            With an image of three channels, red, green and blue, in [0, 1].

        Raises
        ------
        ValueError
            If the sample is 3D.
        """
        if len(sample.spacing) != 2:
            raise ValueError(f"histology is of thin sections: it takes 2D labels, got {len(sample.spacing)}D")
        image = transmitted(self.stains(sample, rng), self.colours(), self.light)
        return sample.with_image(blur(image, [self.psf / step for step in sample.spacing]))

    def colours(self) -> NDArray[np.float32]:
        """Return what the stains absorb.

        Returns
        -------
        (2, 3) float32 array
            Haematoxylin and eosin, in red, green and blue; rows are of length one.
        """
        colours = np.array([self.haematoxylin_colour, self.eosin_colour], np.float32)
        return np.asarray(colours / np.linalg.norm(colours, axis=1, keepdims=True))

    def stains(self, sample: Sample, rng: Rng) -> Image:
        """Draw how much of the stains there is.

        Parameters
        ----------
        sample : Sample
            Labels of nuclei.
        rng : numpy.random.Generator
            The only source of chance.

        Returns
        -------
        (2, Y, X) float32 array
            Optical densities of haematoxylin and eosin.
        """
        nuclei = self.nuclei(sample, rng)
        covered = sample.labels.any(axis=0).astype(np.float32)
        cytoplasm = blur(covered, [self.cytoplasm_width / step for step in sample.spacing])
        eosin = np.full(sample.shape, self.eosin, np.float32)
        if self.fibres > 0:
            fibres = fibrous_field(sample.canvas, self.fibre_width, rng)
            eosin *= 1 + np.float32(self.fibres) * (2 * fibres - 1)
        eosin += np.float32(self.cytoplasm) * cytoplasm
        if self.gaps > 0:
            field = smooth_field(sample.canvas, self.gap_size, rng)
            eosin[field - CLEAR * cytoplasm > NormalDist().inv_cdf(1 - self.gaps)] = 0
        return np.stack([nuclei, eosin])

    def nuclei(self, sample: Sample, rng: Rng) -> Image:
        """Draw the haematoxylin of the nuclei.

        Parameters
        ----------
        sample : Sample
            Labels of nuclei.
        rng : numpy.random.Generator
            The only source of chance.

        Returns
        -------
        (Y, X) float32 array
            Optical density; where nuclei lie one above the other it adds up.
        """
        levels = lognormal_levels(sample.labels, self.haematoxylin, self.variation, rng)
        out_of_focus = rng.random(len(levels)) < self.defocus
        density = np.take(levels, sample.labels)
        if self.chromatin > 0:
            density *= 1 + np.float32(self.chromatin) * (2 * object_noise(sample.labels, CHROMATIN, rng) - 1)
        if self.rim > 0:
            inside = np.stack([domes(plane, sample.spacing, RIM) for plane in sample.labels])
            density *= 1 + np.float32(self.rim) * (1 - inside)
        if not out_of_focus.any():
            return np.asarray(density.sum(axis=0))
        hazy = density * np.take(out_of_focus, sample.labels)
        spread = blur(hazy.sum(axis=0), [self.defocus_psf / step for step in sample.spacing])
        return np.asarray((density - hazy).sum(axis=0) + spread)


def transmitted(densities: Image, colours: NDArray[np.float32], light: Rgb) -> Image:
    """Let light through stains, by the law of Beer and Lambert.

    Parameters
    ----------
    densities : (S, Y, X) float32 array
        Optical density of each stain.
    colours : (S, 3) float32 array
        What a density of one absorbs in red, green and blue.
    light : 3 floats
        Red, green and blue without any stain.

    Returns
    -------
    (3, Y, X) float32 array
        `light` times 10 to the minus absorbance.
    """
    image = np.tensordot(colours.T * np.float32(-math.log(10)), densities, 1)
    np.exp(image, out=image)
    image *= np.array(light, np.float32)[:, np.newaxis, np.newaxis]
    return image
