"""What the matcher is told of nurses and orders: a few queries for a whole batch, never one each.

It reads many tables and writes none. Only the clock may see all that is asked for here.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Final, NamedTuple
from uuid import UUID

import asyncpg

from dispatch.database import Connection
from dispatch.records.addresses import Address


class Sought(NamedTuple):
    """Where somebody is wanted, on the local plane, and the codes that she must be found by."""

    x_m: float
    y_m: float
    codes: Sequence[int]


# Two walks along an index for each place, however many places there are. The planner cannot know
# how many have all these codes; guessing too few, it would rather fetch and sort every one of them.
# The predicate repeats the partial index's words, or the index would not be used.
WALK: Final = "SELECT set_config('enable_bitmapscan', 'off', true)"
WALK_NO_MORE: Final = "SELECT set_config('enable_bitmapscan', 'on', true)"
LIST_AROUND: Final = """
    SELECT ARRAY(SELECT p.nurse_id FROM nurse_points p
                  WHERE p.on_call AND p.skills @> w.codes::int[]
                  ORDER BY p.pos <-> w.pos LIMIT $3)
        || ARRAY(SELECT p.nurse_id FROM nurse_points p ORDER BY p.pos <-> w.pos LIMIT $4)
           AS nurse_ids
      FROM unnest($1::point[], $2::text[]) WITH ORDINALITY AS w (pos, codes, number)
     ORDER BY w.number
"""


async def list_around(
    conn: Connection, places: Sequence[Sought], limit: int, passers_by: int
) -> list[list[UUID]]:
    """For each place the nearest on call who have all its codes, then the nearest whatever they do.

    The latter so that it can be shown why not they; who is both stands there twice.
    """
    points = [asyncpg.Point(place.x_m, place.y_m) for place in places]
    codes = ["{" + ",".join(map(str, place.codes)) + "}" for place in places]
    await conn.execute(WALK)
    rows = await conn.fetch(LIST_AROUND, points, codes, limit, passers_by)
    await conn.execute(WALK_NO_MORE)
    return [row["nurse_ids"] for row in rows]


class Standing(NamedTuple):
    """A nurse as she stands now; `point` is her dispatch point on the local plane."""

    nurse_id: UUID
    staff_no: int
    institution_id: UUID
    gender: str
    title: str
    tier: int
    specialties: list[str]
    languages: list[str]
    first_practised_on: date
    certificate_valid_until: date
    insurance_valid_until: date
    admitted: bool
    suspended: bool
    available: bool
    radius_m: int | None
    quiet_from: time | None
    quiet_until: time | None
    point: asyncpg.Point
    open_offers: int
    recent_visits: int
    recent_income_fen: int
    insurances: dict[str, Any]
    registered: bool
    registered_until: datetime | None
    held_services: list[str]
    leaning: float
    ahead: float


LIST_STANDINGS: Final = """
    SELECT n.id, n.staff_no, n.institution_id, n.gender, n.title, n.tier, n.specialties,
           n.languages, n.first_practised_on, n.certificate_valid_until, n.insurance_valid_until,
           n.admitted, n.suspended_at IS NOT NULL, n.available, n.radius_m, n.quiet_from,
           n.quiet_until, p.pos,
           (SELECT count(*) FROM offers f
             WHERE f.nurse_id = n.id AND f.state = 'sent') AS open_offers,
           recent.visits, recent.income_fen, n.insurances, n.registration_state = 'registered',
           n.register_valid_until,
           ARRAY(SELECT unnest(c.held_services) FROM cases c
                  WHERE c.nurse_id = n.id AND c.held_services <> '{}' AND c.hold_lifted_at IS NULL)
           AS held_services,
           coalesce((SELECT a.leaning FROM acceptance_leanings a WHERE a.nurse_id = n.id), 0)
           AS leaning,
           coalesce((SELECT s.ahead FROM nurse_shares s WHERE s.nurse_id = n.id), 0) AS ahead
      FROM nurses n
      JOIN nurse_points p ON p.nurse_id = n.id
     CROSS JOIN LATERAL (
           SELECT count(*) AS visits, coalesce(sum(v.pay_fen), 0) AS income_fen
             FROM visits v
            WHERE v.nurse_id = n.id AND v.planned_start > $2
              AND v.state NOT IN ('released', 'cancelled', 'missed')) AS recent
     WHERE n.id = ANY($1) AND p.nurse_id = ANY($1)
"""


async def list_standings(
    conn: Connection, nurse_ids: Collection[UUID], recent_since: datetime
) -> list[Standing]:
    """These nurses, in no order; visits that start after `recent_since` count as recent."""
    rows = await conn.fetch(LIST_STANDINGS, list(nurse_ids), recent_since)
    return [Standing(*row) for row in rows]


@dataclass(frozen=True, slots=True, kw_only=True)
class Employer:
    """What an institution lends its nurses; its place is WGS-84."""

    id: UUID
    approved: bool
    services: frozenset[str]
    counties: frozenset[str]
    lat: float
    lng: float
    licensed: bool
    licence_until: date | None
    min_years: int
    min_title: str | None
    min_tiers: dict[str, int]


LIST_EMPLOYERS: Final = """
    SELECT id, approved, services, counties, location, licence_no, licence_valid_until, min_years,
           min_title, min_tiers
      FROM institutions
     WHERE id = ANY($1)
"""


async def employers_by_id(
    conn: Connection, institution_ids: Collection[UUID]
) -> dict[UUID, Employer]:
    """The institutions of a batch of nurses."""
    rows = await conn.fetch(LIST_EMPLOYERS, list(institution_ids))
    return {row["id"]: _employer(row["id"], row) for row in rows}


def _employer(institution_id: UUID, row: asyncpg.Record) -> Employer:
    return Employer(
        id=institution_id,
        approved=row["approved"],
        services=frozenset(row["services"]),
        counties=frozenset(row["counties"]),
        lat=row["location"].y,
        lng=row["location"].x,
        licensed=row["licence_no"] is not None,
        licence_until=row["licence_valid_until"],
        min_years=row["min_years"] or 0,
        min_title=row["min_title"],
        min_tiers=row["min_tiers"],
    )


class Time(NamedTuple):
    """A time of a nurse; `is_duty` tells her hospital's from her own."""

    nurse_id: UUID
    is_duty: bool
    starts_at: datetime
    ends_at: datetime


# By nurse first: OFFSET 0 keeps the planner from looking through everybody's times of these days.
LIST_TIMES: Final = """
    SELECT nurse_id, false, lower(during), upper(during)
      FROM (SELECT nurse_id, during FROM shifts
             WHERE nurse_id = ANY($1) AND upper(during) > lower($2::tstzmultirange) OFFSET 0) AS s
     WHERE during && $2::tstzmultirange
     UNION ALL
    SELECT nurse_id, true, lower(during), upper(during)
      FROM (SELECT nurse_id, during FROM ward_duties
             WHERE nurse_id = ANY($1) AND upper(during) > lower($2::tstzmultirange) OFFSET 0) AS d
     WHERE during && $2::tstzmultirange
"""


async def list_times(
    conn: Connection, nurse_ids: Collection[UUID], spans: Sequence[asyncpg.Range[datetime]]
) -> list[Time]:
    """The shifts and hospital duties of these nurses that touch one of the spans, in no order."""
    rows = await conn.fetch(LIST_TIMES, list(nurse_ids), list(spans))
    return [Time(*row) for row in rows]


@dataclass(frozen=True, slots=True, kw_only=True)
class Booking:
    """A visit that a nurse has ahead or is at, and where. `ends_at` is when it is expected to end:
    once she has set out for it that may be later than planned."""

    visit_id: UUID
    nurse_id: UUID
    busy_from: datetime
    starts_at: datetime
    planned_end: datetime
    ends_at: datetime
    is_going: bool
    address: Address


LIST_BOOKINGS: Final = """
    SELECT v.id AS visit_id, v.nurse_id, lower(v.busy) AS busy_from, v.planned_start, v.planned_end,
           v.state, v.eta, v.started_at, app_now() AS now,
           a.id AS address_id, a.patient_id, a.place_sealed, a.county, a.created_at, a.deleted_at
      FROM (SELECT * FROM visits
             WHERE nurse_id = ANY($1)
               AND state IN ('scheduled', 'en_route', 'arrived', 'in_service')
               AND planned_start > lower($2::tstzmultirange) - interval '1 day' OFFSET 0) AS v
      JOIN orders o ON o.id = v.order_id
      JOIN addresses a ON a.id = o.address_id
     WHERE v.busy && $2::tstzmultirange
"""


async def list_bookings(
    conn: Connection, nurse_ids: Collection[UUID], spans: Sequence[asyncpg.Range[datetime]]
) -> list[Booking]:
    """The open visits of these nurses that touch one of the spans, in no order."""
    rows = await conn.fetch(LIST_BOOKINGS, list(nurse_ids), list(spans))
    return [_booking(row) for row in rows]


def _booking(row: asyncpg.Record) -> Booking:
    is_going = row["state"] != "scheduled"
    return Booking(
        visit_id=row["visit_id"],
        nurse_id=row["nurse_id"],
        busy_from=row["busy_from"],
        starts_at=row["planned_start"],
        planned_end=row["planned_end"],
        ends_at=_expected_end(row) if is_going else row["planned_end"],
        is_going=is_going,
        address=Address(
            id=row["address_id"],
            patient_id=row["patient_id"],
            place_sealed=row["place_sealed"],
            county=row["county"],
            created_at=row["created_at"],
            deleted_at=row["deleted_at"],
        ),
    )


def _expected_end(row: asyncpg.Record) -> datetime:
    """She begins when she is there, takes as long as was planned, and is not free while at it. A
    full second."""
    now: datetime = row["now"]
    planned_end: datetime = row["planned_end"]
    begins_at: datetime = row["started_at"] or max(row["eta"] or now, now)
    lasts: timedelta = planned_end - row["planned_start"]
    ends_at = max(planned_end, now, begins_at + lasts)
    return ends_at + timedelta(microseconds=-ends_at.microsecond % 1_000_000)


# The same questions for one nurse and one order: with arrays in their place the planner would think
# anew at each call, which takes ten times as long as the answer. What only ranks her is not read.
GET_FRESH: Final = """
    SELECT n.id, n.staff_no, n.institution_id, n.gender, n.title, n.tier, n.specialties,
           n.languages, n.first_practised_on, n.certificate_valid_until, n.insurance_valid_until,
           n.admitted, n.suspended_at IS NOT NULL, n.available, n.radius_m, n.quiet_from,
           n.quiet_until, p.pos, 0, 0, 0, n.insurances, n.registration_state = 'registered',
           n.register_valid_until,
           ARRAY(SELECT unnest(c.held_services) FROM cases c
                  WHERE c.nurse_id = n.id AND c.held_services <> '{}' AND c.hold_lifted_at IS NULL)
           AS held_services, 0 AS leaning, 0 AS ahead,
           e.approved, e.services, e.counties, e.location, e.licence_no, e.licence_valid_until,
           e.min_years, e.min_title, e.min_tiers,
           ARRAY(SELECT during FROM shifts s WHERE s.nurse_id = n.id AND s.during && $3) AS shifts,
           ARRAY(SELECT during FROM ward_duties w
                  WHERE w.nurse_id = n.id AND w.during && $3) AS duties,
           EXISTS (SELECT FROM visits v
                    WHERE v.nurse_id = n.id AND v.busy && $3
                      AND v.state IN ('scheduled', 'en_route', 'arrived', 'in_service'))
           AS is_booked,
           EXISTS (SELECT FROM blocked_pairs b
                    WHERE b.patient_id = $4 AND b.nurse_id = n.id) AS blocked,
           EXISTS (SELECT FROM offers f
                    WHERE f.order_id = $2 AND f.nurse_id = n.id AND f.state = 'declined')
           OR EXISTS (SELECT FROM history h
                       WHERE h.order_id = $2 AND h.subject = 'visit'
                         AND (h.detail ->> 'nurse_id')::uuid = n.id
                         AND (h.move = 'miss'
                              OR (h.move IN ('release', 'abort') AND h.actor_role <> 'clock'
                                  AND h.detail ->> 'code' IS DISTINCT FROM 'nobody_home')))
           AS unwilling,
           app_now() AS now
      FROM nurses n
      JOIN nurse_points p ON p.nurse_id = n.id
      JOIN institutions e ON e.id = n.institution_id
     WHERE n.id = $1
"""

During = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fresh:
    """One nurse as she stands towards one order at `now`; nothing of what only ranks her."""

    standing: Standing
    employer: Employer
    shifts: list[During]
    duties: list[During]
    is_booked: bool
    blocked: bool
    unwilling: bool
    now: datetime


async def find_fresh(
    conn: Connection,
    nurse_id: UUID,
    order_id: UUID,
    patient_id: UUID,
    span: asyncpg.Range[datetime],
) -> Fresh | None:
    """All that the rules ask of her in one query, with the times and bookings that touch `span`."""
    row = await conn.fetchrow(GET_FRESH, nurse_id, order_id, span, patient_id)
    if row is None:
        return None
    return Fresh(
        standing=Standing(*row[: len(Standing._fields)]),
        employer=_employer(row["institution_id"], row),
        shifts=[(each.lower, each.upper) for each in row["shifts"]],
        duties=[(each.lower, each.upper) for each in row["duties"]],
        is_booked=row["is_booked"],
        blocked=row["blocked"],
        unwilling=row["unwilling"],
        now=row["now"],
    )


LIST_BOOKINGS_OF_NURSE: Final = """
    SELECT v.id AS visit_id, v.nurse_id, lower(v.busy) AS busy_from, v.planned_start, v.planned_end,
           v.state, v.eta, v.started_at, app_now() AS now,
           a.id AS address_id, a.patient_id, a.place_sealed, a.county, a.created_at, a.deleted_at
      FROM visits v
      JOIN orders o ON o.id = v.order_id
      JOIN addresses a ON a.id = o.address_id
     WHERE v.nurse_id = $1 AND v.busy && $2
       AND v.state IN ('scheduled', 'en_route', 'arrived', 'in_service')
"""


async def list_bookings_of_nurse(
    conn: Connection, nurse_id: UUID, span: asyncpg.Range[datetime]
) -> list[Booking]:
    """The open visits of one nurse that touch a time, in no order."""
    return [_booking(row) for row in await conn.fetch(LIST_BOOKINGS_OF_NURSE, nurse_id, span)]


# Whoever gave the order's visit back, broke it off or did not come has said no as well; what the
# clock released as a consequence was nobody's wish, and before a closed door she did come.
LIST_UNWILLING: Final = """
    SELECT order_id, nurse_id FROM offers WHERE order_id = ANY($1) AND state = 'declined'
     UNION
    SELECT order_id, (detail ->> 'nurse_id')::uuid FROM history
     WHERE order_id = ANY($1) AND subject = 'visit'
       AND (move = 'miss' OR (move IN ('release', 'abort') AND actor_role <> 'clock'
                              AND detail ->> 'code' IS DISTINCT FROM 'nobody_home'))
"""
LIST_BLOCKED: Final = """
    SELECT o.id AS order_id, b.nurse_id
      FROM orders o JOIN blocked_pairs b ON b.patient_id = o.patient_id
     WHERE o.id = ANY($1)
"""

Pairs = set[tuple[UUID, UUID]]
"""(order, nurse)."""


async def unwilling(conn: Connection, order_ids: Collection[UUID]) -> Pairs:
    """Who has said no to which of these orders, in whatever round."""
    rows = await conn.fetch(LIST_UNWILLING, list(order_ids))
    return {(row["order_id"], row["nurse_id"]) for row in rows}


LIST_TAKEN_BACK: Final = """
    SELECT order_id, nurse_id FROM visits
     WHERE order_id = ANY($1) AND end_reason = 'order_redispatch'
"""


async def taken_back(conn: Connection, order_ids: Collection[UUID]) -> Pairs:
    """From whom which of these orders was taken back by an operator, in whatever round."""
    rows = await conn.fetch(LIST_TAKEN_BACK, list(order_ids)) if order_ids else []
    return {(row["order_id"], row["nurse_id"]) for row in rows}


async def blocked(conn: Connection, order_ids: Collection[UUID]) -> Pairs:
    """Who must not meet the patient of which of these orders."""
    rows = await conn.fetch(LIST_BLOCKED, list(order_ids))
    return {(row["order_id"], row["nurse_id"]) for row in rows}


class Asked(NamedTuple):
    """An offer of an order's present round."""

    order_id: UUID
    nurse_id: UUID
    seat: int
    state: str


LIST_ASKED: Final = """
    SELECT f.order_id, f.nurse_id, f.seat, f.state
      FROM offers f JOIN orders o ON o.id = f.order_id AND o.round = f.round
     WHERE f.order_id = ANY($1)
     ORDER BY f.sent_at, f.id
"""


async def list_asked(conn: Connection, order_ids: Collection[UUID]) -> list[Asked]:
    """Who was asked in the present round of each of these orders, in the order of asking."""
    return [Asked(*row) for row in await conn.fetch(LIST_ASKED, list(order_ids))]


class Care(NamedTuple):
    """How often a nurse has been with the patient of an order, and when last."""

    order_id: UUID
    nurse_id: UUID
    visits: int
    last_at: datetime


LIST_CARE: Final = """
    SELECT o.id AS order_id, v.nurse_id, count(*) AS visits,
           max(coalesce(v.ended_at, v.planned_end)) AS last_at
      FROM orders o
      JOIN visits v ON v.patient_id = o.patient_id AND v.state = 'completed'
     WHERE o.id = ANY($1)
     GROUP BY o.id, v.nurse_id
"""


async def list_care(conn: Connection, order_ids: Collection[UUID]) -> list[Care]:
    """Who has been with the patients of these orders before."""
    return [Care(*row) for row in await conn.fetch(LIST_CARE, list(order_ids))]


LIST_ADDRESSES: Final = """
    SELECT o.id AS order_id, a.id, a.patient_id, a.place_sealed, a.county, a.created_at,
           a.deleted_at
      FROM orders o JOIN addresses a ON a.id = o.address_id
     WHERE o.id = ANY($1)
"""


async def addresses_by_order(conn: Connection, order_ids: Collection[UUID]) -> dict[UUID, Address]:
    """Where each of these orders is to be served, still sealed."""
    found = {}
    for row in await conn.fetch(LIST_ADDRESSES, list(order_ids)):
        fields = dict(row)
        order_id = fields.pop("order_id")
        found[order_id] = Address(**fields)
    return found
