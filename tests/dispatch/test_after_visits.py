"""What is left to be done after visits, and before them, is done once, however many clocks run."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from dispatch.acts import confirm_visit, keep_contact, open_case, return_waste, watch_cases
from dispatch.database import Pool
from dispatch.lifecycles import VisitState
from dispatch.relay import SandboxRelay
from tests import visiting
from tests.world import World

Sweep = Callable[[Pool], Awaitable[int]]


@pytest.fixture
async def aftermath(world: World) -> World:
    """Three days on: waste that is late, a complaint and a follow-up that nobody has seen to, a
    number whose time is over; and a visit that is near."""
    (done,) = await visiting.assigned(world, service_codes=["MI02"])
    await visiting.advanced(world, done, VisitState.COMPLETED)
    await open_case.complain(world.pool, world.patient().caller, done.order_id, "late", "迟到")
    (coming,) = await visiting.assigned(world, 2, staff_nos=(2,))
    await keep_contact.ask_for_number(
        world.pool, world.patient(2).caller, SandboxRelay(), coming.id
    )
    await world.advance(days=3)
    await visiting.assigned(world, 3, staff_nos=(3,))
    return world


async def test_each_sweep_is_done_once_by_three_clocks(aftermath: World) -> None:
    sweeps: list[tuple[Sweep, int]] = [
        (return_waste.remind_waste, 1),
        (watch_cases.ask_patients, 1),
        (watch_cases.escalate_cases, 2),
        (keep_contact.release_numbers, 1),
        (confirm_visit.ask_patients, 1),
    ]
    for sweep, due in sweeps:
        done = await asyncio.gather(*(sweep(aftermath.pool) for _ in range(3)))
        assert sum(done) == due, sweep
        assert await sweep(aftermath.pool) == 0
