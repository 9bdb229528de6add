"""What an act leaves behind besides its deed: events, lines of the audit log, its kept answer.

Nothing in the act reads them again, so they wait for its end and go in one statement.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Literal

if TYPE_CHECKING:
    from dispatch.database import Connection, Rows

Kind = Literal["event", "audit", "answer"]

# The arrays of `unnest` are columns, the elements rows. Arrays of arrays must be of one length in
# PostgreSQL, so the accounts of an event are spelled out. There is one answer at most, found by its
# key: a join with an array would read the whole table, by a plan made while that was empty.
WRITE: Final = """
    WITH said AS (
        INSERT INTO outbox (event, order_id, account_ids, staff, institution_id, data, wake)
        SELECT event, order_id, told::uuid[], staff, institution_id, data, wake
          FROM unnest($1::text[], $2::uuid[], $3::text[], $4::boolean[], $5::uuid[], $6::jsonb[],
                      $7::text[])
               AS e (event, order_id, told, staff, institution_id, data, wake)
    ), noted AS (
        INSERT INTO audit (actor_id, actor_role, action, subject_kind, subject_id, person_id,
                           purpose, request_id, detail)
        SELECT actor_id, actor_role, action, subject_kind, subject_id, person_id, purpose,
               request_id, detail::jsonb
          FROM unnest($8::uuid[], $9::text[], $10::text[], $11::text[], $12::uuid[], $13::uuid[],
                      $14::text[], $15::text[], $16::text[])
               AS a (actor_id, actor_role, action, subject_kind, subject_id, person_id, purpose,
                     request_id, detail)
    )
    UPDATE retry_keys
       SET status = $21, answer_sealed = $22
     WHERE account_id = $17 AND method = $18 AND path = $19 AND key = $20
"""
WIDTHS: Final[dict[Kind, int]] = {"event": 7, "audit": 9}
NO_ANSWER: Final = (None,) * 6


def add(conn: Connection, kind: Kind, *values: Any) -> None:
    """Leave a row, its values in the order of WRITE, to the end of the transaction."""
    conn.write_last(_write, (kind, *values))


async def _write(conn: Connection, rows: Rows) -> None:
    arguments: list[Any] = []
    for kind, width in WIDTHS.items():
        columns = [
            list(column) for column in zip(*(r[1:] for r in rows if r[0] == kind), strict=True)
        ]
        arguments += columns or [[] for _ in range(width)]
    answer = next((r[1:] for r in rows if r[0] == "answer"), NO_ANSWER)
    await conn.execute(WRITE, *arguments, *answer)
