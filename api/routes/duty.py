"""A nurse's own profile, availability and shifts over HTTP."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from api.schemas import nurses as schemas
from api.schemas.conventions import Page, PageQuery, page
from api.views import nurses as views
from api.wire import Answer, Call, Routes
from dispatch import database
from dispatch.acts import go_on_duty
from dispatch.acts.go_on_duty import Opening
from dispatch.database import Connection
from dispatch.errors import ShiftsOverlap, StaleVersion
from dispatch.records import nurses, shifts

routes = Routes()


@routes.get("/v1/nurse/profile", answer=schemas.NurseProfile)
async def get_profile(call: Call) -> schemas.NurseProfile:
    async with call.read() as conn:
        return await views.profile(conn, await nurses.get(conn, go_on_duty.own_id(conn)), call)


@routes.patch(
    "/v1/nurse/profile",
    body=schemas.ChangeProfile,
    answer=schemas.NurseProfile,
    raises=(StaleVersion,),
)
async def change_profile(call: Call, body: schemas.ChangeProfile) -> Answer:
    changes, _ = views.changes_of(body)
    return await call.act(
        go_on_duty.change_profile,
        changes,
        version=call.if_match,
        view=views.showing_her(call),
    )


@routes.put("/v1/nurse/availability", body=schemas.SetAvailability, answer=schemas.NurseProfile)
async def set_availability(call: Call, body: schemas.SetAvailability) -> Answer:
    return await call.act(
        go_on_duty.set_availability,
        available=body.available,
        place=None if body.location is None else body.location.wgs84(),
        view=views.showing_her(call),
    )


@routes.get("/v1/nurse/shifts", query=PageQuery, answer=Page[schemas.ShiftView])
async def list_shifts(call: Call, query: PageQuery) -> Page[schemas.ShiftView]:
    async with call.read() as conn:
        return await _coming(conn, go_on_duty.own_id(conn), query)


@routes.put(
    "/v1/nurse/shifts",
    body=schemas.Shifts,
    answer=Page[schemas.ShiftView],
    raises=(ShiftsOverlap,),
)
async def replace_shifts(call: Call, body: schemas.Shifts) -> Answer:
    async def view(conn: Connection, nurse_id: UUID) -> Page[schemas.ShiftView]:
        return await _coming(conn, nurse_id, PageQuery(limit=schemas.SHIFTS_MAX))

    return await call.act(
        go_on_duty.replace_shifts,
        [Opening(starts_at=one.starts_at, ends_at=one.ends_at) for one in body.root],
        view=view,
    )


async def _coming(conn: Connection, nurse_id: UUID, query: PageQuery) -> Page[schemas.ShiftView]:
    """The shifts that have not ended, earliest first."""
    after = query.after(datetime, UUID)
    rows = await shifts.list_of_nurse(
        conn,
        nurse_id,
        since=await database.now(conn),
        after=None if after is None else (after[0], after[1]),
        limit=query.limit + 1,
    )
    return page(
        rows,
        query,
        lambda shift: schemas.ShiftView(starts_at=shift.starts_at, ends_at=shift.ends_at),
        lambda shift: (shift.starts_at, shift.id),
    )
