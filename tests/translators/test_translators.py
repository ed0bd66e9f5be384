"""Every translator keeps the contract."""

from __future__ import annotations

from tests.contracts import TranslatorContract


class TestTranslators(TranslatorContract):
    """All kinds of translators."""
