"""Every point spread function keeps the contract."""

from __future__ import annotations

from tests.contracts import PsfContract


class TestPsf(PsfContract):
    """All kinds of point spread functions."""
