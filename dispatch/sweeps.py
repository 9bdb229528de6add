"""The table of sweeps: what the clock does, how often, and the few that the alarm process does."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any, Final

from config.settings import Settings
from dispatch.acts import (
    attach_file,
    deliver_notices,
    end_visit,
    fill_order,
    keep_audit,
    keep_house,
    raise_alarm,
    watch_peers,
)
from dispatch.channels import Channel
from dispatch.clock import Sweep
from dispatch.database import Caller, Pool
from dispatch.lifecycles import Role

SEALER: Final = Caller(role=Role.CLOCK, request_id="sealer")
# Deadlines of visits are minutes; looking once a second is soon enough.
VISIT_EVERY_S: Final = 1.0
ORPHANS_EVERY_S: Final = 3_600.0

Figures = Callable[[], Mapping[str, Any]]
TopUp = Callable[[Pool], Awaitable[None]]


def of_clock(
    settings: Settings,
    *,
    process: str,
    state_dir: Path,
    channel: Channel,
    figures: Figures,
    top_up: TopUp | None = None,
) -> tuple[Sweep, ...]:
    """Everything that happens by itself. `top_up` keeps the demo's shifts filled, in the demo."""
    tick_s, limit = settings.tick_ms / 1000, settings.sweep_limit
    house_s = settings.housekeeping_s
    sweeps = (
        # Deadlines of offers and alarms first: somebody is waiting.
        Sweep(name="climb_ladder", run=raise_alarm.climb_ladder, every_s=tick_s, limit=limit),
        Sweep(
            name="find_overdue", run=raise_alarm.find_overdue, every_s=VISIT_EVERY_S, limit=limit
        ),
        Sweep(name="expire_offers", run=fill_order.expire_offers, every_s=tick_s, limit=limit),
        Sweep(name="send_waves", run=fill_order.send_waves, every_s=tick_s, limit=limit),
        Sweep(name="lapse_orders", run=fill_order.lapse_orders, every_s=VISIT_EVERY_S, limit=limit),
        Sweep(name="nudge_late", run=end_visit.nudge_late, every_s=VISIT_EVERY_S, limit=limit),
        Sweep(name="miss_visits", run=end_visit.miss_visits, every_s=VISIT_EVERY_S, limit=limit),
        # What has happened is told.
        Sweep(name="relay_events", run=deliver_notices.relay_events, every_s=tick_s, limit=500),
        Sweep(
            name="deliver_notices",
            run=partial(deliver_notices.deliver_notices, channel=channel),
            every_s=tick_s,
            limit=limit,
        ),
        # Evidence, peers, house.
        Sweep(name="seal_audit", run=_seal_audit, every_s=settings.audit_seal_s, limit=1_000),
        Sweep(
            name="checkpoint_audit",
            run=partial(_checkpoint_audit, state_dir=state_dir),
            every_s=settings.audit_checkpoint_s,
        ),
        *of_watch(settings, role="clock", process=process, figures=figures),
        Sweep(name="keep_house", run=keep_house.keep_house, every_s=house_s, limit=1_000),
        Sweep(name="remove_orphans", run=attach_file.remove_orphans, every_s=ORPHANS_EVERY_S),
    )
    if top_up is None:
        return sweeps
    return (*sweeps, Sweep(name="top_up", run=partial(_top_up, top_up=top_up), every_s=house_s))


def of_alarms(settings: Settings, *, process: str, figures: Figures) -> tuple[Sweep, ...]:
    """What the alarm process does besides taking alarms: climb their ladders, watch the clock."""
    tick_s, limit = settings.tick_ms / 1000, settings.sweep_limit
    return (
        Sweep(name="climb_ladder", run=raise_alarm.climb_ladder, every_s=tick_s, limit=limit),
        Sweep(
            name="find_overdue", run=raise_alarm.find_overdue, every_s=VISIT_EVERY_S, limit=limit
        ),
        *of_watch(settings, role="alarm", process=process, figures=figures),
    )


def of_watch(
    settings: Settings, *, role: str, process: str, figures: Figures
) -> tuple[Sweep, Sweep]:
    """A process says that it lives, and looks whether the others do.

    It first looks one patience after its start: after a night without power nobody was silent.
    """
    return (
        Sweep(
            name="beat",
            run=partial(_beat, role=role, process=process, figures=figures),
            every_s=settings.heartbeat_s,
        ),
        Sweep(
            name="watch_peers",
            run=partial(watch_peers.watch_peers, own_role=role),
            every_s=settings.heartbeat_s,
            begin_s=settings.heartbeat_stale_s,
            limit=1,
        ),
    )


async def _beat(pool: Pool, limit: int, *, role: str, process: str, figures: Figures) -> int:
    await watch_peers.beat(pool, watch_peers.WATCHER, process, role, figures())
    return 0


async def _seal_audit(pool: Pool, limit: int) -> int:
    return await keep_audit.seal_audit(pool, SEALER, limit)


async def _checkpoint_audit(pool: Pool, limit: int, *, state_dir: Path) -> int:
    await keep_audit.checkpoint_audit(pool, SEALER, state_dir)
    return 0


async def _top_up(pool: Pool, limit: int, *, top_up: TopUp) -> int:
    await top_up(pool)
    return 0
