from __future__ import annotations

import pytest

from matching.routing import search


@pytest.fixture(scope="session", autouse=True)
def compiled_once() -> None:
    """The loops are compiled before the first test, not within its time limit's first seconds."""
    search.warm_up()
