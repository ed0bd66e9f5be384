"""Layers of both networks: equalised learning rate, the resampling filter, modulated convolution."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn import functional

SLOPE = 0.2  # of leaky ReLUs, for negative numbers
GAIN = math.sqrt(2.0)  # keeps the variance through a leaky ReLU
EPSILON = 1e-8


class Filter(nn.Module):
    """The filter (1, 3, 3, 1) / 8 along both axes, before or after every change of resolution."""

    kernel: Tensor

    def __init__(self) -> None:
        super().__init__()
        taps = torch.tensor([1.0, 3.0, 3.0, 1.0]) / 8
        self.register_buffer("kernel", torch.outer(taps, taps)[None, None], persistent=False)

    def forward(self, images: Tensor, padding: int, gain: float = 1.0) -> Tensor:
        """Filter images.

        Parameters
        ----------
        images : (B, C, Y, X) Tensor
            Surrounded by zeros.
        padding : int
            Zeros that are added on every side.
        gain : float
            Factor of the result.

        Returns
        -------
        (B, C, Y + 2 padding - 3, X + 2 padding - 3) Tensor
            Filtered.
        """
        count = images.shape[1]
        return functional.conv2d(images, gain * self.kernel.expand(count, 1, 4, 4), padding=padding, groups=count)

    def up(self, images: Tensor) -> Tensor:
        """Double the resolution.

        Parameters
        ----------
        images : (B, C, Y, X) Tensor
            Surrounded by zeros.

        Returns
        -------
        (B, C, 2 Y, 2 X) Tensor
            Interpolated.
        """
        count = images.shape[1]
        return functional.conv_transpose2d(
            images, 4 * self.kernel.expand(count, 1, 4, 4), stride=2, padding=1, groups=count
        )

    def down(self, images: Tensor) -> Tensor:
        """Halve the resolution.

        Parameters
        ----------
        images : (B, C, 2 Y, 2 X) Tensor
            Surrounded by zeros.

        Returns
        -------
        (B, C, Y, X) Tensor
            Every second pixel of the filtered images.
        """
        count = images.shape[1]
        return functional.conv2d(images, self.kernel.expand(count, 1, 4, 4), stride=2, padding=1, groups=count)


def activate(values: Tensor, gain: float = GAIN) -> Tensor:
    """Apply a leaky ReLU that keeps the variance.

    Parameters
    ----------
    values : Tensor
        Before activation; overwritten.
    gain : float
        Factor of the result, folded into the input by those who can.

    Returns
    -------
    Tensor
        After it.
    """
    return functional.leaky_relu(values if gain == 1 else values * gain, SLOPE, inplace=True)


def channels_last(module: nn.Module) -> None:
    """Lay out the kernels of a network with channels innermost, which convolves faster.

    Parameters
    ----------
    module : Module
        Changed in place.
    """
    for parameter in module.parameters():
        if parameter.ndim == 4:
            parameter.data = parameter.data.contiguous(memory_format=torch.channels_last)


class Linear(nn.Module):
    """A fully connected layer whose weights are scaled when they are used [1]_.

    All weights are then of the order of one, and Adam changes them at an equal rate.

    Parameters
    ----------
    inputs, outputs : int
        Features.
    activated : bool
        Whether a leaky ReLU follows.
    rate : float
        Learning rate relative to that of other layers.
    bias : float
        Where the bias begins.

    References
    ----------
    .. [1] Karras, T. et al. (2018). Progressive growing of GANs for improved quality, stability, and variation. ICLR.
    """

    def __init__(
        self, inputs: int, outputs: int, activated: bool = False, rate: float = 1.0, bias: float = 0.0
    ) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.randn(outputs, inputs) / rate)
        self.bias = nn.Parameter(torch.full((outputs,), bias / rate))
        self.activated, self.rate, self.scale = activated, rate, rate / math.sqrt(inputs)

    def forward(self, values: Tensor) -> Tensor:
        """Apply the layer.

        Parameters
        ----------
        values : (B, inputs) Tensor
            Features.

        Returns
        -------
        (B, outputs) Tensor
            Features.
        """
        gain = GAIN if self.activated else 1.0  # moved in front of the leaky ReLU
        found = functional.linear(values, self.weight * (self.scale * gain), self.bias * (self.rate * gain))
        return activate(found, 1.0) if self.activated else found


class Convolution(nn.Module):
    """A convolution whose weights are scaled when they are used.

    Parameters
    ----------
    inputs, outputs : int
        Channels.
    kernel : int
        Edge of the kernel in px, odd.
    activated : bool
        Whether there are a bias and a leaky ReLU.
    down : bool
        Whether the resolution is halved.
    """

    def __init__(self, inputs: int, outputs: int, kernel: int, activated: bool = True, down: bool = False) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.randn(outputs, inputs, kernel, kernel))
        self.bias = nn.Parameter(torch.zeros(outputs)) if activated else None
        self.filter = Filter() if down else None
        self.kernel, self.scale = kernel, 1 / math.sqrt(inputs * kernel**2)

    def forward(self, images: Tensor, gain: float = 1.0) -> Tensor:
        """Apply the layer.

        Parameters
        ----------
        images : (B, inputs, Y, X) Tensor
            Features.
        gain : float
            Factor of the result.

        Returns
        -------
        (B, outputs, Y, X) Tensor
            Features; of half the edges with `down`.
        """
        if self.bias is not None:
            gain *= GAIN
        weight, bias = self.weight * (self.scale * gain), None if self.bias is None else self.bias * gain
        if self.filter is None:
            found = functional.conv2d(images, weight, bias, padding=self.kernel // 2)
        elif self.kernel == 1:
            found = functional.conv2d(self.filter.down(images), weight, bias)
        else:
            found = functional.conv2d(self.filter(images, self.kernel // 2 + 1), weight, bias, stride=2)
        return found if self.bias is None else activate(found, 1.0)


class ModulatedConvolution(nn.Module):
    """A convolution whose input channels a style scales, and whose output has unit variance again [1]_.

    The paper scales and normalises the weights of every image. Here the input is scaled and the output normalised,
    which is the same and takes one ordinary convolution for the whole batch.

    Parameters
    ----------
    inputs, outputs : int
        Channels.
    latent : int
        Numbers in a vector w.
    kernel : int
        Edge of the kernel in px, odd.
    up : bool
        Whether the resolution is doubled.
    demodulated : bool
        Whether the output is normalised.

    References
    ----------
    .. [1] Karras, T. et al. (2020). Analyzing and improving the image quality of StyleGAN. CVPR, section 2.2.
    """

    def __init__(
        self, inputs: int, outputs: int, latent: int, kernel: int = 3, up: bool = False, demodulated: bool = True
    ) -> None:
        super().__init__()
        self.affine = Linear(latent, inputs, bias=1.0)
        self.weight = nn.Parameter(torch.randn(outputs, inputs, kernel, kernel))
        self.filter = Filter() if up else None
        self.demodulated, self.scale = demodulated, 1 / math.sqrt(inputs * kernel**2)

    def forward(self, images: Tensor, w: Tensor, gain: float = 1.0) -> Tensor:
        """Apply the layer.

        Parameters
        ----------
        images : (B, inputs, Y, X) Tensor
            Features.
        w : (B, latent) or (B, gy, gx, latent) Tensor
            Of every image, or of every place of a grid laid over it.
        gain : float
            Factor of the result.

        Returns
        -------
        (B, outputs, Y, X) Tensor
            Features; of twice the edges with `up`.
        """
        style, weight = self.affine(w), self.weight * self.scale
        if not self.demodulated:
            style = style * gain
        found: Tensor = images * spread(style, images)
        if self.filter is None:
            found = functional.conv2d(found, weight, padding=self.weight.shape[-1] // 2)
        else:
            found = self.filter(functional.conv_transpose2d(found, weight.transpose(0, 1), stride=2), 1, gain=4.0)
        if not self.demodulated:
            return found
        variance: Tensor = style.square() @ weight.square().sum((2, 3)).t()
        return found * spread(gain * torch.rsqrt(variance + EPSILON), found)


def spread(factors: Tensor, images: Tensor) -> Tensor:
    """Lay factors of channels out over images.

    Parameters
    ----------
    factors : (B, C) or (B, gy, gx, C) Tensor
        Of every image, or of every place of a grid whose squares cover it.
    images : (B, C, Y, X) Tensor
        For their size.

    Returns
    -------
    (B, C, 1, 1) or (B, C, Y, X) Tensor
        Linearly interpolated between the places.
    """
    if factors.dim() == 2:
        return factors[:, :, None, None]
    return functional.interpolate(factors.permute(0, 3, 1, 2), images.shape[2:], mode="bilinear", align_corners=False)
