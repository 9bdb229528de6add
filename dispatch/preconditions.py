"""What services presuppose of a patient and a home: what is seen to, what is open, what is not so.

Pure. What the system cannot know is declared when ordering or left to the assessor.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from config import assessment as vocabulary
from config.catalogue import Catalogue
from dispatch.records.patients import Profile
from matching.inputs import local_date


class State(StrEnum):
    """Whether a precondition is met, as far as anybody has said."""

    MET = "met"
    OPEN = "open"
    UNMET = "unmet"


class Source(StrEnum):
    """Who says so: the system, who ordered, or nobody yet."""

    SYSTEM = "system"
    ORDER = "order"
    NOBODY = "nobody"


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One line of the assessor's checklist."""

    slug: str
    state: State
    source: Source


def checklist(
    catalogue: Catalogue,
    codes: Sequence[str],
    declared: Collection[str],
    profile: Profile | None,
    earliest: datetime,
    latest: datetime,
) -> list[Item]:
    """All that these services presuppose, the universal first.

    What is unmet is known to be so, also where somebody has declared otherwise.
    """
    asked = (*catalogue.universal_preconditions, *catalogue.combine(codes).preconditions)
    return [_item(slug, declared, profile, earliest, latest) for slug in dict.fromkeys(asked)]


def unmet(
    catalogue: Catalogue,
    codes: Sequence[str],
    profile: Profile | None,
    earliest: datetime,
    latest: datetime,
) -> list[str]:
    """Of the services' preconditions those of which the system knows that they are not met."""
    found = checklist(catalogue, codes, (), profile, earliest, latest)
    return [item.slug for item in found if item.state is State.UNMET]


def _item(
    slug: str,
    declared: Collection[str],
    profile: Profile | None,
    earliest: datetime,
    latest: datetime,
) -> Item:
    words = vocabulary.load()
    if slug in words.seen_to:
        return Item(slug=slug, state=State.MET, source=Source.SYSTEM)
    limit = words.by_age.get(slug)
    if limit is not None and profile is not None:
        days = (local_date(earliest), local_date(latest))
        of_age = all(limit.holds(profile.birth_date, day) for day in days)
        return Item(slug=slug, state=State.MET if of_age else State.UNMET, source=Source.SYSTEM)
    if slug in declared:
        return Item(slug=slug, state=State.MET, source=Source.ORDER)
    return Item(slug=slug, state=State.OPEN, source=Source.NOBODY)
