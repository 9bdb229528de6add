"""Institutions as staff see and register them."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from api import reference
from api.schemas import catalogue as schemas
from api.schemas.conventions import Page, PageQuery, page
from api.wire import Answer, Call, Routes
from config.vocabulary import Category
from dispatch.acts import register_institution
from dispatch.database import Connection
from dispatch.errors import AlreadyRegistered
from dispatch.ids import new_id
from dispatch.records import institutions
from dispatch.records.institutions import Institution, NewInstitution

routes = Routes()


@routes.get("/v1/ops/institutions", query=PageQuery, answer=Page[schemas.RegisteredInstitution])
async def list_institutions(call: Call, query: PageQuery) -> Page[schemas.RegisteredInstitution]:
    (before,) = query.after(UUID) or (None,)
    async with call.read() as conn:
        rows = await institutions.list_all(
            conn, call.caller.institution_id, before, query.limit + 1
        )
    return page(rows, query, lambda row: _view(call, row), lambda row: (row.id,))


@routes.post(
    "/v1/ops/institutions",
    body=schemas.RegisterInstitution,
    answer=schemas.RegisteredInstitution,
    status=201,
    raises=(AlreadyRegistered,),
)
async def register(call: Call, body: schemas.RegisterInstitution) -> Answer:
    lat, lng = body.location.wgs84()
    institution = NewInstitution(
        id=new_id(),
        code=body.code,
        name=body.name,
        parent_id=body.parent_id,
        county=body.county,
        counties=list(body.counties),
        services=list(body.services),
        phone=body.phone,
        lat=lat,
        lng=lng,
        approved=body.approved,
        licence_no=body.licence_no,
        licence_valid_until=body.licence_valid_until,
        min_years=body.min_years,
        min_title=body.min_title,
        min_tiers=_by_category(body.min_tiers),
    )

    async def view(_: Connection, registered: Institution) -> schemas.RegisteredInstitution:
        return _view(call, registered)

    return await call.act(
        register_institution.register_institution,
        reference.served_areas(),
        institution,
        view=view,
    )


@routes.patch(
    "/v1/ops/institutions/{id}",
    body=schemas.ChangeInstitution,
    answer=schemas.RegisteredInstitution,
)
async def change(call: Call, body: schemas.ChangeInstitution) -> Answer:
    async def view(_: Connection, changed: Institution) -> schemas.RegisteredInstitution:
        return _view(call, changed)

    changes = body.model_dump(exclude_unset=True)
    if body.min_tiers is not None:
        changes["min_tiers"] = _by_category(body.min_tiers)
    return await call.act(
        register_institution.change_institution,
        call.id(),
        changes,
        version=call.if_match,
        view=view,
    )


def _by_category(tiers: Mapping[Category, int]) -> dict[str, int]:
    return {category.value: tier for category, tier in tiers.items()}


def _view(call: Call, row: Institution) -> schemas.RegisteredInstitution:
    return schemas.RegisteredInstitution(
        id=row.id,
        code=row.code,
        name=row.name,
        county=row.county,
        counties=row.counties,
        services=row.services,
        phone=row.phone,
        location=call.place(row.lat, row.lng),
        parent_id=row.parent_id,
        approved=row.approved,
        licence_no=row.licence_no,
        licence_valid_until=row.licence_valid_until,
        min_years=row.min_years,
        min_title=row.min_title,
        min_tiers=row.min_tiers,
        created_at=row.created_at,
        version=row.version,
    )
