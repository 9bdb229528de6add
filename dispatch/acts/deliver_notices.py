"""From events to phones: the relay numbers events and queues notices, delivery texts what is due.

At least once, with growing gaps; a notice carries no clinical word and no address.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from config import messages
from config.settings import Settings
from dispatch import database
from dispatch.channels import Channel, Message, NotDelivered
from dispatch.database import Caller, Connection, Pool
from dispatch.ids import new_id
from dispatch.records import events, notices, patients, person_keys
from dispatch.records.notices import Due, Notice
from dispatch.sealing import DataKey, SealBrokenError

RELAY: Final = Caller.clock("relay")
DELIVERY: Final = Caller.clock("delivery")
# Beyond the channel's own patience: the two transactions around the sending.
LEASE_MARGIN_S: Final = 15.0


async def relay_events(pool: Pool, limit: int = 500) -> int:
    """Give up to `limit` new events their place in the stream; queue the notices they ask for."""
    return await _relay(pool, RELAY, limit)


@database.act
async def _relay(conn: Connection, limit: int) -> int:
    numbered = await events.number(conn, limit)
    queued = [
        Notice(
            id=new_id(),
            dedupe=f"{event.seq}:{account_id}",
            account_id=account_id,
            template=event.wake,
            order_id=event.order_id,
        )
        for event in numbered
        if event.wake is not None
        for account_id in dict.fromkeys(event.account_ids)
    ]
    await notices.insert_many(conn, queued)
    return len(numbered)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Outcome:
    due: Due
    sent: bool = False
    for_good: bool = False


async def deliver_notices(pool: Pool, limit: int = 50, *, channel: Channel) -> int:
    """Send up to `limit` notices that are due; returns how many were taken up.

    Sending happens between two transactions, never inside one. Who dies in between leaves a lease
    that runs out, and the notice goes out again with the same id.
    """
    ready, hopeless = await _claim(pool, DELIVERY, limit)
    outcomes = await asyncio.gather(*(_send(channel, due, message) for due, message in ready))
    lost = [_Outcome(due=due, for_good=True) for due in hopeless]
    if outcomes or lost:
        await _settle(pool, DELIVERY, [*outcomes, *lost])
    return len(ready) + len(hopeless)


@database.act
async def _claim(conn: Connection, limit: int) -> tuple[list[tuple[Due, Message]], list[Due]]:
    """Take what is due and put the messages together; the second list can never be sent."""
    settings = conn.settings
    lease_s = (settings.sms_timeout_s + LEASE_MARGIN_S) * settings.time_scale
    ready: list[tuple[Due, Message]] = []
    hopeless: list[Due] = []
    now = await database.now(conn)
    claimed = await notices.claim_due(conn, limit, lease_s)
    keys = await person_keys.load(conn, {due.patient_id or due.account_id for due in claimed})
    for due in claimed:
        phone = _open_phone(due, keys.get(due.patient_id or due.account_id))
        template = messages.find(due.template)
        if phone is None or now > due.created_at + worth(settings, template):
            hopeless.append(due)
            continue
        text = template.text(due.language)
        ready.append((due, Message(id=due.id, template=due.template, phone=phone, text=text)))
    return ready, hopeless


def _open_phone(due: Due, key: DataKey | None) -> str | None:
    """The number to wake; None for an account that is suspended, for who was erased or has no
    second contact any more, and for what is damaged."""
    if due.phone_sealed is None or key is None:
        return None
    try:
        if due.patient_id is not None:
            if due.profile_sealed is None:
                return None
            contact = patients.second_contact(key, due.patient_id, due.profile_sealed)
            return contact.phone if contact else None
        return key.open("accounts", "phone_sealed", due.account_id, due.phone_sealed).decode()
    except SealBrokenError:
        return None


def worth(settings: Settings, template: messages.Template) -> timedelta:
    """How long after its making a notice is still worth sending."""
    given_up = timedelta(hours=settings.notice_give_up_h)
    if template.useful_min is None:
        return given_up
    return min(given_up, timedelta(minutes=template.useful_min))


async def _send(channel: Channel, due: Due, message: Message) -> _Outcome:
    try:
        await channel.send(message)
    except NotDelivered as refusal:
        return _Outcome(due=due, for_good=refusal.for_good)
    return _Outcome(due=due, sent=True)


@database.act
async def _settle(conn: Connection, outcomes: list[_Outcome]) -> None:
    await notices.mark_sent(conn, [o.due for o in outcomes if o.sent])
    await notices.mark_failed(conn, [o.due for o in outcomes if o.for_good])
    await notices.put_off(
        conn,
        [
            (o.due, gap_s(conn.settings, o.due.attempts))
            for o in outcomes
            if not o.sent and not o.for_good
        ],
    )


def gap_s(settings: Settings, attempts: int) -> float:
    """How long to wait after so many tries: the first gap, doubled each time, up to the longest."""
    doubled = settings.notice_retry_first_s * 2.0 ** min(attempts - 1, 32)
    return min(doubled, settings.notice_retry_max_s)
