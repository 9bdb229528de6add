"""What was learned last, as every decision of this process goes by it: read once in a while."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final
from weakref import WeakKeyDictionary

from dispatch.database import Connection
from dispatch.records import learned_models
from dispatch.records.learned_models import LearnedModel
from dispatch.sealing import Keyring
from matching.acceptance import Acceptance

PACE: Final = "pace"
ACCEPTANCE: Final = "acceptance"
# It is learned anew once a day.
GOOD_FOR: Final = timedelta(minutes=10)

# By the keyring, since a process that is tested has one database after the other.
_known: WeakKeyDictionary[Keyring, dict[str, tuple[datetime, LearnedModel | None]]] = (
    WeakKeyDictionary()
)


async def latest(conn: Connection, kind: str, now: datetime) -> LearnedModel | None:
    """The model of a kind that was learned last, as it stood within the last ten minutes."""
    by_kind = _known.setdefault(conn.keyring, {})
    known = by_kind.get(kind)
    if known is not None and timedelta() <= now - known[0] < GOOD_FOR:
        return known[1]
    if known is not None:
        # Those beside us go on by what is known; one reads.
        by_kind[kind] = (now, known[1])
    found = await learned_models.find_latest(conn, kind)
    by_kind[kind] = (now, found)
    return found


async def acceptance(conn: Connection, now: datetime) -> Acceptance | None:
    """Who says yes; None before there was enough to learn from, or if it is not to be used."""
    if not conn.settings.fill_target_percent:
        return None
    found = await latest(conn, ACCEPTANCE, now)
    return None if found is None else Acceptance.of(found.model)
