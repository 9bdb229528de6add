"""What of a nurse's safety stands on a visit: how she is looked after, what she must know."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from api.schemas import visits as schemas
from api.wire import Call
from config.vocabulary import Condition
from dispatch.database import Connection
from dispatch.lifecycles import AT_THE_DOOR, OPEN_VISIT
from dispatch.records import safety_checks, safety_flags
from dispatch.records.safety_checks import SafetyCheck
from dispatch.records.safety_flags import InForce
from dispatch.records.visits import Visit


@dataclass(frozen=True, slots=True, kw_only=True)
class SafetySheet:
    """Of one visit. The flags of a patient end with it, for its nurse and on its page."""

    welfare: schemas.Welfare | None
    flags: list[schemas.Standing]


async def safety_sheets(
    conn: Connection, given: Sequence[Visit], call: Call
) -> dict[UUID, SafetySheet]:
    """The sheets of these visits by their ids; a fixed number of queries."""
    ids = [visit.id for visit in given]
    checks = await safety_checks.by_visit(conn, ids)
    open_ids = [visit.id for visit in given if visit.state in OPEN_VISIT]
    standing = await safety_flags.in_force_by_visit(conn, open_ids)
    return {
        visit.id: SafetySheet(
            welfare=_welfare(visit, checks.get(visit.id)),
            flags=[_standing(one, call) for one in standing.get(visit.id, [])],
        )
        for visit in given
    }


def _welfare(visit: Visit, check: SafetyCheck | None) -> schemas.Welfare | None:
    if check is None:
        return None
    asked = check.every_min if visit.state in AT_THE_DOOR else None
    return schemas.Welfare(
        every_min=asked,
        due_at=check.answered_at + timedelta(minutes=asked) if asked else None,
        heard_at=check.heard_at,
        answered_at=check.answered_at,
    )


def _standing(one: InForce, call: Call) -> schemas.Standing:
    return schemas.Standing(
        kind=one.kind,
        text=call.text(f"dangers.{one.kind}"),
        of_address=one.of_address,
        conditions=[Condition(name) for name in one.conditions],
    )
