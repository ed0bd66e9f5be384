"""Where the synthetic samples of a study come from: a recipe, or one that is fitted to each draw of real images."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import numpy as np

from cellsim.datasets.layout import Spec, open_group
from cellsim.datasets.reader import Dataset
from cellsim.datasets.reference import DatasetReference
from cellsim.errors import InputError, StoreError
from cellsim.fitting import fit_recipe
from cellsim.fitting.real import FEWEST_IMAGES
from cellsim.making import make
from cellsim.nn.weights import Weights
from cellsim.recipe import Recipe
from cellsim.steps import Step, inner_steps
from cellsim.study.design import digest_of

FIT = "fit"
ROUNDS = 3  # corrections of a fit at most


@dataclass(frozen=True)
class Source:
    """Where synthetic samples come from.

    Parameters
    ----------
    recipe : Recipe or None
        As it is; None for one that is fitted to the real images of each draw.
    renderer : Recipe or None
        Whose translators make the images of fitted masks; None for those of the fit.
    """

    recipe: Recipe | None
    renderer: Recipe | None = None

    @classmethod
    def of(cls, given: str | Path | Recipe) -> Source:
        """Understand what a user gives.

        Parameters
        ----------
        given : str, Path or Recipe
            A recipe or its name; "fit"; or "fit:histology", which fits the masks and takes the translators of the
            recipe "histology".

        Returns
        -------
        Source
            Validated.

        Raises
        ------
        RecipeError
            If there is no such recipe.
        """
        if isinstance(given, Recipe):
            return cls(given)
        text = str(given)
        if text == FIT:
            return cls(None)
        if text.startswith(f"{FIT}:"):
            return cls(None, Recipe.load(text.removeprefix(f"{FIT}:")))
        return cls(Recipe.load(given))

    @property
    def fitted(self) -> bool:
        """Whether a recipe is fitted to each draw."""
        return self.recipe is None

    @property
    def title(self) -> str:
        """For people."""
        if self.recipe is not None:
            return f"the recipe '{self.recipe.name}'"
        by = f", images by the recipe '{self.renderer.name}'" if self.renderer else ""
        return f"SIMCEP, fitted to the real images of each draw{by}"

    @property
    def digest(self) -> str:
        """SHA-256 of all that decides the samples, besides the real images."""
        if self.recipe is not None:
            return self.recipe.digest
        steps = None if self.renderer is None else self.renderer.dump()["translators"]
        return digest_of({"fit": "simcep", "rounds": ROUNDS, "translators": steps})

    def check(self, sizes: tuple[int, ...], spec: Spec) -> None:
        """Check that samples can be made and mixed with the real ones, before anything is trained.

        Parameters
        ----------
        sizes : tuple of int
            Numbers of real images, ascending.
        spec : Spec
            Of the real images.

        Raises
        ------
        InputError
            If a recipe cannot be fitted to so few images, makes no images, or its canvas, structures or channels are
            not those of the real images. Another number of channels is allowed: then all are seen in grey.
        """
        if self.fitted and sizes[0] < FEWEST_IMAGES:
            raise InputError(f"sizes must be >= {FEWEST_IMAGES} for a recipe that is fitted, got {list(sizes)}")
        if self.recipe is not None:
            _check_canvas(self.recipe, spec)
            _check_names("structures", spec.structures, self.recipe.generator.structures)
        if (images := self.recipe or self.renderer) is not None:
            if not images.channels:
                raise InputError(f"the recipe '{images.name}' makes no images")
            if len(images.channels) == len(spec.channels):
                _check_names("channels", spec.channels, images.channels)

    def make(self, few: Dataset | None, n: int, location: Path) -> Dataset:
        """Make synthetic samples.

        Parameters
        ----------
        few : Dataset, optional
            The real images of a draw, to which a recipe is fitted; nothing else of the real data set is looked at.
        n : int
            How many.
        location : Path
            Where; what is there already is kept.

        Returns
        -------
        Dataset
            Of the samples.

        Raises
        ------
        InputError
            If a recipe cannot be fitted to so few images.
        """
        recipe = self.recipe or _begun(location) or self._fitted(few)
        made = make(recipe, n, location, workers=1)
        return Dataset(location, made.version.name)

    def _fitted(self, few: Dataset | None) -> Recipe:
        assert few is not None
        found = fit_recipe(few.location, rounds=ROUNDS).recipe
        if self.renderer is None:
            return found
        by = self.renderer.dump()
        return Recipe.parse(found.dump() | {"translators": by["translators"], "store": by["store"]})

    def leaks(self, dataset: Dataset, test: tuple[int, ...]) -> tuple[str, ...]:
        """Say what in the recipe has seen the real images that are tested on.

        Parameters
        ----------
        dataset : Dataset
            The real data set.
        test : tuple of int
            Samples that are held out.

        Returns
        -------
        tuple of str
            A line each; empty if nothing is known. What was trained on another copy of the images cannot be found.
        """
        stages = {} if (used := self.recipe or self.renderer) is None else dict(used.stages)
        if self.fitted:
            stages.pop("generator", None)  # the masks are those of the fit
        lines = [line for path, value in _contents(stages) for line in _leak(path, value, dataset, test)]
        return tuple(dict.fromkeys(lines))


def _check_canvas(recipe: Recipe, spec: Spec) -> None:
    canvas = recipe.canvas
    if canvas.shape != spec.shape or not np.allclose(canvas.spacing, spec.spacing, rtol=0.01):
        shape, spacing = (",".join(f"{number:g}" for number in pair) for pair in (spec.shape, spec.spacing))
        raise InputError(
            f"the canvas of '{recipe.name}' must be that of the real images, got {list(canvas.shape)} px at "
            f"{list(canvas.spacing)} µm: --set canvas.shape=[{shape}] --set canvas.spacing=[{spacing}]"
        )


def _check_names(what: str, real: tuple[str, ...], made: tuple[str, ...]) -> None:
    """Refuse what cannot be mixed: a single plane may have any name."""
    if len(real) != len(made) or (len(real) > 1 and real != made):
        raise InputError(f"samples of a mixture must have the same {what}: {list(real)} and {list(made)}")


def _begun(location: Path) -> Recipe | None:
    """Return the recipe of samples that were begun, so that nothing is fitted twice."""
    try:
        known = Spec.of(open_group(location)).recipe
    except StoreError:
        return None
    return None if known is None else Recipe.parse(known)


def _contents(stages: Mapping[str, Step]) -> Iterator[tuple[str, Any]]:
    """List the weights and data sets that the stages of a recipe depend on."""
    for name, stage in stages.items():
        for path, step in inner_steps(stage, name):
            for field in type(step).model_fields:
                value = getattr(step, field)
                if isinstance(value, Weights | DatasetReference):
                    yield f"{path}.{field}", value


def _leak(path: str, value: Any, dataset: Dataset, test: tuple[int, ...]) -> Iterator[str]:
    if isinstance(value, DatasetReference):
        if value.digest == dataset.version.digest:
            yield (
                f"{path}: objects are taken from the data set that is tested on, its test images with it: the scores "
                "of synthetic arms are too good"
            )
        return
    trained = value.settings.get("trained", {})
    if trained.get("data_digest") == dataset.version.digest:
        held_out = trained.get("plan", {}).get("held_out", [])
        if not _all_held_out(dataset, test, held_out):
            yield (
                f"{path}: these weights were trained on the data set that is tested on, its test images with it: the "
                "scores of synthetic arms are too good"
            )
    elif remark := value.settings.get("remark"):
        yield f"{path}: check that these weights have not seen the test images ({remark})"


def _all_held_out(dataset: Dataset, test: tuple[int, ...], patterns: list[str]) -> bool:
    if not dataset.spec.parents:
        names = {str(i) for i in test}
    else:
        names = {dataset.spec.parents[int(dataset.drawn["parent"][i])] for i in test}
    return all(any(fnmatchcase(name, pattern) for pattern in patterns) for name in names)
