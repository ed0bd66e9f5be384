"""Every field keeps the contract."""

from __future__ import annotations

from tests.contracts import FieldContract


class TestFields(FieldContract):
    """All kinds of fields."""
