"""Images seen through an affine map: reflected beyond their border, with vectors that turn."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable
from torch.nn import functional

Pairs = Sequence[tuple[int, int]]  # channels of the y and the x component of vector fields

# Low-pass filter of the wavelet sym6 [Daubechies 1992, table 6.3], of unit norm.
SYM6 = (
    *(0.015404109327027373, 0.0034907120842174702, -0.11799011114819057, -0.048311742585633),
    *(0.4910559419267466, 0.787641141030194, 0.3379294217276218, -0.07263752278646252),
    *(-0.021060292512300564, 0.04472490177066578, 0.0017677118642428036, -0.007800708325034148),
)
SOFT = 1e-4  # squared length of vectors that are too short to have a direction


def warp(images: Tensor, inverse: Tensor, vectors: Pairs = (), smooth: bool = False) -> Tensor:
    """Map images, and turn the vectors in them.

    Beyond the border an image goes on as its mirror image, with mirrored vectors. The result can be differentiated
    twice with respect to the images.

    Parameters
    ----------
    images : (B, C, Y, X) Tensor
        Any values.
    inverse : (B, 3, 3) Tensor
        From pixels (x, y, 1) of the result to those of `images`, the middle of both at 0.
    vectors : sequence of (int, int)
        Channels of the y and the x component of vector fields. Each vector is mapped as a direction, and keeps its
        length.
    smooth : bool
        Interpolate at twice the resolution between wavelet filters [1]_, which blurs less than linear interpolation
        alone; whole pixels are then not copied exactly where an image is flipped.

    Returns
    -------
    (B, C, Y, X) Tensor
        Linearly interpolated.

    References
    ----------
    .. [1] Karras, T. et al. (2020). Training generative adversarial networks with limited data. NeurIPS, appendix B.
    """
    whole = _unfold(images, vectors)
    found = _sampled_smoothly(whole, inverse) if smooth else _sampled(whole, inverse, 1, 0.0, images.shape[2:])
    for y, x in vectors:
        found = _turned(found, inverse, y, x)
    return found


def _unfold(images: Tensor, vectors: Pairs) -> Tensor:
    """Return one period, (B, C, 2 Y, 2 X), of images that are reflected without end."""
    for dim, part in ((2, 0), (3, 1)):
        signs = torch.ones(images.shape[1], device=images.device, dtype=images.dtype)
        for pair in vectors:
            signs[pair[part]] = -1
        images = torch.cat([images, images.flip(dim) * signs[:, None, None]], dim)
    return images


def _sampled(whole: Tensor, inverse: Tensor, times: int, delay: float, shape: Sequence[int]) -> Tensor:
    """Interpolate a period at `times` the resolution, whose pixel n stands at (n - delay) / times."""
    height, width = whole.shape[2:]
    middle = torch.tensor([width / times / 4 - 0.5, height / times / 4 - 0.5], device=whole.device)
    y, x = ((torch.arange(n, device=whole.device) - delay) / times for n in shape)
    places = torch.stack([*torch.meshgrid(x - middle[0], y - middle[1], indexing="xy")], -1).reshape(-1, 2)
    places = places @ inverse[:, :2, :2].transpose(1, 2) + inverse[:, None, :2, 2] + middle
    period = torch.tensor([width, height], device=whole.device)
    places = torch.remainder(places * times + delay, period)
    grid = (places * (2 / period) - 1).reshape(len(whole), *shape, 2)
    wrapped: Tensor = _Sampling.apply(  # type: ignore[no-untyped-call]
        functional.pad(whole, (0, 1, 0, 1), mode="circular"), grid
    )
    return wrapped


def _sampled_smoothly(whole: Tensor, inverse: Tensor) -> Tensor:
    count, taps = whole.shape[1], torch.tensor(SYM6, device=whole.device, dtype=whole.dtype)
    delay = float((taps * torch.arange(len(taps), device=whole.device)).sum() / taps.sum())
    kernel = torch.outer(taps, taps).expand(count, 1, -1, -1)
    margin, height, width = len(taps) // 2, whole.shape[2] // 2, whole.shape[3] // 2
    padded = functional.pad(whole, (margin, 0, margin, 0), mode="circular")
    fine = functional.conv_transpose2d(padded, kernel, stride=2, groups=count)
    fine = fine[:, :, 2 * margin :, 2 * margin :][:, :, : 4 * height, : 4 * width]
    shape = (2 * height + len(taps) - 2, 2 * width + len(taps) - 2)
    return functional.conv2d(_sampled(fine, inverse, 2, delay, shape), kernel, stride=2, groups=count)


def _turned(images: Tensor, inverse: Tensor, y: int, x: int) -> Tensor:
    (a, b), (c, d) = inverse[:, 0, :2].unbind(1), inverse[:, 1, :2].unbind(1)
    area = a * d - b * c
    a, b, c, d = (part[:, None, None] * (area.sign() / area.abs().sqrt())[:, None, None] for part in (a, b, c, d))
    old_y, old_x = images[:, y], images[:, x]
    new_x, new_y = d * old_x - b * old_y, a * old_y - c * old_x
    # of the same length as before; smooth where there is no vector
    stretch = ((old_x.square() + old_y.square() + SOFT) / (new_x.square() + new_y.square() + SOFT)).sqrt()
    channels = list(images.unbind(1))
    channels[y], channels[x] = new_y * stretch, new_x * stretch
    return torch.stack(channels, 1)


class _Sampling(torch.autograd.Function):
    """Linear interpolation; PyTorch's own cannot be differentiated twice."""

    @staticmethod
    def forward(ctx: Any, images: Tensor, grid: Tensor) -> Tensor:
        ctx.save_for_backward(grid)
        ctx.shape = images.shape
        return functional.grid_sample(images, grid.to(images.dtype), align_corners=True)

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, None]:
        (grid,) = ctx.saved_tensors
        spread = _Spreading.apply(gradient, grid, ctx.shape)  # type: ignore[no-untyped-call]
        return spread, None


class _Spreading(torch.autograd.Function):
    """The transpose of the interpolation."""

    @staticmethod
    def forward(ctx: Any, gradient: Tensor, grid: Tensor, shape: torch.Size) -> Tensor:
        ctx.save_for_backward(grid)
        like = gradient.new_empty(1).expand(shape)
        back = torch.ops.aten.grid_sampler_2d_backward
        spread: Tensor = back(gradient, like, grid.to(gradient.dtype), 0, 0, True, [True, False])[0]
        return spread

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, None, None]:
        (grid,) = ctx.saved_tensors
        return functional.grid_sample(gradient, grid.to(gradient.dtype), align_corners=True), None, None
