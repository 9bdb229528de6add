"""What runs real servers for minutes runs when asked for: `make deploy-check`."""

from __future__ import annotations

import pytest

MARK = "deploy"


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", f"{MARK}: an installation behind haproxy; takes minutes")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if MARK in config.getoption("-m"):
        return
    skip = pytest.mark.skip(reason="takes minutes: make deploy-check")
    for item in items:
        if item.get_closest_marker(MARK) is not None:
            item.add_marker(skip)
