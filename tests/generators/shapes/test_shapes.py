"""Every shape keeps the contract."""

from __future__ import annotations

from tests.contracts import ShapeContract


class TestShapes(ShapeContract):
    """All kinds of shapes."""
