"""A town of nurses, its real processes, and a real browser; without one this says so and skips."""

from __future__ import annotations

import os

import pytest

from tests.acceptance.conftest import deployment, people, server_settings
from tests.browser import driving

__all__ = ["deployment", "people", "server_settings"]

# Set where a browser must be there, so that nothing is skipped by mistake.
REQUIRED = "REQUIRE_BROWSER"


@pytest.fixture(autouse=True)
def _a_browser() -> None:
    missing = []
    if driving.chromium() is None:
        missing.append("no Chromium is installed (on Debian: apt-get install chromium)")
    if not driving.BUILT.exists():
        missing.append("the clients are not built (make web)")
    if missing and os.environ.get(REQUIRED):
        pytest.fail("; ".join(missing))
    if missing:
        pytest.skip("; ".join(missing))
