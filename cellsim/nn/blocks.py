"""Layers that several networks have: convolutions as TensorFlow pads them, normalisation, dropout that can be led."""

from __future__ import annotations

import math
from collections.abc import Iterator

import torch
from torch import Tensor, nn
from torch.nn import functional

TRUNCATED = 0.87962566103423978  # standard deviation of a standard normal number that is within [-2, 2]


def same_padding(kernel: int) -> tuple[int, int]:
    """Return the padding before and after an even number of pixels, for a stride of two, that TensorFlow calls "same".

    Parameters
    ----------
    kernel : int
        Edge in px, 2 or more.

    Returns
    -------
    before, after : int
        Their sum is ``kernel - 2``; if that is odd, there is one more after.
    """
    return (kernel - 2) // 2, kernel - 2 - (kernel - 2) // 2


class SameConv2d(nn.Conv2d):
    """A convolution of stride two as TensorFlow pads it: an odd kernel sees a pixel more below and to the right.

    Parameters
    ----------
    inputs, outputs : int
        Channels.
    kernel : int
        Edge in px.
    bias : bool
        Whether there is one.
    """

    def __init__(self, inputs: int, outputs: int, kernel: int, bias: bool = False) -> None:
        super().__init__(inputs, outputs, kernel, 2, bias=bias)

    def forward(self, images: Tensor) -> Tensor:
        """Apply the layer.

        Parameters
        ----------
        images : (B, inputs, 2 Y, 2 X) Tensor
            Features.

        Returns
        -------
        (B, outputs, Y, X) Tensor
            Features.
        """
        before, after = same_padding(self.kernel_size[0])
        padded = functional.pad(images, (before, after, before, after)) if after else images
        return super().forward(padded)


class SameConvTranspose2d(nn.ConvTranspose2d):
    """The adjoint of `SameConv2d`: it doubles the resolution.

    Parameters
    ----------
    inputs, outputs : int
        Channels.
    kernel : int
        Edge in px.
    bias : bool
        Whether there is one.
    """

    def __init__(self, inputs: int, outputs: int, kernel: int, bias: bool = False) -> None:
        super().__init__(inputs, outputs, kernel, 2, same_padding(kernel)[0], bias=bias)

    def forward(self, images: Tensor, output_size: list[int] | None = None) -> Tensor:
        """Apply the layer.

        Parameters
        ----------
        images : (B, inputs, Y, X) Tensor
            Features.
        output_size : None
            Not used.

        Returns
        -------
        (B, outputs, 2 Y, 2 X) Tensor
            Features.
        """
        height, width = images.shape[2:]
        return super().forward(images)[:, :, : 2 * height, : 2 * width]


class BatchNorm(nn.BatchNorm2d):
    """Batch normalisation that can go by the statistics of each image after training: see `normalise_by_image`.

    Parameters
    ----------
    channels : int
        Of the images.
    eps : float
        Added to the variance.
    momentum : float
        Share of a batch in the running statistics.
    """

    def __init__(self, channels: int, eps: float = 1e-5, momentum: float = 0.1) -> None:
        super().__init__(channels, eps, momentum)
        self.by_image = False

    def forward(self, images: Tensor) -> Tensor:
        """Normalise.

        Parameters
        ----------
        images : (B, C, Y, X) Tensor
            Features.

        Returns
        -------
        (B, C, Y, X) Tensor
            By the statistics of the batch in training, else by the running ones or those of each image.
        """
        if self.training or not self.by_image:
            return super().forward(images)
        variance, mean = torch.var_mean(images, (2, 3), correction=0, keepdim=True)
        scale = self.weight[:, None, None] * (variance + self.eps).rsqrt()
        return images * scale + (self.bias[:, None, None] - mean * scale)


class Dropout(nn.Module):
    """Dropout that is off after training, unless it is told what to let through.

    Parameters
    ----------
    channels : int
        Of the images.
    coarse : int
        Pixels of an image of the network along an edge of one here.
    rate : float
        Share of the numbers that become 0; the others grow, so that the mean stays.
    """

    def __init__(self, channels: int, coarse: int, rate: float = 0.5) -> None:
        super().__init__()
        self.channels, self.coarse, self.rate = channels, coarse, rate

    def forward(self, images: Tensor, keep: Tensor | None = None) -> Tensor:
        """Drop numbers.

        Parameters
        ----------
        images : (B, C, Y, X) Tensor
            Features.
        keep : (B, C, Y, X) bool Tensor, optional
            What is let through; else torch's generator decides in training, and all is let through after it.

        Returns
        -------
        (B, C, Y, X) Tensor
            Features.
        """
        if keep is None:
            return functional.dropout(images, self.rate, self.training)
        return images * keep.to(images) / (1 - self.rate)


class Block(nn.Module):
    """A convolution, then what is there of normalisation, dropout and activation.

    Parameters
    ----------
    conv : Module
        The convolution.
    norm : Module, optional
        Normalisation.
    activation : Module, optional
        Applied last.
    drop : Dropout, optional
        Applied before the activation.
    """

    def __init__(
        self,
        conv: nn.Module,
        norm: nn.Module | None = None,
        activation: nn.Module | None = None,
        drop: Dropout | None = None,
    ) -> None:
        super().__init__()
        self.conv = conv
        self.norm = norm or nn.Identity()
        self.drop = drop
        self.activation = activation or nn.Identity()

    def forward(self, images: Tensor, keeps: Iterator[Tensor] | None = None) -> Tensor:
        """Apply the block.

        Parameters
        ----------
        images : (B, C, Y, X) Tensor
            Features.
        keeps : iterator of Tensors, optional
            The next is what dropout lets through, if there is dropout.

        Returns
        -------
        Tensor
            Features.
        """
        found: Tensor = self.norm(self.conv(images))
        if self.drop is not None:
            found = self.drop(found, next(keeps, None) if keeps else None)
        return self.activation(found)  # type: ignore[no-any-return]


def he_normal(network: nn.Module) -> None:
    """Draw the weights of convolutions as Keras's `he_normal` does: truncated, of variance 2 / fan-in [1]_.

    Keras takes as fan-in of a transposed convolution its output channels times the pixels of its kernel.

    Parameters
    ----------
    network : Module
        Changed in place. Biases become 0.

    References
    ----------
    .. [1] He, K. et al. (2015). Delving deep into rectifiers. ICCV.
    """
    for module in network.modules():
        if isinstance(module, nn.Conv2d | nn.ConvTranspose2d):
            fan_in = module.weight[
                0
            ].numel()  # both: axis 1 times the kernel; of a transposed one, axis 1 is the outputs
            deviation = math.sqrt(2 / fan_in) / TRUNCATED
            nn.init.trunc_normal_(module.weight, std=deviation, a=-2 * deviation, b=2 * deviation)
            if module.bias is not None:
                nn.init.zeros_(module.bias)


def small_normal(network: nn.Module) -> None:
    """Draw weights as pix2pix does [1]_: N(0, 0.02) of convolutions, N(1, 0.02) of normalisation; biases become 0.

    Parameters
    ----------
    network : Module
        Changed in place.

    References
    ----------
    .. [1] Isola, P. et al. (2017). Image-to-image translation with conditional adversarial networks. CVPR.
    """
    for module in network.modules():
        if isinstance(module, nn.Conv2d | nn.ConvTranspose2d):
            nn.init.normal_(module.weight, 0, 0.02)
        elif isinstance(module, nn.BatchNorm2d):
            nn.init.normal_(module.weight, 1, 0.02)
        else:
            continue
        if module.bias is not None:
            nn.init.zeros_(module.bias)


def norm_layer(kind: str, channels: int) -> nn.Module:
    """Return a normalisation as pix2pix and CycleGAN have it.

    Parameters
    ----------
    kind : {"batch", "instance"}
        Batch normalisation with weights, or instance normalisation without.
    channels : int
        Of the images.

    Returns
    -------
    Module
        The layer. After "batch" a convolution needs no bias.
    """
    return BatchNorm(channels) if kind == "batch" else nn.InstanceNorm2d(channels)
