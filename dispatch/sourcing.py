"""From rows to what the matcher is told: what orders need, what nurses can give, the rules' frame.

Reads for a whole batch at once, as the clock. It decides nothing and writes nothing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from types import MappingProxyType
from typing import Final
from uuid import UUID

import asyncpg

from config.settings import Settings
from config.vocabulary import InsuranceKind, Title
from dispatch import bounds as binding
from dispatch.database import Connection
from dispatch.lifecycles import EMPTY_SEAT
from dispatch.records import addresses, candidates, nurses, visits
from dispatch.records.addresses import Bounds
from dispatch.records.candidates import Booking, Employer, Sought, Standing
from dispatch.records.orders import Order
from dispatch.records.visits import Visit
from matching import ranking
from matching.acceptance import Acceptance
from matching.eligibility import MINUTE_S
from matching.inputs import Booked, Candidate, Frame, Gender, Need, PastCare
from matching.policy import Policy, Urgency
from matching.spans import Span
from matching.timetable import FAR
from matching.travel import Place, TravelTimes
from matching.waves import PastOffer, Progress

RECENT: Final = timedelta(days=30)
# So many of the nearest nurses of any skill are judged too, so that it can be shown why not they.
PASSERS_BY: Final = 30
# Looked up, not made anew for each of thousands of nurses.
GENDERS: Final = {each.value: each for each in Gender}
TITLES: Final = {each.value: each for each in Title}
NOBODY: Final[Mapping[str, float]] = MappingProxyType({})


def policy_of(settings: Settings) -> Policy:
    """The matcher's numbers as they are set."""
    return Policy(
        min_years=settings.min_years,
        min_title=settings.min_title,
        papers_numbered=settings.papers_numbered,
        register_asked=settings.asks_register,
        face_asked=settings.face_check == "depart",
        default_radius_m=settings.default_radius_m,
        daytime_from_h=settings.daytime_from_h,
        daytime_until_h=settings.daytime_until_h,
        offer_ttl_s=settings.offer_ttl_s,
        offer_ttl_soon_s=(settings.offer_ttl_s + settings.offer_ttl_urgent_s) // 2,
        offer_ttl_urgent_s=settings.offer_ttl_urgent_s,
        preferred_ttl_s=settings.preferred_ttl_s,
        preferred_ttl_urgent_s=min(settings.preferred_ttl_s, settings.offer_ttl_urgent_s) // 2,
        wave_sizes=settings.wave_sizes,
        fill_target=min(99, settings.fill_target_percent or 95) / 100,
        fill_waves=settings.fill_waves_max,
        wave_size_max=settings.wave_size_max,
        max_open_offers=settings.max_open_offers,
        weights={
            name: factor * ranking.TERMS_BY_NAME[name].weight
            for name, factor in settings.cost_factors.items()
        },
        hold_before_promise_s=settings.hold_before_promise_min * MINUTE_S or None,
        hold_gain_min=settings.hold_gain_min,
    )


def frame_of(
    conn: Connection,
    now: datetime,
    travel: TravelTimes,
    scarcity: Mapping[str, float] = NOBODY,
    acceptance: Acceptance | None = None,
) -> Frame:
    """What every judgement shares. Without `scarcity` verdicts are the same, costs are not."""
    return Frame(
        now=now,
        catalogue=conn.catalogue,
        policy=policy_of(conn.settings),
        travel=travel,
        scarcity=scarcity,
        acceptance=acceptance,
    )


async def scarcity_now(conn: Connection) -> dict[str, float]:
    """How rare each specialty is among all active nurses. Reads them all: not for every tick."""
    holders, active = await nurses.count_holders(conn)
    return ranking.rarity(holders, active)


async def need_of(conn: Connection, order: Order) -> Need:
    """What one order needs. Raises KeyDestroyed when the patient was erased."""
    place, bounds = await addresses.open_of_order(conn, order.address_id)
    # An order of one seat that waits has nobody yet.
    of_round = await visits.lock_of_round(conn, order.id, order.round) if order.seats > 1 else []
    return _need(conn, order, Place.at(place.lat, place.lng), bounds, of_round, {})


async def needs_of(conn: Connection, batch: Sequence[Order]) -> dict[UUID, Need]:
    """What the orders of a batch need; those whose patient was erased are left out."""
    order_ids = [order.id for order in batch]
    sealed = await candidates.addresses_by_order(conn, order_ids)
    places = await addresses.open_addresses(conn, list(sealed.values()))
    bounds = await addresses.list_bounds(conn, list(places))
    filled = await visits.list_current(conn, order_ids)
    care: dict[UUID, dict[UUID, PastCare]] = defaultdict(dict)
    for one in await candidates.list_care(conn, order_ids):
        care[one.order_id][one.nurse_id] = PastCare(visits=one.visits, last_at=one.last_at)
    return {
        order.id: _need(
            conn,
            order,
            Place.at(place.lat, place.lng),
            bounds[order.address_id],
            filled.get(order.id, []),
            care[order.id],
        )
        for order in batch
        if (place := places.get(order.address_id)) is not None
    }


def need_for(
    conn: Connection,
    order_id: UUID,
    service_codes: Sequence[str],
    place: Place,
    county: str,
    earliest: datetime,
    latest: datetime,
) -> Need:
    """What an order would need that nobody has placed yet. Raises SelectionError."""
    bundle = conn.catalogue.combine(service_codes)
    return Need(
        order_id=order_id,
        service_codes=bundle.codes,
        service_numbers=bundle.numbers,
        specialties=bundle.specialties,
        min_tier=bundle.skill_tier,
        min_title=bundle.min_title,
        seats=tuple(range(1, bundle.nurses_required + 1)),
        place=place,
        county=county,
        earliest=earliest,
        latest=latest,
        duration_s=bundle.duration_min * MINUTE_S,
    )


def _need(
    conn: Connection,
    order: Order,
    place: Place,
    bounds: Bounds,
    of_round: Sequence[Visit],
    care: Mapping[UUID, PastCare],
) -> Need:
    filled = [visit for visit in of_round if visit.state not in EMPTY_SEAT]
    taken = {visit.seat for visit in filled}
    wishes = order.preferences
    gender, preferred = wishes.get("nurse_gender"), wishes.get("preferred_nurse_id")
    conditions = binding.conditions_of(order, bounds)
    asked = need_for(
        conn,
        order.id,
        order.service_codes,
        place,
        order.county,
        order.earliest,
        order.latest,
    )
    return replace(
        asked,
        min_tier=binding.least_tier(asked.min_tier, conditions),
        seats=tuple(seat for seat in range(1, order.seats + 1) if seat not in taken),
        duration_s=order.duration_min * MINUTE_S,
        urgency=Urgency(order.urgency),
        round=order.round,
        promise_at=order.promise_at,
        fixed_start_at=filled[0].planned_start if filled else None,
        nurse_gender=Gender(gender) if gender else None,
        language=wishes.get("language"),
        preferred_nurse_id=UUID(preferred) if preferred else None,
        excluded_nurse_ids=frozenset(map(UUID, wishes.get("excluded_nurse_ids", ()))),
        nurse_ids_on_order=frozenset(visit.nurse_id for visit in filled),
        conditions=conditions,
        patient_gender=Gender(bounds.gender),
        history=care,
        pay_fen=order.pay_fen,
    )


async def progress_of(conn: Connection, batch: Sequence[Order]) -> dict[UUID, Progress]:
    """How far the present round of each order has come."""
    asked: dict[UUID, list[PastOffer]] = defaultdict(list)
    for one in await candidates.list_asked(conn, [order.id for order in batch]):
        asked[one.order_id].append(
            PastOffer(nurse_id=one.nurse_id, seat=one.seat, state=one.state)  # type: ignore[arg-type]
        )
    return {
        order.id: Progress(
            wave=order.wave, next_wave_at=order.next_wave_at, offers=tuple(asked[order.id])
        )
        for order in batch
    }


async def candidates_for(
    conn: Connection,
    needs: Sequence[Need],
    now: datetime,
    *,
    nearest: int,
    also: Mapping[UUID, Collection[UUID]] | None = None,
) -> dict[UUID, list[Candidate]]:
    """Whom to judge for each need: so many of the `nearest` who may do it, a few others, and those
    `also` named.

    Those named by the patient, blocked, or known from former visits are always among them.
    """
    blocked = await candidates.blocked(conn, [need.order_id for need in needs])
    around = await candidates.list_around(
        conn, [sought(need) for need in needs], nearest, PASSERS_BY
    )
    chosen = {
        need.order_id: dict.fromkeys(
            [
                *nurse_ids,
                *([need.preferred_nurse_id] if need.preferred_nurse_id else []),
                *need.history,
                *(nurse for order, nurse in blocked if order == need.order_id),
                *(also or {}).get(need.order_id, ()),
            ]
        )
        for need, nurse_ids in zip(needs, around, strict=True)
    }
    return await candidates_of(conn, needs, chosen, blocked, now)


async def candidates_of(
    conn: Connection,
    needs: Sequence[Need],
    chosen: Mapping[UUID, Collection[UUID]],
    blocked: candidates.Pairs,
    now: datetime,
) -> dict[UUID, list[Candidate]]:
    """Those `chosen` for each need as they stand towards it; every nurse is read once."""
    unwilling = await candidates.unwilling(conn, [need.order_id for need in needs])
    taken = await candidates.taken_back(conn, [one.order_id for one in needs if one.round > 1])
    everybody = await _standing(
        conn, {nurse_id for ids in chosen.values() for nurse_id in ids}, _spans(needs), now
    )
    return {
        order_id: [
            _towards(everybody[nurse_id], order_id, blocked, unwilling, taken)
            for nurse_id in nurse_ids
            if nurse_id in everybody
        ]
        for order_id, nurse_ids in chosen.items()
    }


async def candidate_for(
    conn: Connection, need: Need, nurse_id: UUID, patient_id: UUID
) -> tuple[Candidate, datetime] | None:
    """One nurse as she stands towards one order, from fresh rows, and the time at which she does.

    None if there is none such. What only ranks her is left at nothing.
    """
    (span,) = _spans([need])
    fresh = await candidates.find_fresh(conn, nurse_id, need.order_id, patient_id, span)
    if fresh is None:
        return None
    bookings = []
    if fresh.is_booked:
        bookings = await candidates.list_bookings_of_nurse(conn, nurse_id, span)
    candidate = _candidate(
        fresh.standing,
        fresh.employer,
        Place.at(fresh.employer.lat, fresh.employer.lng),
        tuple(Span(*during) for during in fresh.shifts),
        tuple(Span(*during) for during in fresh.duties),
        tuple((await _placed(conn, bookings)).get(nurse_id, ())),
    )
    return (
        replace(candidate, blocked=fresh.blocked, declined_this_order=fresh.unwilling),
        fresh.now,
    )


def sought(need: Need) -> Sought:
    codes = [*need.service_numbers, int(need.county)]
    return Sought(need.place.x_m, need.place.y_m, codes)


def _towards(
    candidate: Candidate,
    order_id: UUID,
    blocked: candidates.Pairs,
    unwilling: candidates.Pairs,
    taken: candidates.Pairs,
) -> Candidate:
    pair = (order_id, candidate.nurse_id)
    if pair not in blocked and pair not in unwilling and pair not in taken:
        return candidate
    return replace(
        candidate,
        blocked=pair in blocked,
        declined_this_order=pair in unwilling,
        taken_back=pair in taken,
    )


def _spans(needs: Iterable[Need]) -> list[asyncpg.Range[datetime]]:
    """The times that matter to these needs: what lies further off cannot stand in the way."""
    return [asyncpg.Range(need.earliest - FAR, need.latest + need.duration + FAR) for need in needs]


async def _standing(
    conn: Connection,
    nurse_ids: Collection[UUID],
    spans: Sequence[asyncpg.Range[datetime]],
    now: datetime,
) -> dict[UUID, Candidate]:
    standings = await candidates.list_standings(conn, nurse_ids, now - RECENT)
    employers = await candidates.employers_by_id(conn, {one.institution_id for one in standings})
    shifts: dict[UUID, list[Span]] = defaultdict(list)
    duties: dict[UUID, list[Span]] = defaultdict(list)
    for nurse_id, is_duty, starts_at, ends_at in await candidates.list_times(
        conn, nurse_ids, spans
    ):
        (duties if is_duty else shifts)[nurse_id].append(Span(starts_at, ends_at))
    booked = await _booked(conn, nurse_ids, spans)
    wards = {one.id: Place.at(one.lat, one.lng) for one in employers.values()}
    return {
        one.nurse_id: _candidate(
            one,
            employers[one.institution_id],
            wards[one.institution_id],
            tuple(shifts.get(one.nurse_id, ())),
            tuple(duties.get(one.nurse_id, ())),
            tuple(booked.get(one.nurse_id, ())),
        )
        for one in standings
    }


async def _booked(
    conn: Connection, nurse_ids: Collection[UUID], spans: Sequence[asyncpg.Range[datetime]]
) -> dict[UUID, list[Booked]]:
    return await _placed(conn, await candidates.list_bookings(conn, nurse_ids, spans))


async def _placed(conn: Connection, found: Sequence[Booking]) -> dict[UUID, list[Booked]]:
    if not found:
        return {}
    places = await addresses.open_addresses(conn, [one.address for one in found])
    booked: dict[UUID, list[Booked]] = defaultdict(list)
    for one in found:
        place = places.get(one.address.id)
        if place is None:
            continue
        booked[one.nurse_id].append(
            Booked(
                visit_id=one.visit_id,
                starts_at=one.starts_at,
                ends_at=one.ends_at,
                place=Place.at(place.lat, place.lng),
                travel_in_s=int((one.starts_at - one.busy_from).total_seconds()),
                going=one.is_going,
            )
        )
    return booked


def _candidate(
    standing: Standing,
    employer: Employer,
    ward: Place,
    shifts: tuple[Span, ...],
    duties: tuple[Span, ...],
    booked: tuple[Booked, ...],
) -> Candidate:
    return Candidate(
        nurse_id=standing.nurse_id,
        staff_no=standing.staff_no,
        gender=GENDERS[standing.gender],
        title=TITLES[standing.title],
        tier=standing.tier,
        specialties=frozenset(standing.specialties),
        languages=frozenset(standing.languages),
        first_practised_on=standing.first_practised_on,
        certificate_valid_until=standing.certificate_valid_until,
        insurance_valid_until=standing.insurance_valid_until,
        admitted=standing.admitted,
        suspended=standing.suspended,
        available=standing.available,
        institution_id=employer.id,
        institution_approved=employer.approved,
        institution_services=employer.services,
        institution_counties=employer.counties,
        institution_place=ward,
        place=Place.on_plane(standing.point.x, standing.point.y),
        shifts=shifts,
        ward_duties=duties,
        visits=booked,
        radius_m=standing.radius_m,
        quiet_from=standing.quiet_from,
        quiet_until=standing.quiet_until,
        open_offers=standing.open_offers,
        recent_visits_30d=standing.recent_visits,
        recent_income_30d_fen=standing.recent_income_fen,
        leaning=standing.leaning,
        ahead=standing.ahead,
        insurances={
            kind: date.fromisoformat(policy["valid_until"])
            for kind, policy in standing.insurances.items()
        },
        policies_numbered=all(
            standing.insurances.get(kind, {}).get("policy_no") for kind in InsuranceKind
        ),
        held_services=frozenset(standing.held_services),
        registered=standing.registered,
        registered_until=standing.registered_until,
        institution_licensed=employer.licensed,
        institution_licence_until=employer.licence_until,
        institution_min_years=employer.min_years,
        institution_min_title=None if employer.min_title is None else Title(employer.min_title),
        institution_min_tiers=employer.min_tiers,
    )
