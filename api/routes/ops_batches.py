"""Batches over HTTP: which orders were decided together, and the proof that nothing was better."""

from __future__ import annotations

import asyncio
from uuid import UUID

from api.schemas import batches as schemas
from api.schemas.conventions import Page, PageQuery, page
from api.views.batches import batch_view, proof_view
from api.wire import Call, Routes
from dispatch.records import batches

routes = Routes()


@routes.get("/v1/ops/batches", query=PageQuery, answer=Page[schemas.Batch])
async def list_newest(call: Call, query: PageQuery) -> Page[schemas.Batch]:
    """Batches from which somebody was asked, newest first."""
    (before,) = query.after(UUID) or (None,)
    async with call.read() as conn:
        rows = await batches.list_newest(conn, before=before, limit=query.limit + 1)
    return page(rows, query, lambda row: batch_view(row, call), lambda row: (row.id,))


@routes.get("/v1/ops/orders/{id}/batches", query=PageQuery, answer=Page[schemas.BatchProof])
async def list_of_order(call: Call, query: PageQuery) -> Page[schemas.BatchProof]:
    """The proof of each batch in which somebody was asked for the order, checked while it is read;
    newest first."""
    (before,) = query.after(UUID) or (None,)
    async with call.read() as conn:
        rows = await batches.list_of_order(conn, call.id(), before=before, limit=query.limit + 1)
    return await asyncio.to_thread(
        page, rows, query, lambda row: proof_view(row, call), lambda row: (row.id,)
    )
