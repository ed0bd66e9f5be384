# make demo: set up, run the main job.   make test: set up, run the tests.   make help lists the rest.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
READY  := $(VENV)/.ready
PATHS  := cellsim tests docs benchmarks

# torch stays at the version in constraints.txt (newer ones pull gigabytes of CUDA)
export PIP_CONSTRAINT := $(abspath constraints.txt)
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: help setup demo test slow check format bench docs clean

help:
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 10

setup: $(READY)  ## create .venv and install everything into it

$(READY): pyproject.toml constraints.txt
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade "pip>=24" "setuptools>=77"
	$(BIN)/python -m pip install --quiet torch==2.13.0
	$(BIN)/python -m pip install --quiet --editable ".[dev]" --config-settings editable_mode=compat
	touch $@

demo: $(READY)  ## set up, and make a data set of 500 samples
	mkdir -p demo
	$(BIN)/cellsim make --recipe epidermis.yaml -n 500 -o demo/epidermis.zarr

test: $(READY)  ## set up, and run the tests
	$(BIN)/python -m pytest -m "not slow and not gpu" -n 2 --dist loadfile

slow: $(READY)  ## also the tests that take minutes
	$(BIN)/python -m pytest -m "not gpu" -n 2 --dist loadfile

check: $(READY)  ## format, lint, types, docs
	$(BIN)/ruff format --check $(PATHS)
	$(BIN)/ruff check $(PATHS)
	$(BIN)/mypy -p cellsim
	$(MAKE) docs

format: $(READY)  ## format the code and mend what lint can mend
	$(BIN)/ruff check --fix $(PATHS)
	$(BIN)/ruff format $(PATHS)

bench: $(READY)  ## time everything; prints the tables of docs/performance.md
	$(BIN)/python -m benchmarks

docs: $(READY)  ## build docs/_build/html, warnings are errors
	$(BIN)/sphinx-build --quiet --fail-on-warning --keep-going docs docs/_build/html

clean:  ## remove what was built, and the cached kernels
	rm -rf $(VENV) build dist *.egg-info docs/_build docs/kinds docs/pictures/generated demo
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
