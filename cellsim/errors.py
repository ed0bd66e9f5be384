"""The errors cellsim raises on purpose: one clear line each, for a person to act on."""

from __future__ import annotations


class CellsimError(Exception):
    """Anything that cellsim refuses or could not do; the command line prints it as one line."""


class RecipeError(CellsimError, ValueError):
    """A recipe, an override or a parameter that cannot be used; the message names its path in the recipe."""


class InputError(CellsimError, ValueError):
    """Input data (images, masks, indices) that cannot be used as given."""


class StoreError(CellsimError, OSError):
    """A data set on disk that is missing, damaged, of another recipe, or cannot be written."""
