"""The sweeps of every process that watches over the others, and of the alarm process."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Final

from config.settings import Settings
from dispatch.acts import check_in, raise_alarm, watch_peers
from dispatch.clock import Sweep
from dispatch.database import Pool

# Deadlines of visits are minutes; looking once a second is soon enough.
VISIT_EVERY_S: Final = 1.0

Figures = Callable[[], Mapping[str, Any]]


def of_alarms(settings: Settings, *, process: str, figures: Figures) -> tuple[Sweep, ...]:
    """What the alarm process does besides taking alarms: climb their ladders, watch the clock."""
    return (
        *of_ladders(settings),
        *of_watch(settings, role="alarm", process=process, figures=figures),
    )


def of_ladders(settings: Settings) -> tuple[Sweep, ...]:
    """Alarms are answered, or climb; a silent nurse or a visit that does not end becomes one."""
    limit = settings.sweep_limit
    return (
        Sweep(
            name="climb_ladder",
            run=raise_alarm.climb_ladder,
            every_s=settings.tick_ms / 1000,
            limit=limit,
        ),
        Sweep(name="look_after", run=check_in.look_after, every_s=VISIT_EVERY_S, limit=limit),
        Sweep(
            name="find_overdue", run=raise_alarm.find_overdue, every_s=VISIT_EVERY_S, limit=limit
        ),
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
