"""What the documentation says is so: its commands and examples run, its links lead somewhere, nothing is left out."""

from __future__ import annotations

import doctest
import importlib
import io
import os
import pkgutil
import re
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from PIL import Image

import cellsim
from cellsim.catalogue import ROOMS
from cellsim.cli import VERBS
from cellsim.steps import kinds
from tests.pages import BLOCK, REPO, blocks, commands, run_command, run_python

REAL = Path(os.environ.get("CELLSIM_REAL_DATA", REPO / "../shared/data"))
SHOWN = "../shared/data"  # what the pages call it
FEW = 6  # real images, of each folder

WRITTEN = [path for path in sorted((REPO / "docs").rglob("*.md")) if not {"_build", "kinds"} & set(path.parts)]
PAGES = [REPO / "README.md", REPO / "CONTRIBUTING.md", REPO / "CHANGELOG.md", REPO / "changes/README.md", *WRITTEN]

LINK = re.compile(r"\[[^\]\[]*\]\(([^)\s]+)\)")


def named(path: Path) -> str:
    return path.relative_to(REPO).as_posix()


def runs(path: Path) -> bool:
    return any(language == "python" or commands(text) for language, text in blocks(path))


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where a page is followed: an empty folder but for a few annotated images."""
    monkeypatch.chdir(tmp_path)
    y, x = np.mgrid[:96, :96]
    for i in range(3):
        mask = np.zeros((96, 96), np.uint16)
        for k, (cy, cx) in enumerate([(20, 25), (60, 30 + 5 * i), (50, 70)], 1):
            mask[(y - cy) ** 2 + (x - cx) ** 2 < 100] = k
        for kind, array in (("images", (mask > 0) * np.uint8(200)), ("masks", mask)):
            Path(kind).mkdir(exist_ok=True)
            Image.fromarray(array).save(f"{kind}/field{i}.png")
    return tmp_path


def few_real_images(folder: Path, command: str) -> str:
    """Map the folder of real images to a few of them."""
    for name in set(re.findall(rf"{re.escape(SHOWN)}/([\w-]+)", command)):
        for source in sorted((REAL / name).rglob("*.*")):
            place = folder / "data" / source.relative_to(REAL)
            place.parent.mkdir(parents=True, exist_ok=True)
            if len(list(place.parent.iterdir())) < FEW and not place.exists():
                place.symlink_to(source.resolve())
    return command.replace(SHOWN, "data")


FOLLOWED = [path for path in PAGES if path.parent.name != "consumers"]  # those are followed in tests/consumers


@pytest.mark.parametrize("page", [path for path in FOLLOWED if path.name == "README.md" or runs(path)], ids=named)
def test_what_a_page_shows_runs(page: Path, folder: Path) -> None:
    names: dict[str, Any] = {"__name__": "page"}
    lacking: set[str] = set()  # outputs of commands that need real images, where there are none
    for language, text in blocks(page):
        if language == "python":
            run_python(text, named(page), names)
        for command in commands(text):
            if (SHOWN in command and not REAL.is_dir()) or any(name in command for name in lacking):
                lacking |= set(re.findall(r"-o (\S+)", command))
                continue
            run_command(few_real_images(folder, command))


def test_the_readme_has_commands_and_an_example() -> None:
    found = blocks(REPO / "README.md")
    assert sum(len(commands(text)) for _, text in found) >= 1
    assert any(language == "python" for language, _ in found)


def test_the_readme_names_every_command() -> None:
    text = (REPO / "README.md").read_text(encoding="utf-8")
    assert [verb for verb in VERBS if f"cellsim {verb} " not in text] == []


def test_examples_in_docstrings_run(folder: Path) -> None:
    modules = [
        importlib.import_module(m.name)
        for m in pkgutil.walk_packages(cellsim.__path__, "cellsim.")
        if not m.name.endswith("__main__")
    ]
    finder, runner = doctest.DocTestFinder(exclude_empty=True), doctest.DocTestRunner()
    examples = [test for module in modules for test in finder.find(module) if test.examples]
    report = io.StringIO()
    for test in sorted(examples, key=lambda test: test.name):
        runner.run(test, out=report.write)
    assert runner.tries > 0
    assert runner.failures == 0, report.getvalue()


@pytest.fixture
def extension(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Import a module of docs/_ext."""
    pytest.importorskip("sphinx")
    pytest.importorskip("matplotlib")
    monkeypatch.syspath_prepend(REPO / "docs/_ext")

    def load(name: str) -> ModuleType:
        return importlib.import_module(name)

    return load


def test_every_kind_has_an_example(extension: Any) -> None:
    assert extension("kinds").lacking() == []


def test_no_example_is_left_over(extension: Any) -> None:
    every = {kind for room in ROOMS.values() for kind in kinds(room)}
    assert set(extension("examples").EXAMPLES) - every == set()


def test_the_page_of_commands_has_every_command_and_option(extension: Any) -> None:
    page = extension("commands").page()
    assert "{commands}" in (REPO / "docs/commands.md").read_text(encoding="utf-8")
    assert [verb for verb in VERBS if f"## `cellsim {verb}`" not in page] == []
    assert [option for option in ("--recipe", "--set", "--sweep", "--repair") if option not in page] == []


def headings(path: Path) -> set[str]:
    """The anchors of a page."""
    text = BLOCK.sub("", path.read_text(encoding="utf-8"))
    titles = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).strip().replace(" ", "-") for title in titles}


def is_there(target: str, page: Path) -> bool:
    name, _, anchor = target.partition("#")
    path = (page.parent / name).resolve() if name else page
    if path.parent == REPO / "docs/kinds":  # written when the site is built
        return path.stem in {"index"} | {kind for room in ROOMS.values() for kind in kinds(room)}
    return path.exists() and (not anchor or anchor in headings(path))


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_links_of_a_page_lead_somewhere(page: Path) -> None:
    text = re.sub(r"`[^`\n]*`", "", BLOCK.sub("", page.read_text(encoding="utf-8")))
    inside = [target for target in LINK.findall(text) if not re.match(r"\w+:", target)]
    assert [target for target in inside if not is_there(target, page)] == []
