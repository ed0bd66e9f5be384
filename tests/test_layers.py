"""Data flows down, never back: a room imports only from lower layers or itself, and only one module knows torch."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

import cellsim

PACKAGE = Path(cellsim.__file__).parent

# From low to high. Modules of the trunk stand by their names; rooms (folders) by theirs.
LAYERS = [
    {"errors", "seeds", "kernel", "sample"},
    {"steps", "distributions", "masks"},
    {"datasets"},
    {"evaluate", "nn"},
    {"generators", "translators"},
    {"overrides", "recipe", "catalogue", "recipes"},
    {"run", "making", "convergence", "report"},
    {"fitting", "train", "exporting"},
    {"study"},
    {"cli"},
    {"__main__"},
]
LAYER = {name: i for i, layer in enumerate(LAYERS) for name in layer}
ROOMS = {
    *("masks", "datasets", "evaluate", "nn", "generators", "translators", "recipes", "report", "train"),
    *("fitting", "study", "cli"),
}
# torch is a guest: whole rooms, and single modules or packages, that may import it
TORCH = (
    "cellsim.nn",
    "cellsim.train",
    "cellsim.datasets.torch",
    "cellsim.datasets.stream",
    "cellsim.datasets.lightning",
    "cellsim.evaluate.features.lite0",
    "cellsim.evaluate.features.inception",
    "cellsim.evaluate.features.segmenter",
    "cellsim.generators.flow_gan",
    "cellsim.generators.shapes.maskgan",
    "cellsim.generators.stylegan",
    "cellsim.translators.pix2pix",
)


class Import(NamedTuple):
    """One import: who, what, and whether it runs when the module is loaded."""

    by: str
    of: str
    at_load: bool


def modules(package: Path) -> dict[str, Path]:
    """Every module of a package: dotted name -> file."""
    found = {}
    for path in sorted(package.rglob("*.py")):
        parts = path.relative_to(package.parent).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


def imports(name: str, path: Path, known: set[str]) -> Iterator[Import]:
    """Every import in a file, those in functions and of types too."""
    tree = ast.parse(path.read_text("utf-8"))
    later = {id(node) for block in ast.walk(tree) if _runs_later(block) for node in ast.walk(block)}
    for node in ast.walk(tree):
        at_load = id(node) not in later
        if isinstance(node, ast.Import):
            yield from (Import(name, alias.name, at_load) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: imports are absolute"
            for alias in node.names:
                full = f"{node.module}.{alias.name}"
                by_door = node.module == name.split(".", maxsplit=1)[0] and alias.name != "__version__"
                yield Import(name, full if full in known or by_door else str(node.module), at_load)


def _runs_later(node: ast.AST) -> bool:
    of_types = isinstance(node, ast.If) and ast.unparse(node.test).endswith("TYPE_CHECKING")
    return of_types or isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)


def place(module: str) -> str:
    """Name of the room, or of the module of the trunk; "" for the package itself."""
    return [*module.split("."), ""][1]


def complaints(package: Path) -> list[str]:
    """Everything about the imports of a package that breaks the rules."""
    known = modules(package)
    every = [found for name, path in known.items() for found in imports(name, path, set(known))]
    inside = [found for found in every if found.of.split(".")[0] == package.name]
    return [
        *(f"{found.by} is in no layer" for found in every if place(found.by) and place(found.by) not in LAYER),
        *(f"{found.by} imports {found.of}" for found in inside if not _is_allowed(found)),
        *(
            f"{found.by} imports torch"
            for found in every
            if found.of.split(".")[0] == "torch" and not f"{found.by}.".startswith(tuple(f"{name}." for name in TORCH))
        ),
        *(f"the cycle {' -> '.join(cycle)}" for cycle in cycles(inside, set(known))),
    ]


def _is_allowed(found: Import) -> bool:
    by, of = place(found.by), place(found.of)
    if not of:
        return True  # the bare package, for its version
    if not by:
        return not found.at_load  # the doors of the package open on use
    if by == of and by in ROOMS:
        return True
    same_trunk = by not in ROOMS and of not in ROOMS and LAYER.get(by) == LAYER.get(of)
    return LAYER.get(of, 99) < LAYER.get(by, -1) or same_trunk


def cycles(found: list[Import], known: set[str]) -> Iterator[list[str]]:
    """Modules that import each other when they are loaded."""
    graph: dict[str, set[str]] = {name: set() for name in known}
    for one in found:
        if one.at_load and one.of in known and place(one.of):
            graph[one.by].add(one.of)
    done: set[str] = set()

    def walk(name: str, path: list[str]) -> Iterator[list[str]]:
        if name in path:
            yield [*path[path.index(name) :], name]
        elif name not in done:
            for other in sorted(graph[name]):
                yield from walk(other, [*path, name])
            done.add(name)

    for name in sorted(graph):
        yield from walk(name, [])


def test_rooms_import_only_from_below() -> None:
    assert complaints(PACKAGE) == []


def test_every_room_has_a_layer() -> None:
    there = {path.stem if path.is_file() else path.name for path in PACKAGE.iterdir() if path.suffix in ("", ".py")}
    there -= {"__init__", "__pycache__"}
    assert there == set(LAYER)
    assert {name for name in there if (PACKAGE / name).is_dir()} == ROOMS


def test_tables_name_modules_of_their_own_room() -> None:
    for name, path in modules(PACKAGE).items():
        for node in ast.parse(path.read_text("utf-8")).body:
            if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "KINDS":
                table = ast.literal_eval(node.value)
                assert all(target.startswith(f"{name}.") for target in table.values()), name


FAKE = {
    "__init__": "if TYPE_CHECKING:\n    from cellsim.recipe import x",
    "errors": "import numpy",
    "steps": "from cellsim.errors import x",
    "distributions": "from cellsim.steps import x",
    "masks/__init__": "",
    "masks/a": "from cellsim.masks.b import x\nfrom cellsim import __version__",
    "masks/b": "def f():\n    from cellsim.masks.a import x",
    "datasets/torch": "import torch",
    "generators/__init__": "KINDS = {}",
    "generators/a": "from cellsim.masks import a",
    "translators/a": "import cellsim.steps",
    "recipe": "from cellsim.generators import a",
    "report/a": "",
    "making": "from cellsim.recipe import x",
    "cli/a": "from cellsim.making import x",
    "__main__": "from cellsim.cli import main",
}


def fake(folder: Path, **planted: str) -> Path:
    """Write a small tree that keeps the rules, but for what is planted."""
    for name, text in (FAKE | {name.replace("__in__", "/"): text for name, text in planted.items()}).items():
        path = folder / "cellsim" / f"{name}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder / "cellsim"


def test_a_tree_that_keeps_the_rules_has_no_complaints(tmp_path: Path) -> None:
    assert complaints(fake(tmp_path)) == []


@pytest.mark.parametrize(
    ("name", "text", "complaint"),
    [
        ("errors", "from cellsim.steps import x", "cellsim.errors imports cellsim.steps"),
        ("steps", "from cellsim.masks import a", "cellsim.steps imports cellsim.masks.a"),
        ("masks__in__a", "from cellsim.distributions import x", "cellsim.masks.a imports cellsim.distributions"),
        (
            "generators__in__a",
            "from cellsim.translators.a import x",
            "cellsim.generators.a imports cellsim.translators.a",
        ),
        (
            "translators__in__a",
            "def f():\n    import cellsim.generators",
            "cellsim.translators.a imports cellsim.generators",
        ),
        ("datasets__in__a", "from cellsim.generators import a", "cellsim.datasets.a imports cellsim.generators.a"),
        ("report__in__a", "from cellsim.making import x", "cellsim.report.a imports cellsim.making"),
        ("recipe", "if TYPE_CHECKING:\n    from cellsim import cli", "cellsim.recipe imports cellsim.cli"),
        ("recipe", "from cellsim import make", "cellsim.recipe imports cellsim.make"),
        ("making", "import torch.nn", "cellsim.making imports torch"),
        ("datasets__in__a", "def f():\n    from torch import nn", "cellsim.datasets.a imports torch"),
        ("__init__", "from cellsim.recipe import x", "cellsim imports cellsim.recipe"),
        ("helpers", "import os", "cellsim.helpers is in no layer"),
        (
            "masks__in__b",
            "from cellsim.masks.a import x",
            "the cycle cellsim.masks.a -> cellsim.masks.b -> cellsim.masks.a",
        ),
    ],
)
def test_a_planted_fault_is_seen(name: str, text: str, complaint: str, tmp_path: Path) -> None:
    assert complaint in complaints(fake(tmp_path, **{name: text}))


def test_a_relative_import_is_refused(tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match="imports are absolute"):
        complaints(fake(tmp_path, steps="from . import errors"))
