"""Mapping and synthesis together; the way from saved weights to images."""

from __future__ import annotations

from collections.abc import Mapping as MappingOf
from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor, nn

from cellsim.generators.stylegan.configuration import CONSTANT, Architecture
from cellsim.generators.stylegan.layers import channels_last
from cellsim.generators.stylegan.mapping import Mapping
from cellsim.generators.stylegan.synthesis import Cells, Synthesis
from cellsim.nn.tensors import load_part
from cellsim.seeds import Rng


class Generator(nn.Module):
    """From latent vectors to images.

    Parameters
    ----------
    architecture : Architecture
        Sizes.
    """

    def __init__(self, architecture: Architecture) -> None:
        super().__init__()
        self.architecture = architecture
        self.mapping = Mapping(architecture)
        self.synthesis = Synthesis(architecture)
        channels_last(self)

    def forward(
        self,
        z: Tensor,
        truncation: float = 1.0,
        noise: Sequence[Tensor] | None = None,
        cells: Cells = (CONSTANT, CONSTANT),
    ) -> Tensor:
        """Make images.

        Parameters
        ----------
        z : (B, latent) or (B, gy, gx, latent) Tensor
            Normally distributed; of every image, or of every place of a grid laid over it.
        truncation : float
            1 for all that was learnt, less for what is nearer to its mean.
        noise : sequence of (B, C, Y, X) Tensor, optional
            As in `Synthesis`.
        cells : (2,) ints
            Of the constant, along y and x: 4 x 4 gives images of the resolution of the architecture.

        Returns
        -------
        (B, channels, Y, X) Tensor
            About -1 to 1.
        """
        w = self.mapping.truncate(self.mapping(z), truncation)
        images: Tensor = self.synthesis(w[:, None].expand(-1, self.architecture.styles, *w.shape[1:]), noise, cells)
        return images

    def draw(self, rngs: Sequence[Rng], cells: Cells = (CONSTANT, CONSTANT)) -> tuple[Tensor, list[Tensor]]:
        """Draw latent vectors and noise, every image from its own stream.

        Parameters
        ----------
        rngs : sequence of numpy.random.Generator
            One stream an image.
        cells : (2,) ints
            Of the constant, along y and x.

        Returns
        -------
        z : (B, latent) or (B, gy, gx, latent) Tensor
            Normally distributed; one for every 4 x 4 cells, or one if the layout is spatial.
        noise : list of (B, C, Y, X) Tensor
            Likewise, of the shapes that `Synthesis.noise_shapes` tells.
        """
        grid = (1,) if self.architecture.spatial else tuple(-(-n // CONSTANT) for n in cells)
        latent = (*(grid if max(grid) > 1 else ()), self.architecture.latent)
        shapes = [latent, *self.synthesis.noise_shapes(cells)]
        drawn = [[rng.standard_normal(shape, np.float32) for shape in shapes] for rng in rngs]
        device = self.mapping.mean.device
        z, *noise = (torch.from_numpy(np.stack(one)).to(device) for one in zip(*drawn, strict=True))
        return z, noise

    @torch.inference_mode()
    def sample(self, rngs: Sequence[Rng], truncation: float = 1.0, cells: Cells = (CONSTANT, CONSTANT)) -> Tensor:
        """Make an image from every stream.

        Parameters
        ----------
        rngs : sequence of numpy.random.Generator
            One stream an image.
        truncation : float
            1 for all that was learnt, less for what is nearer to its mean.
        cells : (2,) ints
            Of the constant, along y and x.

        Returns
        -------
        (B, channels, Y, X) Tensor
            float32, about -1 to 1, on the device of the network.
        """
        z, noise = self.draw(rngs, cells)
        images: Tensor = self(z, truncation, noise, cells)
        return images


def load_generator(tensors: MappingOf[str, Tensor], settings: MappingOf[str, object]) -> Generator:
    """Build a generator from what a training has kept.

    Parameters
    ----------
    tensors : mapping of str to Tensor
        Names begin with "generator."; others are left alone.
    settings : mapping of str to JSON value
        With the fields of the `Architecture` under "architecture".

    Returns
    -------
    Generator
        float32, ready for images, on the CPU.

    Raises
    ------
    ValueError
        If there is no architecture, or if the tensors are not those of this architecture.
    """
    if "architecture" not in settings:
        raise ValueError(f"settings of a StyleGAN2 generator need architecture, got {', '.join(settings) or 'none'}")
    generator = Generator(Architecture.model_validate(settings["architecture"]))
    load_part(generator, tensors, "generator")
    return generator.eval().requires_grad_(False)
