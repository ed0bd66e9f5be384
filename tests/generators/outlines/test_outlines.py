"""Every outline keeps the contract."""

from __future__ import annotations

from tests.contracts import OutlineContract


class TestOutlines(OutlineContract):
    """All kinds of outlines."""
