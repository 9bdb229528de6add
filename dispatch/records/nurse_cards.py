"""What is shown of a nurse to those whom she visits: read from `nurses` and `accounts` together."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from dispatch import identity
from dispatch.database import Connection
from dispatch.records import person_keys


@dataclass(frozen=True, slots=True, kw_only=True)
class NurseCard:
    """`phone_masked` is None for a nurse without an account. `rating` has two decimals."""

    id: UUID
    staff_no: int
    name: str
    title: str
    rating: float | None
    ratings: int
    phone_masked: str | None
    photo_url: str | None


LIST: Final = """
    SELECT n.id, n.staff_no, n.name, n.title, n.rating, n.ratings, n.photo_url,
           a.id AS account_id, a.phone_sealed
      FROM nurses n LEFT JOIN accounts a ON a.nurse_id = n.id
     WHERE n.id = ANY ($1::uuid[])
"""


async def by_nurse(conn: Connection, nurse_ids: Collection[UUID]) -> dict[UUID, NurseCard]:
    """The cards of these nurses in two queries; ids of nobody are left out.

    Read as the clock: the patient may see the card, not the account that the phone lies in.
    """
    if not nurse_ids:
        return {}
    async with conn.as_clock():
        rows = await conn.fetch(LIST, list(set(nurse_ids)))
    keys = await person_keys.load(conn, [row["account_id"] for row in rows if row["account_id"]])
    found = {}
    for row in rows:
        key = keys.get(row["account_id"])
        phone = None
        if key is not None:
            opened = key.open("accounts", "phone_sealed", row["account_id"], row["phone_sealed"])
            phone = identity.mask_phone(opened.decode())
        found[row["id"]] = NurseCard(
            id=row["id"],
            staff_no=row["staff_no"],
            name=row["name"],
            title=row["title"],
            rating=None if row["rating"] is None else round(float(row["rating"]), 2),
            ratings=row["ratings"],
            phone_masked=phone,
            photo_url=row["photo_url"],
        )
    return found
