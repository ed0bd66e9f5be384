"""The way from a real data set to a recipe: measure, guess, then draw, compare and correct."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import PurePath

import numpy as np

from cellsim.datasets.layout import Location, quantise, show
from cellsim.datasets.reader import as_intensity, open_dataset
from cellsim.errors import InputError
from cellsim.evaluate.summary import Table, centre_and_spread, tabulate
from cellsim.fitting.closeness import Closeness, closeness
from cellsim.fitting.clusters import minimum_contrast
from cellsim.fitting.real import FEWEST_IMAGES, Real, read_real
from cellsim.fitting.simcep import NUMBERS, STATISTIC, Simcep
from cellsim.making import Progress
from cellsim.recipe import Recipe
from cellsim.sample import Sample
from cellsim.steps import near_miss

MODELS = {"simcep": Simcep}
ROUNDS = 12
BOLD = 4  # rounds of full steps; later ones become smaller, so that chance averages out
DRAWN = 64  # samples a round, of SIDE² pixels
FEWEST_DRAWN = 12
SIDE = 256
UNCLUSTERED = 0.01  # chance that a pair is in one cluster, below which there are none


@dataclass(frozen=True, eq=False)
class Fitted:
    """A recipe fitted to real images.

    Parameters
    ----------
    recipe : Recipe
        Validated.
    closeness : tuple of Closeness
        Every statistic, real and fitted; of samples that the fit has not seen.
    real : list of Sample
        The images that it was fitted to, in grey.
    synthetic : list of Sample
        Drawn from the recipe.
    rounds : int
        How often parameters were corrected.
    """

    recipe: Recipe
    closeness: tuple[Closeness, ...]
    real: list[Sample]
    synthetic: list[Sample]
    rounds: int


def fit_recipe(
    location: Location,
    kind: str = "simcep",
    *,
    version: str | None = None,
    images: int = 200,
    rounds: int = ROUNDS,
    progress: Progress | None = None,
) -> Fitted:
    """Estimate the recipe of a model from real annotated images.

    Numbers, sizes, forms, clusters, brightness, texture, blur and noise are estimated from the images; then samples
    are drawn, measured in the same way, and the parameters corrected by what they lack, a few times. The result
    depends on the images and on nothing else.

    Parameters
    ----------
    location : str, Path or zarr store
        A data set of 2D images with one label plane. Without images, only the forms are fitted.
    kind : {"simcep"}
        The model.
    version : str, optional
        Of the data set; the newest if None.
    images : int
        Images that are used at most, evenly over the data set.
    rounds : int
        How often parameters are corrected at most; 0 for the first guess.
    progress : callable, optional
        Called with (images measured or drawn, how many there may be at most).

    Returns
    -------
    Fitted
        The recipe, and how close its samples come.

    Raises
    ------
    InputError
        If there is no such model, or the data set cannot be fitted.
    StoreError
        If there is no such data set, or it is damaged.

    Examples
    --------
    >>> import cellsim
    >>> made = cellsim.make("phase", 4, "like-real.zarr", workers=1)
    >>> fitted = cellsim.fit_recipe("like-real.zarr", rounds=0)
    >>> fitted.recipe.generator.shape.kind
    'simcep'
    """
    if kind not in MODELS:
        raise InputError(f"no model {kind!r}{near_miss(kind, MODELS)} (models: {', '.join(MODELS)})")
    for name, value, least in (("images", images, FEWEST_IMAGES), ("rounds", rounds, 0)):
        if value < least:
            raise InputError(f"{name} must be >= {least}, got {value}")
    dataset = open_dataset(location, version)
    real = read_real(dataset, images)
    n = _number_drawn(real)
    trials = Trials(f"{PurePath(show(location)).stem or 'real'}-{kind}", dataset.spec.image, n)
    total = len(real.samples) + (rounds + 1) * n
    tell = progress or (lambda finished, total: None)
    tell(len(real.samples), total)
    model = _with_clusters(MODELS[kind].guess(real.table, real.canvas, real.reach, real.inverted), real, trials)
    done = 0
    for done in range(1, rounds + 1):
        found = tabulate(trials.draw(model, done), real.reach, real.inverted)
        tell(len(real.samples) + done * n, total)
        if _is_close(model, real.table, found):
            break
        model = model.corrected(real.table, found, 1.0 if done <= BOLD else 1 / (done - BOLD + 1))
    synthetic = trials.draw(model, 0)
    tell(total, total)
    found = tabulate(synthetic, real.reach, real.inverted)
    return Fitted(trials.recipe(model), closeness(real.table, found), real.samples, synthetic, done)


@dataclass(frozen=True)
class Trials:
    """Samples drawn while a model is fitted.

    Parameters
    ----------
    name : str
        Of the recipe.
    stored : str
        Type of the grey levels.
    n : int
        Samples drawn at a time.
    """

    name: str
    stored: str
    n: int

    def recipe(self, model: Simcep, forms_only: bool = False) -> Recipe:
        """Write a model as a recipe.

        Parameters
        ----------
        model : Simcep
            The model.
        forms_only : bool
            Leave out the images.

        Returns
        -------
        Recipe
            Validated.
        """
        values = model.recipe(self.name, self.stored)
        return Recipe.parse(values | {"translators": []} if forms_only else values)

    def draw(self, model: Simcep, batch: int, forms_only: bool = False) -> list[Sample]:
        """Draw samples, with the grey levels that a data set would keep.

        Parameters
        ----------
        model : Simcep
            The model.
        batch : int
            Another number has other samples.
        forms_only : bool
            Draw no images.

        Returns
        -------
        list of Sample
            `n` of them.
        """
        samples = self.recipe(model, forms_only).draw_many(range(batch * self.n, (batch + 1) * self.n))
        return [self._stored(sample) for sample in samples]

    def _stored(self, sample: Sample) -> Sample:
        levels = None if sample.image is None else as_intensity(quantise(sample.image, self.stored))
        return sample if levels is None else sample.with_image(levels)


def _number_drawn(real: Real) -> int:
    """How many samples are drawn a round: fewer if they are large, so that a fit takes a minute or two."""
    return int(np.clip(DRAWN * SIDE**2 / real.canvas.pixels, FEWEST_DRAWN, DRAWN))


def _with_clusters(model: Simcep, real: Real, trials: Trials) -> Simcep:
    """Estimate the clusters of a model: pairs in one and spread from K, then their number from lonely objects."""
    together, spread = minimum_contrast(real.radii, real.k, model.box)
    model = replace(model, together=together, spread=spread)
    if together < UNCLUSTERED:
        return replace(model, together=0.0)
    wanted = centre_and_spread(real.table, STATISTIC["lonely"])[0]
    found = []
    for clusters in (number for number in NUMBERS if number * together <= 1 or number == 1):
        tried = replace(model, clusters=clusters)
        table = tabulate(trials.draw(tried, 0, forms_only=True), real.reach)
        found.append((abs(centre_and_spread(table, STATISTIC["lonely"])[0] - wanted), clusters, tried))
    return min(found)[2]


def _is_close(model: Simcep, real: Table, found: Table) -> bool:
    """Whether every mean that a parameter follows is within its standard error."""
    for rule in model.rules:
        (centre, spread), (other, other_spread) = (
            centre_and_spread(table, STATISTIC[rule.statistic]) for table in (real, found)
        )
        n, m = (int(np.isfinite(table[rule.statistic]).sum()) for table in (real, found))
        if abs(centre - other) > np.sqrt(spread**2 / max(n, 1) + other_spread**2 / max(m, 1)):
            return False
    return True
