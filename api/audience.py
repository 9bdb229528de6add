"""Who may see which event of a stream. Pure: it reads nothing and sends nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from api.policy import Permission
from dispatch.database import Caller
from dispatch.lifecycles import Role
from dispatch.records.events import Event

STAFF: Final = frozenset({Role.OPERATOR, Role.ADMIN, Role.AUDITOR})
# What the contract names; anything else in the outbox only wakes phones.
ALL_SUBJECTS: Final = frozenset({"order", "offer", "visit", "position", "alarm", "bill"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Audience:
    """What one reader may see: his own events, and as staff what his permissions cover."""

    account_id: UUID
    institution_id: UUID | None = None
    subjects: frozenset[str] = frozenset()

    @property
    def is_staff(self) -> bool:
        return bool(self.subjects)

    def sees(self, event: Event) -> bool:
        if self.account_id in event.account_ids:
            return self.sees_own(event)
        return self.sees_as_staff(event)

    def sees_own(self, event: Event) -> bool:
        """Of an event that is his: what only wakes phones is not for streams."""
        return _subject(event) in ALL_SUBJECTS

    def sees_as_staff(self, event: Event) -> bool:
        """Of an event that is somebody else's."""
        return (
            event.staff
            and _subject(event) in self.subjects
            and (
                self.institution_id is None
                or event.institution_id is None
                or event.institution_id == self.institution_id
            )
        )


def audience_of(caller: Caller) -> Audience:
    """Raises TypeError for a caller without an account: the policy table lets none in."""
    if caller.account_id is None:
        raise TypeError("a stream belongs to an account")
    if caller.role not in STAFF:
        return Audience(account_id=caller.account_id)
    return Audience(
        account_id=caller.account_id,
        institution_id=caller.institution_id,
        subjects=_subjects(caller),
    )


def _subject(event: Event) -> str:
    return event.event.partition(".")[0]


def _subjects(caller: Caller) -> frozenset[str]:
    match caller.role:
        case Role.ADMIN:
            return ALL_SUBJECTS
        case Role.AUDITOR:
            return frozenset({"order", "alarm"})
        case _ if Permission.DISPATCH in caller.permissions:
            return ALL_SUBJECTS
        case _:
            seen = {
                Permission.ASSESS: "order",
                Permission.ALARMS: "alarm",
                Permission.BILLING: "bill",
            }
            return frozenset(
                subject for permission, subject in seen.items() if permission in caller.permissions
            )
