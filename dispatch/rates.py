"""By which tariff a price is told: the platform's, a declared one, and how far the door is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from config import tariff
from config.tariff import Tariff
from dispatch import pricing
from dispatch.database import Connection
from dispatch.pricing import Circumstances, Price
from dispatch.records import institutions, tariffs
from matching.travel import Place

# Declared tariffs never change, so a parsed one is good for as long as the process lives.
PARSED_MAX: Final = 256
_parsed: dict[UUID, Tariff] = {}


def tariff_of(conn: Connection, tariff_id: UUID | None, rules: Mapping[str, Any] | None) -> Tariff:
    """A declared tariff, or without one the platform's own."""
    if tariff_id is None or rules is None:
        return pricing.platform(conn.catalogue.visit_fee_fen, conn.settings)
    known = _parsed.get(tariff_id)
    if known is None:
        known = tariff.parse(dict(rules))
        if len(_parsed) >= PARSED_MAX:
            _parsed.clear()
        _parsed[tariff_id] = known
    return known


async def get_tariff(conn: Connection, tariff_id: UUID | None) -> Tariff:
    """The tariff by which a price was told."""
    if tariff_id is None or tariff_id in _parsed:
        return tariff_of(conn, tariff_id, {})
    declared = await tariffs.get(conn, tariff_id)
    return tariff_of(conn, declared.id, declared.rules)


async def distance_m(
    conn: Connection, by: Tariff, codes: Sequence[str], county: str, place: Place
) -> int | None:
    """How far the door is from the nearest institution that offers all of this there; None where
    the tariff does not ask, or nobody offers it."""
    if not by.by_distance:
        return None
    near = [
        place.distance_m(Place.at(lat, lng))
        for lat, lng in await institutions.list_places(conn, codes, county)
    ]
    return round(min(near)) if near else None


def price_of(
    conn: Connection, codes: Sequence[str], by: Tariff, circumstances: Circumstances
) -> Price:
    """What a visit for these services costs by a tariff."""
    bundle = conn.catalogue.combine(codes)
    return pricing.price(bundle, by, conn.catalogue, circumstances, conn.settings)
