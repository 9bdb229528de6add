"""The check at the door, before anybody is touched: may it be done here, now, as it was ordered?

Runs inside the act that begins the service. It moves nothing: what is refused the nurse breaks off
as clinical, without blame to anybody.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, Literal

from config.negative_list import Verdict
from config.vocabulary import Condition
from dispatch import bounds, consenting, screening
from dispatch.booking import Fault
from dispatch.database import Connection
from dispatch.records.orders import Order

# Stands on a visit whose service something of the negative list forbade at the door.
FLAG: Final = "negative_list"
# On a visit that began without a word of what its nurse found.
UNCHECKED: Final = "no_door_check"


@dataclass(frozen=True, slots=True, kw_only=True)
class DoorCheck:
    """What a nurse finds: whether preconditions are met, what of the negative list she meets, and
    whether she does it as it was ordered (`proceed`) or otherwise (`modify`, `note` says how)."""

    outcome: Literal["proceed", "modify"] = "proceed"
    checks: Mapping[str, bool] = field(default_factory=dict)
    found: tuple[str, ...] = ()
    family_present: bool | None = None
    note: str | None = None

    def as_fact(self) -> dict[str, Any]:
        """What of it is kept with the step."""
        return {
            "outcome": self.outcome,
            "checks": dict(self.checks),
            "found": list(self.found),
            "family_present": self.family_present,
            "note": self.note,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Opinion:
    """`refused` stands in the way of beginning; `flags` are for the operator to see."""

    refused: tuple[Fault, ...] = ()
    flags: tuple[str, ...] = ()


async def judge(conn: Connection, order: Order, check: DoorCheck | None, at: datetime) -> Opinion:
    """The third gate: what of the negative list forbids, what the assessment asks of the door, and
    whether the patient still agrees.

    A phone that sends no check is judged by what the system knows, and that it sent none is
    flagged.
    """
    given = check or DoorCheck()
    unmet = [slug for slug, is_met in given.checks.items() if not is_met]
    sheet = await screening.sheet_of(conn, order, unmet=unmet, named=given.found)
    denied = sheet.of(Verdict.DENY)
    refused = screening.faults(denied, "body", "door_check")
    if await consenting.was_withdrawn(conn, order.patient_id, at):
        refused.append((("order", "consent"), "consent_withdrawn"))
    flags = [FLAG] if denied else []
    if check is None:
        flags.append(UNCHECKED)
    if given.outcome == "modify" or unmet or given.found:
        flags.append("door_check")
    if Condition.FAMILY_PRESENT in await bounds.find_conditions(conn, order):
        if given.family_present is None:
            flags.append("family_not_confirmed")
        elif not given.family_present:
            refused.append((("body", "door_check", "family_present"), "family_needed"))
            flags.append("family_absent")
    return Opinion(refused=tuple(refused), flags=tuple(flags))
