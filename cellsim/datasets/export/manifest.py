"""What a folder is the export of, and whether it is finished."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cellsim.datasets.export.folder import Folder
from cellsim.errors import StoreError

NAME = "cellsim-export.json"
TABLE = "samples.csv"


@dataclass(frozen=True)
class Manifest:
    """What a folder is the export of.

    Parameters
    ----------
    identity : dict
        Format, version and options.
    about : dict
        What an import takes from it: shape, spacing, names. An export goes on only where these and the identity are
        the same.
    finished : bool
        Whether all of it is there.
    """

    identity: dict[str, Any]
    about: dict[str, Any]
    finished: bool = False

    def save(self, folder: Folder, finished: bool) -> None:
        """Write it into the folder.

        Parameters
        ----------
        folder : Folder
            Of the export.
        finished : bool
            Whether all of it is there.
        """
        known = {"cellsim_export": 1, "finished": finished, **self.identity, "about": self.about}
        folder.write(NAME, json.dumps(known, indent=1, ensure_ascii=False) + "\n")


def load_manifest(root: Path) -> Manifest | None:
    """Read the manifest of a folder.

    Parameters
    ----------
    root : Path
        Of an export.

    Returns
    -------
    Manifest or None
        None if there is none.

    Raises
    ------
    StoreError
        If it is damaged.
    """
    path = root / NAME
    if not path.is_file():
        return None
    try:
        known = json.loads(path.read_bytes())
        about, finished = known.pop("about"), known.pop("finished")
        if known.pop("cellsim_export") != 1:
            raise ValueError("it is of a newer cellsim")
    except (ValueError, KeyError, AttributeError, TypeError) as error:
        raise StoreError(f"{path} cannot be read ({error}): delete the folder and export again") from None
    return Manifest(known, about, bool(finished))


def same_export(root: Path, wanted: Manifest) -> bool:
    """Say whether a folder is the finished export that is wanted; refuse one of something else.

    Parameters
    ----------
    root : Path
        Of the output.
    wanted : Manifest
        Of the export that is to be written.

    Returns
    -------
    bool
        True if it is finished; False if it is empty, or was begun.

    Raises
    ------
    StoreError
        If it holds another export, or something else.
    """
    there = load_manifest(root)
    if there is None:
        if root.exists() and (not root.is_dir() or any(root.iterdir())):
            raise StoreError(f"{root} is there and is no export of cellsim: choose another output")
        return False
    if there.identity != wanted.identity or there.about != wanted.about:
        raise StoreError(
            f"{root} holds {_said(there.identity)}, not {_said(wanted.identity)}"
            f"{_difference(there, wanted)}: choose another output, or delete it"
        )
    return there.finished


def _said(identity: dict[str, Any]) -> str:
    return f"{identity.get('version')} of '{identity.get('name')}' as {identity.get('format')}"


def _difference(there: Manifest, wanted: Manifest) -> str:
    if _said(there.identity) != _said(wanted.identity):
        return ""
    old, new = {**there.about, **there.identity}, {**wanted.about, **wanted.identity}
    keys = [key for key in {**wanted.identity, **old, **new} if old.get(key) != new.get(key)]
    return f" with {keys[0]} {old.get(keys[0])}, not {new.get(keys[0])}"
