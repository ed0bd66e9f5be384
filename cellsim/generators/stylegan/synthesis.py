"""The synthesis network: from vectors w and noise to images."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from cellsim.generators.stylegan.configuration import CONSTANT, Architecture
from cellsim.generators.stylegan.layers import GAIN, Filter, ModulatedConvolution, activate

Cells = tuple[int, int]  # how many times the grid of the constant, along y and x


class StyledLayer(nn.Module):
    """A modulated convolution, noise, a bias and a leaky ReLU.

    Parameters
    ----------
    inputs, outputs : int
        Channels.
    latent : int
        Numbers in a vector w.
    up : bool
        Whether the resolution is doubled.
    noisy : bool
        Whether noise is added.
    """

    def __init__(self, inputs: int, outputs: int, latent: int, up: bool = False, noisy: bool = True) -> None:
        super().__init__()
        self.convolution = ModulatedConvolution(inputs, outputs, latent, up=up)
        self.strength = nn.Parameter(torch.zeros(())) if noisy else None
        self.bias = nn.Parameter(torch.zeros(outputs))

    def forward(self, images: Tensor, w: Tensor, noise: Tensor | None = None) -> Tensor:
        """Apply the layer.

        Parameters
        ----------
        images : (B, inputs, Y, X) Tensor
            Features.
        w : (B, latent) or (B, gy, gx, latent) Tensor
            Of every image, or of every place of a grid laid over it.
        noise : (B, 1, Y, X) Tensor, optional
            Normally distributed, of the size of the result; for layers that add noise.

        Returns
        -------
        (B, outputs, Y, X) Tensor
            Features; of twice the edges with `up`.
        """
        found = self.convolution(images, w, GAIN)
        if self.strength is not None and noise is not None:
            found = found.add_(noise * (self.strength * GAIN))
        return activate(found.add_((self.bias * GAIN)[:, None, None]), 1.0)


class ToImage(nn.Module):
    """A modulated convolution of one pixel, without normalisation, from features to an image.

    Parameters
    ----------
    inputs, outputs : int
        Channels of features and image.
    latent : int
        Numbers in a vector w.
    """

    def __init__(self, inputs: int, outputs: int, latent: int) -> None:
        super().__init__()
        self.convolution = ModulatedConvolution(inputs, outputs, latent, kernel=1, demodulated=False)
        self.bias = nn.Parameter(torch.zeros(outputs))

    def forward(self, features: Tensor, w: Tensor) -> Tensor:
        """Apply the layer.

        Parameters
        ----------
        features : (B, inputs, Y, X) Tensor
            Features.
        w : (B, latent) or (B, gy, gx, latent) Tensor
            Of every image, or of every place of a grid laid over it.

        Returns
        -------
        (B, outputs, Y, X) Tensor
            What this resolution adds to the image.
        """
        found: Tensor = self.convolution(features, w)
        return found.add_(self.bias[:, None, None])


class Synthesis(nn.Module):
    """The skip generator [1]_: at every resolution features are convolved, and an image is added up.

    It begins from a learnt constant of 4 x 4. A larger one, which repeats it, gives larger images: a network for
    128 x 128 pixels makes 256 x 384 from 8 x 12 cells. With one style, their parts would be alike; with a grid of
    styles, one every 4 x 4 cells, they differ. Where the architecture is `spatial`, normally distributed numbers stand
    in for the constant [2]_: the layout is another in every image, and nowhere repeats.

    Parameters
    ----------
    architecture : Architecture
        Sizes.

    References
    ----------
    .. [1] Karras, T. et al. (2020). Analyzing and improving the image quality of StyleGAN. CVPR, section 4.1.
    .. [2] Bergmann, U., Jetchev, N., Vollgraf, R. (2017). Learning texture manifolds with the periodic spatial GAN.
       ICML.
    """

    def __init__(self, architecture: Architecture) -> None:
        super().__init__()
        sizes = [architecture.features(resolution) for resolution in architecture.resolutions]
        self.architecture = architecture
        self.constant = None if architecture.spatial else nn.Parameter(torch.randn(sizes[0], CONSTANT, CONSTANT))
        layers, before = [], sizes[0]
        for i, size in enumerate(sizes):
            layers += [StyledLayer(before, size, architecture.latent, True, architecture.noise)] if i else []
            layers += [StyledLayer(size, size, architecture.latent, False, architecture.noise)]
            before = size
        self.layers = nn.ModuleList(layers)
        self.images = nn.ModuleList(ToImage(size, architecture.channels, architecture.latent) for size in sizes)
        self.filter = Filter()

    def noise_shapes(self, cells: Cells = (CONSTANT, CONSTANT)) -> list[tuple[int, int, int]]:
        """Tell how much noise an image takes.

        Parameters
        ----------
        cells : (2,) ints
            Of the constant, along y and x.

        Returns
        -------
        list of (C, Y, X)
            Channels and shape in px of what stands in for the constant, if anything does, and of the noise of every
            layer, if the architecture has noise.
        """
        rows, columns = self._with_margin(cells)
        start = [] if self.constant is not None else [(self.architecture.features(CONSTANT), rows, columns)]
        levels = [(i + 1) // 2 for i in range(len(self.layers))] if self.architecture.noise else []
        return start + [(1, rows << level, columns << level) for level in levels]

    def forward(self, w: Tensor, noise: Sequence[Tensor] | None = None, cells: Cells = (CONSTANT, CONSTANT)) -> Tensor:
        """Make images.

        Parameters
        ----------
        w : (B, styles, latent) or (B, styles, gy, gx, latent) Tensor
            One vector a layer, that of the last makes only the image; or one for every place of a grid, between which
            styles change evenly.
        noise : sequence of (B, C, Y, X) Tensor, optional
            Normally distributed, of the shapes of `noise_shapes`; drawn from torch's generator if none is given.
        cells : (2,) ints
            Of the constant, along y and x.

        Returns
        -------
        (B, channels, Y, X) Tensor
            About -1 to 1; a quarter of the resolution of the architecture a cell.
        """
        given = noise or [torch.randn(len(w), *shape, device=w.device) for shape in self.noise_shapes(cells)]
        if self.constant is None:
            start = given[0]
        else:
            start = self._constant(self.constant, self._with_margin(cells)).expand(len(w), -1, -1, -1)
        drawn = given[len(given) - len(self.layers) :] if self.architecture.noise else [None] * len(self.layers)
        features = start.to(w.dtype)
        image: Tensor | None = None
        features = features.contiguous(memory_format=torch.channels_last)
        for i, layer in enumerate(self.layers):
            features = layer(features, w[:, i], drawn[i])
            if i % 2 == 0:
                added = self.images[i // 2](features, w[:, i + 1])
                image = added if image is None else self.filter.up(image) + added
        assert image is not None
        cut = self.architecture.margin * self.architecture.resolution // CONSTANT
        return image[:, :, cut : image.shape[2] - cut, cut : image.shape[3] - cut]

    def _with_margin(self, cells: Cells) -> Cells:
        return cells[0] + 2 * self.architecture.margin, cells[1] + 2 * self.architecture.margin

    @staticmethod
    def _constant(constant: Tensor, cells: Cells) -> Tensor:
        if tuple(cells) == (CONSTANT, CONSTANT):
            return constant[None]
        y, x = (torch.arange(n, device=constant.device) % CONSTANT for n in cells)
        tiled: Tensor = constant[:, y][:, :, x]
        return tiled[None]
