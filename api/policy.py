"""Who may call what: one row for each route. A route without a row does not start.

A row says which roles may call, which permission staff need, what must connect the caller with the
thing in the path, whether a retry key is taken, and how soon the route is shed under load.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from dispatch.lifecycles import Role


class Permission(StrEnum):
    """What an operator may be trusted with. A reviewer has `assess` only; an admin needs none."""

    ASSESS = "assess"
    DISPATCH = "dispatch"
    STAFF = "staff"
    ALARMS = "alarms"
    BILLING = "billing"
    QUALITY = "quality"


OPERATOR_PERMISSIONS: Final = frozenset(permission.value for permission in Permission)
REVIEWER_PERMISSIONS: Final = frozenset({Permission.ASSESS.value})


class Key(StrEnum):
    """Whether `Idempotency-Key` is ignored, taken or demanded."""

    IGNORED = "ignored"
    TAKEN = "taken"
    REQUIRED = "required"


class Load(StrEnum):
    """Classes of load; when there is too much, the first are served and the later ones shed."""

    ALARM = "alarm"
    SAFETY = "safety"
    ACCEPT = "accept"
    ORDER = "order"
    BROWSE = "browse"
    SIGN_IN = "sign_in"
    STREAM = "stream"
    SYSTEM = "system"


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """One row. `roles` empty means that anyone may call, signed in or not.

    `permissions`: an operator needs one of them; other roles are not asked. `relation` names the
    question about caller and path that must be answered with yes, else the thing does not exist
    for him. `any_age`: an access token serves after its time, too: no alarm waits for a sign-in.
    """

    roles: frozenset[Role] = frozenset()
    permissions: frozenset[Permission] = frozenset()
    relation: str | None = None
    key: Key = Key.IGNORED
    load: Load = Load.BROWSE
    any_age: bool = False

    def admits(self, role: Role, permissions: frozenset[str]) -> bool:
        """Whether the role, and for an operator the permissions, cover this route."""
        if self.roles and role not in self.roles:
            return False
        return role is not Role.OPERATOR or not self.permissions or bool(
            self.permissions & permissions
        )  # fmt: skip


PATIENT: Final = frozenset({Role.PATIENT})
NURSE: Final = frozenset({Role.NURSE})
OPERATOR: Final = frozenset({Role.OPERATOR, Role.ADMIN})
WATCHER: Final = OPERATOR | {Role.AUDITOR}
AUDITOR: Final = frozenset({Role.AUDITOR, Role.ADMIN})
SIGNED_IN: Final = frozenset(Role) - {Role.CLOCK}

_ASSESS: Final = frozenset({Permission.ASSESS})
_DISPATCH: Final = frozenset({Permission.DISPATCH})
_ORDERS: Final = _ASSESS | _DISPATCH
_STAFF: Final = frozenset({Permission.STAFF})
_ALARMS: Final = frozenset({Permission.ALARMS})
_BILLING: Final = frozenset({Permission.BILLING})
_QUALITY: Final = frozenset({Permission.QUALITY})

_SYSTEM: Final = Policy(load=Load.SYSTEM)
_SIGN_IN: Final = Policy(load=Load.SIGN_IN)
_ANYONE: Final = Policy()


def _patient(relation: str | None = None, key: Key = Key.TAKEN, load: Load = Load.ORDER) -> Policy:
    return Policy(roles=PATIENT, relation=relation, key=key, load=load)


def _nurse(relation: str | None = None, key: Key = Key.TAKEN, load: Load = Load.SAFETY) -> Policy:
    return Policy(roles=NURSE, relation=relation, key=key, load=load)


def _ops(
    permissions: frozenset[Permission],
    relation: str | None = None,
    *,
    key: Key = Key.TAKEN,
    load: Load = Load.ORDER,
    roles: frozenset[Role] = OPERATOR,
) -> Policy:
    return Policy(roles=roles, permissions=permissions, relation=relation, key=key, load=load)


_NO: Final = Key.IGNORED
_SEE: Final = Load.BROWSE

POLICIES: Final[Mapping[tuple[str, str], Policy]] = {
    # system
    ("GET", "/healthz"): _SYSTEM,
    ("GET", "/readyz"): _SYSTEM,
    ("GET", "/metrics"): _SYSTEM,
    ("GET", "/openapi.json"): _ANYONE,
    ("GET", "/docs"): _ANYONE,
    ("GET", "/problems"): _ANYONE,
    ("GET", "/problems/{slug}"): _ANYONE,
    ("GET", "/v1/time"): _ANYONE,
    # signing in
    ("POST", "/v1/auth/otp"): _SIGN_IN,
    ("POST", "/v1/auth/token"): _SIGN_IN,
    ("POST", "/v1/auth/refresh"): _SIGN_IN,
    ("POST", "/v1/auth/logout"): Policy(roles=SIGNED_IN, load=Load.SIGN_IN),
    ("GET", "/v1/me"): Policy(roles=SIGNED_IN),
    ("GET", "/v1/push/key"): Policy(roles=PATIENT | NURSE, load=Load.BROWSE),
    ("PUT", "/v1/push/subscription"): Policy(roles=PATIENT | NURSE),
    ("DELETE", "/v1/push/subscription"): Policy(roles=PATIENT | NURSE),
    # catalogue
    ("GET", "/v1/services"): _ANYONE,
    ("GET", "/v1/services/{code}"): _ANYONE,
    ("GET", "/v1/institutions"): _ANYONE,
    ("GET", "/v1/consents"): _ANYONE,
    ("GET", "/v1/consents/purposes"): _ANYONE,
    ("GET", "/v1/vocabulary"): _ANYONE,
    ("GET", "/v1/service-areas"): _ANYONE,
    # patients
    ("POST", "/v1/patients"): _patient(),
    ("GET", "/v1/patients"): _patient(None, _NO, _SEE),
    ("GET", "/v1/patients/{id}"): _patient("own_patient", _NO, _SEE),
    ("PATCH", "/v1/patients/{id}"): _patient("own_patient", _NO),
    ("DELETE", "/v1/patients/{id}"): _patient("own_patient", _NO),
    ("POST", "/v1/patients/{id}/addresses"): _patient("own_patient"),
    ("GET", "/v1/patients/{id}/addresses"): _patient("own_patient", _NO, _SEE),
    ("GET", "/v1/patients/{id}/addresses/{address_id}"): _patient("own_address", _NO, _SEE),
    ("DELETE", "/v1/patients/{id}/addresses/{address_id}"): _patient("own_address", _NO),
    ("GET", "/v1/patients/{id}/records"): _ops(
        _DISPATCH, "patient_of_caller", key=_NO, load=_SEE, roles=PATIENT | NURSE | OPERATOR
    ),
    ("GET", "/v1/patients/{id}/consents"): _ops(
        _ASSESS | _QUALITY, "patient_of_caller", key=_NO, load=_SEE, roles=PATIENT | OPERATOR
    ),
    ("POST", "/v1/patients/{id}/consents"): _patient("own_patient"),
    ("POST", "/v1/patients/{id}/consents/withdraw"): _patient("own_patient"),
    ("GET", "/v1/patients/{id}/clearances"): _patient("own_patient", _NO, _SEE),
    ("GET", "/v1/patients/{id}/flags"): _patient("own_patient", _NO, _SEE),
    ("POST", "/v1/flags/{id}/appeal"): _patient("own_flag"),
    # orders
    ("POST", "/v1/quotes"): _patient(None, _NO),
    ("POST", "/v1/orders"): _patient(None, Key.REQUIRED),
    ("GET", "/v1/orders"): _patient(None, _NO, _SEE),
    ("GET", "/v1/orders/{id}"): _patient("own_order", _NO, _SEE),
    ("POST", "/v1/orders/{id}/cancel"): _patient("own_order"),
    ("POST", "/v1/orders/{id}/reschedule"): _patient("own_order"),
    ("POST", "/v1/orders/{id}/answer"): _patient("own_order"),
    ("POST", "/v1/orders/{id}/resume"): _patient("own_order"),
    ("GET", "/v1/orders/{id}/timeline"): _patient("own_order", _NO, _SEE),
    ("GET", "/v1/orders/{id}/tracking"): _patient("own_order", _NO, _SEE),
    ("POST", "/v1/orders/{id}/confirm"): _patient("own_order"),
    ("POST", "/v1/orders/{id}/rating"): _patient("own_order"),
    ("POST", "/v1/orders/{id}/documents"): _ops(
        _ORDERS, "order_of_caller", roles=PATIENT | OPERATOR
    ),
    ("GET", "/v1/orders/{id}/documents"): _ops(
        _ASSESS, "order_of_caller", key=_NO, load=_SEE, roles=PATIENT | OPERATOR
    ),
    ("GET", "/v1/orders/{id}/documents/{document_id}"): _ops(
        _ASSESS, "order_of_caller", key=_NO, load=_SEE, roles=PATIENT | OPERATOR
    ),
    ("POST", "/v1/orders/{id}/complaint"): _patient("own_order"),
    ("GET", "/v1/orders/{id}/bill"): _patient("own_order", _NO, _SEE),
    ("GET", "/v1/bills"): _patient(None, _NO, _SEE),
    ("GET", "/v1/bills/{id}"): _patient("own_bill", _NO, _SEE),
    ("POST", "/v1/bills/{id}/pay"): _patient("own_bill"),
    ("POST", "/v1/change-orders/{id}/accept"): _patient("own_change"),
    ("POST", "/v1/change-orders/{id}/refuse"): _patient("own_change"),
    ("POST", "/v1/payments/callbacks/{provider}"): Policy(load=Load.ORDER),
    ("POST", "/v1/prescriptions"): _patient(),
    ("GET", "/v1/prescriptions/{id}"): _ops(
        _ORDERS, "prescription_of_caller", key=_NO, load=_SEE, roles=PATIENT | NURSE | OPERATOR
    ),
    ("PUT", "/v1/prescriptions/{id}/file"): _patient("own_prescription", _NO),
    ("GET", "/v1/prescriptions/{id}/file"): _ops(
        _ORDERS, "prescription_of_caller", key=_NO, load=_SEE, roles=PATIENT | NURSE | OPERATOR
    ),
    # after a visit
    ("GET", "/v1/cases"): Policy(roles=PATIENT | NURSE),
    ("GET", "/v1/cases/{id}"): Policy(roles=PATIENT | NURSE, relation="own_case"),
    ("POST", "/v1/cases/{id}/answer"): _patient("own_case"),
    ("POST", "/v1/cases/{id}/dispute"): _patient("own_case"),
    ("POST", "/v1/visits/{id}/messages"): Policy(
        roles=NURSE | PATIENT, relation="visit_of_caller", key=Key.TAKEN, load=Load.SAFETY
    ),
    ("GET", "/v1/visits/{id}/messages"): _ops(
        _DISPATCH, "visit_of_caller", key=_NO, load=_SEE, roles=PATIENT | NURSE | OPERATOR
    ),
    ("POST", "/v1/visits/{id}/call"): Policy(
        roles=NURSE | PATIENT, relation="visit_of_caller", key=Key.TAKEN, load=Load.SAFETY
    ),
    ("POST", "/v1/visits/{id}/confirmation"): _ops(
        _DISPATCH, "visit_of_caller", roles=PATIENT | OPERATOR
    ),
    ("POST", "/v1/visits/{id}/adverse-events"): Policy(
        roles=NURSE | PATIENT, relation="visit_of_caller", key=Key.TAKEN, load=Load.SAFETY
    ),
    # nurse
    ("GET", "/v1/nurse/profile"): _nurse(None, _NO, _SEE),
    ("PATCH", "/v1/nurse/profile"): _nurse(None, _NO, Load.ORDER),
    ("PUT", "/v1/nurse/availability"): _nurse(None, _NO, Load.ORDER),
    ("GET", "/v1/nurse/shifts"): _nurse(None, _NO, _SEE),
    ("PUT", "/v1/nurse/shifts"): _nurse(None, _NO, Load.ORDER),
    ("GET", "/v1/nurse/statistics"): _nurse(None, _NO, _SEE),
    ("GET", "/v1/nurse/policies"): _nurse(None, _NO, _SEE),
    ("POST", "/v1/nurse/policies/{policy}/acknowledge"): _nurse(load=Load.ORDER),
    ("POST", "/v1/nurse/positions"): _nurse(),
    ("POST", "/v1/nurse/heartbeat"): _nurse(),
    ("POST", "/v1/nurse/face-checks"): _nurse(),
    ("GET", "/v1/nurse/face-checks"): _nurse(None, _NO, _SEE),
    ("PUT", "/v1/nurse/safety-codes"): _nurse(None, _NO),
    ("GET", "/v1/nurse/offers"): _nurse(None, _NO, Load.ACCEPT),
    ("GET", "/v1/nurse/decisions"): _nurse(None, _NO, _SEE),
    ("POST", "/v1/offers/{id}/accept"): _nurse("own_offer", Key.REQUIRED, Load.ACCEPT),
    ("POST", "/v1/offers/{id}/decline"): _nurse("own_offer", Key.TAKEN, Load.ACCEPT),
    ("GET", "/v1/nurse/visits"): _nurse(None, _NO, _SEE),
    # A calendar program cannot sign in: the token in the address says whose visits they are.
    ("GET", "/v1/nurse/calendar.ics"): _ANYONE,
    ("PUT", "/v1/nurse/calendar"): _nurse(None, _NO),
    ("DELETE", "/v1/nurse/calendar"): _nurse(None, _NO),
    ("GET", "/v1/visits/{id}"): _ops(
        _DISPATCH, "visit_of_caller", key=_NO, load=Load.SAFETY, roles=NURSE | OPERATOR
    ),
    ("POST", "/v1/visits/{id}/depart"): _nurse("visit_of_caller"),
    ("POST", "/v1/visits/{id}/arrive"): _nurse("visit_of_caller"),
    ("POST", "/v1/visits/{id}/start"): _nurse("visit_of_caller"),
    ("POST", "/v1/visits/{id}/complete"): _nurse("visit_of_caller"),
    ("POST", "/v1/visits/{id}/abort"): _nurse("visit_of_caller"),
    ("POST", "/v1/visits/{id}/release"): _nurse("visit_of_caller"),
    ("POST", "/v1/visits/{id}/change-orders"): _nurse("visit_of_caller"),
    ("GET", "/v1/visits/{id}/change-orders"): _nurse("visit_of_caller", _NO, _SEE),
    ("POST", "/v1/visits/{id}/records"): _nurse("visit_of_caller"),
    ("GET", "/v1/visits/{id}/records"): _ops(
        _DISPATCH, "visit_of_caller", key=_NO, load=_SEE, roles=NURSE | OPERATOR
    ),
    ("POST", "/v1/visits/{id}/attachments"): _nurse("visit_of_caller", load=Load.ORDER),
    ("GET", "/v1/visits/{id}/attachments"): _ops(
        _DISPATCH, "visit_of_caller", key=_NO, load=_SEE, roles=PATIENT | NURSE | OPERATOR
    ),
    ("GET", "/v1/visits/{id}/attachments/{attachment_id}"): _ops(
        _DISPATCH, "visit_of_caller", key=_NO, load=_SEE, roles=PATIENT | NURSE | OPERATOR
    ),
    ("POST", "/v1/visits/{id}/check-in"): _nurse("visit_of_caller"),
    ("POST", "/v1/visits/{id}/door-attempts"): _nurse("visit_of_caller"),
    ("POST", "/v1/visits/{id}/flags"): _nurse("visit_of_caller"),
    ("POST", "/v1/visits/{id}/emergency"): _nurse("visit_of_caller", load=Load.ALARM),
    ("POST", "/v1/visits/{id}/sos"): Policy(
        roles=NURSE | PATIENT,
        relation="visit_of_caller",
        key=Key.TAKEN,
        load=Load.ALARM,
        any_age=True,
    ),
    # operator
    ("GET", "/v1/ops/board"): _ops(_DISPATCH, key=_NO, load=Load.ORDER),
    ("GET", "/v1/ops/map"): _ops(_DISPATCH, key=_NO, load=_SEE),
    ("GET", "/v1/ops/days"): _ops(_DISPATCH, key=_NO, load=_SEE),
    ("GET", "/v1/ops/stream"): _ops(_DISPATCH, key=_NO, load=Load.STREAM),
    ("GET", "/v1/ops/orders"): _ops(_ORDERS, key=_NO, load=_SEE, roles=WATCHER),
    ("POST", "/v1/ops/orders"): _ops(_DISPATCH, key=Key.TAKEN),
    ("GET", "/v1/ops/orders/{id}"): _ops(
        _ORDERS, "order_in_reach", key=_NO, load=_SEE, roles=WATCHER
    ),
    ("GET", "/v1/ops/orders/{id}/timeline"): _ops(
        _ORDERS, "order_in_reach", key=_NO, load=_SEE, roles=WATCHER
    ),
    ("GET", "/v1/ops/orders/{id}/candidates"): _ops(
        _DISPATCH, "order_in_reach", key=_NO, load=_SEE, roles=WATCHER
    ),
    ("GET", "/v1/ops/orders/{id}/batches"): _ops(
        _DISPATCH, "order_in_reach", key=_NO, load=_SEE, roles=WATCHER
    ),
    ("GET", "/v1/ops/shortages"): _ops(_DISPATCH, key=_NO, load=_SEE, roles=WATCHER),
    ("GET", "/v1/ops/batches"): _ops(_DISPATCH, key=_NO, load=_SEE, roles=WATCHER),
    ("GET", "/v1/ops/models"): _ops(_DISPATCH, key=_NO, load=_SEE, roles=WATCHER),
    ("GET", "/v1/ops/assessments"): _ops(_ASSESS, key=_NO, load=_SEE, roles=WATCHER),
    ("GET", "/v1/ops/orders/{id}/assessments"): _ops(
        _ORDERS, "order_in_reach", key=_NO, load=_SEE, roles=WATCHER
    ),
    ("POST", "/v1/ops/orders/{id}/assess"): _ops(_ASSESS, "order_in_reach"),
    ("POST", "/v1/ops/orders/{id}/assign"): _ops(_DISPATCH, "order_in_reach"),
    ("POST", "/v1/ops/orders/{id}/redispatch"): _ops(_DISPATCH, "order_in_reach"),
    ("POST", "/v1/ops/orders/{id}/hold"): _ops(_DISPATCH, "order_in_reach"),
    ("POST", "/v1/ops/orders/{id}/reopen"): _ops(_DISPATCH, "order_in_reach"),
    ("POST", "/v1/ops/orders/{id}/cancel"): _ops(_DISPATCH, "order_in_reach"),
    ("GET", "/v1/ops/orders/{id}/bill"): _ops(_BILLING, "order_in_reach", key=_NO, load=_SEE),
    ("GET", "/v1/ops/bills"): _ops(_BILLING, key=_NO, load=_SEE, roles=WATCHER),
    ("POST", "/v1/ops/bills/{id}/credit"): _ops(_BILLING, "bill_in_reach"),
    ("POST", "/v1/ops/bills/{id}/payers/{line_id}"): _ops(_BILLING, "bill_in_reach"),
    ("GET", "/v1/ops/tariffs"): _ops(_BILLING, key=_NO, load=_SEE, roles=WATCHER),
    ("POST", "/v1/ops/tariffs"): _ops(_BILLING),
    ("GET", "/v1/ops/patients/{id}/coverages"): _ops(
        _BILLING, "patient_of_caller", key=_NO, load=_SEE
    ),
    ("POST", "/v1/ops/patients/{id}/coverages"): _ops(_BILLING, "patient_of_caller"),
    ("POST", "/v1/ops/patients/{id}/coverages/{coverage_id}/end"): _ops(
        _BILLING, "patient_of_caller"
    ),
    ("GET", "/v1/ops/payments/differences"): _ops(_BILLING, key=_NO, load=_SEE, roles=WATCHER),
    ("POST", "/v1/ops/payments/differences/{difference_id}/resolve"): _ops(_BILLING),
    ("GET", "/v1/ops/ledger"): _ops(_BILLING, key=_NO, load=_SEE, roles=WATCHER),
    ("GET", "/v1/ops/nurses"): _ops(_STAFF | _DISPATCH, key=_NO, load=_SEE, roles=WATCHER),
    ("POST", "/v1/ops/nurses"): _ops(_STAFF),
    ("POST", "/v1/ops/nurses/import"): _ops(_STAFF),
    ("GET", "/v1/ops/nurses/{id}"): _ops(_STAFF | _DISPATCH, "nurse_in_reach", key=_NO, load=_SEE),
    ("PATCH", "/v1/ops/nurses/{id}"): _ops(_STAFF, "nurse_in_reach", key=_NO),
    ("POST", "/v1/ops/nurses/{id}/suspend"): _ops(_STAFF, "nurse_in_reach", load=Load.SAFETY),
    ("POST", "/v1/ops/nurses/{id}/confirm-registration"): _ops(_STAFF, "nurse_in_reach"),
    ("POST", "/v1/ops/nurses/{id}/confirm-face"): _ops(_STAFF, "nurse_in_reach"),
    ("POST", "/v1/ops/nurses/{id}/reinstate"): _ops(_STAFF, "nurse_in_reach"),
    ("GET", "/v1/ops/nurses/{id}/policies"): _ops(
        _STAFF | _QUALITY, "nurse_in_reach", key=_NO, load=_SEE
    ),
    ("GET", "/v1/ops/plans"): _ops(_DISPATCH, key=_NO, load=_SEE, roles=WATCHER),
    ("POST", "/v1/ops/plans"): _ops(_DISPATCH, key=_NO, load=Load.BROWSE),
    ("POST", "/v1/ops/plans/commit"): _ops(_DISPATCH),
    ("GET", "/v1/ops/nurses/{id}/day"): _ops(_DISPATCH, "nurse_in_reach", key=_NO, load=_SEE),
    ("GET", "/v1/ops/institutions"): _ops(_STAFF | _DISPATCH, key=_NO, load=_SEE, roles=WATCHER),
    ("POST", "/v1/ops/institutions"): _ops(_STAFF),
    ("PATCH", "/v1/ops/institutions/{id}"): _ops(_STAFF, "institution_in_reach", key=_NO),
    ("POST", "/v1/ops/visits/{id}/abort"): _ops(_DISPATCH, "visit_of_caller", load=Load.SAFETY),
    ("POST", "/v1/ops/visits/{id}/miss"): _ops(_DISPATCH, "visit_of_caller", load=Load.SAFETY),
    ("POST", "/v1/ops/visits/{id}/release"): _ops(_DISPATCH, "visit_of_caller", load=Load.SAFETY),
    ("POST", "/v1/ops/visits/{id}/complete"): _ops(_DISPATCH, "visit_of_caller", load=Load.SAFETY),
    ("POST", "/v1/ops/visits/{id}/reassign"): _ops(_DISPATCH, "visit_of_caller"),
    ("POST", "/v1/ops/visits/{id}/reassign/preview"): _ops(
        _DISPATCH, "visit_of_caller", key=_NO, load=_SEE
    ),
    ("POST", "/v1/ops/visits/{id}/facts/{fact_id}/supersede"): _ops(_DISPATCH, "visit_of_caller"),
    ("GET", "/v1/ops/cases"): _ops(_QUALITY, key=_NO, load=_SEE, roles=WATCHER),
    ("GET", "/v1/ops/cases/{id}"): _ops(_QUALITY, "case_in_reach", key=_NO, load=_SEE),
    ("POST", "/v1/ops/cases/{id}/take-up"): _ops(_QUALITY, "case_in_reach"),
    ("POST", "/v1/ops/cases/{id}/tell"): _ops(_QUALITY, "case_in_reach"),
    ("POST", "/v1/ops/cases/{id}/settle"): _ops(_QUALITY, "case_in_reach"),
    ("POST", "/v1/ops/cases/{id}/lift-hold"): _ops(_QUALITY, "case_in_reach"),
    ("POST", "/v1/ops/visits/{id}/adverse-events"): _ops(
        _QUALITY | _DISPATCH, "visit_of_caller", load=Load.SAFETY
    ),
    ("GET", "/v1/ops/waste"): _ops(_QUALITY | _DISPATCH, key=_NO, load=_SEE, roles=WATCHER),
    ("POST", "/v1/ops/visits/{id}/waste/receive"): _ops(_QUALITY, "visit_of_caller"),
    ("POST", "/v1/ops/visits/{id}/waste/excuse"): _ops(_QUALITY, "visit_of_caller"),
    ("GET", "/v1/ops/reports/workload"): _ops(
        _STAFF | _DISPATCH, key=_NO, load=_SEE, roles=WATCHER
    ),
    ("GET", "/v1/ops/reports/dispatch"): _ops(
        _STAFF | _DISPATCH, key=_NO, load=_SEE, roles=WATCHER
    ),
    ("GET", "/v1/ops/reports/{name}"): _ops(_DISPATCH, key=_NO, load=_SEE, roles=WATCHER),
    ("POST", "/v1/ops/visits/{id}/emergency"): _ops(
        _ALARMS | _DISPATCH, "visit_of_caller", load=Load.ALARM
    ),
    ("POST", "/v1/ops/visits/{id}/emergency/release"): _ops(_QUALITY, "visit_of_caller"),
    ("GET", "/v1/ops/emergencies"): _ops(_QUALITY | _ALARMS, key=_NO, load=Load.SAFETY),
    ("GET", "/v1/ops/flags"): _ops(_QUALITY | _DISPATCH, key=_NO, load=_SEE),
    ("POST", "/v1/ops/patients/{id}/flags"): _ops(_QUALITY | _DISPATCH, "patient_of_caller"),
    ("POST", "/v1/ops/flags/{id}/confirm"): _ops(_QUALITY, "flag_in_reach"),
    ("POST", "/v1/ops/flags/{id}/reject"): _ops(_QUALITY, "flag_in_reach"),
    ("GET", "/v1/ops/alarms"): _ops(_ALARMS, key=_NO, load=Load.SAFETY, roles=WATCHER),
    ("POST", "/v1/ops/alarms/{id}/acknowledge"): _ops(_ALARMS, "alarm_in_reach", load=Load.SAFETY),
    ("POST", "/v1/ops/alarms/{id}/resolve"): _ops(_ALARMS, "alarm_in_reach", load=Load.SAFETY),
    ("GET", "/v1/audit"): Policy(roles=AUDITOR),
    ("GET", "/v1/audit/verify"): Policy(roles=AUDITOR),
    # streams
    ("GET", "/v1/stream"): Policy(roles=SIGNED_IN, load=Load.STREAM),
}


class MissingPolicy(Exception):
    """A route without a row, or with a relation that nobody answers: it must not start."""

    def __init__(self, method: str, path: str) -> None:
        super().__init__(f"{method} {path} has no complete row in api/policy.py")
