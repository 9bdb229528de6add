"""What a visit would cost, and whether and when somebody could come, before it is ordered."""

from __future__ import annotations

import asyncio

from api import reference
from api.schemas import orders as schemas
from api.views.orders import price_lines, rule_reasons
from api.wire import Call, Routes
from dispatch import booking, database, quoting, rates
from dispatch.errors import InvalidFields
from dispatch.pricing import Circumstances
from dispatch.quoting import Estimate, Survey
from dispatch.records import bills, institutions
from matching.travel import Place

routes = Routes()


@routes.post("/v1/quotes", body=schemas.QuoteRequest, answer=schemas.Quote)
async def quote(call: Call, body: schemas.QuoteRequest) -> schemas.Quote:
    lat, lng = body.location.wgs84()
    county = reference.served_areas().county_at(lat, lng)
    codes, window = body.service_codes, body.window
    found: Survey | None = None
    async with call.read() as conn:
        now = await database.now(conn)
        faults = booking.code_faults(call.catalogue, codes)
        faults += booking.window_faults(window.earliest, window.latest, now, call.settings)
        if faults:
            raise InvalidFields(*faults, window_max_days=call.settings.window_max_days)
        place = Place.at(lat, lng)
        terms = await bills.find_terms(conn)
        by = rates.tariff_of(conn, terms.tariff_id, terms.rules)
        distance_m = await rates.distance_m(conn, by, codes, county, place) if county else None
        given = Circumstances(earliest=window.earliest, latest=window.latest, distance_m=distance_m)
        price = rates.price_of(conn, codes, by, given)
        if county is not None and await institutions.is_offered(conn, codes, county):
            found = await quoting.survey(conn, codes, place, county, window.earliest, window.latest)
    estimate = await asyncio.to_thread(quoting.estimate, found) if found else None
    bundle = call.catalogue.combine(codes)
    return schemas.Quote(
        price_fen=price.price_fen,
        lines=price_lines(price.lines, call),
        travel_fee_fen=price.travel_fee_fen,
        duration_min=bundle.duration_min,
        nurses_required=bundle.nurses_required,
        eligible_nurses=estimate.eligible if estimate else 0,
        earliest_start_estimate=estimate.starts_at if estimate else None,
        served=estimate is not None,
        reasons=_reasons(county, estimate, call),
    )


def _reasons(county: str | None, estimate: Estimate | None, call: Call) -> list[schemas.Reason]:
    """Why nobody could come as things stand; nothing where somebody can."""
    if estimate is None:
        rule = "outside_area" if county is None else "nobody_offers"
        return [schemas.Reason(rule=rule, text=call.text(f"closing.{rule}"))]
    if estimate.starts_at is not None:
        return []
    if not estimate.counts and not estimate.eligible:
        return [schemas.Reason(rule="nobody_near", text=call.text("closing.nobody_near"))]
    return rule_reasons(estimate.counts, call)
