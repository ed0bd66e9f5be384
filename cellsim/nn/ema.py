"""Moving averages of weights, which make better images than the weights themselves."""

from __future__ import annotations

import torch
from torch import nn


def ema_decay(count: int, half_life: float, seen: int = 0, ramp_up: float | None = None) -> float:
    """Tell how much of an average to keep in a step [1]_.

    Parameters
    ----------
    count : int
        Samples of the step.
    half_life : float
        Samples after which weights count half.
    seen : int
        Samples before the step.
    ramp_up : float, optional
        Keeps the half-life below this share of `seen`, so that the average leaves the beginning behind.

    Returns
    -------
    float
        From 0, take the new weights, to 1, keep the old ones.

    References
    ----------
    .. [1] Karras, T. et al. (2018). Progressive growing of GANs for improved quality, stability, and variation. ICLR.
    """
    if ramp_up is not None:
        half_life = min(half_life, seen * ramp_up)
    return float(0.5 ** (count / max(half_life, 1e-8)))


@torch.no_grad()
def update_ema(average: nn.Module, module: nn.Module, decay: float, buffers: bool = True) -> None:
    """Move an average of weights towards the weights.

    Parameters
    ----------
    average : Module
        Changed in place.
    module : Module
        Of the same structure.
    decay : float
        How much of the average is kept.
    buffers : bool
        Whether buffers are copied; else they stay.
    """
    for parameter, new in zip(average.parameters(), module.parameters(), strict=True):
        parameter.lerp_(new.to(parameter), 1 - decay)
    if buffers:
        for buffer, now in zip(average.buffers(), module.buffers(), strict=True):
            buffer.copy_(now)
