"""The table of sweeps: what the clock does, and how often."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path
from typing import Final

from config.settings import Settings
from dispatch import watches
from dispatch.acts import (
    ask_payers,
    attach_file,
    check_face,
    check_register,
    collect_debts,
    confirm_visit,
    deliver_notices,
    deliver_pushes,
    end_visit,
    fill_order,
    flag_danger,
    keep_audit,
    keep_contact,
    keep_house,
    learn,
    move_money,
    plan_days,
    return_waste,
    review_orders,
    wait_at_door,
    watch_arrivals,
    watch_cases,
    watch_coverage,
    weigh_shares,
)
from dispatch.channels import Channel
from dispatch.clock import Sweep
from dispatch.database import Caller, Pool
from dispatch.faces import FaceService
from dispatch.lifecycles import Role
from dispatch.payers import TablePayer
from dispatch.payments import Provider
from dispatch.pushes import Sender
from dispatch.register import NurseRegister
from dispatch.watches import VISIT_EVERY_S, Figures

SEALER: Final = Caller(role=Role.CLOCK, request_id="sealer")
ORPHANS_EVERY_S: Final = 3_600.0
# What is learned once a day is asked for this often.
LEARN_EVERY_S: Final = 600.0
REGISTER_EVERY_S: Final = 5.0
# What is left to be done after a visit is due in hours.
CARE_EVERY_S: Final = 5.0
# Debts are days, payers take minutes, and a day is compared with the provider's once.
DEBTS_EVERY_S: Final = 10.0
FLAGS_EVERY_S: Final = 10.0
PAYERS_EVERY_S: Final = 2.0
RECONCILE_EVERY_S: Final = 600.0
# Nurses are short hours ahead; it takes a second to see.
COVERAGE_EVERY_S: Final = 180.0
# A few booked days are planned in some ten seconds.
PLAN_EVERY_S: Final = 60.0
# A line of the ledger is an hour's.
SHARES_EVERY_S: Final = 300.0

TopUp = Callable[[Pool], Awaitable[None]]
PlanAside = Callable[[], Awaitable[None]]
"""Has a process of its own plan what is due."""


def of_clock(
    settings: Settings,
    *,
    process: str,
    state_dir: Path,
    channel: Channel,
    sender: Sender,
    figures: Figures,
    provider: Provider | None = None,
    register: NurseRegister | None = None,
    faces: FaceService | None = None,
    plan_aside: PlanAside | None = None,
    top_up: TopUp | None = None,
) -> tuple[Sweep, ...]:
    """Everything that happens by itself.

    Without a `provider` no money moves, without a `register` nobody is asked about nurses, and
    without `plan_aside` no day is planned but when an operator asks. `top_up` keeps the demo's
    shifts filled, in the demo.
    """
    tick_s, limit = settings.tick_ms / 1000, settings.sweep_limit
    house_s = settings.housekeeping_s
    sweeps = (
        # Deadlines of offers and alarms first: somebody is waiting.
        *watches.of_ladders(settings),
        Sweep(name="expire_offers", run=fill_order.expire_offers, every_s=tick_s, limit=limit),
        Sweep(name="send_waves", run=fill_order.send_waves, every_s=tick_s, limit=limit),
        Sweep(name="review_orders", run=review_orders.review_orders, every_s=tick_s, limit=limit),
        Sweep(name="lapse_orders", run=fill_order.lapse_orders, every_s=VISIT_EVERY_S, limit=limit),
        Sweep(name="end_waits", run=wait_at_door.end_waits, every_s=VISIT_EVERY_S, limit=limit),
        Sweep(name="nudge_late", run=end_visit.nudge_late, every_s=VISIT_EVERY_S, limit=limit),
        Sweep(
            name="watch_arrivals",
            run=watch_arrivals.watch_arrivals,
            every_s=VISIT_EVERY_S,
            limit=limit,
        ),
        Sweep(name="miss_visits", run=end_visit.miss_visits, every_s=VISIT_EVERY_S, limit=limit),
        Sweep(
            name="remind_waste", run=return_waste.remind_waste, every_s=CARE_EVERY_S, limit=limit
        ),
        Sweep(
            name="escalate_cases",
            run=watch_cases.escalate_cases,
            every_s=CARE_EVERY_S,
            limit=limit,
        ),
        Sweep(name="ask_patients", run=watch_cases.ask_patients, every_s=CARE_EVERY_S, limit=limit),
        Sweep(
            name="confirm_visits",
            run=confirm_visit.ask_patients,
            every_s=CARE_EVERY_S,
            limit=limit,
        ),
        Sweep(
            name="confirm_further",
            run=confirm_visit.ask_further,
            every_s=CARE_EVERY_S,
            limit=limit,
        ),
        Sweep(
            name="release_numbers",
            run=keep_contact.release_numbers,
            every_s=CARE_EVERY_S,
            limit=limit,
        ),
        Sweep(
            name="watch_coverage",
            run=watch_coverage.watch_coverage,
            every_s=COVERAGE_EVERY_S,
            limit=watch_coverage.ORDERS_MAX,
        ),
        # What has happened is told.
        Sweep(name="relay_events", run=deliver_notices.relay_events, every_s=tick_s, limit=500),
        Sweep(
            name="deliver_notices",
            run=partial(deliver_notices.deliver_notices, channel=channel),
            every_s=tick_s,
            limit=limit,
        ),
        Sweep(
            name="deliver_pushes",
            run=partial(deliver_pushes.deliver_pushes, sender=sender),
            every_s=tick_s,
            limit=limit,
        ),
        # Money.
        *_of_money(settings, provider),
        # Evidence, peers, house.
        Sweep(name="seal_audit", run=_seal_audit, every_s=settings.audit_seal_s, limit=1_000),
        Sweep(
            name="checkpoint_audit",
            run=partial(_checkpoint_audit, state_dir=state_dir),
            every_s=settings.audit_checkpoint_s,
        ),
        *watches.of_watch(settings, role="clock", process=process, figures=figures),
        Sweep(name="keep_flags", run=flag_danger.keep_flags, every_s=FLAGS_EVERY_S, limit=limit),
        Sweep(name="keep_house", run=keep_house.keep_house, every_s=house_s, limit=1_000),
        Sweep(name="weigh_shares", run=weigh_shares.weigh_shares, every_s=SHARES_EVERY_S, limit=1),
        Sweep(name="learn", run=learn.learn, every_s=LEARN_EVERY_S, limit=2),
        Sweep(name="remove_orphans", run=attach_file.remove_orphans, every_s=ORPHANS_EVERY_S),
    )
    if register is not None:
        ask = partial(check_register.check_register, register=register)
        asking = Sweep(name="check_register", run=ask, every_s=REGISTER_EVERY_S, limit=20)
        sweeps = (*sweeps, asking)
    if faces is not None:
        compare = partial(check_face.ask_service, service=faces)
        sweeps = (*sweeps, Sweep(name="check_faces", run=compare, every_s=tick_s, limit=20))
    if plan_aside is not None:
        plan = partial(_plan_days, plan_aside=plan_aside)
        sweeps = (*sweeps, Sweep(name="plan_days", run=plan, every_s=PLAN_EVERY_S))
    if top_up is None:
        return sweeps
    return (*sweeps, Sweep(name="top_up", run=partial(_top_up, top_up=top_up), every_s=house_s))


def _of_money(settings: Settings, provider: Provider | None) -> tuple[Sweep, ...]:
    tick_s, limit = settings.tick_ms / 1000, settings.sweep_limit
    return (
        Sweep(
            name="send_commands",
            run=partial(move_money.send_commands, provider=provider),
            every_s=tick_s,
            limit=limit,
        ),
        Sweep(
            name="ask_payers",
            run=partial(ask_payers.ask_payers, payer=TablePayer()),
            every_s=PAYERS_EVERY_S,
            limit=limit,
        ),
        Sweep(
            name="lapse_bills", run=collect_debts.lapse_bills, every_s=DEBTS_EVERY_S, limit=limit
        ),
        Sweep(
            name="report_bills", run=collect_debts.report_bills, every_s=DEBTS_EVERY_S, limit=limit
        ),
        Sweep(
            name="reconcile_days",
            run=partial(move_money.reconcile_days, provider=provider),
            every_s=RECONCILE_EVERY_S,
            limit=1,
        ),
    )


async def _seal_audit(pool: Pool, limit: int) -> int:
    return await keep_audit.seal_audit(pool, SEALER, limit)


async def _checkpoint_audit(pool: Pool, limit: int, *, state_dir: Path) -> int:
    await keep_audit.checkpoint_audit(pool, SEALER, state_dir)
    return 0


async def _plan_days(pool: Pool, limit: int, *, plan_aside: PlanAside) -> int:
    if await plan_days.is_any_due(pool):
        await plan_aside()
    return 0


async def _top_up(pool: Pool, limit: int, *, top_up: TopUp) -> int:
    await top_up(pool)
    return 0
