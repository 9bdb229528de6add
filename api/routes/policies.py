"""Documents that nurses must know, over HTTP: read, acknowledge, see who has."""

from __future__ import annotations

from collections.abc import Sequence

from api.schemas import policies as schemas
from api.schemas.conventions import Page, PageQuery, slice_page
from api.wire import Answer, Call, Routes
from config import policies
from config.policies import Policy
from dispatch.acts import acknowledge_policy
from dispatch.database import Connection
from dispatch.errors import NotFound
from dispatch.records import acknowledgements
from dispatch.records.acknowledgements import Acknowledgement

routes = Routes()


@routes.get("/v1/nurse/policies", query=PageQuery, answer=Page[schemas.PolicyView])
async def list_own(call: Call, query: PageQuery) -> Page[schemas.PolicyView]:
    """All of them in order, each with when she has read this version."""
    nurse_id = call.caller.nurse_id
    if nurse_id is None:
        raise NotFound
    async with call.read() as conn:
        return _page(await acknowledgements.list_of_nurse(conn, nurse_id), query, call)


@routes.get("/v1/ops/nurses/{id}/policies", query=PageQuery, answer=Page[schemas.PolicyView])
async def list_of_nurse(call: Call, query: PageQuery) -> Page[schemas.PolicyView]:
    async with call.read() as conn:
        return _page(await acknowledgements.list_of_nurse(conn, call.id()), query, call)


@routes.post(
    "/v1/nurse/policies/{policy}/acknowledge",
    body=schemas.AcknowledgePolicy,
    answer=schemas.PolicyView,
    raises=(NotFound,),
    conditional=False,
)
async def acknowledge(call: Call, body: schemas.AcknowledgePolicy) -> Answer:
    async def view(_: Connection, read: list[Acknowledgement]) -> schemas.PolicyView:
        return _policy(policies.load()[call.param("policy")], read, call)

    return await call.act(
        acknowledge_policy.acknowledge_policy, call.param("policy"), body.version, view=view
    )


def _page(
    read: Sequence[Acknowledgement], query: PageQuery, call: Call
) -> Page[schemas.PolicyView]:
    found = list(policies.load().values())
    return slice_page(found, query, lambda policy: _policy(policy, read, call))


def _policy(policy: Policy, read: Sequence[Acknowledgement], call: Call) -> schemas.PolicyView:
    known = (one for one in read if (one.slug, one.version) == (policy.slug, policy.version))
    done = next(known, None)
    return schemas.PolicyView(
        slug=policy.slug,
        version=policy.version,
        title=policy.title.in_language(call.language),
        text=policy.text.in_language(call.language),
        hash=policy.sha256,
        acknowledged_at=done.acknowledged_at if done else None,
    )
