"""What is read once from files and never changes while the process runs; it knows no request."""

from __future__ import annotations

from functools import cache

from config import areas, catalogue, consents
from config.areas import Areas
from config.consents import Consents


@cache
def served_areas() -> Areas:
    """The served counties."""
    return areas.load()


@cache
def consent_texts() -> Consents:
    """The consent texts that are signed now."""
    return consents.load(catalogue.load())
