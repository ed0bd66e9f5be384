"""torchvision beside a torch that its binary does not belong to: all of it but its compiled operators."""

from __future__ import annotations

import functools

import torch


@functools.cache
def let_torchvision_be_imported() -> torch.library.Library | None:
    """Declare the operators that its binary would bring; what is returned must live as long as torchvision."""
    try:
        import torchvision  # noqa: F401
    except RuntimeError:
        library = torch.library.Library("torchvision", "DEF")
        library.define("nms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
        library.define("qnms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
        return library
    return None
