"""Adam for a network that is regularised only now and then."""

from __future__ import annotations

from collections.abc import Iterable

from torch import nn
from torch.optim import Adam


def lazy_adam(weights: Iterable[nn.Parameter], rate: float, interval: int) -> Adam:
    """Build the optimiser of a network that is regularised only now and then [1]_.

    Parameters
    ----------
    weights : iterable of Parameter
        Of the network.
    rate : float
        Learning rate, without the steps of regularisation.
    interval : int
        Steps between those of regularisation; 0 if there are none.

    Returns
    -------
    Adam
        Whose memory and rate are corrected for the additional steps.

    References
    ----------
    .. [1] Karras, T. et al. (2020). Analyzing and improving the image quality of StyleGAN. CVPR, appendix B.
    """
    share = interval / (interval + 1) if interval else 1.0
    return Adam(weights, lr=rate * share, betas=(0.0, 0.99**share), eps=1e-8)
