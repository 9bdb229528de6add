"""The audit log's proof over HTTP."""

from __future__ import annotations

from api.schemas.conventions import View
from api.wire import Call, Routes
from dispatch import postgres
from dispatch.acts import keep_audit
from dispatch.audit import FaultKind

routes = Routes()


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
