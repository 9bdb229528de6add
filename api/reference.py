"""What is read once from files and never changes while the process runs; it knows no request."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from config import areas, catalogue, consents, negative_list
from config import purposes as config_purposes
from config.areas import Areas
from config.catalogue import Catalogue
from config.consents import Consents
from config.negative_list import Entry
from config.purposes import Purposes


@cache
def services() -> Catalogue:
    """The catalogue of services, to check what a body names before anything else is asked."""
    return catalogue.load()


@cache
def served_areas() -> Areas:
    """The served counties."""
    return areas.load()


def negative_entries() -> Mapping[str, Entry]:
    """What is not done at home, by name."""
    return negative_list.load().entries


def purposes() -> Purposes:
    """What is agreed to besides each service."""
    return config_purposes.load()


@cache
def consent_texts() -> Consents:
    """The consent texts that are signed now."""
    return consents.load(services())
