"""A kept shortage in words, counted again."""

from __future__ import annotations

from api import reference
from api.schemas import shortages as schemas
from api.schemas.conventions import WindowView
from api.wire import Call
from dispatch import keeping
from dispatch.records.shortages import Shortage
from matching import texts
from matching.spans import Span


def shortage_view(short: Shortage, call: Call) -> schemas.Shortage:
    """All of a shortage; its certificate is checked as if nobody had checked it before."""
    orders, nurses = short.certificate["orders"], short.certificate["nurses"]
    county = reference.served_areas().by_code.get(short.county)
    name = county and (county.name_en if call.language == "en" else county.name_zh)
    return schemas.Shortage(
        id=short.id,
        county=short.county,
        starts_at=short.starts_at,
        ends_at=short.ends_at,
        seats=short.seats,
        visits_max=short.visits_max,
        missing=short.seats - short.visits_max,
        orders=[
            schemas.ShortOrder(
                order_id=one["order_id"],
                seats=one["seats"],
                window=WindowView(earliest=one["opens_at"], latest=one["closes_at"]),
                duration_min=one["lasts_s"] // 60,
                specialties=one["needs"],
                nurses=len(one["nurses"]),
            )
            for one in orders
        ],
        nurses=[
            schemas.AbleNurse(nurse_id=one["nurse_id"], visits_max=one["visits_max"])
            for one in nurses
        ],
        found_at=short.found_at,
        held_at=short.held_at,
        ended_at=short.ended_at,
        checked=keeping.shortage_holds(short),
        text=texts.shortage(
            name or short.county,
            Span(short.starts_at, short.ends_at),
            orders=len(orders),
            nurses=len(nurses),
            seats=short.seats,
            visits_max=short.visits_max,
            needs=sorted({slug for one in orders for slug in one["needs"]}),
            language=call.language,
            catalogue=call.catalogue,
        ),
    )
