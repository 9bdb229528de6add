"""Web Push over HTTP: the browser of this sign-in may be woken."""

from __future__ import annotations

from uuid import UUID

from api.schemas import push as schemas
from api.wire import Call, Routes
from dispatch import pushes
from dispatch.acts import keep_push
from dispatch.errors import Unauthenticated
from dispatch.records.push_subscriptions import Browser

routes = Routes()


@routes.get("/v1/push/key", answer=schemas.PushKey)
async def get_key(call: Call) -> schemas.PushKey:
    key = call.pool.keyring.provider.push_signing_key
    return schemas.PushKey(public_key=pushes.public_key(key))


@routes.put("/v1/push/subscription", body=schemas.Subscribe, status=204)
async def subscribe(call: Call, body: schemas.Subscribe) -> None:
    browser = Browser(endpoint=body.endpoint, p256dh=body.keys.p256dh, auth=body.keys.auth)
    await keep_push.subscribe(call.pool, call.caller, _session_id(call), browser)


@routes.delete("/v1/push/subscription", status=204)
async def unsubscribe(call: Call) -> None:
    await keep_push.unsubscribe(call.pool, call.caller, _session_id(call))


def _session_id(call: Call) -> UUID:
    if call.session is None:
        raise Unauthenticated
    return call.session.id
