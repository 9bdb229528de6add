"""The negative list, asked of one order: what of it is not done at home, or not without a reason.

Three gates ask: placing, assessing, and the nurse at the door. Runs inside the act that asks, and
writes nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from config import negative_list
from config.catalogue import Catalogue
from config.negative_list import Entry, Facts, Prescribed, Verdict
from dispatch import preconditions
from dispatch.booking import Fault
from dispatch.database import Connection
from dispatch.preconditions import Item
from dispatch.records import patients, prescriptions
from dispatch.records.orders import Order
from dispatch.records.patients import Profile
from dispatch.records.prescriptions import Content
from dispatch.sealing import KeyDestroyed


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """What is to be said of an order before anybody goes: the checklist, and what is against it."""

    checklist: tuple[Item, ...] = ()
    against: tuple[Entry, ...] = ()

    def of(self, verdict: Verdict) -> list[Entry]:
        """Of what is against it what has this verdict."""
        return [entry for entry in self.against if entry.verdict is verdict]

    @property
    def unmet(self) -> list[str]:
        """The preconditions of which the system knows that they are not met."""
        return [item.slug for item in self.checklist if item.state is preconditions.State.UNMET]


def denied(catalogue: Catalogue, codes: Sequence[str], content: Content | None) -> list[Entry]:
    """The first gate: what of a prescription is refused at once."""
    if content is None:
        return []
    facts = Facts(groups=groups_of(catalogue, codes), prescribed=_lines(content))
    hits = negative_list.load().hits(facts)
    return [entry for entry in hits if entry.verdict is Verdict.DENY]


def faults(denied_by: Sequence[Entry], *loc: str) -> list[Fault]:
    """Each entry by the key of its text."""
    return [(loc, f"negative_{entry.slug}") for entry in denied_by]


async def sheet_of(
    conn: Connection,
    order: Order,
    *,
    unmet: Collection[str] = (),
    named: Collection[str] = (),
) -> Sheet:
    """What stands against an order now, with what a person says of it: `unmet` preconditions and
    entries `named` outright. Nothing is known of a patient who was erased."""
    async with conn.as_clock():
        try:
            patient = await patients.get(conn, order.patient_id)
            profile = await patients.open_profile(conn, patient)
            content = await _content(conn, order)
        except KeyDestroyed:
            return Sheet()
    return sheet(conn.catalogue, order, profile, content, unmet=unmet, named=named)


def sheet(
    catalogue: Catalogue,
    order: Order,
    profile: Profile,
    content: Content | None,
    *,
    unmet: Collection[str] = (),
    named: Collection[str] = (),
) -> Sheet:
    """The same of what is opened already."""
    facts = Facts(
        groups=groups_of(catalogue, order.service_codes),
        prescribed=_lines(content),
        conditions=profile.conditions,
        unmet=frozenset(unmet),
        named=frozenset(named),
    )
    checklist = preconditions.checklist(
        catalogue, order.service_codes, order.preconditions, profile, order.earliest, order.latest
    )
    return Sheet(checklist=tuple(checklist), against=tuple(negative_list.load().hits(facts)))


def groups_of(catalogue: Catalogue, codes: Sequence[str]) -> frozenset[str]:
    """The groups of these services."""
    return frozenset(catalogue.get(code).group for code in codes)


async def _content(conn: Connection, order: Order) -> Content | None:
    if order.prescription_id is None:
        return None
    found = await prescriptions.find_of_patient(conn, order.patient_id, order.prescription_id)
    return None if found is None else await prescriptions.open_content(conn, found)


def _lines(content: Content | None) -> list[Prescribed]:
    if content is None:
        return []
    return [
        Prescribed(drug=item.drug, route=item.route, procedure=item.procedure)
        for item in content.items
    ]
