"""Does it help? A segmenter trained on few real images, on these and synthetic ones, and on synthetic ones alone."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from cellsim.datasets.layout import Location, show
from cellsim.datasets.mixture import mix
from cellsim.datasets.reader import Dataset
from cellsim.datasets.versions import split_version
from cellsim.errors import StoreError
from cellsim.evaluate.counts import macro
from cellsim.evaluate.scoring import score
from cellsim.recipe import Recipe
from cellsim.study.design import REAL, SYNTHETIC, AugmentDesign, Trial
from cellsim.study.results import Result, read_results, write_results
from cellsim.study.segmenters import SEGMENTERS, Lesson, Segment
from cellsim.study.sources import Source
from cellsim.study.subsets import draw_few, hold_out, write_subset

STUDY = "study.json"
THRESHOLDS = tuple(percent / 100 for percent in range(50, 96, 5))

Progress = Callable[[int, int, str], None]  # steps taken, steps of all trainings, what is being done


@dataclass(frozen=True)
class AugmentStudy:
    """What a study found.

    Parameters
    ----------
    design : AugmentDesign
        What was compared.
    title : str
        Data set and source of the synthetic samples.
    results : tuple of Result
        Of every training.
    tested : int
        Test images.
    warnings : tuple of str
        Why scores may be too good.
    folder : Path
        Where everything is.
    """

    design: AugmentDesign
    title: str
    results: tuple[Result, ...]
    tested: int
    warnings: tuple[str, ...]
    folder: Path


def study_augment(
    recipe: str | Path | Recipe,
    data: Location,
    output: str | Path,
    design: AugmentDesign | None = None,
    *,
    progress: Progress | None = None,
) -> AugmentStudy:
    """Measure whether synthetic samples help a segmenter that has few real images.

    First a share of the real parents is held out; they are the test images of all trainings. Of the others a few images
    are drawn by seed, the fewer ones among the more. A segmenter is trained on them, on them and synthetic samples, and
    on synthetic samples alone, each time for equally many steps, and scored on the test images. Called again with the
    same output it goes on where it was stopped, and with more sizes or seeds it is extended.

    Images whose channels are not as many as those of the recipe are seen in grey, in all trainings alike.

    Parameters
    ----------
    recipe : str, Path or Recipe
        Of the synthetic samples, as it is. "fit" fits SIMCEP to the real images of each draw and to nothing else;
        "fit:histology" fits masks and takes the images from the translators of the recipe "histology".
    data : str, Path or zarr store
        Real annotated 2D images; ``real.zarr@v1`` names a version.
    output : str or Path
        Folder of the study.
    design : AugmentDesign, optional
        Sizes, seeds, number of synthetic samples, steps, segmenter.
    progress : callable, optional
        Called with (steps taken, steps of all trainings, what is being done).

    Returns
    -------
    AugmentStudy
        All single results.

    Raises
    ------
    InputError
        If the data set does not allow the study.
    RecipeError
        If there is no such recipe.
    StoreError
        If the folder holds another study, or cannot be written.
    """
    design = AugmentDesign() if design is None else design
    source, dataset, folder = Source.of(recipe), _open(data), Path(output)
    study = _Study(design, source, dataset, folder)
    done = study.run(progress or (lambda taken, total, doing: None))
    name = Path(show(dataset.location)).stem
    warnings = source.leaks(dataset, study.parts.test)
    return AugmentStudy(design, f"{name}, {source.title}", done, len(study.parts.test), warnings, folder)


def _open(data: Location) -> Dataset:
    if not isinstance(data, str):
        return Dataset(data)
    return Dataset(*split_version(data))


class _Study:
    """The trainings of a study, one after the other."""

    def __init__(self, design: AugmentDesign, source: Source, dataset: Dataset, folder: Path) -> None:
        self.design, self.source, self.dataset, self.folder = design, source, dataset, folder
        self.parts = hold_out(dataset, design)
        source.check(design.sizes, dataset.spec)
        self.grey = _becomes_grey(source, dataset)
        self._settle()
        test = write_subset(dataset, self.parts.test, folder / "test.zarr", grey=self.grey)
        self.truth = [sample.labels[0] for sample in test]
        self.test = test

    def _settle(self) -> None:
        """Keep what the study is of, or refuse the folder of another one."""
        known = {
            "data": self.dataset.version.digest,
            "recipe": self.source.digest,
            "test_samples": list(map(int, self.parts.test)),
            **self.design.record(),
        }
        path = self.folder / STUDY
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            if not path.exists():
                path.write_text(json.dumps(known, indent=1) + "\n", "utf-8")
                return
            there = json.loads(path.read_text("utf-8"))
        except (OSError, ValueError) as error:
            raise StoreError(f"{path} cannot be read or written: {error}") from error
        if changed := [name for name in known if there.get(name) != known[name]]:
            raise StoreError(
                f"{self.folder} holds another study: it differs in {', '.join(changed)}; choose another output"
            )

    def run(self, progress: Progress) -> tuple[Result, ...]:
        """Do the trainings that are missing."""
        trials = list(self.design.trials(self.source.fitted))
        found = read_results(self.folder)
        steps, total = self.design.steps, self.design.steps * len(trials)
        taken = steps * sum(trial in found for trial in trials)
        progress(taken, total, "")
        for trial in [trial for trial in trials if trial not in found]:
            found[trial] = self._result(trial, lambda n, doing, at=taken: progress(at + n, total, doing))  # type: ignore[misc]
            write_results(self.folder, _ordered(found, trials))
            taken += steps
        return tuple(found[trial] for trial in trials)

    def _result(self, trial: Trial, tell: Callable[[int, str], None]) -> Result:
        tell(0, f"{trial.name}: samples")
        lesson = self._lesson(trial)
        segment = SEGMENTERS[self.design.segmenter](lesson, lambda n: tell(min(n, self.design.steps), trial.name))
        found = self._score(trial, segment)
        shutil.rmtree(lesson.folder / lesson.name, ignore_errors=True)  # the checkpoint; the weights stay
        return found

    def _lesson(self, trial: Trial) -> Lesson:
        """Gather what a training learns from."""
        few = self._few(trial) if trial.size else None
        learnt = few if few is not None and trial.arm == REAL else self._with_synthetic(trial, few)
        weights = self.folder / "weights"
        balanced = trial.arm not in (REAL, SYNTHETIC)
        return Lesson(learnt, balanced, weights, trial.name, self.design.steps, trial.seed)

    def _few(self, trial: Trial) -> Dataset:
        """Draw the real images that are known."""
        chosen = draw_few(self.dataset, self.parts.known, trial.size, trial.seed)
        place = self._place(trial)
        place.mkdir(exist_ok=True)
        return write_subset(self.dataset, chosen, place / "few.zarr", grey=self.grey)

    def _with_synthetic(self, trial: Trial, few: Dataset | None) -> Dataset:
        place = self._place(trial) if self.source.fitted else self.folder
        made = self.source.make(few, self.design.synthetic, place / "synthetic.zarr")
        if len(made.spec.channels) != len(self.test.spec.channels):
            made = write_subset(made, range(len(made)), place / "synthetic-grey.zarr", grey=True)
        if few is None or trial.arm == SYNTHETIC:
            return made
        mixed = self._place(trial) / "mixed.zarr"
        shutil.rmtree(mixed, ignore_errors=True)  # by reference: made again at once, whole
        mix([few, made], mixed)
        return Dataset(mixed)

    def _place(self, trial: Trial) -> Path:
        return self.folder / f"draw-{trial.size}-{trial.seed}"

    def _score(self, trial: Trial, segment: Segment) -> Result:
        found = [segment(sample.image) for sample in self.test if sample.image is not None]
        scores = score(self.truth, found, thresholds=THRESHOLDS)
        each = [macro(scores.at(threshold), "average_precision") for threshold in THRESHOLDS]
        return Result(*trial, each[0], sum(each) / len(each), macro(scores.at(THRESHOLDS[0]), "f1"))


def _becomes_grey(source: Source, dataset: Dataset) -> bool:
    """Whether real images are seen in grey: if the recipe has another number of channels than they have."""
    recipe = source.recipe or source.renderer
    channels = 1 if recipe is None else len(recipe.channels)  # a fit makes one
    return channels != len(dataset.spec.channels) and len(dataset.spec.channels) > 1


def _ordered(found: dict[Trial, Result], trials: list[Trial]) -> list[Result]:
    """Results in the order of the trials; those of other sizes or seeds after them."""
    order = [*trials, *sorted(trial for trial in found if trial not in trials)]
    return [found[trial] for trial in order if trial in found]
