"""The toys are known in tests of training."""

from __future__ import annotations

import pytest

from tests.train import toys


@pytest.fixture(autouse=True)
def _known() -> None:
    toys.register()
