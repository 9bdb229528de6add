"""What is answered about shortages: orders of the coming hours that cannot all be served."""

from __future__ import annotations

from typing import Literal
from uuid import UUID

from api.schemas.conventions import Instant, PageQuery, View, WindowView


class ShortageQuery(PageQuery):
    state: Literal["open", "ended"] = "open"


class ShortOrder(View):
    """`window` is what is left of it; `nurses` qualify."""

    order_id: UUID
    seats: int
    window: WindowView
    duration_min: int
    specialties: list[str]
    nurses: int


class AbleNurse(View):
    """Of the visits her free hours between the two times hold `visits_max` at most."""

    nurse_id: UUID
    visits_max: int


class Shortage(View):
    """The fewest orders that ask for more visits than all who qualify for any of them can make,
    whatever is planned: travel is not counted, so that the truth is rather worse.

    It was last found to hold at `held_at`. `checked`: counted again from what is kept, while it is
    read.
    """

    id: UUID
    county: str
    starts_at: Instant
    ends_at: Instant
    seats: int
    visits_max: int
    missing: int
    orders: list[ShortOrder]
    nurses: list[AbleNurse]
    found_at: Instant
    held_at: Instant
    ended_at: Instant | None = None
    checked: bool
    text: str
