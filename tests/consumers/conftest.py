"""A few small samples for all consumers, and a page followed with them."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.pages import REPO, blocks, commands, run_command, run_python

PAGES = REPO / "docs/consumers"
MAKE = "cellsim make --recipe epidermis.yaml -n {n} -o cells.zarr --no-gallery"  # how each page begins
SMALL = " --set canvas.shape=[96,96] --workers 1"

Follow = Callable[..., dict[str, Any]]


@pytest.fixture(scope="session")
def cells(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the first command of each page makes, but sixteen samples of 96 x 96 pixels."""
    path = tmp_path_factory.mktemp("consumers") / "cells.zarr"
    run_command(MAKE.format(n=16).replace("cells.zarr", str(path)) + SMALL)
    return path


@pytest.fixture
def follow(cells: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Follow:
    """Follow a page in an empty folder, with small patches and two epochs of training if nothing else is said."""
    monkeypatch.chdir(tmp_path)

    def step(command: str) -> None:
        if command.startswith("cellsim make"):
            assert command == MAKE.format(n=3)
            shutil.copytree(cells, "cells.zarr")
        else:
            run_command(command)

    def follow(page: str, *, epochs: int = 2, without: str | None = None) -> dict[str, Any]:
        names: dict[str, Any] = {"__name__": "page"}
        for language, text in blocks(PAGES / f"{page}.md"):
            if language == "python" and (without is None or without not in text):
                small = re.sub(r"(epochs ?= ?)\d+", rf"\g<1>{epochs}", text)
                run_python(re.sub(r"bsize=\d+", "bsize=64", small), f"{page}.md", names)
            for command in commands(text) if language != "python" else []:
                step(command)
        return names

    return follow
