"""Every generator keeps the contract."""

from __future__ import annotations

from tests.contracts import GeneratorContract


class TestGenerators(GeneratorContract):
    """All kinds of generators."""
