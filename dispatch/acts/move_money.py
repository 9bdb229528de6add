"""What the clock does with the payment provider: send what is asked of it, compare its days."""

from __future__ import annotations

import asyncio
import logging
from datetime import date, timedelta
from typing import Final
from uuid import UUID

from dispatch import database
from dispatch.acts import settle_bill
from dispatch.database import Caller, Connection, Pool
from dispatch.errors import EventConflict, NotFound
from dispatch.ids import new_id
from dispatch.payments import NotCarriedOut, Provider
from dispatch.records import payments, reconciliations
from dispatch.records.payments import Command, Event
from dispatch.records.reconciliations import Difference, Kind
from matching.inputs import local_date

log: Final = logging.getLogger(__name__)

SENDER: Final = Caller.clock("payments")
# Beyond the provider's own patience: the two transactions around the sending.
LEASE_MARGIN_S: Final = 15.0
EVENTS_A_DAY_MAX: Final = 100_000
# Days that are looked back on for one that was not compared.
DAYS_BACK: Final = 7


async def send_commands(pool: Pool, limit: int = 50, *, provider: Provider | None) -> int:
    """Send up to `limit` captures, releases and refunds that are due; returns how many.

    Sending happens between two transactions. Who dies in between leaves a lease that runs out, and
    the command goes out again under its id.
    """
    if provider is None:
        return 0
    claimed = await _claim(pool, SENDER, limit)
    await asyncio.gather(*(_send(pool, provider, command) for command in claimed))
    return len(claimed)


@database.act
async def _claim(conn: Connection, limit: int) -> list[Command]:
    settings = conn.settings
    lease_s = (settings.payment_timeout_s + LEASE_MARGIN_S) * settings.time_scale
    return await payments.claim_commands(conn, limit, lease_s)


async def _send(pool: Pool, provider: Provider, command: Command) -> None:
    try:
        await provider.carry_out(command)
    except NotCarriedOut as refusal:
        await _put_off(pool, SENDER, command, for_good=refusal.for_good)
    else:
        await _taken(pool, SENDER, command.id)


@database.act
async def _taken(conn: Connection, command_id: UUID) -> None:
    await payments.mark_taken(conn, command_id)


@database.act
async def _put_off(conn: Connection, command: Command, *, for_good: bool) -> None:
    settings = conn.settings
    age = await database.now(conn) - command.created_at
    if for_good or age > timedelta(hours=settings.payment_give_up_h):
        log.error("payment command given up", extra={"command_id": str(command.id)})
        await payments.mark_failed(conn, command.id)
        return
    doubled = settings.payment_retry_first_s * 2.0 ** min(command.attempts - 1, 32)
    await payments.put_off(conn, command.id, min(doubled, settings.payment_retry_max_s))


async def reconcile_days(pool: Pool, limit: int = 1, *, provider: Provider | None) -> int:
    """Compare up to `limit` of the last days, yesterday first, that were not compared yet."""
    if provider is None:
        return 0
    async with pool.read(SENDER) as conn:
        today = local_date(await payments.real_now(conn))
        days = [today - timedelta(days=back) for back in range(1, DAYS_BACK + 1)]
        done = await reconciliations.list_done(conn, provider.name, days)
        begun = await reconciliations.find_first_day(conn, provider.name)
    open_days = [day for day in days if day not in done and begun is not None and day >= begun]
    for day in open_days[:limit]:
        await reconcile(pool, provider, day)
    return len(open_days[:limit])


async def reconcile(pool: Pool, provider: Provider, day: date) -> list[Difference]:
    """Compare a day of the provider's with what it told us; returns what does not agree.

    What it has and never told us (a callback was lost) is booked now, and listed all the same.
    Raises `NotCarriedOut` if its statement cannot be had.
    """
    theirs = {event.event_id: event for event in await provider.list_day(day)}
    async with pool.read(SENDER) as conn:
        listed = await payments.list_events_of_day(conn, provider.name, day, EVENTS_A_DAY_MAX)
    ours = {event.event_id: event for event in listed}
    found = []
    for event_id, event in theirs.items():
        known = ours.get(event_id)
        if known is None:
            kind = await _book_lost(pool, event)
            if kind is not None:
                found.append(_difference(provider, day, kind, None, event))
        elif (known.amount_fen, known.kind) != (event.amount_fen, event.kind):
            found.append(_difference(provider, day, "amount", known, event))
    found += [
        _difference(provider, day, "unknown_to_them", event, None)
        for event_id, event in ours.items()
        if event_id not in theirs
    ]
    await _note_day(pool, SENDER, provider.name, day, len(theirs) - len(found), found)
    return found


async def _book_lost(pool: Pool, event: Event) -> Kind | None:
    """Book what we were never told; None if it was told meanwhile, or on another day."""
    try:
        return "lost_callback" if await settle_bill.hear_payment(pool, SENDER, event) else None
    except NotFound:
        return "unknown_to_us"
    except EventConflict:
        return "amount"


def _difference(
    provider: Provider, day: date, kind: Kind, ours: Event | None, theirs: Event | None
) -> Difference:
    event = theirs or ours
    if event is None:
        raise ValueError("a difference of nothing")
    return Difference(
        id=new_id(),
        provider=provider.name,
        day=day,
        kind=kind,
        event_id=event.event_id,
        payment_id=event.payment_id if kind != "unknown_to_us" else None,
        ours_fen=ours.amount_fen if ours else None,
        theirs_fen=theirs.amount_fen if theirs else None,
    )


@database.act
async def _note_day(
    conn: Connection, provider: str, day: date, matched: int, found: list[Difference]
) -> None:
    await reconciliations.put_day(
        conn, provider, day, matched=max(0, matched), differing=len(found)
    )
    await reconciliations.insert_differences(conn, found)
