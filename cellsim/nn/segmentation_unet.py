"""A small U-Net from images to flows and the probability of a cell."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn import functional

from cellsim.nn.blocks import BatchNorm, Block
from cellsim.nn.networks import ImageNetwork, Network
from cellsim.steps import parameter

PLANES = 3  # flow along y, flow along x, logit of a cell


class SegmentationUnet(Network):
    """A U-Net [1]_ that segments as Cellpose [2]_ does, small enough for a CPU.

    It looks at images at half their resolution, and one convolution a level stands where others have two or four: about
    a hundredth of the work of Cellpose's network. Objects should be some 8 px wide or more.

    References
    ----------
    .. [1] Ronneberger, O., Fischer, P., Brox, T. (2015). U-Net: convolutional networks for biomedical image
       segmentation. MICCAI.
    .. [2] Stringer, C., Wang, T., Michaelos, M., Pachitariu, M. (2021). Cellpose: a generalist algorithm for cellular
       segmentation. Nature Methods 18, 100-106.
    """

    kind: Literal["segmentation-unet"] = "segmentation-unet"
    version: Literal[1] = 1
    inputs: int = parameter(1, doc="Channels of the images.", bounds=">= 1")
    levels: int = parameter(3, doc="How often the resolution is halved again.", bounds=">= 1, <= 6")
    filters: int = parameter(16, doc="Channels after the first convolution; doubled at each level.", bounds=">= 1")

    def __call__(self) -> SegmentationNetwork:
        """Build the network.

        Returns
        -------
        SegmentationNetwork
            Initialised as PyTorch does.
        """
        return SegmentationNetwork(self)


class SegmentationNetwork(ImageNetwork):
    """The network of a `SegmentationUnet`.

    Parameters
    ----------
    sizes : SegmentationUnet
        Its parameters.
    """

    def __init__(self, sizes: SegmentationUnet) -> None:
        # on a level whose pixels are 2^k px wide: two convolutions, and where pooling and enlarging join pixels
        super().__init__(2 ** (sizes.levels + 1), reach=4 * 2 ** (sizes.levels + 2))
        wide = [2**i * sizes.filters for i in range(sizes.levels + 1)]
        self.first = Block(nn.Conv2d(sizes.inputs, wide[0], 4, 2, 1, bias=False), BatchNorm(wide[0]), _relu())
        self.encoder = nn.ModuleList([_block(wide[0], wide[0]), *(_block(a, b) for a, b in pairwise(wide))])
        self.decoder = nn.ModuleList([_block(a + b, a) for a, b in pairwise(wide)][::-1])
        self.last = nn.ConvTranspose2d(wide[0], PLANES, 4, 2, 1)

    def run(self, images: Tensor, keeps: Iterator[Tensor]) -> Tensor:
        """Segment images of a size that was checked.

        Parameters
        ----------
        images : (B, inputs, Y, X) Tensor
            In [-1, 1].
        keeps : iterator of Tensors
            Not used: there is no dropout.

        Returns
        -------
        (B, 3, Y, X) Tensor
            Five times the flow, (y, x), and the logit of a cell.
        """
        found = self.first(images)
        skips = []
        for level, block in enumerate(self.encoder):
            found = block(functional.max_pool2d(found, 2) if level else found)
            skips.append(found)
        skips.pop()
        for block in self.decoder:
            found = block(torch.cat([functional.interpolate(found, scale_factor=2), skips.pop()], 1))
        return self.last(found)  # type: ignore[no-any-return]


def _block(inputs: int, outputs: int) -> Block:
    return Block(nn.Conv2d(inputs, outputs, 3, padding=1, bias=False), BatchNorm(outputs), _relu())


def _relu() -> nn.Module:
    return nn.ReLU(inplace=True)
