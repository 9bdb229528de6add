"""The people whom an account cares for, and where they live."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from api import reference
from api.schemas import people as schemas
from api.schemas.conventions import Page, PageQuery, page
from api.wire import Answer, Call, Routes
from dispatch.acts import keep_patient
from dispatch.database import Connection
from dispatch.errors import InUse
from dispatch.records import addresses, patients
from dispatch.records.addresses import Address, OpenAddress
from dispatch.records.patients import Contact, Patient, Profile

routes = Routes()


@routes.post("/v1/patients", body=schemas.CreatePatient, answer=schemas.PatientView, status=201)
async def create_patient(call: Call, body: schemas.CreatePatient) -> Answer:
    profile = Profile(
        name=body.name,
        birth_date=body.birth_date,
        phone=body.phone,
        id_number=body.id_number,
        conditions=body.conditions,
        allergies=body.allergies,
        emergency_contact=_contact(body.emergency_contact),
    )
    return await call.act(
        keep_patient.create_patient,
        gender=body.gender,
        relation=body.relation,
        profile=profile,
        view=_opened,
    )


@routes.get("/v1/patients", query=PageQuery, answer=Page[schemas.PatientView])
async def list_patients(call: Call, query: PageQuery) -> Page[schemas.PatientView]:
    (before,) = query.after(UUID) or (None,)
    async with call.read() as conn:
        rows = await patients.list_of_account(conn, call.caller.account_id, before, query.limit + 1)
        profiles = await patients.open_profiles(conn, rows)
    return page(rows, query, lambda row: _view(row, profiles[row.id]), lambda row: (row.id,))


@routes.get("/v1/patients/{id}", answer=schemas.PatientView)
async def get_patient(call: Call) -> schemas.PatientView:
    async with call.read() as conn:
        return await _opened(conn, await patients.get_own(conn, call.caller.account_id, call.id()))


@routes.patch("/v1/patients/{id}", body=schemas.ChangePatient, answer=schemas.PatientView)
async def change_patient(call: Call, body: schemas.ChangePatient) -> Answer:
    changes: dict[str, Any] = {name: getattr(body, name) for name in body.model_fields_set}
    if "emergency_contact" in changes:
        changes["emergency_contact"] = _contact(body.emergency_contact)
    return await call.act(
        keep_patient.change_patient, call.id(), changes, call.if_match, view=_opened
    )


@routes.delete("/v1/patients/{id}", raises=(InUse,))
async def remove_patient(call: Call) -> None:
    await keep_patient.remove_patient(call.pool, call.caller, call.id(), call.if_match)


def _contact(given: schemas.EmergencyContact | None) -> Contact | None:
    return None if given is None else Contact(name=given.name, phone=given.phone)


async def _opened(conn: Connection, patient: Patient) -> schemas.PatientView:
    return _view(patient, await patients.open_profile(conn, patient))


def _view(patient: Patient, profile: Profile) -> schemas.PatientView:
    contact = profile.emergency_contact
    return schemas.PatientView.model_validate(
        {
            "id": patient.id,
            "name": profile.name,
            "id_number_masked": _masked(profile.id_number),
            "phone": profile.phone,
            "gender": patient.gender,
            "birth_date": profile.birth_date,
            "relation": patient.relation,
            "conditions": list(profile.conditions),
            "allergies": list(profile.allergies),
            "emergency_contact": contact and {"name": contact.name, "phone": contact.phone},
            "created_at": patient.created_at,
            "version": patient.version,
        }
    )


def _masked(id_number: str | None) -> str | None:
    return None if id_number is None else f"{id_number[:6]}********{id_number[-4:]}"


@routes.post(
    "/v1/patients/{id}/addresses",
    body=schemas.CreateAddress,
    answer=schemas.AddressView,
    status=201,
    conditional=False,
)
async def add_address(call: Call, body: schemas.CreateAddress) -> Answer:
    lat, lng = body.location.wgs84()
    place = OpenAddress(
        label=body.label,
        text=body.text,
        lat=lat,
        lng=lng,
        access_notes=body.access_notes,
        floor=body.floor,
        has_lift=body.has_lift,
    )

    async def view(_: Connection, address: Address) -> schemas.AddressView:
        return _address(call, address, place)

    return await call.act(
        keep_patient.add_address, reference.served_areas(), call.id(), place, view=view
    )


@routes.get("/v1/patients/{id}/addresses", query=PageQuery, answer=Page[schemas.AddressView])
async def list_addresses(call: Call, query: PageQuery) -> Page[schemas.AddressView]:
    (before,) = query.after(UUID) or (None,)
    async with call.read() as conn:
        rows = await addresses.list_of_patient(conn, call.id(), before, query.limit + 1)
        places = await addresses.open_addresses(conn, rows)
    return page(rows, query, lambda row: _address(call, row, places[row.id]), lambda row: (row.id,))


@routes.get("/v1/patients/{id}/addresses/{address_id}", answer=schemas.AddressView)
async def get_address(call: Call) -> schemas.AddressView:
    async with call.read() as conn:
        row = await addresses.get_of_patient(conn, call.id(), call.id("address_id"))
        return _address(call, row, await addresses.open_address(conn, row))


@routes.delete("/v1/patients/{id}/addresses/{address_id}", raises=(InUse,))
async def remove_address(call: Call) -> None:
    await keep_patient.remove_address(
        call.pool, call.caller, call.id(), call.id("address_id"), call.if_match
    )


def _address(call: Call, address: Address, place: OpenAddress) -> schemas.AddressView:
    return schemas.AddressView(
        id=address.id,
        label=place.label,
        text=place.text,
        location=call.place(place.lat, place.lng),
        access_notes=place.access_notes,
        floor=place.floor,
        has_lift=place.has_lift,
        county=address.county,
        created_at=address.created_at,
        version=addresses.VERSION,
    )
