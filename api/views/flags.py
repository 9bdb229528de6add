"""Flags as their readers see them: the home is told what is asked, not who has seen what."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

from api import moves
from api.schemas import flags as schemas
from api.schemas.conventions import Page, PageQuery, cursor
from api.wire import Call
from config.vocabulary import Condition
from dispatch.acts import flag_danger
from dispatch.database import Connection
from dispatch.lifecycles import Role
from dispatch.records.safety_flags import SafetyFlag


def showing(call: Call) -> Callable[[Connection, SafetyFlag], Awaitable[schemas.Flag]]:
    """The `view` of an act whose result is a flag."""

    async def view(conn: Connection, flag: SafetyFlag) -> schemas.Flag:
        return await flag_view(conn, flag, call)

    return view


async def flags_page(
    conn: Connection, found: Sequence[SafetyFlag], query: PageQuery, call: Call
) -> Page[schemas.Flag]:
    """A page of flags, newest first."""
    told = found[: query.limit]
    return Page(
        items=[await flag_view(conn, flag, call) for flag in told],
        next_cursor=cursor(told[-1].id) if len(found) > len(told) else None,
    )


async def flag_view(conn: Connection, flag: SafetyFlag, call: Call) -> schemas.Flag:
    """One flag, with the words that this caller may read."""
    words, appeal = await flag_danger.open_words(conn, flag)
    seen = flag_danger.may_read_words(flag, call.caller)
    staff = call.caller.role in (Role.OPERATOR, Role.ADMIN)
    return schemas.Flag(
        id=flag.id,
        state=flag.state,
        version=flag.version,
        moves=moves.of_flag(flag, call.caller),
        patient_id=flag.patient_id,
        address_id=flag.address_id,
        visit_id=flag.visit_id if seen else None,
        kind=schemas.DangerKind(flag.kind),
        kind_text=call.text(f"dangers.{flag.kind}"),
        conditions=[Condition(name) for name in flag.conditions],
        words=words if seen else None,
        evidence=flag.evidence if seen else [],
        appeal=appeal if staff or call.caller.role is Role.PATIENT else None,
        proposed_by=flag.proposed_by if staff else None,
        decided_by=flag.decided_by if staff else None,
        due_at=flag.due_at if staff else None,
        valid_until=flag.valid_until,
        created_at=flag.created_at,
    )
