"""The `orders` table: whether there is a nurse. Its state is written by `transitions` alone."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import asdict, dataclass, field, fields
from datetime import datetime
from typing import Any, Final, NamedTuple
from uuid import UUID

import asyncpg

from dispatch.database import Connection
from dispatch.errors import NotFound
from dispatch.lifecycles import OrderState
from dispatch.records import person_keys
from dispatch.sealing import DataKey


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """A request for one visit; the window bounds its start. Sealed columns stay sealed here."""

    id: UUID
    account_id: UUID
    patient_id: UUID
    address_id: UUID
    institution_id: UUID | None = None
    county: str
    service_codes: list[str]
    seats: int
    earliest: datetime
    latest: datetime
    duration_min: int
    urgency: str
    state: OrderState = OrderState.SUBMITTED
    round: int = 1
    wave: int = 0
    next_wave_at: datetime | None = None
    promise_at: datetime
    at_risk: bool = False
    price_fen: int
    price_lines: list[dict[str, Any]]
    pay_fen: int
    preferences: dict[str, Any] = field(default_factory=dict)
    preconditions: list[str] = field(default_factory=list)
    prescription_id: UUID | None = None
    consent: dict[str, Any]
    channel: str = "app"
    notes_sealed: bytes | None = None
    assessment: dict[str, Any] | None = None
    assessment_sealed: bytes | None = None
    closing: dict[str, Any] | None = None
    cancellation_fee_fen: int | None = None
    signature_sealed: bytes | None = None
    signed_at: datetime | None = None
    created_at: datetime
    updated_at: datetime
    version: int = 1
    eligibility_basis: str = "unspecified"
    condition_changed: bool = False
    review: str = "new"
    review_at: datetime | None = None
    reassess_since: datetime | None = None
    called_back: int = 0

    @property
    def assess_by(self) -> datetime | None:
        """By when a person will have assessed it, while it waits for one."""
        waits = self.state is OrderState.SUBMITTED and self.review == "person"
        return self.review_at if waits else None


_COLUMNS: Final = tuple(column.name for column in fields(Order))


def order_of(row: asyncpg.Record | dict[str, Any]) -> Order:
    """A row of `orders` as a record. Columns of a later version are passed over, so that this one
    goes on while it is being replaced."""
    known = {name: row[name] for name in _COLUMNS}
    return Order(**{**known, "state": OrderState(known["state"])})


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """What was said in words when ordering: sealed together in `notes_sealed`.

    `signer` and the four after it are of the consent: who gave it, as whom, by what right, how, and
    to what.
    """

    notes: str | None = None
    eligibility_basis: str | None = None
    signer: str | None = None
    signer_relation: str | None = None
    authority: str | None = None
    consent_channel: str | None = None
    purposes: tuple[str, ...] = ()


def seal_words(key: DataKey, order_id: UUID, words: Words) -> bytes:
    """The words for `notes_sealed`, under the patient's key."""
    return key.seal_json("orders", "notes_sealed", order_id, asdict(words))


async def open_words(conn: Connection, order: Order) -> Words:
    """What was said when ordering. Raises KeyDestroyed after erasure."""
    if order.notes_sealed is None:
        return Words()
    opened = await person_keys.open_json(
        conn, order.patient_id, "orders", "notes_sealed", order.id, order.notes_sealed
    )
    return Words(**{**opened, "purposes": tuple(opened["purposes"])})


INSERT: Final = """
    WITH placed AS (
        INSERT INTO orders (
            id, account_id, patient_id, address_id, county, service_codes, seats, earliest, latest,
            duration_min, urgency, state, promise_at, price_fen, price_lines, pay_fen, preferences,
            preconditions, prescription_id, consent, channel, notes_sealed, created_at, updated_at,
            eligibility_basis, condition_changed, review_at
        ) VALUES (
            $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 'submitted', $12, $13, $14, $15, $16, $17,
            $18, $19, $20, $21, $22, $22, $26, $27, $22
        ) RETURNING id, version, state
    )
    INSERT INTO history (subject, subject_id, order_id, version, move, to_state, actor_role,
                         actor_id, request_id)
    SELECT 'order', id, id, version, 'place', state::text, $23, $24, $25 FROM placed
"""


async def insert(conn: Connection, order: Order) -> None:
    """Place an order: its row and the first line of its history, in one statement."""
    await conn.execute(
        INSERT,
        order.id,
        order.account_id,
        order.patient_id,
        order.address_id,
        order.county,
        order.service_codes,
        order.seats,
        order.earliest,
        order.latest,
        order.duration_min,
        order.urgency,
        order.promise_at,
        order.price_fen,
        order.price_lines,
        order.pay_fen,
        order.preferences,
        order.preconditions,
        order.prescription_id,
        order.consent,
        order.channel,
        order.notes_sealed,
        order.created_at,
        conn.role.value,
        conn.caller.account_id,
        conn.caller.request_id,
        order.eligibility_basis,
        order.condition_changed,
    )


GET: Final = "SELECT * FROM orders WHERE id = $1"


async def get(conn: Connection, order_id: UUID) -> Order:
    row = await conn.fetchrow(GET, order_id)
    if row is None:
        raise NotFound
    return order_of(row)


LOCK: Final = "SELECT * FROM orders WHERE id = $1 FOR NO KEY UPDATE"


async def lock(conn: Connection, order_id: UUID) -> Order:
    """Like `get`, held to the end of the transaction. Taken before any offer, visit or nurse."""
    row = await conn.fetchrow(LOCK, order_id)
    if row is None:
        raise NotFound
    return order_of(row)


LOCK_LIVING_OF_PATIENT: Final = """
    SELECT * FROM orders
     WHERE patient_id = $1 AND state IN ('submitted', 'open', 'held', 'assigned')
     ORDER BY id
     LIMIT 200
       FOR NO KEY UPDATE
"""


async def lock_living_of_patient(conn: Connection, patient_id: UUID) -> list[Order]:
    """A patient's orders that have not ended, held, oldest first."""
    return [order_of(r) for r in await conn.fetch(LOCK_LIVING_OF_PATIENT, patient_id)]


# The cursor is the last id of the page before: ids are ordered by creation.
LIST_OF_ACCOUNT: Final = """
    SELECT * FROM orders
     WHERE account_id = $1
       AND ($2::order_state IS NULL OR state = $2)
       AND ($3::uuid IS NULL OR id < $3)
     ORDER BY id DESC
     LIMIT $4
"""


async def list_of_account(
    conn: Connection,
    account_id: UUID | None,
    *,
    state: str | None,
    before: UUID | None,
    limit: int,
) -> list[Order]:
    """The orders that an account has placed, newest first."""
    return [
        order_of(r) for r in await conn.fetch(LIST_OF_ACCOUNT, account_id, state, before, limit)
    ]


LIST: Final = """
    SELECT * FROM orders
     WHERE ($1::order_state IS NULL OR state = $1)
       AND ($2::text IS NULL OR county = $2)
       AND ($3::uuid[] IS NULL OR id = ANY($3) OR patient_id = ANY($3) OR account_id = ANY($3))
       AND ($4::text IS NULL OR service_codes @> ARRAY[$4])
       AND ($5::uuid IS NULL OR id < $5)
     ORDER BY id DESC
     LIMIT $6
"""


async def list_all(
    conn: Connection,
    *,
    state: str | None,
    county: str | None,
    ids: list[UUID] | None,
    service_code: str | None,
    before: UUID | None,
    limit: int,
) -> list[Order]:
    """The orders that staff may see, newest first; `ids` are of orders, patients or accounts."""
    await conn.plan_each_time()
    rows = await conn.fetch(LIST, state, county, ids, service_code, before, limit)
    return [order_of(r) for r in rows]


LIST_OF_IDS: Final = "SELECT * FROM orders WHERE id = ANY ($1::uuid[])"


async def list_of_ids(conn: Connection, order_ids: Collection[UUID]) -> list[Order]:
    """These orders, in no order; ids of nothing are left out."""
    return [order_of(r) for r in await conn.fetch(LIST_OF_IDS, list(order_ids))]


# The second half is the index orders_by_end: all the orders there ever were are not counted again
# each time that somebody looks.
COUNT_BY_STATE: Final = """
    SELECT state, count(*) AS n FROM orders
     WHERE state IN ('submitted', 'open', 'held', 'assigned')
     GROUP BY state
     UNION ALL
    SELECT state, count(*) FROM orders
     WHERE state IN ('fulfilled', 'failed', 'rejected', 'cancelled', 'lapsed')
       AND updated_at > app_now() - interval '1 day'
     GROUP BY state
"""


async def count_by_state(conn: Connection) -> dict[str, int]:
    """How many orders are in each state, every one named; of the ended, those of the last day."""
    counts = {state.value: 0 for state in OrderState}
    counts.update({row["state"]: row["n"] for row in await conn.fetch(COUNT_BY_STATE)})
    return counts


LIST_AT_RISK: Final = """
    SELECT * FROM orders
     WHERE state IN ('submitted', 'open', 'held') AND (at_risk OR promise_at <= app_now())
        OR state = 'assigned' AND at_risk
     ORDER BY promise_at, id
     LIMIT $1
"""


async def list_at_risk(conn: Connection, limit: int) -> list[Order]:
    """Orders that wait past their promise, that waves have not filled, or whose patient nobody
    knows to be ready; oldest promise first."""
    return [order_of(r) for r in await conn.fetch(LIST_AT_RISK, limit)]


SET_AT_RISK: Final = "UPDATE orders SET at_risk = $2 WHERE id = $1 AND state = 'assigned'"


async def set_at_risk(conn: Connection, order_id: UUID, *, at_risk: bool) -> None:
    """Whether the operators should look at an order that has its nurses. The caller holds it."""
    await conn.execute(SET_AT_RISK, order_id, at_risk)


WEIGH_RISK: Final = """
    UPDATE orders o
       SET at_risk = EXISTS (SELECT FROM visits v
                              WHERE v.order_id = o.id AND v.round = o.round
                                AND v.state IN ('scheduled', 'en_route') AND v.flags && $2::text[])
     WHERE o.id = $1 AND o.state = 'assigned'
"""


async def weigh_risk(conn: Connection, order_id: UUID, signs: Collection[str]) -> None:
    """The same by what stands on the visits whose nurse is not there yet. The caller holds it."""
    await conn.execute(WEIGH_RISK, order_id, list(signs))


CLAIM_WAVE_DUE: Final = """
    SELECT * FROM orders
     WHERE state = 'open' AND next_wave_at <= app_now() AND latest > app_now()
     ORDER BY next_wave_at
     LIMIT $1
       FOR NO KEY UPDATE SKIP LOCKED
"""


async def claim_wave_due(conn: Connection, limit: int) -> list[Order]:
    """Hold up to `limit` open orders whose next wave is due, oldest first; skips locked ones."""
    return [order_of(r) for r in await conn.fetch(CLAIM_WAVE_DUE, limit)]


CLAIM_ONE_WAVE_DUE: Final = """
    SELECT * FROM orders
     WHERE id = $1 AND state = 'open' AND next_wave_at <= app_now() AND latest > app_now()
       FOR NO KEY UPDATE SKIP LOCKED
"""


async def claim_one_wave_due(conn: Connection, order_id: UUID) -> list[Order]:
    """Hold this order if its next wave is due and nobody else holds it; else nothing."""
    return [order_of(r) for r in await conn.fetch(CLAIM_ONE_WAVE_DUE, order_id)]


LIST_WAVE_DUE: Final = """
    SELECT id FROM orders
     WHERE state = 'open' AND next_wave_at <= app_now() AND latest > app_now()
     ORDER BY next_wave_at
     LIMIT $1
"""


async def list_wave_due(conn: Connection, limit: int) -> list[UUID]:
    """The ids of the orders whose next wave is due, oldest first; not held."""
    return [row["id"] for row in await conn.fetch(LIST_WAVE_DUE, limit)]


POSTPONE: Final = """
    UPDATE orders SET next_wave_at = $2, at_risk = true WHERE id = $1 AND state = 'open'
"""


async def postpone(conn: Connection, order_id: UUID, until: datetime) -> None:
    """Look at an order that cannot be worked again only then; the operators see that it waits."""
    await conn.execute(POSTPONE, order_id, until)


CLAIM_LAPSED: Final = """
    SELECT * FROM orders
     WHERE state IN ('submitted', 'open', 'held') AND latest <= app_now()
     ORDER BY latest
     LIMIT $1
       FOR NO KEY UPDATE SKIP LOCKED
"""


async def claim_lapsed(conn: Connection, limit: int) -> list[Order]:
    """Hold up to `limit` orders whose window has passed without a nurse, oldest first."""
    return [order_of(r) for r in await conn.fetch(CLAIM_LAPSED, limit)]


WAKE: Final = """
    UPDATE orders SET next_wave_at = app_now()
     WHERE id = $1 AND state = 'open' AND next_wave_at IS NULL AND reassess_since IS NULL
"""


async def wake(conn: Connection, order_id: UUID) -> None:
    """Let the search begin for an order that has waited to be paid for, unless it waits for its
    assessment, too. The caller holds it."""
    await conn.execute(WAKE, order_id)


PARK: Final = "UPDATE orders SET next_wave_at = NULL WHERE id = $1 AND state = 'open'"


async def park(conn: Connection, order_id: UUID) -> None:
    """Send no further wave before it is woken again. The caller holds the order."""
    await conn.execute(PARK, order_id)


SET_PRICE: Final = """
    UPDATE orders SET price_fen = $2, price_lines = $3, pay_fen = $4 WHERE id = $1
 RETURNING *
"""


async def set_price(
    conn: Connection, order_id: UUID, *, price_fen: int, lines: list[dict[str, Any]], pay_fen: int
) -> Order:
    """Tell another price, for another window. The caller holds the order and has moved it."""
    row = await conn.fetchrow(SET_PRICE, order_id, price_fen, lines, pay_fen)
    if row is None:
        raise NotFound
    return order_of(row)


ADD_CALLED_BACK: Final = """
    UPDATE orders SET called_back = called_back + $2 WHERE id = $1 RETURNING *
"""


async def add_called_back(conn: Connection, order_id: UUID, count: int) -> Order:
    """So many more nurses had set out for nothing. The caller holds the order and has moved it."""
    row = await conn.fetchrow(ADD_CALLED_BACK, order_id, count)
    if row is None:
        raise NotFound
    return order_of(row)


SET_SEATS: Final = "UPDATE orders SET seats = $2 WHERE id = $1 RETURNING *"


async def set_seats(conn: Connection, order_id: UUID, seats: int) -> Order:
    """Let so many nurses go. The caller holds the order, and none of its seats is filled."""
    row = await conn.fetchrow(SET_SEATS, order_id, seats)
    if row is None:
        raise NotFound
    return order_of(row)


SET_WAVE: Final = """
    UPDATE orders
       SET wave = $2, next_wave_at = $3, at_risk = $4, updated_at = app_now(), version = version + 1
     WHERE id = $1 AND state = 'open'
"""


class Wave(NamedTuple):
    """Which wave of an order has gone out, and when the next is due."""

    order_id: UUID
    wave: int
    next_wave_at: datetime | None
    at_risk: bool


async def set_waves(conn: Connection, waves: Iterable[Wave]) -> None:
    """Note the waves that have gone out. The caller holds the orders' rows."""
    await conn.executemany(SET_WAVE, waves)


WAKE_UNASKED: Final = """
    UPDATE orders o
       SET next_wave_at = app_now()
      FROM (SELECT DISTINCT * FROM unnest($1::uuid[], $2::int[])) AS ended (order_id, seat)
     WHERE o.id = ended.order_id AND o.state = 'open' AND o.next_wave_at > app_now()
       AND NOT EXISTS (SELECT FROM offers f
                        WHERE f.order_id = o.id AND f.round = o.round AND f.seat = ended.seat
                          AND f.state = 'sent')
"""


async def wake_unasked(conn: Connection, ended: Collection[tuple[UUID, int]]) -> None:
    """Let the next wave go out now where nobody is left who could say yes.

    `ended` are the (order, seat) whose offers have just ended; one that still has an offer out
    waits for its time.
    """
    given = sorted(set(ended))
    await conn.execute(WAKE_UNASKED, [order for order, _ in given], [seat for _, seat in given])


SIGN: Final = """
    UPDATE orders SET signature_sealed = $2, signed_at = app_now(), version = version + 1
     WHERE id = $1 AND signed_at IS NULL
 RETURNING 1
"""


async def sign(conn: Connection, order_id: UUID, signature_sealed: bytes) -> bool:
    """Keep the patient's signature; false if there is one already."""
    return bool(await conn.fetchval(SIGN, order_id, signature_sealed))
