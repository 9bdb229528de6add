"""The ledger of a patient's consents in words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from api import reference
from api.schemas import consents as schemas
from api.wire import Call
from dispatch.database import Connection
from dispatch.records import consents
from dispatch.records.consents import Entry


async def entry_views(
    conn: Connection, given: Sequence[Entry], call: Call
) -> list[schemas.LedgerEntry]:
    """Entries in the order given; of a patient who was erased without names and reasons."""
    words = await consents.open_words(conn, given)
    return [_view(entry, words.get(entry.id, {}), call) for entry in given]


def _view(entry: Entry, words: dict[str, Any], call: Call) -> schemas.LedgerEntry:
    known = reference.purposes()
    purpose, relation = known.purposes.get(entry.purpose), known.relations.get(entry.relation)
    return schemas.LedgerEntry(
        id=entry.id,
        act="given" if entry.act == "given" else "withdrawn",
        purpose=entry.purpose,
        name=purpose.label.in_language(call.language) if purpose else entry.purpose,
        version=entry.version,
        language=entry.language,
        hash=entry.text_sha256,
        signer=words.get("signer"),
        relation=entry.relation,
        relation_text=relation.in_language(call.language) if relation else entry.relation,
        authority=entry.authority,
        channel=entry.channel,
        reason=words.get("reason"),
        accepted_at=entry.accepted_at,
        recorded_at=entry.recorded_at,
    )
