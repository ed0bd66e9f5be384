"""Recipes: a validated YAML file from which every sample of a data set follows."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import cached_property
from importlib import resources
from pathlib import Path
from typing import Annotated, Any, Literal, Self, cast

import yaml
from pydantic import BaseModel, ConfigDict, Field

from cellsim.distributions import Distribution, settle, varying
from cellsim.errors import CellsimError, RecipeError
from cellsim.generators.base import Generator
from cellsim.overrides import override
from cellsim.sample import Canvas, Sample
from cellsim.seeds import Rng, stream
from cellsim.steps import Step, identity, inner_steps, near_miss, parse
from cellsim.translators.base import Translator

Drawn = Mapping[str, float]


class StoreOptions(BaseModel):
    """How samples are stored.

    Parameters
    ----------
    image : {"uint8", "uint16"}
        Type of the grey levels.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    image: Annotated[Literal["uint8", "uint16"], Field(description="Type of the grey levels.")] = "uint8"


class Recipe(BaseModel):
    """Everything that samples follow from, and nothing else.

    Parameters
    ----------
    name : str
        For people; not part of the digest.
    canvas : Canvas
        Shape and spacing.
    seed : int
        Seed of all streams.
    generator : Generator
        Chance -> labels.
    translators : tuple of Translator
        Labels -> image, in order.
    store : StoreOptions
        How samples are stored.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", ignored_types=(cached_property,))

    name: str = Field("unnamed", description="For people; not part of the digest.")
    canvas: Canvas = Field(description="Shape and spacing.")
    seed: Annotated[int, Field(ge=0)] = Field(0, description="Seed of all streams.")
    generator: Generator = Field(description="Chance -> labels.")
    translators: tuple[Translator, ...] = Field((), description="Labels -> image, in order.")
    store: StoreOptions = Field(StoreOptions(), description="How samples are stored.")

    @classmethod
    def load(cls, source: str | Path, changes: Sequence[str] = ()) -> Self:
        """Read a recipe from a file, or a built-in one by name.

        Parameters
        ----------
        source : str or Path
            A YAML file, or the name of a built-in recipe ("epidermis" or "epidermis.yaml").
        changes : sequence of str
            Overrides such as ``"generator.seeds.density=0.008"``.

        Returns
        -------
        Recipe
            Validated.

        Raises
        ------
        RecipeError
            If there is no such recipe, or it is not valid; the message names the path in the recipe.
        """
        return cls.parse(override(read_yaml(source), changes))

    @classmethod
    def parse(cls, values: Mapping[str, Any]) -> Self:
        """Build a recipe from plain values.

        Parameters
        ----------
        values : mapping
            As YAML gives them.

        Returns
        -------
        Recipe
            Validated.

        Raises
        ------
        RecipeError
            Naming the path in the recipe, what was wrong, what is allowed and what came.
        """
        recipe = parse(cls, values, "")
        _check(recipe)
        return recipe

    def dump(self) -> dict[str, Any]:
        """Return the resolved recipe as plain values; `parse` gives an equal recipe.

        Returns
        -------
        dict
            JSON values, every default written out.
        """
        return self.model_dump(mode="json", serialize_as_any=True)

    @cached_property
    def digest(self) -> str:
        """SHA-256 of all that decides the samples' bytes: not the name, not where files lie."""
        decides = identity({key: value for key, value in self.dump().items() if key != "name"})
        return hashlib.sha256(json.dumps(decides, sort_keys=True).encode()).hexdigest()

    @cached_property
    def stages(self) -> dict[str, Generator | Translator]:
        """The steps by the names of their streams: "generator", then each translator's kind ("blur", "blur-2")."""
        seen: Counter[str] = Counter()
        stages: dict[str, Generator | Translator] = {"generator": self.generator}
        for step in self.translators:
            kind = str(getattr(step, "kind", type(step).__name__))
            seen[kind] += 1
            stages[kind if seen[kind] == 1 else f"{kind}-{seen[kind]}"] = step
        return stages

    @cached_property
    def varying(self) -> dict[str, Distribution]:
        """The parameters that are drawn once a sample: path -> law."""
        return {path: law for name, step in self.stages.items() for path, law in varying(step, name).items()}

    @property
    def channels(self) -> tuple[str, ...]:
        """Names of the channels of the image; empty if nothing makes one."""
        names: tuple[str, ...] = ()
        for step in self.translators:
            names = step.channels_after(names)
        return names

    @property
    def remarks(self) -> tuple[str, ...]:
        """What those who use the recipe should be told, a line each."""
        every = [inner.remark for name, step in self.stages.items() for _, inner in inner_steps(step, name)]
        return tuple(dict.fromkeys(filter(None, every)))

    def drawn(self, index: int) -> dict[str, float]:
        """Draw the parameters that vary from sample to sample.

        Parameters
        ----------
        index : int
            Of the sample.

        Returns
        -------
        dict of str to float
            Path -> number; each has a stream of its own, so that letting one more vary changes no other. Those drawn
            together have one stream.
        """
        streams = {path: stream(self.seed, index, law.stage(path)) for path, law in self.varying.items()}
        return {path: float(law.draw(streams[path], 1)[0]) for path, law in self.varying.items()}

    def draw(self, index: int) -> Sample:
        """Draw one sample.

        Parameters
        ----------
        index : int
            Of the sample, >= 0.

        Returns
        -------
        Sample
            A function of the recipe and the index, of nothing else.

        Raises
        ------
        RecipeError
            If a step cannot do what its parameters ask; the message names the step.
        """
        return self.draw_many([index])[0]

    def draw_many(self, indices: Sequence[int], drawn: Sequence[Drawn] | None = None) -> list[Sample]:
        """Draw several samples, so that neural steps work in batches.

        Parameters
        ----------
        indices : sequence of int
            Of the samples, >= 0.
        drawn : sequence of mapping, optional
            What `drawn` returns for each of them, if it is known already.

        Returns
        -------
        list of Sample
            In the order of `indices`.

        Raises
        ------
        RecipeError
            If a step cannot do what its parameters ask; the message names the step.
        """
        numbers = [self.drawn(index) for index in indices] if drawn is None else list(drawn)
        if self._has_batches:
            return self._draw_group(indices, numbers)
        return [self._draw_group([i], [n])[0] for i, n in zip(indices, numbers, strict=True)]

    @cached_property
    def _has_batches(self) -> bool:
        """Whether a step gains from batches; else one sample after the other stays in the processor's cache."""
        plain = (Generator.many, Translator.many)
        return any(type(step).many not in plain for step in self.stages.values())

    def _draw_group(self, indices: Sequence[int], drawn: Sequence[Drawn]) -> list[Sample]:
        samples: list[Sample] = []
        for name, step in self.stages.items():
            rngs = [stream(self.seed, index, name) for index in indices]
            settled = [settle(step, name, numbers) for numbers in drawn]
            try:
                samples = self._run(settled, samples, rngs)
            except CellsimError:
                raise
            except ValueError as error:
                raise RecipeError(f"{_raised_in(error, settled, name)}: {error}") from error
        return samples

    def _run(self, steps: list[Step], samples: list[Sample], rngs: list[Rng]) -> list[Sample]:
        """Run one stage: at once if the step is the same for all samples, else sample by sample."""
        first = steps[0]
        if isinstance(first, Generator):
            if all(step is first for step in steps):
                return first.many(self.canvas, rngs)
            return [cast("Generator", step)(self.canvas, rng) for step, rng in zip(steps, rngs, strict=True)]
        if all(step is first for step in steps):
            return cast("Translator", first).many(samples, rngs)
        return [cast("Translator", s)(x, rng) for s, x, rng in zip(steps, samples, rngs, strict=True)]


def _check(recipe: Recipe) -> None:
    """Refuse steps that do not go together."""
    try:
        recipe.generator.check(recipe.canvas)
    except ValueError as error:
        raise RecipeError(f"generator: {error}") from None
    doubled = [name for name, count in Counter(recipe.channels).items() if count > 1]
    if doubled:
        raise RecipeError(f"translators: two channels are called '{doubled[0]}': give one of them another `channel`")
    first: dict[str, tuple[str, int]] = {}
    for path, law in recipe.varying.items():
        other, number = first.setdefault(law.stage(path), (path, len(law.values)))
        if number != len(law.values):
            raise RecipeError(f"{path}: {len(law.values)} numbers to be drawn together with {number} of {other}")


def _raised_in(error: ValueError, steps: Sequence[Step], name: str) -> str:
    """Find the path of the innermost step that an error came from."""
    paths = {id(inner): path for step in steps for path, inner in inner_steps(step, name)}
    found, trace = name, error.__traceback__
    while trace is not None:
        found = paths.get(id(trace.tb_frame.f_locals.get("self")), found)
        trace = trace.tb_next
    return found


def builtin_recipes(folder: str = "") -> dict[str, Any]:
    """Find the recipes that come with cellsim.

    Parameters
    ----------
    folder : str
        "" for recipes; "train" for plans of training.

    Returns
    -------
    dict of str to importlib Traversable
        Name without ".yaml" -> file.
    """
    found = resources.files("cellsim.recipes").joinpath(folder).iterdir()
    files = {item.name.removesuffix(".yaml"): item for item in found if item.name.endswith(".yaml")}
    return dict(sorted(files.items()))


def read_yaml(source: str | Path, noun: str = "recipe", folder: str = "") -> dict[str, Any]:
    """Read a YAML file, or a built-in recipe by name, safely.

    Parameters
    ----------
    source : str or Path
        A file, or the name of a built-in recipe.
    noun : str
        What is read, for the messages.
    folder : str
        Where built-in ones are, as in `builtin_recipes`; a name may begin with it.

    Returns
    -------
    dict
        Its values; `name` is set from the file's name if it has none.

    Raises
    ------
    RecipeError
        If there is no such file or recipe, or it is not YAML of a mapping.
    """
    path, known = Path(source), builtin_recipes(folder)
    stem = path.name.removesuffix(".yaml")
    built_in = stem in known and not path.is_file() and path.parent in (Path(), Path(folder))
    try:
        text = known[stem].read_text("utf-8") if built_in else path.read_text("utf-8")
        values = yaml.safe_load(text)
    except FileNotFoundError:
        raise RecipeError(
            f"no {noun} file {str(source)!r}, and no built-in {noun} of that name{near_miss(stem, known)} "
            f"(built in: {', '.join(known)})"
        ) from None
    except (OSError, UnicodeDecodeError) as error:
        raise RecipeError(f"{source}: cannot be read: {error}") from None
    except yaml.YAMLError as error:
        raise RecipeError(f"{source}: not valid YAML: {' '.join(str(error).split())}") from None
    if not isinstance(values, dict):
        raise RecipeError(f"{source}: a {noun} is a mapping of fields to values, got {type(values).__name__}")
    return {"name": stem} | values
