"""Every point process keeps the contract."""

from __future__ import annotations

from tests.contracts import PointsContract


class TestPoints(PointsContract):
    """All kinds of points."""
