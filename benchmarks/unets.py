"""Networks from masks to images: images a second on the CPU, and unet_256 beside one of plain layers."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from benchmarks.timing import interleaved_ms, row
from cellsim.nn.networks import Network, for_inference
from cellsim.nn.pix2pix_unet import Pix2PixUnet
from cellsim.nn.resnet import Resnet
from cellsim.nn.unet import UnetChain

EDGE = 256
ONE, TWO, THREE = ("tanh",), ("gelu", "tanh"), ("tanh", "gelu", "tanh")
NETWORKS: dict[str, tuple[Network, str]] = {
    "1x U-Net, 16 filters, kernel 3": (UnetChain(activations=ONE), ">= 60"),
    "1x U-Net, 16 filters, kernel 7": (UnetChain(activations=ONE, kernel=7), ""),
    "1x U-Net, 64 filters, kernel 3": (UnetChain(activations=ONE, filters=64), ""),
    "1x U-Net, 16 filters, 6 levels": (UnetChain(activations=ONE, levels=6), ""),
    "2x U-Net, 16 filters, kernel 3": (UnetChain(activations=TWO), ""),
    "3x U-Net, 16 filters, kernel 3": (UnetChain(activations=THREE), ">= 12"),
    "3x U-Net, 16 filters, kernel 7": (UnetChain(activations=THREE, kernel=7), ""),
    "unet_256, 4 to 1": (Pix2PixUnet(inputs=4, outputs=1), ""),
    "resnet_6, 4 to 1": (Resnet(inputs=4, outputs=1, blocks=6), ""),
}


class Plain(nn.Module):
    """A level of unet_256 around the next, of plain layers in the order of the paper's appendix."""

    def __init__(self, outer: int, inner: int, inside: nn.Module | None, inputs: int = 0) -> None:
        super().__init__()
        self.outermost = bool(inputs)
        down = [nn.Conv2d(inputs or outer, inner, 4, 2, 1, bias=False)]
        up = [nn.ReLU(), nn.ConvTranspose2d(2 * inner if inside else inner, outer, 4, 2, 1, bias=self.outermost)]
        if self.outermost:
            up += [nn.Tanh()]
        else:
            down = [nn.LeakyReLU(0.2), *down] + ([nn.BatchNorm2d(inner)] if inside else [])
            up += [nn.BatchNorm2d(outer)]
        self.layers = nn.Sequential(*down, *([inside] if inside else []), *up)

    def forward(self, images: Tensor) -> Tensor:
        """Apply the level, beside the skip connection."""
        found = self.layers(images)
        return found if self.outermost else torch.cat([images, found], 1)


def plain_unet(inputs: int, outputs: int) -> nn.Module:
    """Return unet_256 of plain layers, without dropout."""
    network = Plain(512, 512, None)
    for outer in (512, 512, 512, 256, 128, 64):
        network = Plain(outer, min(2 * outer, 512), network)
    return Plain(outputs, 64, network, inputs)


@torch.inference_mode()
def main() -> None:
    """Time each network, one image after the other, then unet_256 beside its peer."""
    for name, (sizes, goal) in NETWORKS.items():
        fast, images = for_inference(sizes()), torch.randn(1, 4, EDGE, EDGE)
        ms = interleaved_ms({name: lambda fast=fast, images=images: fast(images)}, 10)[name]
        row(f"{name}, {EDGE} x {EDGE}", f"{1e3 / ms:.1f} images/s", goal)
    images = torch.randn(1, 4, EDGE, EDGE)
    ours, peer = Pix2PixUnet(inputs=4, outputs=1)().eval(), plain_unet(4, 1).eval()
    fast = for_inference(ours)
    calls = {
        "of plain layers": lambda: peer(images),
        "as built": lambda: ours(images),
        "for inference": lambda: fast(images),
    }
    found = interleaved_ms(calls, 10)
    for name, ms in found.items():
        row(f"unet_256 {name}", f"{ms:.0f} ms, {ms / found['of plain layers']:.2f} x", "<= 1.1 x")
