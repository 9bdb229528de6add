"""The `notices` table: what is to wake a phone, by event, account and way, until sent or given up.

It holds a template's name and ids; number and words are put together only when it is sent.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal
from uuid import UUID

from dispatch.database import Connection
from dispatch.ids import new_id
from dispatch.lifecycles import Role

Way = Literal["sms", "push"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """A notice to be made; `dedupe` lets it be made once, however often its event is told.

    With a `patient_id` it wakes the second contact of that patient, not the account's phone.
    """

    id: UUID
    dedupe: str
    account_id: UUID
    template: str
    order_id: UUID | None
    patient_id: UUID | None = None


# A push goes to the account itself only, and only where it has a browser that may be woken.
INSERT: Final = """
    WITH told AS (
        SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::uuid[], $5::text[], $6::uuid[],
                             $7::uuid[])
            AS t (id, push_id, dedupe, account_id, template, order_id, patient_id)
    )
    INSERT INTO notices (id, dedupe, account_id, template, order_id, patient_id, way)
    SELECT id, dedupe, account_id, template, order_id, patient_id, 'sms' FROM told
     UNION ALL
    SELECT push_id, dedupe || ':push', account_id, template, order_id, NULL, 'push' FROM told
     WHERE patient_id IS NULL
       AND EXISTS (SELECT FROM push_subscriptions p WHERE p.account_id = told.account_id)
        ON CONFLICT (dedupe) DO NOTHING
"""


async def insert_many(conn: Connection, given: Sequence[Notice]) -> None:
    """Queue notices for each way to their accounts, due at once; one that is there already is
    passed over."""
    if given:
        await conn.execute(
            INSERT,
            [n.id for n in given],
            [new_id() for _ in given],
            [n.dedupe for n in given],
            [n.account_id for n in given],
            [n.template for n in given],
            [n.order_id for n in given],
            [n.patient_id for n in given],
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """A notice that this process may send until its lease ends.

    `phone_sealed` is None where nobody is to be reached: the account is gone or suspended. The
    `profile_sealed` is of the patient whose second contact it is for.
    """

    id: UUID
    account_id: UUID
    template: str
    order_id: UUID | None
    created_at: datetime
    attempts: int
    phone_sealed: bytes | None
    language: str | None
    patient_id: UUID | None
    profile_sealed: bytes | None
    role: Role | None


# The lease is the next try itself: if the sender dies, the notice is simply due again.
CLAIM_DUE: Final = """
    WITH due AS MATERIALIZED (
        SELECT id FROM notices
         WHERE next_try_at <= app_now() AND way = $3
         ORDER BY next_try_at
         LIMIT $1
           FOR UPDATE SKIP LOCKED
    ), claimed AS (
        UPDATE notices n
           SET attempts = attempts + 1, next_try_at = app_now() + make_interval(secs => $2)
          FROM due WHERE n.id = due.id
     RETURNING n.id, n.account_id, n.template, n.order_id, n.created_at, n.attempts, n.patient_id
    )
    SELECT c.*, a.phone_sealed, a.language, a.role, p.profile_sealed
      FROM claimed c
      LEFT JOIN accounts a ON a.id = c.account_id AND a.suspended_at IS NULL
      LEFT JOIN patients p ON p.id = c.patient_id AND p.deleted_at IS NULL
     ORDER BY c.created_at
"""


async def claim_due(conn: Connection, limit: int, lease_s: float, way: Way = "sms") -> list[Due]:
    """Take up to `limit` due notices of a way for `lease_s`, oldest first; others' are skipped."""
    return [
        Due(**{**row, "role": Role(row["role"]) if row["role"] else None})
        for row in await conn.fetch(CLAIM_DUE, limit, lease_s, way)
    ]


# `attempts` fences: who was slower than his lease no longer speaks for the notice.
MARK_SENT: Final = """
    UPDATE notices n SET sent_at = app_now(), next_try_at = NULL
      FROM unnest($1::uuid[], $2::int[]) AS d (id, attempts)
     WHERE n.id = d.id AND n.attempts = d.attempts AND n.next_try_at IS NOT NULL
"""
MARK_FAILED: Final = """
    UPDATE notices n SET failed_at = app_now(), next_try_at = NULL
      FROM unnest($1::uuid[], $2::int[]) AS d (id, attempts)
     WHERE n.id = d.id AND n.attempts = d.attempts AND n.next_try_at IS NOT NULL
"""
PUT_OFF: Final = """
    UPDATE notices n SET next_try_at = app_now() + make_interval(secs => d.gap_s)
      FROM unnest($1::uuid[], $2::int[], $3::float8[]) AS d (id, attempts, gap_s)
     WHERE n.id = d.id AND n.attempts = d.attempts AND n.next_try_at IS NOT NULL
"""


async def mark_sent(conn: Connection, done: Sequence[Due]) -> None:
    """The channel has taken them."""
    await conn.execute(MARK_SENT, [n.id for n in done], [n.attempts for n in done])


async def mark_failed(conn: Connection, lost: Sequence[Due]) -> None:
    """They will not be tried again."""
    await conn.execute(MARK_FAILED, [n.id for n in lost], [n.attempts for n in lost])


async def put_off(conn: Connection, later: Sequence[tuple[Due, float]]) -> None:
    """They are due again, each after its gap in seconds."""
    await conn.execute(
        PUT_OFF,
        [n.id for n, _ in later],
        [n.attempts for n, _ in later],
        [gap_s for _, gap_s in later],
    )


PRUNE: Final = """
    DELETE FROM notices WHERE id IN (
        SELECT id FROM notices
         WHERE next_try_at IS NULL AND created_at < app_now() - make_interval(days => $1)
         LIMIT $2)
"""


async def prune(conn: Connection, keep_days: int, limit: int) -> str:
    """Drop up to `limit` notices that are done with and older than `keep_days`."""
    return await conn.execute(PRUNE, keep_days, limit)
