"""Curation: a new version that leaves samples out; no pixel is copied and none is lost."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import zarr
from numpy.typing import NDArray
from zarr.codecs import ZstdCodec

from cellsim.datasets.conditions import where
from cellsim.datasets.layout import Location, open_group, show
from cellsim.datasets.reader import Dataset
from cellsim.datasets.versions import Version, add_version, digest_of, next_name, positions, versions
from cellsim.datasets.writer import telling
from cellsim.errors import InputError, StoreError


def curate(
    location: Location,
    *,
    version: str | None = None,
    drop_if: str | None = None,
    drop: Sequence[int] | None = None,
    keep: Sequence[int] | None = None,
) -> Version:
    """Seal a new version of a data set that leaves samples of another one out.

    A sample is left out if any of what is given says so. The versions that are there stay what they are.

    Parameters
    ----------
    location : str, Path or zarr store
        Of the data set.
    version : str, optional
        From which samples are taken; the newest if None.
    drop_if : str, optional
        A condition on the numbers kept for each sample, such as ``"objects < 3"``: `cellsim.datasets.conditions.where`.
    drop, keep : sequence of int, optional
        Indices of samples in that version that are left out, or of all that are not.

    Returns
    -------
    Version
        The new one; or the one that is there, if it holds the same samples of the same version.

    Raises
    ------
    InputError
        If the condition or an index is wrong, or it would leave no sample or all of them.
    StoreError
        If there is no such data set or version, or it cannot be written.
    """
    dataset = Dataset(location, version)
    kept = _kept(dataset, drop_if, drop, keep)
    rule = _rule(drop_if, drop, keep)
    here = positions(dataset.group, dataset.version)
    which = kept if here is None else here[kept]
    digest = digest_of(dataset.group, which)
    group = open_group(location, "r+")  # late, as others may seal versions meanwhile
    for known in versions(group):
        same = positions(group, known) if known.of == dataset.version.name else None
        if same is not None and np.array_equal(same, which):
            return known
    new = Version(next_name(versions(group)), len(which), digest, dataset.version.name, rule)
    with telling(location, f"writing {new.name}"):
        array = group.create_array(
            f"kept/{new.name}",
            shape=which.shape,
            chunks=which.shape,
            dtype="int64",
            compressors=ZstdCodec(level=3),
            overwrite=True,  # one that a killed process left
        )
        array[:] = which
    _check_own(location, group, new, which)
    add_version(location, group, new)
    _check_own(location, group, new, which)
    return new


def _check_own(location: Location, group: zarr.Group, new: Version, which: NDArray[np.int64]) -> None:
    try:
        same = np.array_equal(positions(group, new), which)  # type: ignore[arg-type]
    except StoreError:  # of another length
        same = False
    if not same:
        raise StoreError(
            f"{new.name} of {show(location)}: another curation is writing it at the same time: "
            "run the same command again"
        )


def _kept(
    dataset: Dataset, drop_if: str | None, drop: Sequence[int] | None, keep: Sequence[int] | None
) -> NDArray[np.int64]:
    stays = np.ones(len(dataset), bool)
    if drop_if is not None:
        stays &= ~where(drop_if, dataset.drawn)
    if drop is not None:
        stays[_checked(drop, len(dataset))] = False
    if keep is not None:
        named = np.zeros(len(dataset), bool)
        named[_checked(keep, len(dataset))] = True
        stays &= named
    if stays.all():
        raise InputError(
            f"{show(dataset.location)} {dataset.version.name}: nothing to leave out of {len(stays)} samples"
        )
    if not stays.any():
        raise InputError(
            f"{show(dataset.location)} {dataset.version.name}: none of its {len(stays)} samples would be left"
        )
    return np.flatnonzero(stays)


def _checked(indices: Sequence[int], samples: int) -> NDArray[np.int64]:
    wrong = [i for i in indices if not 0 <= i < samples]
    if wrong:
        raise InputError(f"sample index must be from 0 to {samples - 1}, got {wrong[0]}")
    return np.asarray(indices, np.int64)


def _rule(drop_if: str | None, drop: Sequence[int] | None, keep: Sequence[int] | None) -> str:
    said = [f"dropped if {drop_if}"] if drop_if is not None else []
    said += [f"dropped {len(set(drop))} by a list"] if drop is not None else []
    return "; ".join(said + ([f"kept {len(set(keep))} by a list"] if keep is not None else []))
