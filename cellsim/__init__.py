"""Synthetic annotated microscopy: samplers of instance masks, renderers, versioned data sets."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cellsim.datasets.curation import curate as curate
    from cellsim.datasets.export.exporting import ExportOptions as ExportOptions
    from cellsim.datasets.export.importing import import_dataset as import_dataset
    from cellsim.datasets.ingest import ingest as ingest
    from cellsim.datasets.mixture import mix as mix
    from cellsim.datasets.moving import pull as pull
    from cellsim.datasets.moving import push as push
    from cellsim.datasets.reader import Dataset as Dataset
    from cellsim.datasets.reader import open_dataset as open_dataset
    from cellsim.evaluate.comparison import CompareOptions as CompareOptions
    from cellsim.evaluate.comparison import compare as compare
    from cellsim.evaluate.scoring import score as score
    from cellsim.exporting import export_dataset as export_dataset
    from cellsim.fitting import fit_recipe as fit_recipe
    from cellsim.making import make as make
    from cellsim.recipe import Recipe as Recipe
    from cellsim.sample import Canvas as Canvas
    from cellsim.sample import Sample as Sample

__version__ = "0.1.0"

# Imported on first use, so that `import cellsim` stays fast and loads neither Zarr nor Numba nor torch.
DOORS = {
    "Canvas": "cellsim.sample",
    "CompareOptions": "cellsim.evaluate.comparison",
    "Dataset": "cellsim.datasets.reader",
    "ExportOptions": "cellsim.datasets.export.exporting",
    "Recipe": "cellsim.recipe",
    "Sample": "cellsim.sample",
    "compare": "cellsim.evaluate.comparison",
    "curate": "cellsim.datasets.curation",
    "export_dataset": "cellsim.exporting",
    "fit_recipe": "cellsim.fitting",
    "import_dataset": "cellsim.datasets.export.importing",
    "ingest": "cellsim.datasets.ingest",
    "make": "cellsim.making",
    "mix": "cellsim.datasets.mixture",
    "open_dataset": "cellsim.datasets.reader",
    "pull": "cellsim.datasets.moving",
    "push": "cellsim.datasets.moving",
    "score": "cellsim.evaluate.scoring",
}

__all__ = [
    "Canvas",
    "CompareOptions",
    "Dataset",
    "ExportOptions",
    "Recipe",
    "Sample",
    "compare",
    "curate",
    "export_dataset",
    "fit_recipe",
    "import_dataset",
    "ingest",
    "make",
    "mix",
    "open_dataset",
    "pull",
    "push",
    "score",
]


def __getattr__(name: str) -> Any:
    if name not in DOORS:
        raise AttributeError(f"module 'cellsim' has no attribute {name!r}")
    return getattr(importlib.import_module(DOORS[name]), name)


def __dir__() -> list[str]:
    return [*__all__, "__version__"]
