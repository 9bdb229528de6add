"""What a nurse must hold when she sets out: licence, papers, standing, her own face.

Runs inside an act that holds order and visit. It judges by the matcher's own rules, and moves
nothing.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from dispatch import sourcing, ways
from dispatch.database import Connection
from dispatch.records import face_checks
from dispatch.records.orders import Order
from dispatch.records.visits import Visit
from matching import eligibility
from matching.eligibility import Refusal

# Stands on a visit whose nurse a gate refused when she set out.
FLAG: Final = "gates_not_met"


async def of_visit(conn: Connection, order: Order, visit: Visit) -> tuple[Refusal, ...]:
    """Which gates refuse the nurse of a visit now, for the day on which it is planned."""
    async with conn.as_clock():
        need = replace(
            await sourcing.need_of(conn, order),
            earliest=visit.planned_start,
            latest=visit.planned_start,
            fixed_start_at=None,
            escorted=visit.offer_id is None,
            departs=True,
        )
        found = await sourcing.candidate_for(conn, need, visit.nurse_id, visit.patient_id)
        known_until = await face_checks.find_valid_until(conn, visit.nurse_id)
    if found is None:
        return ()
    candidate, now = found
    candidate = replace(candidate, known_until=known_until)
    measured = await ways.straight(conn, now)
    return eligibility.gates(need, candidate, sourcing.frame_of(conn, now, measured.travel))
