"""Augmentation that does not leak: geometry and colour, each with the same probability."""

from __future__ import annotations

import math
from typing import Literal, NamedTuple

import torch
from torch import Tensor

from cellsim.generators.stylegan.resampling import Pairs, warp

Pipeline = Literal["none", "b", "bg", "bgc"]  # blits (whole pixels), geometry, colour

SHIFT = 0.125  # of the edge: most of an integer shift, standard deviation of a fractional one
SCALE = 0.2  # standard deviation of log2 of scales
BRIGHTNESS, CONTRAST, SATURATION = 0.2, 0.5, 1.0  # standard deviations; of the last two, of log2


class Augmentation(NamedTuple):
    """The augmentation of Karras and others [1]_, here also for vector fields.

    Every transformation is applied to an image with the probability p, and leaves it alone otherwise. Below about 0.8
    only one distribution of images has a given augmented one, so that a generator learns the one without.

    Parameters
    ----------
    pipeline : {"none", "b", "bg", "bgc"}
        b: flips, quarter turns and shifts by whole pixels. g: also scales, turns and fractional shifts. c: also
        brightness, contrast, hue and saturation.
    vectors : tuple of (int, int)
        Channels of the y and the x component of vector fields, which turn with the image.
    smooth : bool
        Interpolate as the paper does, between wavelet filters, in place of linear interpolation.

    References
    ----------
    .. [1] Karras, T. et al. (2020). Training generative adversarial networks with limited data. NeurIPS, appendix B.
    """

    pipeline: Pipeline = "bg"
    vectors: Pairs = ()
    smooth: bool = False

    def __call__(self, images: Tensor, p: float) -> Tensor:
        """Augment images, with chance from torch's generator.

        Parameters
        ----------
        images : (B, C, Y, X) Tensor
            In [-1, 1].
        p : float
            Probability of every transformation, 0 to 1.

        Returns
        -------
        (B, C, Y, X) Tensor
            Augmented; the images themselves if p is 0.

        Raises
        ------
        ValueError
            If colour is to be changed of images that have none, or that hold vectors.
        """
        if self.pipeline == "none" or p == 0:
            return images
        self.check(images.shape[1])
        inverse = draw_geometry(images, p, fractional=self.pipeline != "b")
        found = warp(images, inverse, self.vectors, self.smooth)
        return recolour(found, draw_colour(images, p)) if self.pipeline == "bgc" else found

    def check(self, channels: int) -> None:
        """Refuse images that cannot be augmented so.

        Parameters
        ----------
        channels : int
            Of the images.

        Raises
        ------
        ValueError
            If colour is to be changed of images that have none, or that hold vectors.
        """
        if self.pipeline == "bgc" and (self.vectors or channels not in (1, 3)):
            what = "vectors" if self.vectors else f"{channels} channels"
            raise ValueError(f"bgc needs images of 1 or 3 channels without vectors, got {what}; use bg")


def draw_geometry(images: Tensor, p: float, fractional: bool) -> Tensor:
    """Draw where pixels come from.

    Parameters
    ----------
    images : (B, C, Y, X) Tensor
        For their number, shape and device.
    p : float
        Probability of every transformation.
    fractional : bool
        Whether there is more than flips, quarter turns and shifts by whole pixels.

    Returns
    -------
    (B, 3, 3) Tensor
        From pixels (x, y, 1) of the result to those of `images`, the middle of both at 0.
    """
    chance = _Chance(len(images), p, images.device)
    edges = torch.tensor([images.shape[3], images.shape[2]], device=images.device, dtype=torch.float32)
    flip = 1 - 2 * chance.integer(2)
    found = _scaling(flip, torch.ones_like(flip)) @ _quarter_turn(chance.integer(4))
    found = found @ _shift((chance.uniform(SHIFT, 2) * edges).round())
    if not fractional:
        return found
    turn = 1 - math.sqrt(max(0.0, 1 - p))  # either of two turns happens with probability p
    size, stretch = torch.exp2(-chance.normal(SCALE)), torch.exp2(-chance.normal(SCALE))
    found = found @ _scaling(size, size) @ _turn(chance.uniform(math.pi, p=turn))
    found = found @ _scaling(stretch, 1 / stretch) @ _turn(chance.uniform(math.pi, p=turn))
    return found @ _shift(chance.normal(SHIFT, 2) * edges)


def draw_colour(images: Tensor, p: float) -> Tensor:
    """Draw how colours change.

    Parameters
    ----------
    images : (B, C, Y, X) Tensor
        For their number, channels and device.
    p : float
        Probability of every transformation.

    Returns
    -------
    (B, 4, 4) Tensor
        From colours (red, green, blue, 1) to colours.
    """
    chance = _Chance(len(images), p, images.device)
    one = torch.eye(4, device=images.device)
    luma = torch.tensor([1.0, 1.0, 1.0, 0.0], device=images.device) / math.sqrt(3)
    along = torch.outer(luma, luma)
    across = torch.diag(torch.tensor([1.0, 1.0, 1.0, 0.0], device=images.device)) - along
    brighter = one.repeat(len(images), 1, 1)
    brighter[:, :3, 3] = chance.normal(BRIGHTNESS)[:, None]
    contrast = torch.exp2(chance.normal(CONTRAST))
    found = torch.diag_embed(torch.stack([contrast, contrast, contrast, torch.ones_like(contrast)], 1)) @ brighter
    found = (one - 2 * along * chance.integer(2)[:, None, None]) @ found
    if images.shape[1] == 1:
        return found
    hue = chance.uniform(math.pi)[:, None, None]
    cross = torch.zeros_like(one)
    cross[[0, 1, 2], [1, 2, 0]], cross[[1, 2, 0], [0, 1, 2]] = -1 / math.sqrt(3), 1 / math.sqrt(3)
    rest = one - across
    found = (rest + across * hue.cos() + cross * hue.sin()) @ found
    return (rest + across * torch.exp2(chance.normal(SATURATION))[:, None, None]) @ found


def recolour(images: Tensor, colours: Tensor) -> Tensor:
    """Change colours.

    Parameters
    ----------
    images : (B, C, Y, X) Tensor
        Of 1 or 3 channels.
    colours : (B, 4, 4) Tensor
        From colours (red, green, blue, 1) to colours.

    Returns
    -------
    (B, C, Y, X) Tensor
        With other colours; of a grey image their mean.
    """
    factors, offset = colours[:, :3, :3], colours[:, :3, 3:]
    if images.shape[1] == 1:
        factors, offset = factors.sum(2, keepdim=True).mean(1, keepdim=True), offset.mean(1, keepdim=True)
    return (factors @ images.flatten(2) + offset).reshape(images.shape)


class _Chance:
    """Random numbers of every image, 0 for those that are left alone."""

    def __init__(self, count: int, p: float, device: torch.device) -> None:
        self.count, self.p, self.device = count, p, device

    def integer(self, below: int) -> Tensor:
        return self._sometimes(torch.randint(below, (self.count, 1), device=self.device).float())[:, 0]

    def uniform(self, most: float, size: int = 0, p: float | None = None) -> Tensor:
        drawn = (2 * torch.rand(self.count, size or 1, device=self.device) - 1) * most
        return self._shaped(self._sometimes(drawn, p), size)

    def normal(self, deviation: float, size: int = 0) -> Tensor:
        drawn = deviation * torch.randn(self.count, size or 1, device=self.device)
        return self._shaped(self._sometimes(drawn), size)

    def _sometimes(self, drawn: Tensor, p: float | None = None) -> Tensor:
        happens = torch.rand(self.count, 1, device=self.device) < (self.p if p is None else p)
        return drawn * happens

    @staticmethod
    def _shaped(drawn: Tensor, size: int) -> Tensor:
        return drawn if size else drawn[:, 0]


def _matrix(rows: list[list[Tensor]]) -> Tensor:
    """Complete (B,) entries of two rows to (B, 3, 3) matrices."""
    first = rows[0][0]
    last = [torch.zeros_like(first), torch.zeros_like(first), torch.ones_like(first)]
    return torch.stack([torch.stack(row, 1) for row in (*rows, last)], 1)


def _scaling(x: Tensor, y: Tensor) -> Tensor:
    zero = torch.zeros_like(x)
    return _matrix([[x, zero, zero], [zero, y, zero]])


def _shift(by: Tensor) -> Tensor:
    zero, one = torch.zeros_like(by[:, 0]), torch.ones_like(by[:, 0])
    return _matrix([[one, zero, by[:, 0]], [zero, one, by[:, 1]]])


def _turn(angle: Tensor) -> Tensor:
    sine, cosine, zero = angle.sin(), angle.cos(), torch.zeros_like(angle)
    return _matrix([[cosine, -sine, zero], [sine, cosine, zero]])


def _quarter_turn(times: Tensor) -> Tensor:
    cosines = torch.tensor([1.0, 0.0, -1.0, 0.0], device=times.device)  # exact, unlike those of a turn
    cosine, sine, zero = cosines[times.long()], cosines[(times.long() + 3) % 4], torch.zeros_like(times)
    return _matrix([[cosine, -sine, zero], [sine, cosine, zero]])
