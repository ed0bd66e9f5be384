"""What the tests of the report share."""

from __future__ import annotations

import pytest

from cellsim.evaluate.comparison import Comparison
from tests.report.findings import comparison


@pytest.fixture(scope="session")
def found(tmp_path_factory: pytest.TempPathFactory) -> Comparison:
    """Known findings of two small data sets."""
    return comparison(tmp_path_factory.mktemp("sets"))
