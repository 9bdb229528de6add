"""The audit log over HTTP: what was done, and the proof that it is whole."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field

from api.schemas.conventions import Id, Instant, Page, PageQuery, View, page
from api.wire import Answer, Call, Routes
from dispatch import postgres
from dispatch.acts import keep_audit
from dispatch.audit import FaultKind
from dispatch.database import Connection
from dispatch.lifecycles import Role
from dispatch.records.audit import Entry

routes = Routes()


class AuditQuery(PageQuery):
    """`subject`: the id of a thing, or of the person whose data it was; `from` counts, `to` not."""

    from_: Annotated[Instant | None, Field(alias="from")] = None
    to: Instant | None = None
    subject: Id | None = None


class EntryView(View):
    """One line of the log. `seq` is its place in the sealed chain, null for a second or so."""

    id: int
    seq: int | None
    at: Instant
    recorded_at: Instant
    actor_id: UUID | None
    actor_role: Role
    action: str
    subject_kind: str
    subject_id: UUID | None
    person_id: UUID | None
    purpose: str | None
    request_id: str
    detail: dict[str, Any]


@routes.get("/v1/audit", query=AuditQuery, answer=Page[EntryView])
async def list_entries(call: Call, query: AuditQuery) -> Answer:
    async def view(_: Connection, found: list[Entry]) -> Page[EntryView]:
        return page(found, query, lambda entry: EntryView(**asdict(entry)), lambda e: (e.id,))

    (before,) = query.after(int) or (None,)
    return await call.act(
        keep_audit.open_audit,
        since=query.from_,
        until=query.to,
        about=query.subject,
        before=before,
        limit=query.limit + 1,
        view=view,
    )


class FaultView(View):
    """One thing that does not fit: what, and where in the chain or the log."""

    kind: FaultKind
    seq: int | None
    audit_id: int | None


class VerdictView(View):
    """`checked` rows of the log fit their chain; `checkpoints` of them are signed outside it."""

    ok: bool
    checked: int
    checkpoints: int
    found: int
    faults: list[FaultView]


@routes.get("/v1/audit/verify", answer=VerdictView)
async def verify(call: Call) -> VerdictView:
    state_dir = call.settings.state_dir or postgres.state_dir()
    verdict = await keep_audit.verify_audit(call.pool, call.caller, state_dir)
    return VerdictView(
        ok=verdict.ok,
        checked=verdict.checked,
        checkpoints=verdict.checkpoints,
        found=verdict.found,
        faults=[
            FaultView(kind=fault.kind, seq=fault.seq, audit_id=fault.audit_id)
            for fault in verdict.faults
        ],
    )
