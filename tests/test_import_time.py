"""What is heavy is loaded when it is used: seen by what is in memory, not by the clock."""

from __future__ import annotations

import subprocess
import sys

HEAVY = ("torch", "zarr", "numba", "pydantic", "numpy", "scipy", "yaml", "PIL")


def loaded(code: str) -> set[str]:
    """Run code in a fresh process; which heavy packages it loaded."""
    script = f"import sys, atexit\natexit.register(lambda: print('LOADED', *sys.modules))\n{code}"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    return set(HEAVY) & set(done.stdout.rpartition("LOADED")[2].split())


def test_importing_cellsim_loads_nothing_heavy() -> None:
    assert loaded("import cellsim; dir(cellsim); cellsim.__version__") == set()


def test_help_loads_nothing_heavy() -> None:
    assert loaded("from cellsim.cli import main; main(['--help'])") == set()
    assert loaded("from cellsim.cli import main; main(['--version'])") == set()


def test_a_recipe_loads_neither_the_store_nor_torch() -> None:
    assert loaded("import cellsim; cellsim.Recipe") & {"torch"} == set()
    assert (
        loaded("from cellsim.catalogue import ROOMS; from cellsim.steps import kinds; kinds(ROOMS['points'])")
        & {
            "torch",
            "zarr",
        }
        == set()
    )


def test_opening_a_data_set_loads_no_torch() -> None:
    assert loaded("import cellsim; cellsim.open_dataset; cellsim.make") & {"torch"} == set()


def test_what_is_loaded_is_seen() -> None:
    assert loaded("import numpy; import zarr") >= {"numpy", "zarr"}
