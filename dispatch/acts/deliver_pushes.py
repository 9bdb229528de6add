"""Due pushes to the browsers of their accounts; beside text messages, with tries of their own.

A push carries no clinical word, no name and no address: it says that there is something to see.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from config import messages
from dispatch import database
from dispatch.acts.deliver_notices import LEASE_MARGIN_S, gap_s, worth
from dispatch.channels import NotDelivered
from dispatch.database import Caller, Connection, Pool
from dispatch.lifecycles import Role
from dispatch.pushes import Push, Sender
from dispatch.records import notices, payments, person_keys, push_subscriptions
from dispatch.records.notices import Due
from dispatch.records.push_subscriptions import Subscription

DELIVERY: Final = Caller.clock("pushes")
# Over all accounts of a batch; nobody has so many browsers.
BROWSERS_MAX: Final = 500
TITLES: Final = {"zh-CN": "上门", "en": "Shangmen"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Ready:
    """A push and the browsers that it goes to, at least one."""

    due: Due
    push: Push
    browsers: tuple[Subscription, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """`gone` are browsers that will never take anything again."""

    due: Due
    sent: bool
    for_good: bool
    gone: tuple[UUID, ...]


async def deliver_pushes(pool: Pool, limit: int = 50, *, sender: Sender) -> int:
    """Send up to `limit` pushes that are due; returns how many were taken up.

    One that any of the browsers has taken is done; it is tried again where none took it yet.
    """
    ready, hopeless, now = await _claim(pool, DELIVERY, limit)
    outcomes = await asyncio.gather(*(_send(sender, one, now) for one in ready))
    if outcomes or hopeless:
        await _settle(pool, DELIVERY, outcomes, hopeless)
    return len(ready) + len(hopeless)


@database.act
async def _claim(conn: Connection, limit: int) -> tuple[list[Ready], list[Due], datetime]:
    """Take what is due with its browsers; the second list can go to nobody. The time is the real
    one, by which push services judge a signature."""
    settings = conn.settings
    lease_s = (settings.push_timeout_s + LEASE_MARGIN_S) * settings.time_scale
    claimed = await notices.claim_due(conn, limit, lease_s, "push")
    now = await payments.real_now(conn)
    if not claimed:
        return [], [], now
    accounts = {due.account_id for due in claimed}
    keys = await person_keys.load(conn, accounts)
    known = await push_subscriptions.list_live(conn, accounts, keys, BROWSERS_MAX)
    ready: list[Ready] = []
    hopeless: list[Due] = []
    app_now = await database.now(conn)
    for due in claimed:
        template = messages.find(due.template)
        useful = worth(settings, template)
        own = tuple(one for one in known if one.account_id == due.account_id)
        if due.role is None or not own or app_now > due.created_at + useful:
            hopeless.append(due)
            continue
        push = Push(
            title=TITLES.get(due.language or "", TITLES["zh-CN"]),
            body=template.unsigned(due.language),
            url=template.opens or _view(due.role, due.order_id),
            tag=f"{due.template} {due.order_id}",
            ttl_s=int(useful.total_seconds()),
        )
        ready.append(Ready(due=due, push=push, browsers=own))
    return ready, hopeless, now


def _view(role: Role, order_id: UUID | None) -> str:
    if role is Role.NURSE:
        return "/nurse/day"
    return "/patient/" if order_id is None else f"/patient/orders/{order_id}"


async def _send(sender: Sender, ready: Ready, now: datetime) -> Outcome:
    """To all of the account's browsers at once."""
    answers = await asyncio.gather(
        *(_hand_over(sender, one, ready.push, now) for one in ready.browsers)
    )
    refused = [answer for answer in answers if answer is not None]
    return Outcome(
        due=ready.due,
        sent=len(refused) < len(answers),
        for_good=all(refusal.for_good for refusal in refused),
        gone=tuple(
            browser.session_id
            for browser, refusal in zip(ready.browsers, answers, strict=True)
            if refusal is not None and refusal.for_good
        ),
    )


async def _hand_over(
    sender: Sender, to: Subscription, push: Push, now: datetime
) -> NotDelivered | None:
    try:
        await sender.send(to.browser, push, now)
    except NotDelivered as refusal:
        return refusal
    return None


@database.act
async def _settle(conn: Connection, outcomes: Sequence[Outcome], hopeless: Sequence[Due]) -> None:
    done = [one.due for one in outcomes if one.sent]
    lost = [one.due for one in outcomes if not one.sent and one.for_good]
    later = [one.due for one in outcomes if not one.sent and not one.for_good]
    await notices.mark_sent(conn, done)
    await notices.mark_failed(conn, [*lost, *hopeless])
    await notices.put_off(conn, [(due, gap_s(conn.settings, due.attempts)) for due in later])
    gone = {session_id for one in outcomes for session_id in one.gone}
    if gone:
        await push_subscriptions.delete(conn, gone)
