"""Payments: what patients began, what we asked of the provider, what the provider told us.

What was told is never edited; where a payment stands follows from all that was told of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final, Literal, TypeAlias
from uuid import UUID

from dispatch.database import Connection
from dispatch.errors import NotFound

Kind: TypeAlias = Literal["hold", "charge"]
State: TypeAlias = Literal["started", "held", "captured", "released", "failed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Payment:
    """One attempt to pay: a `hold` reserves the money until the amounts are fixed, a `charge` takes
    it. `net_fen` is what we have of it."""

    id: UUID
    bill_id: UUID
    account_id: UUID
    provider: str
    kind: Kind
    state: State = "started"
    amount_fen: int
    captured_fen: int = 0
    refunded_fen: int = 0
    created_at: datetime
    updated_at: datetime
    version: int = 1

    @property
    def net_fen(self) -> int:
        return self.captured_fen - self.refunded_fen

    @property
    def held_fen(self) -> int:
        return self.amount_fen if self.state == "held" else 0


INSERT: Final = """
    INSERT INTO payments (id, bill_id, account_id, provider, kind, amount_fen, created_at,
                          updated_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $7)
"""


async def insert(conn: Connection, given: Payment) -> None:
    """Begin a payment."""
    await conn.execute(
        INSERT,
        given.id,
        given.bill_id,
        given.account_id,
        given.provider,
        given.kind,
        given.amount_fen,
        given.created_at,
    )


GET: Final = "SELECT * FROM payments WHERE id = $1"


async def get(conn: Connection, payment_id: UUID) -> Payment:
    row = await conn.fetchrow(GET, payment_id)
    if row is None:
        raise NotFound
    return Payment(**row)


LIST_OF_BILL: Final = "SELECT * FROM payments WHERE bill_id = $1 ORDER BY id LIMIT 200"


async def list_of_bill(conn: Connection, bill_id: UUID) -> list[Payment]:
    """All payments of a bill, the oldest first. Who holds the bill holds them."""
    return [Payment(**row) for row in await conn.fetch(LIST_OF_BILL, bill_id)]


PUT: Final = """
    UPDATE payments
       SET state = $2, captured_fen = $3, refunded_fen = $4, updated_at = app_now(),
           version = version + 1
     WHERE id = $1
"""


async def put(
    conn: Connection, payment_id: UUID, *, state: str, captured_fen: int, refunded_fen: int
) -> None:
    """Note where a payment stands now. The caller holds its bill."""
    await conn.execute(PUT, payment_id, state, captured_fen, refunded_fen)


# What the provider told


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that the provider says has happened; `command_id` is what we had asked for."""

    provider: str
    event_id: str
    payment_id: UUID
    command_id: UUID | None
    kind: str
    amount_fen: int
    provider_at: datetime
    heard: str = "callback"


INSERT_EVENT: Final = """
    INSERT INTO payment_events (provider, event_id, payment_id, command_id, kind, amount_fen,
                                provider_at, heard)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
    ON CONFLICT (provider, event_id) DO NOTHING
 RETURNING 1
"""


async def insert_event(conn: Connection, event: Event) -> bool:
    """Keep what was told; false if it had been told before."""
    return bool(
        await conn.fetchval(
            INSERT_EVENT,
            event.provider,
            event.event_id,
            event.payment_id,
            event.command_id,
            event.kind,
            event.amount_fen,
            event.provider_at,
            event.heard,
        )
    )


FIND_EVENT: Final = """
    SELECT provider, event_id, payment_id, command_id, kind, amount_fen, provider_at, heard
      FROM payment_events WHERE provider = $1 AND event_id = $2
"""


async def find_event(conn: Connection, provider: str, event_id: str) -> Event | None:
    row = await conn.fetchrow(FIND_EVENT, provider, event_id)
    return Event(**row) if row else None


LIST_EVENTS: Final = """
    SELECT provider, event_id, payment_id, command_id, kind, amount_fen, provider_at, heard
      FROM payment_events WHERE payment_id = $1 ORDER BY event_id LIMIT 1000
"""


async def list_events(conn: Connection, payment_id: UUID) -> list[Event]:
    """All that was told of a payment; in which order it came does not matter."""
    return [Event(**row) for row in await conn.fetch(LIST_EVENTS, payment_id)]


LIST_EVENTS_OF_DAY: Final = """
    SELECT provider, event_id, payment_id, command_id, kind, amount_fen, provider_at, heard
      FROM payment_events
     WHERE provider = $1
       AND provider_at >= $2::date::timestamp AT TIME ZONE 'Asia/Shanghai'
       AND provider_at < ($2::date + 1)::timestamp AT TIME ZONE 'Asia/Shanghai'
     ORDER BY event_id
     LIMIT $3
"""


async def list_events_of_day(conn: Connection, provider: str, day: date, limit: int) -> list[Event]:
    """What the provider told of a day of its own, by event."""
    return [Event(**row) for row in await conn.fetch(LIST_EVENTS_OF_DAY, provider, day, limit)]


# What we asked for


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """A capture, a release or a refund; the provider carries an id out once, however often it is
    sent."""

    id: UUID
    payment_id: UUID
    kind: str
    amount_fen: int
    created_at: datetime
    next_try_at: datetime | None
    attempts: int = 0
    taken_at: datetime | None = None
    done_at: datetime | None = None
    failed_at: datetime | None = None

    @property
    def is_promised(self) -> bool:
        """Whether its amount is still to come. A refund that failed is: it waits for a person, and
        must not be asked for twice."""
        return self.done_at is None and (self.failed_at is None or self.kind == "refund")


INSERT_COMMAND: Final = """
    INSERT INTO payment_commands (id, payment_id, kind, amount_fen, created_at, next_try_at)
    VALUES ($1, $2, $3, $4, $5, $5)
"""


async def insert_command(conn: Connection, given: Command) -> None:
    """Ask for something; the clock sends it."""
    await conn.execute(
        INSERT_COMMAND, given.id, given.payment_id, given.kind, given.amount_fen, given.created_at
    )


LIST_COMMANDS_OF_BILL: Final = """
    SELECT c.* FROM payment_commands c JOIN payments p ON p.id = c.payment_id
     WHERE p.bill_id = $1
     ORDER BY c.id
     LIMIT 500
"""


async def list_commands_of_bill(conn: Connection, bill_id: UUID) -> list[Command]:
    """All that was asked for a bill's payments, in order."""
    return [Command(**row) for row in await conn.fetch(LIST_COMMANDS_OF_BILL, bill_id)]


CLAIM_COMMANDS: Final = """
    WITH due AS (
        SELECT id FROM payment_commands
         WHERE next_try_at <= app_now()
         ORDER BY next_try_at
         LIMIT $1
           FOR UPDATE SKIP LOCKED
    )
    UPDATE payment_commands c
       SET next_try_at = app_now() + make_interval(secs => $2), attempts = c.attempts + 1
      FROM due
     WHERE c.id = due.id
 RETURNING c.*
"""


async def claim_commands(conn: Connection, limit: int, lease_s: float) -> list[Command]:
    """Take commands that are due, for as long as the lease; who dies meanwhile loses nothing."""
    return [Command(**row) for row in await conn.fetch(CLAIM_COMMANDS, limit, lease_s)]


MARK_TAKEN: Final = """
    UPDATE payment_commands SET next_try_at = NULL, taken_at = app_now()
     WHERE id = $1 AND failed_at IS NULL
"""


async def mark_taken(conn: Connection, command_id: UUID) -> None:
    """The provider has it; what comes of it, it will tell."""
    await conn.execute(MARK_TAKEN, command_id)


MARK_DONE: Final = """
    UPDATE payment_commands
       SET next_try_at = NULL, taken_at = coalesce(taken_at, app_now()), done_at = app_now()
     WHERE id = $1 AND done_at IS NULL
"""


async def mark_done(conn: Connection, command_id: UUID) -> None:
    """The provider has told that it is done."""
    await conn.execute(MARK_DONE, command_id)


MARK_FAILED: Final = """
    UPDATE payment_commands SET next_try_at = NULL, failed_at = app_now()
     WHERE id = $1 AND done_at IS NULL
 RETURNING *
"""


async def mark_failed(conn: Connection, command_id: UUID) -> Command | None:
    """The provider will never do it: a person has to see to it."""
    row = await conn.fetchrow(MARK_FAILED, command_id)
    return Command(**row) if row else None


PUT_OFF: Final = """
    UPDATE payment_commands SET next_try_at = app_now() + make_interval(secs => $2)
     WHERE id = $1 AND done_at IS NULL AND failed_at IS NULL
"""


async def put_off(conn: Connection, command_id: UUID, gap_s: float) -> None:
    """Send it again after a while."""
    await conn.execute(PUT_OFF, command_id, gap_s)


LIST_FAILED: Final = """
    SELECT * FROM payment_commands WHERE failed_at IS NOT NULL ORDER BY id DESC LIMIT $1
"""


async def list_failed(conn: Connection, limit: int) -> list[Command]:
    """What the provider would not do, the newest first."""
    return [Command(**row) for row in await conn.fetch(LIST_FAILED, limit)]


REAL_NOW: Final = "SELECT clock_timestamp()"


async def real_now(conn: Connection) -> datetime:
    """The time of the world outside, by which a provider signs and keeps its days."""
    value: datetime = await conn.fetchval(REAL_NOW)
    return value
