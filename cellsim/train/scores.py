"""Scores of snapshots: how far what the networks make is from validation examples. Lower is better."""

from __future__ import annotations

import importlib
import math
from collections.abc import Callable
from typing import Annotated, cast

import numpy as np
from numpy.typing import NDArray
from pydantic import AfterValidator
from torch import Tensor

from cellsim.errors import RecipeError
from cellsim.evaluate.features.base import find_features
from cellsim.evaluate.frechet import frechet_distance
from cellsim.evaluate.principal import principal_axes
from cellsim.evaluate.single_forms import single_forms
from cellsim.masks.singles import is_single
from cellsim.nn.mask_gan import read_masks
from cellsim.sample import Sample
from cellsim.steps import near_miss
from cellsim.train.examples.base import Examples
from cellsim.train.examples.mask_crops import MaskCrops
from cellsim.train.examples.objects import Objects

PER_AXIS = 10  # validation examples for each axis along which sets are compared

Judge = Callable[[Tensor], float]  # takes (N, C, Y, X) float32 in [-1, 1], as networks make them
Score = Callable[[Examples, Tensor], Judge]  # takes validation examples of the same form


def flow_texture(examples: Examples, reference: Tensor) -> Judge:
    """Compare masks in flow space: the squared Fréchet distance of their features `flow-texture`.

    Parameters
    ----------
    examples : Examples
        Of kind ``mask-crops``, which decodes what networks make.
    reference : (N, C, Y, X) Tensor
        Validation examples, N >= 2.

    Returns
    -------
    callable
        The score of made ones.

    Raises
    ------
    RecipeError
        If the examples are not encoded masks.
    """
    return _of_masks("flow-texture", examples, reference)


def morphology(examples: Examples, reference: Tensor) -> Judge:
    """Compare sizes, forms and places of objects: the squared Fréchet distance of their features `morphology`.

    Parameters
    ----------
    examples : Examples
        Of kind ``mask-crops``, which decodes what networks make.
    reference : (N, C, Y, X) Tensor
        Validation examples, N >= 2.

    Returns
    -------
    callable
        The score of made ones.

    Raises
    ------
    RecipeError
        If the examples are not encoded masks.
    """
    return _of_masks("morphology", examples, reference)


def texture(examples: Examples, reference: Tensor) -> Judge:
    """Compare images: the squared Fréchet distance of their features `texture`.

    Parameters
    ----------
    examples : Examples
        Of any kind.
    reference : (N, C, Y, X) Tensor
        Validation examples, N >= 2.

    Returns
    -------
    callable
        The score of made ones.
    """
    features = find_features("texture")

    def described(images: Tensor) -> NDArray[np.float64]:
        none = np.zeros((1, *images.shape[2:]), np.uint16)
        levels = images.numpy() / 2 + 0.5
        return features([Sample(none, (1.0, 1.0), image) for image in levels.astype(np.float32)])

    return _distance(described, reference)


def object_morphology(examples: Examples, reference: Tensor) -> Judge:
    """Compare the forms of single objects: size, elongation, roughness and solidity.

    The squared Fréchet distance of (log area, log elongation, roughness, solidity), in standard deviations of the real
    objects. Masks that are no single object are left out; with fewer than half left, the score is infinite.

    Parameters
    ----------
    examples : Examples
        Of kind ``objects``.
    reference : (N, 1, Y, X) Tensor
        Validation examples, N >= 2.

    Returns
    -------
    callable
        The score of made ones.

    Raises
    ------
    RecipeError
        If the examples are not single objects.
    """
    if not isinstance(examples, Objects):
        raise RecipeError(f"score: 'object-morphology' compares objects, examples must be objects, got {examples!r}")

    def described(images: Tensor) -> NDArray[np.float64]:
        masks = read_masks(images)
        return single_forms(masks[[is_single(mask, examples.centred) for mask in masks]])

    real = described(reference)
    mean, spread = real.mean(axis=0), real.std(axis=0)

    def judge(made: Tensor) -> float:
        found = described(made)
        if len(found) < max(2, len(made) / 2):
            return math.inf
        return frechet_distance((real - mean) / spread, (found - mean) / spread)

    return judge


def _of_masks(kind: str, examples: Examples, reference: Tensor) -> Judge:
    if not isinstance(examples, MaskCrops):
        raise RecipeError(f"score: '{kind}' compares masks, examples must be mask-crops, got {examples!r}")
    features = find_features(kind)

    def described(images: Tensor) -> NDArray[np.float64]:
        return features([Sample(examples.decode(image)[np.newaxis], (1.0, 1.0)) for image in images])

    return _distance(described, reference)


def _distance(described: Callable[[Tensor], NDArray[np.float64]], reference: Tensor) -> Judge:
    real = described(reference)
    axes = principal_axes(real, max(1, len(real) // PER_AXIS))

    def judge(made: Tensor) -> float:
        found = frechet_distance(axes(real), axes(described(made)))
        return found if math.isfinite(found) else math.inf

    return judge


SCORES: dict[str, str] = {
    "flow-texture": "cellsim.train.scores:flow_texture",
    "morphology": "cellsim.train.scores:morphology",
    "texture": "cellsim.train.scores:texture",
    "object-morphology": "cellsim.train.scores:object_morphology",
}


def _known(name: str) -> str:
    if name not in SCORES:
        raise ValueError(f"no score {name!r}{near_miss(name, SCORES)} (scores: {', '.join(SCORES)})")
    return name


ScoreName = Annotated[str, AfterValidator(_known)]


def find_score(name: str) -> Score:
    """Return the function of a score.

    Parameters
    ----------
    name : str
        A key of `SCORES`.

    Returns
    -------
    callable
        Takes the examples of the plan and validation examples, and returns what judges made ones.
    """
    module, _, function = SCORES[name].partition(":")
    return cast("Score", getattr(importlib.import_module(module), function))
