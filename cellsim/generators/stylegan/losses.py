"""What both networks are trained for: the non-saturating loss, and what keeps it well-behaved."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional


def generator_loss(fake: Tensor) -> Tensor:
    """Take the non-saturating loss of the generator [1]_.

    Parameters
    ----------
    fake : (B,) Tensor
        Logits of generated images.

    Returns
    -------
    () Tensor
        Mean of -log sigmoid(fake).

    References
    ----------
    .. [1] Goodfellow, I. et al. (2014). Generative adversarial nets. NeurIPS.
    """
    return functional.softplus(-fake).mean()


def discriminator_loss(real: Tensor, fake: Tensor) -> Tensor:
    """Take the logistic loss of the discriminator.

    Parameters
    ----------
    real, fake : (B,) Tensor
        Logits of real images, and of generated ones.

    Returns
    -------
    () Tensor
        Mean of -log sigmoid(real) - log(1 - sigmoid(fake)).
    """
    return functional.softplus(-real).mean() + functional.softplus(fake).mean()


def relativistic_generator_loss(real: Tensor, fake: Tensor) -> Tensor:
    """Take the loss of a generator whose images should look more real than real ones [1]_, pair by pair.

    Parameters
    ----------
    real, fake : (B,) Tensor
        Logits of real images, and of generated ones.

    Returns
    -------
    () Tensor
        Mean of -log sigmoid(fake - real).

    References
    ----------
    .. [1] Jolicoeur-Martineau, A. (2019). The relativistic discriminator: a key element missing from standard GAN.
       ICLR.
    """
    return functional.softplus(real - fake).mean()


def relativistic_discriminator_loss(real: Tensor, fake: Tensor) -> Tensor:
    """Take the loss of a discriminator that compares images pair by pair.

    Parameters
    ----------
    real, fake : (B,) Tensor
        Logits of real images, and of generated ones.

    Returns
    -------
    () Tensor
        Mean of -log sigmoid(real - fake).
    """
    return functional.softplus(fake - real).mean()


def r1_penalty(logits: Tensor, images: Tensor) -> Tensor:
    """Measure how steep the discriminator is at real images [1]_.

    Parameters
    ----------
    logits : (B,) Tensor
        Of real images.
    images : (B, C, Y, X) Tensor
        Those images, with gradients required, before any augmentation.

    Returns
    -------
    () Tensor
        Mean over the batch of the squared norm of the gradient; the loss is gamma / 2 times that.

    References
    ----------
    .. [1] Mescheder, L., Geiger, A., Nowozin, S. (2018). Which training methods for GANs do actually converge? ICML.
    """
    (gradient,) = torch.autograd.grad(logits.sum(), images, create_graph=True)
    return gradient.square().sum((1, 2, 3)).mean()


def path_lengths(images: Tensor, w: Tensor, noise: Tensor) -> Tensor:
    """Measure how far images move with their vectors w, along random directions in the space of images [1]_.

    Parameters
    ----------
    images : (B, C, Y, X) Tensor
        Generated.
    w : (B, L, latent) Tensor
        From which they were generated, with gradients required.
    noise : (B, C, Y, X) Tensor
        Normally distributed directions.

    Returns
    -------
    (B,) Tensor
        Root of the mean over layers of the squared norm of the gradient.

    References
    ----------
    .. [1] Karras, T. et al. (2020). Analyzing and improving the image quality of StyleGAN. CVPR, section 3.2.
    """
    height, width = images.shape[2:]
    (gradient,) = torch.autograd.grad((images * noise).sum() / (height * width) ** 0.5, w, create_graph=True)
    return gradient.square().sum(2).mean(1).sqrt()
