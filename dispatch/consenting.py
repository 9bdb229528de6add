"""Who has consented for a patient, and whether that will do; no order goes on without.

Pure but for `check` and `was_withdrawn`, which ask for one patient inside somebody's act.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID

from config import purposes
from config.purposes import SELF
from dispatch.booking import Fault
from dispatch.database import Connection
from dispatch.errors import RuleRefused
from dispatch.records import consents, patients
from dispatch.records.patients import Profile, Served
from matching.inputs import local_date

# A phone's clock may run ahead of ours by this much and still not sign in the future.
CLOCK_SKEW: Final = timedelta(minutes=2)
# Full age in China (Civil Code, art. 17).
OF_AGE: Final = 18


def faults(served: Served, told_relation: str | None, latest: datetime) -> list[Fault]:
    """Why the consent that comes with an order will not do: by whom it is, or what was withdrawn.

    A child's guardian consents for it; somebody who cannot decide does not consent for himself.
    """
    words = purposes.load()
    relation = words.relation_of(told_relation, served.relation)
    by = ("body", "consent", "relation")
    found: list[Fault] = []
    if is_minor(served.profile, local_date(latest)):
        # Who was not asked for his relation has the profile of somebody else's child.
        guards = relation in words.guardians or (told_relation is None and relation != SELF)
        if not guards:
            found.append((by, "consent_minor"))
    elif served.lacks_capacity and relation == SELF:
        found.append((by, "consent_capacity"))
    if words.required & served.withdrawn:
        found.append((("body", "consent"), "consent_withdrawn"))
    return found


def is_minor(profile: Profile, on: date) -> bool:
    """Whether somebody else consents for this patient, by age."""
    return profile.age_on(on) < OF_AGE


def missing(withdrawn: Collection[str]) -> frozenset[str]:
    """Of the purposes without which nobody is sent those that were withdrawn."""
    return purposes.load().required & frozenset(withdrawn)


async def check(conn: Connection, patient_id: UUID) -> None:
    """Raises `RuleRefused` if a consent without which nobody is sent was withdrawn."""
    async with conn.as_clock():
        withdrawn = await patients.find_withdrawn(conn, patient_id)
    if missing(withdrawn):
        raise RuleRefused((("order", "consent"), "consent_withdrawn"))


async def was_withdrawn(conn: Connection, patient_id: UUID, at: datetime) -> bool:
    """Whether a consent without which nobody is sent was withdrawn by then.

    A phone without a network tells later what was done while the patient still agreed.
    """
    async with conn.as_clock():
        gone = missing(await patients.find_withdrawn(conn, patient_id))
        return bool(gone) and await consents.were_withdrawn(conn, patient_id, gone, at)
