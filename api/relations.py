"""What connects a caller with the thing in a path: one question for each relation of api/policy.py.

No means that the thing does not exist for him; why is never told. Row-level security stands behind.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final
from uuid import UUID

from api.wire import Params, Relation
from config.cases import CaseKind
from dispatch.database import Caller, Connection
from dispatch.errors import NotFound
from dispatch.lifecycles import Role
from dispatch.records import (
    addresses,
    alarms,
    bills,
    cases,
    change_orders,
    institutions,
    nurses,
    offers,
    orders,
    patients,
    prescriptions,
    safety_flags,
    visits,
)


def _id(params: Params, name: str = "id") -> UUID:
    value = params[name]
    if not isinstance(value, UUID):
        raise TypeError(f"{name} of the path is text")
    return value


async def own_patient(conn: Connection, caller: Caller, params: Params) -> bool:
    await patients.get_own(conn, caller.account_id, _id(params))
    return True


async def patient_of_caller(conn: Connection, caller: Caller, params: Params) -> bool:
    patient_id = _id(params)
    match caller.role:
        case Role.PATIENT:
            return await own_patient(conn, caller, params)
        case Role.NURSE:
            nurse_id = caller.nurse_id
            return nurse_id is not None and await visits.has_open_with(conn, nurse_id, patient_id)
        case _ if caller.institution_id is not None:
            return await visits.is_served_by(conn, patient_id, caller.institution_id)
        case _:
            await patients.get(conn, patient_id)
            return True


async def own_prescription(conn: Connection, caller: Caller, params: Params) -> bool:
    prescription = await prescriptions.get(conn, _id(params))
    await patients.get_own(conn, caller.account_id, prescription.patient_id)
    return True


async def prescription_of_caller(conn: Connection, caller: Caller, params: Params) -> bool:
    """A nurse needs a visit to the patient ahead or under way, staff an order in their reach."""
    match caller.role:
        case Role.PATIENT:
            return await own_prescription(conn, caller, params)
        case Role.NURSE:
            patient_id = (await prescriptions.get(conn, _id(params))).patient_id
            nurse_id = caller.nurse_id
            return nurse_id is not None and await visits.has_open_with(conn, nurse_id, patient_id)
        case _:
            return await prescriptions.is_ordered(conn, _id(params))


async def own_address(conn: Connection, caller: Caller, params: Params) -> bool:
    patient = await patients.get_own(conn, caller.account_id, _id(params))
    await addresses.get_of_patient(conn, patient.id, _id(params, "address_id"))
    return True


async def own_order(conn: Connection, caller: Caller, params: Params) -> bool:
    return (await orders.get(conn, _id(params))).account_id == caller.account_id


async def order_in_reach(conn: Connection, caller: Caller, params: Params) -> bool:
    order = await orders.get(conn, _id(params))
    return _reaches(caller, order.institution_id) or order.institution_id is None


async def order_of_caller(conn: Connection, caller: Caller, params: Params) -> bool:
    is_own = caller.role is Role.PATIENT
    return await (own_order if is_own else order_in_reach)(conn, caller, params)


async def own_offer(conn: Connection, caller: Caller, params: Params) -> bool:
    return (await offers.get(conn, _id(params))).nurse_id == caller.nurse_id


async def visit_of_caller(conn: Connection, caller: Caller, params: Params) -> bool:
    visit = await visits.get(conn, _id(params))
    match caller.role:
        case Role.NURSE:
            return visit.nurse_id == caller.nurse_id
        case Role.PATIENT:
            return visit.account_id == caller.account_id
        case _:
            return _reaches(caller, visit.institution_id)


async def nurse_in_reach(conn: Connection, caller: Caller, params: Params) -> bool:
    return _reaches(caller, (await nurses.get(conn, _id(params))).institution_id)


async def institution_in_reach(conn: Connection, caller: Caller, params: Params) -> bool:
    return _reaches(caller, (await institutions.get(conn, _id(params))).id)


async def alarm_in_reach(conn: Connection, caller: Caller, params: Params) -> bool:
    alarm = await alarms.get(conn, _id(params))
    if alarm.visit_id is None:
        return caller.institution_id is None
    return _reaches(caller, (await visits.get(conn, alarm.visit_id)).institution_id)


async def own_bill(conn: Connection, caller: Caller, params: Params) -> bool:
    return (await bills.get(conn, _id(params))).account_id == caller.account_id


async def bill_in_reach(conn: Connection, caller: Caller, params: Params) -> bool:
    order = await orders.get(conn, (await bills.get(conn, _id(params))).order_id)
    return _reaches(caller, order.institution_id) or order.institution_id is None


async def own_flag(conn: Connection, caller: Caller, params: Params) -> bool:
    """One that was confirmed once: row-level security shows no other to the patient's account."""
    flag = await safety_flags.get(conn, _id(params))
    await patients.get_own(conn, caller.account_id, flag.patient_id)
    return True


async def flag_in_reach(conn: Connection, caller: Caller, params: Params) -> bool:
    """Of a patient whom his institution has served: row-level security shows no other."""
    await safety_flags.get(conn, _id(params))
    return True


async def own_change(conn: Connection, caller: Caller, params: Params) -> bool:
    return (await change_orders.get(conn, _id(params))).account_id == caller.account_id


async def own_case(conn: Connection, caller: Caller, params: Params) -> bool:
    """What somebody has told of himself, and what concerns a patient; no adverse event that others
    have reported."""
    case = await cases.get(conn, _id(params))
    if case.opened_by == caller.account_id:
        return True
    return case.account_id == caller.account_id and case.kind is not CaseKind.ADVERSE_EVENT


async def case_in_reach(conn: Connection, caller: Caller, params: Params) -> bool:
    case = await cases.get(conn, _id(params))
    return _reaches(caller, case.institution_id) or case.institution_id is None


def _reaches(caller: Caller, institution_id: UUID | None) -> bool:
    """Staff bound to one institution see that one, others all."""
    return caller.institution_id is None or caller.institution_id == institution_id


def _asking(question: Relation) -> Relation:
    async def ask(conn: Connection, caller: Caller, params: Params) -> bool:
        try:
            return await question(conn, caller, params)
        except NotFound:
            return False

    return ask


RELATIONS: Final[Mapping[str, Relation]] = {
    question.__name__: _asking(question)
    for question in (
        own_patient,
        patient_of_caller,
        own_prescription,
        prescription_of_caller,
        own_address,
        own_order,
        order_in_reach,
        order_of_caller,
        own_offer,
        visit_of_caller,
        nurse_in_reach,
        institution_in_reach,
        alarm_in_reach,
        own_bill,
        bill_in_reach,
        own_change,
        own_case,
        case_in_reach,
        own_flag,
        flag_in_reach,
    )
}
