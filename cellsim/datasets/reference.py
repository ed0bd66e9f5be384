"""A data set that a step depends on, named by what it holds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import Field, model_validator

from cellsim.datasets.reader import Dataset
from cellsim.datasets.versions import split_version
from cellsim.errors import StoreError
from cellsim.steps import Content


class DatasetReference(Content):
    """A version of a data set; in a recipe written ``nuclei.zarr`` or ``nuclei.zarr@v1``.

    Parameters
    ----------
    path : str
        Where it lies; not part of the identity of a recipe.
    version : str
        Name of the version.
    digest : str
        Of the content of that version.
    """

    version: str = Field(description="Name of the version.")

    @model_validator(mode="before")
    @classmethod
    def _look_up(cls, value: Any) -> Any:
        if isinstance(value, Mapping):
            return value
        path, version = split_version(str(value))
        try:
            found = Dataset(path, version).version
        except StoreError as error:
            raise ValueError(str(error)) from None
        return {"path": path, "version": found.name, "digest": found.digest}

    def open(self) -> Dataset:
        """Open the data set.

        Returns
        -------
        Dataset
            The version that was named.

        Raises
        ------
        StoreError
            If it is not there, or holds other samples than when the recipe was resolved.
        """
        dataset = Dataset(self.path, self.version)
        if dataset.version.digest != self.digest:
            raise StoreError(
                f"{self.path} {self.version} holds other samples (digest {dataset.version.digest[:12]}) than the "
                f"recipe was made with ({self.digest[:12]})"
            )
        return dataset
